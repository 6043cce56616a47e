//===- FoldNormAffine.cpp - Gain and bias of norms into linears -----------===//
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
#define GEN_PASS_DEF_FOLDNORMAFFINE
#include "passes/simplify/Passes.h.inc"
} // namespace vitrail

using namespace mlir;
using namespace vitrail;

constexpr StringLiteral remarkName = "fold-norm-affine";

/// The linears behind `norm` if they are all that reads it; otherwise none, and
/// a remark says why.
static SmallVector<LinearOp> linearsBehind(NormOp norm, WeightSide &weights) {
  auto missed = [&] { return reportMissed(norm, remarkName); };
  if (int64_t(norm.getAxis()) + 1 != norm.getType().getRank()) {
    missed() << remark::reason(
        "axis {0} is not the last, which linears contract", norm.getAxis());
    return {};
  }
  if (!weights.isFrozenOrAbsent(norm.getGain()) ||
      !weights.isFrozenOrAbsent(norm.getBias())) {
    missed() << remark::reason("gain or bias is computed at run time");
    return {};
  }
  SmallVector<LinearOp> linears;
  for (OpOperand *use : featureUses(norm.getResult())) {
    LinearOp linear = linearInput(*use);
    if (!linear) {
      missed() << remark::reason("the normalized value is also read by {0}",
                                 use->getOwner()->getName().getStringRef());
      return {};
    }
    if (!canRewriteWeights(weights, linear, {norm.getGain(), norm.getBias()})) {
      missed() << remark::reason("the weight of a linear behind it is computed "
                                 "at run time or of another element type");
      return {};
    }
    linears.push_back(linear);
  }
  return linears;
}

static void fold(NormOp norm, WeightSide &weights) {
  if (!norm.getGain() && !norm.getBias())
    return;
  SmallVector<LinearOp> linears = linearsBehind(norm, weights);
  if (linears.empty())
    return;
  for (LinearOp linear : linears) {
    // The shift first: it is multiplied by the weight as it was.
    if (norm.getBias())
      absorbInputShift(linear, norm.getBias());
    if (norm.getGain())
      absorbInputGain(linear, norm.getGain());
  }
  int64_t steps = bool(norm.getGain()) + bool(norm.getBias());
  norm.getGainMutable().clear();
  norm.getBiasMutable().clear();
  reportApplied(norm, remarkName)
      << remark::add("gain and bias folded into linears")
      << remark::metric("linears", linears.size())
      << remark::metric("ops_saved", steps * norm.getType().getNumElements());
}

namespace {
struct FoldNormAffine : vitrail::impl::FoldNormAffineBase<FoldNormAffine> {
  void runOnOperation() override {
    auto &weights = getAnalysis<WeightSide>();
    getOperation().walk([&](NormOp norm) { fold(norm, weights); });
  }
};
} // namespace
