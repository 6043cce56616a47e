//===- EmitConv.cpp - Linears of unfolded maps ----------------------------===//
//
// Part of Vitrail, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "passes/lower/LinearParts.h"
#include "passes/lower/MicroKernel.h"
#include "passes/lower/StagedMap.h"

using namespace mlir;
using namespace vitrail;

namespace {

/// What one visit of a tile adds: all of the window, a line of it, an element,
/// or some of an element's channels. Visits follow each other in the packed
/// weights.
struct ConvVisit {
  int64_t lines = 1, elements = 1; // of the window
  int64_t channels = 1;
  int64_t count = 1; // visits

  int64_t steps() const { return lines * elements * channels; }
};

/// Implicit GEMM: the map's rows that a block of the result's rows reads lie in
/// scratch memory with zeros around the edge, and a step in depth is a place
/// there. Nothing is unfolded. Inside a block, panels of weights are outside
/// and tiles of places inside; threads share blocks by panels.
///
/// Tiles keep to a line of the result, where a row's place follows from the
/// first one's, or take places line after line, which leaves fewer small tiles
/// on narrow maps but needs an address for each row.
class ConvEmitter : public KernelEmitter {
public:
  ConvEmitter(LinearParts given, VectorTarget target)
      : parts(std::move(given)), map(parts.gather) {
    // Where channels lie side by side, a line of the window is one element.
    elements = map.isThin() ? 1 : map.horizontal.kernel;
    elementSteps = parts.depth() / (map.vertical.kernel * elements);
    chooseVisit(target);
    chooseBlock(target);
    int64_t rows = std::max(map.blockRows * lineTiles(target).rows.slots(),
                            placeTiles(target).rows.slots());
    parts.depthBlocks = DepthBlocks(target, visit.count, rows, map.elements());
  }

  int64_t scratchElements() const override {
    return map.elements() + parts.depthBlocks.scratchElements();
  }

  int64_t blocks() const override { return visit.count; }

  SmallVector<Tiling> tilings(Emitter &e) override {
    int64_t places = map.horizontal.places;
    SmallVector<TileShape> tiles =
        rankTiles(e.target, crossesLines(e) ? map.blockRows * places : places,
                  parts.columns());
    SmallVector<Tiling> all = tilingsAround(tiles, visit.count);
    // The next larger and the next smaller visits.
    SmallVector<ConvVisit> visits = this->visits();
    for (size_t i = 0; i < visits.size(); ++i)
      if ((i > 0 && visits[i - 1].count == visit.count) ||
          (i + 1 < visits.size() && visits[i + 1].count == visit.count))
        all.push_back({tiles.front(), visits[i].count});
    return all;
  }

  void emit(Emitter &e) override {
    bool along = crossesLines(e);
    ProductTiles tiles = along ? placeTiles(e.target) : lineTiles(e.target);
    RowTiles rows(map.vertical.places, map.blockRows);
    int64_t outerSize = llvm::product_of(map.lead);
    parts.report(tiles, e.target.width,
                 outerSize * map.vertical.places * map.horizontal.places,
                 llvm::formatv("{0} rows of the map staged at a time",
                               map.vertical.staged(rows.rows))
                     .str());
    auto placeOf = [&](Value number) {
      auto [outer, inner] = e.divmod(number, rows.count);
      Block at{outer, {}, {}, along};
      Value large;
      std::tie(at.firstRow, large) = rows.locate(e, inner);
      at.rows = rows.heightOf(e, large);
      return at;
    };
    e.shareBlocks(
        outerSize * rows.count, tiles.groups,
        [&](Value block) {
          Block at = placeOf(block);
          map.stage(e, parts.kernel.readOf(map.map().source()),
                    e.delinearize(at.outer, map.lead), at.firstRow, at.rows);
        },
        [&](Value block, Value first, Value behind) {
          Block at = placeOf(block);
          parts.depthBlocks.forVisits(
              e, first, behind, tiles.group,
              [&](Value panelGroup, const DepthVisit &visit,
                  const DepthBlocks::Place &next) {
                emitVisit(e, tiles, at, panelGroup, visit, next);
              });
        });
  }

private:
  ProductTiles lineTiles(const VectorTarget &target) {
    return {target, parts.kernel.tiling, map.horizontal.places,
            parts.columns()};
  }
  ProductTiles placeTiles(const VectorTarget &target) {
    return {target, parts.kernel.tiling, map.blockRows * map.horizontal.places,
            parts.columns()};
  }

  //===--------------------------------------------------------------------===//
  // Choices
  //===--------------------------------------------------------------------===//

