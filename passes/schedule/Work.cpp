//===- Work.cpp - How much a region computes and moves --------------------===//
//
// Part of Vitrail, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "passes/schedule/Work.h"
#include "passes/schedule/Addressing.h"

using namespace mlir;
using namespace vitrail;

int64_t vitrail::countFlops(RegionOp region) {
  int64_t flops = 0;
  for (Operation &op : region.getBody().front().without_terminator()) {
    if (auto cost = dyn_cast<CostOpInterface>(op))
      flops += 2 * cost.getMacs();
    else if (!isa<arith::ConstantOp>(op) && !isAddressingKind(&op))
      flops +=
          cast<RankedTensorType>(op.getResult(0).getType()).getNumElements();
  }
  return flops;
}

int64_t vitrail::cyclesOf(int64_t flops, int64_t bytes) {
  return flops / 32 + bytes / 8;
}

bool vitrail::isTaken(int64_t flops, int64_t bytes) {
  constexpr int64_t leastCycles = 200'000;
  return cyclesOf(flops, bytes) >= leastCycles;
}
