//===- EmitRows.cpp - Norms, softmax and elementwise chains ---------------===//
//
// Part of Vitrail, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "passes/lower/Gather.h"
#include "passes/lower/LineNorm.h"
#include "passes/lower/VectorMath.h"
#include "passes/schedule/Addressing.h"

using namespace mlir;
using namespace vitrail;

namespace {

/// Kernels that walk lines: a norm or softmax along one axis, or nothing, and
/// then elementwise ops. Along the last axis, a line is a row, whose sums end
/// in one horizontal addition; rows are taken eight at a time, so that eight
/// sums are in flight and eight neighbouring lines of each panel are used.
/// Along another axis, each lane of a vector of columns is a line of its own.
class RowsEmitter : public KernelEmitter {
public:
  explicit RowsEmitter(Kernel kernel)
      : kernel(kernel), ops(kernel.ops), gather(gatherOf(kernel)) {
    ArrayRef<int64_t> shape = kernel.resultType().getShape();
    rowCount = llvm::product_of(shape.drop_back());
    axis = shape.size() - 1;
    ops.erase(ops.begin(), ops.begin() + gather.size());
    if (!ops.empty()) {
      norm = dyn_cast<NormOp>(ops.front());
      softmax = dyn_cast<SoftmaxOp>(ops.front());
    }
    if (norm)
      axis = norm.getAxis();
    if (softmax)
      axis = softmax.getAxis();
    isInPlace = !gather.empty() && gather.movesWholeRows();
    extent = shape[axis];
    alongRows = axis == int64_t(shape.size()) - 1;
  }

  int64_t scratchElements() const override {
    return gather.empty() || isInPlace ? 0 : llvm::product_of(stagedShape());
  }

  bool keepsUnits(int64_t units) override {
    return units == 1 || (alongRows && units <= rowCount);
  }

  void emit(Emitter &e) override {
    KernelAccesses accesses(e, kernel.readsBut(outsideDomain()), kernel.write,
                            /*merge=*/alongRows);
    Operation *anchor = norm ? norm.getOperation() : softmax.getOperation();
    Value start = anchor ? anchor->getResult(0) : gathered();
    Epilogue epilogue(
        SmallVector<Operation *>(ArrayRef(ops).drop_front(anchor ? 1 : 0)),
        start, kernel.write.getValue(), accesses);

    ArrayRef<int64_t> sizes = accesses.domain.sizes;
    if (alongRows)
      return e.shareRows(llvm::product_of(sizes), [&](Value first,
                                                      int64_t count) {
        SmallVector<Line> block;
        for (int64_t i = 0; i < count; ++i) {
          Value number = e.add(first, i);
          Line line{e.delinearize(number, sizes), {}, {}};
          line.inputRow = gather.empty() ? line.row : gatherRow(e, number, i);
          block.push_back(std::move(line));
        }
        emitBlock(e, accesses, epilogue, block);
      });
    SmallVector<int64_t> others(sizes);
    others[axis] = 1;
    e.sharePanels(llvm::product_of(others),
                  kernel.resultType().getShape().back(),
                  [&](Value number, Value panel, int64_t lanes) {
                    SmallVector<Line> block;
                    for (int64_t lane = 0; lane < lanes; lane += e.target.width)
                      block.push_back({e.delinearize(number, others),
                                       {panel, lane,
                                        std::min(e.target.width, lanes - lane)},
                                       {}});
                    emitBlock(e, accesses, epilogue, block);
                  });
  }

private:
  /// A row, or the lines in the lanes of a column vector (whose coordinate
  /// along the axis is anything).
  struct Line {
    SmallVector<Value> row;
    Column column;
    SmallVector<Value> inputRow; // of what is normalized or gathered
  };
  using Lines = ArrayRef<Line>;
  /// A step along the axis: a vector of columns, or the coordinate.
  struct Step {
    Column column;
    Value coordinate;
  };

  /// What makes the rows that the kernel takes.
  static Gather gatherOf(Kernel &kernel) {
    for (Operation *op : kernel.ops)
      if (OpOperand *operand = gatheredOperand(op))
        return Gather(operand->get());
    return Gather(kernel.write.getValue());
  }

  /// What is gathered; nothing, if all is read as it lies.
  Value gathered() {
    return gather.empty() ? Value() : gatheredOperand(ops.front())->get();
  }

