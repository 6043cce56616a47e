//===- WeightPanels.h - The weights of a product ----------------*- C++ -*-===//
//
// Part of Vitrail, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef VITRAIL_PASSES_LOWER_WEIGHTPANELS_H
#define VITRAIL_PASSES_LOWER_WEIGHTPANELS_H

#include "passes/lower/ProductTiles.h"

namespace vitrail {

/// How weights come near: those of a visit, `steps` steps in depth, with the
/// `tiles` tiles of the visit before, some beside each panel of steps. All at
/// once, they would stand in the way of what the tile itself loads.
struct WeightStream {
  int64_t steps = 1, tiles = 1;

  /// Steps whose weights come with a tile, and with one of its panels.
  int64_t ofTile() const { return llvm::divideCeil(steps, tiles); }
  int64_t ofPanel() const {
    return llvm::divideCeil(ofTile(), llvm::divideCeil(steps, panelWidth));
  }
};

/// The weights of a product in memory, [panels, depth, 16]: as its tiles read
/// them, and as they come into L2 before.
class WeightPanels {
public:
  /// Axes between the panels and their lanes are the depth.
  WeightPanels(Emitter &e, mlir::Value buffer);

  /// The weights of vector `j` of a tile at step `k` in depth.
  mlir::Value load(Emitter &e, const Tile &tile, int64_t j,
                   mlir::Value k) const;

  /// `visit` of tile `number` of a visit, which brings its part of the weights
  /// of the visit that is next.
  DepthVisit bringing(Emitter &e, DepthVisit visit, const ProductTiles &tiles,
                      const DepthBlocks::Place &next,
                      const WeightStream &stream, mlir::Value number) const;
  /// Brings what the tile is to bring beside panel `panel` of its steps.
  void bring(Emitter &e, const Tile &tile, const WeightStream &stream,
             mlir::Value panel) const;

private:
  mlir::Value buffer;
  int64_t panels, depth;
};

} // namespace vitrail

#endif // VITRAIL_PASSES_LOWER_WEIGHTPANELS_H
