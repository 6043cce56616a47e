//===- Work.h - How much a region computes and moves ------------*- C++ -*-===//
//
// Part of Vitrail, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef VITRAIL_PASSES_SCHEDULE_WORK_H
#define VITRAIL_PASSES_SCHEDULE_WORK_H

#include "dialects/vitrail/VitrailDialect.h"

namespace vitrail {

/// Floating-point operations of a region: multiply-accumulates count twice,
/// everything elementwise once.
int64_t countFlops(RegionOp region);

/// Cycles that one core takes: it computes at least 32 operations a cycle and
/// moves 8 bytes.
int64_t cyclesOf(int64_t flops, int64_t bytes);

/// Whether threads take so much work range by range, rather than each the same
/// part of it: then nobody waits for a core that is slower for a while. Taking
/// a range takes some 200 cycles, and a launch is taken in about a dozen.
bool isTaken(int64_t flops, int64_t bytes);

} // namespace vitrail

#endif // VITRAIL_PASSES_SCHEDULE_WORK_H
