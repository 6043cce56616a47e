/*===- cli_profile.c - --profile ----------------------------------* -*- C
-*-===//
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

/* One inference: when each region began, and when it all ended. */
typedef struct recording {
  vitrail_profile_event *events;
  size_t count;
  double begin, end;
} recording;

/* The time of one region in one inference. */
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

static int record(cli_session *session, recording *r, char *error) {
  vitrail_team *team = vitrail_context_team(session->context);
  vitrail_profile_start(team);
  r->begin = vitrail_microseconds();
  int status = cli_run(session, error);
  r->end = vitrail_microseconds();
  const vitrail_profile_event *events = vitrail_profile_stop(team, &r->count);
  if (status)
    return status;
  r->events = malloc((r->count + 1) * sizeof(*r->events));
  if (!r->events)
    return vitrail_fail(error, VITRAIL_OUT_OF_MEMORY, "no memory to profile");
  if (r->count)
    memcpy(r->events, events, r->count * sizeof(*r->events));
  return VITRAIL_OK;
}

static double event_duration(const recording *r, size_t i) {
  double end = i + 1 < r->count ? r->events[i + 1].microseconds : r->end;
  return end - r->events[i].microseconds;
}

static int is_known(const vitrail_entry *entry, int64_t region) {
  return region >= 0 && region < (int64_t)entry->num_regions;
}

//===----------------------------------------------------------------------===//
// The table
//===----------------------------------------------------------------------===//

static void print_row(const char *name, double microseconds, double total,
                      double flops) {
  printf("%10.3f %6.1f%% ", microseconds * 1e-3,
         total > 0 ? 100 * microseconds / total : 0);
  if (flops > 0 && microseconds > 0)
    printf("%9.1f  %s\n", flops / microseconds * 1e-3, name);
  else
    printf("%9s  %s\n", "-", name);
}

static int print_table(const cli_session *session, const recording *r,
                       char *error) {
  const vitrail_entry *entry = session->entry;
  region_time *times = calloc(entry->num_regions + 1u, sizeof(*times));
  if (!times)
    return vitrail_fail(error, VITRAIL_OUT_OF_MEMORY, "no memory to profile");
  for (uint32_t i = 0; i < entry->num_regions; ++i)
    times[i].region = i;
  double within = 0;
  for (size_t i = 0; i < r->count; ++i) {
    if (is_known(entry, r->events[i].region))
      times[r->events[i].region].microseconds += event_duration(r, i);
    within += event_duration(r, i);
  }
  qsort(times, entry->num_regions, sizeof(*times), longest_first);

  int threads = vitrail_threads(session->context);
  printf("%10s %7s %9s  region (the median run, %d thread%s)\n", "ms", "share",
         "GFLOP/s", threads, threads == 1 ? "" : "s");
  double total = duration(r);
  for (uint32_t i = 0; i < entry->num_regions; ++i) {
    const vitrail_region *region = &entry->regions[times[i].region];
    if (times[i].microseconds > 0)
      print_row(region->name, times[i].microseconds, total, region->flops);
  }
  print_row("outside of regions", total - within, total, 0);
  print_row("total", total, total, entry->flops);
  free(times);
  return VITRAIL_OK;
}

//===----------------------------------------------------------------------===//
// The trace: Chrome's trace event format, which Perfetto reads
//===----------------------------------------------------------------------===//

static void write_event(FILE *stream, const vitrail_entry *entry,
                        const recording *r, size_t i) {
  double microseconds = event_duration(r, i);
  fprintf(stream,
          ",\n{\"ph\": \"X\", \"pid\": 1, \"tid\": 1, \"ts\": %.3f, "
          "\"dur\": %.3f, \"cat\": \"region\", \"name\": ",
          r->events[i].microseconds - r->begin, microseconds);
  if (!is_known(entry, r->events[i].region)) {
    fprintf(stream, "\"region %lld\"}", (long long)r->events[i].region);
    return;
  }
  const vitrail_region *region = &entry->regions[r->events[i].region];
  vitrail_json_string(stream, region->name);
  fprintf(stream, ", \"args\": {\"flops\": %.17g, \"bytes\": %.17g",
          region->flops, region->bytes);
  if (microseconds > 0)
    fprintf(stream, ", \"gflops\": %.6g", region->flops / microseconds * 1e-3);
  fprintf(stream, "}}");
}

static void write_trace(FILE *stream, const cli_session *session,
                        const recording *r) {
  fprintf(stream, "{\"displayTimeUnit\": \"ms\", \"traceEvents\": [\n"
                  "{\"ph\": \"M\", \"pid\": 1, \"name\": \"process_name\", "
                  "\"args\": {\"name\": ");
  vitrail_json_string(stream, session->program->name);
  fprintf(stream, "}},\n{\"ph\": \"M\", \"pid\": 1, \"tid\": 1, \"name\": "
                  "\"thread_name\", \"args\": {\"name\": \"thread 0\"}},\n");
  fprintf(stream,
          "{\"ph\": \"X\", \"pid\": 1, \"tid\": 1, \"ts\": 0, \"dur\": "
          "%.3f, \"cat\": \"inference\", \"name\": \"inference\"}",
          duration(r));
  for (size_t i = 0; i < r->count; ++i)
    write_event(stream, session->entry, r, i);
  fprintf(stream, "\n]}\n");
}

static int write_file(const cli_session *session, const char *path,
                      const recording *r, char *error) {
  vitrail_output output;
  int status = vitrail_output_open(&output, path, error);
  if (status)
    return status;
  write_trace(output.stream, session, r);
  status = vitrail_output_close(&output, error);
  if (status)
    vitrail_output_discard(&output);
  else
    status = vitrail_output_commit(&output, error);
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
  const recording *median = &recordings[runs / 2];
  status = write_file(session, options->profile_file, median, error);
  return status ? status : print_table(session, median, error);
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
    free(recordings[i].events);
  free(recordings);
  return status;
}
