//===- EmitEinsum.cpp - Matrix products of activations --------------------===//
//
// Part of Vitrail, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "mlir/IR/Remarks.h"
#include "passes/lower/MicroKernel.h"
#include "passes/lower/ProductTiles.h"
#include "passes/lower/Transpose.h"
#include "passes/schedule/EinsumForm.h"

using namespace mlir;
using namespace vitrail;

namespace {

/// Einsums of two operands (`EinsumForm`) by the micro-kernel: scalars of the
/// left operand meet vectors of the right one, wherever these lie. A unit of
/// work is a group of panels of columns and a part of the tiles of rows; where
/// the right operand's vectors run along the depth (queries and keys), it
/// transposes those of its group first.
class EinsumEmitter : public KernelEmitter {
public:
  EinsumEmitter(Kernel kernel, EinsumForm form, VectorTarget target)
      : kernel(kernel), target(target), form(std::move(form)),
        einsum(cast<EinsumOp>(kernel.ops.front())),
        tiles(target, kernel.tiling, rowCount(),
              this->form.extent(this->form.lane)) {}

  int64_t scratchElements() const override {
    return form.isTransposed()
               ? tiles.group * depthOuter() * paddedDepth() * panelWidth
               : 0;
  }

  int64_t blocks() const override { return 1; }

  SmallVector<Tiling> tilings(Emitter &) override {
    return tilingsAround(rankTiles(target, rowCount(), tiles.columns));
  }

  void emit(Emitter &e) override {
    ArrayRef<int64_t> result = kernel.resultType().getShape();
    int64_t rightCount = llvm::product_of(form.extents(form.rightOuter));
    int64_t tileCount =
        llvm::product_of(form.extents(form.leftOuter)) * tiles.rows.count;
    remark::analysis(einsum.getLoc(),
                     remark::RemarkOpts::name("tile").category("lower"))
        << remark::add("{0} products of {1} x {2} by {3} deep: register tiles "
                       "of {4} x {5}, {6} of them{7}",
                       rightCount * tileCount / tiles.rows.count, rowCount(),
                       tiles.columns, depthOuter() * form.extent(inner()),
                       tiles.rows.rows, tiles.vectors * e.target.width,
                       rightCount * tiles.groups * tileCount,
                       form.isTransposed() ? ", columns transposed first" : "");

    // What is transposed should serve many tiles, but every thread needs work.
    constexpr int64_t wantedUnits = 16;
    int64_t columnUnits = rightCount * tiles.groups, parts = tileCount;
    if (form.isTransposed())
      parts = std::clamp<int64_t>(llvm::divideCeil(wantedUnits, columnUnits), 1,
                                  tileCount);
    auto emitUnit = [&](Value unit) {
      auto [columnUnit, part] = e.divmod(unit, parts);
      auto [rightNumber, group] = e.divmod(columnUnit, tiles.groups);
      SmallVector<Value> row(result.size() - 1, e.constant(0));
      place(e, row, form.rightOuter, rightNumber);
      if (form.isTransposed())
        transpose(e, row, group);
      auto bound = [&](Value number) {
        return e.divmod(e.mul(number, tileCount), parts).first;
      };
      auto emitTile = [&, group = group](Value number) {
        auto [leftNumber, tile] = e.divmod(number, tiles.rows.count);
        place(e, row, form.leftOuter, leftNumber);
        auto [first, large] = tiles.rows.locate(e, tile);
        if (form.row >= 0)
          row[form.row] = first;
        tiles.call(
            e, kernel, large, group, row, form.row, DepthVisit(),
            [&](Emitter &inside, Kernel copy, const Tile &tile) {
              EinsumEmitter(copy, form, target).emitTileBody(inside, tile);
            });
      };
      if (parts == tileCount)
        emitTile(part);
      else
        e.loop(bound(part), bound(e.add(part, 1)), 1, emitTile);
    };
    e.share(columnUnits * parts, {},
            [&](Value begin, Value end) { e.loop(begin, end, 1, emitUnit); });
  }

private:
  int64_t inner() const { return form.depth.back(); }
  int64_t rowCount() const { return form.row < 0 ? 1 : form.extent(form.row); }
  SmallVector<int64_t> depthOuterSizes() const {
    return form.extents(ArrayRef(form.depth).drop_back());
  }
  int64_t depthOuter() const { return llvm::product_of(depthOuterSizes()); }
  int64_t paddedDepth() const {
    return llvm::alignTo(form.extent(inner()), panelWidth);
  }
  /// The right operand's columns of a group as lanes: [panel, depth but its
  /// last index, its last index, 16].
  Value transposed(Emitter &e) {
    return e.scratchView(
        0, {tiles.group, depthOuter(), paddedDepth(), panelWidth});
  }

