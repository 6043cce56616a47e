//===- EmitLinear.cpp - Matrix products with packed weights ---------------===//
//
// Part of Vitrail, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "passes/lower/LinearParts.h"
#include "passes/lower/MicroKernel.h"

using namespace mlir;
using namespace vitrail;

namespace {

/// In a block of rows, groups of panels of weights are outside and tiles of
/// rows inside: a group stays in L2 while the rows of the block pass, or its
/// part in a block of the depth in L1. Threads share blocks by groups.
///
/// How many blocks there are is a matter of what comes from beyond L2. Rows
/// that do not fit in it come again for every group, weights for every block.
/// With a depth in blocks, the rows' part in one has to fit. Rows that are
/// gathered lie in scratch memory, for as long as their block takes.
///
/// Where threads keep units of rows, each has a block of its own.
class LinearEmitter : public KernelEmitter {
public:
  LinearEmitter(LinearParts given, VectorTarget target)
      : parts(std::move(given)), isGathered(!parts.gather.empty()),
        depthPanels(llvm::divideCeil(parts.depth(), panelWidth)),
        rowCount(parts.kernel.resultType().getNumElements() / parts.columns()) {
    // A tile has fewer rows than the processor has registers.
    if (isGathered)
      stagedRows =
          std::max(target.l2Bytes() / 3 / rowBytes(), target.registers);
    chooseDepthBlocks(target);
  }

  int64_t scratchElements() const override {
    return depthPanels * stagedRows * panelWidth +
           parts.depthBlocks.scratchElements();
  }

  int64_t blocks() const override { return parts.depthBlocks.blocks(); }

  bool keepsUnits(int64_t units) override {
    return units == 1 || (!isGathered && units <= rowCount);
  }

  SmallVector<Tiling> tilings(Emitter &e) override {
    KernelAccesses accesses(e, parts.domainReads(), parts.kernel.write);
    bool whole = rowCount < leastRows || parts.kernel.units;
    return tilingsAround(
        rankTiles(e.target, rowsTogether(accesses.domain), parts.columns()),
        blocks(), whole ? 1 : depthPanels);
  }

  void emit(Emitter &e) override {
    KernelAccesses accesses(e, parts.domainReads(), parts.kernel.write);
    const RowDomain &domain = accesses.domain;
    ProductTiles tiles(e.target, parts.kernel.tiling, rowsTogether(domain),
                       parts.columns());
    if (cutsRows(domain))
      return emitRowUnits(e, tiles);
    if (parts.kernel.units > 1)
      return emitUnits(e, domain, tiles);
    int64_t tileCount = domain.outer() * tiles.rows.count;
    int64_t blockTiles = tilesOfBlock(e.target, tiles, tileCount);
    // Threads that take gathered blocks in turns find as much in each.
    if (int64_t even = llvm::alignTo(tileCount, blockTiles);
        isGathered && domain.outer() == 1 && even <= domain.inner()) {
      tileCount = even;
      tiles.rows = RowTiles::inParts(domain.inner(), tileCount);
    }
    int64_t blocks = llvm::divideCeil(tileCount, blockTiles);
    WeightStream stream{stepsOfVisit(), blockTiles};
    report(tiles, e.target, domain, tileCount, blockTiles);
    auto emitTileAt = [&](Value number, Value panelGroup, Value slot,
                          DepthVisit visit) {
      TilePlace place = locateTile(e, domain, tiles.rows, number);
      if (isGathered)
        place.row.push_back(slot);
      visit.row = slot;
      callTile(e, tiles, place, panelGroup, visit, stream);
    };
    // Of a single block, threads share the tiles as well.
    if (blocks == 1 && !isGathered && parts.depthBlocks.whole()) {
      return e.share(tileCount * tiles.groups, {}, [&](Value begin, Value end) {
        e.loop(begin, end, 1, [&](Value unit) {
          auto [panelGroup, number] = e.divmod(unit, tileCount);
          DepthVisit visit;
          if (tiles.groups > 1 && bringsWeights(tileCount)) {
            Value next = arith::MinUIOp::create(e, e.add(panelGroup, 1),
                                                e.constant(tiles.groups - 1));
            visit = parts.weights(e).bringing(
                e, visit, tiles, {next, e.constant(0)}, stream, number);
          }
          emitTileAt(number, panelGroup, {}, visit);
        });
      });
    }
    auto tilesOf = [&](Value block) {
      Value first = e.mul(block, blockTiles);
      Value behind = arith::MinUIOp::create(e, e.add(first, blockTiles),
                                            e.constant(tileCount));
      return std::make_pair(first, behind);
    };
    auto slotIn = [&](Value block, Value number) {
      Value before = e.mul(block, blockTiles);
      return e.mul(arith::SubIOp::create(e, number, before), tiles.rows.rows);
    };
    auto stageBlock = [&](Value block) {
      auto [first, behind] = tilesOf(block);
      e.loop(first, behind, 1, [&](Value number) {
        stage(e, domain, tiles.rows, number, slotIn(block, number));
      });
    };
    llvm::function_ref<void(Value)> prepare;
    if (isGathered)
      prepare = stageBlock;
    e.shareBlocks(
        blocks, tiles.groups, prepare,
        [&](Value block, Value first, Value behind) {
          auto tilesHere = tilesOf(block);
          Value firstTile = tilesHere.first, behindTile = tilesHere.second;
          parts.depthBlocks.forVisits(
              e, first, behind, tiles.group,
              [&](Value panelGroup, const DepthVisit &visit,
                  const DepthBlocks::Place &next) {
                e.loop(firstTile, behindTile, 1, [&](Value number) {
                  Value inBlock = arith::SubIOp::create(e, number, firstTile);
                  DepthVisit bringing = parts.weights(e).bringing(
                      e, visit, tiles, next, stream, inBlock);
                  if (!isGathered)
                    prefetchRows(e, accesses, tiles, tileCount, blockTiles,
                                 number, panelGroup, visit);
                  emitTileAt(number, panelGroup, slotIn(block, number),
                             bringing);
                });
              });
        });
  }

private:
  /// Whether units are parts of the domain's only axis.
  bool cutsRows(const RowDomain &domain) const {
    return parts.kernel.units && domain.outer() % parts.kernel.units != 0;
  }
  RowTiles unitRows() const {
    return RowTiles::inParts(rowCount, parts.kernel.units);
  }
  /// The rows that are tiled together: units have tiles of their own.
  int64_t rowsTogether(const RowDomain &domain) const {
    return cutsRows(domain) ? unitRows().rows : domain.inner();
  }

