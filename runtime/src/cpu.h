/*===- cpu.h - What this machine lends to the program -------------*- C -*-===//
//
// Part of Vitrail, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===*/

#ifndef VITRAIL_SRC_CPU_H
#define VITRAIL_SRC_CPU_H

#include <stddef.h>

#ifdef __cplusplus
extern "C" {
#endif

/* Writes to `missing` the names among `features` (separated by spaces) that
 * this CPU or its operating system lacks or that the runtime does not know, and
 * returns their number. Those that the environment's VITRAIL_HIDE_CPU_FEATURES
 * names count as lacking: so one machine shows what a program does on a lesser
 * one. */
int vitrail_missing_cpu_features(const char *features, char *missing,
                                 size_t size);

/* The CPUs that this process may use. */
typedef struct vitrail_cpus {
  int cpus[1024]; /* numbers, one CPU of every core first */
  int count;      /* logical CPUs in the affinity mask */
  int cores;      /* physical cores among them */
  int quota;      /* whole CPUs that the cgroup grants, 0 if unlimited */
} vitrail_cpus;

void vitrail_find_cpus(vitrail_cpus *cpus);

/* Threads of each of so many contexts that run at the same time, for a program
 * that can use at most `max_threads` (0: any number). */
int vitrail_default_threads(const vitrail_cpus *cpus, int contexts,
                            long max_threads);

/* Threads that can really run at once. */
int vitrail_available_threads(const vitrail_cpus *cpus);

/* Whole CPUs that a quota in microseconds grants: at least 1; 0 if there is no
 * limit. Rounded down, for a throttled thread stalls all others at the next
 * barrier. */
int vitrail_quota_cpus(long long quota, long long period);

/* The same from the text of cgroup v2's cpu.max: "max 100000" or
 * "150000 100000". Text that is neither means no limit. */
int vitrail_parse_cpu_max(const char *text);

/* The smallest quota on the way from this process's cgroup to the root, 0 if
 * there is none: `proc_cgroup` is /proc/self/cgroup, `root` is where cgroups
 * are mounted. */
int vitrail_cgroup_cpus(const char *proc_cgroup, const char *root);

/* Smallest number in a list such as "0,32" or "2-3", -1 if there is none. */
int vitrail_parse_first_cpu(const char *list);

#ifdef __cplusplus
}
#endif
#endif /* VITRAIL_SRC_CPU_H */
