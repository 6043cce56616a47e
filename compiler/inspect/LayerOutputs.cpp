//===- LayerOutputs.cpp - The values that leave a model's layers ----------===//
//
// Part of Vitrail, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "compiler/inspect/LayerOutputs.h"
#include "llvm/ADT/MapVector.h"
#include "llvm/ADT/SetVector.h"

using namespace mlir;
using namespace vitrail;

/// Whether `scope` is `outer` or inside it.
static bool isWithin(StringRef scope, StringRef outer) {
  return scope.consume_front(outer) &&
         (scope.empty() || scope.starts_with("."));
}

/// The ops that depend on an argument of `function`, in order.
static llvm::SetVector<Operation *> runTimeOps(func::FuncOp function) {
  llvm::SetVector<Operation *> ops;
  for (Operation &op : function.getBody().front().without_terminator())
    if (op.getNumResults() == 1 &&
        llvm::any_of(op.getOperands(), [&](Value operand) {
          Operation *producer = operand.getDefiningOp();
          return !producer || ops.contains(producer);
        }))
      ops.insert(&op);
  return ops;
}

std::vector<LayerOutput> vitrail::layerOutputs(func::FuncOp function) {
  llvm::SetVector<Operation *> ops = runTimeOps(function);
  llvm::SetVector<StringRef> scopes;
  for (Operation *op : ops)
    if (StringRef scope = scopeName(op->getLoc()); !scope.empty())
      scopes.insert(scope);
  // Where a value leaves, by the layers it leaves.
  llvm::MapVector<StringRef, SmallVector<Value>> leaving;
  for (Operation *op : ops) {
    StringRef scope = scopeName(op->getLoc());
    for (StringRef layer : scopes)
      if (isWithin(scope, layer) &&
          isa<RankedTensorType>(op->getResultTypes().front()) &&
          llvm::any_of(op->getUsers(), [&](Operation *user) {
            return !isWithin(scopeName(user->getLoc()), layer);
          }))
        leaving[layer].push_back(op->getResult(0));
  }
  std::vector<LayerOutput> outputs;
  for (auto &[layer, values] : leaving)
    for (auto [i, value] : llvm::enumerate(values))
      outputs.push_back({values.size() == 1
                             ? layer.str()
                             : (layer + "-" + Twine(i + 1)).str(),
                         value});
  return outputs;
}