  /// The visits that there may be, larger ones first.
  SmallVector<ConvVisit> visits() const {
    int64_t lines = map.vertical.kernel;
    SmallVector<ConvVisit> all{{lines, elements, elementSteps, 1}};
    if (lines > 1)
      all.push_back({1, elements, elementSteps, lines});
    if (elements > 1)
      all.push_back({1, 1, elementSteps, lines * elements});
    if (elementSteps % panelWidth != 0)
      return all;
    // Whole panels, as many for each visit, and not too few.
    constexpr int64_t leastPanels = 4;
    int64_t panels = elementSteps / panelWidth;
    for (int64_t parts = 2; panels / parts >= leastPanels; ++parts)
      if (panels % parts == 0)
        all.push_back({1, 1, elementSteps / parts, lines * elements * parts});
    return all;
  }

  /// Chooses visits whose weights stay in L1 while the tiles of a block pass,
  /// the largest there are, if all of them do not.
  void chooseVisit(const VectorTarget &target) {
    // Neighbours in the window share rows of the map, which leaves them more of
    // L1.
    int64_t most = DepthBlocks::mostSteps(target) / 2 * 3;
    SmallVector<ConvVisit> all = visits();
    const std::optional<Tiling> &tiling = parts.kernel.tiling;
    auto pass = [&](const ConvVisit &each) {
      return tiling ? each.count >= tiling->blocks : each.steps() <= most;
    };
    // Where no visit is so small, an element of the window is.
    visit = *llvm::find_if(llvm::reverse(all), [&](const ConvVisit &each) {
      return each.channels == elementSteps;
    });
    if (const auto *found = llvm::find_if(all, pass); found != all.end())
      visit = *found;
  }

  /// Chooses how many rows of the result are a block. What is staged stays in
  /// L2 beside a panel of weights and what a neighbour has there; in visits,
  /// which read a part of it each, there may be more of it, until there are
  /// enough tiles, and all of L2, until there are a few.
  void chooseBlock(const VectorTarget &target) {
    constexpr int64_t enoughPlaces = 200, fewPlaces = 50;
    auto fits = [&](int64_t rows) {
      int64_t bytes = map.elements(rows) * int64_t(sizeof(float));
      int64_t places = rows * map.horizontal.places;
      int64_t most = target.l2Bytes() / 3;
      if (visit.count > 1 && places <= enoughPlaces)
        most = target.l2Bytes() / (places <= fewPlaces ? 1 : 2);
      return bytes <= most;
    };
    int64_t rows = 1;
    while (rows < map.vertical.places && fits(rows + 1))
      ++rows;
    map.blockRows = llvm::divideCeil(
        map.vertical.places, llvm::divideCeil(map.vertical.places, rows));
  }

  /// Whether tiles go on from line to line.
  bool crossesLines(Emitter &e) {
    ProductTiles tiles = placeTiles(e.target);
    constexpr int64_t addresses = 8; // that general registers have place for
    if (map.vertical.places % map.blockRows || tiles.rows.rows > addresses ||
        tiles.rows.rows <= lineTiles(e.target).rows.rows)
      return false;
    KernelAccesses accesses(e, parts.domainReads(), parts.kernel.write);
    return accesses.domain.sizes.size() == 1;
  }

  //===--------------------------------------------------------------------===//
  // Loops
  //===--------------------------------------------------------------------===//

  /// A block of rows of the result.
  struct Block {
    Value outer; // number of the map
    Value firstRow, rows;
    bool along; // its tiles go on from line to line
  };

  void emitVisit(Emitter &e, const ProductTiles &tiles, const Block &block,
                 Value panelGroup, const DepthVisit &depthVisit,
                 const DepthBlocks::Place &next) {
    int64_t lines = block.along ? 1 : map.blockRows;
    Value lineCount = block.along ? e.constant(1) : block.rows;
    WeightStream stream{visit.steps(), tiles.rows.count * lines};
    e.loop(e.constant(0), lineCount, 1, [&](Value line) {
      e.loop(e.constant(0), e.constant(tiles.rows.count), 1, [&](Value number) {
        Value done = e.add(e.mul(line, tiles.rows.count), number);
        DepthVisit bringing =
            parts.weights(e).bringing(e, depthVisit, tiles, next, stream, done);
        callTile(e, tiles, block, line, number, panelGroup, bringing, stream);
      });
    });
  }

  void callTile(Emitter &e, const ProductTiles &tiles, const Block &block,
                Value line, Value number, Value panelGroup,
                DepthVisit depthVisit, const WeightStream &stream) {
    std::pair<Value, Value> place = tiles.rows.locate(e, number);
    Value column = place.first, large = place.second;
    SmallVector<Value> position;
    int64_t rowAxis = 0;
    if (block.along) {
      Value row =
          e.add(e.mul(block.outer, map.vertical.places), block.firstRow);
      position = {e.add(e.mul(row, map.horizontal.places), column), column};
    } else {
      position = e.delinearize(block.outer, map.lead);
      if (map.isPlane)
        position.push_back(e.add(block.firstRow, line));
      position.push_back(column);
      rowAxis = position.size() - 1;
      position.push_back(e.mul(line, map.vertical.stride));
    }
    depthVisit.row =
        e.add(e.mul(line, tiles.rows.slots()), e.mul(number, tiles.rows.rows));
    bool along = block.along;
    tiles.call(e, parts.kernel, large, panelGroup, position, rowAxis,
               depthVisit, [&](Emitter &inside, Kernel copy, const Tile &tile) {
                 ConvEmitter(LinearParts(copy), e.target)
                     .emitTile(inside, tile, along, stream);
               });
  }

