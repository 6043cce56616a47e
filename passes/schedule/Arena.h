//===- Arena.h - Memory for values with live ranges -------------*- C++ -*-===//
//
// Part of Vitrail, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef VITRAIL_PASSES_SCHEDULE_ARENA_H
#define VITRAIL_PASSES_SCHEDULE_ARENA_H

#include "llvm/ADT/ArrayRef.h"
#include "llvm/ADT/SmallVector.h"
#include <cstdint>

namespace vitrail {

/// A buffer that is live from step `begin` to step `end`, both included.
struct Interval {
  int64_t bytes = 0;
  int64_t begin = INT64_MAX;
  int64_t end = -1;

  void extend(int64_t step) {
    begin = std::min(begin, step);
    end = std::max(end, step);
  }
};

struct ArenaPlan {
  llvm::SmallVector<int64_t> offsets; // bytes, one an interval
  int64_t bytes = 0;
};

/// Places intervals so that no two that are live at once overlap: largest
/// first, each at the lowest offset that fits. Offsets are multiples of 64
/// bytes.
ArenaPlan planArena(llvm::ArrayRef<Interval> intervals);

} // namespace vitrail

#endif // VITRAIL_PASSES_SCHEDULE_ARENA_H
