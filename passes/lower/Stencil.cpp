//===- Stencil.cpp - Windows over maps, by tiles --------------------------===//
//
// Part of Vitrail, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "passes/lower/Stencil.h"
#include "mlir/IR/Remarks.h"
#include "passes/lower/ProductTiles.h"
#include <map>

using namespace mlir;
using namespace vitrail;

//===----------------------------------------------------------------------===//
// LineTiles
//===----------------------------------------------------------------------===//

LineTiles::LineTiles(const VectorTarget &target, const Window &window,
                     int64_t size, bool weighted)
    : taps(window.kernel.back()), stride(window.strides.back()),
      dilation(window.dilations.back()),
      pad(window.padBefore(window.rank() - 1)), size(size),
      places(window.places(window.rank() - 1, size)),
      // Half of the registers are for accumulators at least: eight hide the
      // latency of a multiply-add.
      group(std::min(taps, target.registers / 2 - 1)) {
  cut(std::min<int64_t>(mostPlaces, weighted ? target.registers - 1 - group
                                             : target.registers / 2));
  // Code is unrolled by taps, and written once for each tile at the edge:
  // where this becomes too much, each place walks its taps.
  auto edges = llvm::count_if(
      runs, [](const TileRun &run) { return run.tile.edge.has_value(); });
  walked = taps > mostTaps || edges > mostEdges;
  if (walked)
    runs = {{{1, std::nullopt}, 0, places}};
}

int64_t LineTiles::tapsInside(const PlaceTile &tile, int64_t place) const {
  if (!tile.edge)
    return taps;
  return llvm::count_if(llvm::seq(taps), [&](int64_t tap) {
    return isInside(at(*tile.edge + place, tap));
  });
}

void LineTiles::cut(int64_t most) {
  // Equal tiles, if any of at least half the size are, need the least code.
  int64_t height = most;
  for (int64_t even = most; 2 * even >= most; --even)
    if (places % even == 0) {
      height = even;
      break;
    }
  RowTiles tiles(places, height);
  int64_t first = 0;
  for (int64_t number = 0; number < tiles.count; ++number) {
    int64_t count = number < tiles.large ? tiles.rows : tiles.rows - 1;
    PlaceTile tile{count, std::nullopt};
    if (!isInside(at(first, 0)) || !isInside(at(first + count - 1, taps - 1)))
      tile.edge = first;
    if (!tile.edge && !runs.empty() && !runs.back().tile.edge &&
        runs.back().tile.places == count)
      ++runs.back().count;
    else
      runs.push_back({tile, first, 1});
    first += count;
  }
}

//===----------------------------------------------------------------------===//
// Stencil
//===----------------------------------------------------------------------===//

Stencil::Stencil(Operation *anchor, VectorTarget target)
    : target(target), anchor(anchor), conv(dyn_cast<DepthwiseConvOp>(anchor)),
      pool(dyn_cast<PoolOp>(anchor)),
      window(conv ? conv.getWindow() : pool.getWindow()),
      firstAxis(window.firstAxis(mapType())),
      tiles(target, window, mapType().getShape().end()[-2],
            /*weighted=*/bool(conv)) {}

RankedTensorType Stencil::mapType() {
  return cast<RankedTensorType>(anchor->getOperand(0).getType());
}

void Stencil::report(int64_t lines) {
  const TileRun &longest =
      *llvm::max_element(tiles.runs, [](const TileRun &a, const TileRun &b) {
        return a.count * a.tile.places < b.count * b.tile.places;
      });
  remark::analysis(anchor->getLoc(),
                   remark::RemarkOpts::name("tile").category("lower"))
      << remark::add("lines of {0} places: register tiles of {1}, {2} lines",
                     tiles.places, longest.tile.places, lines);
}