  /// Units of whole tiles.
  void emitUnits(Emitter &e, const RowDomain &domain,
                 const ProductTiles &tiles) {
    shareUnits(e, tiles, domain.outer() * tiles.rows.count,
               [&](Value number, Value panelGroup) {
                 TilePlace place = locateTile(e, domain, tiles.rows, number);
                 callTile(e, tiles, place, panelGroup, DepthVisit(), {});
               });
  }

  /// Units of rows: each is tiled by itself, the larger ones by `ofLarge`.
  void emitRowUnits(Emitter &e, const ProductTiles &ofLarge) {
    RowTiles units = unitRows();
    auto emitUnit = [&](Value unit, Value panelGroup) {
      auto [first, isLarge] = units.locate(e, unit);
      units.byHeight(e, isLarge, [&, first = first](int64_t height) {
        ProductTiles tiles(e.target, ofLarge.shape(), height, parts.columns());
        Value count = e.constant(tiles.rows.count);
        e.loop(e.constant(0), count, 1, [&](Value number) {
          auto [row, large] = tiles.rows.locate(e, number);
          TilePlace place{{e.add(first, row)}, large};
          callTile(e, tiles, place, panelGroup, DepthVisit(), {});
        });
      });
    };
    shareUnits(e, ofLarge, units.count, emitUnit);
  }

  /// Calls `body` with each of `total` things that threads keep and each group
  /// of panels: a group's weights for all that a thread has.
  void shareUnits(Emitter &e, const ProductTiles &tiles, int64_t total,
                  llvm::function_ref<void(Value, Value)> body) {
    std::string how = llvm::formatv("{0} units", parts.kernel.units);
    parts.report(tiles, e.target.width, rowCount, how);
    e.share(total, {}, [&](Value begin, Value end) {
      e.loop(e.constant(0), e.constant(tiles.groups), 1, [&](Value panelGroup) {
        e.loop(begin, end, 1, [&](Value number) { body(number, panelGroup); });
      });
    });
  }

