//===- MicroKernel.cpp - The register-tiled inner loop --------------------===//
//
// Part of Vitrail, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "passes/lower/MicroKernel.h"

using namespace mlir;
using namespace vitrail;

/// Steps of depth in an iteration of the innermost loop. While another thread
/// has half of the core's front end, instructions bound the rate, and those of
/// the loop itself are a tenth of a single step.
constexpr int64_t stepsOfIteration = 4;

SmallVector<Value> vitrail::emitMicroKernel(Emitter &e, TileShape tile,
                                            int64_t depth,
                                            ValueRange accumulators,
                                            const MicroOperands &operands) {
  auto step = [&](Value panel, Value lane, SmallVector<Value> sums) {
    SmallVector<Value> columns;
    for (int64_t j = 0; j < tile.vectors; ++j)
      columns.push_back(operands.right(j, panel, lane));
    for (int64_t i = 0; i < tile.rows; ++i) {
      Value left = e.broadcast(operands.left(i, panel, lane));
      for (int64_t j = 0; j < tile.vectors; ++j) {
        Value &sum = sums[i * tile.vectors + j];
        sum = e.fma(left, columns[j], sum);
      }
    }
    return sums;
  };
  auto steps = [&](Value panel, Value lane, int64_t count, ValueRange carried) {
    SmallVector<Value> sums(carried);
    for (int64_t i = 0; i < count; ++i)
      sums = step(panel, e.add(lane, i), sums);
    return sums;
  };
  auto lanes = [&](Value panel, int64_t count, ValueRange carried) {
    if (operands.beside)
      operands.beside(panel);
    int64_t rest = count % stepsOfIteration, whole = count - rest;
    auto together = [&](Value lane, ValueRange sums) {
      return steps(panel, lane, stepsOfIteration, sums);
    };
    SmallVector<Value> sums = e.loop(e.constant(0), e.constant(whole),
                                     stepsOfIteration, carried, together);
    return steps(panel, e.constant(whole), rest, sums);
  };

  SmallVector<Value> sums(accumulators);
  int64_t panels = depth / panelWidth, rest = depth % panelWidth;
  if (panels == 1)
    sums = lanes(e.constant(0), panelWidth, sums);
  else if (panels > 1)
    sums = e.loop(e.constant(0), e.constant(panels), 1, sums,
                  [&](Value panel, ValueRange carried) {
                    return lanes(panel, panelWidth, carried);
                  });
  if (rest)
    sums = lanes(e.constant(panels), rest, sums);
  return sums;
}
