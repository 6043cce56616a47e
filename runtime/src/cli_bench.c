/*===- cli_bench.c - --bench --------------------------------------* -*- C
-*-===//
//
// Part of Vitrail, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===*/

#include "cli.h"

#include "team.h"

#include <stdio.h>
#include <stdlib.h>

/* Without --runs: until a second has passed, within these bounds. */
enum { LEAST_RUNS = 20, MOST_RUNS = 2000 };

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

/* Fills `times` with milliseconds and `count` with their number. */
static int measure(cli_session *session, double *times, int *count,
                   char *error) {
  int runs = session->options->runs;
  double begin = vitrail_microseconds();
  for (*count = 0; *count < (runs ? runs : MOST_RUNS);) {
    double before = vitrail_microseconds();
    if (!runs && *count >= LEAST_RUNS && before - begin >= 1e6)
      break;
    int status = cli_run(session, error);
    if (status)
      return status;
    times[(*count)++] = (vitrail_microseconds() - before) * 1e-3;
  }
  return VITRAIL_OK;
}

static void report(const cli_session *session, double *times, int count) {
  qsort(times, (size_t)count, sizeof(*times), ascending);
  double median = percentile(times, count, 0.5);
  double p10 = percentile(times, count, 0.1);
  double p90 = percentile(times, count, 0.9);
  double gflops =
      median > 0 ? session->entry->flops / (median * 1e-3) * 1e-9 : 0;
  int threads = vitrail_threads(session->context);
  if (session->options->json)
    printf("{\"median_ms\": %.6g, \"p10_ms\": %.6g, \"p90_ms\": %.6g, "
           "\"runs\": %d, \"threads\": %d, \"gflops\": %.6g}\n",
           median, p10, p90, count, threads, gflops);
  else
    printf("median %.3f ms, p10 %.3f ms, p90 %.3f ms (%d runs, %d thread%s), "
           "%.1f GFLOP/s\n",
           median, p10, p90, count, threads, threads == 1 ? "" : "s", gflops);
}

int cli_bench(const vitrail_program *program, const cli_options *options,
              char *error) {
  int runs = options->runs ? options->runs : MOST_RUNS, count = 0;
  double *times = malloc((size_t)runs * sizeof(*times));
  if (!times)
    return vitrail_fail(error, VITRAIL_OUT_OF_MEMORY, "no memory for %d runs",
                        runs);
  cli_session session;
  int status = cli_open(&session, program, options, error);
  if (!status)
    status = cli_warm_up(&session, error);
  if (!status)
    status = measure(&session, times, &count, error);
  if (!status)
    report(&session, times, count);
  cli_close(&session);
  free(times);
  return status;
}
