//===- EmitLinear.cpp - Matrix products with packed weights
//-------------------===//
//
// Part of Vitrail, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "mlir/IR/Remarks.h"
#include "passes/lower/Kernel.h"
#include "passes/lower/MicroKernel.h"
#include "passes/lower/VectorMath.h"

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
    panels = llvm::divideCeil(linear.getOutputFeatures(), panelWidth);
    depthPanels = llvm::divideCeil(linear.getInputFeatures(), panelWidth);
  }

  int64_t scratchElements() const override {
    // A tile has fewer rows than the processor has registers.
    return map ? depthPanels * target.registers * panelWidth : 0;
  }

  void emit(Emitter &e) override {
    KernelAccesses accesses(e, domainReads(), kernel.write);
    domain = accesses.domain;
    tile = chooseTile(e.target, domain.inner(), linear.getOutputFeatures());
    group = tile.vectors / e.target.vectorsPerPanel();
    groups = llvm::divideCeil(panels, group);
    RowTiles tiles(domain.inner(), tile.rows);
    tile.rows = tiles.rows;
    int64_t tileCount = domain.outer() * tiles.count;
    remark::analysis(linear.getLoc(),
                     remark::RemarkOpts::name("tile").category("lower"))
        << remark::add(
               "{0} x {1} by {2} deep: register tiles of {3} x {4}, {5} "
               "of them",
               domain.outer() * domain.inner(), linear.getOutputFeatures(),
               linear.getInputFeatures(), tile.rows,
               tile.vectors * e.target.width, tileCount * groups);

    auto [begin, end] = e.share(map ? tileCount : tileCount * groups);
    e.loop(begin, end, 1, [&](Value unit) {
      if (!map) {
        auto [panelGroup, number] = e.divmod(unit, tileCount);
        emitTile(e, tiles, number, panelGroup);
        return;
      }
      stage(e, tiles, unit);
      e.loop(e.constant(0), e.constant(groups), 1,
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

  /// Calls the tile function of the right height and width.
  void emitTile(Emitter &e, const RowTiles &tiles, Value number,
                Value panelGroup) {
    auto [row, large] = firstRow(e, tiles, number);
    SmallVector<Value> arguments(row);
    arguments.push_back(e.mul(panelGroup, group));
    auto byHeight = [&](int64_t width, bool last) {
      tiles.byHeight(e, large, [&](int64_t rows) {
        call(e, {rows, width}, last, arguments);
      });
    };
    // The last group may have fewer panels, and its last panel fewer columns.
    int64_t rest = panels % group * e.target.vectorsPerPanel();
    int64_t lastWidth = rest ? rest : tile.vectors;
    bool isShort = linear.getOutputFeatures() % panelWidth != 0;
    if (groups == 1 || (!rest && !isShort))
      return byHeight(lastWidth, isShort);
    Value whole = arith::CmpIOp::create(e, arith::CmpIPredicate::ult,
                                        panelGroup, e.constant(groups - 1));
    auto choice = scf::IfOp::create(e, whole, /*withElseRegion=*/true);
    OpBuilder::InsertionGuard guard(e);
    e.setInsertionPointToStart(choice.thenBlock());
    byHeight(tile.vectors, false);
    e.setInsertionPointToStart(choice.elseBlock());
    byHeight(lastWidth, isShort);
  }

  /// Calls the function of one tile shape, made on first use. The kernel's own
  /// buffers and scratch come first, then the row and the first panel.
  void call(Emitter &e, TileShape shape, bool last, ValueRange position) {
    std::string name =
        (kernel.func.getName() + "_tile_" + Twine(shape.rows) + "x" +
         Twine(shape.vectors * e.target.width) + (last ? "_last" : ""))
            .str();
    auto tileFunc = SymbolTable::lookupNearestSymbolFrom<func::FuncOp>(
        kernel.func, e.getStringAttr(name));
    if (!tileFunc)
      tileFunc = makeTile(shape, last, name);
    SmallVector<Value> arguments(kernel.func.getArguments().drop_back(2));
    llvm::append_range(arguments, position);
    func::CallOp::create(e, tileFunc, arguments);
  }

  func::FuncOp makeTile(TileShape shape, bool last, StringRef name) {
    Kernel copy = kernel.cloneAs(name);
    SmallVector<Type> types(domain.sizes.size() + 1,
                            IndexType::get(copy.func.getContext()));
    Value scratch = copy.func.getArguments().back();
    SmallVector<Value> position = copy.addArguments(types);
    LinearEmitter inner(copy, target);
    Emitter e(copy.func.getLoc(), copy.end(), target);
    e.scratch = scratch;
    inner.emitTileBody(e, shape, last, tile.rows,
                       ArrayRef(position).drop_back(), position.back());
    copy.eraseTensors();
    return copy.func;
  }

  /// The code of one tile. `last`: its last panel is the short one.
  void emitTileBody(Emitter &e, TileShape shape, bool last, int64_t stagedRows,
                    ArrayRef<Value> firstRow, Value firstPanel) {
    KernelAccesses accesses(e, domainReads(), kernel.write);
    Value weight = kernel.readOf(linear.getWeight()).getBuffer();
    Value staged = map ? stagedRowsOf(e, stagedRows) : Value();
    auto rowAt = [&](int64_t i) {
      SmallVector<Value> row(firstRow);
      row.back() = e.add(row.back(), i);
      return row;
    };
    auto columnAt = [&](int64_t j) {
      int64_t perPanel = e.target.vectorsPerPanel();
      int64_t number = j / perPanel, lane = j % perPanel * e.target.width;
      bool inShort = last && (number + 1) * perPanel == shape.vectors;
      int64_t lanes =
          inShort ? linear.getOutputFeatures() % panelWidth : panelWidth;
      return Column{e.add(firstPanel, number), lane,
                    std::clamp<int64_t>(lanes - lane, 0, e.target.width)};
    };
    const Access *input = map ? nullptr : &accesses.reads.at(linear.getInput());

    SmallVector<Value> sums;
    for (int64_t i = 0; i < shape.rows; ++i)
      for (int64_t j = 0; j < shape.vectors; ++j)
        sums.push_back(i ? sums[j] : initial(e, columnAt(j)));
    SmallVector<SmallVector<Value>> rows;
    for (int64_t i = 0; i < shape.rows; ++i)
      rows.push_back(rowAt(i));
    MicroOperands operands{
        [&](int64_t i, Value panel, Value lane) -> Value {
          if (staged)
            return memref::LoadOp::create(
                e, staged, ValueRange{panel, e.constant(i), lane});
          return input->loadScalar(e, rows[i], panel, lane);
        },
        [&](int64_t j, Value panel, Value lane) -> Value {
          Column column = columnAt(j);
          return vector::LoadOp::create(
              e, e.vectorType(), weight,
              ValueRange{column.panel, e.add(e.mul(panel, panelWidth), lane),
                         e.constant(column.lane)});
        }};
    sums = emitMicroKernel(e, shape, linear.getInputFeatures(), sums, operands);

    ArrayRef<Operation *> ops = kernel.ops;
    Epilogue epilogue(SmallVector<Operation *>(ops.drop_front(map ? 2 : 1)),
                      linear.getResult(), kernel.write.getValue(), accesses);
    auto storeRow = [&](ValueRange row,
                        llvm::function_ref<Value(int64_t, Column)> value) {
      for (int64_t j = 0; j < shape.vectors; ++j)
        if (Column column = columnAt(j); column.valid > 0)
          accesses.result.store(e, value(j, column), row, column);
    };
    if (!epilogue.isLong()) {
      for (auto [i, row] : llvm::enumerate(rows))
        storeRow(row, [&](int64_t j, Column column) {
          return epilogue.evaluate(e, sums[i * shape.vectors + j], row, column);
        });
      return;
    }
    // All at once, a long epilogue would spill the accumulators over and over:
    // they wait in the result, and a loop takes them row by row.
    for (auto [i, row] : llvm::enumerate(rows))
      storeRow(row,
               [&](int64_t j, Column) { return sums[i * shape.vectors + j]; });
    e.loop(e.constant(0), e.constant(shape.rows), 1, [&](Value i) {
      SmallVector<Value> row(firstRow);
      row.back() = e.add(row.back(), i);
      storeRow(row, [&](int64_t, Column column) {
        Value sum = accesses.result.load(e, row, column);
        return epilogue.evaluate(e, sum, row, column);
      });
    });
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
    SmallVector<int64_t> sizes{depthPanels, rows, panelWidth};
    auto type = MemRefType::get(sizes, e.getF32Type());
    return memref::ReinterpretCastOp::create(
        e, type, e.scratch, /*offset=*/int64_t(0), sizes,
        ArrayRef<int64_t>{rows * panelWidth, panelWidth, 1});
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
  TileShape tile;
  int64_t panels, depthPanels;
  int64_t group = 1, groups = 1; // panels of a tile, tiles of columns
};

} // namespace

std::unique_ptr<KernelEmitter> vitrail::makeLinearEmitter(Kernel kernel,
                                                          VectorTarget target) {
  return std::make_unique<LinearEmitter>(kernel, target);
}