  /// Sets the coordinates of `indices` to those of `number` among them.
  void place(Emitter &e, SmallVectorImpl<Value> &row, ArrayRef<int64_t> indices,
             Value number) {
    SmallVector<int64_t> sizes = form.extents(indices);
    for (auto [index, coordinate] :
         llvm::zip_equal(indices, e.delinearize(number, sizes)))
      row[index] = coordinate;
  }

  /// Coordinates of an operand's `indices`, of which those of the result are in
  /// `row`, those of the depth but its last index in `outer`, and others
  /// `other`.
  SmallVector<Value> coordinates(ArrayRef<int64_t> indices, ArrayRef<Value> row,
                                 ArrayRef<Value> outer, Value other) {
    SmallVector<Value> found;
    for (int64_t index : indices) {
      auto depth = llvm::find(ArrayRef(form.depth).drop_back(), index);
      if (index < form.lane)
        found.push_back(row[index]);
      else if (depth != form.depth.end() - 1)
        found.push_back(outer[depth - form.depth.begin()]);
      else
        found.push_back(other);
    }
    return found;
  }

  /// Transposes the right operand's columns of one group into the scratch.
  void transpose(Emitter &e, ArrayRef<Value> row, Value group) {
    Access source = Access::ofTensor(kernel.readOf(einsum.getInputs()[1]));
    Value out = transposed(e);
    int64_t whole = tiles.columns / panelWidth;
    int64_t rest = tiles.columns % panelWidth, all = whole + (rest != 0);
    Value first = e.mul(group, tiles.group);
    Value left = arith::SubIOp::create(e, e.constant(all), first);
    Value count = arith::MinUIOp::create(e, left, e.constant(tiles.group));
    SmallVector<int64_t> outerSizes = depthOuterSizes();
    e.loop(e.constant(0), e.mul(count, depthOuter()), 1, [&](Value number) {
      auto [slot, outerNumber] = e.divmod(number, depthOuter());
      SmallVector<Value> outer = e.delinearize(outerNumber, outerSizes);
      Value panel = e.add(first, slot);
      auto emitPanel = [&, slot = slot,
                        outerNumber = outerNumber](int64_t valid) {
        auto rowAt = [&](int64_t i) {
          Value column = e.add(e.mul(panel, panelWidth), i);
          return coordinates(form.right().drop_back(), row, outer, column);
        };
        emitTransposedPanel(
            e, {source, rowAt, valid, e.constant(0), form.extent(inner())},
            [&](Value vector, Value depth, int64_t lane) {
              vector::StoreOp::create(
                  e, vector, out,
                  ValueRange{slot, outerNumber, depth, e.constant(lane)});
            });
      };
      if (!rest || !whole)
        return emitPanel(rest ? rest : panelWidth);
      Value isWhole = arith::CmpIOp::create(e, arith::CmpIPredicate::ult, panel,
                                            e.constant(whole));
      auto choice = scf::IfOp::create(e, isWhole, /*withElseRegion=*/true);
      OpBuilder::InsertionGuard guard(e);
      e.setInsertionPointToStart(choice.thenBlock());
      emitPanel(panelWidth);
      e.setInsertionPointToStart(choice.elseBlock());
      emitPanel(rest);
    });
  }

