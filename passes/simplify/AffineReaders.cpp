//===- AffineReaders.cpp - Who takes factors and summands over ------------===//
//
// Part of Vitrail, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// What a table is behind an op on the way is computed by the same op, on the
// weight side. As long as it has one element for each feature, and ops leave
// the features alone, it stays as small as that.
//
//===----------------------------------------------------------------------===//

#include "passes/simplify/AffineReaders.h"
#include "dialects/vitrail/Einops.h"
#include "passes/simplify/FeatureUses.h"

using namespace mlir;
using namespace vitrail;

static bool isFactor(BinaryKind kind) {
  return kind == BinaryKind::Mul || kind == BinaryKind::Div;
}

/// Ops that may pass a table on, of a kind and under conditions that
/// `passTable` knows.
static bool mayPass(OpOperand &use) {
  return isa<RearrangeOp, SliceOp, RollOp, UnfoldOp, ReduceOp, PoolOp>(
      use.getOwner());
}

static bool anyOf(ArrayRef<bool> axes) {
  return llvm::any_of(axes, [](bool axis) { return axis; });
}

//===----------------------------------------------------------------------===//
// Along which axes a table varies
//===----------------------------------------------------------------------===//

/// The axes of the value along which a table that broadcasts to it varies.
static SmallVector<bool> axesOf(Value table, RankedTensorType value) {
  SmallVector<bool> varies(value.getRank());
  int64_t lead = value.getRank() - typeOf(table).getRank();
  for (auto [axis, size] : llvm::enumerate(typeOf(table).getShape()))
    varies[lead + axis] = size != 1;
  return varies;
}

