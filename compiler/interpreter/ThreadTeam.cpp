//===- ThreadTeam.cpp - Threads that share a range ------------------------===//
//
// Part of Vitrail, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "compiler/interpreter/ThreadTeam.h"
#include "llvm/ADT/SmallVector.h"
#include "llvm/Support/MathExtras.h"
#include "llvm/Support/Threading.h"
#include <algorithm>
#include <atomic>
#include <thread>

using namespace vitrail;

ThreadTeam::ThreadTeam(unsigned size)
    : size(size ? size : llvm::hardware_concurrency().compute_thread_count()) {}

void ThreadTeam::forRange(
    int64_t count, int64_t grain,
    llvm::function_ref<void(int64_t, int64_t)> body) const {
  if (count <= 0)
    return;
  // A few ranges a thread: a slow one does not hold up the others.
  int64_t step = std::max<int64_t>(
      {grain, 1, llvm::divideCeilSigned(count, 4 * int64_t(size))});
  if (size == 1 || step >= count)
    return body(0, count);

  std::atomic<int64_t> next(0);
  auto work = [&] {
    for (int64_t begin; (begin = next.fetch_add(step)) < count;)
      body(begin, std::min(begin + step, count));
  };
  llvm::SmallVector<std::thread> helpers;
  int64_t ranges = llvm::divideCeilSigned(count, step);
  for (int64_t i = 1; i < std::min<int64_t>(size, ranges); ++i)
    helpers.emplace_back(work);
  work();
  for (std::thread &helper : helpers)
    helper.join();
}
