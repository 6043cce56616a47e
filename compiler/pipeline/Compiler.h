//===- Compiler.h - The whole path ------------------------------*- C++ -*-===//
//
// Part of Vitrail, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef VITRAIL_COMPILER_PIPELINE_COMPILER_H
#define VITRAIL_COMPILER_PIPELINE_COMPILER_H

#include "compiler/pipeline/Options.h"
#include "compiler/pipeline/Report.h"
#include "mlir/IR/BuiltinOps.h"
#include "mlir/IR/OwningOpRef.h"
#include "llvm/Support/Error.h"
#include "llvm/Support/SourceMgr.h"

namespace vitrail {

/// Adds what any compilation needs to a context.
void registerCompilerDialects(mlir::MLIRContext &context);

/// Loads a model: a description (.vtr) or dialect (.mlir) file. Diagnostics of
/// its text are printed as they come; the module is then null.
llvm::Expected<mlir::OwningOpRef<mlir::ModuleOp>>
loadModel(mlir::MLIRContext &context, llvm::SourceMgr &sources,
          const CompileOptions &options);

/// Compiles a loaded model to `options.output`. An error has one line that says
/// what, where and what to do; diagnostics already printed leave its text
/// empty.
llvm::Error compile(mlir::ModuleOp module, const CompileOptions &options);

/// The names that `--print-after` knows, in order.
llvm::ArrayRef<llvm::StringRef> stageNames();

} // namespace vitrail

#endif // VITRAIL_COMPILER_PIPELINE_COMPILER_H
