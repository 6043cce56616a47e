//===- EmitReduce.cpp - Reductions over tokens
//--------------------------------===//
//
// Part of Vitrail, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "passes/lower/Kernel.h"
#include "passes/lower/VectorMath.h"

using namespace mlir;
using namespace vitrail;

namespace {

/// A reduction over the axis before the last (the tokens): each vector of
/// columns runs down the rows on its own.
class ReduceEmitter : public KernelEmitter {
public:
  explicit ReduceEmitter(Kernel kernel)
      : kernel(kernel), reduce(cast<ReduceOp>(kernel.ops.front())) {}

  void emit(Emitter &e) override {
    KernelAccesses accesses(e, kernel.readsBut(reduce.getInput()), kernel.write,
                            /*merge=*/false);
    Access input = Access::ofTensor(kernel.readOf(reduce.getInput()));
    RankedTensorType type = input.getType();
    int64_t rank = type.getRank(), count = type.getDimSize(rank - 2);
    int64_t columns = type.getShape().back();
    ArrayRef<int64_t> batchSizes = type.getShape().drop_back(2);
    int64_t panels = llvm::divideCeil(columns, panelWidth);
    Epilogue epilogue(
        SmallVector<Operation *>(ArrayRef(kernel.ops).drop_front()),
        reduce.getResult(), kernel.write.getValue(), accesses);

    auto emitPanel = [&](ArrayRef<Value> batch, Value panel, int64_t lanes) {
      for (int64_t lane = 0; lane < lanes; lane += e.target.width) {
        Column column{panel, lane, std::min(e.target.width, lanes - lane)};
        Value sum =
            e.loop(e.constant(0), e.constant(count), 1, e.splat(initial()),
                   [&](Value token, ValueRange carried) -> SmallVector<Value> {
                     SmallVector<Value> row(batch);
                     row.push_back(token);
                     return {
                         combine(e, carried[0], input.load(e, row, column))};
                   })
                .front();
        if (reduce.getKind() == ReduceKind::Mean)
          sum = e.mulf(sum, e.splat(1.0 / count));
        SmallVector<Value> row(batch);
        if (reduce.getKeepDims())
          row.push_back(e.constant(0));
        if (row.empty())
          row.push_back(e.constant(0));
        accesses.result.store(e, epilogue.evaluate(e, sum, row, column), row,
                              column);
      }
    };
    auto [begin, end] = e.share(llvm::product_of(batchSizes) * panels);
    e.loop(begin, end, 1, [&](Value unit) {
      auto [batch, panel] = e.divmod(unit, panels);
      SmallVector<Value> coordinates = e.delinearize(batch, batchSizes);
      int64_t rest = columns % panelWidth;
      if (!rest)
        return emitPanel(coordinates, panel, panelWidth);
      Value whole = arith::CmpIOp::create(e, arith::CmpIPredicate::ult, panel,
                                          e.constant(columns / panelWidth));
      auto choice = scf::IfOp::create(e, whole, /*withElseRegion=*/true);
      OpBuilder::InsertionGuard guard(e);
      e.setInsertionPointToStart(choice.thenBlock());
      emitPanel(coordinates, panel, panelWidth);
      e.setInsertionPointToStart(choice.elseBlock());
      emitPanel(coordinates, panel, rest);
    });
  }

private:
  double initial() {
    constexpr double infinity = std::numeric_limits<double>::infinity();
    switch (reduce.getKind()) {
    case ReduceKind::Max:
      return -infinity;
    case ReduceKind::Min:
      return infinity;
    default:
      return 0.0;
    }
  }

  Value combine(Emitter &e, Value sum, Value x) {
    switch (reduce.getKind()) {
    case ReduceKind::Max:
      return arith::MaximumFOp::create(e, sum, x);
    case ReduceKind::Min:
      return arith::MinimumFOp::create(e, sum, x);
    default:
      return e.addf(sum, x);
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