  //===--------------------------------------------------------------------===//
  // Tiles
  //===--------------------------------------------------------------------===//

  /// The staged places that the rows of a tile start from.
  SmallVector<StagedMap::Place> placesOf(Emitter &e, const Tile &tile,
                                         bool along) const {
    SmallVector<StagedMap::Place> places;
    for (int64_t i = 0; i < tile.shape.rows; ++i) {
      if (along) {
        auto [y, x] =
            e.divmod(e.add(tile.firstRow.back(), i), map.horizontal.places);
        places.push_back(
            {e.mul(y, map.vertical.stride), e.mul(x, map.horizontal.stride)});
        continue;
      }
      Value first = e.mul(tile.firstRow[tile.rowAxis], map.horizontal.stride);
      places.push_back(
          {tile.firstRow.back(), e.add(first, i * map.horizontal.stride)});
    }
    return places;
  }

  void emitTile(Emitter &e, const Tile &tile, bool along,
                const WeightStream &stream) {
    KernelAccesses accesses(e, parts.domainReads(), parts.kernel.write,
                            /*merge=*/along);
    SmallVector<StagedMap::Place> places = placesOf(e, tile, along);
    // Where in the window this visit begins.
    SmallVector<Value> first(3, e.constant(0));
    if (tile.visit.kind != DepthVisit::whole) {
      bool isLast = tile.visit.kind == DepthVisit::last;
      first = e.delinearize(
          isLast ? e.constant(visit.count - 1) : tile.visit.block,
          {map.vertical.kernel / visit.lines, elements / visit.elements,
           elementSteps / visit.channels});
    }
    Value firstPanel = e.mul(first[2], visit.channels / panelWidth);
    int64_t tapPanels = llvm::divideCeil(visit.channels, panelWidth);
    SmallVector<Value> sums = parts.initial(e, tile);
    sums = forTaps(e, visit.lines, sums, [&](Value line, ValueRange outer) {
      return forTaps(
          e, visit.elements, outer, [&](Value element, ValueRange inner) {
            Value ky = e.add(first[0], line), kx = e.add(first[1], element);
            SmallVector<StagedMap::Place> shifted;
            for (StagedMap::Place place : places)
              shifted.push_back(
                  {e.add(place.row, e.mul(ky, map.vertical.dilation)),
                   e.add(place.column, e.mul(kx, map.horizontal.dilation))});
            Value tap = e.add(e.mul(ky, elements), kx);
            Value before =
                e.mul(e.add(e.mul(line, visit.elements), element), tapPanels);
            auto bring = [&](Value panel) {
              panel = e.add(before, panel);
              parts.weights(e).bring(e, tile, stream, panel);
              parts.bringRows(e, tile, accesses, panel,
                              visit.lines * visit.elements * tapPanels);
            };
            return emitTap(e, tile, shifted, firstPanel,
                           e.mul(tap, elementSteps), inner, bring);
          });
    });
    parts.finish(e, tile, sums, accesses);
  }

  using TapBody = llvm::function_ref<SmallVector<Value>(Value, ValueRange)>;

  SmallVector<Value> forTaps(Emitter &e, int64_t count, ValueRange sums,
                             TapBody body) const {
    if (count == 1)
      return body(e.constant(0), sums);
    return e.loop(e.constant(0), e.constant(count), 1, sums, body);
  }

  /// The channels of one element of the window, from `firstPanel` on; `k` is
  /// the element's first step in depth.
  SmallVector<Value> emitTap(Emitter &e, const Tile &tile,
                             ArrayRef<StagedMap::Place> places,
                             Value firstPanel, Value k, ValueRange sums,
                             llvm::function_ref<void(Value)> beside) {
    MicroOperands operands{
        [&](int64_t i, Value panel, Value lane) -> Value {
          return map.load(e, places[i], e.add(firstPanel, panel), lane);
        },
        [&](int64_t j, Value panel, Value lane) {
          Value step = e.add(e.mul(e.add(firstPanel, panel), panelWidth), lane);
          return parts.weights(e).load(e, tile, j, e.add(k, step));
        },
        beside};
    return emitMicroKernel(e, tile.shape, visit.channels, sums, operands);
  }

  LinearParts parts;
  StagedMap map;
  int64_t elements = 1;     // of a line of the window
  int64_t elementSteps = 1; // in depth
  ConvVisit visit;
};

} // namespace

std::unique_ptr<KernelEmitter> vitrail::makeConvEmitter(LinearParts parts,
                                                        VectorTarget target) {
  return std::make_unique<ConvEmitter>(std::move(parts), target);
}
