//===- EmitLinear.cpp - Matrix products with packed weights
//-------------------===//
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

/// A linear of rows as they lie in memory. In a block of rows, groups of panels
/// of weights are outside and tiles of rows inside: a group stays in L2 while
/// the rows of the block pass. Threads share blocks by groups.
///
/// How many blocks there are is a matter of what comes from beyond L2. Rows
/// that do not fit in it come again for every group, weights for every block.
class LinearEmitter : public KernelEmitter {
public:
  explicit LinearEmitter(LinearParts parts) : parts(std::move(parts)) {}

  void emit(Emitter &e) override {
    KernelAccesses accesses(e, parts.domainReads(), parts.kernel.write);
    const RowDomain &domain = accesses.domain;
    ProductTiles tiles(e.target, domain.inner(), parts.columns());
    int64_t tileCount = domain.outer() * tiles.rows.count;
    int64_t rows = domain.outer() * domain.inner();
    int64_t blockTiles = chooseBlock(e.target, rows, tileCount, tiles.groups);
    int64_t blocks = llvm::divideCeil(tileCount, blockTiles);
    std::string how = llvm::formatv("{0} of them", tileCount * tiles.groups);
    if (blocks > 1)
      how +=
          llvm::formatv(", blocks of {0} rows", blockTiles * tiles.rows.rows);
    parts.report(tiles, e.target.width, rows, how);
    auto emitTileAt = [&](Value number, Value panelGroup) {
      TilePlace place = locateTile(e, domain, tiles.rows, number);
      tiles.call(e, parts.kernel, place.large, panelGroup, place.row,
                 place.row.size() - 1,
                 [](Emitter &inside, Kernel copy, const Tile &tile) {
                   LinearEmitter(LinearParts(copy)).emitTile(inside, tile);
                 });
    };
    if (blocks == 1) {
      auto [begin, end] = e.share(tileCount * tiles.groups);
      e.loop(begin, end, 1, [&](Value unit) {
        auto [panelGroup, number] = e.divmod(unit, tileCount);
        emitTileAt(number, panelGroup);
      });
      return;
    }
    e.shareBlocks(
        blocks, tiles.groups, [&](Value block, Value first, Value behind) {
          Value firstTile = e.mul(block, blockTiles);
          Value behindTile = arith::MinUIOp::create(
              e, e.add(firstTile, blockTiles), e.constant(tileCount));
          e.loop(first, behind, 1, [&](Value panelGroup) {
            e.loop(firstTile, behindTile, 1,
                   [&](Value number) { emitTileAt(number, panelGroup); });
          });
        });
  }

private:
  /// Tiles of a block.
  int64_t chooseBlock(const VectorTarget &target, int64_t rows,
                      int64_t tileCount, int64_t groups) {
    int64_t depthBytes =
        llvm::alignTo(parts.depth(), panelWidth) * int64_t(sizeof(float));
    int64_t rowBytes = rows * depthBytes;
    int64_t weightBytes =
        llvm::alignTo(parts.columns(), panelWidth) * depthBytes;
    int64_t most = target.l2Bytes() / 2;
    int64_t blocks =
        std::min(llvm::divideCeil(rowBytes, most), uint64_t(tileCount));
    int64_t fromWeights =
        weightBytes <= most ? weightBytes : weightBytes * blocks;
    bool pays = weightBytes + rowBytes * groups > fromWeights + rowBytes;
    return pays ? llvm::divideCeil(tileCount, blocks) : tileCount;
  }

  void emitTile(Emitter &e, const Tile &tile) {
    KernelAccesses accesses(e, parts.domainReads(), parts.kernel.write);
    const Access &input = accesses.reads.at(parts.linear.getInput());
    SmallVector<SmallVector<Value>> rows = tile.rows(e);
    MicroOperands operands{[&](int64_t i, Value panel, Value lane) {
                             return input.loadScalar(e, rows[i], panel, lane);
                           },
                           [&](int64_t j, Value panel, Value lane) {
                             return parts.weight(
                                 e, tile, j,
                                 e.add(e.mul(panel, panelWidth), lane));
                           }};
    SmallVector<Value> sums = emitMicroKernel(e, tile.shape, parts.depth(),
                                              parts.initial(e, tile), operands);
    parts.finish(e, tile, sums, accesses);
  }

  LinearParts parts;
};

} // namespace

std::unique_ptr<KernelEmitter> vitrail::makeLinearEmitter(Kernel kernel,
                                                          VectorTarget target) {
  LinearParts parts(kernel);
  if (parts.gather.unfold())
    return makeConvEmitter(std::move(parts), target);
  if (!parts.gather.empty())
    return makeGatheredLinearEmitter(std::move(parts), target);
  return std::make_unique<LinearEmitter>(std::move(parts));
}
