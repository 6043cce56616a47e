//===- ShapeOps.cpp - Ops that only move elements -------------------------===//
//
// Part of Vitrail, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "dialects/vitrail/Einops.h"
#include "dialects/vitrail/VitrailDialect.h"

using namespace mlir;
using namespace vitrail;

//===----------------------------------------------------------------------===//
// RearrangeOp
//===----------------------------------------------------------------------===//

LogicalResult RearrangeOp::inferReturnTypes(MLIRContext *,
                                            std::optional<Location> loc,
                                            Adaptor op,
                                            SmallVectorImpl<Type> &results) {
  auto input = cast<RankedTensorType>(op.getInput().getType());
  auto rearrangement =
      parseRearrange(op.getPattern(), input.getShape(), op.getSizes());
  if (!rearrangement)
    return emitOptionalError(
        loc, "rearrange: ", llvm::toString(rearrangement.takeError()));
  results.push_back(input.clone(rearrangement->resultShape));
  return success();
}

static Rearrangement resolve(RearrangeOp op) {
  return llvm::cantFail(parseRearrange(
      op.getPattern(), op.getInput().getType().getShape(), op.getSizes()));
}

std::optional<int64_t> RearrangeOp::getResultDim(unsigned, unsigned dim) {
  // An axis that is neither split nor merged follows its place in the result.
  Rearrangement map = resolve(*this);
  auto [begin, end] = map.operandAxes[dim];
  if (end - begin != 1)
    return std::nullopt;
  for (auto [resultDim, axes] : llvm::enumerate(map.resultAxes))
    if (axes.second - axes.first == 1 && map.permutation[axes.first] == begin)
      return resultDim;
  return std::nullopt;
}

Box RearrangeOp::getOperandDemand(unsigned operand, const Box &demand) {
  // Only whole axes can be cut without a new pattern; a demand that cuts a
  // merged axis needs all of it.
  return vitrail::detail::defaultOperandDemand(*this, operand, demand);
}

Value RearrangeOp::buildBox(OpBuilder &builder, const Box &demand,
                            ValueRange operands) {
  // An axis that stands alone may be cut: the operand determines its size.
  Rearrangement map = resolve(*this);
  NamedAttrList sizes(getSizes());
  Box rest = demand;
  for (int64_t dim = 0; dim < getInput().getType().getRank(); ++dim) {
    if (std::optional<int64_t> from = getResultDim(0, dim)) {
      sizes.erase(map.names[map.operandAxes[dim].first]);
      rest.offsets[*from] = 0;
    }
  }
  Value whole =
      RearrangeOp::create(builder, getLoc(), operands[0], getPattern(),
                          sizes.getDictionary(getContext()));
  return extractBox(builder, getLoc(), whole, rest);
}

OpFoldResult RearrangeOp::fold(FoldAdaptor) {
  Rearrangement map = resolve(*this);
  if (getInput().getType() == getType() && map.isIdentityOrder())
    return getInput();
  auto inner = getInput().getDefiningOp<RearrangeOp>();
  auto pattern = inner ? composeRearrangements(resolve(inner), map)
                       : std::optional<RearrangePattern>();
  if (!pattern)
    return {};
  if (pattern->isIdentity)
    return inner.getInput();
  // Where others read what is between, this one may be a view of it.
  if (!inner->hasOneUse())
    return {};
  Builder builder(getContext());
  NamedAttrList sizes;
  for (const auto &[axis, size] : pattern->sizes)
    sizes.set(axis, builder.getI64IntegerAttr(size));
  setPattern(pattern->text);
  setSizesAttr(sizes.getDictionary(getContext()));
  getInputMutable().assign(inner.getInput());
  return getResult();
}

//===----------------------------------------------------------------------===//
// ConcatOp
//===----------------------------------------------------------------------===//

LogicalResult ConcatOp::inferReturnTypes(MLIRContext *,
                                         std::optional<Location> loc,
                                         Adaptor op,
                                         SmallVectorImpl<Type> &results) {
  if (op.getInputs().empty())
    return emitOptionalError(loc, "concat: needs at least one operand");
  auto first = cast<RankedTensorType>(op.getInputs().front().getType());
  int64_t axis = op.getAxis();
  if (axis < 0 || axis >= first.getRank())
    return emitOptionalError(loc, "concat: ", axisError(axis, first));
  SmallVector<int64_t> shape(first.getShape());
  shape[axis] = 0;
  for (Value input : op.getInputs()) {
    auto type = cast<RankedTensorType>(input.getType());
    SmallVector<int64_t> rest(type.getShape());
    if (type.getRank() == first.getRank())
      rest[axis] = first.getDimSize(axis);
    if (rest != first.getShape())
      return emitOptionalError(
          loc, "concat: operands must agree in all axes but axis ", axis,
          ", got ", shapeString(first), " and ", shapeString(type));
    if (type.getElementType() != first.getElementType())
      return emitOptionalError(
          loc, "concat: operands must have one element type, got ", first,
          " and ", type);
    shape[axis] += type.getDimSize(axis);
  }
  results.push_back(first.clone(shape));
  return success();
}

