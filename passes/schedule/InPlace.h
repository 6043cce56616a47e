//===- InPlace.h - Results that overwrite an operand ------------*- C++ -*-===//
//
// Part of Vitrail, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef VITRAIL_PASSES_SCHEDULE_INPLACE_H
#define VITRAIL_PASSES_SCHEDULE_INPLACE_H

#include "dialects/vitrail/VitrailDialect.h"

namespace vitrail {

/// Whether the code of `elementwise` is so short that a kernel puts all sums of
/// a tile through it in registers. Behind others, sums wait in the result.
bool isShort(mlir::Operation *elementwise);

/// What the result of `region` may overwrite, or null: a tensor that a linear's
/// epilogue adds, say, whose elements are read just before those of the result
/// are written there, and that nobody reads later. A residual stream then stays
/// in one buffer, which is in cache already.
mlir::Value overwritableOperand(RegionOp region);

} // namespace vitrail

#endif // VITRAIL_PASSES_SCHEDULE_INPLACE_H
