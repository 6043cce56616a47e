//===- Progress.h - What is being done, on a terminal -----------*- C++ -*-===//
//
// Part of Vitrail, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef VITRAIL_COMPILER_PIPELINE_PROGRESS_H
#define VITRAIL_COMPILER_PIPELINE_PROGRESS_H

#include "llvm/ADT/StringRef.h"
#include <chrono>

namespace vitrail {

/// Shows the stage that runs on standard error, where that is a terminal, once
/// the whole has taken two seconds. One line, wiped at the end.
class Progress {
public:
  Progress();
  ~Progress();

  void stage(llvm::StringRef name);
  /// How far the stage is.
  void step(int64_t done, int64_t total);

private:
  void show(llvm::StringRef text);

  bool terminal;
  bool shown = false;
  std::string current;
  std::chrono::steady_clock::time_point start, last;
};

} // namespace vitrail

#endif // VITRAIL_COMPILER_PIPELINE_PROGRESS_H
