/*===- cli_profile.c - --profile ----------------------------------*- C -*-===//
//
// Part of Vitrail, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===*/

#include "cli.h"

#include "context.h"
#include "file.h"
#include "json.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* A time in which a thread did one thing. */
typedef struct span {
  int thread;
  int64_t region; /* or VITRAIL_PROFILE_WAITING */
  double begin, end;
} span;

/* One inference: what all threads did between its begin and its end. */
typedef struct recording {
  span *spans;
  size_t count;
  double begin, end;
} recording;

/* The time of one region in one inference: the mean of all threads', so that
 * all times add up to that of the inference. */
typedef struct region_time {
  uint32_t region;
  double microseconds;
} region_time;

static int count_runs(const cli_options *options) {
  return options->runs ? options->runs : 11;
}

static double duration(const recording *r) { return r->end - r->begin; }

static int by_duration(const void *a, const void *b) {
  double x = duration(a), y = duration(b);
  return (x > y) - (x < y);
}

static int longest_first(const void *a, const void *b) {
  double x = ((const region_time *)a)->microseconds;
  double y = ((const region_time *)b)->microseconds;
  return (x < y) - (x > y);
}

/* Appends what a thread did. */
static int append_spans(recording *r, int thread,
                        const vitrail_profile_event *events, size_t count) {
  span *spans = realloc(r->spans, (r->count + count + 1) * sizeof(*spans));
  if (!spans)
    return 0;
  r->spans = spans;
  for (size_t i = 0; i < count; ++i) {
    double end = i + 1 < count ? events[i + 1].microseconds : r->end;
    if (events[i].region != VITRAIL_PROFILE_BETWEEN)
      spans[r->count++] =
          (span){thread, events[i].region, events[i].microseconds, end};
  }
  return 1;
}

static int record(cli_session *session, recording *r, char *error) {
  vitrail_team *team = vitrail_context_team(session->context);
  vitrail_profile_start(team);
  r->begin = vitrail_microseconds();
  int status = cli_run(session, error);
  r->end = vitrail_microseconds();
  vitrail_profile_stop(team);
  for (int i = 0; i < vitrail_threads(session->context) && !status; ++i) {
    size_t count;
    const vitrail_profile_event *events =
        vitrail_profile_events(team, i, &count);
    if (!append_spans(r, i, events, count))
      status =
          vitrail_fail(error, VITRAIL_OUT_OF_MEMORY, "no memory to profile");
  }
  return status;
}

static int is_region(const vitrail_entry *entry, int64_t region) {
  return region >= 0 && region < (int64_t)entry->num_regions;
}

/* Fills in the times of all regions, in order; returns that of waiting. */
static double add_up(const cli_session *session, const recording *r,
                     region_time *times) {
  double share = 1.0 / vitrail_threads(session->context), waiting = 0;
  for (uint32_t i = 0; i < session->entry->num_regions; ++i)
    times[i] = (region_time){i, 0};
  for (size_t i = 0; i < r->count; ++i) {
    const span *s = &r->spans[i];
    double microseconds = (s->end - s->begin) * share;
    if (is_region(session->entry, s->region))
      times[s->region].microseconds += microseconds;
    else
      waiting += microseconds;
  }
  return waiting;
}

//===----------------------------------------------------------------------===//
// The table
//===----------------------------------------------------------------------===//

static double gflops(double flops, double microseconds) {
  return microseconds > 0 ? flops / microseconds * 1e-3 : 0;
}

static void print_row(const char *name, double microseconds, double total,
                      double flops) {
  printf("%10.3f %6.1f%% ", microseconds * 1e-3,
         total > 0 ? 100 * microseconds / total : 0);
  if (flops > 0 && microseconds > 0)
    printf("%9.1f  %s\n", gflops(flops, microseconds), name);
  else
    printf("%9s  %s\n", "-", name);
}

static void print_table(const cli_session *session, const recording *r,
                        region_time *times, double waiting) {
  const vitrail_entry *entry = session->entry;
  int threads = vitrail_threads(session->context);
  double total = duration(r), rest = total - waiting;
  printf("%10s %7s %9s  region (the median run, %d thread%s)\n", "ms", "share",
         "GFLOP/s", threads, threads == 1 ? "" : "s");
  qsort(times, entry->num_regions, sizeof(*times), longest_first);
  for (uint32_t i = 0; i < entry->num_regions; ++i) {
    const vitrail_region *region = &entry->regions[times[i].region];
    rest -= times[i].microseconds;
    if (times[i].microseconds > 0)
      print_row(region->name, times[i].microseconds, total, region->flops);
  }
  if (threads > 1)
    print_row("waiting at barriers", waiting, total, 0);
  print_row("outside of regions", rest, total, 0);
  print_row("total", total, total, entry->flops);
}

