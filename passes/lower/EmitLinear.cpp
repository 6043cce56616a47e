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

/// A linear of rows as they lie in memory: panels of weights outside, tiles of
/// rows inside. A group of weight panels stays in L2 while all rows pass.
class LinearEmitter : public KernelEmitter {
public:
  explicit LinearEmitter(LinearParts parts) : parts(std::move(parts)) {}

  void emit(Emitter &e) override {
    KernelAccesses accesses(e, parts.domainReads(), parts.kernel.write);
    const RowDomain &domain = accesses.domain;
    ProductTiles tiles(e.target, domain.inner(), parts.columns());
    int64_t tileCount = domain.outer() * tiles.rows.count;
    parts.report(tiles, e.target.width, domain.outer() * domain.inner(),
                 llvm::formatv("{0} of them", tileCount * tiles.groups).str());
    auto [begin, end] = e.share(tileCount * tiles.groups);
    e.loop(begin, end, 1, [&](Value unit) {
      auto [panelGroup, number] = e.divmod(unit, tileCount);
      TilePlace place = locateTile(e, domain, tiles.rows, number);
      tiles.call(e, parts.kernel, place.large, panelGroup, place.row,
                 place.row.size() - 1,
                 [](Emitter &inside, Kernel copy, const Tile &tile) {
                   LinearEmitter(LinearParts(copy)).emitTile(inside, tile);
                 });
    });
  }

private:
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
