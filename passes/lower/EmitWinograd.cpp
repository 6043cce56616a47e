//===- EmitWinograd.cpp - Convolutions by minimal filtering ---------------===//
//
// Part of Vitrail, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "dialects/vitrail/Winograd.h"
#include "mlir/IR/Remarks.h"
#include "passes/lower/MicroKernel.h"
#include "passes/lower/StagedMap.h"
#include "passes/lower/WeightPanels.h"

using namespace mlir;
using namespace vitrail;

namespace {

/// Sixteen matrix products, one for each place of the transformed elements,
/// with the tiles of 2 x 2 places as rows. For a block of lines of tiles, what
/// is made of the map lies in scratch memory, in L2; for each group of panels
/// of features the sixteen products follow one another, then become results.
/// Threads share blocks by groups.
class WinogradEmitter : public KernelEmitter {
public:
  WinogradEmitter(Kernel given, VectorTarget target)
      : kernel(given), target(target),
        conv(*kernel.func.getOps<WinogradConvOp>().begin()),
        map(Gather(conv.getInput()), conv.getTiles()),
        features(conv.getType().getShape().back()) {
    chooseBlock();
  }

  int64_t blocks() const override { return 1; }

  int64_t scratchElements() const override {
    int64_t group = tilesOf(map.blockRows).group;
    return map.elements() + winograd::products *
                                (lines(map.panels()) + lines(group)) *
                                panelWidth;
  }

  SmallVector<Tiling> tilings(Emitter &) override {
    return tilingsAround(rankTiles(target, slots(), features));
  }

  void emit(Emitter &e) override {
    RowTiles blocks(map.vertical.places, map.blockRows);
    int64_t outer = llvm::product_of(map.lead);
    report(outer);
    struct Block {
      Value outer, firstRow, isLarge;
    };
    auto placeOf = [&](Value number) {
      auto [outer, inner] = e.divmod(number, blocks.count);
      auto [firstRow, isLarge] = blocks.locate(e, inner);
      return Block{outer, firstRow, isLarge};
    };
    e.shareBlocks(
        outer * blocks.count, tilesOf(map.blockRows).groups,
        [&](Value number) {
          Block at = placeOf(number);
          blocks.byHeight(e, at.isLarge, [&](int64_t height) {
            map.stage(e, kernel.readOf(map.map().source()),
                      e.delinearize(at.outer, map.lead), at.firstRow,
                      e.constant(height));
            transform(e, height);
          });
        },
        [&](Value number, Value first, Value behind) {
          Block at = placeOf(number);
          blocks.byHeight(e, at.isLarge, [&](int64_t height) {
            e.loop(first, behind, 1, [&](Value group) {
              multiply(e, height, group,
                       arith::MinUIOp::create(e, e.add(group, 1),
                                              e.add(behind, -1)));
              finish(e, height, group, e.delinearize(at.outer, map.lead),
                     at.firstRow);
            });
          });
        });
  }

private:
  //===--------------------------------------------------------------------===//
  // Sizes
  //===--------------------------------------------------------------------===//

  /// Tiles of a line, and of a block.
  int64_t lineTiles() const { return map.horizontal.places; }
  int64_t slots() const { return map.blockRows * lineTiles(); }
  /// Panels of a block's tiles that lie together, one line after the other:
  /// with an odd number in all, the sixteen matrices lie in different sets of
  /// L1.
  int64_t lines(int64_t panels) const { return panels * slots() | 1; }

  /// The register tiles of a block of `height` lines of tiles: those of the
  /// larger blocks, or as much of them as there is. Features are whole panels:
  /// products wait in such.
  ProductTiles tilesOf(int64_t height) const {
    int64_t columns = llvm::alignTo(features, panelWidth);
    TileShape tile =
        ProductTiles(target, kernel.tiling, slots(), columns).shape();
    return {target, Tiling{tile}, height * lineTiles(), columns};
  }

  /// Chooses how many lines of tiles are a block: their transformed elements
  /// fill half of L2. A few tiles are one block even beyond L2, so that
  /// weights, which come from memory, come once for all of them.
  void chooseBlock() {
    constexpr int64_t fewTiles = 50;
    auto fits = [&](int64_t rows) {
      int64_t tiles = rows * lineTiles();
      int64_t bytes = winograd::products * map.panels() * tiles * panelWidth *
                      int64_t(sizeof(float));
      return bytes <=
             (tiles <= fewTiles ? target.l2Bytes() * 2 : target.l2Bytes() / 2);
    };
    int64_t all = map.vertical.places, rows = 1;
    while (rows < all && (fits(all) || fits(rows + 1)))
      ++rows;
    map.blockRows = llvm::divideCeil(all, llvm::divideCeil(all, rows));
  }

  void report(int64_t outer) {
    ProductTiles tiles = tilesOf(map.blockRows);
    remark::analysis(conv.getLoc(),
                     remark::RemarkOpts::name("tile").category("lower"))
        << remark::add("{0} of {1} x {2} by {3} deep: register tiles of {4} x "
                       "{5}, {6} lines of 2 x 2 places at a time",
                       winograd::products,
                       outer * map.vertical.places * lineTiles(), features,
                       map.channels, tiles.rows.rows,
                       tiles.vectors * target.width, map.blockRows);
  }

