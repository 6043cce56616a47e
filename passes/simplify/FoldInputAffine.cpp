//===- FoldInputAffine.cpp - Factors and summands into gathering linears --===//
//
// Part of Vitrail, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "passes/simplify/AffineReaders.h"
#include "passes/simplify/Passes.h"
#include "passes/simplify/Report.h"

namespace vitrail {
#define GEN_PASS_DEF_FOLDINPUTAFFINE
#include "passes/simplify/Passes.h.inc"
} // namespace vitrail

using namespace mlir;
using namespace vitrail;

constexpr StringLiteral remarkName = "fold-input-affine";

/// Moves one operation, a run-time value combined with a frozen table, into the
/// weights of all that reads it.
static void fold(BinaryOp op, WeightSide &weights) {
  bool isFactor =
      op.getKind() == BinaryKind::Mul || op.getKind() == BinaryKind::Div;
  if (!isFactor && op.getKind() != BinaryKind::Add &&
      op.getKind() != BinaryKind::Sub)
    return;
  Value value = op.getLhs(), table = op.getRhs();
  bool commutes =
      op.getKind() == BinaryKind::Mul || op.getKind() == BinaryKind::Add;
  if (commutes && weights.isFrozen(value))
    std::swap(value, table);
  if (weights.isFrozen(value) || !weights.isFrozen(table) ||
      value.getType() != op.getType())
    return;
  AffineReaders readers(op.getResult(), weights);
  if (!readers.any())
    return;
  if (auto reason = readers.obstacle(op.getKind(), table)) {
    reportMissed(op, remarkName) << remark::reason("{0}", *reason);
    return;
  }
  readers.absorb(op.getKind(), table);
  reportApplied(op, remarkName)
      << remark::add("{0} folded into the weights of linears",
                     isFactor ? "factors" : "summands")
      << remark::metric("linears", readers.size())
      << remark::metric("ops_saved", op.getType().getNumElements());
  op.replaceAllUsesWith(value);
  weights.erase(op);
}

namespace {
struct FoldInputAffine : vitrail::impl::FoldInputAffineBase<FoldInputAffine> {
  void runOnOperation() override {
    auto &weights = getAnalysis<WeightSide>();
    // From the linears upwards: what stands in front of an op that went is
    // next.
    SmallVector<BinaryOp> ops;
    getOperation().walk([&](BinaryOp op) { ops.push_back(op); });
    for (BinaryOp op : llvm::reverse(ops))
      if (!weights.isFrozen(op.getResult()))
        fold(op, weights);
  }
};
} // namespace
