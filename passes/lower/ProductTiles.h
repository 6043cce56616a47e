//===- ProductTiles.h - The register tiles of a matrix product  -*- C++ -*-===//
//
// Part of Vitrail, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef VITRAIL_PASSES_LOWER_PRODUCTTILES_H
#define VITRAIL_PASSES_LOWER_PRODUCTTILES_H

#include "passes/lower/DepthBlocks.h"
#include "passes/lower/Kernel.h"
#include "passes/lower/Tiling.h"
#include "passes/lower/VectorMath.h"

namespace vitrail {

/// A register tile of a product, as the function that computes it sees it.
struct Tile {
  TileShape shape;
  int64_t lastLanes = panelWidth; // columns that its last panel has
  /// Coordinates of its first row, of which `rowAxis` counts the rows. Nothing
  /// counts them (-1) where there is one row.
  llvm::SmallVector<mlir::Value> firstRow;
  int64_t rowAxis = -1;
  mlir::Value firstPanel;
  DepthVisit visit = {};

  /// Coordinates of row `i` of the tile.
  llvm::SmallVector<mlir::Value> rowAt(Emitter &e, mlir::Value i) const;
  llvm::SmallVector<llvm::SmallVector<mlir::Value>> rows(Emitter &e) const;
  /// The columns of vector `j`.
  Column columnAt(Emitter &e, int64_t j) const;
};

/// How register tiles cover a product of `rows` by `columns`: exact tiles of
/// rows, and groups of at most `mostPanels` panels of columns of which the last
/// may be smaller. They are as large as `tiling` lets them be, or else as the
/// cost model says.
struct ProductTiles {
  ProductTiles(const VectorTarget &target, const std::optional<Tiling> &tiling,
               int64_t rows, int64_t columns, int64_t mostPanels = 8);
  ProductTiles(const VectorTarget &target, TileShape most, int64_t rows,
               int64_t columns);

  RowTiles rows;
  int64_t columns;
  int64_t vectors;       // of columns in a tile
  int64_t group, groups; // panels of a tile, tiles of columns

  TileShape shape() const { return {rows.rows, vectors}; }

  /// Calls the part of the kernel that computes tile `panelGroup` of columns
  /// and the rows from `firstRow`, a larger or a smaller tile. There is a
  /// function for each shape and kind of visit, whose code `emitBody` writes.
  void call(
      Emitter &e, Kernel &kernel, mlir::Value isLarge, mlir::Value panelGroup,
      llvm::ArrayRef<mlir::Value> firstRow, int64_t rowAxis,
      const DepthVisit &visit,
      llvm::function_ref<void(Emitter &, Kernel, const Tile &)> emitBody) const;
};

/// Where a tile of rows lies in a domain: its first row, and whether it is one
/// of the larger tiles.
struct TilePlace {
  llvm::SmallVector<mlir::Value> row;
  mlir::Value large;
};

/// Tile `number` of those that cover the domain, axis by axis.
TilePlace locateTile(Emitter &e, const RowDomain &domain, const RowTiles &tiles,
                     mlir::Value number);

/// Puts accumulators through the epilogue into the result: those of `columns`
/// (without any that does not exist) in each of `rows` rows.
void emitTileResult(
    Emitter &e, int64_t rows,
    llvm::function_ref<llvm::SmallVector<mlir::Value>(mlir::Value)> rowAt,
    llvm::ArrayRef<Column> columns, llvm::ArrayRef<mlir::Value> sums,
    const Epilogue &epilogue, const Access &result);
void emitTileResult(Emitter &e, const Tile &tile,
                    llvm::ArrayRef<mlir::Value> sums, const Epilogue &epilogue,
                    const Access &result);

} // namespace vitrail

#endif // VITRAIL_PASSES_LOWER_PRODUCTTILES_H
