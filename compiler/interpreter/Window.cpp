//===- Window.cpp - Windows over feature maps -----------------------------===//
//
// Part of Vitrail, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "compiler/interpreter/Extrema.h"
#include "compiler/interpreter/Ops.h"
#include "dialects/vitrail/Winograd.h"

using namespace mlir;
using namespace vitrail;

namespace {

/// The rows of a map (channels lie along the last axis) that windows cover.
class WindowRows {
public:
  WindowRows(const Window &window, RankedTensorType map,
             RankedTensorType result)
      : window(window), map(map.getShape().drop_back()),
        places(result.getShape().drop_back()), first(window.firstAxis(map)) {}

  int64_t count() const { return llvm::product_of(places); }

  /// Calls `body(tap, row)` for every element of the window at `place`, with -1
  /// as the row of an element beyond the edge.
  void forTaps(int64_t place,
               llvm::function_ref<void(int64_t, int64_t)> body) const {
    SmallVector<int64_t> at(places.size());
    for (int64_t dim = places.size() - 1; dim >= 0; --dim) {
      at[dim] = place % places[dim];
      place /= places[dim];
    }
    for (int64_t tap = 0, taps = window.taps(); tap < taps; ++tap)
      body(tap, rowOf(at, tap));
  }

private:
  int64_t rowOf(ArrayRef<int64_t> at, int64_t tap) const {
    SmallVector<int64_t> element(at);
    for (int64_t axis = window.rank() - 1; axis >= 0; --axis) {
      int64_t step = tap % window.kernel[axis];
      tap /= window.kernel[axis];
      int64_t &index = element[first + axis];
      index = index * window.strides[axis] - window.padBefore(axis) +
              step * window.dilations[axis];
      if (index < 0 || index >= map[first + axis])
        return -1;
    }
    int64_t row = 0;
    for (auto [index, size] : llvm::zip_equal(element, map))
      row = row * size + index;
    return row;
  }

  Window window;
  SmallVector<int64_t> map, places;
  int64_t first;
};

} // namespace

/// Calls `body(begin, end)` on ranges of the places.
static void forPlaces(const ThreadTeam &team, int64_t places,
                      int64_t workOfPlace,
                      llvm::function_ref<void(int64_t, int64_t)> body) {
  team.forRange(places, (1 << 14) / std::max<int64_t>(workOfPlace, 1) + 1,
                body);
}

HostTensor vitrail::interpret(UnfoldOp op, Operands operands,
                              const ThreadTeam &team) {
  const HostTensor &input = operands[0];
  WindowRows rows(op.getWindow(), op.getInput().getType(), op.getType());
  HostTensor result(op.getType().getShape());
  int64_t channels = input.getShape().back();
  int64_t features = result.getShape().back();
  double *target = result.mutate().data();
  forPlaces(team, rows.count(), features, [&](int64_t begin, int64_t end) {
    for (int64_t place = begin; place < end; ++place)
      rows.forTaps(place, [&](int64_t tap, int64_t row) {
        double *to = target + place * features + tap * channels;
        if (row < 0)
          std::fill_n(to, channels, 0.0);
        else
          std::copy_n(input.data() + row * channels, channels, to);
      });
  });
  return result;
}

HostTensor vitrail::interpret(DepthwiseConvOp op, Operands operands,
                              const ThreadTeam &team) {
  const HostTensor &input = operands[0], &filter = operands[1];
  WindowRows rows(op.getWindow(), op.getInput().getType(), op.getType());
  HostTensor result(op.getType().getShape());
  int64_t channels = input.getShape().back();
  double *target = result.mutate().data();
  int64_t work = channels * op.getWindow().taps();
  forPlaces(team, rows.count(), work, [&](int64_t begin, int64_t end) {
    for (int64_t place = begin; place < end; ++place) {
      double *to = target + place * channels;
      if (op.getBias())
        std::copy_n(operands[2].data(), channels, to);
      else
        std::fill_n(to, channels, 0.0);
      rows.forTaps(place, [&](int64_t tap, int64_t row) {
        if (row < 0)
          return;
        const double *from = input.data() + row * channels;
        const double *weights = filter.data() + tap * channels;
        for (int64_t c = 0; c < channels; ++c)
          to[c] += from[c] * weights[c];
      });
    }
  });
  return result;
}

