/*===- team.h - The threads that run one inference together -------*- C -*-===//
//
// Part of Vitrail, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// A team is the caller, thread 0, and the workers that it keeps waiting. One
// job at a time: all threads run it (SPMD) and the caller returns when all are
// through. Waiting threads spin, then yield, then sleep in the kernel, where
// they cost nothing.
//
//===----------------------------------------------------------------------===*/

#ifndef VITRAIL_SRC_TEAM_H
#define VITRAIL_SRC_TEAM_H

#include "vitrail/runtime.h"

#ifdef __cplusplus
extern "C" {
#endif

/* One thread's share of a job. */
typedef void (*vitrail_job)(void *argument, int thread);

/* Starts threads - 1 workers; `available` is how many can run at once. With
 * `cpus`, thread i (the caller is 0) is bound to cpus[i]. Returns NULL with a
 * message in `error`. */
vitrail_team *vitrail_team_create(int threads, int available, const int *cpus,
                                  char *error);

/* Ends the workers. Not after fork(): see vitrail_team_abandon. */
void vitrail_team_destroy(vitrail_team *team);

/* Frees a team whose workers exist in the parent process only. */
void vitrail_team_abandon(vitrail_team *team);

int vitrail_team_threads(const vitrail_team *team);

/* Runs `job` on every thread of the team. */
void vitrail_team_run(vitrail_team *team, vitrail_job job, void *argument);

/* What a library prepared for the products of the team's jobs; it stays the
 * caller's. */
void vitrail_team_set_matmuls(vitrail_team *team, void *state);
void *vitrail_team_matmuls(const vitrail_team *team);

/* What a thread does from a moment of a profiled run on. */
typedef struct vitrail_profile_event {
  int64_t region;      /* its number, or one of those below */
  double microseconds; /* on an arbitrary clock */
} vitrail_profile_event;

enum {
  VITRAIL_PROFILE_WAITING = -1, /* at a barrier, for other threads */
  VITRAIL_PROFILE_BETWEEN = -2, /* regions */
};

/* From now on every thread records what it does, after forgetting what was
 * recorded before. */
void vitrail_profile_start(vitrail_team *team);

/* Ends recording. */
void vitrail_profile_stop(vitrail_team *team);

/* What a thread recorded; it belongs to the team. */
const vitrail_profile_event *vitrail_profile_events(const vitrail_team *team,
                                                    int thread, size_t *count);

/* From now on, and until it is called with NULL, each region that begins is
 * told to `observer` instead. For teams of one thread. */
typedef void (*vitrail_observer)(void *argument, int64_t region);
void vitrail_team_observe(vitrail_team *team, vitrail_observer observer,
                          void *argument);

/* The clock of profiles and benchmarks. */
double vitrail_microseconds(void);

#ifdef __cplusplus
}
#endif
#endif /* VITRAIL_SRC_TEAM_H */
