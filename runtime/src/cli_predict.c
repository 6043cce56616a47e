/*===- cli_predict.c - Inferences of the command line -------------*- C -*-===//
//
// Part of Vitrail, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Samples go in order into batches, batches to the next context that is free,
// and results come out in the order of the samples again. A context reads the
// files of its batch itself, so that several read while others compute.
//
//===----------------------------------------------------------------------===*/

#include "cli.h"

#include "context.h"
#include "cpu.h"

#include <limits.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>

typedef struct prediction {
  const vitrail_program *program;
  const vitrail_entry *entry;
  const cli_options *options;
  cli_files files;
  cli_outputs outputs;
  int writes;      /* whether there are outputs to write */
  int64_t samples; /* in all */
  int64_t batch;
  pthread_mutex_t lock; /* of what follows */
  pthread_cond_t turned;
  int64_t taken; /* samples that are some context's */
  int64_t done;  /* samples whose results are out */
  int stopped;   /* whether the rest is not worth doing */
  int problems;  /* whether a file was bad */
} prediction;

/* What a result is headed with, "" where there is but one. */
static void make_title(const prediction *p, int64_t number, char *title,
                       size_t size) {
  const cli_files *files = &p->files;
  const cli_file *file = files->count ? cli_files_find(files, number) : NULL;
  int64_t row = file ? number - file->first : number;
  *title = '\0';
  if (files->count > 1 && file->count > 1)
    snprintf(title, size, "%s, sample %lld", file->path, (long long)row);
  else if (files->count > 1)
    snprintf(title, size, "%s", file->path);
  else if (p->samples > 1)
    snprintf(title, size, "sample %lld", (long long)row);
}

//===----------------------------------------------------------------------===//
// One batch
//===----------------------------------------------------------------------===//

/* What is wrong with a sample; empty if nothing is. */
typedef char problem[VITRAIL_ERROR_SIZE];

/* Reads `rows` samples from number `first` on into the batch. Whatever stands
 * in the rest of it, and in the place of a sample that cannot be read, does not
 * touch the others. */
static void read_batch(const prediction *p, const cli_session *session,
                       int64_t first, int64_t rows, problem *problems) {
  char *data = session->ports[p->options->files_port];
  size_t sample = vitrail_port_bytes(p->files.port) / (size_t)p->batch;
  for (int64_t row = 0; row < rows; ++row) {
    void *place = data + (size_t)row * sample;
    problems[row][0] = '\0';
    (void)cli_files_read(&p->files, p->options, first + row, place,
                         problems[row]);
  }
}

/* Shows or keeps the result of one sample, or reports why it has none. */
static int deliver_sample(prediction *p, const cli_session *session,
                          int64_t row, int64_t number, const char *wrong,
                          char *error) {
  if (p->writes) {
    /* Its rows are the samples': one cannot be left out. */
    if (*wrong)
      return vitrail_fail(error, VITRAIL_FILE_FAILURE, "%s", wrong);
    cli_outputs_keep(&p->outputs, session, row, number);
    return VITRAIL_OK;
  }
  char title[PATH_MAX + 64], message[VITRAIL_ERROR_SIZE];
  make_title(p, number, title, sizeof(title));
  if (!*wrong && !cli_show(session, row, title, message))
    return VITRAIL_OK;
  if (!*wrong && *title)
    vitrail_fail(error, VITRAIL_FILE_FAILURE, "%.512s: %.480s", title, message);
  else
    vitrail_fail(error, VITRAIL_FILE_FAILURE, "%s", *wrong ? wrong : message);
  cli_report(p->options, error);
  p->problems = 1;
  return VITRAIL_OK;
}

/* When it is its turn. */
static int deliver_batch(prediction *p, const cli_session *session,
                         int64_t first, int64_t rows, problem *problems,
                         char *error) {
  int status = VITRAIL_OK;
  pthread_mutex_lock(&p->lock);
  while (p->done < first && !p->stopped)
    pthread_cond_wait(&p->turned, &p->lock);
  for (int64_t row = 0; row < rows && !status && !p->stopped; ++row)
    status = deliver_sample(p, session, row, first + row, problems[row], error);
  p->done = first + rows;
  p->stopped |= status != VITRAIL_OK;
  pthread_cond_broadcast(&p->turned);
  pthread_mutex_unlock(&p->lock);
  return status;
}

