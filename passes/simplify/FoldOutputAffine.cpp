//===- FoldOutputAffine.cpp - Factors and summands of results -------------===//
//
// Part of Vitrail, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "passes/simplify/Einsums.h"
#include "passes/simplify/FeatureUses.h"
#include "passes/simplify/LinearWeights.h"
#include "passes/simplify/Passes.h"
#include "passes/simplify/Report.h"

namespace vitrail {
#define GEN_PASS_DEF_FOLDOUTPUTAFFINE
#include "passes/simplify/Passes.h.inc"
} // namespace vitrail

using namespace mlir;
using namespace vitrail;

namespace {

constexpr StringLiteral remarkName = "fold-output-affine";

/// The part of a table that an op takes: its features from `begin` on.
struct Target {
  Operation *op;
  int64_t begin;
};

/// Moves one operation, a run-time value combined with a frozen table, into the
/// weights of the ops that make the value.
class Fold {
public:
  Fold(BinaryOp op, WeightSide &weights) : op(op), weights(weights) {
    value = op.getLhs();
    table = op.getRhs();
    bool commutes =
        op.getKind() == BinaryKind::Mul || op.getKind() == BinaryKind::Add;
    if (commutes && weights.isFrozen(value))
      std::swap(value, table);
  }

  void run() {
    bool isAffine = isFactor() || op.getKind() == BinaryKind::Add ||
                    op.getKind() == BinaryKind::Sub;
    if (!isAffine || weights.isFrozen(value) || !weights.isFrozen(table) ||
        value.getType() != op.getType())
      return;
    if (!collect(value, 0)) {
      if (obstacle)
        reportMissed(op, remarkName) << remark::reason("{0}", *obstacle);
      return;
    }
    for (const Target &target : targets)
      absorb(target);
    reportApplied(op, remarkName)
        << remark::add("{0} folded into the weights",
                       isFactor() ? "factors of a result"
                                  : "summands of a result")
        << remark::metric("ops_saved", op.getType().getNumElements());
    op.replaceAllUsesWith(value);
    weights.erase(op);
  }

private:
  bool isFactor() {
    return op.getKind() == BinaryKind::Mul || op.getKind() == BinaryKind::Div;
  }
  bool isByFeature() { return variesByFeature(typeOf(table)); }
  bool isNumber() { return typeOf(table).getNumElements() == 1; }

  /// Notes why the table does not go further; always false.
  bool stop(const Twine &reason) {
    obstacle = reason.str();
    return false;
  }

  /// Finds all ops whose weights make `from`, which is the features of the
  /// value from `begin` on. False if one cannot take the table.
  bool collect(Value from, int64_t begin) {
    Operation *producer = from.getDefiningOp();
    if (!producer)
      return false;
    if (AffineOp affine = AffineOp::from(producer)) {
      if (!isByFeature()) // a summand may be a table of its own
        return isFactor() && stop("the factor " + shapeString(typeOf(table)) +
                                  " varies from token to token");
      if (!from.hasOneUse())
        return stop("the result is also read without the table");
      if (!canRewriteWeights(weights, affine, table))
        return stop("the weight is computed at run time or of another element "
                    "type");
      targets.push_back({producer, begin});
      return true;
    }
    if (!from.hasOneUse())
      return producesWeights(from) &&
             stop("the result is also read without the table");
    if (auto einsum = dyn_cast<EinsumOp>(producer))
      return isFactor() && collectEinsum(einsum, begin);
    if (auto sum = dyn_cast<BinaryOp>(producer))
      return isFactor() && collectSum(sum, begin);
    if (!isByFeature())
      return false;
    bool moves = movesTokens(producer) ||
                 (isNumber() && isa<RearrangeOp, SliceOp, RollOp>(producer));
    if (moves || commutes(producer))
      return collect(producer->getOperand(0), begin);
    auto concat = dyn_cast<ConcatOp>(producer);
    if (!concat)
      return false;
    bool joinsFeatures =
        int64_t(concat.getAxis()) == typeOf(from).getRank() - 1;
    for (Value part : concat.getInputs()) {
      if (!collect(part, begin))
        return false;
      if (joinsFeatures)
        begin += typeOf(part).getShape().back();
    }
    return true;
  }

  static bool producesWeights(Value value) {
    return bool(AffineOp::from(producer(value)));
  }

  /// Whether `op` takes means over places, which factors and summands of
  /// features pass, or maxima, which only summands do.
  bool commutes(Operation *op) {
    ReduceKind kind;
    if (auto reduce = dyn_cast<ReduceOp>(op)) {
      kind = reduce.getKind();
      int64_t last = reduce.getInput().getType().getRank() - 1;
      if (llvm::is_contained(reduce.getAxes(), last))
        return false;
    } else if (auto pool = dyn_cast<PoolOp>(op)) {
      kind = pool.getKind();
      if (!isFactor() && pool.getCountPads() && pool.getWindow().isPadded())
        return false;
    } else {
      return false;
    }
    return kind == ReduceKind::Mean || (kind == ReduceKind::Sum) == isFactor();
  }

