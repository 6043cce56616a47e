//===- ArenaTest.cpp ------------------------------------------------------===//
//
// Part of Vitrail, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "passes/schedule/Arena.h"
#include "llvm/Support/MathExtras.h"
#include "gtest/gtest.h"
#include <random>

using namespace vitrail;

namespace {

bool liveAtOnce(const Interval &a, const Interval &b) {
  return a.begin <= b.end && b.begin <= a.end;
}

/// What any plan needs: the most bytes that are live at one step.
int64_t lowerBound(llvm::ArrayRef<Interval> intervals) {
  int64_t most = 0;
  for (const Interval &at : intervals) {
    int64_t bytes = 0;
    for (const Interval &other : intervals)
      if (other.begin <= at.begin && at.begin <= other.end)
        bytes += other.bytes;
    most = std::max(most, bytes);
  }
  return most;
}

void check(llvm::ArrayRef<Interval> intervals, const ArenaPlan &plan) {
  ASSERT_EQ(plan.offsets.size(), intervals.size());
  EXPECT_EQ(plan.bytes % 64, 0);
  EXPECT_GE(plan.bytes, lowerBound(intervals));
  for (size_t i = 0; i < intervals.size(); ++i) {
    EXPECT_EQ(plan.offsets[i] % 64, 0);
    EXPECT_GE(plan.offsets[i], 0);
    EXPECT_LE(plan.offsets[i] + intervals[i].bytes, plan.bytes);
    for (size_t j = 0; j < i; ++j)
      if (liveAtOnce(intervals[i], intervals[j]))
        EXPECT_TRUE(plan.offsets[i] + intervals[i].bytes <= plan.offsets[j] ||
                    plan.offsets[j] + intervals[j].bytes <= plan.offsets[i])
            << "intervals " << j << " and " << i << " overlap";
  }
}

TEST(Arena, Empty) { EXPECT_EQ(planArena({}).bytes, 0); }

TEST(Arena, OneIsRoundedUp) {
  ArenaPlan plan = planArena({{100, 0, 3}});
  EXPECT_EQ(plan.offsets[0], 0);
  EXPECT_EQ(plan.bytes, 128);
}

TEST(Arena, ChainNeedsTwo) {
  llvm::SmallVector<Interval> chain;
  for (int64_t step = 0; step < 10; ++step)
    chain.push_back({640, step, step + 1});
  ArenaPlan plan = planArena(chain);
  check(chain, plan);
  EXPECT_EQ(plan.bytes, 2 * 640);
}

TEST(Arena, ResidualNeedsThree) {
  llvm::SmallVector<Interval> intervals{
      {640, 0, 3}, {640, 1, 2}, {640, 2, 3}, {640, 3, 4}};
  ArenaPlan plan = planArena(intervals);
  check(intervals, plan);
  EXPECT_EQ(plan.bytes, 3 * 640);
}

TEST(Arena, SmallFillsTheGap) {
  // The wide hidden layer dies before the second small value is born.
  llvm::SmallVector<Interval> intervals{
      {256, 0, 1}, {1024, 1, 2}, {256, 2, 4}, {1024, 3, 4}};
  ArenaPlan plan = planArena(intervals);
  check(intervals, plan);
  EXPECT_EQ(plan.bytes, 1024 + 256);
}

TEST(Arena, Random) {
  std::mt19937 random(0);
  for (int round = 0; round < 500; ++round) {
    llvm::SmallVector<Interval> intervals(1 + random() % 40);
    for (Interval &interval : intervals) {
      interval.bytes = 4 * (1 + random() % 1000);
      interval.extend(random() % 30);
      interval.extend(interval.begin + random() % 8);
    }
    check(intervals, planArena(intervals));
  }
}

} // namespace
