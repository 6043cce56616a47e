//===- Stages.h - The order of passes
//-----------------------------------------===//
//
// Part of Vitrail, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef VITRAIL_COMPILER_PIPELINE_STAGES_H
#define VITRAIL_COMPILER_PIPELINE_STAGES_H

#include "mlir/Pass/PassManager.h"

namespace vitrail {

/// Adds the stage that turns tensors into a program of kernels.
void buildSchedulePipeline(mlir::OpPassManager &manager);

/// Adds the stage that writes kernels as vector code and launches as calls.
void buildLowerPipeline(mlir::OpPassManager &manager, int64_t vectorWidth,
                        int64_t vectorRegisters);

/// Makes all stages known to `vitrail-opt` by name: vitrail-simplify,
/// vitrail-schedule, vitrail-lower, vitrail-to-llvm.
void registerStages();

} // namespace vitrail

#endif // VITRAIL_COMPILER_PIPELINE_STAGES_H
