//===- TuningCache.h - What was measured once -------------------*- C++ -*-===//
//
// Part of Vitrail, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// A JSON file: for each machine, as a text, the kernels that were tuned on it,
// each by a text that holds all that its choice depends on.
//
//===----------------------------------------------------------------------===//

#ifndef VITRAIL_COMPILER_TUNE_TUNINGCACHE_H
#define VITRAIL_COMPILER_TUNE_TUNINGCACHE_H

#include "passes/lower/Tiling.h"
#include "llvm/Support/Error.h"
#include <map>
#include <string>

namespace vitrail {

/// The fastest tiling of a kernel, and what one launch took with it and with
/// the cost model's.
struct TunedKernel {
  Tiling tiling;
  int64_t nanoseconds = 0;
  int64_t modelNanoseconds = 0;
};
using TunedKernels = std::map<std::string, TunedKernel>;

/// The file: $VITRAIL_TUNE_CACHE, or tune.json in $XDG_CACHE_HOME/vitrail or
/// ~/.cache/vitrail. Empty where there is no home.
std::string tuningCachePath();

/// The kernels that `path` has for `machine`: none if there is no such file.
/// Fails if it is no file of this kind.
llvm::Expected<TunedKernels> readTuningCache(llvm::StringRef path,
                                             llvm::StringRef machine);

/// Adds kernels to what is in the file by now, which appears complete or not at
/// all; folders are made.
llvm::Error extendTuningCache(llvm::StringRef path, llvm::StringRef machine,
                              const TunedKernels &kernels);

} // namespace vitrail

#endif // VITRAIL_COMPILER_TUNE_TUNINGCACHE_H
