//===- Passes.h - From tensors to a program of kernels ----------*- C++ -*-===//
//
// Part of Vitrail, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef VITRAIL_PASSES_SCHEDULE_PASSES_H
#define VITRAIL_PASSES_SCHEDULE_PASSES_H

#include "dialects/vitrail/VitrailDialect.h"
#include "mlir/Pass/Pass.h"

namespace vitrail {
#define GEN_PASS_DECL
#define GEN_PASS_REGISTRATION
#include "passes/schedule/Passes.h.inc"

namespace plan {
/// Attributes of a planned entry: its ports.
constexpr llvm::StringLiteral inputs = "vitrail.inputs";
constexpr llvm::StringLiteral outputs = "vitrail.outputs";
/// Of a planned module: memory that is enough for any entry.
constexpr llvm::StringLiteral arenaBytes = "vitrail.arena_bytes";
/// Of a kernel.
constexpr llvm::StringLiteral kernel = "vitrail.kernel";
/// Of a kernel whose threads take their work range by range, a unit; of a
/// launch of it, where in the arena they count: a number of bytes.
constexpr llvm::StringLiteral counter = "vitrail.counter";
/// Of a region and a launch: how threads share them by bands (Bands.h).
constexpr llvm::StringLiteral bands = "vitrail.bands";
/// Of a kernel that is shared by bands: the units, a number.
constexpr llvm::StringLiteral units = "vitrail.units";
} // namespace plan

/// The function whose results are the frozen store.
constexpr llvm::StringLiteral freezeName = "freeze";

} // namespace vitrail

#endif // VITRAIL_PASSES_SCHEDULE_PASSES_H
