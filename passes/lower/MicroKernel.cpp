//===- MicroKernel.cpp - The register-tiled inner loop --------------------===//
//
// Part of Vitrail, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "passes/lower/MicroKernel.h"

using namespace mlir;
using namespace vitrail;

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
  auto lanes = [&](Value panel, int64_t count, ValueRange carried) {
    return e.loop(e.constant(0), e.constant(count), 1, carried,
                  [&](Value lane, ValueRange sums) {
                    return step(panel, lane, SmallVector<Value>(sums));
                  });
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
