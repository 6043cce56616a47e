//===- EmitAttention.cpp - Attention in tiles of queries ------------------===//
//
// Part of Vitrail, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "mlir/IR/Remarks.h"
#include "passes/lower/AttentionTile.h"
#include "passes/lower/Transpose.h"

using namespace mlir;
using namespace vitrail;

namespace {

/// The threads share the tiles of queries of all heads, in order. For each head
/// that a thread has tiles of, it transposes the keys into the panels that the
/// micro-kernel streams, once, or, in blocks, once for each chunk of tiles.
/// Where threads keep units of queries, each has those of its own of all heads.
class AttentionEmitter : public KernelEmitter {
public:
  AttentionEmitter(Kernel kernel, VectorTarget target)
      : kernel(kernel), target(target),
        mixer(cast<MixerOpInterface>(kernel.ops.front())),
        shape(mixer, target, kernel.tiling, kernel.units) {}

  int64_t scratchElements() const override { return shape.scratchElements(); }

  int64_t blocks() const override { return shape.blocks; }

  bool keepsUnits(int64_t units) override {
    if (!shape.cutsQueries)
      return true;
    bool isOneSet = llvm::product_of(shape.batch) == 1;
    return isOneSet && units <= shape.queries && !shape.isOnline();
  }

  SmallVector<Tiling> tilings(Emitter &) override {
    int64_t panels = llvm::divideCeil(shape.keys, panelWidth);
    return tilingsAround(rankTiles(target, shape.queriesTogether(), shape.keys),
                         shape.blocks, shape.cutsQueries ? 1 : panels);
  }

  void emit(Emitter &e) override {
    report();
    if (shape.cutsQueries)
      return e.share(shape.ranges.count, {}, [&](Value begin, Value end) {
        e.loop(e.constant(0), e.constant(shape.heads), 1, [&](Value head) {
          emitHead(e, e.constant(0), head, begin, end);
        });
      });
    // Keys are transposed for every range again: large ones are whole heads,
    // and small ones have so many queries that it does not count.
    constexpr int64_t leastQueries = 32, mostRanges = 4; // of a head
    int64_t ranges =
        std::clamp<int64_t>(shape.queries / leastQueries, 1, mostRanges);
    int64_t tiles = shape.ranges.count;
    int64_t total = llvm::product_of(shape.batch) * shape.heads * tiles;
    Emitter::Grain grain;
    grain.least = llvm::divideCeil(tiles, ranges);
    grain.whole = tiles;
    e.share(total, grain,
            [&](Value begin, Value end) { emitRange(e, begin, end); });
  }

private:
  /// The tiles of all heads from `begin` to `end`.
  void emitRange(Emitter &e, Value begin, Value end) {
    int64_t tiles = shape.ranges.count;
    Value firstHead = e.divmod(begin, tiles).first;
    Value endHead = e.divmod(e.add(end, tiles - 1), tiles).first;
    e.loop(firstHead, endHead, 1, [&](Value number) {
      auto [batchNumber, head] = e.divmod(number, shape.heads);
      // This thread's tiles of this head.
      Value tilesBefore = e.mul(number, tiles);
      Value first = arith::MaxSIOp::create(
          e, e.constant(0), arith::SubIOp::create(e, begin, tilesBefore));
      Value last = arith::MinSIOp::create(
          e, e.constant(tiles), arith::SubIOp::create(e, end, tilesBefore));
      emitHead(e, batchNumber, head, first, last);
    });
  }

  /// Some ranges of the queries of one head.
  void emitHead(Emitter &e, Value batchNumber, Value head, Value first,
                Value last) {
    AttentionPosition position;
    position.batch = e.delinearize(batchNumber, shape.batch);
    position.head = head;
    if (shape.isOnline())
      emitOnline(e, position, first, last);
    else
      emitBlock(e, position, e.constant(0), shape.keys, first, last);
  }

  void report() {
    std::string keys = llvm::formatv("all {0} keys", shape.keys);
    if (shape.isOnline())
      keys = llvm::formatv("blocks of {0} of {1} keys",
                           shape.blockPanels * panelWidth, shape.keys);
    remark::analysis(mixer.getLoc(),
                     remark::RemarkOpts::name("tile").category("lower"))
        << remark::add("{0} queries, {1}, {2} heads of {3}: scores of {4} "
                       "queries at a time, {5} KiB",
                       shape.queries, keys, shape.heads, shape.headSize,
                       shape.tile.rows, shape.scoreElements() * 4 / 1024);
  }

