//===- SinkSampleAffine.cpp - Numbers of a sample behind linears ----------===//
//
// Part of Vitrail, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "passes/simplify/LinearWeights.h"
#include "passes/simplify/Passes.h"
#include "passes/simplify/Report.h"

namespace vitrail {
#define GEN_PASS_DEF_SINKSAMPLEAFFINE
#include "passes/simplify/Passes.h.inc"
} // namespace vitrail

using namespace mlir;
using namespace vitrail;

constexpr StringLiteral remarkName = "sink-sample-affine";

/// Whether `value` is one number for each sample of a batch in front of `rank`
/// axes in all.
static bool isNumberOfSample(Value value, int64_t rank) {
  ArrayRef<int64_t> shape = typeOf(value).getShape();
  return int64_t(shape.size()) == rank &&
         llvm::all_of(shape.drop_front(),
                      [](int64_t size) { return size == 1; });
}

namespace {

/// x · factor + summand, both numbers of a sample or absent.
struct SampleAffine {
  Value value, factor, summand;
  int64_t ops = 0, gone = 0; // of them those that nothing else reads
};

/// What the input of a linear is of another value.
class Peeler {
public:
  Peeler(OpBuilder &builder, WeightSide &weights)
      : builder(builder), weights(weights) {}

  SampleAffine peel(Value value, bool onlyUse) {
    auto op = value.getDefiningOp<BinaryOp>();
    bool isSum = op && (op.getKind() == BinaryKind::Add ||
                        op.getKind() == BinaryKind::Sub);
    bool isFactor = op && (op.getKind() == BinaryKind::Mul ||
                           op.getKind() == BinaryKind::Div);
    Value inner, number;
    if (isSum || isFactor) {
      int64_t rank = op.getType().getRank();
      bool commutes =
          op.getKind() == BinaryKind::Add || op.getKind() == BinaryKind::Mul;
      inner = op.getLhs();
      number = op.getRhs();
      if (commutes && isNumberOfSample(inner, rank))
        std::swap(inner, number);
      if (inner.getType() != op.getType() || !isNumberOfSample(number, rank) ||
          weights.isFrozen(number) || isNumberOfSample(inner, rank))
        inner = {};
    }
    if (!inner)
      return {value, {}, {}};
    onlyUse &= value.hasOneUse();
    SampleAffine affine = peel(inner, onlyUse);
    ++affine.ops;
    affine.gone += onlyUse;
    if (isFactor && affine.factor)
      affine.factor = combine(op, affine.factor, number);
    else if (op.getKind() == BinaryKind::Mul)
      affine.factor = number;
    else if (isFactor)
      affine.factor =
          UnaryOp::create(builder, op.getLoc(), UnaryKind::Reciprocal, number);
    if (affine.summand)
      affine.summand = combine(op, affine.summand, number);
    else if (op.getKind() == BinaryKind::Sub)
      affine.summand =
          UnaryOp::create(builder, op.getLoc(), UnaryKind::Neg, number);
    else if (isSum)
      affine.summand = number;
    return affine;
  }

private:
  Value combine(BinaryOp op, Value value, Value number) {
    return BinaryOp::create(builder, op.getLoc(), op.getKind(), value, number);
  }

  OpBuilder &builder;
  WeightSide &weights;
};

} // namespace

static void sink(LinearOp linear, WeightSide &weights) {
  // Other readers would need the map as it is. Without places there is no map.
  if (weights.isFrozen(linear.getInput()) || !linear.getInput().hasOneUse() ||
      typeOf(linear.getInput()).getRank() < 3 ||
      !canRewriteWeights(weights, linear, linear.getInput()))
    return;
  // The numbers are there before the linear.
  OpBuilder builder(linear);
  SampleAffine affine =
      Peeler(builder, weights).peel(linear.getInput(), /*onlyUse=*/true);
  if (affine.ops == 0)
    return;
  Location loc = linear.getLoc();
  Value bias = linear.getBias();
  if (affine.summand) {
    Value sums = EinsumOp::create(builder, loc,
                                  linear.getTransposed() ? "kn->n" : "nk->n",
                                  ValueRange{linear.getWeight()});
    Value shift =
        BinaryOp::create(builder, loc, BinaryKind::Mul, affine.summand, sums);
    bias = bias ? Value(BinaryOp::create(builder, loc, BinaryKind::Add, shift,
                                         bias))
                : shift;
  }
  Value result =
      LinearOp::create(builder, loc, affine.value, linear.getWeight(), Value(),
                       linear.getTransposed());
  if (affine.factor)
    result =
        BinaryOp::create(builder, loc, BinaryKind::Mul, result, affine.factor);
  if (bias)
    result = BinaryOp::create(builder, loc, BinaryKind::Add, result, bias);
  reportApplied(linear, remarkName)
      << remark::add("{0} operations by numbers of a sample stand behind the "
                     "linear, {1} of them nowhere else",
                     affine.ops, affine.gone)
      << remark::metric("ops_saved",
                        affine.gone *
                            typeOf(linear.getInput()).getNumElements());
  linear.replaceAllUsesWith(result);
  weights.erase(linear);
}

namespace {
struct SinkSampleAffine
    : vitrail::impl::SinkSampleAffineBase<SinkSampleAffine> {
  void runOnOperation() override {
    auto &weights = getAnalysis<WeightSide>();
    SmallVector<LinearOp> linears;
    getOperation().walk([&](LinearOp linear) { linears.push_back(linear); });
    for (LinearOp linear : linears)
      sink(linear, weights);
  }
};
} // namespace
