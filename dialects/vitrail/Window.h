//===- Window.h - Windows that slide over feature maps ----------*- C++ -*-===//
//
// Part of Vitrail, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Convolutions, pooling and unfolding look at a map through a window. Maps are
// [..., spatial axes, channels]; a window has an extent for each spatial axis.
//
//===----------------------------------------------------------------------===//

#ifndef VITRAIL_DIALECTS_VITRAIL_WINDOW_H
#define VITRAIL_DIALECTS_VITRAIL_WINDOW_H

#include "dialects/vitrail/Demand.h"
#include "mlir/IR/BuiltinTypes.h"

namespace vitrail {

/// A window of `kernel` elements along each spatial axis, `dilations` apart. It
/// stands at every `strides`-th place of a map that `pads` widen: so many
/// elements before each axis, then so many behind each (ONNX's order).
struct Window {
  llvm::SmallVector<int64_t, 2> kernel, strides, dilations;
  llvm::SmallVector<int64_t, 4> pads;

  /// Empty strides and dilations stand for ones, empty pads for zeros.
  Window(llvm::ArrayRef<int64_t> kernel, llvm::ArrayRef<int64_t> strides,
         llvm::ArrayRef<int64_t> pads, llvm::ArrayRef<int64_t> dilations);

  int64_t rank() const { return kernel.size(); }
  /// Elements of the window.
  int64_t taps() const { return llvm::product_of(kernel); }
  int64_t padBefore(int64_t axis) const { return pads[axis]; }
  int64_t padBehind(int64_t axis) const { return pads[rank() + axis]; }
  /// Elements from the window's first to its last along an axis.
  int64_t reach(int64_t axis) const {
    return (kernel[axis] - 1) * dilations[axis] + 1;
  }
  /// Places of the window along an axis of `size` elements.
  int64_t places(int64_t axis, int64_t size) const {
    return (size + padBefore(axis) + padBehind(axis) - reach(axis)) /
               strides[axis] +
           1;
  }
  bool isPadded() const {
    return llvm::any_of(pads, [](int64_t pad) { return pad != 0; });
  }
  /// Whether every place is one element, and every element a place.
  bool isPointwise() const;
  /// Whether the windows cut `map` into pieces without overlap or rest.
  bool tiles(mlir::RankedTensorType map) const;

  /// The first spatial axis of a map.
  int64_t firstAxis(mlir::RankedTensorType map) const {
    return map.getRank() - 1 - rank();
  }
  /// The shape of the places over `map`, with `channels` at each.
  llvm::SmallVector<int64_t> placesOf(mlir::RankedTensorType map,
                                      int64_t channels) const;

  /// What the places in `demand` read of `map`: in its channels, what `demand`
  /// says, or under `allChannels` everything.
  Box demandOf(mlir::RankedTensorType map, const Box &demand,
               bool allChannels) const;
  /// The window over the part of `map` that `demandOf` names: what was beyond
  /// the edge of the map is beyond that of the part.
  Window within(mlir::RankedTensorType map, const Box &demand) const;
};

/// Checks a window of an op called `name` over `map`.
mlir::LogicalResult
verifyWindow(std::optional<mlir::Location> loc, llvm::StringRef name,
             mlir::RankedTensorType map, llvm::ArrayRef<int64_t> kernel,
             llvm::ArrayRef<int64_t> strides, llvm::ArrayRef<int64_t> pads,
             llvm::ArrayRef<int64_t> dilations);

} // namespace vitrail

#endif // VITRAIL_DIALECTS_VITRAIL_WINDOW_H