HostTensor vitrail::interpret(PoolOp op, Operands operands,
                              const ThreadTeam &team) {
  const HostTensor &input = operands[0];
  Window window = op.getWindow();
  WindowRows rows(window, op.getInput().getType(), op.getType());
  HostTensor result(op.getType().getShape());
  int64_t channels = input.getShape().back();
  double *target = result.mutate().data();
  ReduceKind kind = op.getKind();
  auto combine = [&](double &sum, double value) {
    if (kind == ReduceKind::Max)
      sum = maximum(sum, value);
    else if (kind == ReduceKind::Min)
      sum = minimum(sum, value);
    else
      sum += value;
  };
  int64_t work = channels * window.taps();
  forPlaces(team, rows.count(), work, [&](int64_t begin, int64_t end) {
    for (int64_t place = begin; place < end; ++place) {
      double *to = target + place * channels;
      int64_t found = 0;
      rows.forTaps(place, [&](int64_t, int64_t row) {
        if (row < 0)
          return;
        const double *from = input.data() + row * channels;
        for (int64_t c = 0; c < channels; ++c) {
          if (found == 0)
            to[c] = from[c];
          else
            combine(to[c], from[c]);
        }
        ++found;
      });
      if (kind != ReduceKind::Mean)
        continue;
      auto count = double(op.getCountPads() ? window.taps() : found);
      for (int64_t c = 0; c < channels; ++c)
        to[c] /= count;
    }
  });
  return result;
}

HostTensor vitrail::interpret(WinogradConvOp op, Operands operands,
                              const ThreadTeam &team) {
  const HostTensor &input = operands[0], &filter = operands[1];
  RankedTensorType map = typeOf(op.getInput());
  Window window = op.getTiles();
  int64_t channels = map.getShape().back();
  int64_t features = op.getType().getShape().back();
  auto tilesType = map.clone(window.placesOf(map, channels));
  WindowRows rows(window, map, tilesType);
  HostTensor result(op.getType().getShape());
  double *target = result.mutate().data();
  ArrayRef<int64_t> places = op.getType().getShape().take_back(3);
  ArrayRef<int64_t> tiles = tilesType.getShape().take_back(3);
  auto add = [](double a, double b) { return a + b; };
  auto sub = [](double a, double b) { return a - b; };
  auto multiply = [&](int64_t tile) {
    SmallVector<double> products(winograd::products * features, 0.0);
    SmallVector<double> elements(winograd::products);
    for (int64_t c = 0; c < channels; ++c) {
      rows.forTaps(tile, [&](int64_t tap, int64_t row) {
        elements[tap] = row < 0 ? 0.0 : input.data()[row * channels + c];
      });
      auto factors = winograd::ofElements<double>(elements, {add, sub});
      for (auto [i, factor] : llvm::enumerate(factors))
        for (int64_t n = 0; n < features; ++n)
          products[i * features + n] +=
              factor * filter.data()[(i * channels + c) * features + n];
    }
    return products;
  };
  forPlaces(
      team, rows.count(), channels * features * winograd::products,
      [&](int64_t begin, int64_t end) {
        for (int64_t tile = begin; tile < end; ++tile) {
          SmallVector<double> products = multiply(tile);
          int64_t x = tile % tiles[1], y = tile / tiles[1] % tiles[0];
          int64_t outer = tile / tiles[1] / tiles[0];
          for (int64_t n = 0; n < features; ++n) {
            SmallVector<double> ofFeature;
            for (int64_t i = 0; i < winograd::products; ++i)
              ofFeature.push_back(products[i * features + n]);
            auto sums = winograd::ofProducts<double>(ofFeature, {add, sub});
            for (auto [i, sum] : llvm::enumerate(sums)) {
              int64_t row = y * winograd::places + i / winograd::places;
              int64_t column = x * winograd::places + i % winograd::places;
              if (row >= places[0] || column >= places[1])
                continue;
              int64_t place = (outer * places[0] + row) * places[1] + column;
              target[place * features + n] =
                  sum + (op.getBias() ? operands[2].data()[n] : 0.0);
            }
          }
        }
      });
  return result;
}
