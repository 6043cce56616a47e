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
  return isa_and_nonnull<RearrangeOp, RollOp, UnfoldOp, BroadcastOp>(op);
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

/// The first operand of an elementwise op that has its result's shape and is
/// moved by what `isCounted` accepts.
static OpOperand *movedOperand(Operation *op,
                               function_ref<bool(Operation *)> isCounted) {
  for (OpOperand &operand : op->getOpOperands()) {
    Operation *moving = operand.get().getDefiningOp();
    if (isa_and_nonnull<RearrangeOp, RollOp, UnfoldOp>(moving) &&
        operand.get().getType() == op->getResult(0).getType() &&
        isCounted(moving))
      return &operand;
  }
  return nullptr;
}

OpOperand *vitrail::gatheredOperand(Operation *op) {
  if (auto linear = dyn_cast<LinearOp>(op))
    return &linear.getInputMutable();
  if (isa<UnaryOp, BinaryOp>(op))
    return movedOperand(op, [](Operation *) { return true; });
  auto norm = dyn_cast<NormOp>(op);
  bool isAlongRows =
      norm && int64_t(norm.getAxis()) == norm.getType().getRank() - 1;
  return isAlongRows ? &norm.getInputMutable() : nullptr;
}

/// Whether the op leaves the order of elements as it is.
static bool isReshape(RearrangeOp op) {
  Rearrangement map = rearrangementOf(op);
  SmallVector<int64_t> large;
  for (int64_t axis : map.permutation)
    if (map.splitShape[axis] != 1)
      large.push_back(axis);
  return llvm::is_sorted(large);
}

/// Whether kernels can unfold by windows of this rank.
static bool canUnfold(UnfoldOp op) { return op.getWindow().rank() <= 2; }

NormOp vitrail::gatheredNorm(LinearOp linear) {
  Value rows = linear.getInput();
  auto isKept = [](RearrangeOp op) {
    return op && op->hasOneUse() && movesRows(op) && isReshape(op);
  };
  while (isKept(rows.getDefiningOp<RearrangeOp>()))
    rows = rows.getDefiningOp()->getOperand(0);
  auto norm = rows.getDefiningOp<NormOp>();
  if (!norm || !norm->hasOneUse() || norm.getGain() || norm.getBias() ||
      !gatheredOperand(norm))
    return {};
  Operation *moved = norm.getInput().getDefiningOp();
  while (isa_and_nonnull<RearrangeOp, RollOp>(moved) && moved->hasOneUse() &&
         movesRows(moved))
    moved = moved->getOperand(0).getDefiningOp();
  auto unfold = dyn_cast_if_present<UnfoldOp>(moved);
  return unfold && unfold->hasOneUse() && canUnfold(unfold) ? norm : NormOp();
}

RepeatedChannels vitrail::repeatedChannels(Value map) {
  RepeatedChannels none{map, 1, {}};
  auto join = map.getDefiningOp<RearrangeOp>();
  auto repeat =
      join ? join.getInput().getDefiningOp<BroadcastOp>() : BroadcastOp();
  auto split =
      repeat ? repeat.getInput().getDefiningOp<RearrangeOp>() : RearrangeOp();
  if (!split || !isReshape(join) || !isReshape(split))
    return none;
  // [..., C] as [..., C, 1], [..., C, times], [..., C · times].
  int64_t times = repeat.getType().getShape().back();
  SmallVector<int64_t> shape(split.getInput().getType().getShape());
  shape.push_back(1);
  bool isSplit = split.getType().getShape() == ArrayRef(shape);
  shape.back() = times;
  bool isRepeated = repeat.getType().getShape() == ArrayRef(shape);
  shape.pop_back();
  shape.back() *= times;
  bool isJoined = join.getType().getShape() == ArrayRef(shape);
  // What a panel repeats is a part of a panel.
  if (!isSplit || !isRepeated || !isJoined || panelWidth % times != 0)
    return none;
  return {split.getInput(), times, {split, repeat, join}};
}

namespace {
/// What a chain may still have before the ops that are known of it.
enum class Chain { None, Rows, Any };
} // namespace

AddressingOps::AddressingOps(func::FuncOp func, Predicate isRunTime,
                             Predicate isView, Predicate isFirst) {
  Block &block = func.getBody().front();
  for (Operation &op : block) {
    if (!isa<UnaryOp, BinaryOp>(op) || !isFirst(&op))
      continue;
    OpOperand *operand =
        movedOperand(&op, [&](Operation *moving) { return !isView(moving); });
    elementwise[&op] = operand ? operand : gatheredOperand(&op);
  }
  // From what gathers upwards.
  DenseMap<Operation *, Chain> before;
  for (Operation &op : llvm::reverse(block)) {
    if (!isAddressingKind(&op) || !isRunTime(&op) || op.use_empty())
      continue;
    Chain allowed = Chain::Any;
    for (OpOperand &use : op.getUses()) {
      OpOperand *gathered = operandOf(use.getOwner());
      if (gathered && gathered->get() == use.get())
        continue;
      auto found = before.find(use.getOwner());
      allowed = std::min(allowed,
                         found == before.end() ? Chain::None : found->second);
    }
    if (allowed == Chain::None)
      continue;
    if (auto unfold = dyn_cast<UnfoldOp>(op)) {
      if (allowed == Chain::Any && canUnfold(unfold))
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
  for (auto conv : block.getOps<DepthwiseConvOp>())
    addRepetition(conv, isRunTime);
}

/// The operand that `op` gathers, as far as it may.
OpOperand *AddressingOps::operandOf(Operation *op) const {
  return isa<UnaryOp, BinaryOp>(op) ? elementwise.lookup(op)
                                    : gatheredOperand(op);
}

/// Adds what repeats the channels of a map that only convolutions read.
void AddressingOps::addRepetition(DepthwiseConvOp conv, Predicate isRunTime) {
  RepeatedChannels map = repeatedChannels(conv.getInput());
  bool areAlone = llvm::all_of(map.ops, [&](Operation *op) {
    return isRunTime(op) && llvm::all_of(op->getUses(), [&](OpOperand &use) {
             return op == map.ops.back()
                        ? isa<DepthwiseConvOp>(use.getOwner()) &&
                              use.getOperandNumber() == 0
                        : llvm::is_contained(map.ops, use.getOwner());
           });
  });
  if (areAlone)
    ops.insert(map.ops.begin(), map.ops.end());
}

SmallVector<Operation *> AddressingOps::chainOf(Operation *op) const {
  SmallVector<Operation *> chain;
  if (auto conv = dyn_cast<DepthwiseConvOp>(op)) {
    llvm::copy_if(repeatedChannels(conv.getInput()).ops,
                  std::back_inserter(chain),
                  [&](Operation *moving) { return contains(moving); });
    return chain;
  }
  OpOperand *operand = operandOf(op);
  for (Operation *moving = operand ? operand->get().getDefiningOp() : nullptr;
       moving && contains(moving);
       moving = moving->getOperand(0).getDefiningOp())
    chain.push_back(moving);
  std::reverse(chain.begin(), chain.end());
  return chain;
}