/* Takes the next samples for a batch and returns their number, 0 at the end. */
static int64_t take_batch(prediction *p, int64_t *first) {
  pthread_mutex_lock(&p->lock);
  *first = p->taken;
  int64_t rows = p->samples - p->taken;
  rows = rows > p->batch ? p->batch : rows;
  rows = p->stopped ? 0 : rows;
  p->taken += rows;
  pthread_mutex_unlock(&p->lock);
  return rows;
}

static void stop(prediction *p) {
  pthread_mutex_lock(&p->lock);
  p->stopped = 1;
  pthread_cond_broadcast(&p->turned);
  pthread_mutex_unlock(&p->lock);
}

static int predict(cli_session *session, void *argument, char *error) {
  prediction *p = argument;
  problem *problems = calloc((size_t)p->batch, sizeof(problem));
  int status =
      problems ? VITRAIL_OK
               : vitrail_fail(error, VITRAIL_OUT_OF_MEMORY, "out of memory");
  int64_t first, rows;
  while (!status && (rows = take_batch(p, &first)) > 0) {
    if (p->files.count)
      read_batch(p, session, first, rows, problems);
    status = cli_run(session, error);
    if (!status)
      status = deliver_batch(p, session, first, rows, problems, error);
  }
  if (status)
    stop(p);
  free(problems);
  return status;
}

//===----------------------------------------------------------------------===//
// All of them
//===----------------------------------------------------------------------===//

/* Several batches go to several contexts of few threads rather than one after
 * the other to all threads: no barriers, and files are read meanwhile. Whoever
 * asks for a number of threads gets one context of them. */
static int count_contexts(const prediction *p) {
  int64_t batches = (p->samples + p->batch - 1) / p->batch;
  int contexts = p->options->contexts;
  if (!contexts && !p->options->threads) {
    vitrail_cpus cpus;
    vitrail_find_cpus(&cpus);
    contexts = vitrail_default_threads(&cpus, 1, 0);
  }
  if (contexts > batches)
    contexts = (int)batches;
  return contexts < 1 ? 1 : contexts;
}

static int check_ports(const prediction *p, char *error) {
  const vitrail_entry *entry = p->entry;
  for (uint32_t i = 0; i < entry->num_inputs + entry->num_outputs; ++i) {
    const vitrail_port *port = vitrail_port_of(entry, i);
    if (port->rank == 0 || port->shape[0] != p->batch)
      return vitrail_fail(error, VITRAIL_INVALID_ARGUMENT,
                          "'%s' does not have a row for each of the %lld "
                          "samples of a batch; compile the program again",
                          port->name, (long long)p->batch);
  }
  return VITRAIL_OK;
}

static int run_all(prediction *p, char *error) {
  int contexts = count_contexts(p);
  int status = check_ports(p, error);
  if (!status && p->writes)
    status =
        cli_outputs_open(&p->outputs, p->entry, p->options, p->samples, error);
  if (status)
    return status;
  cli_warn_of_threads(p->entry, p->options, contexts);
  status = cli_on_contexts(p->program, p->options, contexts, predict, p, error);
  if (!status && p->writes)
    status = cli_outputs_write(&p->outputs, error);
  if (!status && p->problems) { /* all that is to be said has been */
    *error = '\0';
    status = VITRAIL_FILE_FAILURE;
  }
  return status;
}

int cli_predict(const vitrail_program *program, const cli_options *options,
                char *error) {
  const vitrail_entry *entry = &program->entries[options->entry];
  prediction p = {.program = program,
                  .entry = entry,
                  .options = options,
                  .writes = cli_outputs_wanted(entry, options),
                  .batch = cli_batch(entry)};
  pthread_mutex_init(&p.lock, NULL);
  pthread_cond_init(&p.turned, NULL);
  int status = cli_files_open(&p.files, entry, options, error);
  p.samples = p.files.count ? p.files.samples : p.batch;
  if (!status)
    status = run_all(&p, error);
  if (p.writes)
    cli_outputs_close(&p.outputs);
  cli_files_close(&p.files);
  pthread_cond_destroy(&p.turned);
  pthread_mutex_destroy(&p.lock);
  return status;
}
