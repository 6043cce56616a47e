//===- EinsumForm.cpp - Einsums as matrix products ------------------------===//
//
// Part of Vitrail, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "passes/schedule/EinsumForm.h"

using namespace mlir;
using namespace vitrail;

SmallVector<int64_t> EinsumForm::extents(ArrayRef<int64_t> indices) const {
  SmallVector<int64_t> sizes;
  for (int64_t index : indices)
    sizes.push_back(extent(index));
  return sizes;
}

std::optional<EinsumForm> EinsumForm::of(EinsumOp op) {
  EinsumForm form;
  form.map = contractionOf(op);
  if (form.map.operandIndices.size() != 2 || form.map.resultRank == 0 ||
      form.left().empty() || form.right().empty())
    return std::nullopt;
  for (ArrayRef<int64_t> indices : form.map.operandIndices)
    if (llvm::SmallSetVector<int64_t, 8>(indices.begin(), indices.end())
            .size() != indices.size())
      return std::nullopt;
  form.lane = form.map.resultRank - 1;
  for (int64_t index = 0; index < int64_t(form.map.extents.size()); ++index) {
    bool inLeft = llvm::is_contained(form.left(), index);
    bool inRight = llvm::is_contained(form.right(), index);
    if (index >= form.map.resultRank) {
      if (!inLeft || !inRight)
        return std::nullopt;
      form.depth.push_back(index);
    } else if (index == form.lane) {
      if (inLeft)
        return std::nullopt;
    } else {
      (inRight ? form.rightOuter : form.leftOuter).push_back(index);
    }
  }
  int64_t last = form.right().back();
  bool lastIsDepth = llvm::is_contained(form.depth, last);
  if (form.depth.empty() || (last != form.lane && !lastIsDepth))
    return std::nullopt;
  auto byExtent = [&](int64_t a, int64_t b) {
    return form.extent(a) < form.extent(b);
  };
  if (!form.leftOuter.empty()) {
    auto largest = std::max_element(form.leftOuter.begin(),
                                    form.leftOuter.end(), byExtent);
    form.row = *largest;
    form.leftOuter.erase(largest);
  }
  // Vectors of the right operand come first; then what is dense in the left.
  auto inner = llvm::find(form.depth, lastIsDepth ? last : form.left().back());
  if (inner == form.depth.end())
    inner = std::max_element(form.depth.begin(), form.depth.end(), byExtent);
  std::rotate(inner, inner + 1, form.depth.end());
  return form;
}
