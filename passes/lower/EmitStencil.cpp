//===- EmitStencil.cpp - Depthwise convolutions and pooling ---------------===//
//
// Part of Vitrail, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "mlir/IR/Remarks.h"
#include "passes/lower/Kernel.h"
#include "passes/lower/ProductTiles.h"
#include "passes/lower/VectorMath.h"
#include "passes/schedule/Addressing.h"
#include <map>

using namespace mlir;
using namespace vitrail;

namespace {

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
            bool weighted)
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

  /// Where on the map a tap of a place is.
  int64_t at(int64_t place, int64_t tap) const {
    return place * stride - pad + tap * dilation;
  }
  bool isInside(int64_t at) const { return at >= 0 && at < size; }
  /// Taps of a place of a tile that are on the map.
  int64_t tapsInside(const PlaceTile &tile, int64_t place) const {
    if (!tile.edge)
      return taps;
    return llvm::count_if(llvm::seq(taps), [&](int64_t tap) {
      return isInside(at(*tile.edge + place, tap));
    });
  }

  static constexpr int64_t mostPlaces = 16, mostTaps = 32, mostEdges = 16;
  int64_t taps, stride, dilation, pad;
  int64_t size, places; // of the map and of the result, along the axis
  int64_t group;        // taps whose weights are in registers at a time
  SmallVector<TileRun> runs;
  bool walked; // whether taps are in a loop, as those of other axes

private:
  void cut(int64_t most) {
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
};

/// Windows over maps: depthwise convolutions, also with several filters for a
/// channel, and pooling. A unit of work is one
/// panel of channels of one line of the result; lines of a panel follow each
/// other, so that those of the map stay in L1. What is beyond the edge of the
/// map is not read: along lines it is left out of the code of a tile, along
/// other axes, loops over taps have bounds that depend on the place.
class StencilEmitter : public KernelEmitter {
public:
  StencilEmitter(Kernel kernel, VectorTarget target)
      : kernel(kernel), target(target),
        anchor(*llvm::find_if_not(kernel.ops, isAddressingKind)),
        conv(dyn_cast<DepthwiseConvOp>(anchor)), pool(dyn_cast<PoolOp>(anchor)),
        channels(repeatedChannels(anchor->getOperand(0))),
        map(kernel.readOf(channels.source)),
        window(conv ? conv.getWindow() : pool.getWindow()),
        firstAxis(window.firstAxis(map.getType())),
        tiles(target, window, map.getType().getShape().end()[-2],
              /*weighted=*/bool(conv)) {}

  void emit(Emitter &e) override {
    ArrayRef<int64_t> shape = kernel.resultType().getShape();
    int64_t panels = llvm::divideCeil(shape.back(), panelWidth);
    SmallVector<int64_t> units{panels};
    llvm::append_range(units, shape.drop_back(2));
    const TileRun &longest =
        *llvm::max_element(tiles.runs, [](const TileRun &a, const TileRun &b) {
          return a.count * a.tile.places < b.count * b.tile.places;
        });
    remark::analysis(anchor->getLoc(),
                     remark::RemarkOpts::name("tile").category("lower"))
        << remark::add("lines of {0} places: register tiles of {1}, {2} lines",
                       shape.end()[-2], longest.tile.places,
                       llvm::product_of(units));

    auto [begin, end] = e.share(llvm::product_of(units));
    e.loop(begin, end, 1, [&](Value unit) {
      SmallVector<Value> line = e.delinearize(unit, units);
      Value panel = line.front();
      line.erase(line.begin());
      int64_t last = lanesOfLast();
      if (panels == 1 || last == panelWidth)
        return emitLine(e, line, panel, last);
      Value whole = arith::CmpIOp::create(e, arith::CmpIPredicate::ult, panel,
                                          e.constant(panels - 1));
      auto choice = scf::IfOp::create(e, whole, /*withElseRegion=*/true);
      OpBuilder::InsertionGuard guard(e);
      e.setInsertionPointToStart(choice.thenBlock());
      emitLine(e, line, panel, panelWidth);
      e.setInsertionPointToStart(choice.elseBlock());
      emitLine(e, line, panel, last);
    });
  }

private:
  /// What the function of a tile knows.
  struct Part {
    PlaceTile tile;
    Access map, filter, bias;
    /// Coordinates of the first place.
    SmallVector<Value> row;
    /// Of each walked axis of the window, the first tap on the map and the
    /// first one behind it.
    SmallVector<std::pair<Value, Value>> bounds;
  };

  /// Axes of the window whose taps are walked by loops: the first ones.
  int64_t walkedAxes() const { return window.rank() - !tiles.walked; }

