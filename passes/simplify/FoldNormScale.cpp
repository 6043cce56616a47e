//===- FoldNormScale.cpp - Numbers in front of norms ----------------------===//
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
#define GEN_PASS_DEF_FOLDNORMSCALE
#include "passes/simplify/Passes.h.inc"
} // namespace vitrail

using namespace mlir;
using namespace vitrail;

constexpr StringLiteral remarkName = "fold-norm-scale";

/// One number in front of a norm; true if it went.
static bool fold(NormOp norm, WeightSide &weights) {
  auto op = norm.getInput().getDefiningOp<BinaryOp>();
  if (!op || weights.isFrozen(op.getResult()))
    return false;
  bool divides = op.getKind() == BinaryKind::Div;
  bool isSum =
      op.getKind() == BinaryKind::Add || op.getKind() == BinaryKind::Sub;
  if (op.getKind() != BinaryKind::Mul && !divides && !isSum)
    return false;
  Value value = op.getLhs();
  std::optional<double> number = numberOf(op.getRhs());
  if (!number &&
      (op.getKind() == BinaryKind::Mul || op.getKind() == BinaryKind::Add)) {
    value = op.getRhs();
    number = numberOf(op.getLhs());
  }
  if (!number || value.getType() != op.getType())
    return false;
  auto missed = [&] { return reportMissed(norm, remarkName); };
  if (isSum && norm.getRms()) {
    missed() << remark::reason("no mean is subtracted, with which {0} would go",
                               *number);
    return false;
  }
  if (!isSum) {
    if (*number <= 0) {
      missed() << remark::reason("the factor {0} is not positive", *number);
      return false;
    }
    double factor = divides ? 1 / *number : *number;
    double eps = norm.getEps().convertToDouble() /
                 (norm.getEpsOutside() ? factor : factor * factor);
    if (!std::isfinite(eps)) {
      missed() << remark::reason("the factor {0} leaves no finite eps",
                                 *number);
      return false;
    }
    norm.setEpsAttr(Builder(norm.getContext()).getF64FloatAttr(eps));
  }
  norm.getInputMutable().assign(value);
  reportApplied(norm, remarkName)
      << remark::add(isSum ? "a summand goes with the mean"
                           : "a factor goes into eps")
      << remark::metric("ops_saved",
                        op->use_empty() ? op.getType().getNumElements() : 0);
  if (op->use_empty())
    weights.erase(op);
  return true;
}

namespace {
struct FoldNormScale : vitrail::impl::FoldNormScaleBase<FoldNormScale> {
  void runOnOperation() override {
    auto &weights = getAnalysis<WeightSide>();
    getOperation().walk([&](NormOp norm) {
      while (fold(norm, weights))
        ;
    });
  }
};
} // namespace
