//===- LinearWeights.cpp - Linears rewritten on the weight side -----------===//
//
// Part of Vitrail, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "passes/simplify/LinearWeights.h"

using namespace mlir;
using namespace vitrail;

bool vitrail::canRewriteWeights(WeightSide &weights, LinearOp linear,
                                ValueRange others) {
  SmallVector<Value> values(others);
  values.append({linear.getWeight(), linear.getBias()});
  return weights.isFrozen(linear.getWeight()) &&
         weights.isFrozenOrAbsent(linear.getBias()) &&
         haveOneElementType(values);
}

void vitrail::absorbInputGain(LinearOp linear, Value gain) {
  OpBuilder builder(linear);
  Location loc = linear.getLoc();
  if (linear.getTransposed()) // a column for each row of W [K, N]
    gain = RearrangeOp::create(builder, loc, gain, "k -> k 1",
                               builder.getDictionaryAttr({}));
  linear.getWeightMutable().assign(BinaryOp::create(
      builder, loc, BinaryKind::Mul, linear.getWeight(), gain));
}

void vitrail::absorbInputShift(LinearOp linear, Value shift) {
  OpBuilder builder(linear);
  Location loc = linear.getLoc();
  Value bias = EinsumOp::create(builder, loc,
                                linear.getTransposed() ? "kn,k->n" : "nk,k->n",
                                ValueRange{linear.getWeight(), shift});
  if (Value old = linear.getBias())
    bias = BinaryOp::create(builder, loc, BinaryKind::Add, old, bias);
  linear.getBiasMutable().assign(bias);
}

void vitrail::scaleResult(LinearOp linear, Value factor, BinaryKind kind) {
  OpBuilder builder(linear);
  Location loc = linear.getLoc();
  Value column = factor;
  auto type = cast<RankedTensorType>(factor.getType());
  if (type.getRank() == 1 && !linear.getTransposed()) // a row of W [N, K]
    column = RearrangeOp::create(builder, loc, factor, "n -> n 1",
                                 builder.getDictionaryAttr({}));
  linear.getWeightMutable().assign(
      BinaryOp::create(builder, loc, kind, linear.getWeight(), column));
  if (Value bias = linear.getBias())
    linear.getBiasMutable().assign(
        BinaryOp::create(builder, loc, kind, bias, factor));
}
