//===- Access.cpp - How kernels address tensors ---------------------------===//
//
// Part of Vitrail, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "passes/lower/Access.h"

using namespace mlir;
using namespace vitrail;

//===----------------------------------------------------------------------===//
// Access
//===----------------------------------------------------------------------===//

SmallVector<Value> Access::index(Emitter &e, ValueRange row, Value panel,
                                 Value lane) const {
  auto from = [&](Value begin, Value at) -> Value {
    return e.createOrFold<arith::SubIOp>(at, begin);
  };
  SmallVector<Value> index;
  if (!rows)
    index.push_back(firstPanel ? from(firstPanel, panel) : panel);
  for (auto [i, axis] : llvm::enumerate(axes)) {
    index.push_back(axis < 0 ? e.constant(0) : row[axis]);
    if (!origin.empty())
      index.back() = from(origin[i], index.back());
  }
  index.push_back(rows ? e.add(e.mul(panel, panelWidth), lane) : lane);
  return index;
}

Access Access::ofTensor(ReadOp read) {
  Access access;
  access.type = read.getType();
  access.rows = read.getRows();
  access.buffer = read.getBuffer();
  for (int64_t axis = 0; axis < access.type.getRank() - 1; ++axis)
    access.axes.push_back(access.type.getDimSize(axis) == 1 ? -1 : axis);
  return access;
}

Access Access::ofPanels(Value buffer) {
  auto type = cast<MemRefType>(buffer.getType());
  Access access;
  access.type = RankedTensorType::get(
      {type.getDimSize(1), type.getDimSize(0) * panelWidth},
      type.getElementType());
  access.buffer = buffer;
  access.axes.push_back(0);
  return access;
}

Access Access::ofPart(Value buffer, Value firstPanel, ArrayRef<int64_t> axes,
                      ValueRange origin) {
  auto type = cast<MemRefType>(buffer.getType());
  SmallVector<int64_t> shape(type.getShape().drop_front().drop_back());
  shape.push_back(type.getDimSize(0) * panelWidth);
  Access access;
  access.type = RankedTensorType::get(shape, type.getElementType());
  access.buffer = buffer;
  access.axes.assign(axes.begin(), axes.end());
  access.firstPanel = firstPanel;
  access.origin.assign(origin.begin(), origin.end());
  return access;
}

Access Access::ofRows(Value buffer) {
  auto type = cast<MemRefType>(buffer.getType());
  Access access;
  access.type = RankedTensorType::get(type.getShape(), type.getElementType());
  access.rows = true;
  access.buffer = buffer;
  access.axes.push_back(0);
  return access;
}

/// The mask of the first `valid` of `lanes` lanes.
static Value laneMask(Emitter &e, int64_t lanes, int64_t valid) {
  auto type = VectorType::get({lanes}, e.getI1Type());
  return vector::ConstantMaskOp::create(e, type, ArrayRef<int64_t>(valid));
}

/// What was read, as a number or numbers: bytes are converted.
static Value asFloat(Emitter &e, Value read) {
  Type type = read.getType();
  if (!getElementTypeOrSelf(type).isInteger())
    return read;
  auto like = [&](Type element) -> Type {
    auto vector = dyn_cast<VectorType>(type);
    return vector ? vector.clone(element) : element;
  };
  Value wide = arith::ExtUIOp::create(e, like(e.getI32Type()), read);
  return arith::SIToFPOp::create(e, like(e.getF32Type()), wide);
}

/// `count` elements of `from`, those that `mask` has; the others are zero.
Value Access::loadVector(Emitter &e, Value from, ValueRange at, int64_t count,
                         Value mask) const {
  Type element = getElementTypeOrSelf(from.getType());
  auto type = VectorType::get({count}, element);
  if (!mask)
    return asFloat(e, vector::LoadOp::create(e, type, from, at));
  Value zeros = arith::ConstantOp::create(e, e.getZeroAttr(type));
  return asFloat(e,
                 vector::MaskedLoadOp::create(e, type, from, at, mask, zeros));
}

Value Access::load(Emitter &e, ValueRange row, Column column) const {
  if (columns() == 1) {
    Value zero = e.constant(0);
    return e.broadcast(loadScalar(e, row, zero, zero));
  }
  SmallVector<Value> at = index(e, row, column.panel, e.constant(column.lane));
  bool isShort = rows && column.valid < e.target.width;
  return loadVector(e, buffer, at, e.target.width,
                    isShort ? laneMask(e, e.target.width, column.valid)
                            : Value());
}