  //===--------------------------------------------------------------------===//
  // Elements and products
  //===--------------------------------------------------------------------===//

  /// The transformed elements: matrix, panel and tile, channel.
  Value elementsView(Emitter &e) const {
    return e.scratchView(map.elements(),
                         {winograd::products, lines(map.panels()), panelWidth});
  }
  /// The products: matrix, panel and tile, feature.
  Value productsView(Emitter &e) const {
    int64_t group = tilesOf(map.blockRows).group;
    return e.scratchView(map.elements() + winograd::products *
                                              lines(map.panels()) * panelWidth,
                         {winograd::products, lines(group), panelWidth});
  }
  Value lineOf(Emitter &e, Value panel, Value slot) const {
    return e.add(e.mul(panel, slots()), slot);
  }

  /// Calls `body` for the tiles of `height` lines, with line and column.
  void forTiles(Emitter &e, int64_t height,
                llvm::function_ref<void(Value, Value)> body) const {
    e.loop(e.constant(0), e.constant(height), 1, [&](Value y) {
      e.loop(e.constant(0), e.constant(lineTiles()), 1,
             [&](Value x) { body(y, x); });
    });
  }

  /// Makes of the staged map the elements that the products take.
  void transform(Emitter &e, int64_t height) const {
    auto add = [&](Value a, Value b) { return e.addf(a, b); };
    auto sub = [&](Value a, Value b) { return e.subf(a, b); };
    auto ofTile = [&](Value panel, Value y, Value x, Value lane) {
      SmallVector<Value> elements;
      for (int64_t i = 0; i < winograd::products; ++i)
        elements.push_back(map.loadVector(
            e,
            {e.add(e.mul(y, winograd::places), i / winograd::elements),
             e.add(e.mul(x, winograd::places), i % winograd::elements)},
            panel, lane));
      Value line = lineOf(e, panel, e.add(e.mul(y, lineTiles()), x));
      Value view = elementsView(e);
      auto made = winograd::ofElements<Value>(elements, {add, sub});
      for (auto [i, value] : llvm::enumerate(made))
        e.store(value, view, {e.constant(i), line, lane});
    };
    e.loop(e.constant(0), e.constant(map.panels()), 1, [&](Value panel) {
      forTiles(e, height, [&](Value y, Value x) {
        for (int64_t lane = 0; lane < panelWidth; lane += target.width)
          ofTile(panel, y, x, e.constant(lane));
      });
    });
  }

  WeightPanels weights(Emitter &e) {
    return {e, kernel.readOf(conv.getFilter()).getBuffer()};
  }

  /// The sixteen products of a block for a group of panels, while the weights
  /// of the next product come near, or those of the first of group `next`.
  void multiply(Emitter &e, int64_t height, Value group, Value next) {
    ProductTiles tiles = tilesOf(height);
    WeightStream stream{map.channels, tiles.rows.count};
    e.loop(e.constant(0), e.constant(winograd::products), 1, [&](Value matrix) {
      Value following = e.add(matrix, 1);
      Value isMore =
          arith::CmpIOp::create(e, arith::CmpIPredicate::ult, following,
                                e.constant(winograd::products));
      DepthBlocks::Place place{
          arith::SelectOp::create(e, isMore, group, next),
          arith::SelectOp::create(e, isMore, following, e.constant(0))};
      e.loop(e.constant(0), e.constant(tiles.rows.count), 1, [&](Value number) {
        auto [slot, isLarge] = tiles.rows.locate(e, number);
        DepthVisit visit =
            weights(e).bringing(e, {}, tiles, place, stream, number);
        tiles.call(
            e, kernel, isLarge, group, {matrix, slot}, /*rowAxis=*/1, visit,
            [&](Emitter &inside, Kernel copy, const Tile &tile) {
              WinogradEmitter(copy, target).emitTile(inside, tile, stream);
            });
      });
    });
  }

  void emitTile(Emitter &e, const Tile &tile, const WeightStream &stream) {
    Value matrix = tile.firstRow.front();
    Value elements = elementsView(e), products = productsView(e);
    WeightPanels filter = weights(e);
    SmallVector<SmallVector<Value>> rows = tile.rows(e);
    MicroOperands operands{
        [&](int64_t i, Value panel, Value lane) -> Value {
          return memref::LoadOp::create(
              e, elements,
              ValueRange{matrix, lineOf(e, panel, rows[i].back()), lane});
        },
        [&](int64_t j, Value panel, Value lane) {
          Value channel = e.add(e.mul(panel, panelWidth), lane);
          return filter.load(e, tile, j,
                             e.add(e.mul(matrix, map.channels), channel));
        },
        [&](Value panel) { filter.bring(e, tile, stream, panel); }};
    SmallVector<Value> sums(tile.shape.rows * tile.shape.vectors, e.splat(0.0));
    sums = emitMicroKernel(e, tile.shape, map.channels, sums, operands);
    int64_t perPanel = target.vectorsPerPanel();
    for (int64_t i = 0; i < tile.shape.rows; ++i)
      for (int64_t j = 0; j < tile.shape.vectors; ++j)
        e.store(sums[i * tile.shape.vectors + j], products,
                {matrix, lineOf(e, e.constant(j / perPanel), rows[i].back()),
                 e.constant(j % perPanel * target.width)});
  }

