//===- vitrail-opt.cpp - Runs passes by name ------------------------------===//
//
// Part of Vitrail, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "compiler/pipeline/Stages.h"
#include "dialects/vitrail/VitrailDialect.h"
#include "mlir/InitAllDialects.h"
#include "mlir/InitAllExtensions.h"
#include "mlir/InitAllPasses.h"
#include "mlir/Tools/mlir-opt/MlirOptMain.h"

int main(int argc, char **argv) {
  mlir::DialectRegistry registry;
  mlir::registerAllDialects(registry);
  mlir::registerAllExtensions(registry);
  mlir::registerAllPasses();
  registry.insert<vitrail::VitrailDialect>();
  vitrail::registerStages();
  return mlir::asMainReturnCode(
      mlir::MlirOptMain(argc, argv, "Vitrail pass driver\n", registry));
}
