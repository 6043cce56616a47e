//===- Gather.cpp - Rows as a linear takes them ---------------------------===//
//
// Part of Vitrail, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "passes/lower/Gather.h"
#include "passes/schedule/Addressing.h"
#include "passes/schedule/Views.h"
#include <numeric>

using namespace mlir;
using namespace vitrail;

//===----------------------------------------------------------------------===//
// Rows that move as they are
//===----------------------------------------------------------------------===//

/// Where row `at` of a roll's result comes from.
static SmallVector<Value> rowBefore(Emitter &e, RollOp roll, ValueRange at) {
  SmallVector<Value> row(at);
  for (auto [coordinate, shift, size] :
       llvm::zip(row, roll.getShifts(), roll.getType().getShape())) {
    int64_t back = (-shift % size + size) % size;
    if (back == 0)
      continue;
    // Less than a full turn: once around at most.
    Value moved = e.add(coordinate, back);
    Value around = arith::SubIOp::create(e, moved, e.constant(size));
    Value inside = arith::CmpIOp::create(e, arith::CmpIPredicate::ult, moved,
                                         e.constant(size));
    coordinate = arith::SelectOp::create(e, inside, moved, around);
  }
  return row;
}

/// The joint index of the split axes that a dimension was split into.
static Value joinAxes(Emitter &e, const Rearrangement &map,
                      std::pair<int64_t, int64_t> axes,
                      ArrayRef<Value> coordinates) {
  Value sum = e.constant(0);
  for (int64_t axis = axes.first; axis < axes.second; ++axis)
    sum = e.add(e.mul(sum, map.splitShape[axis]), coordinates[axis]);
  return sum;
}

/// Where row `at` of a rearrangement that moves whole rows comes from.
static SmallVector<Value> rowBefore(Emitter &e, RearrangeOp op, ValueRange at) {
  Rearrangement map = rearrangementOf(op);
  SmallVector<Value> coordinates(map.splitShape.size(), e.constant(0));
  for (auto [index, axes] : llvm::zip(at, map.resultAxes)) {
    SmallVector<int64_t> sizes;
    for (int64_t i = axes.first; i < axes.second; ++i)
      sizes.push_back(map.splitShape[map.permutation[i]]);
    for (auto [i, part] : llvm::enumerate(e.delinearize(index, sizes)))
      coordinates[map.permutation[axes.first + i]] = part;
  }
  SmallVector<Value> row;
  for (auto axes : ArrayRef(map.operandAxes).drop_back())
    row.push_back(joinAxes(e, map, axes, coordinates));
  return row;
}

/// Through `ops`, from the last to the first.
static SmallVector<Value> rowBefore(Emitter &e, ArrayRef<Operation *> ops,
                                    ValueRange at) {
  SmallVector<Value> row(at);
  for (Operation *op : llvm::reverse(ops)) {
    if (auto roll = dyn_cast<RollOp>(op))
      row = rowBefore(e, roll, row);
    else
      row = rowBefore(e, cast<RearrangeOp>(op), row);
  }
  return row;
}

//===----------------------------------------------------------------------===//
// Rows made of parts of others
//===----------------------------------------------------------------------===//

namespace {

/// Gathers a row in runs: of its columns, those of the innermost axes that
/// follow one another in the source as well. Runs move as vectors.
class RowGather {
public:
  /// Between the source and `op`, `before` moves rows.
  RowGather(Emitter &e, RearrangeOp op, ArrayRef<Operation *> before,
            const Access &source)
      : e(e), source(source), before(before), map(rearrangementOf(op)),
        coordinates(map.splitShape.size()) {
    auto [firstColumn, lastColumn] = map.resultAxes.back();
    findRun(firstColumn, lastColumn);
    outerAxes = ArrayRef<int64_t>(map.permutation)
                    .slice(firstColumn, runAxis - firstColumn);
    for (int64_t axis : outerAxes)
      runs *= map.splitShape[axis];
  }