  /// Calls `body` for each of the ranges from `first` to `last` with its first
  /// query and how many there are.
  static void forRanges(Emitter &e, const RowTiles &ranges, Value first,
                        Value last,
                        llvm::function_ref<void(Value, int64_t)> body) {
    e.loop(first, last, 1, [&](Value number) {
      auto [query, large] = ranges.locate(e, number);
      ranges.byHeight(e, large,
                      [&, query = query](int64_t rows) { body(query, rows); });
    });
  }

  /// The same for each of the tiles of these ranges.
  void forTiles(Emitter &e, Value first, Value last,
                llvm::function_ref<void(Value, int64_t)> body) {
    forRanges(e, shape.ranges, first, last, [&](Value query, int64_t rows) {
      if (!shape.cutsQueries)
        return body(query, rows);
      RowTiles tiles(rows, shape.tile.rows);
      forRanges(e, tiles, e.constant(0), e.constant(tiles.count),
                [&](Value before, int64_t rowsOfTile) {
                  body(e.add(query, before), rowsOfTile);
                });
    });
  }

  /// One block of keys, for the tiles from `first` to `last`. Rows of the chunk
  /// count from the first tile's first query.
  void emitBlock(Emitter &e, AttentionPosition position, Value keyPanel,
                 int64_t keys, Value first, Value last) {
    position.keyPanel = keyPanel;
    transposeKeys(e, position, keys);
    Value chunk = shape.ranges.locate(e, first).first;
    forTiles(e, first, last, [&](Value query, int64_t rows) {
      position.query = query;
      position.slot = arith::SubIOp::create(e, query, chunk);
      if (!shape.isOnline() || mixer.getMaskKind() != MaskKind::Causal)
        return callTile(e, rows, keys, position);
      // The last query of the tile sees keys up to itself.
      Value seen = e.add(query, rows + shape.keys - shape.queries);
      Value any = arith::CmpIOp::create(e, arith::CmpIPredicate::slt,
                                        e.mul(keyPanel, panelWidth), seen);
      auto choice = scf::IfOp::create(e, any, /*withElseRegion=*/false);
      OpBuilder::InsertionGuard guard(e);
      e.setInsertionPointToStart(choice.thenBlock());
      callTile(e, rows, keys, position);
    });
  }

  /// Block after block, for a chunk of tiles at a time.
  void emitOnline(Emitter &e, const AttentionPosition &position, Value first,
                  Value last) {
    e.loop(first, last, shape.chunkTiles, [&](Value begin) {
      Value end =
          arith::MinSIOp::create(e, last, e.add(begin, shape.chunkTiles));
      clearChunk(e);
      e.loop(e.constant(0), e.constant(shape.blocks - 1), 1, [&](Value block) {
        emitBlock(e, position, e.mul(block, shape.blockPanels),
                  shape.blockPanels * panelWidth, begin, end);
      });
      emitBlock(e, position, e.constant((shape.blocks - 1) * shape.blockPanels),
                shape.lastKeys(), begin, end);
      finishChunk(e, position, shape.ranges.locate(e, begin).first,
                  shape.ranges.locate(e, end).first);
    });
  }

  void clearChunk(Emitter &e) {
    Value maxima = shape.maxima(e), sums = shape.sums(e);
    Value weighted = shape.weighted(e);
    constexpr double lowest = -std::numeric_limits<double>::infinity();
    e.loop(e.constant(0),
           e.constant(llvm::alignTo(shape.chunkRows(), panelWidth)),
           e.target.width, [&](Value row) {
             vector::StoreOp::create(e, e.splat(lowest), maxima, row);
             vector::StoreOp::create(e, e.splat(0.0), sums, row);
           });
    e.loop(e.constant(0), e.constant(shape.chunkRows()), 1, [&](Value row) {
      for (int64_t lane = 0; lane < shape.valueSize; lane += e.target.width)
        vector::StoreOp::create(e, e.splat(0.0), weighted,
                                ValueRange{row, e.constant(lane)});
    });
  }

