//===- SplitMixerBias.cpp - Windows that need a mask, and others ----------===//
//
// Part of Vitrail, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "dialects/vitrail/VitrailDialect.h"
#include "passes/simplify/Passes.h"
#include "passes/simplify/Report.h"
#include "passes/simplify/WeightSide.h"
#include "llvm/ADT/STLExtras.h"
#include <set>

namespace vitrail {
#define GEN_PASS_DEF_SPLITMIXERBIAS
#include "passes/simplify/Passes.h.inc"
} // namespace vitrail

using namespace mlir;
using namespace vitrail;

namespace {

constexpr StringLiteral remarkName = "split-mixer-bias";
/// More parts than this are more launches than a smaller bias is worth.
constexpr int64_t mostParts = 16;

/// Ops through which the structure of a table is looked for.
bool isElementwise(Operation *op) { return isa<BinaryOp, UnaryOp>(op); }

/// Where along `axis` of a table one expression ends and another begins.
void collectCuts(Value table, int64_t axis, int64_t shift,
                 std::set<int64_t> &cuts) {
  Operation *op = table.getDefiningOp();
  if (!op || !(isElementwise(op) || isa<ConcatOp, BroadcastOp>(op)))
    return;
  auto demand = cast<DemandOpInterface>(op);
  auto concat = dyn_cast<ConcatOp>(op);
  bool cutsHere = concat && int64_t(concat.getAxis()) == axis;
  int64_t begin = shift;
  for (OpOperand &operand : op->getOpOperands()) {
    RankedTensorType type = typeOf(operand.get());
    if (cutsHere) {
      collectCuts(operand.get(), axis, begin, cuts);
      begin += type.getDimSize(axis);
      cuts.insert(begin);
      continue;
    }
    for (int64_t dim = 0; dim < type.getRank(); ++dim)
      if (demand.getResultDim(operand.getOperandNumber(), dim) == axis)
        collectCuts(operand.get(), dim, shift, cuts);
  }
}

/// The part `box` of a table, with axes along which it is a repetition of size
/// one.
Value shrink(OpBuilder &builder, Value table, const Box &box) {
  Operation *op = table.getDefiningOp();
  auto demand = dyn_cast_or_null<DemandOpInterface>(op);
  if (isa_and_nonnull<ConcatOp>(op)) {
    Value only;
    Box part;
    for (OpOperand &operand : op->getOpOperands()) {
      Box needed = demand.getOperandDemand(operand.getOperandNumber(), box);
      if (needed.empty())
        continue;
      if (only) // parts differ: an axis of its own size stays
        return extractBox(builder, table.getLoc(), table, box);
      only = operand.get();
      part = needed;
    }
    return shrink(builder, only, part);
  }
  if (auto broadcast = dyn_cast_or_null<BroadcastOp>(op))
    return shrink(builder, broadcast.getInput(),
                  demand.getOperandDemand(0, box));
  if (op && isElementwise(op)) {
    SmallVector<Value> operands;
    for (OpOperand &operand : op->getOpOperands())
      operands.push_back(
          shrink(builder, operand.get(),
                 demand.getOperandDemand(operand.getOperandNumber(), box)));
    if (auto unary = dyn_cast<UnaryOp>(op))
      return UnaryOp::create(builder, op->getLoc(), unary.getKind(),
                             operands[0]);
    return BinaryOp::create(builder, op->getLoc(), cast<BinaryOp>(op).getKind(),
                            operands[0], operands[1]);
  }
  return extractBox(builder, table.getLoc(), table, box);
}

/// Makes one mixer several, over boxes of its batch.
class Split {
public:
  Split(MixerOpInterface mixer, WeightSide &weights)
      : mixer(mixer), weights(weights) {}