Value Access::loadWithin(Emitter &e, ValueRange row, Column column) const {
  if (!rows || columns() == 1)
    return load(e, row, column);
  SmallVector<Value> at = index(e, row, column.panel, e.constant(column.lane));
  Value left = arith::SubIOp::create(e, e.constant(columns()), at.back());
  auto type = VectorType::get({e.target.width}, e.getI1Type());
  Value mask = vector::CreateMaskOp::create(e, type, left);
  return loadVector(e, buffer, at, e.target.width, mask);
}

Value Access::loadRepeated(Emitter &e, ValueRange row, Column column,
                           int64_t times) const {
  if (times == 1)
    return load(e, row, column);
  Value first = e.add(e.mul(column.panel, panelWidth), column.lane);
  first = e.divmod(first, times).first;
  auto [panel, lane] = e.divmod(first, panelWidth);
  int64_t count = e.target.width / times;
  if (count <= 1)
    return e.broadcast(loadScalar(e, row, panel, lane));
  int64_t valid = llvm::divideCeil(column.valid, times);
  bool isShort = rows && valid < count;
  Value few = loadVector(e, buffer, index(e, row, panel, lane), count,
                         isShort ? laneMask(e, count, valid) : Value());
  SmallVector<int64_t> lanes;
  for (int64_t i = 0; i < e.target.width; ++i)
    lanes.push_back(i / times);
  return vector::ShuffleOp::create(e, few, few, lanes);
}

Value Access::loadScalar(Emitter &e, ValueRange row, Value panel,
                         Value lane) const {
  return asFloat(e,
                 memref::LoadOp::create(e, buffer, index(e, row, panel, lane)));
}

Value Access::loadPanel(Emitter &e, ValueRange row, Value panel,
                        Value lane) const {
  return loadVector(e, buffer, index(e, row, panel, lane), e.target.width);
}

void Access::prefetch(Emitter &e, ValueRange row, Value panel,
                      Nearness nearness) const {
  e.prefetch(buffer, index(e, row, panel, e.constant(0)), nearness);
}

Value Access::loadElements(Emitter &e, ValueRange row, Value column,
                           bool vector) const {
  auto [panel, lane] =
      rows ? std::pair(e.constant(0), column) : e.divmod(column, panelWidth);
  if (!vector)
    return loadScalar(e, row, panel, lane);
  return loadVector(e, buffer, index(e, row, panel, lane), e.target.width);
}

int64_t Access::denseAxes() const {
  auto bufferType = cast<MemRefType>(buffer.getType());
  ArrayRef<int64_t> shape = bufferType.getShape();
  SmallVector<int64_t> strides = bufferType.getStridesAndOffset().first;
  size_t count = 1;
  while (count < shape.size() &&
         strides.end()[-1 - int64_t(count)] ==
             strides.end()[-int64_t(count)] * shape.end()[-int64_t(count)])
    ++count;
  return count;
}

Value Access::loadRun(Emitter &e, ValueRange row, Value column, int64_t count,
                      int64_t merged) const {
  assert(rows && merged <= denseAxes() && "no run");
  SmallVector<Value> at = index(e, row, e.constant(0), column);
  Value line = buffer;
  if (merged > 1) { // the merged axes become one, of the innermost's stride
    auto bufferType = cast<MemRefType>(buffer.getType());
    SmallVector<int64_t> sizes(bufferType.getShape());
    SmallVector<int64_t> strides = bufferType.getStridesAndOffset().first;
    for (; merged > 1; --merged) {
      Value inner = at.pop_back_val();
      int64_t size = sizes.pop_back_val();
      at.back() = e.add(e.mul(at.back(), size), inner);
      sizes.back() *= size;
      strides.erase(strides.end() - 2);
    }
    auto type = MemRefType::get(
        sizes, bufferType.getElementType(),
        StridedLayoutAttr::get(e.getContext(), /*offset=*/0, strides));
    line = memref::ReinterpretCastOp::create(
        e, type, buffer, /*offset=*/int64_t(0), sizes, strides);
  }
  if (count == 1)
    return asFloat(e, memref::LoadOp::create(e, line, at));
  return loadVector(e, line, at, count);
}

void Access::store(Emitter &e, Value vector, ValueRange row,
                   Column column) const {
  SmallVector<Value> at = index(e, row, column.panel, e.constant(column.lane));
  if (rows && column.valid < e.target.width)
    vector::MaskedStoreOp::create(
        e, buffer, at, laneMask(e, e.target.width, column.valid), vector);
  else
    vector::StoreOp::create(e, vector, buffer, at);
}

