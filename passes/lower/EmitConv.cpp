//===- EmitConv.cpp - Linears of unfolded maps ----------------------------===//
//
// Part of Vitrail, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "passes/lower/LinearParts.h"
#include "passes/lower/MicroKernel.h"

using namespace mlir;
using namespace vitrail;

namespace {

/// One spatial axis of a convolution, as scratch memory has it.
struct ConvAxis {
  int64_t kernel = 1, dilation = 1, pad = 0; // of the window
  int64_t size = 1, places = 1;              // of map and result
  /// Elements of the map from one that is staged to the next, and staged ones
  /// from one place to the next. A window of one element stages no others.
  int64_t step = 1, stride = 1;

  ConvAxis() = default;
  ConvAxis(const Window &window, int64_t axis, int64_t size)
      : kernel(window.kernel[axis]), dilation(window.dilations[axis]),
        pad(window.padBefore(axis)), size(size),
        places(window.places(axis, size)),
        step(kernel == 1 ? window.strides[axis] : 1),
        stride(kernel == 1 ? 1 : window.strides[axis]) {}

  /// Staged elements that `count` places read.
  int64_t staged(int64_t count) const {
    return (count - 1) * stride + (kernel - 1) * dilation + 1;
  }
};

/// Implicit GEMM: the map's rows that a block of the result's rows reads lie in
/// scratch memory with zeros around the edge, and a step in depth is a place
/// there. Nothing is unfolded. Inside a block, panels of weights are outside
/// and tiles of places inside; threads share blocks by panels.
class ConvEmitter : public KernelEmitter {
public:
  ConvEmitter(LinearParts given, VectorTarget target)
      : parts(std::move(given)), map(parts.gather.withoutLast()) {
    Window window = parts.gather.unfold().getWindow();
    ArrayRef<int64_t> shape = map.type().getShape();
    int64_t leading = window.firstAxis(map.type());
    channels = shape.back();
    channelPanels = llvm::divideCeil(channels, panelWidth);
    if (window.rank() == 2)
      vertical = ConvAxis(window, 0, shape[leading]);
    horizontal = ConvAxis(window, window.rank() - 1, shape[shape.size() - 2]);
    isPlane = window.rank() == 2;
    lead.assign(shape.begin(), shape.begin() + leading);
    stagedColumns = horizontal.staged(horizontal.places);

    // The block stays in L2 beside a panel of weights.
    int64_t blockBytes = target.l2Bytes() / 3;
    int64_t rowBytes =
        channelPanels * stagedColumns * panelWidth * int64_t(sizeof(float));
    int64_t rows = 1;
    while (rows < vertical.places &&
           vertical.staged(rows + 1) * rowBytes <= blockBytes)
      ++rows;
    blockRows = llvm::divideCeil(vertical.places,
                                 llvm::divideCeil(vertical.places, rows));
  }

  int64_t scratchElements() const override {
    return channelPanels * vertical.staged(blockRows) * stagedColumns *
           panelWidth;
  }

  void emit(Emitter &e) override {
    ProductTiles tiles(e.target, horizontal.places, parts.columns());
    RowTiles rows(vertical.places, blockRows);
    int64_t blocks = llvm::product_of(lead) * rows.count;
    parts.report(tiles, e.target.width,
                 llvm::product_of(lead) * vertical.places * horizontal.places,
                 llvm::formatv("{0} rows of the map staged at a time",
                               vertical.staged(rows.rows))
                     .str());
    e.shareBlocks(
        blocks, tiles.groups, [&](Value block, Value first, Value behind) {
          auto [outer, number] = e.divmod(block, rows.count);
          SmallVector<Value> at = e.delinearize(outer, lead);
          std::pair<Value, Value> place = rows.locate(e, number);
          Value firstRow = place.first, large = place.second;
          Value count =
              arith::SelectOp::create(e, large, e.constant(rows.rows),
                                      e.constant(rows.rows - !rows.uniform()));
          stage(e, at, firstRow, count);
          e.loop(first, behind, 1, [&](Value panelGroup) {
            e.loop(e.constant(0), count, 1, [&](Value y) {
              e.loop(e.constant(0), e.constant(tiles.rows.count), 1,
                     [&](Value column) {
                       callTile(e, tiles, at, e.add(firstRow, y), y, column,
                                panelGroup);
                     });
            });
          });
        });
  }

private:
  Value staged(Emitter &e) const {
    return e.scratchView(0, {channelPanels, vertical.staged(blockRows),
                             stagedColumns, panelWidth});
  }

