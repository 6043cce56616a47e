/*===- team.c - The threads that run one inference together -------*- C -*-===//
//
// Part of Vitrail, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===*/

#define _GNU_SOURCE
#include "team.h"

#include "error.h"
#include "wait.h"

#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* What one thread of a team knows of itself, on cache lines of its own. */
typedef struct member {
  _Alignas(128) vitrail_team *team;
  pthread_t handle; /* workers only */
  int thread;
  int cpu;           /* -1: wherever the system likes */
  uint32_t arrivals; /* at barriers */
  vitrail_profile_event *events;
  size_t events_count, events_capacity;
} member;

struct vitrail_team {
  /* Generated code reads this field (see program.h): it must be the first. */
  int32_t profiling;

  int threads;
  int workers; /* threads started so far, the caller not counted */
  vitrail_patience at_barrier; /* for a thread that is computing: soon */
  vitrail_patience when_idle;  /* for the caller's next job: perhaps never */
  vitrail_job job;             /* NULL: the team ends */
  void *argument;
  member *members; /* [threads] */

  void *matmuls; /* see vitrail_team_set_matmuls */
  vitrail_observer observer;
  void *observed; /* its argument */

  /* Each on cache lines of its own. */
  vitrail_word started;   /* jobs handed out */
  vitrail_word opened[2]; /* barriers; see vitrail_barrier */
  _Alignas(128) _Atomic int32_t arrived;
};

/* Generated code does not tell the barrier which thread it is. */
static _Thread_local member *self;

_Static_assert(offsetof(vitrail_team, profiling) == 0, "part of the ABI");

/* Notes that the thread does something else from now on, in a profile. */
static void record(member *me, int64_t region) {
  if (me->events_count == me->events_capacity) {
    size_t capacity = me->events_capacity ? 2 * me->events_capacity : 1024;
    vitrail_profile_event *events =
        realloc(me->events, capacity * sizeof(*events));
    if (!events)
      return; /* a shorter profile rather than no result */
    me->events = events;
    me->events_capacity = capacity;
  }
  me->events[me->events_count++] =
      (vitrail_profile_event){region, vitrail_microseconds()};
}

//===----------------------------------------------------------------------===//
// Barrier
//===----------------------------------------------------------------------===//

/* Two threads tell each other: they meet in the time that one cache line takes
 * to travel. More count themselves in, and the last one opens the barrier for
 * all. (Telling each other in log2(threads) rounds was several times slower
 * where a thread has to wait for a CPU: each round waits for it.) */
static void arrive(vitrail_team *team, member *me) {
  uint32_t arrivals = ++me->arrivals;
  if (team->threads == 2) {
    vitrail_change(&team->opened[1 - me->thread], arrivals);
  } else if (atomic_fetch_add_explicit(&team->arrived, 1,
                                       memory_order_acq_rel) +
                 1 ==
             team->threads) {
    /* Nobody arrives at the next barrier before this one opens. */
    atomic_store_explicit(&team->arrived, 0, memory_order_relaxed);
    vitrail_change(&team->opened[0], arrivals);
  }
}

void vitrail_barrier(vitrail_team *team) {
  if (team->threads == 1)
    return;
  member *me = self;
  if (team->profiling)
    record(me, VITRAIL_PROFILE_WAITING);
  arrive(team, me);
  /* Of two threads, the other may be one barrier ahead but is never behind: so
   * waiting for any change is right. */
  vitrail_word *opened = &team->opened[team->threads == 2 ? me->thread : 0];
  vitrail_wait_while(opened, me->arrivals - 1, &team->at_barrier);
  if (team->profiling)
    record(me, VITRAIL_PROFILE_BETWEEN);
}

//===----------------------------------------------------------------------===//
// Jobs
//===----------------------------------------------------------------------===//

static void bind_to(int cpu) {
  enum { LIMIT = 8192 };
  cpu_set_t *set = CPU_ALLOC(LIMIT);
  if (!set)
    return;
  size_t size = CPU_ALLOC_SIZE(LIMIT);
  CPU_ZERO_S(size, set);
  CPU_SET_S(cpu, size, set);
  /* A machine that refuses runs as fast as it can without. */
  (void)sched_setaffinity(0, size, set);
  CPU_FREE(set);
}

static void *work(void *argument) {
  member *me = self = argument;
  vitrail_team *team = me->team;
  if (me->cpu >= 0)
    bind_to(me->cpu);
  for (uint32_t started = 0;; ++started) {
    vitrail_wait_while(&team->started, started, &team->when_idle);
    vitrail_job job = team->job;
    if (!job)
      return NULL;
    job(team->argument, me->thread);
    if (team->profiling)
      record(me, VITRAIL_PROFILE_BETWEEN);
    /* Only the caller needs to know that all are through. */
    arrive(team, me);
  }
}

static void start(vitrail_team *team, vitrail_job job, void *argument) {
  team->job = job;
  team->argument = argument;
  uint32_t started =
      atomic_load_explicit(&team->started.value, memory_order_relaxed);
  vitrail_change(&team->started, started + 1);
}

