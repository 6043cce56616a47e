//===- ResizeOps.cpp - Interpolation to other sizes -----------------------===//
//
// Part of Vitrail, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "dialects/vitrail/VitrailDialect.h"

using namespace mlir;
using namespace vitrail;

LogicalResult ResizeOp::inferReturnTypes(MLIRContext *,
                                         std::optional<Location> loc,
                                         Adaptor op,
                                         SmallVectorImpl<Type> &results) {
  auto input = cast<RankedTensorType>(op.getInput().getType());
  ArrayRef<int64_t> axes = op.getAxes();
  if (axes.empty() || axes.size() != op.getSizes().size())
    return emitOptionalError(loc, "resize: needs a size for each axis, got ",
                             axes.size(), " axes and ", op.getSizes().size(),
                             " sizes");
  if (!op.getCoefficient().isFinite())
    return emitOptionalError(loc, "resize: the coefficient must be finite");
  SmallVector<int64_t> shape(input.getShape());
  int64_t last = -1;
  for (auto [axis, size] : llvm::zip_equal(axes, op.getSizes())) {
    if (axis < 0 || axis >= input.getRank())
      return emitOptionalError(loc, "resize: ", axisError(axis, input));
    if (axis <= last)
      return emitOptionalError(loc, "resize: axes must ascend, got ",
                               shapeString(axes));
    if (size <= 0 || input.getDimSize(axis) == 0)
      return emitOptionalError(loc, "resize: sizes must be positive, got ",
                               size, " for axis ", axis, " of ",
                               shapeString(input));
    shape[axis] = size;
    last = axis;
  }
  results.push_back(input.clone(shape));
  return success();
}

std::optional<int64_t> ResizeOp::getResultDim(unsigned, unsigned dim) {
  return llvm::is_contained(getAxes(), int64_t(dim))
             ? std::nullopt
             : std::optional<int64_t>(dim);
}

OpFoldResult ResizeOp::fold(FoldAdaptor) {
  return getInput().getType() == getType() ? OpFoldResult(getInput())
                                           : OpFoldResult();
}
