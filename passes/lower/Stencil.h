//===- Stencil.h - Windows over maps, by tiles ------------------*- C++ -*-===//
//
// Part of Vitrail, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef VITRAIL_PASSES_LOWER_STENCIL_H
#define VITRAIL_PASSES_LOWER_STENCIL_H

#include "dialects/vitrail/Window.h"
#include "passes/lower/VectorMath.h"

namespace vitrail {

/// Neighbouring places of a line of the result. Where some of their taps are
/// beyond the edge, the tile stands at `edge`, and these are left out.
struct PlaceTile {
  int64_t places = 1;
  std::optional<int64_t> edge;
};

/// Equal tiles, one beside the other.
struct TileRun {
  PlaceTile tile;
  int64_t first = 0; // place
  int64_t count = 1;
};

/// How the innermost axis of a window is cut into register tiles.
///
/// A vector of channels has an accumulator for each place of a tile. A line of
/// the map is walked once: each element is loaded into a register and meets
/// all its taps, whose weights are registers, too. With T places, k taps and
/// stride one, T · k multiply-adds take T + 2k - 1 loads. Taps that do not fit
/// the registers come in groups.
struct LineTiles {
  LineTiles(const VectorTarget &target, const Window &window, int64_t size,
            bool weighted);

  /// Where on the map a tap of a place is.
  int64_t at(int64_t place, int64_t tap) const {
    return place * stride - pad + tap * dilation;
  }
  bool isInside(int64_t at) const { return at >= 0 && at < size; }
  /// Taps of a place of a tile that are on the map.
  int64_t tapsInside(const PlaceTile &tile, int64_t place) const;

  static constexpr int64_t mostPlaces = 16, mostTaps = 32, mostEdges = 16;
  int64_t taps, stride, dilation, pad;
  int64_t size, places; // of the map and of the result, along the axis
  int64_t group;        // taps whose weights are in registers at a time
  llvm::SmallVector<TileRun> runs;
  bool walked; // whether taps are in a loop, as those of other axes

private:
  void cut(int64_t most);
};

/// A depthwise convolution or pooling, computed by tiles of places of a line.
/// What is beyond the edge of the map is not read: along lines it is left out
/// of the code of a tile, along other axes, loops over taps have bounds that
/// depend on the place.
class Stencil {
public:
  Stencil(mlir::Operation *anchor, VectorTarget target);

  /// What a tile reads and writes; pooling has neither filter nor bias.
  struct Operands {
    Access map, filter, bias, result;
    const Epilogue &epilogue;
    int64_t repeats = 1; // times in turn that each channel of the map comes
  };

  /// Sizes of the axes before those of the window, which count maps.
  llvm::ArrayRef<int64_t> maps() {
    return mapType().getShape().take_front(firstAxis);
  }
  /// Calls `body` for the tiles of a line, with what distinguishes the code of
  /// one, and its first place.
  void forTiles(Emitter &e,
                llvm::function_ref<void(llvm::StringRef kind, const PlaceTile &,
                                        mlir::Value place)>
                    body);
  /// Writes the code of a tile from the place `row` on, for the first `lanes`
  /// channels of a panel.
  void emitTile(Emitter &e, const PlaceTile &tile,
                llvm::ArrayRef<mlir::Value> row, mlir::Value panel,
                int64_t lanes, const Operands &operands);
  /// Says how `lines` lines are computed.
  void report(int64_t lines);

private:
  /// What the code of a tile knows.
  struct Part {
    PlaceTile tile;
    const Operands &operands;
    /// Coordinates of the first place.
    llvm::SmallVector<mlir::Value> row;
    /// Of each walked axis of the window, the first tap on the map and the
    /// first one behind it.
    llvm::SmallVector<std::pair<mlir::Value, mlir::Value>> bounds;
  };

  /// Axes of the window whose taps are walked by loops: the first ones.
  int64_t walkedAxes() const { return window.rank() - !tiles.walked; }
  bool isPadded(int64_t axis) const {
    return window.padBefore(axis) || window.padBehind(axis);
  }
  mlir::RankedTensorType mapType();
  std::pair<mlir::Value, mlir::Value> bounds(Emitter &e, int64_t axis,
                                             mlir::Value place);
  mlir::Value initial(Emitter &e, const Part &part, Column column);
  llvm::SmallVector<mlir::Value> meanScales(Emitter &e, const Part &part);
  llvm::SmallVector<mlir::Value> walk(Emitter &e, const Part &part,
                                      llvm::ArrayRef<mlir::Value> taps,
                                      mlir::ValueRange sums, Column column);
  llvm::SmallVector<mlir::Value> alongLine(Emitter &e, const Part &part,
                                           llvm::ArrayRef<mlir::Value> walked,
                                           mlir::ValueRange carried,
                                           Column column);
  mlir::Value weight(Emitter &e, const Part &part,
                     llvm::ArrayRef<mlir::Value> tap, Column column);
  mlir::Value combine(Emitter &e, mlir::Value sum, mlir::Value x,
                      mlir::Value weight);

  VectorTarget target;
  mlir::Operation *anchor;
  DepthwiseConvOp conv; // one of these is null
  PoolOp pool;
  Window window;
  int64_t firstAxis; // spatial one of the map
  LineTiles tiles;
};

} // namespace vitrail

#endif // VITRAIL_PASSES_LOWER_STENCIL_H
