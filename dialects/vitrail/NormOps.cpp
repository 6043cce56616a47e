//===- NormOps.cpp - Normalization, softmax, reductions -------------------===//
//
// Part of Vitrail, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "dialects/vitrail/VitrailDialect.h"

using namespace mlir;
using namespace vitrail;

/// Checks that `axis` is one of `type`'s.
static LogicalResult checkAxis(std::optional<Location> loc, StringRef op,
                               int64_t axis, RankedTensorType type) {
  if (axis >= 0 && axis < type.getRank())
    return success();
  return emitOptionalError(loc, op, ": ", axisError(axis, type));
}

//===----------------------------------------------------------------------===//
// NormOp
//===----------------------------------------------------------------------===//

LogicalResult NormOp::inferReturnTypes(MLIRContext *,
                                       std::optional<Location> loc, Adaptor op,
                                       SmallVectorImpl<Type> &results) {
  auto input = cast<RankedTensorType>(op.getInput().getType());
  if (failed(checkAxis(loc, "norm", op.getAxis(), input)))
    return failure();
  int64_t size = input.getDimSize(op.getAxis());
  for (Value operand : {op.getGain(), op.getBias()})
    if (operand && cast<RankedTensorType>(operand.getType()).getShape() !=
                       ArrayRef<int64_t>(size))
      return emitOptionalError(loc, "norm: gain and bias must be [", size,
                               "] for axis ", op.getAxis(), " of ",
                               shapeString(input), ", got ",
                               shapeString(operand.getType()));
  if (op.getEps().isNegative() || op.getEps().isNaN())
    return emitOptionalError(loc, "norm: eps must not be negative, got ",
                             op.getEps().convertToDouble());
  if (int64_t(op.getDdof()) < 0 || int64_t(op.getDdof()) >= size)
    return emitOptionalError(loc, "norm: ddof must be from 0 to ", size - 1,
                             " for an axis of ", size, ", got ",
                             int64_t(op.getDdof()));
  results.push_back(input);
  return success();
}

std::optional<int64_t> NormOp::getResultDim(unsigned operand, unsigned dim) {
  if (operand != 0 || int64_t(dim) == int64_t(getAxis()))
    return std::nullopt;
  return dim;
}

//===----------------------------------------------------------------------===//
// SoftmaxOp
//===----------------------------------------------------------------------===//

LogicalResult SoftmaxOp::inferReturnTypes(MLIRContext *,
                                          std::optional<Location> loc,
                                          Adaptor op,
                                          SmallVectorImpl<Type> &results) {
  auto input = cast<RankedTensorType>(op.getInput().getType());
  if (failed(checkAxis(loc, "softmax", op.getAxis(), input)))
    return failure();
  results.push_back(input);
  return success();
}

std::optional<int64_t> SoftmaxOp::getResultDim(unsigned, unsigned dim) {
  return int64_t(dim) == int64_t(getAxis()) ? std::nullopt
                                            : std::optional<int64_t>(dim);
}

//===----------------------------------------------------------------------===//
// ReduceOp
//===----------------------------------------------------------------------===//

LogicalResult ReduceOp::inferReturnTypes(MLIRContext *,
                                         std::optional<Location> loc,
                                         Adaptor op,
                                         SmallVectorImpl<Type> &results) {
  auto input = cast<RankedTensorType>(op.getInput().getType());
  ArrayRef<int64_t> axes = op.getAxes();
  for (auto [i, axis] : llvm::enumerate(axes)) {
    if (failed(checkAxis(loc, "reduce", axis, input)))
      return failure();
    if (i && axes[i - 1] >= axis)
      return emitOptionalError(loc, "reduce: axes must ascend, got ",
                               shapeString(axes));
  }
  SmallVector<int64_t> shape;
  for (int64_t dim = 0; dim < input.getRank(); ++dim) {
    if (!llvm::is_contained(axes, dim))
      shape.push_back(input.getDimSize(dim));
    else if (op.getKeepDims())
      shape.push_back(1);
  }
  results.push_back(input.clone(shape));
  return success();
}

std::optional<int64_t> ReduceOp::getResultDim(unsigned, unsigned dim) {
  if (llvm::is_contained(getAxes(), int64_t(dim)))
    return std::nullopt;
  if (getKeepDims())
    return dim;
  return dim - llvm::count_if(getAxes(), [&](int64_t axis) {
           return axis < int64_t(dim);
         });
}
