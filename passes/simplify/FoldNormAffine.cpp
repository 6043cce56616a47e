//===- FoldNormAffine.cpp - Gain and bias of norms into linears -----------===//
//
// Part of Vitrail, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "passes/simplify/AffineReaders.h"
#include "passes/simplify/Passes.h"
#include "passes/simplify/Report.h"

namespace vitrail {
#define GEN_PASS_DEF_FOLDNORMAFFINE
#include "passes/simplify/Passes.h.inc"
} // namespace vitrail

using namespace mlir;
using namespace vitrail;

constexpr StringLiteral remarkName = "fold-norm-affine";

static void fold(NormOp norm, WeightSide &weights) {
  Value gain = norm.getGain(), bias = norm.getBias();
  if (!gain && !bias)
    return;
  auto missed = [&] { return reportMissed(norm, remarkName); };
  if (int64_t(norm.getAxis()) + 1 != norm.getType().getRank()) {
    missed() << remark::reason(
        "axis {0} is not the last, which linears contract", norm.getAxis());
    return;
  }
  if (!weights.isFrozenOrAbsent(gain) || !weights.isFrozenOrAbsent(bias)) {
    missed() << remark::reason("gain or bias is computed at run time");
    return;
  }
  AffineReaders readers(norm.getResult(), weights);
  if (Operation *other = readers.otherReader()) {
    missed() << remark::reason("the normalized value is also read by {0}",
                               other->getName().getStringRef());
    return;
  }
  std::optional<std::string> reason;
  if (bias)
    reason = readers.obstacle(BinaryKind::Add, bias);
  if (gain && !reason)
    reason = readers.obstacle(BinaryKind::Mul, gain);
  if (reason) {
    missed() << remark::reason("{0}", *reason);
    return;
  }
  if (!readers.any())
    return;
  // The shift first: it is multiplied by the weight as it was.
  if (bias)
    readers.absorb(BinaryKind::Add, bias);
  if (gain)
    readers.absorb(BinaryKind::Mul, gain);
  int64_t steps = bool(gain) + bool(bias);
  norm.getGainMutable().clear();
  norm.getBiasMutable().clear();
  reportApplied(norm, remarkName)
      << remark::add("gain and bias folded into linears")
      << remark::metric("linears", readers.size())
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
