//===- Frontend.h - Reads model descriptions --------------------*- C++ -*-===//
//
// Part of Vitrail, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef VITRAIL_COMPILER_FRONTEND_FRONTEND_H
#define VITRAIL_COMPILER_FRONTEND_FRONTEND_H

#include "mlir/IR/BuiltinOps.h"
#include "mlir/IR/OwningOpRef.h"
#include "llvm/Support/SourceMgr.h"
#include <string>
#include <utility>
#include <vector>

namespace vitrail {

struct FrontendOptions {
  /// Values of the model's parameters as text, `-D name=value`. A name that the
  /// model does not declare is an error.
  std::vector<std::pair<std::string, std::string>> definitions;
  /// Values from a checkpoint's configuration: weaker than definitions, and
  /// names that the model does not declare are passed over.
  std::vector<std::pair<std::string, std::string>> configuration;
  /// Samples per inference: the first dimension of every input and output.
  int64_t batch = 1;
};

/// Elaborates the description in the main buffer of `sources` to a module of
/// the vitrail dialect: the entry function `main` with the port attributes of
/// VitrailDialect.h, and on the module `vitrail.model` (the model's name) and
/// `vitrail.parameters` (the value of each of its parameters).
///
/// Returns null after an error. Errors go through MLIR's diagnostic engine and
/// point into `sources`, to which the library of the language is added, so an
/// mlir::SourceMgrDiagnosticHandler on `sources` prints lines and carets.
mlir::OwningOpRef<mlir::ModuleOp> parseModel(mlir::MLIRContext &context,
                                             llvm::SourceMgr &sources,
                                             const FrontendOptions &options);

} // namespace vitrail

#endif // VITRAIL_COMPILER_FRONTEND_FRONTEND_H
