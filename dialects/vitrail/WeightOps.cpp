//===- WeightOps.cpp - Weights and their layout
//-------------------------------===//
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
