//===- AttentionTile.cpp - Queries of one tile, keys of one block ---------===//
//
// Part of Vitrail, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "passes/lower/AttentionTile.h"
#include "passes/lower/MicroKernel.h"

using namespace mlir;
using namespace vitrail;

static constexpr double lowest = -std::numeric_limits<double>::infinity();

//===----------------------------------------------------------------------===//
// AttentionShape
//===----------------------------------------------------------------------===//

AttentionShape::AttentionShape(MixerOpInterface mixer,
                               const VectorTarget &target,
                               const std::optional<Tiling> &tiling,
                               int64_t units) {
  auto typeOf = [](OpOperand &operand) {
    return cast<RankedTensorType>(operand.get().getType());
  };
  RankedTensorType query = typeOf(mixer.getQueryOperand());
  RankedTensorType key = typeOf(mixer.getKeyOperand());
  RankedTensorType value = typeOf(mixer.getValueOperand());
  batch.assign(query.getShape().drop_back(2).begin(),
               query.getShape().drop_back(2).end());
  heads = mixer.getHeadCount();
  queries = query.getDimSize(query.getRank() - 2);
  keys = key.getDimSize(key.getRank() - 2);
  headSize = query.getShape().back() / heads;
  valueSize = value.getShape().back() / heads;
  cutsQueries = units && llvm::product_of(batch) % units != 0;
  if (cutsQueries)
    ranges = RowTiles::inParts(queries, units);
  tile = tiling ? tiling->tile : chooseTile(target, queriesTogether(), keys);
  RowTiles tiles(queriesTogether(), tile.rows);
  tile.rows = tiles.rows;
  if (!cutsQueries)
    ranges = tiles;

  // Scores that fill L1 are still better taken at once than block by block. A
  // causal mask makes blocks pay earlier: those above the diagonal are skipped.
  constexpr int64_t atOnceBytes = 40 << 10, blockBytes = 16 << 10;
  constexpr int64_t causalPanels = 8;
  int64_t panels = llvm::divideCeil(keys, panelWidth);
  int64_t panelBytes = tile.rows * panelWidth * sizeof(float);
  bool causal = mixer.getMaskKind() == MaskKind::Causal;
  int64_t atOnce = causal ? 2 * causalPanels : atOnceBytes / panelBytes;
  int64_t most = causal ? causalPanels : blockBytes / panelBytes;
  blocks = panels <= atOnce ? 1 : llvm::divideCeil(panels, most);
  if (tiling)
    blocks = tiling->blocks;
  blockPanels = llvm::divideCeil(panels, blocks);
  blocks = llvm::divideCeil(panels, blockPanels);
  // What a chunk keeps between blocks should stay in L2.
  constexpr int64_t chunkBytes = 128 << 10;
  chunkTiles = std::clamp<int64_t>(
      chunkBytes / (tile.rows * valueSize * int64_t(sizeof(float))), 1,
      tiles.count);
}

/// Offsets of the parts of the scratch, in order.
static int64_t aligned(int64_t elements) {
  return llvm::alignTo(elements, panelWidth);
}

int64_t AttentionShape::scratchElements() const {
  int64_t once = blockPanels * headSize * panelWidth + scoreElements() +
                 aligned(tile.rows);
  if (!isOnline())
    return once;
  return once + 2 * aligned(chunkRows()) + chunkRows() * valueSize;
}

Value AttentionShape::transposedKeys(Emitter &e) const {
  return e.scratchView(0, {blockPanels, headSize, panelWidth});
}

Value AttentionShape::scores(Emitter &e) const {
  return e.scratchView(blockPanels * headSize * panelWidth,
                       {blockPanels, tile.rows, panelWidth});
}

Value AttentionShape::factors(Emitter &e) const {
  return e.scratchView(blockPanels * headSize * panelWidth + scoreElements(),
                       {aligned(tile.rows)});
}