static SmallVector<bool> behindRearrange(RearrangeOp op, ArrayRef<bool> axes) {
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

constexpr StringLiteral perRow =
    "the table is not the same for all rows of a linear";

/// Takes `axes` from the operand of `op` to its result; nothing, and a reason,
/// if a table of the kind does not pass.
static std::optional<SmallVector<bool>> passTable(Operation *op,
                                                  BinaryKind kind,
                                                  ArrayRef<bool> axes,
                                                  std::string &reason) {
  auto stop = [&](StringRef why) {
    reason = why;
    return std::nullopt;
  };
  SmallVector<bool> result(axes);
  if (auto rearrange = dyn_cast<RearrangeOp>(op))
    return behindRearrange(rearrange, axes);
  if (isa<SliceOp, RollOp>(op))
    return result;
  if (auto unfold = dyn_cast<UnfoldOp>(op)) {
    if (anyOf(axes.drop_back()))
      return stop(perRow);
    if (!isFactor(kind) && unfold.getWindow().isPadded())
      return stop("windows reach beyond the edge of the map, where nothing is "
                  "added to the zeros");
    return result;
  }
  if (auto pool = dyn_cast<PoolOp>(op)) {
    if (anyOf(axes.drop_back()))
      return stop(perRow);
    bool countsPads = pool.getCountPads() && pool.getWindow().isPadded();
    bool isSum = pool.getKind() == ReduceKind::Sum;
    if (pool.getKind() == ReduceKind::Mean ? isFactor(kind) || !countsPads
                                           : isSum == isFactor(kind))
      return result;
    return stop("it does not commute with the pooling behind it");
  }
  auto reduce = cast<ReduceOp>(op);
  bool isMean = reduce.getKind() == ReduceKind::Mean;
  bool isSum = reduce.getKind() == ReduceKind::Sum;
  for (int64_t axis : llvm::reverse(reduce.getAxes())) {
    if (axes[axis] && !(isMean && !isFactor(kind)))
      return stop(perRow);
    if (reduce.getKeepDims())
      result[axis] = false;
    else
      result.erase(result.begin() + axis);
  }
  if (isMean || isSum == isFactor(kind))
    return result;
  return stop("it does not commute with the reduction behind it");
}

//===----------------------------------------------------------------------===//
// Readers
//===----------------------------------------------------------------------===//

AffineReaders::AffineReaders(Value value, WeightSide &weights)
    : value(value), weights(weights) {
  collect(value, {});
}

void AffineReaders::collect(Value from, SmallVector<Operation *> path) {
  for (OpOperand &use : from.getUses()) {
    if (AffineOp op = AffineOp::reading(use)) {
      readers.push_back({op, path});
    } else if (mayPass(use)) {
      SmallVector<Operation *> longer(path);
      longer.push_back(use.getOwner());
      collect(use.getOwner()->getResult(0), std::move(longer));
    } else {
      other = use.getOwner();
    }
  }
}

std::optional<std::string> AffineReaders::obstacle(BinaryKind kind,
                                                   Value table) {
  if (other)
    return ("the value is also read by " + other->getName().getStringRef())
        .str();
  for (const Reader &reader : readers) {
    if (!canRewriteWeights(weights, reader.op, table))
      return "the weight of a linear behind it is computed at run time or of "
             "another element type";
    SmallVector<bool> axes = axesOf(table, typeOf(value));
    for (Operation *op : reader.path) {
      std::string reason;
      auto behind = passTable(op, kind, axes, reason);
      if (!behind)
        return reason;
      axes = *behind;
    }
    if (anyOf(ArrayRef(axes).drop_back()))
      return perRow.str();
    if (!isFactor(kind) && !reader.op.takesInputShift())
      return "windows reach beyond the edge of the map, where nothing is added "
             "to the zeros";
  }
  return std::nullopt;
}

//===----------------------------------------------------------------------===//
// Tables
//===----------------------------------------------------------------------===//

/// `table`, the same at all places of a window, as what unfolding makes of it:
/// once for each tap.
static Value unfoldTable(OpBuilder &builder, UnfoldOp unfold, Value table) {
  Location loc = unfold.getLoc();
  int64_t channels = unfold.getInput().getType().getShape().back();
  SmallVector<int64_t> taps = {unfold.getWindow().taps(), channels};
  return RearrangeOp::create(builder, loc,
                             BroadcastOp::create(builder, loc, table, taps),
                             "t c -> (t c)", builder.getDictionaryAttr({}));
}

/// The first row of `table`, whose rows are equal.
static Value firstRow(OpBuilder &builder, Value table) {
  Box first = Box::all(typeOf(table));
  std::fill(first.sizes.begin(), first.sizes.end() - 1, 1);
  return asVector(builder, extractBox(builder, table.getLoc(), table, first));
}

/// The table as a vector of the reader's features.
Value AffineReaders::tableOf(const Reader &reader, Value table) {
  OpBuilder builder(reader.op);
  Location loc = table.getLoc();
  weights.hoist(table, reader.op);
  if (variesByFeature(typeOf(table)))
    table = asVector(builder, table);
  for (Operation *op : reader.path) {
    RankedTensorType operand = typeOf(op->getOperand(0));
    bool isVector = typeOf(table).getRank() <= 1;
    if (auto unfold = dyn_cast<UnfoldOp>(op)) {
      // Places are alike: a table that has them has the same at the first.
      table = unfoldTable(builder, unfold,
                          isVector ? table : firstRow(builder, table));
      continue;
    }
    bool keepsFeatures = movesTokens(op) || isa<PoolOp>(op);
    if (auto reduce = dyn_cast<ReduceOp>(op))
      keepsFeatures =
          !llvm::is_contained(reduce.getAxes(), operand.getRank() - 1);
    if (isVector && keepsFeatures)
      continue;
    if (isa<PoolOp>(op)) {
      table = firstRow(builder, table);
      continue;
    }
    table = builder.createOrFold<BroadcastOp>(loc, table, operand.getShape());
    if (auto reduce = dyn_cast<ReduceOp>(op)) {
      // A factor is what it was, also in front of a sum.
      table = ReduceOp::create(builder, loc, ReduceKind::Mean, table,
                               reduce.getAxes(), reduce.getKeepDims());
      continue;
    }
    Operation *same = builder.clone(*op);
    same->setOperand(0, table);
    same->setLoc(loc);
    table = same->getResult(0);
  }
  if (typeOf(table).getRank() > 1)
    table = firstRow(builder, table);
  int64_t features = typeOf(reader.op.getInput()).getShape().back();
  if (typeOf(table).getShape() != ArrayRef<int64_t>(features))
    table = BroadcastOp::create(builder, loc, table, features);
  return table;
}

void AffineReaders::absorb(BinaryKind kind, Value table) {
  for (const Reader &reader : readers) {
    Value features = tableOf(reader, table);
    if (isFactor(kind)) {
      absorbInputGain(reader.op, features, kind);
      continue;
    }
    if (kind == BinaryKind::Sub) {
      OpBuilder builder(reader.op);
      features =
          UnaryOp::create(builder, table.getLoc(), UnaryKind::Neg, features);
    }
    absorbInputShift(reader.op, features);
  }
}