std::optional<int64_t> ConcatOp::getResultDim(unsigned, unsigned dim) {
  return int64_t(dim) == int64_t(getAxis()) ? std::nullopt
                                            : std::optional<int64_t>(dim);
}

Box ConcatOp::getOperandDemand(unsigned operand, const Box &demand) {
  int64_t axis = getAxis(), begin = 0;
  for (Value input : getInputs().take_front(operand))
    begin += cast<RankedTensorType>(input.getType()).getDimSize(axis);
  auto type = cast<RankedTensorType>(getInputs()[operand].getType());
  int64_t from = std::max(demand.offsets[axis] - begin, int64_t(0));
  int64_t to = std::min(demand.offsets[axis] + demand.sizes[axis] - begin,
                        type.getDimSize(axis));
  if (demand.empty() || from >= to)
    return Box::none(type);
  Box box = demand;
  box.offsets[axis] = from;
  box.sizes[axis] = to - from;
  return box;
}

Value ConcatOp::buildBox(OpBuilder &builder, const Box &, ValueRange operands) {
  SmallVector<Value> parts;
  llvm::copy_if(operands, std::back_inserter(parts),
                [](Value part) { return bool(part); });
  if (parts.size() == 1)
    return parts.front();
  return ConcatOp::create(builder, getLoc(), parts, getAxis());
}

OpFoldResult ConcatOp::fold(FoldAdaptor) {
  return getInputs().size() == 1 ? OpFoldResult(getInputs().front())
                                 : OpFoldResult();
}

//===----------------------------------------------------------------------===//
// SliceOp
//===----------------------------------------------------------------------===//

LogicalResult SliceOp::inferReturnTypes(MLIRContext *,
                                        std::optional<Location> loc, Adaptor op,
                                        SmallVectorImpl<Type> &results) {
  auto input = cast<RankedTensorType>(op.getInput().getType());
  int64_t rank = input.getRank();
  if (int64_t(op.getOffsets().size()) != rank ||
      int64_t(op.getSizes().size()) != rank)
    return emitOptionalError(
        loc, "slice: needs an offset and a size for each of the ", rank,
        " axes of ", shapeString(input), ", got ", op.getOffsets().size(),
        " offsets and ", op.getSizes().size(), " sizes");
  for (auto [axis, offset, size] :
       llvm::enumerate(op.getOffsets(), op.getSizes()))
    if (offset < 0 || size < 0 || size > input.getDimSize(axis) ||
        offset > input.getDimSize(axis) - size)
      return emitOptionalError(loc, "slice: ", size, " elements from ", offset,
                               " lie outside axis ", axis, " of ",
                               shapeString(input), ", which has ",
                               input.getDimSize(axis));
  results.push_back(input.clone(op.getSizes()));
  return success();
}

std::optional<int64_t> SliceOp::getResultDim(unsigned, unsigned dim) {
  return dim;
}

Box SliceOp::getOperandDemand(unsigned, const Box &demand) {
  if (demand.empty())
    return Box::none(getInput().getType());
  Box box = demand;
  for (auto [offset, shift] : llvm::zip_equal(box.offsets, getOffsets()))
    offset += shift;
  return box;
}

Value SliceOp::buildBox(OpBuilder &, const Box &, ValueRange operands) {
  return operands[0];
}

/// A slice of a slice is one slice of the first one's operand.
static LogicalResult mergeSlices(SliceOp op) {
  auto inner = op.getInput().getDefiningOp<SliceOp>();
  if (!inner)
    return failure();
  SmallVector<int64_t> offsets(op.getOffsets());
  for (auto [offset, shift] : llvm::zip_equal(offsets, inner.getOffsets()))
    offset += shift;
  op.setOffsets(offsets);
  op.getInputMutable().assign(inner.getInput());
  return success();
}

