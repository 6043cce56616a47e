//===- EmitCopy.cpp - Rearrangements that are no views
//------------------------===//
//
// Part of Vitrail, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "dialects/vitrail/Einops.h"
#include "passes/lower/Access.h"
#include "passes/lower/Kernel.h"

using namespace mlir;
using namespace vitrail;

namespace {

/// One source dimension's index, as the sum of coordinate · stride over the
/// axes it was split into.
struct SourceIndex {
  SmallVector<Value> coordinates; // of each split axis, as they become known
  const Rearrangement &map;

  explicit SourceIndex(const Rearrangement &map)
      : coordinates(map.splitShape.size()), map(map) {}

  SmallVector<Value> compute(Emitter &e) const {
    SmallVector<Value> index;
    for (auto [begin, end] : map.operandAxes) {
      Value sum = e.constant(0);
      for (int64_t axis = begin; axis < end; ++axis)
        sum = e.add(e.mul(sum, map.splitShape[axis]), coordinates[axis]);
      index.push_back(sum);
    }
    return index;
  }
};

} // namespace

void vitrail::emitGatherRow(
    Emitter &e, RearrangeOp op, const Access &source, Value row,
    llvm::function_ref<void(Value value, Value panel, Value lane)> store) {
  Rearrangement map = llvm::cantFail(parseRearrange(
      op.getPattern(), op.getInput().getType().getShape(), op.getSizes()));
  SourceIndex index(map);
  int64_t firstColumn = map.resultAxes.back().first;
  int64_t lastColumn = map.resultAxes.back().second;
  ArrayRef<int64_t> rowAxes = ArrayRef(map.permutation).take_front(firstColumn);
  SmallVector<int64_t> rowSizes;
  for (int64_t axis : rowAxes)
    rowSizes.push_back(map.splitShape[axis]);
  for (auto [axis, coordinate] :
       llvm::zip_equal(rowAxes, e.delinearize(row, rowSizes)))
    index.coordinates[axis] = coordinate;

  auto copy = [&](Value to, bool dense) {
    SmallVector<Value> from = index.compute(e);
    Value value =
        source.loadElements(e, ArrayRef(from).drop_back(), from.back(), dense);
    auto [panel, lane] = e.divmod(to, panelWidth);
    store(value, panel, lane);
  };
  if (firstColumn == lastColumn) // a new axis of size one
    return copy(e.constant(0), /*dense=*/false);

  // The innermost column axis moves as vectors where it is dense in the source.
  int64_t innermost = map.permutation[lastColumn - 1];
  bool dense = source.isRowMajor() &&
               innermost + 1 == map.operandAxes.back().second &&
               map.splitShape[innermost] % panelWidth == 0;
  auto emitAxes = [&](auto &self, int64_t number, Value column) -> void {
    int64_t axis = map.permutation[number], size = map.splitShape[axis];
    bool last = number + 1 == lastColumn;
    int64_t step = last && dense ? e.target.width : 1;
    e.loop(e.constant(0), e.constant(size), step, [&](Value i) {
      index.coordinates[axis] = i;
      Value at = e.add(e.mul(column, size), i);
      if (last)
        copy(at, dense);
      else
        self(self, number + 1, at);
    });
  };
  emitAxes(emitAxes, firstColumn, e.constant(0));
}

namespace {

/// Copies by rows of the result, element by element: for what could neither be
/// a view nor the addressing of its user.
class CopyEmitter : public KernelEmitter {
public:
  explicit CopyEmitter(Kernel kernel)
      : kernel(kernel), op(kernel.ops.front()) {}

  void emit(Emitter &e) override {
    ArrayRef<int64_t> shape = kernel.resultType().getShape();
    int64_t rows = llvm::product_of(shape.drop_back());
    Value out = kernel.write.getBuffer();
    auto [begin, end] = e.share(rows);
    e.loop(begin, end, 1, [&](Value row) {
      SmallVector<Value> at = e.delinearize(row, shape.drop_back());
      auto store = [&](Value value, Value panel, Value lane) {
        SmallVector<Value> index(at);
        if (kernel.write.getRows()) {
          index.push_back(e.add(e.mul(panel, panelWidth), lane));
        } else {
          index.insert(index.begin(), panel);
          index.push_back(lane);
        }
        if (isa<VectorType>(value.getType()))
          vector::StoreOp::create(e, value, out, index);
        else
          memref::StoreOp::create(e, value, out, index);
      };
      if (auto map = dyn_cast<RearrangeOp>(op))
        emitGatherRow(e, map, Access::ofTensor(kernel.readOf(map.getInput())),
                      row, store);
      else if (auto slice = dyn_cast<SliceOp>(op))
        copyRow(e, slice.getInput(), at, slice.getOffsets().drop_back(),
                slice.getOffsets().back(), shape.back(), 0, store);
      else if (auto broadcast = dyn_cast<BroadcastOp>(op))
        copyRow(e, broadcast.getInput(),
                ArrayRef(at).take_back(
                    broadcast.getInput().getType().getRank() - 1),
                {}, 0, shape.back(), 0, store);
      else
        concat(e, cast<ConcatOp>(op), at, store);
    });
  }

private:
  using Store = llvm::function_ref<void(Value, Value, Value)>;

  /// Elements `from` to `from + count` of row `at + offsets` of `tensor`, to
  /// the result's columns from `to`. A tensor with one column repeats it.
  void copyRow(Emitter &e, Value tensor, ArrayRef<Value> at,
               ArrayRef<int64_t> offsets, int64_t from, int64_t count,
               int64_t to, Store store) {
    Access access = Access::ofTensor(kernel.readOf(tensor));
    SmallVector<Value> row(at);
    for (auto [coordinate, offset] : llvm::zip(row, offsets))
      coordinate = e.add(coordinate, offset);
    e.loop(e.constant(0), e.constant(count), 1, [&](Value i) {
      Value column = access.columns() == 1 ? e.constant(0) : e.add(i, from);
      Value value = access.loadElements(e, row, column, /*vector=*/false);
      auto [outPanel, outLane] = e.divmod(e.add(i, to), panelWidth);
      store(value, outPanel, outLane);
    });
  }

  /// A concat along the last axis whose parts do not begin at panels.
  void concat(Emitter &e, ConcatOp concat, ArrayRef<Value> at, Store store) {
    int64_t to = 0;
    for (Value input : concat.getInputs()) {
      int64_t count = cast<RankedTensorType>(input.getType()).getShape().back();
      copyRow(e, input, at, {}, 0, count, to, store);
      to += count;
    }
  }

  Kernel kernel;
  Operation *op;
};

} // namespace

std::unique_ptr<KernelEmitter> vitrail::makeCopyEmitter(Kernel kernel,
                                                        VectorTarget) {
  return std::make_unique<CopyEmitter>(kernel);
}