  void emit(Value begin, Value end, Gather::RowAt rowAt,
            Gather::RowStore store) {
    if (run % panelWidth == 0)
      return emitPanels(begin, end, rowAt, store);
    // Vectors stay within a panel: after so many runs, one begins at a panel.
    int64_t period = panelWidth / std::gcd(run, panelWidth);
    constexpr int64_t mostUnrolled = 1024;
    bool byElements = run == 1 || run * period > mostUnrolled;
    e.loop(begin, end, 1, [&](Value i) {
      setRow(rowAt(i));
      auto storeHere = [&](Value value, Value panel, Value lane) {
        store(i, value, panel, lane);
      };
      if (byElements)
        emitElements(storeHere);
      else
        emitPeriods(period, storeHere);
    });
  }

private:
  /// Gives the axes that a row is counted by their coordinates in row `at`.
  void setRow(ValueRange at) {
    ArrayRef<int64_t> axes(map.permutation);
    for (auto [index, range] : llvm::zip(at, map.resultAxes))
      place(axes.slice(range.first, range.second - range.first), index);
  }

  /// Finds how many of the axes `first` to `end` (of the result) make a run.
  void findRun(int64_t first, int64_t end) {
    int64_t rank = map.operandAxes.size();
    int64_t mergeable = before.empty() ? source.denseAxes() : 1;
    if (!source.isRowMajor())
      return findPanels(first, end);
    int64_t next = map.splitShape.size() - 1; // the axis that would extend it
    for (runAxis = end; runAxis > first && map.permutation[runAxis - 1] == next;
         --runAxis, --next) {
      auto holds = [&](auto axes) { return next < axes.second; };
      int64_t dim =
          llvm::find_if(map.operandAxes, holds) - map.operandAxes.begin();
      if (rank - dim > mergeable)
        return;
      run *= map.splitShape[next];
      merged = rank - dim;
      coordinates[next] = e.constant(0);
    }
  }

  /// Of a source in panels, a run is whole panels: the innermost features.
  void findPanels(int64_t first, int64_t end) {
    runAxis = end;
    int64_t innermost = map.splitShape.size() - 1;
    if (first == end || map.permutation[end - 1] != innermost ||
        map.splitShape[innermost] % panelWidth != 0)
      return;
    --runAxis;
    run = map.splitShape[innermost];
    inPanels = true;
    coordinates[innermost] = e.constant(0);
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
    for (auto axes : map.operandAxes)
      index.push_back(joinAxes(e, map, axes, coordinates));
    Value column = index.pop_back_val();
    index = rowBefore(e, before, index);
    index.push_back(column);
    return index;
  }

  /// `count` elements from element `at` of the run that begins at `begin`.
  Value load(ArrayRef<Value> begin, Value at, int64_t count) {
    ValueRange row = begin.drop_back();
    Value column = e.add(begin.back(), at);
    if (inPanels) {
      auto [panel, lane] = e.divmod(column, panelWidth);
      return source.loadPanel(e, row, panel, lane);
    }
    return merged ? source.loadRun(e, row, column, count, merged)
                  : source.loadElements(e, row, column, /*vector=*/false);
  }

  /// Runs that are whole panels. Parts of longer rows, as a patch has lines of
  /// an image, are mostly followed by a neighbour's: the same run of all rows
  /// comes before the next one.
  void emitPanels(Value begin, Value end, Gather::RowAt rowAt,
                  Gather::RowStore store) {
    auto forRows = [&](llvm::function_ref<void(Value)> body) {
      e.loop(begin, end, 1, [&](Value i) {
        setRow(rowAt(i));
        body(i);
      });
    };
    auto forRuns = [&](llvm::function_ref<void(Value)> body) {
      e.loop(e.constant(0), e.constant(runs), 1, body);
    };
    auto emitRun = [&](Value i, Value number) {
      SmallVector<Value> first = beginOf(number);
      int64_t panels = run / panelWidth;
      e.loop(e.constant(0), e.constant(panels), 1, [&](Value inRun) {
        Value panel = e.add(e.mul(number, panels), inRun);
        Value column = e.mul(inRun, panelWidth);
        for (int64_t lane = 0; lane < panelWidth; lane += e.target.width)
          store(i, load(first, e.add(column, lane), e.target.width), panel,
                e.constant(lane));
      });
    };
    if (inPanels)
      forRows(
          [&](Value i) { forRuns([&](Value number) { emitRun(i, number); }); });
    else
      forRuns(
          [&](Value number) { forRows([&](Value i) { emitRun(i, number); }); });
  }

