//===- FoldAttentionBias.cpp - Biases of keys and values ------------------===//
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
#define GEN_PASS_DEF_FOLDATTENTIONBIAS
#include "passes/simplify/Passes.h.inc"
} // namespace vitrail

using namespace mlir;
using namespace vitrail;

constexpr StringLiteral remarkName = "fold-attention-bias";

/// Collects the linears that take over a bias of the values of `mixer`, whose
/// rows of scores sum to one: it arrives at them unchanged. False, with a
/// remark, if not only such linears read the mixer.
static bool collectOutputs(LinearOp linear, Operation *mixer,
                           WeightSide &weights,
                           SmallVectorImpl<LinearOp> &outputs) {
  for (OpOperand *use : featureUses(mixer->getResult(0))) {
    LinearOp output = linearInput(*use);
    if (!output || !canRewriteWeights(weights, output, linear.getBias())) {
      reportMissed(linear, remarkName) << remark::reason(
          "the result of the mixer is read by {0}, which cannot take the "
          "values' bias over",
          use->getOwner()->getName().getStringRef());
      return false;
    }
    outputs.push_back(output);
  }
  return true;
}

static void fold(LinearOp linear, WeightSide &weights) {
  if (!linear.getBias())
    return;
  SmallVector<OpOperand *> uses = featureUses(linear.getResult());
  auto mixerOf = [](OpOperand *use) {
    auto mixer = dyn_cast<MixerOpInterface>(use->getOwner());
    return mixer && mixer.isRowStochastic() ? mixer : MixerOpInterface();
  };
  auto isKey = [&](OpOperand *use) {
    auto mixer = mixerOf(use);
    return mixer && use == &mixer.getKeyOperand();
  };
  auto isValue = [&](OpOperand *use) {
    auto mixer = mixerOf(use);
    return mixer && use == &mixer.getValueOperand();
  };
  int64_t keys = llvm::count_if(uses, isKey);
  int64_t values = llvm::count_if(uses, isValue);
  if (keys + values == 0)
    return;
  if (keys + values != int64_t(uses.size())) {
    reportMissed(linear, remarkName) << remark::reason(
        "the linear is not only read as keys and values of mixers");
    return;
  }
  SmallVector<LinearOp> outputs;
  if (values) {
    if (!weights.isFrozen(linear.getBias())) {
      reportMissed(linear, remarkName)
          << remark::reason("the values' bias is computed at run time");
      return;
    }
    for (OpOperand *use : uses)
      if (isValue(use) &&
          !collectOutputs(linear, use->getOwner(), weights, outputs))
        return;
  }
  for (LinearOp output : outputs)
    absorbInputShift(output, linear.getBias());
  linear.getBiasMutable().clear();
  reportApplied(linear, remarkName)
      << remark::add(values ? "bias of values moved behind the mixer"
                            : "bias of keys dropped: constant in each row of "
                              "scores, which softmax ignores")
      << remark::metric("ops_saved",
                        linear.getResult().getType().getNumElements());
}

namespace {
struct FoldAttentionBias
    : vitrail::impl::FoldAttentionBiasBase<FoldAttentionBias> {
  void runOnOperation() override {
    auto &weights = getAnalysis<WeightSide>();
    getOperation().walk([&](LinearOp linear) { fold(linear, weights); });
  }
};
} // namespace