  /// Gathered rows of a block, in panels.
  SmallVector<int64_t> stagedShape() const {
    constexpr int64_t blockRows = 8; // as many as `shareRows` gives at once
    return {
        int64_t(llvm::divideCeil(gather.type().getShape().back(), panelWidth)),
        blockRows, panelWidth};
  }

  /// Where row `number` lies: in the source, or gathered, as row `i` of the
  /// block.
  SmallVector<Value> gatherRow(Emitter &e, Value number, int64_t i) {
    SmallVector<Value> at =
        e.delinearize(number, gather.type().getShape().drop_back());
    if (isInPlace)
      return gather.sourceRow(e, at);
    Value staged = e.scratchView(0, stagedShape()), row = e.constant(i);
    gather.emitRow(e, Access::ofTensor(kernel.readOf(gather.source())), at,
                   [&](Value value, Value panel, Value lane) {
                     SmallVector<Value> to{panel, row, lane};
                     e.store(value, staged, to);
                   });
    return {row};
  }

  /// What a norm or softmax is of, or what is gathered.
  Access inputOf(Emitter &e, const KernelAccesses &accesses, Value input) {
    if (isInPlace)
      return Access::ofTensor(kernel.readOf(gather.source()));
    return gather.empty() ? accesses.reads.at(input)
                          : Access::ofPanels(e.scratchView(0, stagedShape()));
  }

  /// Operands that are no part of the domain: those with an element for each
  /// step, and what is gathered.
  SmallVector<Value> outsideDomain() {
    if (!gather.empty())
      return {gather.source()};
    if (!norm || alongRows)
      return {};
    SmallVector<Value> operands(norm->getOperands().drop_front());
    return operands;
  }

  SmallVector<Value> forSteps(
      Emitter &e, ValueRange carried,
      llvm::function_ref<SmallVector<Value>(const Step &, ValueRange)> body) {
    if (alongRows)
      return e.forColumns(extent, carried,
                          [&](Column column, ValueRange inside) {
                            return body({column, {}}, inside);
                          });
    return e.loop(e.constant(0), e.constant(extent), 1, carried,
                  [&](Value coordinate, ValueRange inside) {
                    return body({{}, coordinate}, inside);
                  });
  }

  /// Where a line is at a step.
  std::pair<SmallVector<Value>, Column> at(const Line &line,
                                           const Step &step) const {
    if (alongRows)
      return {line.row, step.column};
    SmallVector<Value> row(line.row);
    row[axis] = step.coordinate;
    return {row, line.column};
  }

  Value load(Emitter &e, const Access &access, const Line &line,
             const Step &step) {
    auto [row, column] = at(line, step);
    return access.load(e, row, column);
  }

  Value loadInput(Emitter &e, const Access &input, const Line &line,
                  const Step &step) {
    return alongRows ? input.load(e, line.inputRow, step.column)
                     : load(e, input, line, step);
  }

  /// `x` with `filler` in lanes that are no part of the line.
  Value keepLanes(Emitter &e, Value x, const Step &step, double filler) {
    return alongRows ? e.keepLanes(x, step.column.valid, filler) : x;
  }

  /// The sum over a line, in every lane that is its own.
  Value total(Emitter &e, Value sum) {
    return alongRows ? e.sumOfLanes(sum) : sum;
  }

