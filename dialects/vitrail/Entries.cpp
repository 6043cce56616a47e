//===- Entries.cpp - The ways to call a model -----------------------------===//
//
// Part of Vitrail, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "dialects/vitrail/Entries.h"

using namespace mlir;
using namespace vitrail;

bool vitrail::isEntry(func::FuncOp function) {
  return function.getName() == entryName || function->hasAttr(entryMark);
}

SmallVector<func::FuncOp> vitrail::entriesOf(ModuleOp module) {
  SmallVector<func::FuncOp> entries;
  auto main = module.lookupSymbol<func::FuncOp>(entryName);
  if (!main)
    return entries;
  entries.push_back(main);
  for (auto function : module.getOps<func::FuncOp>())
    if (function != main && isEntry(function))
      entries.push_back(function);
  return entries;
}
