//===- StagedMap.h - The part of a map that a convolution reads -*- C++ -*-===//
//
// Part of Vitrail, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef VITRAIL_PASSES_LOWER_STAGEDMAP_H
#define VITRAIL_PASSES_LOWER_STAGEDMAP_H

#include "dialects/vitrail/Window.h"
#include "passes/lower/Gather.h"

namespace vitrail {

/// One spatial axis of a convolution, as scratch memory has it.
struct ConvAxis {
  int64_t kernel = 1, dilation = 1, pad = 0; // of the window
  int64_t size = 1, places = 1;              // of map and result
  /// Elements of the map from one that is staged to the next, and staged ones
  /// from one place to the next. A window of one element stages no others.
  int64_t step = 1, stride = 1;

  ConvAxis() = default;
  ConvAxis(const Window &window, int64_t axis, int64_t size);

  /// Staged elements that `count` places read.
  int64_t staged(int64_t count) const {
    return (count - 1) * stride + (kernel - 1) * dilation + 1;
  }
};

/// The rows of a map that some rows of a convolution's result read, in scratch
/// memory, with zeros around the edge: in panels of channels, or, where there
/// are less channels than a panel has, one element's behind the other's.
class StagedMap {
public:
  explicit StagedMap(const Gather &unfolding);
  /// The same for a window over the map that `gather` makes, always in panels.
  StagedMap(const Gather &gather, const Window &window);

  ConvAxis vertical, horizontal;
  llvm::SmallVector<int64_t> lead; // sizes of the axes before the spatial ones
  bool isPlane = true;             // or a line
  int64_t channels = 0;
  int64_t blockRows = 1; // of the result, that are staged for at a time

  /// Elements side by side that have their channels side by side, too.
  bool isThin() const { return thin; }
  int64_t panels() const { return llvm::divideCeil(channels, panelWidth); }
  int64_t columns() const { return horizontal.staged(horizontal.places); }
  /// f32 elements of what `rows` rows of the result read, and of all scratch.
  int64_t elements(int64_t rows) const;
  int64_t elements() const { return elements(blockRows); }

  /// Stages what `count` rows of the result from `firstRow` read of the map
  /// `at`, which the kernel's `read` reads.
  void stage(Emitter &e, ReadOp read, llvm::ArrayRef<mlir::Value> at,
             mlir::Value firstRow, mlir::Value count) const;

  /// A place in scratch memory.
  struct Place {
    mlir::Value row, column;
  };
  /// Channel `panel · 16 + lane` of an element; where channels lie side by
  /// side, those behind the last are the next element's.
  mlir::Value load(Emitter &e, Place place, mlir::Value panel,
                   mlir::Value lane) const;
  /// The vector of an element's channels from `lane` of `panel` on, where they
  /// lie in panels.
  mlir::Value loadVector(Emitter &e, Place place, mlir::Value panel,
                         mlir::Value lane) const;

  /// The gather that makes the map.
  const Gather &map() const { return gather; }

private:
  /// Places from a panel to the next, where `rows` rows of the result read.
  int64_t panelPlaces(int64_t rows) const;
  mlir::Value number(Emitter &e, Place place) const;
  mlir::Value view(Emitter &e) const;
  void store(Emitter &e, mlir::Value value, Place place, mlir::Value panel,
             mlir::Value lane) const;
  void clear(Emitter &e, mlir::Value row, int64_t begin, int64_t end) const;
  void copy(Emitter &e, ReadOp read, llvm::ArrayRef<mlir::Value> mapRow,
            mlir::Value row, int64_t begin, int64_t end) const;

  Gather gather;
  bool thin = false;
};

} // namespace vitrail

#endif // VITRAIL_PASSES_LOWER_STAGEDMAP_H
