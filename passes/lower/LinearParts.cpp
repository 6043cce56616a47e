//===- LinearParts.cpp - What all kernels of linears are made of ----------===//
//
// Part of Vitrail, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "passes/lower/LinearParts.h"
#include "mlir/IR/Remarks.h"
#include "passes/lower/LineNorm.h"
#include "passes/schedule/Addressing.h"

using namespace mlir;
using namespace vitrail;

LinearParts::LinearParts(Kernel kernel)
    : kernel(kernel), linear(*kernel.func.getOps<LinearOp>().begin()),
      norm(gatheredNorm(linear)),
      gather(norm ? norm.getInput() : linear.getInput()) {}

SmallVector<ReadOp> LinearParts::domainReads() {
  SmallVector<Value> others(linear->getOperands().drop_front());
  if (!gather.empty())
    others.push_back(gather.source());
  return kernel.readsBut(others);
}

Epilogue LinearParts::epilogue(const KernelAccesses &accesses) {
  ArrayRef<Operation *> ops(kernel.ops);
  return {SmallVector<Operation *>(llvm::find(ops, linear) + 1, ops.end()),
          linear.getResult(), kernel.write.getValue(), accesses};
}

void LinearParts::normalize(
    Emitter &e, int64_t rows, llvm::function_ref<Value(int64_t, Column)> load,
    llvm::function_ref<void(int64_t, Column, Value)> store) {
  if (!norm)
    return;
  auto walk = [&](ValueRange sums, LineNorm::Body body) {
    return e.forColumns(depth(), sums, [&](Column column, ValueRange carried) {
      auto loadRow = [&](size_t i) { return load(i, column); };
      auto keep = [&](Value x) { return e.keepLanes(x, column.valid, 0.0); };
      return body({loadRow, keep}, carried);
    });
  };
  LineNorm normalized(e, norm, rows, depth(), walk,
                      [&](Value sum) { return e.sumOfLanes(sum); });
  e.forColumns(depth(), {},
               [&](Column column, ValueRange) -> SmallVector<Value> {
                 for (int64_t i = 0; i < rows; ++i)
                   store(i, column, normalized.apply(e, load(i, column), i));
                 return {};
               });
}

SmallVector<Value> LinearParts::bias(Emitter &e, const Tile &tile) {
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

void LinearParts::bringRows(Emitter &e, const Tile &tile,
                            const KernelAccesses &accesses, Value panel,
                            int64_t panels) {
  if (tile.visit.kind == DepthVisit::inner)
    return;
  SmallVector<const Access *> operands;
  for (ReadOp read : domainReads()) {
    const Access &access = accesses.reads.at(read.getResult());
    if (read.getResult() != gather.source() && access.varies())
      operands.push_back(&access);
  }
  int64_t each = llvm::divideCeil(tile.shape.rows, panels);
  auto bringSome = [&](Value first) {
    for (int64_t i = 0; i < each; ++i) {
      Value number = arith::MinUIOp::create(e, e.add(first, i),
                                            e.constant(tile.shape.rows - 1));
      SmallVector<Value> row = tile.rowAt(e, number);
      for (int64_t j = 0; j < tile.shape.vectors;
           j += e.target.vectorsPerPanel()) {
        Value column = tile.columnAt(e, j).panel;
        for (const Access *access : operands)
          access->prefetch(e, row, column);
        accesses.result.prefetch(e, row, column, Nearness::Written);
      }
    }
  };
  int64_t enough = llvm::divideCeil(tile.shape.rows, each);
  Value first = e.mul(panel, each);
  if (enough == panels)
    return bringSome(first);
  Value isMore = arith::CmpIOp::create(e, arith::CmpIPredicate::ult, panel,
                                       e.constant(enough));
  auto choice = scf::IfOp::create(e, isMore, /*withElseRegion=*/false);
  OpBuilder::InsertionGuard guard(e);
  e.setInsertionPointToStart(choice.thenBlock());
  bringSome(first);
}

SmallVector<Value> LinearParts::initial(Emitter &e, const Tile &tile) {
  auto sums = [&] {
    return depthBlocks.loadSums(e, tile.visit, tile.shape.rows,
                                tile.shape.vectors);
  };
  if (tile.visit.kind == DepthVisit::whole)
    return bias(e, tile);
  if (tile.visit.kind == DepthVisit::last)
    return sums();
  Value isFirst = arith::CmpIOp::create(e, arith::CmpIPredicate::eq,
                                        tile.visit.block, e.constant(0));
  SmallVector<Type> types(tile.shape.rows * tile.shape.vectors, e.vectorType());
  auto choice = scf::IfOp::create(e, types, isFirst, /*withElseRegion=*/true);
  OpBuilder::InsertionGuard guard(e);
  e.setInsertionPointToStart(choice.thenBlock());
  scf::YieldOp::create(e, bias(e, tile));
  e.setInsertionPointToStart(choice.elseBlock());
  scf::YieldOp::create(e, sums());
  return choice.getResults();
}

void LinearParts::finish(Emitter &e, const Tile &tile, ArrayRef<Value> sums,
                         const KernelAccesses &accesses) {
  if (tile.visit.kind == DepthVisit::inner)
    return depthBlocks.storeSums(e, tile.visit, tile.shape.rows,
                                 tile.shape.vectors, sums);
  emitTileResult(e, tile, sums, epilogue(accesses), accesses.result);
}

void LinearParts::report(const ProductTiles &tiles, int64_t width, int64_t rows,
                         StringRef how) {
  remark::analysis(linear.getLoc(),
                   remark::RemarkOpts::name("tile").category("lower"))
      << remark::add("{0} x {1} by {2} deep: register tiles of {3} x {4}, {5}",
                     rows, columns(), depth(), tiles.rows.rows,
                     tiles.vectors * width, how);
}
