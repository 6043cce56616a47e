//===- FeatureUses.cpp - Who reads the last axis of a value ---------------===//
//
// Part of Vitrail, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "passes/simplify/FeatureUses.h"

using namespace mlir;
using namespace vitrail;

bool vitrail::movesTokens(Operation *op) {
  if (!isa<SliceOp, RearrangeOp, RollOp>(op))
    return false;
  auto from = cast<RankedTensorType>(op->getOperand(0).getType());
  auto to = cast<RankedTensorType>(op->getResult(0).getType());
  if (from.getRank() == 0 || to.getRank() == 0 ||
      from.getShape().back() != to.getShape().back())
    return false;
  return cast<DemandOpInterface>(op).getResultDim(0, from.getRank() - 1) ==
         to.getRank() - 1;
}

SmallVector<OpOperand *> vitrail::featureUses(Value value) {
  SmallVector<OpOperand *> uses;
  SmallVector<Value> worklist = {value};
  while (!worklist.empty()) {
    for (OpOperand &use : worklist.pop_back_val().getUses()) {
      if (movesTokens(use.getOwner()))
        worklist.push_back(use.getOwner()->getResult(0));
      else
        uses.push_back(&use);
    }
  }
  return uses;
}

Operation *vitrail::producer(Value value) {
  Operation *op = value.getDefiningOp();
  while (op && movesTokens(op))
    op = op->getOperand(0).getDefiningOp();
  return op;
}

LinearOp vitrail::linearInput(OpOperand &use) {
  auto linear = dyn_cast<LinearOp>(use.getOwner());
  return linear && &use == &linear.getInputMutable() ? linear : LinearOp();
}