void Stencil::forTiles(
    Emitter &e,
    llvm::function_ref<void(StringRef, const PlaceTile &, Value)> body) {
  for (const TileRun &run : tiles.runs) {
    std::string kind = "tile_" + std::to_string(run.tile.places);
    if (run.tile.edge)
      kind += "_at_" + std::to_string(*run.tile.edge);
    if (run.count == 1)
      body(kind, run.tile, e.constant(run.first));
    else
      e.loop(e.constant(run.first),
             e.constant(run.first + run.count * run.tile.places),
             run.tile.places,
             [&](Value place) { body(kind, run.tile, place); });
  }
}

void Stencil::emitTile(Emitter &e, const PlaceTile &tile, ArrayRef<Value> row,
                       Value panel, int64_t lanes, const Operands &operands) {
  Part part{tile, operands, SmallVector<Value>(row), {}};
  if (tile.edge)
    part.row.back() = e.constant(*tile.edge);
  for (int64_t axis = 0; axis < walkedAxes(); ++axis)
    part.bounds.push_back(bounds(e, axis, part.row[firstAxis + axis]));

  SmallVector<Value> scales = meanScales(e, part);
  // One vector of the panel after the other, so that all registers are for
  // places and taps.
  for (int64_t lane = 0; lane < lanes; lane += target.width) {
    Column column{panel, lane, std::min(target.width, lanes - lane)};
    SmallVector<Value> sums(tile.places, initial(e, part, column));
    sums = walk(e, part, {}, sums, column);
    for (auto [sum, scale] : llvm::zip(sums, scales))
      sum = e.mulf(sum, scale);
    emitTileResult(
        e, tile.places,
        [&](Value i) {
          SmallVector<Value> place(part.row);
          place.back() = e.add(place.back(), i);
          return place;
        },
        column, sums, operands.epilogue, operands.result);
  }
}

/// The taps of `place` along an axis that are on the map: [begin, end).
std::pair<Value, Value> Stencil::bounds(Emitter &e, int64_t axis, Value place) {
  int64_t taps = window.kernel[axis], dilation = window.dilations[axis];
  if (!isPadded(axis))
    return {e.constant(0), e.constant(taps)};
  int64_t size = mapType().getDimSize(firstAxis + axis);
  // The place of the first tap, and the number of taps before `to`.
  Value first =
      e.add(e.mul(place, window.strides[axis]), -window.padBefore(axis));
  auto tapsBefore = [&](int64_t to) -> Value {
    Value distance = arith::SubIOp::create(e, e.constant(to), first);
    distance = arith::MaxSIOp::create(e, distance, e.constant(0));
    Value count = e.divmod(e.add(distance, dilation - 1), dilation).first;
    return arith::MinSIOp::create(e, count, e.constant(taps));
  };
  return {tapsBefore(0), tapsBefore(size)};
}

/// What the accumulators start from.
Value Stencil::initial(Emitter &e, const Part &part, Column column) {
  if (pool)
    return e.splat(neutralElement(pool.getKind()));
  return conv.getBias() ? part.operands.bias.load(e, {}, column) : e.splat(0.0);
}

/// What a mean multiplies the sum of each place by; nothing for other ops.
SmallVector<Value> Stencil::meanScales(Emitter &e, const Part &part) {
  if (!pool || pool.getKind() != ReduceKind::Mean)
    return {};
  if (pool.getCountPads())
    return SmallVector<Value>(part.tile.places, e.splat(1.0 / window.taps()));
  // Some counts are known here, others depend on the place.
  int64_t known = 1;
  Value walked;
  for (auto [axis, bounds] : llvm::enumerate(part.bounds)) {
    if (!isPadded(axis)) {
      known *= window.kernel[axis];
      continue;
    }
    Value count = arith::SubIOp::create(e, bounds.second, bounds.first);
    walked = walked ? e.createOrFold<arith::MulIOp>(walked, count) : count;
  }
  SmallVector<Value> scales;
  std::map<int64_t, Value> byCount;
  for (int64_t place = 0; place < part.tile.places; ++place) {
    int64_t count =
        tiles.walked ? known : known * tiles.tapsInside(part.tile, place);
    Value &scale = byCount[count];
    if (!scale && !walked)
      scale = e.splat(1.0 / count);
    if (!scale) {
      Value total =
          arith::IndexCastOp::create(e, e.getI32Type(), e.mul(walked, count));
      total = arith::SIToFPOp::create(e, e.getF32Type(), total);
      Value one = arith::ConstantOp::create(e, e.getF32FloatAttr(1.0));
      scale = e.broadcast(e.divf(one, total));
    }
    scales.push_back(scale);
  }
  return scales;
}

