//===- Stages.h - The order of passes ---------------------------*- C++ -*-===//
//
// Part of Vitrail, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef VITRAIL_COMPILER_PIPELINE_STAGES_H
#define VITRAIL_COMPILER_PIPELINE_STAGES_H

#include "mlir/Pass/PassManager.h"

namespace vitrail {

/// Columns in a panel of weights that oneDNN multiplies
/// (VITRAIL_MATMUL_COLUMNS of the runtime's program.h).
constexpr int64_t oneDNNPanelWidth = 64;

/// Adds the stage that turns tensors into a program of kernels. The weights of
/// linears lie in panels of `weightWidth`, which decides who multiplies them:
/// generated code (panelWidth) or oneDNN (oneDNNPanelWidth).
void buildSchedulePipeline(mlir::OpPassManager &manager, int64_t weightWidth);

/// Adds the stage that writes kernels as vector code and launches as calls.
void buildLowerPipeline(mlir::OpPassManager &manager, int64_t vectorWidth,
                        int64_t vectorRegisters);

/// Makes all stages known to `vitrail-opt` by name: vitrail-simplify,
/// vitrail-schedule, vitrail-lower, vitrail-to-llvm.
void registerStages();

} // namespace vitrail

#endif // VITRAIL_COMPILER_PIPELINE_STAGES_H
