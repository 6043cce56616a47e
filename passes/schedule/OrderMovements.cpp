//===- OrderMovements.cpp - Rows move where that is addressing ------------===//
//
// Part of Vitrail, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Taking columns, joining columns and moving rows may change places. Which
// order needs no copy depends on how the rows move: through a view, by writing
// in place, or by gathering.
//
//===----------------------------------------------------------------------===//

#include "dialects/vitrail/Entries.h"
#include "passes/schedule/Addressing.h"
#include "passes/schedule/Passes.h"
#include "passes/schedule/Views.h"
#include "passes/simplify/WeightSide.h"

namespace vitrail {
#define GEN_PASS_DEF_ORDERMOVEMENTSPASS
#include "passes/schedule/Passes.h.inc"
} // namespace vitrail

using namespace mlir;
using namespace vitrail;

namespace {

/// Whether the op takes some columns of all rows, in whole panels.
bool takesColumns(SliceOp op) {
  return op && isView(op) &&
         op.getType().getShape().drop_back() ==
             op.getInput().getType().getShape().drop_back();
}

/// How an op moves rows: what two that do the same have in common.
bool moveAlike(Operation *a, Operation *b) {
  return a->getName() == b->getName() &&
         a->getAttrDictionary() == b->getAttrDictionary() &&
         typeOf(a->getOperand(0)).getShape().drop_back() ==
             typeOf(b->getOperand(0)).getShape().drop_back();
}

/// The rows of `x` moved as `mover` moves those of its operand.
Operation *moveRows(OpBuilder &builder, Operation *mover, Value x) {
  Operation *moved = builder.clone(*mover);
  moved->setOperand(0, x);
  SmallVector<int64_t> shape(typeOf(mover->getResult(0)).getShape());
  shape.back() = typeOf(x).getShape().back();
  moved->getResult(0).setType(typeOf(x).clone(shape));
  return moved;
}

/// Columns of `x` as `slice` takes them.
Value takeColumns(OpBuilder &builder, SliceOp slice, Value x) {
  SmallVector<int64_t> offsets(typeOf(x).getRank(), 0);
  SmallVector<int64_t> sizes(typeOf(x).getShape());
  offsets.back() = slice.getOffsets().back();
  sizes.back() = slice.getSizes().back();
  return SliceOp::create(builder, slice.getLoc(), x, offsets, sizes);
}

class OrderMovementsPass
    : public vitrail::impl::OrderMovementsPassBase<OrderMovementsPass> {
public:
  using OrderMovementsPassBase::OrderMovementsPassBase;

  void runOnOperation() override {
    func::FuncOp func = getOperation();
    if (!isEntry(func))
      return;
    WeightSide weights(func);
    weightSide = &weights;
    SmallVector<Operation *> movers;
    for (Operation &op : func.getBody().front())
      if (isMover(&op))
        movers.push_back(&op);
    for (Operation *mover : movers) {
      auto rearrange = dyn_cast<RearrangeOp>(mover);
      if (rearrange && isWrittenThrough(rearrange))
        moveBeforeSlice(rearrange);
      else if (!rearrange || !isView(rearrange))
        sliceBefore(mover);
    }
    SmallVector<ConcatOp> concats(func.getOps<ConcatOp>());
    for (ConcatOp concat : concats)
      moveBehindConcat(concat);
  }

private:
  bool isMover(Operation *op) {
    if (!isa<RearrangeOp, RollOp>(op) ||
        weightSide->isFrozen(op->getResult(0)) || !movesRows(op))
      return false;
    // A pattern may say how many columns there are.
    auto rearrange = dyn_cast<RearrangeOp>(op);
    if (!rearrange)
      return true;
    Rearrangement map = rearrangementOf(rearrange);
    auto [first, end] = map.operandAxes.back();
    return end - first == 1 &&
           map.resultAxes.back().second - map.resultAxes.back().first == 1 &&
           !rearrange.getSizes().contains(map.names[first]);
  }

  /// What is gathered is read part by part: the parts are views, and gathered
  /// by those who read them.
  void sliceBefore(Operation *mover) {
    SmallVector<SliceOp> slices;
    for (Operation *user : mover->getUsers()) {
      slices.push_back(dyn_cast<SliceOp>(user));
      if (!takesColumns(slices.back()))
        return;
    }
    for (SliceOp slice : slices) { // with the last goes the mover
      OpBuilder builder(slice);
      Value part = takeColumns(builder, slice, mover->getOperand(0));
      slice.replaceAllUsesWith(moveRows(builder, mover, part)->getResult(0));
      weightSide->erase(slice);
    }
  }

  /// What is written in place is written as a whole; a part of it is a view.
  void moveBeforeSlice(RearrangeOp mover) {
    auto slice = mover.getInput().getDefiningOp<SliceOp>();
    if (!takesColumns(slice))
      return;
    Value whole = slice.getInput();
    Operation *producer = whole.getDefiningOp();
    if (!producer ||
        isa<SliceOp, RearrangeOp, RollOp, ConcatOp, FromU8Op>(producer))
      return;
    // There is one place to write to.
    for (Operation *user : whole.getUsers())
      if (!isa<SliceOp>(user) && !moveAlike(user, mover))
        return;
    Operation *&moved = writtenAs[whole];
    if (moved && !moveAlike(moved, mover))
      return;
    OpBuilder builder(mover);
    if (!moved) {
      builder.setInsertionPointAfter(producer);
      moved = moveRows(builder, mover, whole);
      builder.setInsertionPoint(mover);
    }
    mover.replaceAllUsesWith(takeColumns(builder, slice, moved->getResult(0)));
    weightSide->erase(mover);
  }

  /// Columns that are joined are written in place, which a view of what was
  /// written cannot be.
  void moveBehindConcat(ConcatOp concat) {
    int64_t last = concat.getType().getRank() - 1;
    if (int64_t(concat.getAxis()) != last || !isView(concat) ||
        weightSide->isFrozen(concat.getResult()))
      return;
    Operation *first = concat.getInputs().front().getDefiningOp();
    SmallVector<Value> parts;
    for (Value input : concat.getInputs()) {
      auto mover = input.getDefiningOp<RearrangeOp>();
      if (!mover || !isMover(mover) || !isView(mover) ||
          !moveAlike(first, mover))
        return;
      parts.push_back(mover.getInput());
    }
    OpBuilder builder(concat);
    Value joined = ConcatOp::create(builder, concat.getLoc(), parts,
                                    typeOf(parts.front()).getRank() - 1);
    concat.replaceAllUsesWith(moveRows(builder, first, joined)->getResult(0));
    weightSide->erase(concat);
  }

  WeightSide *weightSide = nullptr;
  /// What the rows of a tensor are moved to as they are written.
  DenseMap<Value, Operation *> writtenAs;
};

} // namespace
