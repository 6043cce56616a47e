//===- EmitChain.cpp - Linears and the depthwise convolutions behind ------===//
//
// Part of Vitrail, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "passes/lower/LinearParts.h"
#include "passes/lower/MicroKernel.h"
#include "passes/lower/Stencil.h"
#include "passes/schedule/ConvChain.h"

using namespace mlir;
using namespace vitrail;

namespace {

/// A unit of work is a block of rows of the result and a panel of its channels.
/// The rows that the block needs of each map between lie in scratch memory,
/// those that are on the map: stencils read nothing beyond its edge. Panels of
/// a block follow each other, so that the rows that the linear reads stay in
/// L2.
class ChainEmitter : public KernelEmitter {
public:
  ChainEmitter(Kernel given, VectorTarget target)
      : kernel(given), target(target), parts(given),
        chain(given.ops, target.l2Bytes()), most(chain.rowsOfBlock()) {}

  int64_t scratchElements() const override { return chain.scratchElements(); }

  int64_t blocks() const override { return 1; }

  SmallVector<Tiling> tilings(Emitter &e) override {
    int64_t places = chain.columns(0);
    if (crossesLines(e))
      places *= most.front();
    return tilingsAround(
        rankTiles(target, places, chain.channels(), /*mostPanels=*/1));
  }

  void emit(Emitter &e) override {
    size_t last = chain.steps.size() - 1;
    int64_t blocks = llvm::divideCeil(chain.rows(last), chain.blockRows);
    int64_t panels = llvm::divideCeil(chain.channels(), panelWidth);
    int64_t maps = llvm::product_of(chain.lead());
    bool along = crossesLines(e);
    ProductTiles tiles = productTiles(along);
    parts.report(tiles, target.width, maps * chain.rows(0) * chain.columns(0),
                 llvm::formatv("{0} rows at a time", most.front()).str());
    for (size_t step = 1; step <= last; ++step)
      Stencil(chain.steps[step].anchor, target)
          .report(panels * maps * chain.rows(step));

    e.shareBlocks(maps * blocks, panels, /*prepare=*/nullptr,
                  [&](Value block, Value first, Value behind) {
                    std::pair<Value, Value> place = e.divmod(block, blocks);
                    Value map = place.first;
                    SmallVector<Rows> rows =
                        rowsFrom(e, e.mul(place.second, chain.blockRows));
                    e.loop(first, behind, 1, [&](Value panel) {
                      if (along)
                        emitPlaces(e, tiles, map, rows.front(), panel);
                      else
                        emitLines(e, tiles, map, rows.front(), panel);
                      for (size_t step = 1; step <= last; ++step)
                        emitStencil(e, step, map, rows, panel);
                    });
                  });
  }

private:
  /// Rows of a map: [begin, end).
  struct Rows {
    Value begin, end;
  };

  /// What `ConvChain::rowsFrom` says, for a block that the program counts.
  SmallVector<Rows> rowsFrom(Emitter &e, Value first) {
    auto least = [&](Value value, int64_t bound) {
      return e.createOrFold<arith::MinSIOp>(value, e.constant(bound));
    };
    size_t step = chain.steps.size() - 1;
    SmallVector<Rows> all(step + 1);
    all[step] = {first, least(e.add(first, chain.blockRows), chain.rows(step))};
    for (; step > 0; --step) {
      Window window = chain.window(step);
      int64_t stride = window.strides[0], pad = window.padBefore(0);
      int64_t size = chain.rows(step - 1);
      Value from = e.add(e.mul(all[step].begin, stride), -pad);
      Value to =
          e.add(e.mul(e.add(all[step].end, -1), stride), window.reach(0) - pad);
      from = e.createOrFold<arith::MaxSIOp>(from, e.constant(0));
      all[step - 1] = {from, least(to, size)};
    }
    return all;
  }

  /// The operands that are read behind the anchor of a step.
  SmallVector<ReadOp> epilogueReads(size_t step) {
    SetVector<ReadOp> reads;
    for (Operation *op : chain.steps[step].epilogue)
      for (Value operand : op->getOperands())
        if (ReadOp read = kernel.readOf(operand))
          reads.insert(read);
    return reads.takeVector();
  }
  SmallVector<ReadOp> linearReads() {
    SmallVector<ReadOp> reads = epilogueReads(0);
    ReadOp input = kernel.readOf(parts.linear.getInput());
    if (!llvm::is_contained(reads, input))
      reads.push_back(input);
    return reads;
  }
  RankedTensorType mapType(size_t step) {
    return cast<RankedTensorType>(chain.steps[step].result().getType());
  }
  Epilogue epilogue(size_t step, const KernelAccesses &accesses) {
    const ConvChain::Step &made = chain.steps[step];
    return {made.epilogue, made.anchor->getResult(0), made.result(), accesses};
  }