Value AttentionShape::maxima(Emitter &e) const {
  return e.scratchView(blockPanels * headSize * panelWidth + scoreElements() +
                           aligned(tile.rows),
                       {aligned(chunkRows())});
}

Value AttentionShape::sums(Emitter &e) const {
  return e.scratchView(blockPanels * headSize * panelWidth + scoreElements() +
                           aligned(tile.rows) + aligned(chunkRows()),
                       {aligned(chunkRows())});
}

Value AttentionShape::weighted(Emitter &e) const {
  return e.scratchView(blockPanels * headSize * panelWidth + scoreElements() +
                           aligned(tile.rows) + 2 * aligned(chunkRows()),
                       {chunkRows(), valueSize});
}

//===----------------------------------------------------------------------===//
// AttentionResult
//===----------------------------------------------------------------------===//

AttentionResult::AttentionResult(Emitter &e, Kernel &kernel)
    : accesses(e, kernel.readsBut(kernel.ops.front()->getOperands()),
               kernel.write, /*merge=*/false),
      epilogue(SmallVector<Operation *>(ArrayRef(kernel.ops).drop_front()),
               kernel.ops.front()->getResult(0), kernel.write.getValue(),
               accesses) {}

void AttentionResult::store(Emitter &e, Value value, ValueRange row,
                            Column column) const {
  accesses.result.store(e, epilogue.evaluate(e, value, row, column), row,
                        column);
}

//===----------------------------------------------------------------------===//
// AttentionPosition
//===----------------------------------------------------------------------===//

SmallVector<Value> AttentionPosition::flatten() const {
  SmallVector<Value> values(batch);
  values.append({head, query, keyPanel, slot});
  return values;
}

AttentionPosition AttentionPosition::unflatten(ArrayRef<Value> values) {
  ArrayRef<Value> own = values.take_back(4);
  return {SmallVector<Value>(values.drop_back(4)), own[0], own[1], own[2],
          own[3]};
}

SmallVector<Value> AttentionPosition::rowOf(Value token) const {
  SmallVector<Value> row(batch);
  row.push_back(token);
  return row;
}

//===----------------------------------------------------------------------===//
// AttentionTile
//===----------------------------------------------------------------------===//

void AttentionTile::emit(Emitter &e) {
  emitScores(e);
  emitSoftmax(e);
  if (shape.isOnline())
    emitAccumulation(e);
  else
    emitOutput(e);
}

/// Calls `body` with the first panel and the number of vectors, for groups of
/// panels that cover `columns`; the last vectors are those that are needed.
void AttentionTile::forGroups(
    Emitter &e, int64_t columns,
    llvm::function_ref<void(Value, int64_t)> body) const {
  int64_t vectors = llvm::divideCeil(columns, e.target.width);
  int64_t group = shape.tile.vectors;
  int64_t panels = group / e.target.vectorsPerPanel();
  int64_t whole = vectors / group;
  if (whole > 0)
    e.loop(e.constant(0), e.constant(whole), 1,
           [&](Value number) { body(e.mul(number, panels), group); });
  if (int64_t rest = vectors % group)
    body(e.constant(whole * panels), rest);
}

Column AttentionTile::columnAt(Emitter &e, Value firstPanel, int64_t j) {
  int64_t perPanel = e.target.vectorsPerPanel();
  return {e.add(firstPanel, j / perPanel), j % perPanel * e.target.width,
          e.target.width};
}

/// `vector` with zeros behind it, up to `width` lanes.
static Value widened(Emitter &e, Value vector, int64_t width) {
  if (e.target.width == width)
    return vector;
  auto lanes = llvm::to_vector(llvm::seq<int64_t>(0, width));
  return vector::ShuffleOp::create(e, vector, e.splat(0.0), lanes);
}