void Access::storeElements(Emitter &e, Value value, ValueRange row, Value panel,
                           Value lane) const {
  SmallVector<Value> at = index(e, row, panel, lane);
  e.store(value, buffer, at);
}

//===----------------------------------------------------------------------===//
// KernelAccesses
//===----------------------------------------------------------------------===//

/// A buffer's geometry over the result's leading axes.
struct KernelAccesses::Geometry {
  Value tensor, buffer;
  RankedTensorType type;
  bool rows;
  int64_t panelStride = 0;
  SmallVector<int64_t> strides; // of each leading axis; 0 where broadcast

  Geometry(Value tensor, Value buffer, RankedTensorType type, bool rows,
           ArrayRef<int64_t> leading)
      : tensor(tensor), buffer(buffer), type(type), rows(rows),
        strides(leading.size(), 0) {
    auto [own, offset] =
        cast<MemRefType>(buffer.getType()).getStridesAndOffset();
    int64_t axes = type.getRank() - 1, shift = leading.size() - axes;
    for (int64_t axis = 0; axis < axes; ++axis)
      if (type.getDimSize(axis) != 1)
        strides[axis + shift] = own[axis + !rows];
    panelStride = rows ? panelWidth : own.front();
  }
  Geometry(ReadOp read, ArrayRef<int64_t> leading)
      : Geometry(read.getResult(), read.getBuffer(), read.getType(),
                 read.getRows(), leading) {}
};

KernelAccesses::KernelAccesses(Emitter &e, ArrayRef<ReadOp> readOps,
                               WriteOp write, bool merge) {
  ArrayRef<int64_t> leading = write.getValue().getType().getShape().drop_back();
  SmallVector<Geometry> all;
  for (ReadOp read : readOps)
    all.emplace_back(read, leading);
  all.emplace_back(Value(), write.getBuffer(), write.getValue().getType(),
                   write.getRows(), leading);
  address(e, all, leading, merge);
}

KernelAccesses::KernelAccesses(Emitter &e, ArrayRef<ReadOp> readOps,
                               RankedTensorType result, bool merge) {
  ArrayRef<int64_t> leading = result.getShape().drop_back();
  SmallVector<Geometry> all;
  for (ReadOp read : readOps)
    all.emplace_back(read, leading);
  address(e, all, leading, merge);
}

void KernelAccesses::address(Emitter &e, ArrayRef<Geometry> all,
                             ArrayRef<int64_t> leading, bool merge) {
  // Merge an axis into the one before it where every buffer is dense there.
  SmallVector<int64_t> kept; // the innermost original axis of each domain axis
  for (size_t axis = 0; axis < leading.size(); ++axis) {
    int64_t size = leading[axis];
    if (size == 1 && merge)
      continue;
    bool dense =
        merge && !kept.empty() && llvm::all_of(all, [&](const Geometry &g) {
          return g.strides[kept.back()] == size * g.strides[axis];
        });
    if (dense) {
      domain.sizes.back() *= size;
      kept.back() = axis;
    } else {
      domain.sizes.push_back(size);
      kept.push_back(axis);
    }
  }
  for (const Geometry &g : all) {
    Access access;
    access.type = g.type;
    access.rows = g.rows;
    SmallVector<int64_t> sizes, strides;
    if (!g.rows) {
      sizes.push_back(llvm::divideCeil(g.type.getShape().back(), panelWidth));
      strides.push_back(g.panelStride);
    }
    for (auto [i, axis] : llvm::enumerate(kept))
      if (g.strides[axis] != 0) {
        access.axes.push_back(i);
        sizes.push_back(domain.sizes[i]);
        strides.push_back(g.strides[axis]);
      }
    sizes.push_back(g.rows ? g.type.getShape().back() : panelWidth);
    strides.push_back(1);
    Type element = getElementTypeOrSelf(g.buffer.getType());
    auto plain = MemRefType::get(sizes, element);
    auto type = plain.getStridesAndOffset().first == strides
                    ? plain
                    : MemRefType::get(
                          sizes, element,
                          StridedLayoutAttr::get(e.getContext(), 0, strides));
    access.buffer =
        type == g.buffer.getType()
            ? g.buffer
            : memref::ReinterpretCastOp::create(
                  e, type, g.buffer, /*offset=*/int64_t(0), sizes, strides)
                  .getResult();
    if (g.tensor)
      reads[g.tensor] = access;
    else
      result = access;
  }
  if (domain.sizes.empty())
    domain.sizes.push_back(1);
}