  /// The rows of a map between that a block needs, in scratch memory, as one
  /// axis or two.
  Value blockOf(Emitter &e, size_t step, bool along) {
    int64_t offset = 0;
    for (size_t before = 0; before < step; ++before)
      offset += most[before] * chain.columns(before) * panelWidth;
    int64_t rows = most[step], columns = chain.columns(step);
    if (along)
      return e.scratchView(offset, {1, rows * columns, panelWidth});
    return e.scratchView(offset, {1, rows, columns, panelWidth});
  }
  /// Its access by the indices of the map, of which it has rows from
  /// `firstRow`.
  Access accessOf(Emitter &e, size_t step, Value panel, Value firstRow) {
    int64_t axis = chain.lead().size();
    return Access::ofPart(blockOf(e, step, /*along=*/false), panel,
                          {axis, axis + 1}, {firstRow, e.constant(0)});
  }

  //===--------------------------------------------------------------------===//
  // The linear
  //===--------------------------------------------------------------------===//

  /// Whether all that the linear reads is dense along its places, so that tiles
  /// go on from line to line.
  bool crossesLines(Emitter &e) {
    KernelAccesses accesses(e, linearReads(), mapType(0), /*merge=*/true);
    return accesses.domain.sizes.size() == 1;
  }

  /// Tiles of one height. The last one of the places of a block or of a line
  /// begins earlier than the one before ends, if that leaves less than a tile.
  ProductTiles productTiles(bool along) {
    int64_t places = chain.columns(0), least = places;
    if (along) {
      places *= most.front();
      int64_t end = chain.rows(chain.steps.size() - 1);
      int64_t rows = chain.rows(0);
      for (int64_t first = 0; first < end; first += chain.blockRows)
        rows = std::min(rows, chain.rowsFrom(first).front().count());
      least *= rows;
    }
    ProductTiles best(target, kernel.tiling, places, chain.channels(),
                      /*mostPanels=*/1);
    return {target, kernel.tiling, std::min(best.rows.rows, least),
            chain.channels(), /*mostPanels=*/1};
  }

  /// Calls `body` with the first place of each tile of [begin, end), and with
  /// what it brings of the weights of the next panel: of a block's `places`,
  /// these are those from `done` on.
  void forTiles(
      Emitter &e, const ProductTiles &tiles, Value begin, Value end,
      Value panel, Value done, int64_t places,
      llvm::function_ref<void(Value, const DepthVisit &, const WeightStream &)>
          body) {
    int64_t height = tiles.rows.rows;
    WeightStream stream{parts.depth(),
                        int64_t(llvm::divideCeil(places, height))};
    Value last = e.add(end, -height);
    e.loop(begin, end, height, [&](Value place) {
      Value number = e.add(done, arith::SubIOp::create(e, place, begin));
      DepthVisit visit = parts.weights(e).bringing(
          e, {}, tiles, {e.add(panel, 1), e.constant(0)}, stream,
          e.divmod(number, height).first);
      body(arith::MinUIOp::create(e, place, last), visit, stream);
    });
  }

  /// The rows of a block, place after place.
  void emitPlaces(Emitter &e, const ProductTiles &tiles, Value map,
                  const Rows &rows, Value panel) {
    Value firstRow = e.mul(map, chain.rows(0));
    Value begin = e.mul(e.add(firstRow, rows.begin), chain.columns(0));
    Value end = e.mul(e.add(firstRow, rows.end), chain.columns(0));
    int64_t places = most.front() * chain.columns(0);
    forTiles(
        e, tiles, begin, end, panel, e.constant(0), places,
        [&](Value place, const DepthVisit &visit, const WeightStream &stream) {
          callProduct(e, tiles, {place, begin}, 0, panel, /*along=*/true, visit,
                      stream);
        });
  }

  /// The rows of a block, line by line.
  void emitLines(Emitter &e, const ProductTiles &tiles, Value map,
                 const Rows &rows, Value panel) {
    e.loop(rows.begin, rows.end, 1, [&](Value row) {
      SmallVector<Value> position = e.delinearize(map, chain.lead());
      position.append({row, Value(), rows.begin});
      int64_t axis = position.size() - 2;
      int64_t columns = chain.columns(0);
      Value done =
          e.mul(arith::SubIOp::create(e, row, rows.begin).getResult(), columns);
      forTiles(e, tiles, e.constant(0), e.constant(columns), panel, done,
               most.front() * columns,
               [&](Value place, const DepthVisit &visit,
                   const WeightStream &stream) {
                 position[axis] = place;
                 callProduct(e, tiles, position, axis, panel, /*along=*/false,
                             visit, stream);
               });
    });
  }

  /// The position of a tile ends with the first place, or row, of the block.
  void callProduct(Emitter &e, const ProductTiles &tiles,
                   ArrayRef<Value> position, int64_t rowAxis, Value panel,
                   bool along, const DepthVisit &visit,
                   const WeightStream &stream) {
    tiles.call(
        e, kernel, /*isLarge=*/{}, panel, position, rowAxis, visit,
        [&](Emitter &inside, Kernel copy, const Tile &tile) {
          ChainEmitter(copy, target).emitProduct(inside, tile, along, stream);
        });
  }

