//===- EmitReduce.cpp - Reductions --------------------------------------===//
//
// Part of Vitrail, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "passes/lower/Kernel.h"
#include "passes/lower/Transpose.h"
#include "passes/lower/VectorMath.h"

using namespace mlir;
using namespace vitrail;

namespace {

/// A reduction over any axes. Where the last axis stays (a mean of tokens),
/// each vector of columns runs down the reduced axes on its own. Where it is
/// reduced, a vector accumulates for each element of the result; a square of
/// them is transposed, so that their lanes are added as vectors too.
class ReduceEmitter : public KernelEmitter {
public:
  explicit ReduceEmitter(Kernel kernel)
      : kernel(kernel), reduce(cast<ReduceOp>(kernel.ops.front())) {}

  void emit(Emitter &e) override {
    KernelAccesses accesses(e, kernel.readsBut(reduce.getInput()), kernel.write,
                            /*merge=*/false);
    Access input = Access::ofTensor(kernel.readOf(reduce.getInput()));
    Epilogue epilogue(
        SmallVector<Operation *>(ArrayRef(kernel.ops).drop_front()),
        reduce.getResult(), kernel.write.getValue(), accesses);
    ArrayRef<int64_t> shape = kernel.resultType().getShape();
    auto finish = [&](Value value, ArrayRef<Value> row, Column column) {
      if (reduce.getKind() == ReduceKind::Mean)
        value = e.mulf(value, e.splat(1.0 / reducedElements()));
      accesses.result.store(e, epilogue.evaluate(e, value, row, column), row,
                            column);
    };
    int64_t rows = llvm::product_of(shape.drop_back());
    if (reducesLastAxis() && reduce.getKeepDims())
      return emitRows(e, input, rows, finish);
    e.sharePanels(
        rows, shape.back(), [&](Value number, Value panel, int64_t lanes) {
          SmallVector<Value> row = e.delinearize(number, shape.drop_back());
          for (int64_t lane = 0; lane < lanes; lane += e.target.width) {
            Column column{panel, lane, std::min(e.target.width, lanes - lane)};
            finish(reducesLastAxis() ? across(e, input, row, column)
                                     : down(e, input, row, column),
                   row, column);
          }
        });
  }

private:
  using Finish = llvm::function_ref<void(Value, ArrayRef<Value>, Column)>;

  ArrayRef<int64_t> inputShape() {
    return reduce.getInput().getType().getShape();
  }
  bool reducesLastAxis() {
    return llvm::is_contained(reduce.getAxes(),
                              int64_t(inputShape().size()) - 1);
  }
  int64_t reducedElements() {
    int64_t count = 1;
    for (int64_t axis : reduce.getAxes())
      count *= inputShape()[axis];
    return count;
  }

  /// The result keeps its last axis with size one: a row is one element.
  void emitRows(Emitter &e, const Access &input, int64_t rows, Finish finish) {
    ArrayRef<int64_t> sizes = kernel.resultType().getShape().drop_back();
    e.shareRows(rows, [&](Value first, int64_t count) {
      SmallVector<SmallVector<Value>> elements;
      for (int64_t i = 0; i < count; ++i) {
        elements.push_back(e.delinearize(e.add(first, i), sizes));
        elements.back().push_back(e.constant(0));
      }
      SmallVector<Value> sums = accumulate(e, input, elements);
      for (auto [sum, element] : llvm::zip_equal(sums, elements))
        finish(e.broadcast(horizontal(e, sum)), ArrayRef(element).drop_back(),
               {e.constant(0), 0, 1});
    });
  }

  /// The result's elements at `column` of `row`: each the sum of a vector.
  Value across(Emitter &e, const Access &input, ArrayRef<Value> row,
               Column column) {
    SmallVector<SmallVector<Value>> elements;
    Value first = e.add(e.mul(column.panel, panelWidth), column.lane);
    for (int64_t i = 0; i < column.valid; ++i) {
      elements.emplace_back(row);
      elements.back().push_back(e.add(first, i));
    }
    SmallVector<Value> sums = accumulate(e, input, elements);
    if (column.valid == 1)
      return e.broadcast(horizontal(e, sums.front()));
    sums.resize(e.target.width, e.splat(initial()));
    sums = emitTranspose(e, sums);
    for (int64_t count = sums.size() / 2; count > 0; count /= 2)
      for (int64_t i = 0; i < count; ++i)
        sums[i] = combine(e, sums[i], sums[i + count]);
    return sums.front();
  }

