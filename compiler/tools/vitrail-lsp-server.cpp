//===- vitrail-lsp-server.cpp - The dialect in editors --------------------===//
//
// Part of Vitrail, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Speaks the Language Server Protocol on standard input and output:
// diagnostics, definitions, hovering and completion for .mlir files in the
// dialect.
//
//===----------------------------------------------------------------------===//

#include "dialects/vitrail/VitrailDialect.h"
#include "mlir/InitAllDialects.h"
#include "mlir/Tools/mlir-lsp-server/MlirLspServerMain.h"

int main(int argc, char **argv) {
  mlir::DialectRegistry registry;
  mlir::registerAllDialects(registry);
  registry.insert<vitrail::VitrailDialect>();
  return mlir::failed(mlir::MlirLspServerMain(argc, argv, registry));
}
