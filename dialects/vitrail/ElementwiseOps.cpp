//===- ElementwiseOps.cpp - Elementwise functions and operators -----------===//
//
// Part of Vitrail, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "dialects/vitrail/VitrailDialect.h"
#include "mlir/IR/Matchers.h"

using namespace mlir;
using namespace vitrail;

LogicalResult UnaryOp::inferReturnTypes(MLIRContext *, std::optional<Location>,
                                        Adaptor op,
                                        SmallVectorImpl<Type> &results) {
  results.push_back(op.getInput().getType());
  return success();
}

std::optional<int64_t> UnaryOp::getResultDim(unsigned, unsigned dim) {
  return dim;
}

LogicalResult FromU8Op::inferReturnTypes(MLIRContext *context,
                                         std::optional<Location>, Adaptor op,
                                         SmallVectorImpl<Type> &results) {
  results.push_back(cast<RankedTensorType>(op.getInput().getType())
                        .clone(Float32Type::get(context)));
  return success();
}

LogicalResult BinaryOp::inferReturnTypes(MLIRContext *,
                                         std::optional<Location> loc,
                                         Adaptor op,
                                         SmallVectorImpl<Type> &results) {
  auto lhs = cast<RankedTensorType>(op.getLhs().getType());
  auto rhs = cast<RankedTensorType>(op.getRhs().getType());
  if (lhs.getElementType() != rhs.getElementType())
    return emitOptionalError(loc, stringifyBinaryKind(op.getKind()),
                             ": operands must have one element type, got ", lhs,
                             " and ", rhs);
  RankedTensorType longer = lhs.getRank() >= rhs.getRank() ? lhs : rhs;
  RankedTensorType shorter = lhs.getRank() >= rhs.getRank() ? rhs : lhs;
  SmallVector<int64_t> shape(longer.getShape());
  for (int64_t i = 1; i <= shorter.getRank(); ++i) {
    int64_t &size = shape[longer.getRank() - i];
    int64_t other = shorter.getDimSize(shorter.getRank() - i);
    if (size != other && size != 1 && other != 1)
      return emitOptionalError(loc, stringifyBinaryKind(op.getKind()),
                               ": shapes ", shapeString(lhs), " and ",
                               shapeString(rhs),
                               " do not broadcast: aligned at the last axis, ",
                               "sizes must be equal or 1");
    size = size == 1 ? other : size;
  }
  results.push_back(longer.clone(shape));
  return success();
}

std::optional<int64_t> BinaryOp::getResultDim(unsigned operand, unsigned dim) {
  auto type = cast<RankedTensorType>(getOperand(operand).getType());
  if (type.getDimSize(dim) == 1 &&
      getType().getDimSize(dim + getType().getRank() - type.getRank()) != 1)
    return std::nullopt;
  return dim + getType().getRank() - type.getRank();
}

/// Whether `attr` is a constant with `value` everywhere.
static bool isSplat(Attribute attr, double value) {
  auto elements = dyn_cast_or_null<SplatElementsAttr>(attr);
  return elements &&
         elements.getSplatValue<APFloat>().convertToDouble() == value;
}

OpFoldResult BinaryOp::fold(FoldAdaptor adaptor) {
  bool subtractive =
      getKind() == BinaryKind::Add || getKind() == BinaryKind::Sub;
  bool multiplicative =
      getKind() == BinaryKind::Mul || getKind() == BinaryKind::Div;
  double neutral = subtractive ? 0.0 : 1.0;
  if (!subtractive && !multiplicative)
    return {};
  if (isSplat(adaptor.getRhs(), neutral) && getLhs().getType() == getType())
    return getLhs();
  bool commutes = getKind() == BinaryKind::Add || getKind() == BinaryKind::Mul;
  if (commutes && isSplat(adaptor.getLhs(), neutral) &&
      getRhs().getType() == getType())
    return getRhs();
  return {};
}