  /// Calls the function of a tile at `place`, where the last coordinate counts
  /// its rows, or, if they are gathered, the one before.
  void callTile(Emitter &e, const ProductTiles &tiles, const TilePlace &place,
                Value panelGroup, const DepthVisit &visit,
                const WeightStream &stream) {
    int64_t rowAxis = place.row.size() - (isGathered ? 2 : 1);
    tiles.call(e, parts.kernel, place.large, panelGroup, place.row, rowAxis,
               visit, [&](Emitter &inside, Kernel copy, const Tile &tile) {
                 LinearEmitter(LinearParts(copy), e.target)
                     .emitTile(inside, tile, stream);
               });
  }

  // Blocks of the depth pay where some tiles use a panel of weights.
  static constexpr int64_t leastRows = 24;

  /// Whether the tiles of a single block, whose threads may be anywhere in it,
  /// bring the weights of the group behind theirs. Where many tiles use a
  /// group, the processor's own prefetching keeps up; where very few do,
  /// nothing but the memory counts.
  bool bringsWeights(int64_t tileCount) const {
    constexpr int64_t mostTiles = 16;
    return rowCount >= leastRows && tileCount <= mostTiles;
  }

  int64_t rowBytes() const {
    return depthPanels * panelWidth * int64_t(sizeof(float));
  }

  /// Blocks of the depth where that pays: for weights in L1, or else for rows
  /// in L2.
  int64_t expectedBlocks(const VectorTarget &target) {
    constexpr int64_t mostInL2 = 640;
    bool forL1 = DepthBlocks::mostSteps(target) < parts.depth();
    int64_t most = forL1 ? DepthBlocks::mostSteps(target) : mostInL2;
    // A little more than that is no harm.
    if (parts.depth() <= most / 4 * 5 || rowCount < leastRows ||
        parts.kernel.units)
      return 1;
    int64_t count = llvm::divideCeil(parts.depth(), most * 3 / 4);
    return forL1 || halvesTraffic(target, count) ? count : 1;
  }

  /// Whether with `count` blocks of the depth half as much comes from beyond
  /// L2, or less: weights for fewer blocks of rows, and rows for each turn of
  /// panels whose sums wait in L2.
  bool halvesTraffic(const VectorTarget &target, int64_t count) {
    int64_t l2 = target.l2Bytes(), lineBytes = panelWidth * sizeof(float);
    int64_t panels = llvm::divideCeil(parts.columns(), panelWidth);
    int64_t inputBytes = rowCount * rowBytes();
    int64_t weightBytes = panels * panelWidth * rowBytes();
    if (isGathered || weightBytes <= l2 / 2)
      return false;
    int64_t rowBlocks =
        llvm::divideCeil(rowCount, waitingRowsFor(target, rowBytes() / count));
    int64_t sumBytes =
        panels * llvm::divideCeil(rowCount, rowBlocks) * lineBytes;
    int64_t blocked = weightBytes * rowBlocks +
                      inputBytes * llvm::divideCeil(sumBytes, l2 / 4);
    int64_t whole =
        weightBytes * llvm::divideCeil(inputBytes, l2 / 2) + inputBytes;
    return 2 * blocked <= whole;
  }

  /// Rows whose parts of `bytes` are in L2 beside the sums that wait.
  static int64_t waitingRowsFor(const VectorTarget &target, int64_t bytes) {
    return target.l2Bytes() * 2 / 5 / bytes;
  }

  void chooseDepthBlocks(const VectorTarget &target) {
    int64_t count = parts.kernel.tiling ? parts.kernel.tiling->blocks
                                        : expectedBlocks(target);
    if (count == 1)
      return;
    blockPanels = llvm::divideCeil(depthPanels, count);
    count = llvm::divideCeil(depthPanels, blockPanels);
    int64_t rows = stagedRows;
    if (!isGathered) {
      int64_t partBytes = blockPanels * panelWidth * int64_t(sizeof(float));
      rows = std::min(waitingRowsFor(target, partBytes), 2 * rowCount);
    }
    parts.depthBlocks =
        DepthBlocks(target, count, rows, depthPanels * stagedRows * panelWidth);
    waitingRows = rows;
  }

