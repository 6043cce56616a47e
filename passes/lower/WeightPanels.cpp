//===- WeightPanels.cpp - The weights of a product ------------------------===//
//
// Part of Vitrail, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "passes/lower/WeightPanels.h"

using namespace mlir;
using namespace vitrail;

WeightPanels::WeightPanels(Emitter &e, Value given) : buffer(given) {
  auto type = cast<MemRefType>(buffer.getType());
  ArrayRef<int64_t> shape = type.getShape();
  panels = shape.front();
  depth = llvm::product_of(shape.drop_front().drop_back());
  if (shape.size() == 3)
    return;
  int64_t sizes[] = {panels, depth, shape.back()};
  int64_t strides[] = {depth * shape.back(), shape.back(), 1};
  buffer = memref::ReinterpretCastOp::create(
      e, MemRefType::get(sizes, type.getElementType()), buffer, /*offset=*/0,
      sizes, strides);
}

Value WeightPanels::load(Emitter &e, const Tile &tile, int64_t j,
                         Value k) const {
  Column column = tile.columnAt(e, j);
  return vector::LoadOp::create(
      e, e.vectorType(), buffer,
      ValueRange{column.panel, k, e.constant(column.lane)});
}

static Value within(Emitter &e, Value value, int64_t bound) {
  return arith::MinUIOp::create(e, value, e.constant(bound));
}

DepthVisit WeightPanels::bringing(Emitter &e, DepthVisit visit,
                                  const ProductTiles &tiles,
                                  const DepthBlocks::Place &next,
                                  const WeightStream &stream,
                                  Value number) const {
  visit.nextPanel = within(e, e.mul(next.panelGroup, tiles.group), panels - 1);
  Value step =
      e.add(e.mul(next.block, stream.steps), e.mul(number, stream.ofTile()));
  visit.nextStep =
      within(e, step, std::max<int64_t>(depth - stream.ofTile(), 0));
  return visit;
}

void WeightPanels::bring(Emitter &e, const Tile &tile,
                         const WeightStream &stream, Value panel) const {
  if (!tile.visit.nextPanel)
    return;
  int64_t group = tile.shape.vectors / e.target.vectorsPerPanel();
  e.loop(e.constant(0), e.constant(stream.ofPanel()), 1, [&](Value i) {
    Value line = within(e, e.add(e.mul(panel, stream.ofPanel()), i),
                        stream.ofTile() - 1);
    Value step = e.add(tile.visit.nextStep, line);
    for (int64_t j = 0; j < group; ++j) {
      Value at = within(e, e.add(tile.visit.nextPanel, j), panels - 1);
      e.prefetch(buffer, {at, step, e.constant(0)}, Nearness::L2);
    }
  });
}
