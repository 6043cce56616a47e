//===- ProductTiles.cpp - The register tiles of a matrix product ----------===//
//
// Part of Vitrail, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "passes/lower/ProductTiles.h"

using namespace mlir;
using namespace vitrail;

//===----------------------------------------------------------------------===//
// Tile
//===----------------------------------------------------------------------===//

SmallVector<Value> Tile::rowAt(Emitter &e, Value i) const {
  SmallVector<Value> row(firstRow);
  if (rowAxis >= 0)
    row[rowAxis] = e.add(row[rowAxis], i);
  return row;
}

SmallVector<SmallVector<Value>> Tile::rows(Emitter &e) const {
  SmallVector<SmallVector<Value>> rows;
  for (int64_t i = 0; i < shape.rows; ++i)
    rows.push_back(i ? rowAt(e, e.constant(i)) : firstRow);
  return rows;
}

Column Tile::columnAt(Emitter &e, int64_t j) const {
  int64_t perPanel = e.target.vectorsPerPanel();
  int64_t number = j / perPanel, lane = j % perPanel * e.target.width;
  bool inLast = (number + 1) * perPanel == shape.vectors;
  int64_t lanes = inLast ? lastLanes : panelWidth;
  return {e.add(firstPanel, number), lane,
          std::clamp<int64_t>(lanes - lane, 0, e.target.width)};
}

//===----------------------------------------------------------------------===//
// ProductTiles
//===----------------------------------------------------------------------===//

/// The tile of `tiling`, no wider than the result, or else the model's.
static TileShape tileFor(const VectorTarget &target,
                         const std::optional<Tiling> &tiling, int64_t rows,
                         int64_t columns, int64_t mostPanels) {
  if (!tiling)
    return chooseTile(target, rows, columns, mostPanels);
  int64_t panels =
      std::min<int64_t>(llvm::divideCeil(columns, panelWidth), mostPanels);
  return {tiling->tile.rows,
          std::min(tiling->tile.vectors, panels * target.vectorsPerPanel())};
}

ProductTiles::ProductTiles(const VectorTarget &target,
                           const std::optional<Tiling> &tiling,
                           int64_t rowCount, int64_t columns,
                           int64_t mostPanels)
    : ProductTiles(target,
                   tileFor(target, tiling, rowCount, columns, mostPanels),
                   rowCount, columns) {}

ProductTiles::ProductTiles(const VectorTarget &target, TileShape tile,
                           int64_t rowCount, int64_t columns)
    : rows(rowCount, tile.rows), columns(columns), vectors(tile.vectors),
      group(vectors / target.vectorsPerPanel()),
      groups(llvm::divideCeil(llvm::divideCeil(columns, panelWidth), group)) {}

void ProductTiles::call(
    Emitter &e, Kernel &kernel, Value isLarge, Value panelGroup,
    ArrayRef<Value> firstRow, int64_t rowAxis, const DepthVisit &visit,
    llvm::function_ref<void(Emitter &, Kernel, const Tile &)> emitBody) const {
  SmallVector<Value> position(firstRow);
  position.push_back(e.mul(panelGroup, group));
  llvm::append_range(position, visit.arguments());
  auto byHeight = [&](int64_t width, int64_t lastLanes) {
    bool isShort = lastLanes != panelWidth;
    rows.byHeight(e, isLarge, [&](int64_t height) {
      kernel.callPart(
          e,
          "tile_" + Twine(height) + "x" + Twine(width * e.target.width) +
              (isShort ? "_last" : "") +
              (visit.kind == DepthVisit::inner ? "_part" : ""),
          position, [&](Emitter &inside, Kernel copy, ArrayRef<Value> at) {
            ArrayRef<Value> row = at.take_front(firstRow.size());
            ArrayRef<Value> behind = at.drop_front(firstRow.size());
            Tile tile{
                {height, width},
                lastLanes,
                SmallVector<Value>(row),
                rowAxis,
                behind.front(),
                DepthVisit::fromArguments(visit.kind, behind.drop_front())};
            emitBody(inside, copy, tile);
          });
    });
  };
  // The last group may have fewer panels, and its last panel fewer columns.
  int64_t panels = llvm::divideCeil(columns, panelWidth);
  int64_t rest = panels % group * e.target.vectorsPerPanel();
  int64_t lastWidth = rest ? rest : vectors;
  int64_t lastLanes = columns - (panels - 1) * panelWidth;
  if (groups == 1 || (!rest && lastLanes == panelWidth))
    return byHeight(lastWidth, lastLanes);
  Value whole = arith::CmpIOp::create(e, arith::CmpIPredicate::ult, panelGroup,
                                      e.constant(groups - 1));
  auto choice = scf::IfOp::create(e, whole, /*withElseRegion=*/true);
  OpBuilder::InsertionGuard guard(e);
  e.setInsertionPointToStart(choice.thenBlock());
  byHeight(vectors, panelWidth);
  e.setInsertionPointToStart(choice.elseBlock());
  byHeight(lastWidth, lastLanes);
}

TilePlace vitrail::locateTile(Emitter &e, const RowDomain &domain,
                              const RowTiles &tiles, Value number) {
  auto [outer, inner] = e.divmod(number, tiles.count);
  TilePlace place;
  place.row = e.delinearize(outer, ArrayRef(domain.sizes).drop_back());
  auto [first, large] = tiles.locate(e, inner);
  place.row.push_back(first);
  place.large = large;
  return place;
}

void vitrail::emitTileResult(
    Emitter &e, int64_t rows,
    llvm::function_ref<SmallVector<Value>(Value)> rowAt,
    ArrayRef<Column> columns, ArrayRef<Value> sums, const Epilogue &epilogue,
    const Access &result) {
  auto storeRow = [&](ValueRange row,
                      llvm::function_ref<Value(int64_t, Column)> value) {
    for (auto [j, column] : llvm::enumerate(columns))
      if (column.valid > 0)
        result.store(e, value(j, column), row, column);
  };
  bool isLong = epilogue.isLong();
  // All at once, a long epilogue would spill the accumulators over and over:
  // they wait in the result, and a loop takes them row by row.
  for (int64_t i = 0; i < rows; ++i) {
    SmallVector<Value> row = rowAt(e.constant(i));
    storeRow(row, [&](int64_t j, Column column) {
      Value sum = sums[i * columns.size() + j];
      return isLong ? sum : epilogue.evaluate(e, sum, row, column);
    });
  }
  if (!isLong)
    return;
  e.loop(e.constant(0), e.constant(rows), 1, [&](Value i) {
    SmallVector<Value> row = rowAt(i);
    storeRow(row, [&](int64_t, Column column) {
      return epilogue.evaluate(e, result.load(e, row, column), row, column);
    });
  });
}

void vitrail::emitTileResult(Emitter &e, const Tile &tile, ArrayRef<Value> sums,
                             const Epilogue &epilogue, const Access &result) {
  SmallVector<Column> columns;
  for (int64_t j = 0; j < tile.shape.vectors; ++j)
    columns.push_back(tile.columnAt(e, j));
  emitTileResult(
      e, tile.shape.rows, [&](Value i) { return tile.rowAt(e, i); }, columns,
      sums, epilogue, result);
}