/// Scores of the queries against all keys of the block.
void AttentionTile::emitScores(Emitter &e) {
  int64_t width = e.target.width;
  Access access =
      Access::ofTensor(kernel.readOf(mixer.getQueryOperand().get()));
  Value transposed = shape.transposedKeys(e), out = shape.scores(e);
  Value headPanel = e.mul(position.head, shape.headSize / panelWidth);
  SmallVector<SmallVector<Value>> queryRows;
  for (int64_t i = 0; i < rows; ++i)
    queryRows.push_back(position.rowOf(e.add(position.query, i)));
  auto emitGroup = [&](Emitter &e, Value firstPanel, int64_t vectors) {
    MicroOperands operands{
        [&](int64_t i, Value panel, Value lane) {
          return access.loadScalar(e, queryRows[i], e.add(headPanel, panel),
                                   lane);
        },
        [&](int64_t j, Value panel, Value lane) -> Value {
          Column column = columnAt(e, firstPanel, j);
          return vector::LoadOp::create(
              e, e.vectorType(), transposed,
              ValueRange{column.panel, e.add(e.mul(panel, panelWidth), lane),
                         e.constant(column.lane)});
        }};
    SmallVector<Value> zero(rows * vectors, e.splat(0.0));
    SmallVector<Value> sums =
        emitMicroKernel(e, {rows, vectors}, shape.headSize, zero, operands);
    for (int64_t i = 0; i < rows; ++i)
      for (int64_t j = 0; j < vectors; ++j) {
        Column column = columnAt(e, firstPanel, j), among = column;
        among.panel = e.add(position.keyPanel, column.panel);
        Value score =
            modify(e, sums[i * vectors + j], queryRows[i].back(), among);
        // A row is loaded in whole vectors: half of one would not be forwarded
        // from the store.
        vector::StoreOp::create(
            e, widened(e, score, width), out,
            ValueRange{column.panel, e.constant(i), e.constant(column.lane)});
      }
  };
  // Half a vector, where that is enough for the last keys.
  int64_t narrow = e.target.widthFor(keys % width);
  int64_t whole = narrow == width ? keys : keys / panelWidth * panelWidth;
  forGroups(e, whole, [&](Value firstPanel, int64_t vectors) {
    emitGroup(e, firstPanel, vectors);
  });
  if (whole == keys)
    return;
  Emitter narrower(e, narrow);
  emitGroup(narrower, e.constant(whole / panelWidth), 1);
}

/// Scale, bias and mask of the scores of query `token` against the keys at
/// `column`.
Value AttentionTile::modify(Emitter &e, Value score, Value token,
                            Column column) {
  if (mixer.getScoreScale() != 1.0)
    score = e.mulf(score, e.splat(mixer.getScoreScale()));
  if (Value bias = mixer.getScoreBias()) {
    ReadOp read = kernel.readOf(bias);
    SmallVector<Value> row(position.batch);
    row.append({position.head, token});
    // Aligned at the end: a bias may have fewer axes.
    ArrayRef<Value> own = ArrayRef(row).take_back(read.getType().getRank() - 1);
    score = e.addf(score, Access::ofTensor(read).loadWithin(e, own, column));
  }
  if (mixer.getMaskKind() != MaskKind::Causal)
    return score;
  // Key j is seen by query i while j <= i + keys - queries.
  auto type = VectorType::get({e.target.width}, e.getIndexType());
  Value lanes = vector::StepOp::create(e, type);
  Value key = e.add(e.mul(column.panel, panelWidth), column.lane);
  Value left = arith::SubIOp::create(
      e, e.add(token, shape.keys - shape.queries + 1), key);
  Value seen =
      arith::CmpIOp::create(e, arith::CmpIPredicate::slt, lanes,
                            vector::BroadcastOp::create(e, type, left));
  return arith::SelectOp::create(e, seen, score, e.splat(lowest));
}

bool vitrail::mayMask(MixerOpInterface mixer) {
  return mixer.getScoreBias() || mixer.getMaskKind() != MaskKind::None;
}