  void callTile(Emitter &e, const ProductTiles &tiles, ArrayRef<Value> at,
                Value row, Value rowOfBlock, Value number, Value panelGroup) {
    std::pair<Value, Value> place = tiles.rows.locate(e, number);
    SmallVector<Value> position(at);
    if (isPlane)
      position.push_back(row);
    position.push_back(place.first);
    int64_t rowAxis = position.size() - 1;
    position.push_back(e.mul(rowOfBlock, vertical.stride));
    tiles.call(
        e, parts.kernel, place.second, panelGroup, position, rowAxis,
        [&](Emitter &inside, Kernel copy, const Tile &tile) {
          ConvEmitter(LinearParts(copy), e.target).emitTile(inside, tile);
        });
  }

  //===--------------------------------------------------------------------===//
  // Staging
  //===--------------------------------------------------------------------===//

  void store(Emitter &e, Value value, ValueRange at) const {
    e.store(value, staged(e), at);
  }

  /// Zeros in the columns from `begin` to `end` of a staged row.
  void clear(Emitter &e, Value row, int64_t begin, int64_t end) const {
    if (begin >= end)
      return;
    e.loop(e.constant(0), e.constant(channelPanels), 1, [&](Value panel) {
      e.loop(e.constant(begin), e.constant(end), 1, [&](Value column) {
        for (int64_t lane = 0; lane < panelWidth; lane += e.target.width)
          store(e, e.splat(0.0), {panel, row, column, e.constant(lane)});
      });
    });
  }

  /// The map's rows that `count` rows of the result from `firstRow` read.
  void stage(Emitter &e, ArrayRef<Value> at, Value firstRow, Value count) {
    Value rows = e.add(e.mul(e.add(count, -1), vertical.stride),
                       (vertical.kernel - 1) * vertical.dilation + 1);
    Value top =
        e.add(e.mul(firstRow, vertical.stride * vertical.step), -vertical.pad);
    // Columns that lie inside the map.
    int64_t begin = llvm::divideCeil(horizontal.pad, horizontal.step);
    int64_t end = std::min(
        stagedColumns, int64_t(llvm::divideCeil(
                           horizontal.size + horizontal.pad, horizontal.step)));
    e.loop(e.constant(0), rows, 1, [&](Value row) {
      Value y = e.add(top, e.mul(row, vertical.step));
      // Above the map is beyond it, without a sign.
      Value inside = arith::CmpIOp::create(e, arith::CmpIPredicate::ult, y,
                                           e.constant(vertical.size));
      auto choice = scf::IfOp::create(e, inside, /*withElseRegion=*/true);
      OpBuilder::InsertionGuard guard(e);
      e.setInsertionPointToStart(choice.thenBlock());
      SmallVector<Value> mapRow(at);
      if (isPlane)
        mapRow.push_back(y);
      copy(e, mapRow, row, begin, end);
      clear(e, row, 0, begin);
      clear(e, row, end, stagedColumns);
      e.setInsertionPointToStart(choice.elseBlock());
      clear(e, row, 0, stagedColumns);
    });
  }

