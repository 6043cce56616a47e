//===- FoldAttentionScale.cpp - The scale of scores into the query --------===//
//
// Part of Vitrail, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "passes/simplify/FeatureUses.h"
#include "passes/simplify/LinearWeights.h"
#include "passes/simplify/Passes.h"
#include "passes/simplify/Report.h"
#include "llvm/Support/MathExtras.h"

namespace vitrail {
#define GEN_PASS_DEF_FOLDATTENTIONSCALE
#include "passes/simplify/Passes.h.inc"
} // namespace vitrail

using namespace mlir;
using namespace vitrail;

constexpr StringLiteral remarkName = "fold-attention-scale";

static void fold(MixerOpInterface mixer, WeightSide &weights) {
  auto missed = [&] { return reportMissed(mixer, remarkName); };
  // Powers of 2 instead of e take a factor log2(e) on all that makes up a
  // score, hence also on what is added to it.
  OpOperand *scoreBias = mixer.getScoreBiasOperand();
  bool frozenBias = scoreBias && weights.isFrozen(scoreBias->get());
  bool toBase2 =
      !mixer.isBase2() && mixer.isRowStochastic() && (!scoreBias || frozenBias);
  double factor =
      mixer.getScoreScale() * (toBase2 ? llvm::numbers::log2e : 1.0);
  if (factor == 1.0)
    return;
  AffineOp query = AffineOp::from(producer(mixer.getQueryOperand().get()));
  if (!query) {
    missed() << remark::reason("the query is not the result of a linear");
    return;
  }
  if (featureUses(query->getResult(0)).size() != 1) {
    missed() << remark::reason(
        "the linear of the query is not read by this mixer alone");
    return;
  }
  if (!canRewriteWeights(weights, query)) {
    missed() << remark::reason(
        "the weight of the query's linear is computed at run time");
    return;
  }
  OpBuilder builder(query);
  scaleResult(query, buildScalar(builder, query->getLoc(),
                                 query.getType().getElementType(), factor));
  if (toBase2 && scoreBias) {
    builder.setInsertionPoint(mixer);
    Value bias = scoreBias->get();
    Value log2e =
        buildScalar(builder, mixer.getLoc(),
                    cast<RankedTensorType>(bias.getType()).getElementType(),
                    llvm::numbers::log2e);
    scoreBias->set(BinaryOp::create(builder, mixer.getLoc(), BinaryKind::Mul,
                                    bias, log2e));
  }
  mixer.dropScoreScale(toBase2);
  auto queries =
      cast<RankedTensorType>(mixer.getQueryOperand().get().getType());
  auto keys = cast<RankedTensorType>(mixer.getKeyOperand().get().getType());
  int64_t scores = queries.getNumElements() / queries.getShape().back() *
                   mixer.getHeadCount() * keys.getDimSize(keys.getRank() - 2);
  reportApplied(mixer, remarkName)
      << remark::add(toBase2
                         ? "scale and log2(e) folded into the query's linear"
                         : "scale folded into the query's linear")
      << remark::metric("ops_saved", scores);
}

namespace {
struct FoldAttentionScale
    : vitrail::impl::FoldAttentionScaleBase<FoldAttentionScale> {
  void runOnOperation() override {
    auto &weights = getAnalysis<WeightSide>();
    getOperation().walk([&](MixerOpInterface mixer) { fold(mixer, weights); });
  }
};
} // namespace
