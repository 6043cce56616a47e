//===- Tiling.h - How a kernel of a product is cut --------------*- C++ -*-===//
//
// Part of Vitrail, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef VITRAIL_PASSES_LOWER_TILING_H
#define VITRAIL_PASSES_LOWER_TILING_H

#include "passes/lower/TileShape.h"
#include <optional>

namespace vitrail {

/// How a linear, a convolution, an einsum or an attention is cut. Its emitter
/// decides that by a cost model, unless the kernel has the attribute
///
///   vitrail.tiling = {rows = 6, vectors = 2, blocks = 3}
///
/// that is, register tiles of at most 6 rows by 2 vectors, and 3 blocks in
/// which the reduction is walked: the depth of a linear, the window of a
/// convolution, the keys of an attention.
struct Tiling {
  TileShape tile;
  int64_t blocks = 1;

  bool operator==(const Tiling &other) const {
    return tile == other.tile && blocks == other.blocks;
  }
  /// "register tiles of 6 x 16, 3 blocks", with vectors of `width` lanes.
  std::string describe(int64_t width) const;

  mlir::DictionaryAttr toAttribute(mlir::MLIRContext *context) const;
  /// That of a kernel whose attribute, if it has one, is well formed.
  static std::optional<Tiling> of(mlir::func::FuncOp kernel);
  /// Whether the attribute is well formed and its tile fits the registers; else
  /// reports an error.
  static llvm::LogicalResult verify(mlir::func::FuncOp kernel,
                                    const VectorTarget &target);
};

/// Whether a kernel can be cut as its attribute says, if it has one; else
/// reports an error.
llvm::LogicalResult verifyTiling(mlir::func::FuncOp kernel,
                                 VectorTarget target);

/// Each of `tiles` with `blocks` blocks, then the first of them with more or
/// fewer blocks of the reduction's `panels`, where these are enough for some.
llvm::SmallVector<Tiling> tilingsAround(llvm::ArrayRef<TileShape> tiles,
                                        int64_t blocks = 1, int64_t panels = 1);

/// The tilings among which the fastest of a kernel may be: first the one that
/// its emitter takes by itself, then others, the more promising first. None
/// where nothing is tiled.
llvm::SmallVector<Tiling> tilingsOf(mlir::func::FuncOp kernel,
                                    VectorTarget target);

} // namespace vitrail

#endif // VITRAIL_PASSES_LOWER_TILING_H
