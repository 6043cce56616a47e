//===- EmitLinear.cpp - Matrix products with packed weights
//-------------------===//
//
// Part of Vitrail, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "mlir/IR/Remarks.h"
#include "passes/lower/MicroKernel.h"
#include "passes/lower/ProductTiles.h"

using namespace mlir;
using namespace vitrail;

namespace {

/// Panels of weights outside, tiles of rows inside: a group of weight panels
/// stays in L2 while all rows pass. Where the rows are gathered (a
/// rearrangement as addressing), tiles of rows are outside and each is staged
/// once for all panels.
class LinearEmitter : public KernelEmitter {
public:
  LinearEmitter(Kernel kernel, VectorTarget target)
      : kernel(kernel), target(target) {
    ArrayRef<Operation *> ops = kernel.ops;
    if ((map = dyn_cast<RearrangeOp>(ops.front())))
      ops = ops.drop_front();
    linear = cast<LinearOp>(ops.front());
    depthPanels = llvm::divideCeil(linear.getInputFeatures(), panelWidth);
  }

  int64_t scratchElements() const override {
    // A tile has fewer rows than the processor has registers.
    return map ? depthPanels * target.registers * panelWidth : 0;
  }

  void emit(Emitter &e) override {
    KernelAccesses accesses(e, domainReads(), kernel.write);
    domain = accesses.domain;
    ProductTiles tiles(e.target, domain.inner(), linear.getOutputFeatures());
    int64_t tileCount = domain.outer() * tiles.rows.count;
    remark::analysis(linear.getLoc(),
                     remark::RemarkOpts::name("tile").category("lower"))
        << remark::add(
               "{0} x {1} by {2} deep: register tiles of {3} x {4}, {5} "
               "of them",
               domain.outer() * domain.inner(), linear.getOutputFeatures(),
               linear.getInputFeatures(), tiles.rows.rows,
               tiles.vectors * e.target.width, tileCount * tiles.groups);

    auto [begin, end] = e.share(map ? tileCount : tileCount * tiles.groups);
    e.loop(begin, end, 1, [&](Value unit) {
      if (!map) {
        auto [panelGroup, number] = e.divmod(unit, tileCount);
        emitTile(e, tiles, number, panelGroup);
        return;
      }
      stage(e, tiles.rows, unit);
      e.loop(e.constant(0), e.constant(tiles.groups), 1,
             [&](Value panelGroup) { emitTile(e, tiles, unit, panelGroup); });
    });
  }

private:
  /// Operands that are addressed by the result's rows.
  SmallVector<ReadOp> domainReads() {
    SmallVector<Value> others{linear.getWeight()};
    if (linear.getBias())
      others.push_back(linear.getBias());
    if (map)
      others.push_back(map.getInput());
    return kernel.readsBut(others);
  }

  /// Domain coordinates of the first row of tile `number`, and whether it is
  /// one of the larger tiles.
  std::pair<SmallVector<Value>, Value>
  firstRow(Emitter &e, const RowTiles &tiles, Value number) {
    auto [outer, inner] = e.divmod(number, tiles.count);
    SmallVector<Value> row =
        e.delinearize(outer, ArrayRef(domain.sizes).drop_back());
    auto [first, large] = tiles.locate(e, inner);
    row.push_back(first);
    return {row, large};
  }

  void emitTile(Emitter &e, const ProductTiles &tiles, Value number,
                Value panelGroup) {
    auto [row, large] = firstRow(e, tiles.rows, number);
    tiles.call(e, kernel, large, panelGroup, row, row.size() - 1,
               [&](Emitter &inside, Kernel copy, const Tile &tile) {
                 LinearEmitter(copy, target)
                     .emitTileBody(inside, tile, tiles.rows.rows);
               });
  }

  void emitTileBody(Emitter &e, const Tile &tile, int64_t stagedRows) {
    KernelAccesses accesses(e, domainReads(), kernel.write);
    Value weight = kernel.readOf(linear.getWeight()).getBuffer();
    Value staged = map ? stagedRowsOf(e, stagedRows) : Value();
    const Access *input = map ? nullptr : &accesses.reads.at(linear.getInput());

    TileShape shape = tile.shape;
    SmallVector<Value> sums;
    for (int64_t i = 0; i < shape.rows; ++i)
      for (int64_t j = 0; j < shape.vectors; ++j)
        sums.push_back(i ? sums[j] : initial(e, tile.columnAt(e, j)));
    SmallVector<SmallVector<Value>> rows = tile.rows(e);
    MicroOperands operands{
        [&](int64_t i, Value panel, Value lane) -> Value {
          if (staged)
            return memref::LoadOp::create(
                e, staged, ValueRange{panel, e.constant(i), lane});
          return input->loadScalar(e, rows[i], panel, lane);
        },
        [&](int64_t j, Value panel, Value lane) -> Value {
          Column column = tile.columnAt(e, j);
          return vector::LoadOp::create(
              e, e.vectorType(), weight,
              ValueRange{column.panel, e.add(e.mul(panel, panelWidth), lane),
                         e.constant(column.lane)});
        }};
    sums = emitMicroKernel(e, shape, linear.getInputFeatures(), sums, operands);

    ArrayRef<Operation *> ops = kernel.ops;
    Epilogue epilogue(SmallVector<Operation *>(ops.drop_front(map ? 2 : 1)),
                      linear.getResult(), kernel.write.getValue(), accesses);
    emitTileResult(e, tile, sums, epilogue, accesses.result);
  }

  /// What the accumulators of a column start from: the bias or zero.
  Value initial(Emitter &e, Column column) {
    if (!linear.getBias())
      return e.splat(0.0);
    Value bias = kernel.readOf(linear.getBias()).getBuffer();
    return vector::LoadOp::create(
        e, e.vectorType(), bias,
        ValueRange{column.panel, e.constant(column.lane)});
  }

  /// The scratch as gathered rows: [depth panels, rows of a tile, 16].
  Value stagedRowsOf(Emitter &e, int64_t rows) {
    return e.scratchView(0, {depthPanels, rows, panelWidth});
  }

  /// Gathers the rows of tile `number`.
  void stage(Emitter &e, const RowTiles &tiles, Value number) {
    auto [row, large] = firstRow(e, tiles, number);
    Value linearRow = row.front();
    for (auto [coordinate, size] : llvm::zip_equal(
             ArrayRef(row).drop_front(), ArrayRef(domain.sizes).drop_front()))
      linearRow = e.add(e.mul(linearRow, size), coordinate);
    Value count = arith::SelectOp::create(e, large, e.constant(tiles.rows),
                                          e.constant(tiles.rows - 1));
    Value staged = stagedRowsOf(e, tiles.rows);
    Access source = Access::ofTensor(kernel.readOf(map.getInput()));
    e.loop(e.constant(0), count, 1, [&](Value i) {
      emitGatherRow(e, map, source, e.add(linearRow, i),
                    [&](Value value, Value panel, Value lane) {
                      SmallVector<Value> at{panel, i, lane};
                      if (isa<VectorType>(value.getType()))
                        vector::StoreOp::create(e, value, staged, at);
                      else
                        memref::StoreOp::create(e, value, staged, at);
                    });
    });
  }

  Kernel kernel;
  VectorTarget target;
  RearrangeOp map;
  LinearOp linear;
  RowDomain domain;
  int64_t depthPanels;
};

} // namespace

std::unique_ptr<KernelEmitter> vitrail::makeLinearEmitter(Kernel kernel,
                                                          VectorTarget target) {
  return std::make_unique<LinearEmitter>(kernel, target);
}
