//===- RaiseSoftmax.cpp - Softmax written out -----------------------------===//
//
// Part of Vitrail, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "dialects/vitrail/VitrailDialect.h"
#include "passes/simplify/Passes.h"
#include "passes/simplify/Report.h"
#include "passes/simplify/WeightSide.h"

namespace vitrail {
#define GEN_PASS_DEF_RAISESOFTMAX
#include "passes/simplify/Passes.h.inc"
} // namespace vitrail

using namespace mlir;
using namespace vitrail;

/// The op that reduces one axis of `input` and keeps it, if `value` is its
/// result.
static ReduceOp reductionOf(Value value, ReduceKind kind, Value input) {
  auto reduce = value.getDefiningOp<ReduceOp>();
  bool fits = reduce && reduce.getKind() == kind &&
              reduce.getInput() == input && reduce.getKeepDims() &&
              reduce.getAxes().size() == 1;
  return fits ? reduce : ReduceOp();
}

/// What divides, where `op` is a quotient.
static Value divisorOf(BinaryOp op) {
  if (op.getKind() == BinaryKind::Div)
    return op.getRhs();
  auto inverse = op.getRhs().getDefiningOp<UnaryOp>();
  bool divides = op.getKind() == BinaryKind::Mul && inverse &&
                 inverse.getKind() == UnaryKind::Reciprocal;
  return divides ? inverse.getInput() : Value();
}

static void raise(BinaryOp op, WeightSide &weights) {
  auto power = op.getLhs().getDefiningOp<UnaryOp>();
  Value divisor = divisorOf(op);
  if (!divisor || !power || power.getKind() != UnaryKind::Exp ||
      weights.isFrozen(op.getResult()))
    return;
  ReduceOp sum = reductionOf(divisor, ReduceKind::Sum, power.getResult());
  if (!sum)
    return;
  int64_t axis = sum.getAxes().front();
  // Subtracting the largest, or anything else that is the same along the axis,
  // changes nothing but the range of the exponentials; the op takes care of it.
  Value input = power.getInput();
  if (auto shifted = input.getDefiningOp<BinaryOp>();
      shifted && shifted.getKind() == BinaryKind::Sub) {
    ReduceOp top =
        reductionOf(shifted.getRhs(), ReduceKind::Max, shifted.getLhs());
    if (top && int64_t(top.getAxes().front()) == axis)
      input = shifted.getLhs();
  }
  OpBuilder builder(op);
  auto softmax = SoftmaxOp::create(builder, op.getLoc(), input, axis);
  reportApplied(softmax, "raise-softmax")
      << remark::add("exponentials divided by their sum as a softmax");
  op.replaceAllUsesWith(softmax.getResult());
  weights.erase(op);
}

namespace {
struct RaiseSoftmax : vitrail::impl::RaiseSoftmaxBase<RaiseSoftmax> {
  void runOnOperation() override {
    auto &weights = getAnalysis<WeightSide>();
    SmallVector<BinaryOp> ops;
    getOperation().walk([&](BinaryOp op) { ops.push_back(op); });
    for (BinaryOp op : ops)
      raise(op, weights);
  }
};
} // namespace
