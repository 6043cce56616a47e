/*===- Latency.c - Prints what waiting costs --------------------* -*- C
-*-===//
//
// Part of Vitrail, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===*/

#define _GNU_SOURCE
#include "Mock.h"
#include "team.h"

#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <unistd.h>

enum { BARRIERS = 100000, JOBS = 20000 };

static void barriers(void *team, int thread) {
  (void)thread;
  for (int i = 0; i < BARRIERS; ++i)
    vitrail_barrier(team);
}

static void nothing(void *team, int thread) { (void)team, (void)thread; }

static double cpu_seconds(void) {
  struct rusage usage;
  getrusage(RUSAGE_SELF, &usage);
  return (double)(usage.ru_utime.tv_sec + usage.ru_stime.tv_sec) +
         1e-6 * (double)(usage.ru_utime.tv_usec + usage.ru_stime.tv_usec);
}

int main(int argc, char **argv) {
  int threads = argc > 1 ? atoi(argv[1]) : 2;
  int available = argc > 2 ? atoi(argv[2]) : threads;
  char error[1024];
  vitrail_team *team = vitrail_team_create(threads, available, NULL, error);
  if (!team)
    return puts(error), 1;
  setvbuf(stdout, NULL, _IOLBF, 0);
  for (int i = 0; i < 3; ++i) {
    double begin = vitrail_microseconds();
    vitrail_team_run(team, barriers, team);
    printf("barrier: %.3f us\n", (vitrail_microseconds() - begin) / BARRIERS);
    begin = vitrail_microseconds();
    for (int j = 0; j < JOBS; ++j)
      vitrail_team_run(team, nothing, team);
    printf("fork and join: %.3f us\n", (vitrail_microseconds() - begin) / JOBS);
  }
  usleep(20000);
  double before = cpu_seconds();
  usleep(1000000);
  printf("idle: %.6f s of CPU in a second\n", cpu_seconds() - before);
  double begin = vitrail_microseconds();
  vitrail_team_run(team, nothing, team);
  printf("fork and join after sleep: %.3f us\n",
         vitrail_microseconds() - begin);
  vitrail_team_destroy(team);
  return 0;
}