  void emitProduct(Emitter &e, const Tile &tile, bool along,
                   const WeightStream &stream) {
    KernelAccesses accesses(e, linearReads(), mapType(0), /*merge=*/along);
    const Access &input = accesses.reads.at(parts.linear.getInput());
    SmallVector<SmallVector<Value>> rows = tile.rows(e);
    MicroOperands operands{
        [&](int64_t i, Value panel, Value lane) {
          return input.loadScalar(e, rows[i], panel, lane);
        },
        [&](int64_t j, Value panel, Value lane) {
          return parts.weights(e).load(e, tile, j,
                                       e.add(e.mul(panel, panelWidth), lane));
        },
        [&](Value panel) { parts.weights(e).bring(e, tile, stream, panel); }};
    SmallVector<Value> sums = emitMicroKernel(e, tile.shape, parts.depth(),
                                              parts.initial(e, tile), operands);
    Value first = tile.firstRow.back();
    accesses.result = along ? Access::ofPart(blockOf(e, 0, along),
                                             tile.firstPanel, {0}, {first})
                            : accessOf(e, 0, tile.firstPanel, first);
    emitTileResult(e, tile, sums, epilogue(0, accesses), accesses.result);
  }

  //===--------------------------------------------------------------------===//
  // The depthwise convolutions
  //===--------------------------------------------------------------------===//

  bool isLast(size_t step) const { return step + 1 == chain.steps.size(); }

  /// The columns that are computed: where all buffers are panels, whole
  /// vectors.
  int64_t lanesOfPanels(size_t step) {
    SmallVector<ReadOp> reads = epilogueReads(step);
    for (Value operand : chain.steps[step].anchor->getOperands().drop_front())
      reads.push_back(kernel.readOf(operand));
    bool rowMajor =
        (isLast(step) && kernel.write.getRows()) ||
        llvm::any_of(reads, [](ReadOp read) { return read.getRows(); });
    return rowMajor ? chain.channels()
                    : llvm::alignTo(chain.channels(), target.width);
  }

  /// Calls the tiles of a block of one step. Their position is that of the
  /// first place, the panel, and the first rows that the block has of the map
  /// that is read and of the one that is made.
  void emitStencil(Emitter &e, size_t step, Value map, ArrayRef<Rows> rows,
                   Value panel) {
    Stencil stencil(chain.steps[step].anchor, target);
    e.byPanel(panel, lanesOfPanels(step), [&](int64_t lanes) {
      e.loop(rows[step].begin, rows[step].end, 1, [&](Value row) {
        stencil.forTiles(e, [&](StringRef kind, const PlaceTile &tile,
                                Value place) {
          SmallVector<Value> position = e.delinearize(map, chain.lead());
          position.append(
              {row, place, panel, rows[step - 1].begin, rows[step].begin});
          kernel.callPart(
              e,
              "map_" + Twine(step) + "_" + kind +
                  (lanes == panelWidth ? "" : "_last"),
              position, [&](Emitter &inside, Kernel copy, ArrayRef<Value> at) {
                ChainEmitter(copy, target)
                    .emitPlaceTile(inside, step, tile, at, lanes);
              });
        });
      });
    });
  }

  void emitPlaceTile(Emitter &e, size_t step, const PlaceTile &tile,
                     ArrayRef<Value> at, int64_t lanes) {
    ArrayRef<Value> row = at.drop_back(3), behind = at.take_back(3);
    Value panel = behind[0];
    KernelAccesses accesses =
        isLast(step) ? KernelAccesses(e, epilogueReads(step), kernel.write,
                                      /*merge=*/false)
                     : KernelAccesses(e, epilogueReads(step), mapType(step),
                                      /*merge=*/false);
    if (!isLast(step))
      accesses.result = accessOf(e, step, panel, behind[2]);
    auto conv = cast<DepthwiseConvOp>(chain.steps[step].anchor);
    Epilogue made = epilogue(step, accesses);
    Stencil::Operands operands{
        accessOf(e, step - 1, panel, behind[1]),
        Access::ofTensor(kernel.readOf(conv.getFilter())),
        {},
        accesses.result,
        made};
    if (conv.getBias())
      operands.bias = Access::ofTensor(kernel.readOf(conv.getBias()));
    Stencil(conv, target).emitTile(e, tile, row, panel, lanes, operands);
  }

  Kernel kernel;
  VectorTarget target;
  LinearParts parts;
  ConvChain chain;
  SmallVector<int64_t> most; // rows of each map that a block has
};

} // namespace

std::unique_ptr<KernelEmitter> vitrail::makeChainEmitter(Kernel kernel,
                                                         VectorTarget target) {
  return std::make_unique<ChainEmitter>(kernel, target);
}
