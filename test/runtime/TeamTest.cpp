//===- TeamTest.cpp - Threads, barriers, profiles -------------------------===//
//
// Part of Vitrail, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "team.h"

#include <gtest/gtest.h>

#include <atomic>
#include <sched.h>
#include <sys/resource.h>
#include <unistd.h>
#include <vector>

namespace {

struct Team {
  Team(int threads, int available) {
    char error[1024] = "";
    team = vitrail_team_create(threads, available, nullptr, error);
    EXPECT_NE(team, nullptr) << error;
  }
  ~Team() { vitrail_team_destroy(team); }
  vitrail_team *team;
};

struct Phases {
  vitrail_team *team;
  int threads, count;
  std::vector<int> done; // plain: the barrier alone orders it
  std::atomic<int> wrong;
};

// In every phase each thread writes its own cell and, after a barrier, finds
// those of all others written.
void phases(void *argument, int thread) {
  auto &p = *static_cast<Phases *>(argument);
  for (int i = 1; i <= p.count; ++i) {
    p.done[thread * 64] = i;
    vitrail_barrier(p.team);
    for (int t = 0; t < p.threads; ++t)
      if (p.done[t * 64] != i)
        ++p.wrong;
    vitrail_barrier(p.team);
  }
}

void check(int threads, int available, int count) {
  Team team(threads, available);
  Phases p{team.team, threads, count, std::vector<int>(threads * 64), {0}};
  vitrail_team_run(team.team, phases, &p);
  vitrail_team_run(team.team, phases, &p);
  EXPECT_EQ(p.wrong, 0);
}

double cpuSeconds() {
  rusage usage;
  getrusage(RUSAGE_SELF, &usage);
  return usage.ru_utime.tv_sec + usage.ru_stime.tv_sec +
         1e-6 * (usage.ru_utime.tv_usec + usage.ru_stime.tv_usec);
}

TEST(Team, OneThreadWaitsForNobody) { check(1, 1, 1000); }

TEST(Team, BarrierOrdersTwoThreads) { check(2, 2, 2000); }

TEST(Team, OversubscribedBarriersEnd) { check(8, 2, 100); }

// The team believes that it has eight CPUs: waiting must give way all the same.
TEST(Team, UnexpectedlyOversubscribedBarriersEnd) { check(8, 8, 20); }

TEST(Team, EveryThreadRunsEveryJobOnce) {
  Team team(4, 2);
  struct Counts {
    std::atomic<int> of[4];
  } counts{};
  for (int i = 0; i < 300; ++i)
    vitrail_team_run(
        team.team,
        [](void *argument, int thread) {
          ++static_cast<Counts *>(argument)->of[thread];
        },
        &counts);
  for (auto &count : counts.of)
    EXPECT_EQ(count, 300);
}

TEST(Team, SleepsWhenIdleAndWakesAgain) {
  Team team(3, 2);
  std::atomic<int> runs{0};
  auto job = [](void *argument, int) {
    ++*static_cast<std::atomic<int> *>(argument);
  };
  vitrail_team_run(team.team, job, &runs);
  usleep(50000);
  double before = cpuSeconds();
  usleep(200000);
  EXPECT_LT(cpuSeconds() - before, 0.005);
  vitrail_team_run(team.team, job, &runs);
  EXPECT_EQ(runs, 6);
}

TEST(Team, EndsWithoutEverRunning) {
  Team asleep(4, 4);
  usleep(10000);
  Team fresh(4, 4);
}

/// What a thread recorded, without the times, which it checks.
std::vector<int64_t> recorded(vitrail_team *team, int thread) {
  size_t count;
  const vitrail_profile_event *events =
      vitrail_profile_events(team, thread, &count);
  std::vector<int64_t> regions;
  for (size_t i = 0; i < count; ++i) {
    regions.push_back(events[i].region);
    EXPECT_TRUE(!i || events[i - 1].microseconds <= events[i].microseconds);
  }
  return regions;
}

TEST(Team, ProfilesEveryThread) {
  Team team(3, 3);
  auto job = [](void *argument, int thread) {
    auto *team = static_cast<vitrail_team *>(argument);
    for (int i = 0; i < 2; ++i) {
      if (*reinterpret_cast<int32_t *>(team))
        vitrail_profile_region(team, 10 * i + thread);
      vitrail_barrier(team);
    }
  };
  const int64_t waiting = VITRAIL_PROFILE_WAITING,
                between = VITRAIL_PROFILE_BETWEEN;
  for (int run = 0; run < 3; ++run) {
    vitrail_team_run(team.team, job, team.team);
    vitrail_profile_start(team.team);
    EXPECT_EQ(*reinterpret_cast<int32_t *>(team.team), 1);
    vitrail_team_run(team.team, job, team.team);
    vitrail_profile_stop(team.team);
    EXPECT_EQ(*reinterpret_cast<int32_t *>(team.team), 0);
    vitrail_team_run(team.team, job, team.team);
    for (int64_t thread = 0; thread < 3; ++thread) {
      std::vector<int64_t> expected = {thread,      waiting, between,
                                       10 + thread, waiting, between};
      // The caller waits for the others to end, they for nobody.
      if (thread == 0)
        expected.push_back(waiting);
      expected.push_back(between);
      EXPECT_EQ(recorded(team.team, thread), expected) << thread;
    }
  }
}

TEST(Team, ProfilesGrow) {
  Team team(1, 1);
  vitrail_profile_start(team.team);
  vitrail_team_run(
      team.team,
      [](void *argument, int) {
        for (int i = 0; i < 5000; ++i)
          vitrail_profile_region(static_cast<vitrail_team *>(argument), i);
      },
      team.team);
  vitrail_profile_stop(team.team);
  std::vector<int64_t> regions = recorded(team.team, 0);
  ASSERT_EQ(regions.size(), 5000u);
  EXPECT_EQ(regions.back(), 4999);
}

TEST(Team, ShowsRegionsToAnObserver) {
  Team team(1, 1);
  std::vector<int64_t> seen;
  auto job = [](void *argument, int) {
    auto *team = static_cast<vitrail_team *>(argument);
    for (int i = 0; i < 3; ++i)
      if (*reinterpret_cast<int32_t *>(team))
        vitrail_profile_region(team, i);
  };
  vitrail_team_observe(
      team.team,
      [](void *argument, int64_t region) {
        static_cast<std::vector<int64_t> *>(argument)->push_back(region);
      },
      &seen);
  vitrail_team_run(team.team, job, team.team);
  vitrail_team_observe(team.team, nullptr, nullptr);
  vitrail_team_run(team.team, job, team.team);
  EXPECT_EQ(seen, (std::vector<int64_t>{0, 1, 2}));
  EXPECT_TRUE(recorded(team.team, 0).empty());
}

TEST(Team, BindsThreadsWhereAsked) {
  cpu_set_t before, bound;
  ASSERT_EQ(sched_getaffinity(0, sizeof(before), &before), 0);
  int cpu = 0;
  while (!CPU_ISSET(cpu, &before))
    ++cpu;
  char error[1024];
  vitrail_team *team = vitrail_team_create(1, 1, &cpu, error);
  ASSERT_EQ(sched_getaffinity(0, sizeof(bound), &bound), 0);
  EXPECT_EQ(CPU_COUNT(&bound), 1);
  EXPECT_TRUE(CPU_ISSET(cpu, &bound));
  vitrail_team_destroy(team);
  sched_setaffinity(0, sizeof(before), &before);
}

} // namespace
