//===- Views.cpp - Places of tensors in memory
//--------------------------------===//
//
// Part of Vitrail, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "passes/schedule/Views.h"
#include "dialects/vitrail/Einops.h"
#include "dialects/vitrail/Panels.h"
#include "llvm/Support/MathExtras.h"

using namespace mlir;
using namespace vitrail;

int64_t vitrail::panelElements(RankedTensorType type) {
  int64_t columns = type.getShape().back();
  return type.getNumElements() / columns * llvm::alignTo(columns, panelWidth);
}

Place Place::dense(BufferSpace space, int64_t index, RankedTensorType type,
                   bool rows) {
  Place place;
  place.space = space;
  place.index = index;
  place.rows = rows;
  ArrayRef<int64_t> leading = type.getShape().drop_back();
  place.strides.resize(leading.size());
  int64_t stride = rows ? type.getShape().back() : panelWidth;
  for (int64_t dim = leading.size() - 1; dim >= 0; --dim) {
    place.strides[dim] = stride;
    stride *= leading[dim];
  }
  place.panelStride = rows ? panelWidth : stride;
  return place;
}

Place Place::slice(ArrayRef<int64_t> offsets) const {
  Place result = *this;
  for (auto [offset, stride] : llvm::zip(offsets.drop_back(), strides))
    result.offset += offset * stride;
  result.offset +=
      rows ? offsets.back() : offsets.back() / panelWidth * panelStride;
  return result;
}

/// Whether a pattern keeps the order of axes and leaves the last one alone.
static bool keepsPanels(const Rearrangement &map) {
  auto single = [](std::pair<int64_t, int64_t> axes) {
    return axes.second - axes.first == 1;
  };
  return map.isIdentityOrder() && !map.operandAxes.empty() &&
         !map.resultAxes.empty() && single(map.operandAxes.back()) &&
         single(map.resultAxes.back());
}

Place Place::rearrange(RearrangeOp op) const {
  Rearrangement map = llvm::cantFail(parseRearrange(
      op.getPattern(), op.getInput().getType().getShape(), op.getSizes()));
  assert(keepsPanels(map) && "not a view");
  // Strides of the split axes, then of the merged ones; `isView` made sure that
  // axes merge only where the result is dense.
  SmallVector<int64_t> split(map.splitShape.size());
  for (auto [dim, axes] : llvm::enumerate(map.operandAxes)) {
    if (dim == strides.size())
      break;
    int64_t stride = strides[dim];
    for (int64_t axis = axes.second - 1; axis >= axes.first; --axis) {
      split[axis] = stride;
      stride *= map.splitShape[axis];
    }
  }
  Place result = *this;
  result.strides.clear();
  for (auto axes : ArrayRef(map.resultAxes).drop_back()) {
    // The stride of a merged axis is that of its innermost part larger than
    // one; an axis of size one has any stride.
    int64_t stride = 0;
    for (int64_t axis = axes.first; axis < axes.second; ++axis)
      if (map.splitShape[axis] != 1)
        stride = split[axis];
    result.strides.push_back(stride);
  }
  return result;
}

MemRefType Place::bufferType(RankedTensorType type) const {
  SmallVector<int64_t> shape(type.getShape()), layout(strides);
  if (!rows) {
    shape = panelShape(type.getShape(), type.getRank() - 1);
    layout.insert(layout.begin(), panelStride);
  }
  layout.push_back(1);
  // An axis of size one may have any stride: the dense one, so that equal
  // kernels have equal types.
  int64_t dense = 1;
  for (int64_t dim = shape.size() - 1; dim >= 0; --dim) {
    if (shape[dim] == 1)
      layout[dim] = dense;
    dense = layout[dim] * shape[dim];
  }
  auto strided = StridedLayoutAttr::get(type.getContext(), 0, layout);
  auto buffer = MemRefType::get(shape, type.getElementType(), strided);
  auto plain = MemRefType::get(shape, type.getElementType());
  return plain.getStridesAndOffset().first == layout ? plain : buffer;
}

bool vitrail::isView(SliceOp op) {
  return op.getOffsets().back() % panelWidth == 0;
}

bool vitrail::isView(RearrangeOp op) {
  Rearrangement map = llvm::cantFail(parseRearrange(
      op.getPattern(), op.getInput().getType().getShape(), op.getSizes()));
  if (!keepsPanels(map))
    return false;
  // Merging axes needs them dense, which a view of a larger buffer may not be:
  // only axes of size one merge.
  for (auto axes : ArrayRef(map.resultAxes).drop_back()) {
    int64_t large = 0;
    for (int64_t axis = axes.first; axis < axes.second; ++axis)
      large += map.splitShape[map.permutation[axis]] != 1;
    auto sourceOf = [&](int64_t axis) {
      return llvm::find_if(map.operandAxes,
                           [&](auto range) { return axis < range.second; });
    };
    if (large > 1 && sourceOf(axes.first) != sourceOf(axes.second - 1))
      return false;
  }
  return true;
}

bool vitrail::isView(ConcatOp op) {
  int64_t last = op.getType().getRank() - 1;
  if (int64_t(op.getAxis()) != last)
    return true;
  return llvm::all_of(op.getInputs().drop_back(), [&](Value input) {
    return cast<RankedTensorType>(input.getType()).getDimSize(last) %
               panelWidth ==
           0;
  });
}
