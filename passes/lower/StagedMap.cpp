//===- StagedMap.cpp - The part of a map that a convolution reads ---------===//
//
// Part of Vitrail, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "passes/lower/StagedMap.h"

using namespace mlir;
using namespace vitrail;

ConvAxis::ConvAxis(const Window &window, int64_t axis, int64_t size)
    : kernel(window.kernel[axis]), dilation(window.dilations[axis]),
      pad(window.padBefore(axis)), size(size),
      places(window.places(axis, size)),
      step(kernel == 1 ? window.strides[axis] : 1),
      stride(kernel == 1 ? 1 : window.strides[axis]) {}

StagedMap::StagedMap(const Gather &unfolding)
    : StagedMap(unfolding.withoutLast(), unfolding.unfold().getWindow()) {
  thin = channels < panelWidth && horizontal.dilation == 1;
}

StagedMap::StagedMap(const Gather &gather, const Window &window)
    : gather(gather) {
  ArrayRef<int64_t> shape = gather.type().getShape();
  int64_t leading = window.firstAxis(gather.type());
  channels = shape.back();
  isPlane = window.rank() == 2;
  if (isPlane)
    vertical = ConvAxis(window, 0, shape[leading]);
  horizontal = ConvAxis(window, window.rank() - 1, shape[shape.size() - 2]);
  lead.assign(shape.begin(), shape.begin() + leading);
}

int64_t StagedMap::elements(int64_t rows) const {
  if (isThin())
    return vertical.staged(rows) * columns() * channels;
  return panels() * panelPlaces(rows) * panelWidth;
}

int64_t StagedMap::panelPlaces(int64_t rows) const {
  // An odd multiple of eight: a place's panels, which are read one after the
  // other, lie in different sets of L1.
  int64_t places = vertical.staged(rows) * columns();
  return llvm::alignTo(places + 8, 16) - 8;
}

Value StagedMap::number(Emitter &e, Place place) const {
  return e.add(e.mul(place.row, columns()), place.column);
}

Value StagedMap::view(Emitter &e) const {
  if (isThin())
    return e.scratchView(0, {vertical.staged(blockRows), columns() * channels});
  return e.scratchView(0, {panels(), panelPlaces(blockRows), panelWidth});
}

void StagedMap::store(Emitter &e, Value value, Place place, Value panel,
                      Value lane) const {
  if (isThin())
    e.store(value, view(e),
            {place.row, e.add(e.mul(place.column, channels), lane)});
  else
    e.store(value, view(e), {panel, number(e, place), lane});
}

Value StagedMap::load(Emitter &e, Place place, Value panel, Value lane) const {
  SmallVector<Value> at;
  if (isThin()) {
    Value behind = e.add(e.mul(panel, panelWidth), lane);
    at = {place.row, e.add(e.mul(place.column, channels), behind)};
  } else {
    at = {panel, number(e, place), lane};
  }
  return memref::LoadOp::create(e, view(e), at);
}

Value StagedMap::loadVector(Emitter &e, Place place, Value panel,
                            Value lane) const {
  return vector::LoadOp::create(e, e.vectorType(), view(e),
                                ValueRange{panel, number(e, place), lane});
}

/// Zeros in the columns from `begin` to `end` of a staged row.
void StagedMap::clear(Emitter &e, Value row, int64_t begin, int64_t end) const {
  if (begin >= end)
    return;
  e.loop(e.constant(0), e.constant(panels()), 1, [&](Value panel) {
    e.loop(e.constant(begin), e.constant(end), 1, [&](Value column) {
      Place place{row, column};
      if (isThin()) {
        Value zero =
            arith::ConstantOp::create(e, e.getF32FloatAttr(0)).getResult();
        for (int64_t lane = 0; lane < channels; ++lane)
          store(e, zero, place, panel, e.constant(lane));
        return;
      }
      for (int64_t lane = 0; lane < panelWidth; lane += e.target.width)
        store(e, e.splat(0.0), place, panel, e.constant(lane));
    });
  });
}

void StagedMap::stage(Emitter &e, ReadOp read, ArrayRef<Value> at,
                      Value firstRow, Value count) const {
  Value rows = e.add(e.mul(e.add(count, -1), vertical.stride),
                     (vertical.kernel - 1) * vertical.dilation + 1);
  Value top =
      e.add(e.mul(firstRow, vertical.stride * vertical.step), -vertical.pad);
  // Columns that lie inside the map.
  int64_t begin = llvm::divideCeil(horizontal.pad, horizontal.step);
  int64_t end = std::min(
      columns(), int64_t(llvm::divideCeil(horizontal.size + horizontal.pad,
                                          horizontal.step)));
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
    copy(e, read, mapRow, row, begin, end);
    clear(e, row, 0, begin);
    clear(e, row, end, columns());
    e.setInsertionPointToStart(choice.elseBlock());
    clear(e, row, 0, columns());
  });
}

/// The columns from `begin` to `end` of a staged row, from a row of the map.
void StagedMap::copy(Emitter &e, ReadOp read, ArrayRef<Value> mapRow, Value row,
                     int64_t begin, int64_t end) const {
  Access source = Access::ofTensor(read);
  auto mapPlace = [&](Value column) {
    SmallVector<Value> place(mapRow);
    place.push_back(e.add(e.mul(column, horizontal.step), -horizontal.pad));
    return place;
  };
  if (!gather.empty() || source.isRowMajor() || isThin()) {
    e.loop(e.constant(begin), e.constant(end), 1, [&](Value column) {
      gather.emitRow(e, source, mapPlace(column),
                     [&](Value value, Value panel, Value lane) {
                       store(e, value, {row, column}, panel, lane);
                     });
    });
    return;
  }
  // Along a panel, what follows in the map follows in memory.
  e.loop(e.constant(0), e.constant(panels()), 1, [&](Value panel) {
    e.loop(e.constant(begin), e.constant(end), 1, [&](Value column) {
      SmallVector<Value> place = mapPlace(column);
      for (int64_t lane = 0; lane < panelWidth; lane += e.target.width)
        store(e, source.loadPanel(e, place, panel, e.constant(lane)),
              {row, column}, panel, e.constant(lane));
    });
  });
}
