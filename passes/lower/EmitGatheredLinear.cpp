//===- EmitGatheredLinear.cpp - Linears of rows that are gathered ---------===//
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

/// A block of rows is gathered into scratch memory, where it stays in L2 while
/// the panels of weights pass: inside a block, panels are outside and tiles of
/// rows inside. Threads share blocks by panels.
class GatheredLinearEmitter : public KernelEmitter {
public:
  GatheredLinearEmitter(LinearParts parts, VectorTarget target)
      : parts(std::move(parts)),
        depthPanels(llvm::divideCeil(this->parts.depth(), panelWidth)) {
    int64_t blockBytes = target.l2Bytes() / 4;
    int64_t rowBytes = depthPanels * panelWidth * int64_t(sizeof(float));
    // A tile has fewer rows than the processor has registers.
    stagedRows = std::max(blockBytes / rowBytes, target.registers);
  }

  int64_t scratchElements() const override {
    return depthPanels * stagedRows * panelWidth;
  }

  void emit(Emitter &e) override {
    KernelAccesses accesses(e, parts.domainReads(), parts.kernel.write);
    const RowDomain &domain = accesses.domain;
    ProductTiles tiles(e.target, domain.inner(), parts.columns());
    int64_t tileCount = domain.outer() * tiles.rows.count;
    int64_t blockTiles = tilesOfBlock(tiles, tileCount);
    int64_t blocks = llvm::divideCeil(tileCount, blockTiles);
    parts.report(
        tiles, e.target.width, domain.outer() * domain.inner(),
        llvm::formatv("{0} gathered at a time", blockTiles * tiles.rows.rows)
            .str());
    e.shareBlocks(
        blocks, tiles.groups, [&](Value block, Value first, Value behind) {
          Value firstTile = e.mul(block, blockTiles);
          Value behindTile = arith::MinUIOp::create(
              e, e.add(firstTile, blockTiles), e.constant(tileCount));
          auto slotOf = [&](Value number) {
            return e.mul(arith::SubIOp::create(e, number, firstTile),
                         tiles.rows.rows);
          };
          e.loop(firstTile, behindTile, 1, [&](Value number) {
            stage(e, domain, tiles.rows, number, slotOf(number));
          });
          e.loop(first, behind, 1, [&](Value panelGroup) {
            e.loop(firstTile, behindTile, 1, [&](Value number) {
              TilePlace place = locateTile(e, domain, tiles.rows, number);
              int64_t rowAxis = place.row.size() - 1;
              place.row.push_back(slotOf(number));
              tiles.call(e, parts.kernel, place.large, panelGroup, place.row,
                         rowAxis,
                         [&](Emitter &inside, Kernel copy, const Tile &tile) {
                           GatheredLinearEmitter(LinearParts(copy), e.target)
                               .emitTile(inside, tile);
                         });
            });
          });
        });
  }

private:
  /// Tiles of a block: what fits, and so few that threads find enough to share.
  int64_t tilesOfBlock(const ProductTiles &tiles, int64_t tileCount) const {
    constexpr int64_t leastUnits = 16;
    int64_t fits = std::max<int64_t>(stagedRows / tiles.rows.rows, 1);
    int64_t shared =
        std::max<int64_t>(tileCount * tiles.groups / leastUnits, 1);
    int64_t most = std::min({fits, shared, tileCount});
    return llvm::divideCeil(tileCount, llvm::divideCeil(tileCount, most));
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
        SmallVector<Value> to{panel, row, lane};
        e.store(value, buffer, to);
      });
    });
  }

  void emitTile(Emitter &e, const Tile &tile) {
    KernelAccesses accesses(e, parts.domainReads(), parts.kernel.write);
    Value buffer = staged(e), slot = tile.firstRow.back();
    MicroOperands operands{
        [&](int64_t i, Value panel, Value lane) -> Value {
          return memref::LoadOp::create(
              e, buffer, ValueRange{panel, e.add(slot, i), lane});
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
  int64_t depthPanels, stagedRows;
};

} // namespace

std::unique_ptr<KernelEmitter>
vitrail::makeGatheredLinearEmitter(LinearParts parts, VectorTarget target) {
  return std::make_unique<GatheredLinearEmitter>(std::move(parts), target);
}