  /// The columns from `begin` to `end` of a staged row, from a row of the map.
  void copy(Emitter &e, ArrayRef<Value> mapRow, Value row, int64_t begin,
            int64_t end) {
    Access source = Access::ofTensor(parts.kernel.readOf(map.source()));
    auto mapPlace = [&](Value column) {
      SmallVector<Value> place(mapRow);
      place.push_back(e.add(e.mul(column, horizontal.step), -horizontal.pad));
      return place;
    };
    if (!map.empty() || source.isRowMajor()) {
      e.loop(e.constant(begin), e.constant(end), 1, [&](Value column) {
        map.emitRow(e, source, mapPlace(column),
                    [&](Value value, Value panel, Value lane) {
                      store(e, value, {panel, row, column, lane});
                    });
      });
      return;
    }
    // Along a panel, what follows in the map follows in memory.
    e.loop(e.constant(0), e.constant(channelPanels), 1, [&](Value panel) {
      e.loop(e.constant(begin), e.constant(end), 1, [&](Value column) {
        SmallVector<Value> place = mapPlace(column);
        for (int64_t lane = 0; lane < panelWidth; lane += e.target.width)
          store(e, source.loadPanel(e, place, panel, e.constant(lane)),
                {panel, row, column, e.constant(lane)});
      });
    });
  }

  //===--------------------------------------------------------------------===//
  // Tiles
  //===--------------------------------------------------------------------===//

  void emitTile(Emitter &e, const Tile &tile) {
    KernelAccesses accesses(e, parts.domainReads(), parts.kernel.write,
                            /*merge=*/false);
    Value top = tile.firstRow.back();
    Value left = e.mul(tile.firstRow[tile.rowAxis], horizontal.stride);
    SmallVector<Value> sums = parts.initial(e, tile);
    sums = forTaps(e, vertical, sums, [&](Value ky, ValueRange outer) {
      return forTaps(e, horizontal, outer, [&](Value kx, ValueRange inner) {
        Value row = e.add(top, e.mul(ky, vertical.dilation));
        Value column = e.add(left, e.mul(kx, horizontal.dilation));
        Value tap = e.add(e.mul(ky, horizontal.kernel), kx);
        return emitTap(e, tile, row, column, e.mul(tap, channels), inner);
      });
    });
    parts.finish(e, tile, sums, accesses);
  }

  using TapBody = llvm::function_ref<SmallVector<Value>(Value, ValueRange)>;

  /// Calls `body` for the elements of a window along an axis: in a loop, unless
  /// there is hardly anything to do at each.
  SmallVector<Value> forTaps(Emitter &e, const ConvAxis &axis, ValueRange sums,
                             TapBody body) const {
    SmallVector<Value> carried(sums);
    bool isShort = channels < panelWidth && &axis == &horizontal;
    if (axis.kernel > 1 && !isShort)
      return e.loop(e.constant(0), e.constant(axis.kernel), 1, carried, body);
    for (int64_t tap = 0; tap < axis.kernel; ++tap)
      carried = body(e.constant(tap), carried);
    return carried;
  }

  /// All channels of one element of the window; `k` is its first step in depth.
  SmallVector<Value> emitTap(Emitter &e, const Tile &tile, Value row,
                             Value column, Value k, ValueRange sums) {
    Value buffer = staged(e);
    MicroOperands operands{[&](int64_t i, Value panel, Value lane) -> Value {
                             Value at = e.add(column, i * horizontal.stride);
                             return memref::LoadOp::create(
                                 e, buffer, ValueRange{panel, row, at, lane});
                           },
                           [&](int64_t j, Value panel, Value lane) {
                             Value step = e.add(e.mul(panel, panelWidth), lane);
                             return parts.weight(e, tile, j, e.add(k, step));
                           }};
    return emitMicroKernel(e, tile.shape, channels, sums, operands);
  }

  LinearParts parts;
  Gather map;                // what makes the map that is unfolded
  SmallVector<int64_t> lead; // sizes of the axes before the spatial ones
  bool isPlane = true;       // or a line
  ConvAxis vertical, horizontal;
  int64_t channels = 0, channelPanels = 0;
  int64_t stagedColumns = 0, blockRows = 1;
};

} // namespace

std::unique_ptr<KernelEmitter> vitrail::makeConvEmitter(LinearParts parts,
                                                        VectorTarget target) {
  return std::make_unique<ConvEmitter>(std::move(parts), target);
}
