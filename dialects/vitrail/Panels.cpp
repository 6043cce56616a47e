//===- Panels.cpp - Tensors in panels -------------------------------------===//
//
// Part of Vitrail, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "dialects/vitrail/Panels.h"
#include "llvm/Support/MathExtras.h"

using namespace vitrail;

llvm::SmallVector<int64_t> vitrail::panelShape(llvm::ArrayRef<int64_t> shape,
                                               int64_t axis, int64_t width) {
  llvm::SmallVector<int64_t> panels(shape);
  panels.erase(panels.begin() + axis);
  panels.insert(panels.begin(), int64_t(llvm::divideCeil(shape[axis], width)));
  panels.push_back(width);
  return panels;
}