  /// Lanes of the last panel that are computed: where all buffers are panels,
  /// whole vectors.
  int64_t lanesOfLast() {
    int64_t columns = kernel.resultType().getShape().back();
    int64_t last = columns - (columns - 1) / panelWidth * panelWidth;
    bool rowMajor =
        kernel.write.getRows() ||
        llvm::any_of(kernel.reads, [](ReadOp read) { return read.getRows(); });
    return rowMajor ? last : llvm::alignTo(last, target.width);
  }

  /// Calls the tiles of a line.
  void emitLine(Emitter &e, ArrayRef<Value> line, Value panel, int64_t lanes) {
    for (const TileRun &run : tiles.runs) {
      const PlaceTile &tile = run.tile;
      std::string name = "tile_" + std::to_string(tile.places);
      if (tile.edge)
        name += "_at_" + std::to_string(*tile.edge);
      if (lanes != panelWidth)
        name += "_last";
      auto call = [&](Value place) {
        SmallVector<Value> position(line);
        position.append({place, panel});
        kernel.callPart(e, name, position,
                        [&](Emitter &inside, Kernel copy, ArrayRef<Value> at) {
                          StencilEmitter(copy, target)
                              .emitTile(inside, tile, at.drop_back(), at.back(),
                                        lanes);
                        });
      };
      if (run.count == 1)
        call(e.constant(run.first));
      else
        e.loop(e.constant(run.first),
               e.constant(run.first + run.count * tile.places), tile.places,
               call);
    }
  }

  void emitTile(Emitter &e, const PlaceTile &tile, ArrayRef<Value> row,
                Value panel, int64_t lanes) {
    SmallVector<Value> operands(anchor->getOperands());
    operands.push_back(channels.source);
    KernelAccesses accesses(e, kernel.readsBut(operands), kernel.write,
                            /*merge=*/false);
    ArrayRef<Operation *> behind(kernel.ops);
    Epilogue epilogue(
        SmallVector<Operation *>(behind.drop_front(channels.ops.size() + 1)),
        anchor->getResult(0), kernel.write.getValue(), accesses);
    Part part{tile, Access::ofTensor(map), {}, {}, SmallVector<Value>(row), {}};
    if (tile.edge)
      part.row.back() = e.constant(*tile.edge);
    if (conv)
      part.filter = Access::ofTensor(kernel.readOf(conv.getFilter()));
    if (conv && conv.getBias())
      part.bias = Access::ofTensor(kernel.readOf(conv.getBias()));
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
          column, sums, epilogue, accesses.result);
    }
  }

  /// The taps of `place` along an axis that are on the map: [begin, end).
  std::pair<Value, Value> bounds(Emitter &e, int64_t axis, Value place) {
    int64_t taps = window.kernel[axis], dilation = window.dilations[axis];
    if (!isPadded(axis))
      return {e.constant(0), e.constant(taps)};
    int64_t size = map.getType().getDimSize(firstAxis + axis);
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
  bool isPadded(int64_t axis) const {
    return window.padBefore(axis) || window.padBehind(axis);
  }

  /// What the accumulators start from.
  Value initial(Emitter &e, const Part &part, Column column) {
    if (pool)
      return e.splat(neutralElement(pool.getKind()));
    return conv.getBias() ? part.bias.load(e, {}, column) : e.splat(0.0);
  }

  /// What a mean multiplies the sum of each place by; nothing for other ops.
  SmallVector<Value> meanScales(Emitter &e, const Part &part) {
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
  SmallVector<Value> walk(Emitter &e, const Part &part, ArrayRef<Value> taps,
                          ValueRange sums, Column column) {
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
  SmallVector<Value> alongLine(Emitter &e, const Part &part,
                               ArrayRef<Value> walked, ValueRange carried,
                               Column column) {
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
      return part.map.loadRepeated(e, row, column, channels.times);
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
  Value weight(Emitter &e, const Part &part, ArrayRef<Value> tap,
               Column column) {
    return conv ? part.filter.load(e, tap, column) : Value();
  }
  Value combine(Emitter &e, Value sum, Value x, Value weight) {
    return conv ? e.fma(x, weight, sum) : emitReduce(e, pool.getKind(), sum, x);
  }

  Kernel kernel;
  VectorTarget target;
  Operation *anchor;
  DepthwiseConvOp conv; // one of these is null
  PoolOp pool;
  RepeatedChannels channels; // of the map
  ReadOp map;
  Window window;
  int64_t firstAxis; // spatial one of the map
  LineTiles tiles;
};

} // namespace

std::unique_ptr<KernelEmitter>
vitrail::makeStencilEmitter(Kernel kernel, VectorTarget target) {
  return std::make_unique<StencilEmitter>(kernel, target);
}
