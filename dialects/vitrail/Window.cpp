//===- Window.cpp - Windows that slide over feature maps ------------------===//
//
// Part of Vitrail, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "dialects/vitrail/Window.h"
#include "dialects/vitrail/VitrailDialect.h"

using namespace mlir;
using namespace vitrail;

template <unsigned N>
static SmallVector<int64_t, N> orElse(ArrayRef<int64_t> given, int64_t count,
                                      int64_t value) {
  SmallVector<int64_t, N> result(given);
  if (given.empty())
    result.assign(count, value);
  return result;
}

Window::Window(ArrayRef<int64_t> kernel, ArrayRef<int64_t> strides,
               ArrayRef<int64_t> pads, ArrayRef<int64_t> dilations)
    : kernel(kernel), strides(orElse<2>(strides, kernel.size(), 1)),
      dilations(orElse<2>(dilations, kernel.size(), 1)),
      pads(orElse<4>(pads, 2 * kernel.size(), 0)) {}

bool Window::isPointwise() const {
  auto one = [](int64_t size) { return size == 1; };
  return llvm::all_of(kernel, one) && llvm::all_of(strides, one) && !isPadded();
}

bool Window::tiles(RankedTensorType map) const {
  if (isPadded() || kernel != strides ||
      llvm::any_of(dilations, [](int64_t step) { return step != 1; }))
    return false;
  for (int64_t axis = 0; axis < rank(); ++axis)
    if (map.getDimSize(firstAxis(map) + axis) % kernel[axis] != 0)
      return false;
  return true;
}

SmallVector<int64_t> Window::placesOf(RankedTensorType map,
                                      int64_t channels) const {
  SmallVector<int64_t> shape(map.getShape());
  for (int64_t axis = 0; axis < rank(); ++axis) {
    int64_t &size = shape[firstAxis(map) + axis];
    size = places(axis, size);
  }
  shape.back() = channels;
  return shape;
}

/// The elements between `pads` of an axis of `size` that `count` places from
/// `first` on reach; may begin before the axis and end behind it.
static std::pair<int64_t, int64_t> reachOf(const Window &window, int64_t axis,
                                           int64_t first, int64_t count) {
  int64_t begin = first * window.strides[axis] - window.padBefore(axis);
  int64_t last = begin + (count - 1) * window.strides[axis];
  return {begin, last + window.reach(axis)};
}

Box Window::demandOf(RankedTensorType map, const Box &demand,
                     bool allChannels) const {
  if (demand.empty())
    return Box::none(map);
  Box box = demand;
  for (int64_t axis = 0; axis < rank(); ++axis) {
    int64_t dim = firstAxis(map) + axis;
    auto [begin, end] =
        reachOf(*this, axis, demand.offsets[dim], demand.sizes[dim]);
    box.offsets[dim] = std::max<int64_t>(begin, 0);
    box.sizes[dim] = std::min(end, map.getDimSize(dim)) - box.offsets[dim];
  }
  if (allChannels) {
    box.offsets.back() = 0;
    box.sizes.back() = map.getShape().back();
  }
  return box;
}

Window Window::within(RankedTensorType map, const Box &demand) const {
  Window part = *this;
  for (int64_t axis = 0; axis < rank(); ++axis) {
    int64_t dim = firstAxis(map) + axis;
    auto [begin, end] =
        reachOf(*this, axis, demand.offsets[dim], demand.sizes[dim]);
    part.pads[axis] = std::max<int64_t>(-begin, 0);
    part.pads[rank() + axis] = std::max<int64_t>(end - map.getDimSize(dim), 0);
  }
  return part;
}

LogicalResult vitrail::verifyWindow(std::optional<Location> loc, StringRef name,
                                    RankedTensorType map,
                                    ArrayRef<int64_t> kernel,
                                    ArrayRef<int64_t> strides,
                                    ArrayRef<int64_t> pads,
                                    ArrayRef<int64_t> dilations) {
  size_t rank = kernel.size();
  if (rank == 0 || map.getRank() <= int64_t(rank))
    return emitOptionalError(loc, name, ": a window ", shapeString(kernel),
                             " needs as many axes before the channels, got ",
                             shapeString(map));
  auto fits = [&](ArrayRef<int64_t> list, size_t size, int64_t least) {
    return list.empty() ||
           (list.size() == size &&
            llvm::all_of(list, [&](int64_t value) { return value >= least; }));
  };
  if (!fits(kernel, rank, 1) || !fits(strides, rank, 1) ||
      !fits(dilations, rank, 1) || !fits(pads, 2 * rank, 0))
    return emitOptionalError(
        loc, name, ": the window ", shapeString(kernel),
        " needs positive sizes, strides and dilations for ", rank,
        " axes and pads before and behind each, got strides ",
        shapeString(strides), ", pads ", shapeString(pads), ", dilations ",
        shapeString(dilations));
  Window window(kernel, strides, pads, dilations);
  for (int64_t axis = 0; axis < int64_t(rank); ++axis) {
    int64_t size = map.getDimSize(window.firstAxis(map) + axis);
    int64_t reach = window.reach(axis);
    if (std::max(window.padBefore(axis), window.padBehind(axis)) >= reach)
      return emitOptionalError(loc, name, ": pads of ", window.padBefore(axis),
                               " and ", window.padBehind(axis),
                               " leave windows that reach ", reach,
                               " elements without any of the map ",
                               shapeString(map), "; pad less than the window");
    if (size + window.padBefore(axis) + window.padBehind(axis) < reach)
      return emitOptionalError(
          loc, name, ": a window that reaches ", reach,
          " elements does not fit the ", size, " elements of axis ",
          window.firstAxis(map) + axis, " of ", shapeString(map),
          " and pads of ", window.padBefore(axis), " and ",
          window.padBehind(axis));
  }
  return success();
}
