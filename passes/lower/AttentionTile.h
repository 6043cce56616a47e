//===- AttentionTile.h - Queries of one tile, keys of one block -*- C++ -*-===//
//
// Part of Vitrail, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef VITRAIL_PASSES_LOWER_ATTENTIONTILE_H
#define VITRAIL_PASSES_LOWER_ATTENTIONTILE_H

#include "passes/lower/Kernel.h"
#include "passes/lower/TileShape.h"
#include "passes/lower/VectorMath.h"

namespace vitrail {

/// How an attention is cut: tiles of queries, which meet blocks of keys. Where
/// all keys are one block, a tile's scores against them lie in L1 and its
/// softmax is taken at once. Where there are several, the softmax is taken
/// online (Milakov and Gimelshein, arXiv 1805.02867; Rabe and Staats, arXiv
/// 2112.05682): a chunk of tiles keeps maxima, sums and weighted values between
/// blocks, so that a block of keys is transposed once for all of them.
struct AttentionShape {
  /// As `tiling` says, or else as the cost model does. Where threads keep
  /// `units` units that are none of whole sets of queries, each is tiled by
  /// itself.
  AttentionShape(MixerOpInterface mixer, const VectorTarget &target,
                 const std::optional<Tiling> &tiling, int64_t units);

  llvm::SmallVector<int64_t> batch; // sizes of the axes before the tokens
  int64_t heads, queries, keys, headSize, valueSize;
  TileShape tile;
  RowTiles ranges;             // of queries: its tiles, or units that are tiled
  bool cutsQueries = false;    // whether they are units
  int64_t blockPanels, blocks; // panels of keys in a block, blocks of keys
  int64_t chunkTiles;          // tiles of queries in a chunk

  /// Those that are tiled together.
  int64_t queriesTogether() const {
    return cutsQueries ? ranges.rows : queries;
  }
  bool isOnline() const { return blocks > 1; }
  int64_t chunkRows() const { return chunkTiles * tile.rows; }
  /// Keys in the last block; the others are full.
  int64_t lastKeys() const {
    return keys - (blocks - 1) * blockPanels * panelWidth;
  }
  int64_t scratchElements() const;
  int64_t scoreElements() const { return blockPanels * tile.rows * panelWidth; }

  // Parts of the scratch.
  /// The keys of a block as columns: [panel of keys, feature, 16 keys].
  mlir::Value transposedKeys(Emitter &e) const;
  /// The scores of a tile: [panel of keys, query, 16 keys].
  mlir::Value scores(Emitter &e) const;
  /// What each query of a tile multiplies its weighted values with.
  mlir::Value factors(Emitter &e) const;
  /// Of each query of a chunk: the largest score so far, the sum of the powers,
  /// and the values weighted by them, [query, feature].
  mlir::Value maxima(Emitter &e) const;
  mlir::Value sums(Emitter &e) const;
  mlir::Value weighted(Emitter &e) const;
};

/// What an attention's rows go through on their way into the result.
class AttentionResult {
public:
  AttentionResult(Emitter &e, Kernel &kernel);
  void store(Emitter &e, mlir::Value value, mlir::ValueRange row,
             Column column) const;

private:
  KernelAccesses accesses;
  Epilogue epilogue;
};

/// Where a tile and its block of keys lie.
struct AttentionPosition {
  llvm::SmallVector<mlir::Value> batch;
  mlir::Value head, query; // the first query of the tile
  mlir::Value keyPanel;    // the first panel of the block
  mlir::Value slot;        // the first row of the tile in its chunk

  llvm::SmallVector<mlir::Value> flatten() const;
  static AttentionPosition unflatten(llvm::ArrayRef<mlir::Value> values);
  /// Coordinates of token `token`.
  llvm::SmallVector<mlir::Value> rowOf(mlir::Value token) const;
};

/// Writes the code for `rows` queries against a block of `keys` keys, whose
/// transposed form lies in the scratch.
class AttentionTile {
public:
  AttentionTile(Kernel &kernel, const AttentionShape &shape, int64_t rows,
                int64_t keys, AttentionPosition position)
      : kernel(kernel), mixer(mlir::cast<MixerOpInterface>(kernel.ops.front())),
        shape(shape), rows(rows), keys(keys), position(std::move(position)) {}

  void emit(Emitter &e);

private:
  void forGroups(Emitter &e, int64_t columns,
                 llvm::function_ref<void(mlir::Value, int64_t)> body) const;
  static Column columnAt(Emitter &e, mlir::Value firstPanel, int64_t j);

  void emitScores(Emitter &e);
  mlir::Value modify(Emitter &e, mlir::Value score, mlir::Value token,
                     Column column);
  void emitSoftmax(Emitter &e);
  void emitSoftmax(Emitter &e, mlir::Value first, int64_t count);
  mlir::Value power(Emitter &e, mlir::Value score, mlir::Value shift);
  /// Calls `finish` with the products of powers and values: vectors of `row`
  /// (within the tile) at a column, started from what `initial` gives.
  void emitProduct(
      Emitter &e, llvm::function_ref<mlir::Value(int64_t row, Column)> initial,
      llvm::function_ref<void(int64_t row, Column, mlir::Value)> finish);
  void emitOutput(Emitter &e);
  void emitAccumulation(Emitter &e);

  Kernel &kernel;
  MixerOpInterface mixer;
  const AttentionShape &shape;
  int64_t rows, keys;
  AttentionPosition position;
};

/// What a query's sum of powers, in every lane, makes of its weighted values:
/// 1 / sum, or zero where it saw no key.
mlir::Value emitReciprocal(Emitter &e, mlir::Value sum, bool maybeZero);

/// Whether a query may see no key, or some with a score of -inf.
bool mayMask(MixerOpInterface mixer);

} // namespace vitrail

#endif // VITRAIL_PASSES_LOWER_ATTENTIONTILE_H
