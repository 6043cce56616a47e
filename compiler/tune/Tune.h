//===- Tune.h - The fastest tilings on this machine -------------*- C++ -*-===//
//
// Part of Vitrail, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Tilings are measured in place: the whole program is built with the first
// candidate of every kernel, with the second, and so on, and these programs
// take turns. So a kernel finds in its caches what it finds there when it is
// used, and runs on as many threads.
//
//===----------------------------------------------------------------------===//

#ifndef VITRAIL_COMPILER_TUNE_TUNE_H
#define VITRAIL_COMPILER_TUNE_TUNE_H

#include "mlir/IR/BuiltinOps.h"
#include "passes/lower/Tiling.h"
#include "llvm/Support/Error.h"
#include <string>

namespace vitrail {

/// What is tuned, and for what.
struct TuneRequest {
  /// A program of named kernels, before they are lowered.
  mlir::ModuleOp module;
  VectorTarget target;
  /// Of the processor that code is made for.
  std::string cpu;
  /// Threads that the program can use at most.
  int64_t maxThreads = 1;
  /// The compiler's.
  std::string version;
  /// Temporary files lie beside it.
  std::string output;
};

/// Makes an executable `path` of `module`, which is in a context of its own.
using BuildProgram = llvm::function_ref<llvm::Error(mlir::ModuleOp module,
                                                    llvm::StringRef path)>;
/// How far it is.
using ReportProgress = llvm::function_ref<void(int64_t done, int64_t total)>;

/// Whether this machine runs programs for the processor `cpu` that use
/// `features`; the error names what it lacks.
llvm::Error checkRunsHere(llvm::StringRef cpu, llvm::StringRef features);

/// Gives the kernels of @main whose fastest tiling is not the cost model's the
/// attribute `vitrail.tiling`, and says of each what was measured in a remark.
/// What the cache has is not measured again; a cache that cannot be used is a
/// warning on standard error. Fails if programs cannot be built or run.
llvm::Error tune(const TuneRequest &request, BuildProgram build,
                 ReportProgress progress);

} // namespace vitrail

#endif // VITRAIL_COMPILER_TUNE_TUNE_H
