/*===- wait.h - Waiting for a word to change ----------------------*- C -*-===//
//
// Part of Vitrail, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The one way in which threads of a team wait: spin while the answer is near,
// yield in case that the thread we wait for needs this CPU, then sleep on a
// futex.
//
//===----------------------------------------------------------------------===*/

#ifndef VITRAIL_SRC_WAIT_H
#define VITRAIL_SRC_WAIT_H

#include <limits.h>
#include <linux/futex.h>
#include <sched.h>
#include <stdatomic.h>
#include <stdint.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

/* Fills its cache line, with the neighbour that prefetchers fetch along. */
typedef struct vitrail_word {
  _Alignas(128) _Atomic uint32_t value;
  _Atomic uint32_t
      sleepers; /* read by whoever changes the value, so beside it */
} vitrail_word;

/* When a wait goes on to its next stage, in ticks since its begin. */
typedef struct vitrail_patience {
  uint64_t spin;
  uint64_t yield;
} vitrail_patience;

/* A clock to measure patience by: cheap, roughly right. Time stamp counters run
 * at 1-5 GHz; that our microseconds are off by a factor of two does not matter.
 */
#if defined(__x86_64__)
#define VITRAIL_TICKS_PER_MICROSECOND 2500
static inline uint64_t vitrail_ticks(void) { return __builtin_ia32_rdtsc(); }
static inline void vitrail_pause(void) { __builtin_ia32_pause(); }
#else
#define VITRAIL_TICKS_PER_MICROSECOND 1000
static inline uint64_t vitrail_ticks(void) {
  struct timespec now;
  clock_gettime(CLOCK_MONOTONIC, &now);
  return (uint64_t)now.tv_sec * 1000000000u + (uint64_t)now.tv_nsec;
}
static inline void vitrail_pause(void) {
#if defined(__aarch64__)
  __asm__ volatile("yield");
#endif
}
#endif

static inline void vitrail_sleep_while(vitrail_word *word, uint32_t old) {
  atomic_fetch_add(&word->sleepers, 1);
  /* The kernel compares the value again, so a change between our look and our
   * sleep is not missed; the changer sees `sleepers` (both are sequentially
   * consistent). */
  while (atomic_load(&word->value) == old)
    syscall(SYS_futex, &word->value, FUTEX_WAIT_PRIVATE, old, NULL, NULL, 0);
  atomic_fetch_sub(&word->sleepers, 1);
}

/* Returns when the word no longer holds `old`. */
static inline void vitrail_wait_while(vitrail_word *word, uint32_t old,
                                      const vitrail_patience *patience) {
  for (int i = 0; i < 128; ++i) {
    if (atomic_load_explicit(&word->value, memory_order_acquire) != old)
      return;
    vitrail_pause();
  }
  uint64_t begin = vitrail_ticks(), waited = 0;
  while (waited < patience->yield) {
    for (int i = 0; i < 32; ++i) {
      if (atomic_load_explicit(&word->value, memory_order_acquire) != old)
        return;
      vitrail_pause();
    }
    if (waited > patience->spin)
      sched_yield();
    waited = vitrail_ticks() - begin;
  }
  vitrail_sleep_while(word, old);
}

/* Changes the word and wakes who sleeps on it. */
static inline void vitrail_change(vitrail_word *word, uint32_t value) {
  atomic_store(&word->value, value);
  if (atomic_load(&word->sleepers))
    syscall(SYS_futex, &word->value, FUTEX_WAKE_PRIVATE, INT_MAX, NULL, NULL,
            0);
}

#endif /* VITRAIL_SRC_WAIT_H */
