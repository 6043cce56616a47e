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
/// rows inside: a group stays in L2 while the rows of the block pass. Threads
/// share blocks by groups.
///
/// How many blocks there are is a matter of what comes from beyond L2. Rows
/// that do not fit in it come again for every group, weights for every block.
/// Rows that are gathered lie in scratch memory, for as long as their block
/// takes.
class LinearEmitter : public KernelEmitter {
public:
  LinearEmitter(LinearParts given, VectorTarget target)
      : parts(std::move(given)), isGathered(!parts.gather.empty()),
        depthPanels(llvm::divideCeil(parts.depth(), panelWidth)) {
    // A tile has fewer rows than the processor has registers.
    if (isGathered)
      stagedRows =
          std::max(target.l2Bytes() / 4 / rowBytes(), target.registers);
  }

  int64_t scratchElements() const override {
    return depthPanels * stagedRows * panelWidth;
  }

  void emit(Emitter &e) override {
    KernelAccesses accesses(e, parts.domainReads(), parts.kernel.write);
    const RowDomain &domain = accesses.domain;
    ProductTiles tiles(e.target, domain.inner(), parts.columns());
    int64_t tileCount = domain.outer() * tiles.rows.count;
    int64_t blockTiles = isGathered ? stagedTiles(tiles, tileCount)
                                    : tilesOfBlock(e.target, tiles, tileCount);
    int64_t blocks = llvm::divideCeil(tileCount, blockTiles);
    report(tiles, e.target, domain, tileCount, blockTiles);
    auto emitTileAt = [&](Value number, Value panelGroup, Value slot) {
      TilePlace place = locateTile(e, domain, tiles.rows, number);
      int64_t rowAxis = place.row.size() - 1;
      if (isGathered)
        place.row.push_back(slot);
      tiles.call(
          e, parts.kernel, place.large, panelGroup, place.row, rowAxis,
          [&](Emitter &inside, Kernel copy, const Tile &tile) {
            LinearEmitter(LinearParts(copy), e.target).emitTile(inside, tile);
          });
    };
    // Of a single block, threads share the tiles as well.
    if (blocks == 1 && !isGathered) {
      auto [begin, end] = e.share(tileCount * tiles.groups);
      e.loop(begin, end, 1, [&](Value unit) {
        auto [panelGroup, number] = e.divmod(unit, tileCount);
        emitTileAt(number, panelGroup, {});
      });
      return;
    }
    e.shareBlocks(blocks, tiles.groups,
                  [&](Value block, Value first, Value behind) {
                    Value firstTile = e.mul(block, blockTiles);
                    Value behindTile = arith::MinUIOp::create(
                        e, e.add(firstTile, blockTiles), e.constant(tileCount));
                    auto slotOf = [&](Value number) {
                      return e.mul(arith::SubIOp::create(e, number, firstTile),
                                   tiles.rows.rows);
                    };
                    if (isGathered)
                      e.loop(firstTile, behindTile, 1, [&](Value number) {
                        stage(e, domain, tiles.rows, number, slotOf(number));
                      });
                    e.loop(first, behind, 1, [&](Value panelGroup) {
                      e.loop(firstTile, behindTile, 1, [&](Value number) {
                        emitTileAt(number, panelGroup, slotOf(number));
                      });
                    });
                  });
  }

private:
  int64_t rowBytes() const {
    return depthPanels * panelWidth * int64_t(sizeof(float));
  }

  /// Tiles of a block of rows as they lie in memory.
  int64_t tilesOfBlock(const VectorTarget &target, const ProductTiles &tiles,
                       int64_t tileCount) {
    int64_t rows = parts.kernel.resultType().getNumElements() / tiles.columns;
    int64_t inputBytes = rows * rowBytes();
    int64_t weightBytes = llvm::alignTo(tiles.columns, panelWidth) * rowBytes();
    int64_t most = target.l2Bytes() / 2;
    int64_t blocks =
        std::min<int64_t>(llvm::divideCeil(inputBytes, most), tileCount);
    int64_t fromWeights =
        weightBytes <= most ? weightBytes : weightBytes * blocks;
    bool pays =
        weightBytes + inputBytes * tiles.groups > fromWeights + inputBytes;
    return pays ? llvm::divideCeil(tileCount, blocks) : tileCount;
  }

  /// Tiles of a block of gathered rows: what fits, and so few that threads find
  /// enough to share.
  int64_t stagedTiles(const ProductTiles &tiles, int64_t tileCount) const {
    constexpr int64_t leastUnits = 16;
    int64_t fits = std::max<int64_t>(stagedRows / tiles.rows.rows, 1);
    int64_t shared =
        std::max<int64_t>(tileCount * tiles.groups / leastUnits, 1);
    int64_t most = std::min({fits, shared, tileCount});
    return llvm::divideCeil(tileCount, llvm::divideCeil(tileCount, most));
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

  /// Gathers the rows of tile `number`.
  void stage(Emitter &e, const RowDomain &domain, const RowTiles &tiles,
             Value number, Value slot) {
    TilePlace place = locateTile(e, domain, tiles, number);
    Value first = place.row.front();
    for (auto [coordinate, size] :
         llvm::zip_equal(ArrayRef(place.row).drop_front(),
                         ArrayRef(domain.sizes).drop_front()))
      first = e.add(e.mul(first, size), coordinate);
    Value count = arith::SelectOp::create(
        e, place.large, e.constant(tiles.rows), e.constant(tiles.rows - 1));
    Value buffer = staged(e);
    const Gather &gather = parts.gather;
    Access source = Access::ofTensor(parts.kernel.readOf(gather.source()));
    e.loop(e.constant(0), count, 1, [&](Value i) {
      SmallVector<Value> at =
          e.delinearize(e.add(first, i), gather.type().getShape().drop_back());
      Value row = e.add(slot, i);
      gather.emitRow(e, source, at, [&](Value value, Value panel, Value lane) {
        e.store(value, buffer, {panel, row, lane});
      });
    });
  }

  void emitTile(Emitter &e, const Tile &tile) {
    KernelAccesses accesses(e, parts.domainReads(), parts.kernel.write);
    SmallVector<SmallVector<Value>> rows = tile.rows(e);
    MicroOperands operands{
        [&](int64_t i, Value panel, Value lane) -> Value {
          if (!isGathered)
            return accesses.reads.at(parts.linear.getInput())
                .loadScalar(e, rows[i], panel, lane);
          Value row = e.add(tile.firstRow.back(), i); // counted in the block
          return memref::LoadOp::create(e, staged(e),
                                        ValueRange{panel, row, lane});
        },
        [&](int64_t j, Value panel, Value lane) {
          return parts.weight(e, tile, j,
                              e.add(e.mul(panel, panelWidth), lane));
        }};
    SmallVector<Value> sums = emitMicroKernel(e, tile.shape, parts.depth(),
                                              parts.initial(e, tile), operands);
    parts.finish(e, tile, sums, accesses);
  }

  LinearParts parts;
  bool isGathered;
  int64_t depthPanels;
  int64_t stagedRows = 0; // of a block that is gathered
};

} // namespace

std::unique_ptr<KernelEmitter> vitrail::makeLinearEmitter(Kernel kernel,
                                                          VectorTarget target) {
  LinearParts parts(kernel);
  if (parts.gather.unfold())
    return makeConvEmitter(std::move(parts), target);
  return std::make_unique<LinearEmitter>(std::move(parts), target);
}
