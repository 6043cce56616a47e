//===- Arena.cpp - Memory for values with live ranges ---------------------===//
//
// Part of Vitrail, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "passes/schedule/Arena.h"
#include "llvm/ADT/ArrayRef.h"
#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/Sequence.h"
#include "llvm/Support/MathExtras.h"

using namespace vitrail;

ArenaPlan vitrail::planArena(llvm::ArrayRef<Interval> intervals) {
  constexpr int64_t alignment = 64;
  ArenaPlan plan;
  plan.offsets.assign(intervals.size(), 0);
  llvm::SmallVector<int64_t> order =
      llvm::to_vector(llvm::seq<int64_t>(0, intervals.size()));
  llvm::stable_sort(order, [&](int64_t a, int64_t b) {
    return intervals[a].bytes > intervals[b].bytes;
  });
  llvm::SmallVector<int64_t> placed; // by ascending offset
  for (int64_t id : order) {
    const Interval &interval = intervals[id];
    int64_t offset = 0;
    for (int64_t other : placed) {
      const Interval &taken = intervals[other];
      if (taken.end < interval.begin || interval.end < taken.begin)
        continue;
      if (plan.offsets[other] >= offset + interval.bytes)
        break;
      offset = std::max<int64_t>(
          offset, llvm::alignTo(plan.offsets[other] + taken.bytes, alignment));
    }
    plan.offsets[id] = offset;
    plan.bytes = std::max(plan.bytes, offset + interval.bytes);
    auto position =
        llvm::upper_bound(placed, offset, [&](int64_t at, int64_t b) {
          return at < plan.offsets[b];
        });
    placed.insert(position, id);
  }
  plan.bytes = llvm::alignTo(plan.bytes, alignment);
  return plan;
}