/// Loops over the taps of the walked axes, of which those of the first ones
/// are given by `taps`.
SmallVector<Value> Stencil::walk(Emitter &e, const Part &part,
                                 ArrayRef<Value> taps, ValueRange sums,
                                 Column column) {
  if (taps.size() == part.bounds.size())
    return alongLine(e, part, taps, sums, column);
  auto [begin, end] = part.bounds[taps.size()];
  return e.loop(begin, end, 1, sums, [&](Value tap, ValueRange carried) {
    SmallVector<Value> known(taps);
    known.push_back(tap);
    return walk(e, part, known, carried, column);
  });
}

/// Adds what the places of the tile see of one line of the map, at `walked`
/// taps of the walked axes, to `sums`.
SmallVector<Value> Stencil::alongLine(Emitter &e, const Part &part,
                                      ArrayRef<Value> walked,
                                      ValueRange carried, Column column) {
  SmallVector<Value> line(part.row);
  for (int64_t axis = 0; axis < window.rank(); ++axis) {
    Value &at = line[firstAxis + axis];
    at = e.add(e.mul(at, window.strides[axis]), -window.padBefore(axis));
    if (axis < walkedAxes())
      at = e.add(at, e.mul(walked[axis], window.dilations[axis]));
  }
  auto load = [&](int64_t offset) {
    SmallVector<Value> row(line);
    row.back() = e.add(row.back(), offset);
    return part.operands.map.loadRepeated(e, row, column,
                                          part.operands.repeats);
  };
  SmallVector<Value> sums(carried);
  if (tiles.walked) {
    sums[0] = combine(e, sums[0], load(0), weight(e, part, walked, column));
    return sums;
  }
  for (int64_t begin = 0; begin < tiles.taps; begin += tiles.group) {
    int64_t end = std::min(begin + tiles.group, tiles.taps);
    // Who reads the element so far behind the first tap of the first place.
    std::map<int64_t, SmallVector<std::pair<int64_t, int64_t>>> readers;
    int64_t first = part.tile.edge ? tiles.at(*part.tile.edge, 0) : 0;
    for (int64_t place = 0; place < part.tile.places; ++place)
      for (int64_t tap = begin; tap < end; ++tap) {
        int64_t offset = place * tiles.stride + tap * tiles.dilation;
        if (!part.tile.edge || tiles.isInside(first + offset))
          readers[offset].push_back({place, tap});
      }
    SmallVector<Value> weights(end - begin);
    for (auto &[offset, pairs] : readers) {
      Value x = load(offset);
      for (auto [place, tap] : pairs) {
        Value &w = weights[tap - begin];
        if (!w) {
          SmallVector<Value> taps(walked);
          taps.push_back(e.constant(tap));
          w = weight(e, part, taps, column);
        }
        sums[place] = combine(e, sums[place], x, w);
      }
    }
  }
  return sums;
}

/// The weights of a tap; pooling has none.
Value Stencil::weight(Emitter &e, const Part &part, ArrayRef<Value> tap,
                      Column column) {
  return conv ? part.operands.filter.load(e, tap, column) : Value();
}
Value Stencil::combine(Emitter &e, Value sum, Value x, Value weight) {
  return conv ? e.fma(x, weight, sum) : emitReduce(e, pool.getKind(), sum, x);
}