  /// Element by element.
  void emitElements(Gather::Store store) {
    e.loop(e.constant(0), e.constant(runs), 1, [&](Value number) {
      SmallVector<Value> begin = beginOf(number);
      e.loop(e.constant(0), e.constant(run), 1, [&](Value i) {
        auto [panel, lane] = e.divmod(e.add(e.mul(number, run), i), panelWidth);
        store(load(begin, i, 1), panel, lane);
      });
    });
  }

  /// Runs of any length, `period` of them written out.
  void emitPeriods(int64_t period, Gather::Store store) {
    int64_t panels = period * run / panelWidth, whole = runs / period;
    e.loop(e.constant(0), e.constant(whole), 1, [&](Value i) {
      emitRuns(e.mul(i, period), period, e.mul(i, panels), store);
    });
    emitRuns(e.constant(whole * period), runs % period,
             e.constant(whole * panels), store);
  }

  /// `count` runs from number `first` on, which begins at panel `panel`, by
  /// vectors as long as run, panel and registers allow.
  void emitRuns(Value first, int64_t count, Value panel, Gather::Store store) {
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
  ArrayRef<Operation *> before;
  const Rearrangement map;
  SmallVector<Value> coordinates; // of each split axis, as they become known
  int64_t runAxis = 0;            // the first of the run's axes
  int64_t run = 1;                // its elements
  int64_t merged = 0;             // dimensions of the source that it spans
  bool inPanels = false;          // it is panels of the source
  ArrayRef<int64_t> outerAxes;    // columns' axes before the run's
  int64_t runs = 1;
};

} // namespace

/// Calls `store` for the first `count` lanes of a vector.
static void storeLanes(Emitter &e, Value vector, int64_t count,
                       llvm::function_ref<void(Value, int64_t)> store) {
  for (int64_t i = 0; i < count; ++i)
    store(vector::ExtractOp::create(e, vector, i), i);
}

/// Hands row `at` of the source on as it is.
static void emitWholeRow(Emitter &e, const Access &from, ValueRange at,
                         Gather::Store store) {
  e.forColumns(
      from.columns(), {}, [&](Column column, ValueRange) -> SmallVector<Value> {
        Value vector = from.load(e, at, column);
        if (column.valid == e.target.width)
          store(vector, column.panel, e.constant(column.lane));
        else
          storeLanes(e, vector, column.valid, [&](Value element, int64_t i) {
            store(element, column.panel, e.constant(column.lane + i));
          });
        return {};
      });
}

//===----------------------------------------------------------------------===//
// Gather
//===----------------------------------------------------------------------===//

Gather::Gather(Value tensor)
    : read(tensor), made(cast<RankedTensorType>(tensor.getType())) {
  for (Operation *op = read.getDefiningOp(); isAddressingKind(op);
       op = read.getDefiningOp()) {
    ops.push_back(op);
    read = op->getOperand(0);
  }
  std::reverse(ops.begin(), ops.end());
}

UnfoldOp Gather::unfold() const {
  return empty() ? UnfoldOp() : dyn_cast<UnfoldOp>(ops.back());
}

Gather Gather::withoutLast() const {
  Gather rest;
  rest.read = read;
  rest.made = cast<RankedTensorType>(ops.back()->getOperand(0).getType());
  rest.ops.assign(ops.begin(), ops.end() - 1);
  return rest;
}

bool Gather::movesWholeRows() const { return llvm::all_of(ops, movesRows); }

SmallVector<Value> Gather::sourceRow(Emitter &e, ValueRange at) const {
  return rowBefore(e, ops, at);
}

static bool isUnfolded(ArrayRef<Operation *> ops) {
  return llvm::any_of(ops, llvm::IsaPred<UnfoldOp>);
}

void Gather::emitRow(Emitter &e, const Access &from, ValueRange at,
                     Store store) const {
  if (unfold())
    return emitUnfoldedRow(e, from, at, store);
  ArrayRef<Operation *> all(ops);
  if (isUnfolded(all)) // and moved behind it
    return withoutLast().emitRow(e, from, rowBefore(e, all.take_back(), at),
                                 store);
  if (movesWholeRows())
    return emitWholeRow(e, from, sourceRow(e, at), store);
  emitMixedRows(
      e, from, e.constant(0), e.constant(1),
      [&](Value) { return SmallVector<Value>(at); },
      [&](Value, Value value, Value panel, Value lane) {
        store(value, panel, lane);
      });
}

void Gather::emitRows(Emitter &e, const Access &from, Value begin, Value end,
                      RowAt rowAt, RowStore store) const {
  if (!isUnfolded(ops) && !movesWholeRows())
    return emitMixedRows(e, from, begin, end, rowAt, store);
  e.loop(begin, end, 1, [&](Value i) {
    emitRow(e, from, rowAt(i), [&](Value value, Value panel, Value lane) {
      store(i, value, panel, lane);
    });
  });
}

void Gather::emitMixedRows(Emitter &e, const Access &from, Value begin,
                           Value end, RowAt rowAt, RowStore store) const {
  ArrayRef<Operation *> all(ops);
  size_t number = llvm::find_if_not(all, movesRows) - all.begin();
  auto mixing = cast<RearrangeOp>(all[number]);
  RowGather(e, mixing, all.take_front(number), from)
      .emit(
          begin, end,
          [&](Value i) {
            return rowBefore(e, all.drop_front(number + 1), rowAt(i));
          },
          store);
}

void Gather::emitUnfoldedRow(Emitter &e, const Access &from, ValueRange at,
                             Store store) const {
  UnfoldOp op = unfold();
  Window window = op.getWindow();
  Gather map = withoutLast();
  int64_t channels = map.made.getShape().back();
  int64_t first = window.firstAxis(map.made);
  e.loop(e.constant(0), e.constant(window.taps()), 1, [&](Value tap) {
    SmallVector<Value> taps = e.delinearize(tap, window.kernel);
    SmallVector<Value> row(at);
    Value inside;
    for (int64_t axis = 0; axis < window.rank(); ++axis) {
      Value &index = row[first + axis];
      index = e.add(e.mul(index, window.strides[axis]),
                    e.mul(taps[axis], window.dilations[axis]));
      index = e.add(index, -window.padBefore(axis));
      // Before the map is beyond it, without a sign.
      Value in =
          arith::CmpIOp::create(e, arith::CmpIPredicate::ult, index,
                                e.constant(map.made.getDimSize(first + axis)));
      inside = inside ? arith::AndIOp::create(e, inside, in).getResult() : in;
    }
    Value begin = e.mul(tap, channels);
    auto choice = scf::IfOp::create(e, inside, /*withElseRegion=*/true);
    OpBuilder::InsertionGuard guard(e);
    e.setInsertionPointToStart(choice.thenBlock());
    bool aligned = channels % panelWidth == 0;
    map.emitRow(e, from, row, [&](Value value, Value panel, Value lane) {
      if (aligned)
        return store(value, e.add(e.divmod(begin, panelWidth).first, panel),
                     lane);
      // Lane by lane: channels end anywhere in a panel.
      Value column = e.add(begin, e.add(e.mul(panel, panelWidth), lane));
      auto storeAt = [&](Value element, int64_t i) {
        auto [toPanel, toLane] = e.divmod(e.add(column, i), panelWidth);
        store(element, toPanel, toLane);
      };
      if (auto type = dyn_cast<VectorType>(value.getType()))
        storeLanes(e, value, type.getNumElements(), storeAt);
      else
        storeAt(value, 0);
    });
    e.setInsertionPointToStart(choice.elseBlock());
    Value zero = arith::ConstantOp::create(e, e.getF32FloatAttr(0));
    e.loop(e.constant(0), e.constant(channels), 1, [&](Value c) {
      auto [toPanel, toLane] = e.divmod(e.add(begin, c), panelWidth);
      store(zero, toPanel, toLane);
    });
  });
}
