/*===- cpu_count.c - How many threads are worth starting ----------*- C -*-===//
//
// Part of Vitrail, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===*/

#define _GNU_SOURCE
#include "cpu.h"

#include <fcntl.h>
#include <limits.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* Reads a small file of /proc or /sys, terminated by a zero; 0 on success. */
static int read_text(const char *path, char *text, size_t size) {
  int file = open(path, O_RDONLY | O_CLOEXEC);
  if (file < 0)
    return -1;
  size_t used = 0;
  while (used + 1 < size) {
    ssize_t got = read(file, text + used, size - 1 - used);
    if (got <= 0)
      break;
    used += (size_t)got;
  }
  close(file);
  text[used] = '\0';
  return 0;
}

int vitrail_quota_cpus(long long quota, long long period) {
  if (quota <= 0 || period <= 0)
    return 0;
  long long cpus = quota / period;
  return cpus < 1 ? 1 : cpus > INT_MAX ? INT_MAX : (int)cpus;
}

int vitrail_parse_cpu_max(const char *text) {
  long long quota, period;
  if (sscanf(text, "%18lld %18lld", &quota, &period) != 2)
    return 0;
  return vitrail_quota_cpus(quota, period);
}

static int stricter(int a, int b) {
  if (!a || !b)
    return a ? a : b;
  return a < b ? a : b;
}

/* The quota in one folder of the hierarchy, 0 if it has none. */
static int folder_quota(const char *folder, int version) {
  char path[PATH_MAX + 32], text[64];
  if (version == 2) {
    snprintf(path, sizeof(path), "%s/cpu.max", folder);
    return read_text(path, text, sizeof(text)) ? 0
                                               : vitrail_parse_cpu_max(text);
  }
  snprintf(path, sizeof(path), "%s/cpu.cfs_quota_us", folder);
  if (read_text(path, text, sizeof(text)))
    return 0;
  long long quota = strtoll(text, NULL, 10);
  snprintf(path, sizeof(path), "%s/cpu.cfs_period_us", folder);
  if (read_text(path, text, sizeof(text)))
    return 0;
  return vitrail_quota_cpus(quota, strtoll(text, NULL, 10));
}

/* The strictest quota from `group` up to the root of the hierarchy at `mount`.
 * Folders that a container does not see are skipped. */
static int hierarchy_quota(const char *mount, const char *group, int version) {
  char folder[PATH_MAX];
  int length = snprintf(folder, sizeof(folder), "%s%s", mount, group);
  if (length < 0 || (size_t)length >= sizeof(folder))
    return 0;
  int quota = 0;
  for (size_t root = strlen(mount);;) {
    quota = stricter(quota, folder_quota(folder, version));
    char *slash = strrchr(folder, '/');
    if (strlen(folder) <= root || !slash || (size_t)(slash - folder) < root)
      return quota;
    *slash = '\0';
  }
}

static int has_controller(const char *list, const char *name) {
  size_t length = strlen(name);
  for (const char *p = list; *p;) {
    size_t n = strcspn(p, ",");
    if (n == length && memcmp(p, name, n) == 0)
      return 1;
    p += n;
    p += *p == ',';
  }
  return 0;
}

int vitrail_cgroup_cpus(const char *proc_cgroup, const char *root) {
  char text[16384], mount[PATH_MAX];
  if (read_text(proc_cgroup, text, sizeof(text)))
    return 0;
  int quota = 0;
  char *rest = NULL;
  for (char *line = strtok_r(text, "\n", &rest); line;
       line = strtok_r(NULL, "\n", &rest)) {
    /* "0::/path" is version 2, "4:cpu,cpuacct:/path" is version 1. */
    char *controllers = strchr(line, ':');
    char *group = controllers ? strchr(controllers + 1, ':') : NULL;
    if (!group)
      continue;
    *group++ = '\0';
    ++controllers;
    if (!*controllers) {
      quota = stricter(quota, hierarchy_quota(root, group, 2));
    } else if (has_controller(controllers, "cpu")) {
      static const char *const mounts[] = {"cpu", "cpu,cpuacct"};
      for (int i = 0; i < 2; ++i) {
        snprintf(mount, sizeof(mount), "%s/%s", root, mounts[i]);
        quota = stricter(quota, hierarchy_quota(mount, group, 1));
      }
    }
  }
  return quota;
}

int vitrail_parse_first_cpu(const char *list) {
  char *end;
  long cpu = strtol(list, &end, 10);
  return end == list || cpu < 0 || cpu > INT_MAX ? -1 : (int)cpu;
}

/* Number of the core that `cpu` is a hardware thread of: its first CPU. */
static int core_of(int cpu) {
  char path[96], text[256];
  snprintf(path, sizeof(path),
           "/sys/devices/system/cpu/cpu%d/topology/thread_siblings_list", cpu);
  if (read_text(path, text, sizeof(text)))
    return cpu;
  int first = vitrail_parse_first_cpu(text);
  return first < 0 ? cpu : first;
}

void vitrail_find_cpus(vitrail_cpus *result) {
  enum { LIMIT = 8192, CAPACITY = sizeof(result->cpus) / sizeof(int) };
  unsigned char seen[LIMIT / 8] = {0};
  int siblings[CAPACITY];
  int sibling_count = 0;
  result->count = result->cores = 0;
  result->quota = vitrail_cgroup_cpus("/proc/self/cgroup", "/sys/fs/cgroup");

  cpu_set_t *set = CPU_ALLOC(LIMIT);
  size_t size = CPU_ALLOC_SIZE(LIMIT);
  if (set && sched_getaffinity(0, size, set) == 0) {
    for (int cpu = 0; cpu < LIMIT && result->count < CAPACITY; ++cpu) {
      if (!CPU_ISSET_S(cpu, size, set))
        continue;
      ++result->count;
      int core = core_of(cpu);
      if (core < LIMIT && (seen[core / 8] >> core % 8 & 1)) {
        siblings[sibling_count++] = cpu;
        continue;
      }
      if (core < LIMIT)
        seen[core / 8] |= (unsigned char)(1u << core % 8);
      result->cpus[result->cores++] = cpu;
    }
  }
  if (set)
    CPU_FREE(set);
  memcpy(result->cpus + result->cores, siblings,
         sizeof(int) * (size_t)sibling_count);
  if (result->count == 0) { /* no affinity to be had: one thread always runs */
    result->cpus[0] = 0;
    result->count = result->cores = 1;
  }
}

int vitrail_available_threads(const vitrail_cpus *cpus) {
  return stricter(cpus->count, cpus->quota);
}

/* One thread per core: the hardware threads of a core share its vector units,
 * so a second one adds waiting at barriers and nothing else. */
int vitrail_default_threads(const vitrail_cpus *cpus, int contexts,
                            long max_threads) {
  int threads = stricter(cpus->cores, cpus->quota) / contexts;
  if (threads < 1)
    threads = 1;
  if (max_threads > 0 && threads > max_threads)
    threads = (int)max_threads;
  return threads;
}