  /// Tiles of a block of rows.
  int64_t tilesOfBlock(const VectorTarget &target, const ProductTiles &tiles,
                       int64_t tileCount) const {
    if (!isGathered && parts.depthBlocks.whole())
      return tilesByTraffic(target, tiles, tileCount);
    // As many as fit, and so few that threads find enough to share.
    // Weights in L1 are there for more than one or two.
    constexpr int64_t leastUnits = 16;
    int64_t leastTiles = parts.depthBlocks.whole() ? 1 : 6;
    int64_t rows = isGathered ? stagedRows : waitingRows;
    int64_t fits = std::max<int64_t>(rows / tiles.rows.rows, 1);
    int64_t shared =
        std::max(tileCount * tiles.groups / leastUnits, leastTiles);
    int64_t blocks =
        llvm::divideCeil(tileCount, std::min({fits, shared, tileCount}));
    // Of two threads, each gathers half.
    if (isGathered)
      blocks = llvm::alignTo(blocks, 2);
    return llvm::divideCeil(tileCount, blocks);
  }

  /// Tiles of a block so that least comes from beyond L2.
  int64_t tilesByTraffic(const VectorTarget &target, const ProductTiles &tiles,
                         int64_t tileCount) const {
    int64_t inputBytes = rowCount * rowBytes();
    int64_t weightBytes = llvm::alignTo(tiles.columns, panelWidth) * rowBytes();
    // Weights that stay in L2 are there for small blocks as well, beside which
    // the next one, results and what a neighbour has there find room.
    bool stay = weightBytes <= target.l2Bytes() / 2;
    int64_t most = target.l2Bytes() / (stay ? 8 : 2);
    int64_t blocks =
        std::min<int64_t>(llvm::divideCeil(inputBytes, most), tileCount);
    int64_t fromWeights = stay ? weightBytes : weightBytes * blocks;
    bool pays =
        weightBytes + inputBytes * tiles.groups > fromWeights + inputBytes;
    return pays ? llvm::divideCeil(tileCount, blocks) : tileCount;
  }

  void report(const ProductTiles &tiles, const VectorTarget &target,
              const RowDomain &domain, int64_t tileCount, int64_t blockTiles) {
    int64_t blockRows = blockTiles * tiles.rows.rows;
    std::string how = llvm::formatv("{0} of them", tileCount * tiles.groups);
    if (isGathered)
      how = llvm::formatv("{0} gathered at a time", blockRows);
    else if (blockTiles < tileCount)
      how += llvm::formatv(", blocks of {0} rows", blockRows);
    parts.report(tiles, target.width, domain.outer() * domain.inner(), how);
  }

  Value staged(Emitter &e) const {
    return e.scratchView(0, {depthPanels, stagedRows, panelWidth});
  }

  /// Gathers the rows of tile `number`, and takes their norm.
  void stage(Emitter &e, const RowDomain &domain, const RowTiles &tiles,
             Value number, Value slot) {
    TilePlace place = locateTile(e, domain, tiles, number);
    Value first = place.row.front();
    for (auto [coordinate, size] :
         llvm::zip_equal(ArrayRef(place.row).drop_front(),
                         ArrayRef(domain.sizes).drop_front()))
      first = e.add(e.mul(first, size), coordinate);
    Value buffer = staged(e);
    const Gather &gather = parts.gather;
    Access source = Access::ofTensor(parts.kernel.readOf(gather.source()));
    Value height = tiles.heightOf(e, place.large);
    ArrayRef<int64_t> sizes = gather.type().getShape().drop_back();
    gather.emitRows(
        e, source, e.constant(0), height,
        [&](Value i) { return e.delinearize(e.add(first, i), sizes); },
        [&](Value i, Value value, Value panel, Value lane) {
          e.store(value, buffer, {panel, e.add(slot, i), lane});
        });
    if (!parts.norm)
      return;
    tiles.byHeight(e, place.large, [&](int64_t rows) {
      auto at = [&](int64_t i, Column column) {
        return SmallVector<Value>{column.panel, e.add(slot, i),
                                  e.constant(column.lane)};
      };
      parts.normalize(
          e, rows,
          [&](int64_t i, Column column) -> Value {
            return vector::LoadOp::create(e, e.vectorType(), buffer,
                                          at(i, column));
          },
          [&](int64_t i, Column column, Value x) {
            e.store(x, buffer, at(i, column));
          });
    });
  }

  int64_t stepsOfVisit() {
    return parts.depthBlocks.whole() ? parts.depth() : blockPanels * panelWidth;
  }

