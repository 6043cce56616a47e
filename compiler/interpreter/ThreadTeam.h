//===- ThreadTeam.h - Threads that share a range ----------------*- C++ -*-===//
//
// Part of Vitrail, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef VITRAIL_COMPILER_INTERPRETER_THREADTEAM_H
#define VITRAIL_COMPILER_INTERPRETER_THREADTEAM_H

#include "llvm/ADT/STLFunctionalExtras.h"
#include <cstdint>

namespace vitrail {

/// Divides independent work among threads. Who computes an element never
/// changes its value: no sum is split between threads.
class ThreadTeam {
public:
  /// A team of `size` threads; 0 stands for all processors.
  explicit ThreadTeam(unsigned size = 0);

  unsigned getSize() const { return size; }

  /// Calls `body(begin, end)` on ranges that make up [0, count), each of at
  /// least `grain` (but for the last), and returns when all are done.
  void forRange(int64_t count, int64_t grain,
                llvm::function_ref<void(int64_t, int64_t)> body) const;

private:
  unsigned size;
};

} // namespace vitrail

#endif // VITRAIL_COMPILER_INTERPRETER_THREADTEAM_H
