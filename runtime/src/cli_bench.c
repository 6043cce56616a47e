/*===- cli_bench.c - --bench --------------------------------------*- C -*-===//
//
// Part of Vitrail, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Latency: one context, one run after the other. Throughput: several contexts
// at the same time, each of which takes the next run as soon as it is free.
//
//===----------------------------------------------------------------------===*/

#include "cli.h"

#include "cpu.h"
#include "team.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>

/* Without --runs: until a second has passed, within these bounds for each
 * context. */
enum { LEAST_RUNS = 20, MOST_RUNS = 2000 };

typedef struct measurement {
  int contexts;
  int least, most;      /* runs */
  double *times;        /* of `most` runs, in milliseconds */
  pthread_mutex_t lock; /* of what follows */
  double begin;         /* of the first run, in microseconds; 0 before */
  int taken;            /* runs that are some context's */
  double rate;          /* runs a second of the contexts that are through */
  int threads;          /* of each context */
} measurement;

static int ascending(const void *a, const void *b) {
  double x = *(const double *)a, y = *(const double *)b;
  return (x > y) - (x < y);
}

/* Interpolates between the two nearest measurements. */
static double percentile(const double *sorted, int count, double fraction) {
  double position = fraction * (count - 1);
  int below = (int)position;
  int above = below + 1 < count ? below + 1 : below;
  return sorted[below] + (position - below) * (sorted[above] - sorted[below]);
}

/* The number of the next run, -1 if there is none. */
static int take_run(measurement *m, double now) {
  int run = -1;
  pthread_mutex_lock(&m->lock);
  if (m->begin == 0)
    m->begin = now;
  if (m->taken < m->least || (m->taken < m->most && now - m->begin < 1e6))
    run = m->taken++;
  pthread_mutex_unlock(&m->lock);
  return run;
}

/* Measures on one of the contexts. Its rate is over its own time: at the end,
 * it does not wait for the others. */
static int measure(cli_session *session, void *argument, char *error) {
  measurement *m = argument;
  int status = cli_fill_batch(session, error);
  if (!status)
    status = cli_warm_up(session, error);
  if (status)
    return status;
  int count = 0, run;
  double begin = vitrail_microseconds(), before = begin;
  while ((run = take_run(m, before)) >= 0) {
    status = cli_run(session, error);
    if (status)
      return status;
    double after = vitrail_microseconds();
    m->times[run] = (after - before) * 1e-3;
    before = after;
    ++count;
  }
  pthread_mutex_lock(&m->lock);
  m->rate += before > begin ? count / ((before - begin) * 1e-6) : 0;
  m->threads = vitrail_threads(session->context);
  pthread_mutex_unlock(&m->lock);
  return VITRAIL_OK;
}

static const char *plural(int64_t count) { return count == 1 ? "" : "s"; }

static void report(const vitrail_entry *entry, const cli_options *options,
                   measurement *m) {
  qsort(m->times, (size_t)m->taken, sizeof(*m->times), ascending);
  double median = percentile(m->times, m->taken, 0.5);
  double p10 = percentile(m->times, m->taken, 0.1);
  double p90 = percentile(m->times, m->taken, 0.9);
  double rate = options->throughput ? m->rate : median > 0 ? 1e3 / median : 0;
  double gflops = entry->flops * rate * 1e-9;
  double images = rate * (double)cli_batch(entry);
  if (options->json)
    printf("{\"median_ms\": %.6g, \"p10_ms\": %.6g, \"p90_ms\": %.6g, "
           "\"runs\": %d, \"threads\": %d, \"gflops\": %.6g",
           median, p10, p90, m->taken, m->threads, gflops);
  if (options->json && options->throughput)
    printf(", \"contexts\": %d, \"images_per_second\": %.6g", m->contexts,
           images);
  if (options->json) {
    printf("}\n");
    return;
  }
  if (options->throughput)
    printf("%.2f images/s in %d context%s, ", images, m->contexts,
           plural(m->contexts));
  printf("median %.3f ms, p10 %.3f ms, p90 %.3f ms (%d runs, %d thread%s%s), "
         "%.1f GFLOP/s\n",
         median, p10, p90, m->taken, m->threads, plural(m->threads),
         options->throughput ? " each" : "", gflops);
}

/* One context, or for throughput as many as there is room for; of one thread
 * each unless told otherwise. */
static int count_contexts(const cli_options *options) {
  if (!options->throughput || options->contexts)
    return options->contexts ? options->contexts : 1;
  vitrail_cpus cpus;
  vitrail_find_cpus(&cpus);
  int threads = options->threads ? options->threads : 1;
  int contexts = vitrail_default_threads(&cpus, 1, 0) / threads;
  return contexts < 1 ? 1 : contexts;
}

int cli_bench(const vitrail_program *program, const cli_options *options,
              char *error) {
  const vitrail_entry *entry = &program->entries[options->entry];
  measurement m = {.contexts = count_contexts(options)};
  m.least = options->runs ? options->runs : LEAST_RUNS * m.contexts;
  m.most = options->runs ? options->runs : MOST_RUNS * m.contexts;
  m.times = malloc((size_t)m.most * sizeof(*m.times));
  if (!m.times)
    return vitrail_fail(error, VITRAIL_OUT_OF_MEMORY, "no memory for %d runs",
                        m.most);
  cli_options wanted = *options;
  if (options->throughput && !options->threads)
    wanted.threads = 1;
  cli_warn_of_threads(entry, &wanted, m.contexts);
  pthread_mutex_init(&m.lock, NULL);
  int status =
      cli_on_contexts(program, &wanted, m.contexts, measure, &m, error);
  if (!status)
    report(entry, options, &m);
  pthread_mutex_destroy(&m.lock);
  free(m.times);
  return status;
}