//===----------------------------------------------------------------------===//
// The trace: Chrome's trace event format, which Perfetto reads
//===----------------------------------------------------------------------===//

static void write_span(FILE *stream, const cli_session *session,
                       const recording *r, const span *s,
                       const region_time *times) {
  int known = is_region(session->entry, s->region);
  fprintf(stream,
          ",\n{\"ph\": \"X\", \"pid\": 1, \"tid\": %d, \"ts\": %.3f, "
          "\"dur\": %.3f, \"cat\": \"%s\", \"name\": ",
          s->thread + 1, s->begin - r->begin, s->end - s->begin,
          known ? "region" : "barrier");
  if (!known) {
    fprintf(stream, "\"waiting\"}");
    return;
  }
  const vitrail_region *region = &session->entry->regions[s->region];
  vitrail_json_string(stream, region->name);
  fprintf(stream,
          ", \"args\": {\"flops\": %.17g, \"bytes\": %.17g, \"gflops\": "
          "%.6g}}",
          region->flops, region->bytes,
          gflops(region->flops, times[s->region].microseconds));
}

/* A track a thread; the inference is on the caller's. `times` in order. */
static void write_trace(FILE *stream, const cli_session *session,
                        const recording *r, const region_time *times) {
  fprintf(stream, "{\"displayTimeUnit\": \"ms\", \"traceEvents\": [\n"
                  "{\"ph\": \"M\", \"pid\": 1, \"name\": \"process_name\", "
                  "\"args\": {\"name\": ");
  vitrail_json_string(stream, session->program->name);
  fprintf(stream, "}}");
  for (int i = 0; i < vitrail_threads(session->context); ++i)
    fprintf(stream,
            ",\n{\"ph\": \"M\", \"pid\": 1, \"tid\": %d, \"name\": "
            "\"thread_name\", \"args\": {\"name\": \"thread %d\"}}",
            i + 1, i);
  fprintf(stream,
          ",\n{\"ph\": \"X\", \"pid\": 1, \"tid\": 1, \"ts\": 0, \"dur\": "
          "%.3f, \"cat\": \"inference\", \"name\": \"inference\"}",
          duration(r));
  for (size_t i = 0; i < r->count; ++i)
    write_span(stream, session, r, &r->spans[i], times);
  fprintf(stream, "\n]}\n");
}

static int write_file(const cli_session *session, const char *path,
                      const recording *r, const region_time *times,
                      char *error) {
  vitrail_output output;
  int status = vitrail_output_open(&output, path, error);
  if (status)
    return status;
  write_trace(output.stream, session, r, times);
  status = vitrail_output_close(&output, error);
  if (status)
    vitrail_output_discard(&output);
  else
    status = vitrail_output_commit(&output, error);
  return status;
}

static int show(const cli_session *session, const recording *r, char *error) {
  region_time *times = calloc(session->entry->num_regions + 1u, sizeof(*times));
  if (!times)
    return vitrail_fail(error, VITRAIL_OUT_OF_MEMORY, "no memory to profile");
  double waiting = add_up(session, r, times);
  const char *path = session->options->profile_file;
  int status = path ? write_file(session, path, r, times, error) : VITRAIL_OK;
  if (!status)
    print_table(session, r, times, waiting);
  free(times);
  return status;
}

/* Profiles on a session; `argument` are the recordings. */
static int profile(cli_session *session, void *argument, char *error) {
  recording *recordings = argument;
  const cli_options *options = session->options;
  int runs = count_runs(options);
  int status = cli_fill_batch(session, error);
  if (!status)
    status = cli_warm_up(session, error);
  for (int i = 0; i < runs && !status; ++i)
    status = record(session, &recordings[i], error);
  if (status)
    return status;
  /* Table and trace show one and the same run. */
  qsort(recordings, (size_t)runs, sizeof(*recordings), by_duration);
  return show(session, &recordings[runs / 2], error);
}

int cli_profile(const vitrail_program *program, const cli_options *options,
                char *error) {
  int runs = count_runs(options);
  recording *recordings = calloc((size_t)runs, sizeof(*recordings));
  if (!recordings)
    return vitrail_fail(error, VITRAIL_OUT_OF_MEMORY, "no memory for %d runs",
                        runs);
  cli_warn_of_threads(&program->entries[options->entry], options, 1);
  int status = cli_on_contexts(program, options, 1, profile, recordings, error);
  for (int i = 0; i < runs; ++i)
    free(recordings[i].spans);
  free(recordings);
  return status;
}