  /// A vector for each of the result's `elements` (coordinates of all axes).
  SmallVector<Value> accumulate(Emitter &e, const Access &input,
                                ArrayRef<SmallVector<Value>> elements) {
    SmallVector<Value> start(elements.size(), e.splat(initial()));
    ArrayRef<int64_t> outer = reduce.getAxes().drop_back();
    return overAxes(
        e, outer, {}, start, [&](ArrayRef<Value> reduced, ValueRange carried) {
          return e.forColumns(
              inputShape().back(), carried,
              [&](Column column, ValueRange sums) {
                SmallVector<Value> next;
                for (auto [element, sum] : llvm::zip_equal(elements, sums)) {
                  SmallVector<Value> row = inputRow(element, reduced);
                  Value x = e.keepLanes(input.load(e, row, column),
                                        column.valid, initial());
                  next.push_back(combine(e, sum, x));
                }
                return next;
              });
        });
  }

  /// The result's vector at `column` of `row`: down the rows of the input.
  Value down(Emitter &e, const Access &input, ArrayRef<Value> row,
             Column column) {
    return overAxes(e, reduce.getAxes(), {}, e.splat(initial()),
                    [&](ArrayRef<Value> reduced,
                        ValueRange carried) -> SmallVector<Value> {
                      Value x = input.load(e, inputRow(row, reduced), column);
                      return {combine(e, carried[0], x)};
                    })
        .front();
  }

  /// A loop for each of `axes` of the input, with values carried around.
  SmallVector<Value>
  overAxes(Emitter &e, ArrayRef<int64_t> axes, ArrayRef<Value> outside,
           ValueRange carried,
           llvm::function_ref<SmallVector<Value>(ArrayRef<Value>, ValueRange)>
               body) {
    if (axes.empty())
      return body(outside, carried);
    return e.loop(e.constant(0), e.constant(inputShape()[axes.front()]), 1,
                  carried, [&](Value i, ValueRange inside) {
                    SmallVector<Value> coordinates(outside);
                    coordinates.push_back(i);
                    return overAxes(e, axes.drop_front(), coordinates, inside,
                                    body);
                  });
  }

  /// The input's row for coordinates of the result and of the reduced axes.
  SmallVector<Value> inputRow(ArrayRef<Value> result, ArrayRef<Value> reduced) {
    SmallVector<Value> row;
    for (size_t axis = 0; axis + 1 < inputShape().size(); ++axis) {
      bool isReduced = llvm::is_contained(reduce.getAxes(), int64_t(axis));
      ArrayRef<Value> &from = isReduced ? reduced : result;
      row.push_back(from.front());
      from = from.drop_front();
      if (isReduced && reduce.getKeepDims())
        result = result.drop_front();
    }
    return row;
  }

  double initial() { return neutralElement(reduce.getKind()); }
  Value combine(Emitter &e, Value sum, Value x) {
    return emitReduce(e, reduce.getKind(), sum, x);
  }

  /// All lanes of a vector as one scalar.
  Value horizontal(Emitter &e, Value vector) {
    switch (reduce.getKind()) {
    case ReduceKind::Max:
      return vector::ReductionOp::create(e, vector::CombiningKind::MAXIMUMF,
                                         vector);
    case ReduceKind::Min:
      return vector::ReductionOp::create(e, vector::CombiningKind::MINIMUMF,
                                         vector);
    default:
      return vector::ExtractOp::create(e, e.sumOfLanes(vector), int64_t(0));
    }
  }

  Kernel kernel;
  ReduceOp reduce;
};

} // namespace

std::unique_ptr<KernelEmitter> vitrail::makeReduceEmitter(Kernel kernel,
                                                          VectorTarget) {
  return std::make_unique<ReduceEmitter>(kernel);
}