  void run() {
    OpOperand *bias = mixer.getScoreBiasOperand();
    if (!bias || !weights.isFrozen(bias->get()) ||
        weights.isFrozen(mixer->getResult(0)))
      return;
    table = bias->get();
    result = typeOf(mixer->getResult(0));
    // Scores are [batch.., heads, queries, keys], the result without heads.
    int64_t batchAxes = result.getRank() - 2;
    lead = batchAxes + 3 - typeOf(table).getRank();
    int64_t parts = 1;
    for (int64_t axis = 0; axis < batchAxes; ++axis) {
      int64_t size = result.getDimSize(axis);
      std::set<int64_t> points;
      if (axis >= lead && typeOf(table).getDimSize(axis - lead) == size)
        collectCuts(table, axis - lead, 0, points);
      points.insert(0);
      points.insert(size);
      cuts.push_back(SmallVector<int64_t>(points.begin(), points.end()));
      parts *= cuts.back().size() - 1;
    }
    if (parts == 1)
      return;
    OpBuilder builder(mixer);
    SmallVector<Value> tables;
    int64_t elements = 0;
    forEachBox([&](const Box &box) {
      tables.push_back(shrink(builder, table, tableBox(box)));
      elements += typeOf(tables.back()).getNumElements();
    });
    int64_t saved = typeOf(table).getNumElements() - elements;
    if (parts > mostParts || saved == 0) {
      for (Value part : tables)
        if (part != table && part.use_empty())
          weights.erase(part.getDefiningOp());
      auto missed = reportMissed(mixer, remarkName);
      if (saved == 0)
        missed << remark::reason(
            "of {0} parts of what is added to the scores, none is repeated",
            parts);
      else
        missed << remark::reason(
            "what is added to the scores has {0} parts, more than {1}", parts,
            mostParts);
      return;
    }
    SmallVector<Value> results;
    forEachBox([&](const Box &box) {
      results.push_back(build(builder, box, tables[results.size()]));
    });
    Value whole = join(builder, results);
    reportApplied(mixer, remarkName)
        << remark::add("{0} mixers, each with what is added to its own scores",
                       parts)
        << remark::metric("bytes_saved",
                          saved * result.getElementTypeBitWidth() / 8);
    mixer->getResult(0).replaceAllUsesWith(whole);
    weights.erase(mixer);
  }

private:
  /// Calls `body` for all boxes of the result between cuts, the last axis
  /// fastest.
  void forEachBox(llvm::function_ref<void(const Box &)> body) {
    Box box = Box::all(result);
    visit(0, box, body);
  }

  void visit(size_t axis, Box &box,
             llvm::function_ref<void(const Box &)> body) {
    if (axis == cuts.size())
      return body(box);
    for (auto [from, to] :
         llvm::zip(cuts[axis], llvm::drop_begin(cuts[axis]))) {
      box.offsets[axis] = from;
      box.sizes[axis] = to - from;
      visit(axis + 1, box, body);
    }
  }

  /// The elements of the table that the batches of `box` read.
  Box tableBox(const Box &box) {
    Box part = Box::all(typeOf(table));
    for (int64_t axis = std::max<int64_t>(lead, 0); axis < result.getRank() - 2;
         ++axis) {
      if (typeOf(table).getDimSize(axis - lead) == 1)
        continue;
      part.offsets[axis - lead] = box.offsets[axis];
      part.sizes[axis - lead] = box.sizes[axis];
    }
    return part;
  }

  Value build(OpBuilder &builder, const Box &box, Value part) {
    Operation *copy = builder.clone(*mixer.getOperation());
    OpBuilder::InsertionGuard guard(builder);
    builder.setInsertionPoint(copy);
    OpOperand *bias = mixer.getScoreBiasOperand();
    for (OpOperand &operand : mixer->getOpOperands()) {
      if (&operand == bias) {
        copy->setOperand(operand.getOperandNumber(), part);
        continue;
      }
      Box needed = Box::all(typeOf(operand.get()));
      for (size_t axis = 0; axis < cuts.size(); ++axis) {
        needed.offsets[axis] = box.offsets[axis];
        needed.sizes[axis] = box.sizes[axis];
      }
      copy->setOperand(
          operand.getOperandNumber(),
          extractBox(builder, mixer->getLoc(), operand.get(), needed));
    }
    copy->getResult(0).setType(result.clone(box.sizes));
    return copy->getResult(0);
  }

  /// The results of all boxes as one, from the last batch axis to the first.
  Value join(OpBuilder &builder, SmallVector<Value> parts) {
    for (int64_t axis = int64_t(cuts.size()) - 1; axis >= 0; --axis) {
      int64_t count = cuts[axis].size() - 1;
      SmallVector<Value> joined;
      for (size_t first = 0; first < parts.size(); first += count)
        joined.push_back(count == 1
                             ? parts[first]
                             : Value(ConcatOp::create(
                                   builder, mixer->getLoc(),
                                   ArrayRef(parts).slice(first, count), axis)));
      parts = joined;
    }
    return parts.front();
  }

  MixerOpInterface mixer;
  WeightSide &weights;
  Value table;
  RankedTensorType result;
  int64_t lead = 0; // batch axes that the table does not have
  SmallVector<SmallVector<int64_t>> cuts;
};

struct SplitMixerBias : vitrail::impl::SplitMixerBiasBase<SplitMixerBias> {
  void runOnOperation() override {
    auto &weights = getAnalysis<WeightSide>();
    SmallVector<MixerOpInterface> mixers;
    getOperation().walk(
        [&](MixerOpInterface mixer) { mixers.push_back(mixer); });
    for (MixerOpInterface mixer : mixers)
      Split(mixer, weights).run();
  }
};

} // namespace