  /// A factor of a sum with another table is one of both.
  bool collectSum(BinaryOp sum, int64_t begin) {
    bool left = weights.isFrozen(sum.getLhs());
    bool isSum =
        sum.getKind() == BinaryKind::Add || sum.getKind() == BinaryKind::Sub;
    if (!isSum || left == weights.isFrozen(sum.getRhs()))
      return false;
    Value rest = left ? sum.getRhs() : sum.getLhs();
    if (rest.getType() != sum.getType() || !haveOneElementType({table, rest}) ||
        !collect(rest, begin))
      return false;
    targets.push_back({sum, begin});
    return true;
  }

  /// A factor for each index of a frozen operand is one of that operand: heads
  /// that are mixed by a matrix. A number is a factor of any operand: scores
  /// are scaled with the queries.
  bool collectEinsum(EinsumOp einsum, int64_t begin) {
    if (!haveOneElementType({table, einsum}))
      return false;
    if (frozenOperand(einsum)) {
      targets.push_back({einsum, begin});
      return true;
    }
    size_t before = targets.size();
    for (Value operand : einsum.getInputs()) {
      if (isNumber() && collect(operand, begin))
        return true;
      targets.truncate(before);
      obstacle.reset();
    }
    return false;
  }

  /// The operand of an einsum that has all indices along which the table
  /// varies.
  OpOperand *frozenOperand(EinsumOp einsum) {
    Contraction map = contractionOf(einsum);
    int64_t lead = map.resultRank - typeOf(table).getRank();
    for (OpOperand &operand : einsum->getOpOperands()) {
      ArrayRef<int64_t> indices =
          map.operandIndices[operand.getOperandNumber()];
      auto has = [&](auto axis) {
        return axis.value() == 1 ||
               llvm::is_contained(indices, lead + int64_t(axis.index()));
      };
      if (lead >= 0 && weights.isFrozen(operand.get()) &&
          llvm::all_of(llvm::enumerate(typeOf(table).getShape()), has))
        return &operand;
    }
    return nullptr;
  }

  void absorb(const Target &target) {
    weights.hoist(table, target.op);
    OpBuilder builder(target.op);
    Value part = table;
    int64_t features = typeOf(target.op->getResult(0)).getShape().back();
    if (typeOf(table).getRank() != 0 &&
        typeOf(table).getShape().back() > features) {
      Box box = Box::all(typeOf(table));
      box.offsets.back() = target.begin;
      box.sizes.back() = features;
      part = extractBox(builder, op.getLoc(), table, box);
    }
    if (AffineOp affine = AffineOp::from(target.op)) {
      part = asVector(builder, part);
      if (isFactor())
        scaleResult(affine, part, op.getKind());
      else
        shiftResult(affine, part, op.getKind());
    } else if (auto einsum = dyn_cast<EinsumOp>(target.op)) {
      scaleEinsum(builder, einsum, part);
    } else {
      auto sum = cast<BinaryOp>(target.op);
      OpOperand &other = weights.isFrozen(sum.getLhs()) ? sum.getLhsMutable()
                                                        : sum.getRhsMutable();
      other.set(BinaryOp::create(builder, op.getLoc(), op.getKind(),
                                 other.get(), part));
    }
  }

  void scaleEinsum(OpBuilder &builder, EinsumOp einsum, Value part) {
    OpOperand &operand = *frozenOperand(einsum);
    ArrayRef<int64_t> shape = typeOf(part).getShape();
    Contraction map = contractionOf(einsum);
    int64_t lead = map.resultRank - int64_t(shape.size());
    std::string from, to;
    auto append = [&](std::string &pattern, int64_t index) {
      bool varies =
          index >= lead && index < map.resultRank && shape[index - lead] != 1;
      pattern += (pattern.empty() ? "" : " ") +
                 (varies ? "x" + std::to_string(index) : std::string("1"));
    };
    for (int64_t index = lead; index < map.resultRank; ++index)
      append(from, index);
    for (int64_t index : map.operandIndices[operand.getOperandNumber()])
      append(to, index);
    Value factor =
        RearrangeOp::create(builder, op.getLoc(), part, from + " -> " + to,
                            builder.getDictionaryAttr({}));
    operand.set(BinaryOp::create(builder, op.getLoc(), op.getKind(),
                                 operand.get(), factor));
  }

  BinaryOp op;
  WeightSide &weights;
  Value value, table;
  SmallVector<Target> targets;
  std::optional<std::string> obstacle;
};

struct FoldOutputAffine
    : vitrail::impl::FoldOutputAffineBase<FoldOutputAffine> {
  void runOnOperation() override {
    auto &weights = getAnalysis<WeightSide>();
    getOperation().walk([&](BinaryOp op) { Fold(op, weights).run(); });
  }
};

} // namespace