Value vitrail::emitReciprocal(Emitter &e, Value sum, bool maybeZero) {
  Value factor = e.divf(e.splat(1.0), sum), zero = e.splat(0.0);
  if (!maybeZero)
    return factor;
  Value any = arith::CmpFOp::create(e, arith::CmpFPredicate::OGT, sum, zero);
  return arith::SelectOp::create(e, any, factor, zero);
}

/// Stores the first lane of `vector`.
static void storeLane(Emitter &e, Value vector, Value buffer, Value at) {
  Value lane = vector::ExtractOp::create(e, vector, int64_t(0));
  memref::StoreOp::create(e, lane, buffer, at);
}

/// e^(score - shift), or 2^ of it.
Value AttentionTile::power(Emitter &e, Value score, Value shift) {
  constexpr double log2e = 1.4426950408889634;
  score = e.subf(score, shift);
  if (!mixer.isBase2())
    score = e.mulf(score, e.splat(log2e));
  Value power = emitExp2(e, score, /*mayBeLarge=*/false);
  // Scores that a bias or mask may set to -inf must give exact zeros.
  if (!mayMask(mixer))
    return power;
  Value seen = arith::CmpFOp::create(e, arith::CmpFPredicate::UGT, score,
                                     e.splat(-126.0));
  return arith::SelectOp::create(e, seen, power, e.splat(0.0));
}

/// Turns each row of scores into powers. What their products with the values
/// are to be multiplied with becomes the factor: 1 / their sum, or, online,
/// what the larger maximum makes of all that came before.
void AttentionTile::emitSoftmax(Emitter &e) {
  // Each row is a chain of dependent instructions: some rows go side by side.
  constexpr int64_t most = 6;
  int64_t count = llvm::divideCeil(rows, llvm::divideCeil(rows, most));
  int64_t whole = rows / count * count;
  e.loop(e.constant(0), e.constant(whole), count,
         [&](Value first) { emitSoftmax(e, first, count); });
  if (whole < rows)
    emitSoftmax(e, e.constant(whole), rows - whole);
}

/// The same for `count` rows from `first` on.
void AttentionTile::emitSoftmax(Emitter &e, Value first, int64_t count) {
  Value buffer = shape.scores(e);
  auto at = [&](int64_t i, Column column) {
    return SmallVector<Value>{column.panel, e.add(first, i),
                              e.constant(column.lane)};
  };
  auto load = [&](int64_t i, Column column) -> Value {
    return vector::LoadOp::create(e, e.vectorType(), buffer, at(i, column));
  };
  auto combined = [&](double initial,
                      llvm::function_ref<Value(int64_t, Column, Value)> body) {
    SmallVector<Value> start(count, e.splat(initial));
    return e.forColumns(keys, start, [&](Column column, ValueRange carried) {
      SmallVector<Value> next;
      for (int64_t i = 0; i < count; ++i)
        next.push_back(body(i, column, carried[i]));
      return next;
    });
  };

  SmallVector<Value> shifts =
      combined(lowest, [&](int64_t i, Column column, Value top) {
        return e.maxf(e.keepLanes(load(i, column), column.valid, lowest), top);
      });
  SmallVector<Value> slots, before;
  for (int64_t i = 0; i < count; ++i) {
    Value top = e.maxOfLanes(shifts[i]);
    if (shape.isOnline()) {
      slots.push_back(e.add(position.slot, e.add(first, i)));
      before.push_back(e.broadcast(
          memref::LoadOp::create(e, shape.maxima(e), slots.back())));
      top = e.maxf(top, before.back());
      storeLane(e, top, shape.maxima(e), slots.back());
    }
    // A query that sees no key has the maximum -inf: shift by zero instead.
    shifts[i] = e.maxf(top, e.splat(-std::numeric_limits<float>::max()));
  }
  SmallVector<Value> sums =
      combined(0.0, [&](int64_t i, Column column, Value sum) {
        Value value = power(e, load(i, column), shifts[i]);
        value = e.keepLanes(value, column.valid, 0.0);
        vector::StoreOp::create(e, value, buffer, at(i, column));
        return e.addf(sum, value);
      });
  for (int64_t i = 0; i < count; ++i) {
    Value sum = e.sumOfLanes(sums[i]), factor;
    if (shape.isOnline()) {
      factor = power(e, before[i], shifts[i]);
      Value earlier =
          e.broadcast(memref::LoadOp::create(e, shape.sums(e), slots[i]));
      storeLane(e, e.fma(earlier, factor, sum), shape.sums(e), slots[i]);
    } else {
      factor = emitReciprocal(e, sum, mayMask(mixer));
    }
    storeLane(e, factor, shape.factors(e), e.add(first, i));
  }
}

