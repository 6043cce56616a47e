//===- FoldEmbedding.cpp - Frozen tables meet as early as possible --------===//
//
// Part of Vitrail, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "dialects/vitrail/VitrailDialect.h"
#include "passes/simplify/LinearWeights.h"
#include "passes/simplify/Passes.h"
#include "passes/simplify/Report.h"

namespace vitrail {
#define GEN_PASS_DEF_FOLDEMBEDDING
#include "passes/simplify/Passes.h.inc"
} // namespace vitrail

using namespace mlir;
using namespace vitrail;

namespace {

constexpr StringLiteral remarkName = "fold-embedding";

/// Rewrites sums and products of a run-time value and a frozen table. Ops are
/// visited in program order, those that a rewrite creates next, so that what is
/// erased has been visited.
class TableFolder {
public:
  explicit TableFolder(WeightSide &weights) : weights(weights) {}

  void run(func::FuncOp function) {
    function.walk([&](BinaryOp op) { worklist.push_back(op); });
    std::reverse(worklist.begin(), worklist.end());
    while (!worklist.empty())
      visit(worklist.pop_back_val());
  }

private:
  void visit(BinaryOp op) {
    if (op.getKind() != BinaryKind::Add && op.getKind() != BinaryKind::Mul)
      return;
    if (weights.isFrozen(op.getResult()))
      return sinkBroadcast(op);
    auto [value, table] = split(op);
    if (!table || value.getType() != op.getType())
      return;
    if (auto inner = value.getDefiningOp<BinaryOp>())
      joinTables(op, inner, table);
    else if (auto linear = value.getDefiningOp<LinearOp>())
      joinBias(op, linear, table);
    else if (auto concat = value.getDefiningOp<ConcatOp>())
      splitAtConcat(op, concat, table);
  }

  /// The run-time and the frozen operand of an op that has one of each.
  std::pair<Value, Value> split(BinaryOp op) {
    bool left = weights.isFrozen(op.getLhs());
    if (left == weights.isFrozen(op.getRhs()))
      return {};
    return left ? std::pair<Value, Value>(op.getRhs(), op.getLhs())
                : std::pair<Value, Value>(op.getLhs(), op.getRhs());
  }

  void replace(BinaryOp op, Value value, const char *what, int64_t saved) {
    reportApplied(op, remarkName)
        << remark::add(what) << remark::metric("ops_saved", saved);
    op.replaceAllUsesWith(value);
    weights.erase(op);
  }

  /// `lhs` and `rhs` combined, unless the result would be larger than both.
  Value combine(OpBuilder &builder, BinaryOp op, Value lhs, Value rhs) {
    auto table = BinaryOp::create(builder, op.getLoc(), op.getKind(), lhs, rhs);
    if (table.getType().getNumElements() >
        std::max(typeOf(lhs).getNumElements(), typeOf(rhs).getNumElements())) {
      weights.erase(table);
      return {};
    }
    return table;
  }

  /// (x + t) + u = x + (t + u), and likewise for products.
  void joinTables(BinaryOp op, BinaryOp inner, Value table) {
    auto [value, innerTable] = split(inner);
    if (inner.getKind() != op.getKind() || !innerTable || !inner->hasOneUse())
      return;
    OpBuilder builder(op);
    Value both = combine(builder, op, innerTable, table);
    if (!both)
      return;
    auto result =
        BinaryOp::create(builder, op.getLoc(), op.getKind(), value, both);
    // The value alone may be smaller than with the inner table.
    worklist.push_back(result);
    replace(op, result, "two tables are one", op.getType().getNumElements());
  }

  /// (W x + b) + t = W x + (b + t); a table that is the same for all tokens is
  /// a bias itself.
  void joinBias(BinaryOp op, LinearOp linear, Value table) {
    if (op.getKind() != BinaryKind::Add ||
        !canRewriteWeights(weights, linear, table))
      return;
    int64_t features = linear.getOutputFeatures();
    int64_t size = typeOf(table).getNumElements();
    bool isBias = size == 1 || (size == features &&
                                typeOf(table).getShape().back() == features);
    if (!isBias && !linear.getBias())
      return;
    if (!linear->hasOneUse()) {
      reportMissed(op, remarkName)
          << remark::reason("the linear before it has other users");
      return;
    }
    OpBuilder builder(op);
    Value bias = linear.getBias();
    if (isBias) {
      table = asVector(builder, op.getLoc(), table, features);
      bias = bias ? combine(builder, op, bias, table) : table;
    } else {
      table = combine(builder, op, bias, table);
      bias = {};
    }
    if (!table)
      return;
    Value result =
        LinearOp::create(builder, linear.getLoc(), linear.getInput(),
                         linear.getWeight(), bias, linear.getTransposed());
    if (!isBias)
      result = BinaryOp::create(builder, op.getLoc(), BinaryKind::Add, result,
                                table);
    replace(op, result,
            isBias ? "the table is the linear's bias"
                   : "the linear's bias is part of the table",
            op.getType().getNumElements());
  }

