//===- DeadTokens.cpp - Computes only what is read ------------------------===//
//
// Part of Vitrail, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "dialects/vitrail/VitrailDialect.h"
#include "passes/simplify/Passes.h"
#include "passes/simplify/Report.h"

namespace vitrail {
#define GEN_PASS_DEF_DEADTOKENS
#include "passes/simplify/Passes.h.inc"
} // namespace vitrail

using namespace mlir;
using namespace vitrail;

namespace {

/// What stands for a value after the rewrite: the part of it that `box` names.
struct Part {
  Value value;
  Box box;
};

class TokenCutter {
public:
  explicit TokenCutter(func::FuncOp function) : function(function) {}

  void run() {
    Block &body = function.getBody().front();
    for (Operation &op : llvm::reverse(body))
      analyze(op);
    int64_t before = 0;
    for (Operation &op : llvm::make_early_inc_range(body)) {
      before += macs(&op);
      rewrite(op);
    }
    for (Operation *op : llvm::reverse(replaced))
      op->erase();
    report(before);
  }

private:
  static int64_t macs(Operation *op) {
    auto cost = dyn_cast<CostOpInterface>(op);
    return cost ? cost.getMacs() : 0;
  }

  /// Ops whose result can be computed in part. A result without elements has no
  /// box to speak of and stays as it is.
  static DemandOpInterface divisible(Operation &op) {
    auto demandOp = dyn_cast<DemandOpInterface>(op);
    if (!demandOp || op.getNumResults() != 1 || op.getNumRegions() != 0 ||
        typeOf(op.getResult(0)).getNumElements() == 0)
      return {};
    return demandOp;
  }

  void demand(Value value, const Box &box) {
    auto [entry, added] = demands.try_emplace(value, box);
    if (!added)
      entry->second = entry->second.unite(box);
  }

  Box demandOf(Value value) {
    auto entry = demands.find(value);
    return entry == demands.end() ? Box::none(typeOf(value)) : entry->second;
  }

  /// All users of `op` were seen: its demand is final, and what it reads for it
  /// joins the demands of its operands.
  void analyze(Operation &op) {
    if (DemandOpInterface demandOp = divisible(op)) {
      Box box = demandOf(op.getResult(0));
      for (OpOperand &operand : op.getOpOperands())
        demand(operand.get(),
               demandOp.getOperandDemand(operand.getOperandNumber(), box));
      return;
    }
    op.walk([&](Operation *inner) {
      for (Value operand : inner->getOperands())
        if (auto type = dyn_cast<RankedTensorType>(operand.getType()))
          demand(operand, Box::all(type));
    });
  }

  /// The elements `box` of `value`, taken from the part of it that exists.
  Value take(OpBuilder &builder, Location loc, Value value, Box box) {
    auto part = parts.find(value);
    if (part == parts.end())
      return extractBox(builder, loc, value, box);
    for (auto [offset, start] :
         llvm::zip_equal(box.offsets, part->second.box.offsets))
      offset -= start;
    return extractBox(builder, loc, part->second.value, box);
  }

  void rewrite(Operation &op) {
    DemandOpInterface demandOp = divisible(op);
    if (!demandOp)
      return; // reads whole values, which keep their uses
    Value result = op.getResult(0);
    Box box = demandOf(result);
    bool whole = box.covers(typeOf(result));
    if (whole && llvm::none_of(op.getOperands(), [&](Value operand) {
          return parts.contains(operand);
        }))
      return;
    replaced.push_back(&op);
    int64_t old = macs(&op), now = 0;
    if (!box.empty()) {
      Value part = build(demandOp, box, now);
      if (whole)
        result.replaceAllUsesWith(part);
      else
        parts[result] = {part, box};
    }
    saved += old - now;
    if (old != now)
      reportApplied(&op, "dead-tokens")
          << remark::add("computes {0} of {1}",
                         box.empty() ? "none" : shapeString(box.sizes),
                         shapeString(result.getType()))
          << remark::metric("macs_saved", old - now);
  }

  Value build(DemandOpInterface op, const Box &box, int64_t &cost) {
    OpBuilder builder(op);
    Operation *last = op->getPrevNode();
    SmallVector<Value> operands;
    for (OpOperand &operand : op->getOpOperands()) {
      Box needed = op.getOperandDemand(operand.getOperandNumber(), box);
      operands.push_back(
          needed.empty() ? Value()
                         : take(builder, op->getLoc(), operand.get(), needed));
    }
    Value part = op.buildBox(builder, box, operands);
    Block *block = op->getBlock();
    for (auto it = last ? std::next(last->getIterator()) : block->begin();
         &*it != op; ++it)
      cost += macs(&*it);
    return part;
  }

  void report(int64_t before) {
    if (saved > 0)
      reportApplied(function, "dead-tokens")
          << remark::add("saves {0:N} of {1:N} multiply-accumulates ({2:F2} %)",
                         saved, before, 100.0 * saved / before)
          << remark::metric("macs_saved", saved);
    else
      reportMissed(function, "dead-tokens") << remark::reason(
          "what is read of every linear and mixer is all of it");
  }

  func::FuncOp function;
  DenseMap<Value, Box> demands;
  DenseMap<Value, Part> parts;
  SmallVector<Operation *> replaced;
  int64_t saved = 0;
};

struct DeadTokens : vitrail::impl::DeadTokensBase<DeadTokens> {
  void runOnOperation() override {
    if (llvm::hasSingleElement(getOperation().getBody()))
      TokenCutter(getOperation()).run();
  }
};

} // namespace
