//===- Freeze.h - Computes the frozen store ---------------------*- C++ -*-===//
//
// Part of Vitrail, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef VITRAIL_COMPILER_PIPELINE_FREEZE_H
#define VITRAIL_COMPILER_PIPELINE_FREEZE_H

#include "compiler/pipeline/Progress.h"
#include "compiler/weights/FrozenStore.h"
#include "compiler/weights/WeightSource.h"
#include "dialects/vitrail/VitrailDialect.h"
#include <functional>

namespace vitrail {

/// Checks that `source` has every weight of `module` in the right shape,
/// without reading data. Errors point at the line of the description.
llvm::Error checkWeights(mlir::ModuleOp module, const WeightSource &source);

/// Reads weights from `source`, which must outlive the reader. Errors point at
/// the line of the description.
std::function<llvm::Error(WeightOp, llvm::MutableArrayRef<float>)>
readerOf(const WeightSource &source);

/// Runs `@freeze` (made by vitrail-plan-buffers) in double precision and puts
/// its results, rounded once, into `store`. Records their offsets on the module
/// for vitrail-lower-program.
llvm::Error freeze(mlir::ModuleOp module, const WeightSource &source,
                   FrozenStore &store, Progress &progress);

} // namespace vitrail

#endif // VITRAIL_COMPILER_PIPELINE_FREEZE_H
