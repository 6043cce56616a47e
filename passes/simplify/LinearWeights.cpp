//===- LinearWeights.cpp - Linears rewritten on the weight side -----------===//
//
// Part of Vitrail, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "passes/simplify/LinearWeights.h"

using namespace mlir;
using namespace vitrail;

AffineOp AffineOp::from(Operation *op) {
  AffineOp affine;
  if (isa_and_nonnull<LinearOp, DepthwiseConvOp>(op))
    affine.op = op;
  return affine;
}

AffineOp AffineOp::reading(OpOperand &use) {
  return use.getOperandNumber() == 0 ? from(use.getOwner()) : AffineOp();
}

LinearOp AffineOp::asLinear() const { return dyn_cast_or_null<LinearOp>(op); }

DepthwiseConvOp AffineOp::asDepthwise() const {
  return dyn_cast_or_null<DepthwiseConvOp>(op);
}

Value AffineOp::getBias() const {
  return op->getNumOperands() > 2 ? op->getOperand(2) : Value();
}

void AffineOp::setBias(Value bias) const {
  if (LinearOp linear = asLinear())
    linear.getBiasMutable().assign(bias);
  else
    asDepthwise().getBiasMutable().assign(bias);
}

RankedTensorType AffineOp::getType() const { return typeOf(op->getResult(0)); }

bool AffineOp::takesInputShift() const {
  DepthwiseConvOp conv = asDepthwise();
  return !conv || !conv.getWindow().isPadded();
}

bool vitrail::canRewriteWeights(WeightSide &weights, AffineOp op,
                                ValueRange others) {
  SmallVector<Value> values(others);
  values.append({op.getWeight(), op.getBias()});
  return weights.isFrozen(op.getWeight()) &&
         weights.isFrozenOrAbsent(op.getBias()) && haveOneElementType(values);
}

void vitrail::absorbInputGain(AffineOp op, Value gain, BinaryKind kind) {
  OpBuilder builder(op);
  Location loc = op->getLoc();
  LinearOp linear = op.asLinear();
  if (linear && linear.getTransposed()) // a column for each row of W [K, N]
    gain = RearrangeOp::create(builder, loc, gain, "k -> k 1",
                               builder.getDictionaryAttr({}));
  op.setWeight(BinaryOp::create(builder, loc, kind, op.getWeight(), gain));
}

/// The sum over all taps of a depthwise filter, as an einsum with a vector.
static std::string tapsEquation(DepthwiseConvOp conv) {
  std::string taps;
  for (int64_t axis = 0; axis < conv.getWindow().rank(); ++axis)
    taps += char('d' + axis);
  return taps + "c,c->c";
}

void vitrail::absorbInputShift(AffineOp op, Value shift) {
  OpBuilder builder(op);
  Location loc = op->getLoc();
  std::string equation = "nk,k->n";
  if (DepthwiseConvOp conv = op.asDepthwise())
    equation = tapsEquation(conv);
  else if (op.asLinear().getTransposed())
    equation = "kn,k->n";
  Value bias = EinsumOp::create(builder, loc, equation,
                                ValueRange{op.getWeight(), shift});
  if (Value old = op.getBias())
    bias = BinaryOp::create(builder, loc, BinaryKind::Add, old, bias);
  op.setBias(bias);
}

void vitrail::scaleResult(AffineOp op, Value factor, BinaryKind kind) {
  OpBuilder builder(op);
  Location loc = op->getLoc();
  Value column = factor;
  LinearOp linear = op.asLinear();
  if (typeOf(factor).getRank() == 1 && linear && !linear.getTransposed())
    column = RearrangeOp::create(builder, loc, factor, "n -> n 1",
                                 builder.getDictionaryAttr({})); // rows of W
  op.setWeight(BinaryOp::create(builder, loc, kind, op.getWeight(), column));
  if (Value bias = op.getBias())
    op.setBias(BinaryOp::create(builder, loc, kind, bias, factor));
}

void vitrail::shiftResult(AffineOp op, Value summand, BinaryKind kind) {
  OpBuilder builder(op);
  Location loc = op->getLoc();
  if (Value bias = op.getBias()) {
    op.setBias(BinaryOp::create(builder, loc, kind, bias, summand));
    return;
  }
  if (kind == BinaryKind::Sub)
    summand = UnaryOp::create(builder, loc, UnaryKind::Neg, summand);
  int64_t features = op.getOutputFeatures();
  if (typeOf(summand).getShape() != ArrayRef<int64_t>(features))
    summand = BroadcastOp::create(builder, loc, summand, features);
  op.setBias(summand);
}

Value vitrail::asVector(OpBuilder &builder, Value table) {
  int64_t rank = typeOf(table).getRank();
  if (rank < 2)
    return table;
  std::string ones;
  for (int64_t axis = 1; axis < rank; ++axis)
    ones += "1 ";
  return RearrangeOp::create(builder, table.getLoc(), table, ones + "n -> n",
                             builder.getDictionaryAttr({}));
}

bool vitrail::variesByFeature(RankedTensorType table) {
  return table.getRank() < 2 || llvm::all_of(
                                    table.getShape().drop_back(),
                                    [](int64_t size) { return size == 1; });
}
