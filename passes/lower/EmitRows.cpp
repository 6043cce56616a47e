//===- EmitRows.cpp - Norms, softmax and elementwise chains
//-------------------===//
//
// Part of Vitrail, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "passes/lower/Kernel.h"
#include "passes/lower/VectorMath.h"
#include <tuple>

using namespace mlir;
using namespace vitrail;

namespace {

/// Kernels that walk rows: a norm or softmax over the last axis, or nothing,
/// and then elementwise ops. Rows are taken eight at a time, so that eight sums
/// are in flight and eight neighbouring lines of each panel are used.
class RowsEmitter : public KernelEmitter {
public:
  explicit RowsEmitter(Kernel kernel)
      : kernel(kernel), columns(kernel.resultType().getShape().back()) {
    if (kernel.ops.empty())
      return;
    norm = dyn_cast<NormOp>(kernel.ops.front());
    softmax = dyn_cast<SoftmaxOp>(kernel.ops.front());
  }

  void emit(Emitter &e) override {
    KernelAccesses accesses(e, kernel.readsBut({}), kernel.write);
    SmallVector<Operation *> ops(kernel.ops);
    Operation *anchor = norm ? norm.getOperation() : softmax.getOperation();
    if (anchor)
      ops.erase(ops.begin());
    Epilogue epilogue(ops, anchor ? anchor->getResult(0) : Value(),
                      kernel.write.getValue(), accesses);

    const RowDomain &domain = accesses.domain;
    auto rows = [&](Value first, int64_t count) {
      SmallVector<SmallVector<Value>> block;
      for (int64_t i = 0; i < count; ++i)
        block.push_back(e.delinearize(e.add(first, i), domain.sizes));
      emitBlock(e, accesses, epilogue, block);
    };
    auto [begin, end] = e.share(domain.outer() * domain.inner());
    constexpr int64_t blockRows = 8;
    Value count = arith::SubIOp::create(e, end, begin);
    Value whole =
        e.add(begin, e.mul(e.divmod(count, blockRows).first, blockRows));
    e.loop(begin, whole, blockRows, [&](Value row) { rows(row, blockRows); });
    e.loop(whole, end, 1, [&](Value row) { rows(row, 1); });
  }

private:
  using Rows = ArrayRef<SmallVector<Value>>;

  void emitBlock(Emitter &e, const KernelAccesses &accesses,
                 const Epilogue &epilogue, Rows rows) {
    std::function<Value(size_t, Column)> anchor = [](size_t, Column) {
      return Value();
    };
    SmallVector<Value> first, second, third; // a vector per row
    if (norm) {
      const Access &input = accesses.reads.at(norm.getInput());
      first = mean(e, input, rows);
      std::tie(second, third) = reciprocalDeviation(e, input, rows, first);
      anchor = [&](size_t i, Column column) {
        Value x = input.load(e, rows[i], column);
        x = norm.getRms() ? e.mulf(x, second[i])
                          : e.fma(e.subf(x, first[i]), second[i], third[i]);
        if (norm.getGain())
          x = e.mulf(
              x, accesses.reads.at(norm.getGain()).load(e, rows[i], column));
        if (norm.getBias())
          x = e.addf(
              x, accesses.reads.at(norm.getBias()).load(e, rows[i], column));
        return x;
      };
    } else if (softmax) {
      const Access &input = accesses.reads.at(softmax.getInput());
      first = maximum(e, input, rows);
      auto power = [&, first](size_t i, Column column) {
        Value x = e.subf(input.load(e, rows[i], column), first[i]);
        constexpr double log2e = 1.4426950408889634;
        return emitExp2(e, e.mulf(x, e.splat(log2e)));
      };
      second = reciprocalSum(e, rows, power);
      anchor = [&, power](size_t i, Column column) {
        return e.mulf(power(i, column), second[i]);
      };
    }
    e.forColumns(
        columns, {}, [&](Column column, ValueRange) -> SmallVector<Value> {
          for (auto [i, row] : llvm::enumerate(rows)) {
            Value out = epilogue.evaluate(e, anchor(i, column), row, column);
            accesses.result.store(e, out, row, column);
          }
          return {};
        });
  }

