//===- TileShape.h - Which register tile a product uses ---------*- C++ -*-===//
//
// Part of Vitrail, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef VITRAIL_PASSES_LOWER_TILESHAPE_H
#define VITRAIL_PASSES_LOWER_TILESHAPE_H

#include "passes/lower/Emitter.h"

namespace vitrail {

/// A register tile: `rows` rows by `vectors` vectors of columns are accumulated
/// in registers while the depth is walked.
struct TileShape {
  int64_t rows = 1;
  int64_t vectors = 1;

  bool operator==(const TileShape &other) const {
    return rows == other.rows && vectors == other.vectors;
  }
  /// Whether accumulators, the weights of a step and one broadcast have place.
  bool fits(const VectorTarget &target) const {
    return (rows + 1) * vectors + 1 <= target.registers;
  }
};

/// Exact tiles for `total` rows: the first `large` tiles have `rows` rows, the
/// rest one less, so that no tile has a tail.
struct RowTiles {
  int64_t rows = 1;
  int64_t large = 1;
  int64_t count = 1;

  RowTiles() = default;
  RowTiles(int64_t total, int64_t atMost);
  /// As many tiles as asked for, as equal as they can be.
  static RowTiles inParts(int64_t total, int64_t count);
  bool uniform() const { return large == count; }
  /// Rows, if all tiles were as large as the larger ones.
  int64_t slots() const { return count * rows; }

  /// The first row of tile `number`, and whether it is one of the larger tiles
  /// (null if there are no others).
  std::pair<mlir::Value, mlir::Value> locate(Emitter &e,
                                             mlir::Value number) const;
  /// The rows that the tile has.
  mlir::Value heightOf(Emitter &e, mlir::Value isLarge) const;
  /// Emits `body` for the height that the tile has.
  void byHeight(Emitter &e, mlir::Value isLarge,
                llvm::function_ref<void(int64_t rows)> body) const;
};

/// The tile that computes `rows × columns` results in the fewest cycles, by a
/// model of one core:
///
/// cycles of one step in depth = the largest of
///   - rows · vectors: multiply-adds that are issued,
///   - (rows + vectors) / 2: two loads a cycle,
///   - 8: so many multiply-adds are under way, and sums depend on those before,
///
/// summed over the tiles that cover the result, where accumulators, weights and
/// one broadcast fit the registers. What a step streams from L2 (one column of
/// the rows, one row of the panels) hides behind arithmetic only in part: a
/// tenth of the cycles it takes at 32 bytes a cycle is added. So do loads that
/// are instructions of their own, where a neighbour has half of the core's
/// front end: a twentieth of a cycle each. It has at most `mostPanels` panels
/// of columns, and as many rows as a panel has columns.
TileShape chooseTile(const VectorTarget &target, int64_t rows, int64_t columns,
                     int64_t mostPanels = 8);

/// Some tiles that may be as fast on a processor that is not as the model says:
/// first `chooseTile`'s, then others of each width, of as many rows as it may
/// have or one or two less, by the cycles that the model expects. At most
/// `count`.
llvm::SmallVector<TileShape> rankTiles(const VectorTarget &target, int64_t rows,
                                       int64_t columns, int64_t mostPanels = 8,
                                       size_t count = 4);

} // namespace vitrail

#endif // VITRAIL_PASSES_LOWER_TILESHAPE_H
