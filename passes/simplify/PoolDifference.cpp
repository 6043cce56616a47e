//===- PoolDifference.cpp - What cancels in pool(x) - x -------------------===//
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
#define GEN_PASS_DEF_POOLDIFFERENCE
#include "passes/simplify/Passes.h.inc"
} // namespace vitrail

using namespace mlir;
using namespace vitrail;

constexpr StringLiteral remarkName = "pool-difference";

/// Whether `table`, which broadcasts to a map of `type`, is the same at all
/// places that a window may cover.
static bool sameAtAllPlaces(Value table, RankedTensorType type,
                            const Window &window) {
  RankedTensorType own = typeOf(table);
  for (int64_t axis = 0; axis < own.getRank() - 1; ++axis)
    if (own.getDimSize(axis) != 1 &&
        type.getRank() - own.getRank() + axis >= window.firstAxis(type))
      return false;
  return true;
}

/// The operand of `op` that is the map, where the other is the same at all
/// places; or null.
static Value mapOf(BinaryOp op, const Window &window) {
  auto fits = [&](Value map, Value table) {
    return map.getType() == op.getType() &&
           sameAtAllPlaces(table, op.getType(), window);
  };
  bool commutes =
      op.getKind() == BinaryKind::Add || op.getKind() == BinaryKind::Mul;
  if (fits(op.getLhs(), op.getRhs()))
    return op.getLhs();
  return commutes && fits(op.getRhs(), op.getLhs()) ? op.getRhs() : Value();
}

static void cancel(BinaryOp difference, WeightSide &weights) {
  if (difference.getKind() != BinaryKind::Sub)
    return;
  auto pool = difference.getLhs().getDefiningOp<PoolOp>();
  bool poolFirst = pool && pool.getInput() == difference.getRhs();
  if (!poolFirst) {
    pool = difference.getRhs().getDefiningOp<PoolOp>();
    if (!pool || pool.getInput() != difference.getLhs())
      return;
  }
  Value map = pool.getInput();
  if (pool.getKind() != ReduceKind::Mean || map.getType() != pool.getType() ||
      weights.isFrozen(map))
    return;
  auto missed = [&] { return reportMissed(difference, remarkName); };
  Window window = pool.getWindow();
  bool countsPads = pool.getCountPads() && window.isPadded();
  // Inwards, as long as an operation is the same in all windows.
  SmallVector<BinaryOp> factors;
  int64_t dropped = 0;
  while (auto op = map.getDefiningOp<BinaryOp>()) {
    bool isSum =
        op.getKind() == BinaryKind::Add || op.getKind() == BinaryKind::Sub;
    bool isFactor =
        op.getKind() == BinaryKind::Mul || op.getKind() == BinaryKind::Div;
    Value inner = isSum || isFactor ? mapOf(op, window) : Value();
    if (!inner)
      break;
    if (isSum && countsPads) {
      missed() << remark::reason("the mean counts zeros beyond the edge of the "
                                 "map, to which nothing is added");
      break;
    }
    if (isFactor)
      factors.push_back(op);
    else
      ++dropped;
    map = inner;
  }
  if (map == pool.getInput())
    return;
  // A map that somebody else wants has to be made anyway.
  if (llvm::any_of(pool.getInput().getUsers(),
                   [&](Operation *user) {
                     return user != pool && user != difference;
                   }) ||
      !pool->hasOneUse()) {
    missed() << remark::reason(
        "the map is read by others than the pool and the difference");
    return;
  }
  OpBuilder builder(difference);
  Location loc = difference.getLoc();
  Value mean =
      PoolOp::create(builder, pool.getLoc(), pool.getKind(), map,
                     pool.getKernel(), pool.getStrides(), pool.getPads(),
                     pool.getDilations(), pool.getCountPads());
  Value result =
      BinaryOp::create(builder, loc, BinaryKind::Sub, poolFirst ? mean : map,
                       poolFirst ? map : mean);
  for (BinaryOp factor : llvm::reverse(factors)) {
    bool left = mapOf(factor, window) == factor.getLhs();
    result = BinaryOp::create(builder, factor.getLoc(), factor.getKind(),
                              result, left ? factor.getRhs() : factor.getLhs());
  }
  reportApplied(difference, remarkName)
      << remark::add("{0} summands cancel in a pool and what it pools, {1} "
                     "factors are factors of the difference",
                     dropped, factors.size())
      << remark::metric("ops_saved",
                        dropped * difference.getType().getNumElements());
  difference.replaceAllUsesWith(result);
  weights.erase(difference);
}

namespace {
struct PoolDifference : vitrail::impl::PoolDifferenceBase<PoolDifference> {
  void runOnOperation() override {
    auto &weights = getAnalysis<WeightSide>();
    getOperation().walk([&](BinaryOp op) { cancel(op, weights); });
  }
};
} // namespace