void AttentionTile::emitProduct(
    Emitter &e, llvm::function_ref<Value(int64_t, Column)> initial,
    llvm::function_ref<void(int64_t, Column, Value)> finish) {
  Access access =
      Access::ofTensor(kernel.readOf(mixer.getValueOperand().get()));
  Value buffer = shape.scores(e);
  Value headPanel = e.mul(position.head, shape.valueSize / panelWidth);
  forGroups(e, shape.valueSize, [&](Value firstPanel, int64_t vectors) {
    MicroOperands operands{
        [&](int64_t i, Value panel, Value lane) -> Value {
          return memref::LoadOp::create(e, buffer,
                                        ValueRange{panel, e.constant(i), lane});
        },
        [&](int64_t j, Value panel, Value lane) {
          Value token =
              e.add(e.mul(e.add(position.keyPanel, panel), panelWidth), lane);
          return access.load(e, position.rowOf(token),
                             columnAt(e, e.add(headPanel, firstPanel), j));
        }};
    SmallVector<Value> sums;
    for (int64_t i = 0; i < rows; ++i)
      for (int64_t j = 0; j < vectors; ++j)
        sums.push_back(initial(i, columnAt(e, firstPanel, j)));
    sums = emitMicroKernel(e, {rows, vectors}, keys, sums, operands);
    for (int64_t i = 0; i < rows; ++i)
      for (int64_t j = 0; j < vectors; ++j)
        finish(i, columnAt(e, firstPanel, j), sums[i * vectors + j]);
  });
}

/// Divides by the sums and applies the epilogue.
void AttentionTile::emitOutput(Emitter &e) {
  AttentionResult result(e, kernel);
  Value inverse = shape.factors(e);
  Value headPanel = e.mul(position.head, shape.valueSize / panelWidth);
  emitProduct(
      e, [&](int64_t, Column) { return e.splat(0.0); },
      [&](int64_t i, Column column, Value sum) {
        Value factor =
            e.broadcast(memref::LoadOp::create(e, inverse, e.constant(i)));
        column.panel = e.add(headPanel, column.panel);
        result.store(e, e.mulf(sum, factor),
                     position.rowOf(e.add(position.query, i)), column);
      });
}

/// Adds to what the chunk has of earlier blocks.
void AttentionTile::emitAccumulation(Emitter &e) {
  Value weighted = shape.weighted(e), factors = shape.factors(e);
  auto at = [&](int64_t i, Column column) {
    return SmallVector<Value>{
        e.add(position.slot, i),
        e.add(e.mul(column.panel, panelWidth), column.lane)};
  };
  emitProduct(
      e,
      [&](int64_t i, Column column) {
        Value factor =
            e.broadcast(memref::LoadOp::create(e, factors, e.constant(i)));
        Value earlier =
            vector::LoadOp::create(e, e.vectorType(), weighted, at(i, column));
        return e.mulf(earlier, factor);
      },
      [&](int64_t i, Column column, Value sum) {
        vector::StoreOp::create(e, sum, weighted, at(i, column));
      });
}
