//===- Tiling.cpp - How a kernel of a product is cut ----------------------===//
//
// Part of Vitrail, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "passes/lower/Tiling.h"

using namespace mlir;
using namespace vitrail;

static constexpr StringLiteral rowsKey = "rows", vectorsKey = "vectors",
                               blocksKey = "blocks";

std::string Tiling::describe(int64_t width) const {
  std::string text = llvm::formatv("register tiles of {0} x {1}", tile.rows,
                                   tile.vectors * width);
  if (blocks > 1)
    text += llvm::formatv(", {0} blocks", blocks);
  return text;
}

DictionaryAttr Tiling::toAttribute(MLIRContext *context) const {
  Builder builder(context);
  auto number = [&](StringRef name, int64_t value) {
    return builder.getNamedAttr(name, builder.getI64IntegerAttr(value));
  };
  return builder.getDictionaryAttr({number(rowsKey, tile.rows),
                                    number(vectorsKey, tile.vectors),
                                    number(blocksKey, blocks)});
}

std::optional<Tiling> Tiling::of(func::FuncOp kernel) {
  auto attribute = kernel->getAttrOfType<DictionaryAttr>(plan::tiling);
  if (!attribute)
    return std::nullopt;
  auto number = [&](StringRef name) {
    return attribute.getAs<IntegerAttr>(name).getInt();
  };
  return Tiling{{number(rowsKey), number(vectorsKey)}, number(blocksKey)};
}

LogicalResult Tiling::verify(func::FuncOp kernel, const VectorTarget &target) {
  Attribute attribute = kernel->getAttr(plan::tiling);
  if (!attribute)
    return success();
  auto fail = [&] { return kernel->emitError() << plan::tiling << ' '; };
  auto dictionary = dyn_cast<DictionaryAttr>(attribute);
  auto isNumber = [&](StringRef name) {
    auto number = dictionary.getAs<IntegerAttr>(name);
    return number && number.getType().isSignlessInteger(64) &&
           number.getInt() >= 1;
  };
  if (!dictionary || dictionary.size() != 3 || !isNumber(rowsKey) ||
      !isNumber(vectorsKey) || !isNumber(blocksKey))
    return fail() << "must have the numbers rows, vectors and blocks, at least "
                     "1 each, not "
                  << attribute;
  TileShape tile = of(kernel)->tile;
  if (tile.vectors % target.vectorsPerPanel() != 0)
    return fail() << "asks for " << tile.vectors
                  << " vectors; they must be whole panels of "
                  << target.vectorsPerPanel();
  if (tile.rows > target.registers || tile.vectors > target.registers ||
      !tile.fits(target))
    return fail() << "asks for tiles of " << tile.rows << " x " << tile.vectors
                  << " vectors; with a step's weights and one broadcast, they "
                     "must fit "
                  << target.registers << " registers";
  return success();
}

SmallVector<Tiling> vitrail::tilingsAround(ArrayRef<TileShape> tiles,
                                           int64_t blocks, int64_t panels) {
  constexpr int64_t leastPanels = 4; // of a block
  SmallVector<Tiling> all;
  for (TileShape tile : tiles)
    all.push_back({tile, blocks});
  for (int64_t other : {2 * blocks, blocks / 2, int64_t(1)}) {
    if (other < 1 || other > std::max<int64_t>(panels / leastPanels, 1))
      continue;
    // As many as there are if each but the last has as many panels.
    int64_t count = llvm::divideCeil(panels, llvm::divideCeil(panels, other));
    Tiling tiling{tiles.front(), count};
    if (!llvm::is_contained(all, tiling))
      all.push_back(tiling);
  }
  return all;
}
