//===- TileShape.cpp - Which register tile a product uses -----------------===//
//
// Part of Vitrail, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "passes/lower/TileShape.h"

using namespace mlir;
using namespace vitrail;

RowTiles::RowTiles(int64_t total, int64_t atMost)
    : RowTiles(inParts(total, llvm::divideCeil(total, atMost))) {}

RowTiles RowTiles::inParts(int64_t total, int64_t count) {
  RowTiles tiles;
  tiles.count = count;
  tiles.rows = llvm::divideCeil(total, count);
  tiles.large = total - (tiles.rows - 1) * count;
  return tiles;
}

std::pair<Value, Value> RowTiles::locate(Emitter &e, Value number) const {
  if (uniform())
    return {e.mul(number, rows), Value()};
  Value isLarge = arith::CmpIOp::create(e, arith::CmpIPredicate::ult, number,
                                        e.constant(large));
  Value smaller = arith::SubIOp::create(e, number, e.constant(large));
  Value missing = arith::SelectOp::create(e, isLarge, e.constant(0), smaller);
  Value first = arith::SubIOp::create(e, e.mul(number, rows), missing);
  return {first, isLarge};
}

Value RowTiles::heightOf(Emitter &e, Value isLarge) const {
  if (uniform())
    return e.constant(rows);
  return arith::SelectOp::create(e, isLarge, e.constant(rows),
                                 e.constant(rows - 1));
}

void RowTiles::byHeight(Emitter &e, Value isLarge,
                        llvm::function_ref<void(int64_t)> body) const {
  if (uniform())
    return body(rows);
  auto choice = scf::IfOp::create(e, isLarge, /*withElseRegion=*/true);
  OpBuilder::InsertionGuard guard(e);
  e.setInsertionPointToStart(choice.thenBlock());
  body(rows);
  e.setInsertionPointToStart(choice.elseBlock());
  body(rows - 1);
}

/// More rows than a panel has columns gain nothing, and those of 28 take 1.02
/// of the time in ResNet-50 and PVT.
static constexpr int64_t mostRows = panelWidth;

/// Cycles to compute one step in depth of a tile.
static double stepCycles(const VectorTarget &target, int64_t rows,
                         int64_t vectors) {
  constexpr double underWay = 8, loadsPerCycle = 2, bytesPerCycle = 32;
  constexpr double exposedStream = 0.1, exposedLoad = 0.05;
  double issue = std::max(
      {double(rows * vectors), (rows + vectors) / loadsPerCycle, underWay});
  double streamed = (rows + vectors * target.width) * sizeof(float);
  int64_t loads = vectors + (target.broadcastsFor(vectors) ? rows : 0);
  return issue + exposedStream * streamed / bytesPerCycle + exposedLoad * loads;
}

namespace {
struct RatedTile {
  TileShape shape;
  double cycles; // of one step in depth, for all of the result
};
} // namespace

/// Tiles of up to `mostPanels` panels: of each width the one with the most rows
/// that it may have, and those of up to `fewer` rows less.
static SmallVector<RatedTile> rateTiles(const VectorTarget &target,
                                        int64_t rows, int64_t columns,
                                        int64_t mostPanels, int64_t fewer) {
  int64_t perPanel = target.vectorsPerPanel();
  int64_t panels = llvm::divideCeil(columns, panelWidth);
  SmallVector<RatedTile> rated;
  for (int64_t group = 1; group <= std::min(panels, mostPanels); ++group) {
    int64_t vectors = group * perPanel;
    int64_t limit =
        std::min((target.registers - vectors - 1) / vectors, mostRows);
    for (int64_t most = limit; most >= std::max<int64_t>(limit - fewer, 1);
         --most) {
      RowTiles tiles(rows, most);
      // Whole groups, then what is left of the panels.
      auto sweep = [&](int64_t width) {
        double large = stepCycles(target, tiles.rows, width) * tiles.large;
        double small = tiles.uniform()
                           ? 0
                           : stepCycles(target, tiles.rows - 1, width) *
                                 (tiles.count - tiles.large);
        return large + small;
      };
      double cycles = sweep(vectors) * (panels / group);
      if (int64_t rest = panels % group)
        cycles += sweep(rest * perPanel);
      rated.push_back({{tiles.rows, vectors}, cycles});
    }
  }
  return rated;
}

static bool isCheaper(const RatedTile &a, const RatedTile &b) {
  return a.cycles < b.cycles;
}

TileShape vitrail::chooseTile(const VectorTarget &target, int64_t rows,
                              int64_t columns, int64_t mostPanels) {
  SmallVector<RatedTile> rated =
      rateTiles(target, rows, columns, mostPanels, /*fewer=*/0);
  return llvm::min_element(rated, isCheaper)->shape;
}

SmallVector<TileShape> vitrail::rankTiles(const VectorTarget &target,
                                          int64_t rows, int64_t columns,
                                          int64_t mostPanels, size_t count) {
  SmallVector<RatedTile> rated =
      rateTiles(target, rows, columns, mostPanels, /*fewer=*/2);
  llvm::stable_sort(rated, isCheaper);
  SmallVector<TileShape> ranked{chooseTile(target, rows, columns, mostPanels)};
  for (const RatedTile &tile : rated)
    if (ranked.size() < count && !llvm::is_contained(ranked, tile.shape))
      ranked.push_back(tile.shape);
  return ranked;
}
