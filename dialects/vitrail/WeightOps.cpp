//===- WeightOps.cpp - Weights and their layout ---------------------------===//
//
// Part of Vitrail, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "dialects/vitrail/Panels.h"
#include "dialects/vitrail/VitrailDialect.h"

using namespace mlir;
using namespace vitrail;

LogicalResult WeightOp::verify() {
  if (getName().empty())
    return emitOpError("needs a name, got \"\"");
  if (getRole() == WeightRole::Matrix && getFanIn() <= 0)
    return emitOpError("of role 'matrix' needs a positive fan_in, got ")
           << getFanIn();
  return success();
}

LogicalResult RangeOp::verify() {
  if (getType().getRank() > 1)
    return emitOpError("has at most one axis, got ") << shapeString(getType());
  if (!getStart().isFinite() || !getStep().isFinite())
    return emitOpError("needs a finite start and step");
  return success();
}

LogicalResult PackOp::inferReturnTypes(MLIRContext *,
                                       std::optional<Location> loc, Adaptor op,
                                       SmallVectorImpl<Type> &results) {
  auto input = cast<RankedTensorType>(op.getInput().getType());
  int64_t axis = op.getAxis();
  if (axis < 0 || axis >= input.getRank())
    return emitOptionalError(loc, "pack: ", axisError(axis, input));
  int64_t width = op.getWidth();
  if (width < 1)
    return emitOptionalError(loc, "pack: width must be at least 1, got ",
                             width);
  results.push_back(input.clone(panelShape(input.getShape(), axis, width)));
  return success();
}

LogicalResult GatherOp::inferReturnTypes(MLIRContext *,
                                         std::optional<Location> loc,
                                         Adaptor op,
                                         SmallVectorImpl<Type> &results) {
  auto table = cast<RankedTensorType>(op.getTable().getType());
  auto indices = cast<RankedTensorType>(op.getIndices().getType());
  int64_t axis = op.getAxis();
  if (axis < 0 || axis >= table.getRank())
    return emitOptionalError(loc, "gather: ", axisError(axis, table));
  SmallVector<int64_t> shape(table.getShape().take_front(axis));
  llvm::append_range(shape, indices.getShape());
  llvm::append_range(shape, table.getShape().drop_front(axis + 1));
  results.push_back(table.clone(shape));
  return success();
}

std::optional<int64_t> GatherOp::getResultDim(unsigned operand, unsigned dim) {
  int64_t axis = getAxis();
  if (operand == 1)
    return axis + dim;
  if (int64_t(dim) == axis)
    return std::nullopt;
  int64_t inserted = getIndices().getType().getRank() - 1;
  return int64_t(dim) < axis ? dim : dim + inserted;
}
