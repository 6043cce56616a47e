//===- Addressing.cpp - Ops that become the addressing of others ----------===//
//
// Part of Vitrail, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "passes/schedule/Addressing.h"
#include "passes/schedule/Views.h"

using namespace mlir;
using namespace vitrail;

bool vitrail::isAddressingKind(Operation *op) {
  return isa<RearrangeOp, RollOp, UnfoldOp>(op);
}

bool vitrail::movesRows(Operation *op) {
  if (auto roll = dyn_cast<RollOp>(op))
    return roll.getShifts().back() == 0;
  auto rearrange = dyn_cast<RearrangeOp>(op);
  if (!rearrange)
    return false;
  Rearrangement map = rearrangementOf(rearrange);
  if (map.operandAxes.empty() || map.resultAxes.empty())
    return false;
  // Of the last axes, one split axis is larger than one: the same.
  auto large = [&](auto axes, auto axisAt) {
    SmallVector<int64_t> found;
    for (int64_t i = axes.first; i < axes.second; ++i)
      if (map.splitShape[axisAt(i)] != 1)
        found.push_back(axisAt(i));
    return found;
  };
  auto from = large(map.operandAxes.back(), [](int64_t i) { return i; });
  auto to = large(map.resultAxes.back(),
                  [&](int64_t i) { return map.permutation[i]; });
  return from == to && from.size() < 2;
}

OpOperand *vitrail::gatheredOperand(Operation *op) {
  if (auto linear = dyn_cast<LinearOp>(op))
    return &linear.getInputMutable();
  auto norm = dyn_cast<NormOp>(op);
  bool isAlongRows =
      norm && int64_t(norm.getAxis()) == norm.getType().getRank() - 1;
  return isAlongRows ? &norm.getInputMutable() : nullptr;
}

namespace {
/// What a chain may still have before the ops that are known of it.
enum class Chain { None, Rows, Any };
} // namespace

/// Whether kernels can unfold by windows of this rank.
static bool canUnfold(UnfoldOp op) { return op.getWindow().rank() <= 2; }

AddressingOps::AddressingOps(func::FuncOp func,
                             llvm::function_ref<bool(Operation *)> isRunTime,
                             llvm::function_ref<bool(Operation *)> isView) {
  // From what gathers upwards.
  DenseMap<Operation *, Chain> before;
  Block &block = func.getBody().front();
  for (Operation &op : llvm::reverse(block)) {
    if (!isAddressingKind(&op) || !isRunTime(&op) || op.use_empty())
      continue;
    Chain allowed = Chain::Any;
    bool atEnd = true;
    for (OpOperand &use : op.getUses()) {
      if (gatheredOperand(use.getOwner()) == &use)
        continue;
      atEnd = false;
      auto found = before.find(use.getOwner());
      allowed = std::min(allowed,
                         found == before.end() ? Chain::None : found->second);
    }
    if (allowed == Chain::None)
      continue;
    if (auto unfold = dyn_cast<UnfoldOp>(op)) {
      if (atEnd && canUnfold(unfold))
        before[&op] = Chain::Any;
    } else if (movesRows(&op)) {
      before[&op] = allowed;
    } else if (isa<RearrangeOp>(op) && allowed == Chain::Any) {
      before[&op] = Chain::Rows;
    }
  }
  // From what is read downwards: views need no kernel's help.
  for (Operation &op : block)
    if (before.contains(&op) &&
        (!isView(&op) || ops.contains(op.getOperand(0).getDefiningOp())))
      ops.insert(&op);
}

SmallVector<Operation *> AddressingOps::chainOf(Operation *op) const {
  SmallVector<Operation *> chain;
  OpOperand *operand = gatheredOperand(op);
  for (Operation *moving = operand ? operand->get().getDefiningOp() : nullptr;
       moving && contains(moving);
       moving = moving->getOperand(0).getDefiningOp())
    chain.push_back(moving);
  std::reverse(chain.begin(), chain.end());
  return chain;
}
