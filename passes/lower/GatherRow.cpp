//===- GatherRow.cpp - Rows of a rearrangement ----------------------------===//
//
// Part of Vitrail, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "dialects/vitrail/Einops.h"
#include "passes/lower/Access.h"
#include "passes/lower/Kernel.h"
#include <numeric>

using namespace mlir;
using namespace vitrail;

namespace {

using Store = llvm::function_ref<void(Value value, Value panel, Value lane)>;

/// Gathers a row in runs: of its columns, those of the innermost axes that
/// follow one another in the source as well. Runs move as vectors.
class RowGather {
public:
  RowGather(Emitter &e, RearrangeOp op, const Access &source, Value row,
            Store store)
      : e(e), source(source), store(store),
        map(llvm::cantFail(parseRearrange(op.getPattern(),
                                          op.getInput().getType().getShape(),
                                          op.getSizes()))),
        coordinates(map.splitShape.size()) {
    auto [firstColumn, lastColumn] = map.resultAxes.back();
    findRun(firstColumn, lastColumn);
    ArrayRef<int64_t> axes(map.permutation);
    place(axes.take_front(firstColumn), row);
    outerAxes = axes.slice(firstColumn, runAxis - firstColumn);
    for (int64_t axis : outerAxes)
      runs *= map.splitShape[axis];
  }

  void emit() {
    // Vectors stay within a panel: after so many runs, one begins at a panel.
    int64_t period = panelWidth / std::gcd(run, panelWidth);
    constexpr int64_t mostUnrolled = 1024;
    if (run % panelWidth == 0)
      emitPanels();
    else if (run == 1 || run * period > mostUnrolled)
      emitElements();
    else
      emitPeriods(period);
  }

private:
  /// Finds how many of the axes `first` to `end` (of the result) make a run.
  void findRun(int64_t first, int64_t end) {
    int64_t rank = map.operandAxes.size();
    int64_t next = map.splitShape.size() - 1; // the axis that would extend it
    for (runAxis = end; source.isRowMajor() && runAxis > first &&
                        map.permutation[runAxis - 1] == next;
         --runAxis, --next) {
      auto holds = [&](auto axes) { return next < axes.second; };
      int64_t dim =
          llvm::find_if(map.operandAxes, holds) - map.operandAxes.begin();
      if (rank - dim > source.denseAxes())
        return;
      run *= map.splitShape[next];
      merged = rank - dim;
      coordinates[next] = e.constant(0);
    }
  }

  /// Gives split axes their coordinates from their joint index.
  void place(ArrayRef<int64_t> axes, Value joint) {
    SmallVector<int64_t> sizes;
    for (int64_t axis : axes)
      sizes.push_back(map.splitShape[axis]);
    for (auto [axis, coordinate] :
         llvm::zip_equal(axes, e.delinearize(joint, sizes)))
      coordinates[axis] = coordinate;
  }

  /// Where run `number` begins: an index for each of the source's dimensions.
  SmallVector<Value> beginOf(Value number) {
    place(outerAxes, number);
    SmallVector<Value> index;
    for (auto [begin, end] : map.operandAxes) {
      Value sum = e.constant(0);
      for (int64_t axis = begin; axis < end; ++axis)
        sum = e.add(e.mul(sum, map.splitShape[axis]), coordinates[axis]);
      index.push_back(sum);
    }
    return index;
  }

  /// `count` elements from element `at` of the run that begins at `begin`.
  Value load(ArrayRef<Value> begin, Value at, int64_t count) {
    ValueRange row = begin.drop_back();
    Value column = e.add(begin.back(), at);
    return merged ? source.loadRun(e, row, column, count, merged)
                  : source.loadElements(e, row, column, /*vector=*/false);
  }

  /// Runs that are whole panels.
  void emitPanels() {
    int64_t panels = run / panelWidth;
    e.loop(e.constant(0), e.constant(runs), 1, [&](Value number) {
      SmallVector<Value> begin = beginOf(number);
      e.loop(e.constant(0), e.constant(panels), 1, [&](Value i) {
        Value panel = e.add(e.mul(number, panels), i);
        Value first = e.mul(i, panelWidth);
        for (int64_t lane = 0; lane < panelWidth; lane += e.target.width)
          store(load(begin, e.add(first, lane), e.target.width), panel,
                e.constant(lane));
      });
    });
  }

  /// Element by element.
  void emitElements() {
    e.loop(e.constant(0), e.constant(runs), 1, [&](Value number) {
      SmallVector<Value> begin = beginOf(number);
      e.loop(e.constant(0), e.constant(run), 1, [&](Value i) {
        auto [panel, lane] = e.divmod(e.add(e.mul(number, run), i), panelWidth);
        store(load(begin, i, 1), panel, lane);
      });
    });
  }

  /// Runs of any length, `period` of them written out.
  void emitPeriods(int64_t period) {
    int64_t panels = period * run / panelWidth, whole = runs / period;
    e.loop(e.constant(0), e.constant(whole), 1, [&](Value i) {
      emitRuns(e.mul(i, period), period, e.mul(i, panels));
    });
    emitRuns(e.constant(whole * period), runs % period,
             e.constant(whole * panels));
  }

  /// `count` runs from number `first` on, which begins at panel `panel`, by
  /// vectors as long as run, panel and registers allow.
  void emitRuns(Value first, int64_t count, Value panel) {
    for (int64_t i = 0; i < count; ++i) {
      SmallVector<Value> begin = beginOf(e.add(first, i));
      for (int64_t at = 0; at < run;) {
        int64_t column = i * run + at, lane = column % panelWidth;
        int64_t length = llvm::bit_floor<uint64_t>(
            std::min({run - at, panelWidth - lane, e.target.width}));
        store(load(begin, e.constant(at), length),
              e.add(panel, column / panelWidth), e.constant(lane));
        at += length;
      }
    }
  }

  Emitter &e;
  const Access &source;
  Store store;
  const Rearrangement map;
  SmallVector<Value> coordinates; // of each split axis, as they become known
  int64_t runAxis = 0;            // the first of the run's axes
  int64_t run = 1;                // its elements
  int64_t merged = 0;             // dimensions of the source that it spans
  ArrayRef<int64_t> outerAxes;    // columns' axes before the run's
  int64_t runs = 1;
};

} // namespace

void vitrail::emitGatherRow(Emitter &e, RearrangeOp op, const Access &source,
                            Value row, Store store) {
  RowGather(e, op, source, row, store).emit();
}