  /// A table with one row, or one element for all, as a vector.
  static Value asVector(OpBuilder &builder, Location loc, Value table,
                        int64_t features) {
    if (typeOf(table).getNumElements() == 1) {
      std::string ones;
      for (int64_t i = 0; i < typeOf(table).getRank(); ++i)
        ones += "1 ";
      table = rearrange(builder, loc, table, ones + "->");
      return BroadcastOp::create(builder, loc, table, features);
    }
    std::string ones;
    for (int64_t i = 1; i < typeOf(table).getRank(); ++i)
      ones += "1 ";
    return rearrange(builder, loc, table, ones + "n -> n");
  }

  static Value rearrange(OpBuilder &builder, Location loc, Value value,
                         const Twine &pattern) {
    return builder.createOrFold<RearrangeOp>(loc, value, pattern.str(),
                                             builder.getDictionaryAttr({}));
  }

  /// Whether a table added to `part` has something to join.
  bool absorbs(BinaryOp op, Value part) {
    if (weights.isFrozen(part))
      return true;
    if (!part.hasOneUse())
      return false;
    if (auto inner = part.getDefiningOp<BinaryOp>())
      return inner.getKind() == op.getKind() && split(inner).second;
    auto linear = part.getDefiningOp<LinearOp>();
    return linear && op.getKind() == BinaryKind::Add && linear.getBias() &&
           canRewriteWeights(weights, linear);
  }

  /// concat(a, b) + t = concat(a + t[a], b + t[b]), where that brings the table
  /// next to a token or a bias that it can join.
  void splitAtConcat(BinaryOp op, ConcatOp concat, Value table) {
    if (!concat->hasOneUse() ||
        llvm::none_of(concat.getInputs(),
                      [&](Value part) { return absorbs(op, part); })) {
      reportMissed(op, remarkName) << remark::reason(
          "no part of the concatenation before it has a table to join");
      return;
    }
    OpBuilder builder(op);
    int64_t axis = concat.getAxis();
    int64_t tableAxis =
        axis - (op.getType().getRank() - typeOf(table).getRank());
    bool varies = tableAxis >= 0 && typeOf(table).getDimSize(tableAxis) != 1;
    Box rows = Box::all(typeOf(table));
    int64_t begin = 0, saved = 0;
    SmallVector<Value> parts;
    for (Value part : concat.getInputs()) {
      int64_t size = typeOf(part).getDimSize(axis);
      if (varies) {
        rows.offsets[tableAxis] = begin;
        rows.sizes[tableAxis] = size;
      }
      begin += size;
      auto sum =
          BinaryOp::create(builder, op.getLoc(), op.getKind(), part,
                           extractBox(builder, op.getLoc(), table, rows));
      if (weights.isFrozen(sum.getResult()))
        saved += sum.getType().getNumElements();
      parts.push_back(sum);
    }
    for (Value part : llvm::reverse(parts))
      worklist.push_back(part.getDefiningOp<BinaryOp>());
    // A new op holds the parts now, so that each has one use again.
    Value result = ConcatOp::create(builder, concat.getLoc(), parts, axis);
    replace(op, result, "the table is divided among the parts it is added to",
            saved);
  }

  /// Frozen tables are kept as small as they are: what is repeated for each
  /// sample of the batch is repeated last.
  void sinkBroadcast(BinaryOp op) {
    for (OpOperand &operand : op->getOpOperands()) {
      auto broadcast = operand.get().getDefiningOp<BroadcastOp>();
      if (!broadcast)
        continue;
      SmallVector<Value, 2> operands(op->getOperands());
      operands[operand.getOperandNumber()] = broadcast.getInput();
      OpBuilder builder(op);
      auto small = BinaryOp::create(builder, op.getLoc(), op.getKind(),
                                    operands[0], operands[1]);
      if (small.getType() == op.getType()) {
        weights.erase(small);
        continue;
      }
      worklist.push_back(small);
      Value result = BroadcastOp::create(builder, op.getLoc(), small,
                                         op.getType().getShape());
      op.replaceAllUsesWith(result);
      weights.erase(op);
      return;
    }
  }

  WeightSide &weights;
  SmallVector<BinaryOp> worklist;
};

struct FoldEmbedding : vitrail::impl::FoldEmbeddingBase<FoldEmbedding> {
  void runOnOperation() override {
    if (llvm::hasSingleElement(getOperation().getBody()))
      TableFolder(getAnalysis<WeightSide>()).run(getOperation());
  }
};

} // namespace
