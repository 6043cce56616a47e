//===- EmitCopy.cpp - Rearrangements that are no views --------------------===//
//
// Part of Vitrail, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "passes/lower/Access.h"
#include "passes/lower/Gather.h"
#include "passes/schedule/Addressing.h"

using namespace mlir;
using namespace vitrail;

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
    auto copy = [&](Value row) {
      SmallVector<Value> at = e.delinearize(row, shape.drop_back());
      auto store = [&](Value value, Value panel, Value lane) {
        SmallVector<Value> index(at);
        if (kernel.write.getRows()) {
          index.push_back(e.add(e.mul(panel, panelWidth), lane));
        } else {
          index.insert(index.begin(), panel);
          index.push_back(lane);
        }
        e.store(value, out, index);
      };
      if (auto slice = dyn_cast<SliceOp>(op))
        copyRow(e, slice.getInput(), at, slice.getOffsets().drop_back(),
                slice.getOffsets().back(), shape.back(), 0, store);
      else if (auto broadcast = dyn_cast<BroadcastOp>(op))
        copyRow(e, broadcast.getInput(),
                ArrayRef(at).take_back(
                    broadcast.getInput().getType().getRank() - 1),
                {}, 0, shape.back(), 0, store);
      else if (auto joined = dyn_cast<ConcatOp>(op))
        concat(e, joined, at, store);
      else
        emitGather(e, at, store);
    };
    e.share(rows, {},
            [&](Value begin, Value end) { e.loop(begin, end, 1, copy); });
  }

private:
  using Store = Gather::Store;

  void emitGather(Emitter &e, ArrayRef<Value> at, Store store) {
    Gather gather(op->getResult(0));
    gather.emitRow(e, Access::ofTensor(kernel.readOf(gather.source())), at,
                   store);
  }

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