/// A slice that lies in one operand of a concat is a slice of that operand.
static LogicalResult sliceOperandOfConcat(SliceOp op) {
  auto concat = op.getInput().getDefiningOp<ConcatOp>();
  if (!concat)
    return failure();
  int64_t axis = concat.getAxis();
  SmallVector<int64_t> offsets(op.getOffsets());
  for (Value input : concat.getInputs()) {
    int64_t extent = cast<RankedTensorType>(input.getType()).getDimSize(axis);
    if (offsets[axis] + op.getSizes()[axis] <= extent) {
      op.setOffsets(offsets);
      op.getInputMutable().assign(input);
      return success();
    }
    offsets[axis] -= extent;
    if (offsets[axis] < 0) // it begins in this operand and ends behind it
      return failure();
  }
  return failure();
}

OpFoldResult SliceOp::fold(FoldAdaptor) {
  if (getInput().getType() == getType())
    return getInput();
  if (succeeded(mergeSlices(*this)) || succeeded(sliceOperandOfConcat(*this)))
    return getResult();
  return {};
}

//===----------------------------------------------------------------------===//
// BroadcastOp
//===----------------------------------------------------------------------===//

LogicalResult BroadcastOp::inferReturnTypes(MLIRContext *,
                                            std::optional<Location> loc,
                                            Adaptor op,
                                            SmallVectorImpl<Type> &results) {
  auto input = cast<RankedTensorType>(op.getInput().getType());
  ArrayRef<int64_t> shape = op.getShape();
  bool fits = input.getRank() <= int64_t(shape.size());
  for (auto [have, want] :
       llvm::zip(llvm::reverse(input.getShape()), llvm::reverse(shape)))
    fits &= have == want || have == 1;
  if (!fits)
    return emitOptionalError(loc, "broadcast: ", shapeString(input),
                             " does not broadcast to ", shapeString(shape),
                             ": aligned at the last axis, sizes of the "
                             "operand must be equal or 1");
  results.push_back(input.clone(shape));
  return success();
}

std::optional<int64_t> BroadcastOp::getResultDim(unsigned, unsigned dim) {
  int64_t lead = getType().getRank() - getInput().getType().getRank();
  if (getInput().getType().getDimSize(dim) != getType().getDimSize(dim + lead))
    return std::nullopt;
  return dim + lead;
}

Box BroadcastOp::getOperandDemand(unsigned operand, const Box &demand) {
  return vitrail::detail::defaultOperandDemand(*this, operand, demand);
}

Value BroadcastOp::buildBox(OpBuilder &builder, const Box &demand,
                            ValueRange operands) {
  return BroadcastOp::create(builder, getLoc(), operands[0], demand.sizes);
}

OpFoldResult BroadcastOp::fold(FoldAdaptor) {
  return getInput().getType() == getType() ? OpFoldResult(getInput())
                                           : OpFoldResult();
}

//===----------------------------------------------------------------------===//
// RollOp
//===----------------------------------------------------------------------===//

LogicalResult RollOp::inferReturnTypes(MLIRContext *,
                                       std::optional<Location> loc, Adaptor op,
                                       SmallVectorImpl<Type> &results) {
  auto input = cast<RankedTensorType>(op.getInput().getType());
  if (int64_t(op.getShifts().size()) != input.getRank())
    return emitOptionalError(loc, "roll: needs a shift for each of the ",
                             input.getRank(), " axes of ", shapeString(input),
                             ", got ", op.getShifts().size());
  results.push_back(input);
  return success();
}

std::optional<int64_t> RollOp::getResultDim(unsigned, unsigned dim) {
  return getShifts()[dim] == 0 ? std::optional<int64_t>(dim) : std::nullopt;
}

Box RollOp::getOperandDemand(unsigned operand, const Box &demand) {
  return vitrail::detail::defaultOperandDemand(*this, operand, demand);
}

Value RollOp::buildBox(OpBuilder &builder, const Box &demand,
                       ValueRange operands) {
  Value whole = RollOp::create(builder, getLoc(), operands[0], getShifts());
  Box rest = demand;
  for (auto [axis, shift] : llvm::enumerate(getShifts()))
    if (shift == 0)
      rest.offsets[axis] = 0;
  return extractBox(builder, getLoc(), whole, rest);
}

OpFoldResult RollOp::fold(FoldAdaptor) {
  bool moves = false;
  for (auto [shift, size] : llvm::zip_equal(getShifts(), getType().getShape()))
    moves |= size != 0 && shift % size != 0;
  if (!moves)
    return getInput();
  auto inner = getInput().getDefiningOp<RollOp>();
  if (!inner)
    return {};
  SmallVector<int64_t> shifts(getShifts());
  for (auto [shift, before] : llvm::zip_equal(shifts, inner.getShifts()))
    shift += before;
  setShifts(shifts);
  getInputMutable().assign(inner.getInput());
  return getResult();
}