  /// Divides the weighted values of the queries from `begin` to `end` by their
  /// sums and stores them.
  void finishChunk(Emitter &e, const AttentionPosition &position, Value begin,
                   Value end) {
    AttentionResult result(e, kernel);
    Value sums = shape.sums(e), weighted = shape.weighted(e);
    Value headPanel = e.mul(position.head, shape.valueSize / panelWidth);
    e.loop(begin, end, 1, [&](Value query) {
      Value slot = arith::SubIOp::create(e, query, begin);
      Value sum = e.broadcast(memref::LoadOp::create(e, sums, slot));
      Value factor = emitReciprocal(e, sum, mayMask(mixer));
      SmallVector<Value> row = position.rowOf(query);
      for (int64_t lane = 0; lane < shape.valueSize; lane += e.target.width) {
        Value value = vector::LoadOp::create(
            e, e.vectorType(), weighted, ValueRange{slot, e.constant(lane)});
        Column column{e.add(headPanel, lane / panelWidth), lane % panelWidth,
                      e.target.width};
        result.store(e, e.mulf(value, factor), row, column);
      }
    });
  }

  /// Vectors of features become vectors of keys, for the block of `keys` keys
  /// from `position.keyPanel`. Keys beyond the last are zero.
  void transposeKeys(Emitter &e, const AttentionPosition &position,
                     int64_t keys) {
    Access access =
        Access::ofTensor(kernel.readOf(mixer.getKeyOperand().get()));
    Value transposed = shape.transposedKeys(e);
    auto transpose = [&](Value panel, int64_t valid) {
      Value first = e.mul(e.add(position.keyPanel, panel), panelWidth);
      auto keyAt = [&](int64_t i) { return position.rowOf(e.add(first, i)); };
      Value headPanel = e.mul(position.head, shape.headSize / panelWidth);
      emitTransposedPanel(e, {access, keyAt, valid, headPanel, shape.headSize},
                          [&](Value vector, Value feature, int64_t lane) {
                            vector::StoreOp::create(
                                e, vector, transposed,
                                ValueRange{panel, feature, e.constant(lane)});
                          });
    };
    e.loop(e.constant(0), e.constant(keys / panelWidth), 1,
           [&](Value panel) { transpose(panel, panelWidth); });
    if (int64_t rest = keys % panelWidth)
      transpose(e.constant(keys / panelWidth), rest);
  }

  /// Calls the function for `rows` queries against a block of `keys` keys, made
  /// on first use.
  void callTile(Emitter &e, int64_t rows, int64_t keys,
                const AttentionPosition &position) {
    std::string name =
        llvm::formatv("{0}_tile_{1}x{2}", kernel.func.getName(), rows, keys);
    auto tileFunc = SymbolTable::lookupNearestSymbolFrom<func::FuncOp>(
        kernel.func, e.getStringAttr(name));
    if (!tileFunc)
      tileFunc = makeTile(rows, keys, position.flatten().size(), name);
    SmallVector<Value> arguments(kernel.memory());
    llvm::append_range(arguments, position.flatten());
    func::CallOp::create(e, tileFunc, arguments);
  }

  func::FuncOp makeTile(int64_t rows, int64_t keys, int64_t coordinates,
                        StringRef name) {
    Kernel copy = kernel.cloneAs(name);
    SmallVector<Type> types(coordinates,
                            IndexType::get(copy.func.getContext()));
    Value scratch = copy.func.getArguments().back();
    SmallVector<Value> position = copy.addArguments(types);
    Emitter e(copy.func.getLoc(), copy.end(), target);
    e.scratch = scratch;
    AttentionTile(copy, shape, rows, keys,
                  AttentionPosition::unflatten(position))
        .emit(e);
    copy.eraseTensors();
    return copy.func;
  }

  Kernel kernel;
  VectorTarget target;
  MixerOpInterface mixer;
  AttentionShape shape;
};

} // namespace

std::unique_ptr<KernelEmitter>
vitrail::makeAttentionEmitter(Kernel kernel, VectorTarget target) {
  return std::make_unique<AttentionEmitter>(kernel, target);
}