  /// One accumulator per row over all columns.
  SmallVector<Value>
  accumulate(Emitter &e, Rows rows, double initial,
             llvm::function_ref<Value(Value, size_t, Column)> add) {
    SmallVector<Value> start(rows.size(), e.splat(initial));
    return e.forColumns(columns, start, [&](Column column, ValueRange sums) {
      SmallVector<Value> next;
      for (size_t i = 0; i < rows.size(); ++i)
        next.push_back(add(sums[i], i, column));
      return next;
    });
  }

  SmallVector<Value> mean(Emitter &e, const Access &input, Rows rows) {
    if (norm.getRms())
      return SmallVector<Value>(rows.size());
    SmallVector<Value> sums =
        accumulate(e, rows, 0.0, [&](Value sum, size_t i, Column column) {
          Value x = input.load(e, rows[i], column);
          return e.addf(sum, e.keepLanes(x, column.valid, 0.0));
        });
    for (Value &sum : sums)
      sum = e.mulf(e.broadcast(e.reduceAdd(sum)), e.splat(1.0 / columns));
    return sums;
  }

  /// 1 / sqrt(variance + eps), and what is added for the error of the mean: a
  /// mean far from zero is rounded coarsely, and what it is off by is the mean
  /// of what is left after it is subtracted. As vectors per row.
  std::pair<SmallVector<Value>, SmallVector<Value>>
  reciprocalDeviation(Emitter &e, const Access &input, Rows rows,
                      ArrayRef<Value> means) {
    bool centered = !norm.getRms();
    // Sums of squares, then sums.
    SmallVector<Value> start(rows.size() * (centered ? 2 : 1), e.splat(0.0));
    SmallVector<Value> sums =
        e.forColumns(columns, start, [&](Column column, ValueRange carried) {
          SmallVector<Value> next(carried);
          for (size_t i = 0; i < rows.size(); ++i) {
            Value x = input.load(e, rows[i], column);
            if (centered)
              x = e.subf(x, means[i]);
            x = e.keepLanes(x, column.valid, 0.0);
            next[i] = e.fma(x, x, next[i]);
            if (centered)
              next[rows.size() + i] = e.addf(next[rows.size() + i], x);
          }
          return next;
        });
    double count = columns - int64_t(norm.getDdof());
    double eps = norm.getEps().convertToDouble();
    SmallVector<Value> factors, shifts;
    for (size_t i = 0; i < rows.size(); ++i) {
      Value square = e.broadcast(e.reduceAdd(sums[i])), error;
      if (centered) {
        Value sum = e.broadcast(e.reduceAdd(sums[rows.size() + i]));
        error = e.mulf(sum, e.splat(1.0 / columns));
        square = e.subf(square, e.mulf(sum, error));
      }
      Value variance = e.mulf(square, e.splat(1.0 / count));
      Value deviation =
          norm.getEpsOutside()
              ? e.addf(math::SqrtOp::create(e, variance), e.splat(eps))
              : Value(math::SqrtOp::create(e, e.addf(variance, e.splat(eps))));
      factors.push_back(e.divf(e.splat(1.0), deviation));
      if (centered)
        shifts.push_back(
            arith::NegFOp::create(e, e.mulf(error, factors.back())));
    }
    return {factors, shifts};
  }

  SmallVector<Value> maximum(Emitter &e, const Access &input, Rows rows) {
    constexpr double lowest = -std::numeric_limits<double>::infinity();
    SmallVector<Value> maxima = accumulate(
        e, rows, lowest, [&](Value top, size_t i, Column column) -> Value {
          Value x =
              e.keepLanes(input.load(e, rows[i], column), column.valid, lowest);
          return arith::MaxNumFOp::create(e, top, x);
        });
    for (Value &top : maxima)
      top = e.broadcast(e.reduceMax(top));
    return maxima;
  }

  SmallVector<Value>
  reciprocalSum(Emitter &e, Rows rows,
                llvm::function_ref<Value(size_t, Column)> power) {
    SmallVector<Value> sums =
        accumulate(e, rows, 0.0, [&](Value sum, size_t i, Column column) {
          return e.addf(sum, e.keepLanes(power(i, column), column.valid, 0.0));
        });
    for (Value &sum : sums)
      sum = e.divf(e.splat(1.0), e.broadcast(e.reduceAdd(sum)));
    return sums;
  }

  Kernel kernel;
  int64_t columns;
  NormOp norm;
  SoftmaxOp softmax;
};

} // namespace

std::unique_ptr<KernelEmitter> vitrail::makeRowsEmitter(Kernel kernel,
                                                        VectorTarget) {
  return std::make_unique<RowsEmitter>(kernel);
}
