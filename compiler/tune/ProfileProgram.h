//===- ProfileProgram.h - What a program's launches take --------*- C++ -*-===//
//
// Part of Vitrail, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef VITRAIL_COMPILER_TUNE_PROFILEPROGRAM_H
#define VITRAIL_COMPILER_TUNE_PROFILEPROGRAM_H

#include "llvm/ADT/StringRef.h"
#include "llvm/Support/Error.h"
#include <string>
#include <vector>

namespace vitrail {

/// One inference, in microseconds.
struct ProgramProfile {
  double inference = 0;
  /// Of each launch, in order, what the slowest thread took: the others wait
  /// for it.
  std::vector<double> launches;
};

/// Reads a trace as a program's `--profile FILE` writes it.
llvm::Expected<ProgramProfile> parseTrace(llvm::StringRef text);

/// Runs a compiled executable on random inputs, a process of its own; the
/// profile is that of the median of `runs` inferences. `trace` and `log` are
/// files that are overwritten.
llvm::Expected<ProgramProfile> profileProgram(llvm::StringRef program,
                                              int64_t runs,
                                              llvm::StringRef trace,
                                              llvm::StringRef log);

} // namespace vitrail

#endif // VITRAIL_COMPILER_TUNE_PROFILEPROGRAM_H