void vitrail_team_run(vitrail_team *team, vitrail_job job, void *argument) {
  /* The caller may be at work in another team, too. */
  member *other = self;
  self = &team->members[0];
  if (team->threads > 1)
    start(team, job, argument);
  job(argument, 0);
  vitrail_barrier(team);
  self = other;
}

int vitrail_team_threads(const vitrail_team *team) { return team->threads; }

void vitrail_team_set_matmuls(vitrail_team *team, void *state) {
  team->matmuls = state;
}

void *vitrail_team_matmuls(const vitrail_team *team) { return team->matmuls; }

//===----------------------------------------------------------------------===//
// Life
//===----------------------------------------------------------------------===//

static void set_patience(vitrail_team *team, int available) {
  const uint64_t microsecond = VITRAIL_TICKS_PER_MICROSECOND;
  if (team->threads <= available) {
    team->at_barrier = (vitrail_patience){50 * microsecond, 1000 * microsecond};
    team->when_idle = (vitrail_patience){200 * microsecond, 2000 * microsecond};
  } else {
    /* Who is awaited needs the CPU of who waits: let go of it at once. */
    team->at_barrier = (vitrail_patience){0, 20 * microsecond};
    team->when_idle = (vitrail_patience){0, 200 * microsecond};
  }
}

static int start_worker(member *worker) {
  int failure = pthread_create(&worker->handle, NULL, work, worker);
  if (failure)
    return failure;
  char name[16];
  snprintf(name, sizeof(name), "vitrail-%d", worker->thread);
  (void)pthread_setname_np(worker->handle, name);
  return 0;
}

static vitrail_team *allocate(int threads, const int *cpus) {
  vitrail_team *team = aligned_alloc(_Alignof(vitrail_team), sizeof(*team));
  if (!team)
    return NULL;
  memset(team, 0, sizeof(*team));
  team->threads = threads;
  team->members =
      aligned_alloc(_Alignof(member), (size_t)threads * sizeof(member));
  if (!team->members) {
    free(team);
    return NULL;
  }
  for (int i = 0; i < threads; ++i)
    team->members[i] =
        (member){.team = team, .thread = i, .cpu = cpus ? cpus[i] : -1};
  return team;
}

vitrail_team *vitrail_team_create(int threads, int available, const int *cpus,
                                  char *error) {
  vitrail_team *team = allocate(threads, cpus);
  if (!team) {
    vitrail_fail(error, VITRAIL_OUT_OF_MEMORY,
                 "no memory for a team of %d threads", threads);
    return NULL;
  }
  set_patience(team, available);

  /* Signals are the caller's business: no handler of his runs on our threads.
   */
  sigset_t all, before;
  sigfillset(&all);
  pthread_sigmask(SIG_SETMASK, &all, &before);
  int failure = 0;
  while (team->workers + 1 < threads && !failure) {
    failure = start_worker(&team->members[team->workers + 1]);
    team->workers += !failure;
  }
  pthread_sigmask(SIG_SETMASK, &before, NULL);

  if (failure) {
    vitrail_fail(error, VITRAIL_THREAD_FAILURE,
                 "cannot start thread %d of %d: %s; ask for fewer threads",
                 team->workers + 2, threads, strerror(failure));
    vitrail_team_destroy(team);
    return NULL;
  }
  if (cpus)
    bind_to(cpus[0]);
  return team;
}

void vitrail_team_destroy(vitrail_team *team) {
  if (team->workers)
    start(team, NULL, NULL);
  for (int i = 1; i <= team->workers; ++i)
    pthread_join(team->members[i].handle, NULL);
  vitrail_team_abandon(team);
}

void vitrail_team_abandon(vitrail_team *team) {
  for (int i = 0; i < team->threads; ++i)
    free(team->members[i].events);
  free(team->members);
  free(team);
}

//===----------------------------------------------------------------------===//
// Profiles
//===----------------------------------------------------------------------===//

double vitrail_microseconds(void) {
  struct timespec now;
  clock_gettime(CLOCK_MONOTONIC, &now);
  return (double)now.tv_sec * 1e6 + (double)now.tv_nsec * 1e-3;
}

void vitrail_profile_start(vitrail_team *team) {
  for (int i = 0; i < team->threads; ++i)
    team->members[i].events_count = 0;
  team->profiling = 1;
}

void vitrail_profile_stop(vitrail_team *team) { team->profiling = 0; }

const vitrail_profile_event *vitrail_profile_events(const vitrail_team *team,
                                                    int thread, size_t *count) {
  *count = team->members[thread].events_count;
  return team->members[thread].events;
}

void vitrail_team_observe(vitrail_team *team, vitrail_observer observer,
                          void *argument) {
  team->observer = observer;
  team->observed = argument;
  team->profiling = observer != NULL;
}

void vitrail_profile_region(vitrail_team *team, int64_t index) {
  if (team->observer)
    team->observer(team->observed, index);
  else
    record(self, index);
}
