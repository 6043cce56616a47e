//===- Transpose.cpp - Rows of an operand as lanes ------------------------===//
//
// Part of Vitrail, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "passes/lower/Transpose.h"

using namespace mlir;
using namespace vitrail;

SmallVector<Value> vitrail::emitTranspose(Emitter &e, ArrayRef<Value> square) {
  SmallVector<Value> rows(square);
  int64_t width = rows.size();
  for (int64_t half = 1; half < width; half *= 2) {
    SmallVector<int64_t> low, high;
    for (int64_t i = 0; i < width; ++i) {
      bool second = i & half;
      low.push_back(second ? i - half + width : i);
      high.push_back(second ? i + width : i + half);
    }
    SmallVector<Value> next(width);
    for (int64_t i = 0; i < width; ++i) {
      if (i & half)
        continue;
      next[i] = vector::ShuffleOp::create(e, rows[i], rows[i + half], low);
      next[i + half] =
          vector::ShuffleOp::create(e, rows[i], rows[i + half], high);
    }
    rows = next;
  }
  return rows;
}

void vitrail::emitTransposedPanel(
    Emitter &e, const TransposedPanel &panel,
    llvm::function_ref<void(Value, Value, int64_t)> store) {
  int64_t width = e.target.width;
  e.forColumns(
      panel.columns, {}, [&](Column column, ValueRange) -> SmallVector<Value> {
        Column from = column;
        from.panel = e.add(panel.firstPanel, column.panel);
        Value first = e.add(e.mul(column.panel, panelWidth), column.lane);
        for (int64_t lane = 0; lane < panelWidth; lane += width) {
          SmallVector<Value> square;
          for (int64_t i = lane; i < lane + width; ++i)
            square.push_back(i < panel.rows
                                 ? panel.source.load(e, panel.rowAt(i), from)
                                 : e.splat(0.0));
          for (auto [i, vector] : llvm::enumerate(emitTranspose(e, square)))
            store(vector, e.add(first, i), lane);
        }
        return {};
      });
}
