//===- FoldInputAffine.cpp - Factors and summands into gathering linears --===//
//
// Part of Vitrail, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "dialects/vitrail/Einops.h"
#include "passes/simplify/FeatureUses.h"
#include "passes/simplify/LinearWeights.h"
#include "passes/simplify/Passes.h"
#include "passes/simplify/Report.h"

namespace vitrail {
#define GEN_PASS_DEF_FOLDINPUTAFFINE
#include "passes/simplify/Passes.h.inc"
} // namespace vitrail

using namespace mlir;
using namespace vitrail;

namespace {

constexpr StringLiteral remarkName = "fold-input-affine";

RankedTensorType typeOf(Value value) {
  return cast<RankedTensorType>(value.getType());
}

/// A linear that reads a value through rearrangements alone.
struct Reader {
  LinearOp linear;
  SmallVector<RearrangeOp> path;
};

/// The axes along which a rearrangement's result varies if its operand varies
/// along `axes`.
SmallVector<bool> variesBehind(RearrangeOp op, ArrayRef<bool> axes) {
  Rearrangement map = llvm::cantFail(parseRearrange(
      op.getPattern(), op.getInput().getType().getShape(), op.getSizes()));
  SmallVector<bool> split(map.splitShape.size());
  for (auto [varies, range] : llvm::zip_equal(axes, map.operandAxes))
    std::fill(split.begin() + range.first, split.begin() + range.second,
              varies);
  SmallVector<bool> result;
  for (auto [begin, end] : map.resultAxes)
    result.push_back(llvm::any_of(
        ArrayRef(map.permutation).slice(begin, end - begin), [&](int64_t axis) {
          return split[axis] && map.splitShape[axis] != 1;
        }));
  return result;
}

/// Moves one operation, a sum or product of a run-time value and a frozen
/// table, into the weights of all linears that read it.
class Fold {
public:
  Fold(BinaryOp op, WeightSide &weights) : op(op), weights(weights) {
    bool left = weights.isFrozen(op.getLhs());
    if (left == weights.isFrozen(op.getRhs()))
      return;
    table = left ? op.getLhs() : op.getRhs();
    value = left ? op.getRhs() : op.getLhs();
  }

  void run() {
    bool isAffine =
        op.getKind() == BinaryKind::Mul || op.getKind() == BinaryKind::Add;
    if (!isAffine || !table || value.getType() != op.getType())
      return;
    SmallVector<Reader> readers;
    if (!collect(op.getResult(), {}, readers) || readers.empty())
      return;
    for (const Reader &reader : readers) {
      if (!canRewriteWeights(weights, reader.linear, table))
        return missed("the weight of a linear behind it is computed at run "
                      "time or of another element type");
      if (!isByFeature(reader))
        return missed("the table is not the same for all rows of a linear");
    }
    for (const Reader &reader : readers) {
      Value features = tableOf(reader);
      if (op.getKind() == BinaryKind::Mul)
        absorbInputGain(reader.linear, features);
      else
        absorbInputShift(reader.linear, features);
    }
    reportApplied(op, remarkName)
        << remark::add("{0} folded into the weights of linears",
                       op.getKind() == BinaryKind::Mul ? "factors" : "summands")
        << remark::metric("linears", readers.size())
        << remark::metric("ops_saved", op.getType().getNumElements());
    op.replaceAllUsesWith(value);
    weights.erase(op);
  }

private:
  void missed(const char *reason) {
    reportMissed(op, remarkName) << remark::reason("{0}", reason);
  }

  /// All that reads `from`, if that is linears behind rearrangements, of which
  /// there must be one: otherwise another fold is concerned.
  bool collect(Value from, SmallVector<RearrangeOp> path,
               SmallVector<Reader> &readers) {
    for (OpOperand &use : from.getUses()) {
      if (auto rearrange = dyn_cast<RearrangeOp>(use.getOwner())) {
        SmallVector<RearrangeOp> longer(path);
        longer.push_back(rearrange);
        if (!collect(rearrange.getResult(), std::move(longer), readers))
          return false;
        continue;
      }
      LinearOp linear = linearInput(use);
      if (linear && !path.empty()) {
        readers.push_back({linear, path});
        continue;
      }
      if (!readers.empty() || !path.empty())
        reportMissed(op, remarkName)
            << remark::reason("the value is also read by {0}",
                              use.getOwner()->getName().getStringRef());
      return false;
    }
    return true;
  }

  /// Whether the table varies along the features of the reader alone.
  bool isByFeature(const Reader &reader) {
    RankedTensorType type = op.getType();
    int64_t lead = type.getRank() - typeOf(table).getRank();
    SmallVector<bool> varies(type.getRank());
    for (auto [axis, size] : llvm::enumerate(typeOf(table).getShape()))
      varies[lead + axis] = size != 1;
    for (RearrangeOp rearrange : reader.path)
      varies = variesBehind(rearrange, varies);
    return llvm::none_of(ArrayRef(varies).drop_back(),
                         [](bool axis) { return axis; });
  }

  /// The table as a vector of the reader's features: what the rearrangements
  /// make of it is the same in all rows.
  Value tableOf(const Reader &reader) {
    OpBuilder builder(reader.linear);
    Location loc = op.getLoc();
    Value rows =
        BroadcastOp::create(builder, loc, table, op.getType().getShape());
    for (RearrangeOp rearrange : reader.path)
      rows = RearrangeOp::create(builder, loc, rows, rearrange.getPattern(),
                                 rearrange.getSizes());
    Box first = Box::all(typeOf(rows));
    std::fill(first.sizes.begin(), first.sizes.end() - 1, 1);
    std::string ones;
    for (int64_t axis = 1; axis < typeOf(rows).getRank(); ++axis)
      ones += "1 ";
    return RearrangeOp::create(builder, loc,
                               extractBox(builder, loc, rows, first),
                               ones + "k -> k", builder.getDictionaryAttr({}));
  }

  BinaryOp op;
  WeightSide &weights;
  Value value, table;
};

struct FoldInputAffine : vitrail::impl::FoldInputAffineBase<FoldInputAffine> {
  void runOnOperation() override {
    auto &weights = getAnalysis<WeightSide>();
    // From the linears upwards: what stands in front of an op that went is
    // next.
    SmallVector<BinaryOp> ops;
    getOperation().walk([&](BinaryOp op) { ops.push_back(op); });
    for (BinaryOp op : llvm::reverse(ops))
      if (!weights.isFrozen(op.getResult()))
        Fold(op, weights).run();
  }
};

} // namespace