  /// Makes results of the products of a group of panels.
  void finish(Emitter &e, int64_t height, Value group, ArrayRef<Value> lead,
              Value firstRow) {
    int64_t size = tilesOf(height).group;
    Value first = e.mul(group, size);
    Value behind = arith::MinUIOp::create(
        e, e.add(first, size),
        e.constant(llvm::divideCeil(features, panelWidth)));
    SmallVector<Value> operands{conv.getInput(), conv.getFilter()};
    if (conv.getBias())
      operands.push_back(conv.getBias());
    KernelAccesses accesses(e, kernel.readsBut(operands), kernel.write,
                            /*merge=*/false);
    e.loop(first, behind, 1, [&](Value panel) {
      Value inGroup = arith::SubIOp::create(e, panel, first);
      e.byPanel(panel, features, [&](int64_t lanes) {
        forTiles(e, height, [&](Value y, Value x) {
          Value line = lineOf(e, inGroup, e.add(e.mul(y, lineTiles()), x));
          SmallVector<Value> at(lead);
          at.push_back(e.mul(e.add(firstRow, y), winograd::places));
          at.push_back(e.mul(x, winograd::places));
          for (int64_t lane = 0; lane < lanes; lane += target.width)
            finishTile(e, line, at,
                       {panel, lane, std::min(lanes - lane, target.width)},
                       accesses);
        });
      });
    });
  }

  void finishTile(Emitter &e, Value line, ArrayRef<Value> at, Column column,
                  const KernelAccesses &accesses) {
    auto add = [&](Value a, Value b) { return e.addf(a, b); };
    auto sub = [&](Value a, Value b) { return e.subf(a, b); };
    Value view = productsView(e), lane = e.constant(column.lane);
    SmallVector<Value> products;
    for (int64_t i = 0; i < winograd::products; ++i)
      products.push_back(vector::LoadOp::create(
          e, e.vectorType(), view, ValueRange{e.constant(i), line, lane}));
    SmallVector<Value> sums = winograd::ofProducts<Value>(products, {add, sub});
    if (conv.getBias()) {
      Value bias = vector::LoadOp::create(
          e, e.vectorType(), kernel.readOf(conv.getBias()).getBuffer(),
          ValueRange{column.panel, lane});
      for (Value &sum : sums)
        sum = e.addf(sum, bias);
    }
    ArrayRef<Operation *> ops(kernel.ops);
    Epilogue epilogue(
        SmallVector<Operation *>(llvm::find(ops, conv) + 1, ops.end()),
        conv.getResult(), kernel.write.getValue(), accesses);
    // Along an axis of an odd size, the last tile has one place.
    auto store = [&](int64_t rows, int64_t columns) {
      SmallVector<Value> kept;
      for (int64_t i = 0; i < rows; ++i)
        for (int64_t j = 0; j < columns; ++j)
          kept.push_back(sums[i * winograd::places + j]);
      auto rowAt = [&](Value number) {
        auto [i, j] = e.divmod(number, columns);
        SmallVector<Value> row(at);
        size_t vertical = row.size() - 2;
        row[vertical] = e.add(row[vertical], i);
        row.back() = e.add(row.back(), j);
        return row;
      };
      emitTileResult(e, rows * columns, rowAt, column, kept, epilogue,
                     accesses.result);
    };
    ArrayRef<int64_t> sizes = conv.getType().getShape().take_back(3);
    byPlaces(e, at.drop_back().back(), sizes[0], [&](int64_t rows) {
      byPlaces(e, at.back(), sizes[1],
               [&](int64_t columns) { store(rows, columns); });
    });
  }

  /// Calls `body` for the places that a tile from `first` has along an axis of
  /// `size` places.
  static void byPlaces(Emitter &e, Value first, int64_t size,
                       llvm::function_ref<void(int64_t)> body) {
    if (size % winograd::places == 0)
      return body(winograd::places);
    Value isWhole = arith::CmpIOp::create(e, arith::CmpIPredicate::ult,
                                          e.add(first, 1), e.constant(size));
    auto choice = scf::IfOp::create(e, isWhole, /*withElseRegion=*/true);
    OpBuilder::InsertionGuard guard(e);
    e.setInsertionPointToStart(choice.thenBlock());
    body(winograd::places);
    e.setInsertionPointToStart(choice.elseBlock());
    body(1);
  }

  Kernel kernel;
  VectorTarget target;
  WinogradConvOp conv;
  StagedMap map; // that the tiles read
  int64_t features;
};

} // namespace

std::unique_ptr<KernelEmitter>
vitrail::makeWinogradEmitter(Kernel kernel, VectorTarget target) {
  return std::make_unique<WinogradEmitter>(kernel, target);
}