  void emitBlock(Emitter &e, const KernelAccesses &accesses,
                 const Epilogue &epilogue, Lines lines) {
    std::function<Value(size_t, const Step &)> anchor =
        [](size_t, const Step &) { return Value(); };
    SmallVector<Value> first, second; // a vector per line
    if (norm) {
      Access input = inputOf(e, accesses, norm.getInput());
      LineNorm normalized = normOf(e, input, lines);
      anchor = [&, input, normalized](size_t i, const Step &step) {
        Value x = normalized.apply(e, loadInput(e, input, lines[i], step), i);
        if (norm.getGain())
          x = e.mulf(x, affine(e, accesses, norm.getGain(), lines[i], step));
        if (norm.getBias())
          x = e.addf(x, affine(e, accesses, norm.getBias(), lines[i], step));
        return x;
      };
    } else if (softmax) {
      Access input = inputOf(e, accesses, softmax.getInput());
      first = maximum(e, input, lines);
      auto power = [&, first, input](size_t i, const Step &step) {
        Value x = e.subf(loadInput(e, input, lines[i], step), first[i]);
        constexpr double log2e = 1.4426950408889634;
        return emitExp2(e, e.mulf(x, e.splat(log2e)), /*mayBeLarge=*/false);
      };
      second = reciprocalSum(e, lines, power);
      anchor = [&, power](size_t i, const Step &step) {
        return e.mulf(power(i, step), second[i]);
      };
    } else if (!gather.empty()) {
      anchor = [&, input = inputOf(e, accesses, gathered())](size_t i,
                                                             const Step &step) {
        return loadInput(e, input, lines[i], step);
      };
    }
    forSteps(e, {}, [&](const Step &step, ValueRange) -> SmallVector<Value> {
      for (auto [i, line] : llvm::enumerate(lines)) {
        auto [row, column] = at(line, step);
        Value out = epilogue.evaluate(e, anchor(i, step), row, column);
        accesses.result.store(e, out, row, column);
      }
      return {};
    });
  }

  /// Gain or bias of a norm.
  Value affine(Emitter &e, const KernelAccesses &accesses, Value tensor,
               const Line &line, const Step &step) {
    if (alongRows)
      return load(e, accesses.reads.at(tensor), line, step);
    return e.broadcast(Access::ofTensor(kernel.readOf(tensor))
                           .loadElements(e, {}, step.coordinate,
                                         /*vector=*/false));
  }

  /// One accumulator per line over all steps.
  SmallVector<Value>
  accumulate(Emitter &e, Lines lines, double initial,
             llvm::function_ref<Value(Value, size_t, const Step &)> add) {
    SmallVector<Value> start(lines.size(), e.splat(initial));
    return forSteps(e, start, [&](const Step &step, ValueRange sums) {
      SmallVector<Value> next;
      for (size_t i = 0; i < lines.size(); ++i)
        next.push_back(add(sums[i], i, step));
      return next;
    });
  }

  LineNorm normOf(Emitter &e, const Access &input, Lines lines) {
    auto walk = [&](ValueRange sums, LineNorm::Body body) {
      return forSteps(e, sums, [&](const Step &step, ValueRange carried) {
        auto load = [&](size_t i) {
          return loadInput(e, input, lines[i], step);
        };
        auto keep = [&](Value x) { return keepLanes(e, x, step, 0.0); };
        return body({load, keep}, carried);
      });
    };
    return LineNorm(e, norm, lines.size(), extent, walk,
                    [&](Value sum) { return total(e, sum); });
  }

  SmallVector<Value> maximum(Emitter &e, const Access &input, Lines lines) {
    constexpr double lowest = -std::numeric_limits<double>::infinity();
    SmallVector<Value> maxima = accumulate(
        e, lines, lowest, [&](Value top, size_t i, const Step &step) -> Value {
          Value x =
              keepLanes(e, loadInput(e, input, lines[i], step), step, lowest);
          return e.maxf(x, top);
        });
    if (alongRows)
      for (Value &top : maxima)
        top = e.maxOfLanes(top);
    return maxima;
  }

  SmallVector<Value>
  reciprocalSum(Emitter &e, Lines lines,
                llvm::function_ref<Value(size_t, const Step &)> power) {
    SmallVector<Value> sums =
        accumulate(e, lines, 0.0, [&](Value sum, size_t i, const Step &step) {
          return e.addf(sum, keepLanes(e, power(i, step), step, 0.0));
        });
    for (Value &sum : sums)
      sum = e.divf(e.splat(1.0), total(e, sum));
    return sums;
  }

  Kernel kernel;
  SmallVector<Operation *> ops; // those of the kernel that compute
  Gather gather;                // the addressing of what is read row by row
  bool isInPlace;               // whether it leaves rows as they are
  int64_t rowCount;             // of the result
  int64_t axis, extent;         // along which lines run, and how far
  bool alongRows;               // whether it is the last axis
  NormOp norm;
  SoftmaxOp softmax;
};

} // namespace

std::unique_ptr<KernelEmitter> vitrail::makeRowsEmitter(Kernel kernel,
                                                        VectorTarget) {
  return std::make_unique<RowsEmitter>(kernel);
}
