//===- Stages.cpp - The order of passes -----------------------------------===//
//
// Part of Vitrail, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "compiler/pipeline/Stages.h"
#include "compiler/codegen/Codegen.h"
#include "mlir/Pass/PassRegistry.h"
#include "mlir/Transforms/Passes.h"
#include "passes/lower/Passes.h"
#include "passes/schedule/Passes.h"
#include "passes/simplify/Pipeline.h"
#include "runtime/include/vitrail/program.h"

using namespace mlir;
using namespace vitrail;

static_assert(oneDNNPanelWidth == VITRAIL_MATMUL_COLUMNS,
              "what the runtime multiplies");

void vitrail::buildSchedulePipeline(OpPassManager &manager,
                                    int64_t weightWidth) {
  // First the ops that become several: all of these need regions and places.
  manager.addNestedPass<func::FuncOp>(createDecomposeAttentionPass());
  // What einsums become has regions, views and copies of its own.
  manager.addNestedPass<func::FuncOp>(createDecomposeEinsumPass());
  // Behind all that makes views, and before regions take what is addressing.
  manager.addNestedPass<func::FuncOp>(createOrderMovementsPass());
  FormRegionsPassOptions regions;
  regions.chains = weightWidth == panelWidth; // a library knows no others
  manager.addNestedPass<func::FuncOp>(createFormRegionsPass(regions));
  // A library shares its products in a way of its own.
  if (weightWidth == panelWidth)
    manager.addNestedPass<func::FuncOp>(createFormBandsPass());
  // Places come before barriers: whether two launches conflict is a question of
  // bytes, which the arena decides.
  PlanBuffersPassOptions plan;
  plan.weightWidth = weightWidth;
  manager.addPass(createPlanBuffersPass(plan));
  manager.addNestedPass<func::FuncOp>(createInsertBarriersPass());
}

void vitrail::buildLowerPipeline(OpPassManager &manager, int64_t vectorWidth,
                                 int64_t vectorRegisters) {
  EmitKernelsPassOptions kernels;
  kernels.vectorWidth = vectorWidth;
  kernels.registers = vectorRegisters;
  manager.addPass(createEmitKernelsPass(kernels));
  // Kernels say how much scratch a thread needs before the program hands it
  // out.
  manager.addPass(createLowerProgramPass());
  manager.addPass(createCanonicalizerPass());
  manager.addPass(createCSEPass());
}

void vitrail::registerStages() {
  registerSimplify();
  registerSchedulePasses();
  registerLowerPasses();
  PassPipelineRegistration<>("vitrail-schedule",
                             "Tensors to a program of kernels",
                             [](OpPassManager &manager) {
                               buildSchedulePipeline(manager, panelWidth);
                             });
  PassPipelineRegistration<>(
      "vitrail-lower", "Kernels to vector code for AVX-512",
      [](OpPassManager &manager) { buildLowerPipeline(manager, 16, 32); });
  PassPipelineRegistration<>(
      "vitrail-to-llvm", "Vector code to the LLVM dialect", buildLLVMPipeline);
}