  void emitTileBody(Emitter &e, const Tile &tile) {
    KernelAccesses accesses(e, kernel.readsBut(einsum.getInputs()),
                            kernel.write, /*merge=*/false);
    SmallVector<SmallVector<Value>> rows = tile.rows(e);
    SmallVector<Value> sums(tile.shape.rows * tile.shape.vectors, e.splat(0.0));
    auto accumulate = [&](ValueRange carried, Value outerNumber) {
      return emitMicroKernel(e, tile.shape, form.extent(inner()), carried,
                             operands(e, tile, rows, outerNumber));
    };
    if (depthOuter() == 1)
      sums = accumulate(sums, e.constant(0));
    else
      sums = e.loop(e.constant(0), e.constant(depthOuter()), 1, sums,
                    [&](Value outerNumber, ValueRange carried) {
                      return accumulate(carried, outerNumber);
                    });
    Epilogue epilogue(
        SmallVector<Operation *>(ArrayRef(kernel.ops).drop_front()),
        einsum.getResult(), kernel.write.getValue(), accesses);
    emitTileResult(e, tile, sums, epilogue, accesses.result);
  }

  /// Where the micro-kernel finds the operands at `outerNumber` of the depth's
  /// indices but the last.
  MicroOperands operands(Emitter &e, const Tile &tile,
                         ArrayRef<SmallVector<Value>> rows, Value outerNumber) {
    SmallVector<int64_t> sizes = depthOuterSizes();
    SmallVector<Value> outer = e.delinearize(outerNumber, sizes);
    Access left = Access::ofTensor(kernel.readOf(einsum.getInputs()[0]));
    MicroOperands operands;
    operands.left = [this, &e, left, outer, rows](int64_t i, Value panel,
                                                  Value lane) {
      Value step = e.add(e.mul(panel, panelWidth), lane);
      SmallVector<Value> at = coordinates(form.left(), rows[i], outer, step);
      if (form.left().back() == inner())
        return left.loadScalar(e, ArrayRef(at).drop_back(), panel, lane);
      return left.loadElements(e, ArrayRef(at).drop_back(), at.back(),
                               /*vector=*/false);
    };
    if (form.isTransposed()) {
      operands.right = [&e, outerNumber, buffer = transposed(e)](
                           int64_t j, Value panel, Value lane) -> Value {
        int64_t perPanel = e.target.vectorsPerPanel();
        Value step = e.add(e.mul(panel, panelWidth), lane);
        return vector::LoadOp::create(
            e, e.vectorType(), buffer,
            ValueRange{e.constant(j / perPanel), outerNumber, step,
                       e.constant(j % perPanel * e.target.width)});
      };
      return operands;
    }
    Access right = Access::ofTensor(kernel.readOf(einsum.getInputs()[1]));
    operands.right = [this, &e, &tile, right, outer,
                      row = rows.front()](int64_t j, Value panel, Value lane) {
      Value step = e.add(e.mul(panel, panelWidth), lane);
      SmallVector<Value> at =
          coordinates(form.right().drop_back(), row, outer, step);
      return right.load(e, at, tile.columnAt(e, j));
    };
    return operands;
  }

  Kernel kernel;
  VectorTarget target;
  EinsumForm form;
  EinsumOp einsum;
  ProductTiles tiles;
};

} // namespace

std::unique_ptr<KernelEmitter> vitrail::makeEinsumEmitter(Kernel kernel,
                                                          VectorTarget target) {
  std::optional<EinsumForm> form =
      EinsumForm::of(cast<EinsumOp>(kernel.ops.front()));
  return form ? std::make_unique<EinsumEmitter>(kernel, *form, target)
              : nullptr;
}