  /// While a block is computed, the rows of the next one come into L2: the same
  /// rows in the next block of the depth, or else those behind. What comes with
  /// tile `number` in a visit.
  void prefetchRows(Emitter &e, const KernelAccesses &accesses,
                    const ProductTiles &tiles, int64_t tileCount,
                    int64_t blockTiles, Value number, Value panelGroup,
                    const DepthVisit &visit) {
    auto min = [&](Value lhs, int64_t rhs) -> Value {
      return arith::MinUIOp::create(e, lhs, e.constant(rhs));
    };
    Value firstPanel = e.constant(0), slot = panelGroup;
    int64_t panels = depthPanels, slots = tiles.groups;
    if (parts.depthBlocks.whole()) {
      number = min(e.add(number, blockTiles), tileCount - 1);
    } else {
      slot = e.divmod(visit.panel, tiles.group).first;
      slots = parts.depthBlocks.groupsInTurn(tiles.group);
      panels = blockPanels;
      if (visit.kind == DepthVisit::inner)
        firstPanel = e.mul(e.add(visit.block, 1), blockPanels);
    }
    int64_t each = llvm::divideCeil(panels, slots);
    Value begin = min(e.mul(slot, each), panels);
    Value end = min(e.add(begin, each), panels);
    TilePlace place = locateTile(e, accesses.domain, tiles.rows, number);
    const Access &input = accesses.reads.at(parts.linear.getInput());
    e.loop(begin, end, 1, [&](Value panel) {
      Value at = min(e.add(firstPanel, panel), depthPanels - 1);
      for (int64_t i = 0; i < tiles.rows.rows; ++i) {
        SmallVector<Value> row(place.row);
        row.back() = min(e.add(row.back(), i), accesses.domain.inner() - 1);
        input.prefetch(e, row, at, Nearness::L2);
      }
    });
  }

  /// The first panel in depth of a visit, and its steps.
  std::pair<Value, int64_t> depthOf(Emitter &e, const DepthVisit &visit) {
    if (visit.kind == DepthVisit::whole)
      return {e.constant(0), parts.depth()};
    if (visit.kind == DepthVisit::inner)
      return {e.mul(visit.block, blockPanels), blockPanels * panelWidth};
    int64_t last = (depthPanels - 1) / blockPanels * blockPanels;
    return {e.constant(last), parts.depth() - last * panelWidth};
  }

  void emitTile(Emitter &e, const Tile &tile, const WeightStream &stream) {
    KernelAccesses accesses(e, parts.domainReads(), parts.kernel.write);
    SmallVector<SmallVector<Value>> rows = tile.rows(e);
    std::pair<Value, int64_t> depth = depthOf(e, tile.visit);
    Value firstPanel = depth.first;
    WeightPanels weights = parts.weights(e);
    MicroOperands operands{
        [&](int64_t i, Value panel, Value lane) -> Value {
          panel = e.add(firstPanel, panel);
          if (!isGathered)
            return accesses.reads.at(parts.linear.getInput())
                .loadScalar(e, rows[i], panel, lane);
          Value row = e.add(tile.firstRow.back(), i); // counted in the block
          return memref::LoadOp::create(e, staged(e),
                                        ValueRange{panel, row, lane});
        },
        [&](int64_t j, Value panel, Value lane) {
          panel = e.add(firstPanel, panel);
          return weights.load(e, tile, j,
                              e.add(e.mul(panel, panelWidth), lane));
        },
        [&](Value panel) {
          weights.bring(e, tile, stream, panel);
          parts.bringRows(e, tile, accesses, panel,
                          llvm::divideCeil(depth.second, panelWidth));
        }};
    SmallVector<Value> sums = emitMicroKernel(e, tile.shape, depth.second,
                                              parts.initial(e, tile), operands);
    parts.finish(e, tile, sums, accesses);
  }

  LinearParts parts;
  bool isGathered;
  int64_t depthPanels;
  int64_t rowCount;
  int64_t stagedRows = 0;  // of a block that is gathered
  int64_t blockPanels = 0; // of a block of the depth
  int64_t waitingRows = 0; // of a block, whose sums wait
};

} // namespace

std::unique_ptr<KernelEmitter> vitrail::makeLinearEmitter(Kernel kernel,
                                                          VectorTarget target) {
  LinearParts parts(kernel);
  if (parts.gather.unfold() && !parts.norm)
    return makeConvEmitter(std::move(parts), target);
  return std::make_unique<LinearEmitter>(std::move(parts), target);
}
