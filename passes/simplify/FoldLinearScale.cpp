//===- FoldLinearScale.cpp - Factors of a linear's result -----------------===//
//
// Part of Vitrail, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "passes/simplify/FeatureUses.h"
#include "passes/simplify/LinearWeights.h"
#include "passes/simplify/Passes.h"
#include "passes/simplify/Report.h"

namespace vitrail {
#define GEN_PASS_DEF_FOLDLINEARSCALE
#include "passes/simplify/Passes.h.inc"
} // namespace vitrail

using namespace mlir;
using namespace vitrail;

constexpr StringLiteral remarkName = "fold-linear-scale";

/// The factor as [N] or [1]: without the axes of size one before the last.
static Value asVector(OpBuilder &builder, Value factor) {
  int64_t rank = cast<RankedTensorType>(factor.getType()).getRank();
  if (rank < 2)
    return factor;
  std::string pattern;
  for (int64_t axis = 1; axis < rank; ++axis)
    pattern += "1 ";
  return RearrangeOp::create(builder, factor.getLoc(), factor,
                             pattern + "n -> n", builder.getDictionaryAttr({}));
}

static void fold(BinaryOp op, WeightSide &weights) {
  bool divides = op.getKind() == BinaryKind::Div;
  if (op.getKind() != BinaryKind::Mul && !divides)
    return;
  Value value = op.getLhs(), factor = op.getRhs();
  if (!divides && weights.isFrozen(value))
    std::swap(value, factor);
  LinearOp linear = producingLinear(value);
  if (!linear || weights.isFrozen(value) || !weights.isFrozen(factor) ||
      value.getType() != op.getType())
    return;
  auto missed = [&] { return reportMissed(op, remarkName); };
  auto type = cast<RankedTensorType>(factor.getType());
  if (type.getRank() > 1 &&
      llvm::any_of(type.getShape().drop_back(),
                   [](int64_t size) { return size != 1; })) {
    missed() << remark::reason("the factor {0} varies from token to token",
                               shapeString(type));
    return;
  }
  if (featureUses(linear.getResult()).size() != 1) {
    missed() << remark::reason("the linear is also read without the factor");
    return;
  }
  if (!canRewriteWeights(weights, linear, factor)) {
    missed() << remark::reason("the weight of the linear is computed at run "
                               "time or of another element type");
    return;
  }
  weights.hoist(factor, linear);
  OpBuilder builder(linear);
  scaleResult(linear, asVector(builder, factor), op.getKind());
  reportApplied(op, remarkName)
      << remark::add("factor of a linear's result folded into its weights")
      << remark::metric("ops_saved", op.getType().getNumElements());
  op.replaceAllUsesWith(value);
  weights.erase(op);
}

namespace {
struct FoldLinearScale : vitrail::impl::FoldLinearScaleBase<FoldLinearScale> {
  void runOnOperation() override {
    auto &weights = getAnalysis<WeightSide>();
    getOperation().walk([&](BinaryOp op) { fold(op, weights); });
  }
};
} // namespace
