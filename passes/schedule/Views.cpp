//===- Views.cpp - Places of tensors in memory ----------------------------===//
//
// Part of Vitrail, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "passes/schedule/Views.h"
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
  place.pixels = type.getElementType().isUnsignedInteger(8);
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

Rearrangement vitrail::rearrangementOf(RearrangeOp op) {
  return llvm::cantFail(parseRearrange(
      op.getPattern(), op.getInput().getType().getShape(), op.getSizes()));
}

Place Place::rearrange(const Rearrangement &map) const {
  assert(isView(map) && "not a view");
  // Strides of the split axes, and then of the merged ones: an axis of size one
  // has any stride, a merged one that of its innermost part.
  SmallVector<int64_t> split(map.splitShape.size());
  for (auto [dim, axes] : llvm::enumerate(map.operandAxes)) {
    bool last = dim == strides.size();
    // Parts of the last axis but the innermost are whole panels.
    int64_t stride = last ? 0 : strides[dim];
    for (int64_t axis = axes.second - 1; axis >= axes.first; --axis) {
      split[axis] = stride;
      if (last && stride == 0)
        stride = map.splitShape[axis] / panelWidth * panelStride;
      else
        stride *= map.splitShape[axis];
    }
  }
  Place result = *this;
  result.strides.clear();
  for (auto axes : ArrayRef(map.resultAxes).drop_back()) {
    int64_t stride = 0;
    for (int64_t axis = axes.first; axis < axes.second; ++axis)
      if (map.splitShape[map.permutation[axis]] != 1)
        stride = split[map.permutation[axis]];
    result.strides.push_back(stride);
  }
  return result;
}

MemRefType Place::bufferType(RankedTensorType type) const {
  Type element =
      pixels ? IntegerType::get(type.getContext(), 8) : type.getElementType();
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
  auto buffer = MemRefType::get(shape, element, strided);
  auto plain = MemRefType::get(shape, element);
  return plain.getStridesAndOffset().first == layout ? plain : buffer;
}

bool vitrail::isView(SliceOp op) {
  return op.getOffsets().back() % panelWidth == 0;
}

/// The split axes larger than one of some (permuted) axes.
static SmallVector<int64_t> largeAxes(const Rearrangement &map,
                                      std::pair<int64_t, int64_t> axes) {
  SmallVector<int64_t> large;
  for (int64_t axis :
       ArrayRef(map.permutation).slice(axes.first, axes.second - axes.first))
    if (map.splitShape[axis] != 1)
      large.push_back(axis);
  return large;
}

bool vitrail::isView(const Rearrangement &map) {
  if (map.operandAxes.empty() || map.resultAxes.empty())
    return false;
  // The last axis is the innermost part of the operand's, in whole panels if it
  // is not all of it.
  auto [first, end] = map.operandAxes.back();
  auto large = [&](int64_t axis) { return map.splitShape[axis] != 1; };
  int64_t innermost = end - 1;
  while (innermost >= first && !large(innermost))
    --innermost;
  SmallVector<int64_t> last = largeAxes(map, map.resultAxes.back());
  if (innermost < first ? !last.empty() : last != ArrayRef<int64_t>(innermost))
    return false;
  bool isSplit =
      innermost > first && llvm::any_of(llvm::seq(first, innermost), large);
  if (isSplit && map.splitShape[innermost] % panelWidth != 0)
    return false;
  // Merging axes needs them dense, which a view of a larger buffer may not be:
  // only neighbouring parts of one axis are.
  for (auto axes : ArrayRef(map.resultAxes).drop_back()) {
    SmallVector<int64_t> merged = largeAxes(map, axes);
    for (size_t i = 1; i < merged.size(); ++i) {
      bool apart =
          llvm::any_of(llvm::seq(merged[i - 1] + 1, merged[i]), large) ||
          merged[i] < merged[i - 1];
      bool oneAxis = llvm::any_of(map.operandAxes, [&](auto range) {
        return range.first <= merged[i - 1] && merged[i] < range.second;
      });
      if (apart || !oneAxis)
        return false;
    }
  }
  return true;
}

bool vitrail::isView(RearrangeOp op) { return isView(rearrangementOf(op)); }

Rearrangement vitrail::inverse(const Rearrangement &map) {
  Rearrangement result;
  result.permutation.resize(map.permutation.size());
  for (auto [place, axis] : llvm::enumerate(map.permutation)) {
    result.splitShape.push_back(map.splitShape[axis]);
    result.names.push_back(map.names[axis]);
    result.permutation[axis] = place;
  }
  result.operandAxes = map.resultAxes;
  result.resultAxes = map.operandAxes;
  for (auto [begin, end] : map.operandAxes)
    result.resultShape.push_back(
        llvm::product_of(ArrayRef(map.splitShape).slice(begin, end - begin)));
  return result;
}

bool vitrail::isWrittenThrough(RearrangeOp op) {
  Rearrangement map = rearrangementOf(op);
  return !isView(map) && isView(inverse(map));
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
