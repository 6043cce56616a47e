//===- LinearParts.cpp - What all kernels of linears are made of ----------===//
//
// Part of Vitrail, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "passes/lower/LinearParts.h"
#include "mlir/IR/Remarks.h"

using namespace mlir;
using namespace vitrail;

LinearParts::LinearParts(Kernel kernel)
    : kernel(kernel), linear(*kernel.func.getOps<LinearOp>().begin()),
      gather(linear.getInput()) {}

SmallVector<ReadOp> LinearParts::domainReads() {
  SmallVector<Value> others(linear->getOperands().drop_front());
  if (!gather.empty())
    others.push_back(gather.source());
  return kernel.readsBut(others);
}

Value LinearParts::weight(Emitter &e, const Tile &tile, int64_t j, Value k) {
  Column column = tile.columnAt(e, j);
  Value buffer = kernel.readOf(linear.getWeight()).getBuffer();
  return vector::LoadOp::create(
      e, e.vectorType(), buffer,
      ValueRange{column.panel, k, e.constant(column.lane)});
}

SmallVector<Value> LinearParts::initial(Emitter &e, const Tile &tile) {
  SmallVector<Value> sums;
  for (int64_t j = 0; j < tile.shape.vectors; ++j) {
    if (!linear.getBias()) {
      sums.push_back(e.splat(0.0));
      continue;
    }
    Column column = tile.columnAt(e, j);
    Value bias = kernel.readOf(linear.getBias()).getBuffer();
    sums.push_back(vector::LoadOp::create(
        e, e.vectorType(), bias,
        ValueRange{column.panel, e.constant(column.lane)}));
  }
  for (int64_t i = 1; i < tile.shape.rows; ++i)
    for (int64_t j = 0; j < tile.shape.vectors; ++j)
      sums.push_back(sums[j]);
  return sums;
}

void LinearParts::finish(Emitter &e, const Tile &tile, ArrayRef<Value> sums,
                         const KernelAccesses &accesses) {
  ArrayRef<Operation *> behind(kernel.ops);
  Epilogue epilogue(
      SmallVector<Operation *>(behind.drop_front(gather.size() + 1)),
      linear.getResult(), kernel.write.getValue(), accesses);
  emitTileResult(e, tile, sums, epilogue, accesses.result);
}

void LinearParts::report(const ProductTiles &tiles, int64_t width, int64_t rows,
                         StringRef how) {
  remark::analysis(linear.getLoc(),
                   remark::RemarkOpts::name("tile").category("lower"))
      << remark::add("{0} x {1} by {2} deep: register tiles of {3} x {4}, {5}",
                     rows, columns(), depth(), tiles.rows.rows,
                     tiles.vectors * width, how);
}
