//===- FrozenTable.cpp - What the compiler computes of weights ------------===//
//
// Part of Vitrail, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "passes/schedule/FrozenTable.h"
#include "mlir/IR/Dominance.h"
#include "mlir/IR/IRMapping.h"
#include "mlir/IR/PatternMatch.h"
#include "mlir/Transforms/CSE.h"
#include "passes/schedule/Passes.h"
#include "passes/simplify/WeightSide.h"

using namespace mlir;
using namespace vitrail;

int64_t FrozenTable::number(Value value, Panels panels) {
  return numbers
      .insert({{value, {panels.axis, panels.width}}, int64_t(numbers.size())})
      .first->second;
}

void FrozenTable::buildFreeze(ArrayRef<func::FuncOp> entries,
                              Operation *before) {
  OpBuilder builder(before);
  Location loc = before->getLoc();
  auto freeze = func::FuncOp::create(builder, loc, freezeName,
                                     builder.getFunctionType({}, {}));
  builder.setInsertionPointToStart(freeze.addEntryBlock());
  IRMapping mapping;
  for (func::FuncOp entry : entries) {
    WeightSide weights(entry);
    for (Operation &op : entry.getBody().front())
      if (op.getNumResults() == 1 && weights.isFrozen(op.getResult(0)))
        builder.clone(op, mapping);
  }
  SmallVector<Value> packed;
  for (auto &[key, number] : numbers) {
    Value value = mapping.lookup(key.first);
    auto [axis, width] = key.second;
    packed.push_back(
        PackOp::create(builder, value.getLoc(), value, axis, width));
  }
  auto end = func::ReturnOp::create(builder, loc, packed);

  IRRewriter rewriter(builder);
  DominanceInfo dominance(freeze);
  eliminateCommonSubExpressions(rewriter, dominance, freeze);
  llvm::SetVector<Value> unique;
  for (Value value : end.getOperands()) {
    unique.insert(value);
    results.push_back(llvm::find(unique, value) - unique.begin());
  }
  end->setOperands(unique.getArrayRef());
  freeze.setFunctionType(builder.getFunctionType(
      {}, SmallVector<Type>(ValueRange(unique.getArrayRef()).getTypes())));
}
