/*===- cli_session.c - Contexts and what runs on them -------------*- C -*-===//
//
// Part of Vitrail, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===*/

#include "cli.h"

#include "context.h"
#include "cpu.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

//===----------------------------------------------------------------------===//
// Buffers
//===----------------------------------------------------------------------===//

static int allocate(cli_session *session, char *error) {
  const vitrail_entry *entry = session->entry;
  uint32_t count = entry->num_inputs + entry->num_outputs;
  session->ports = calloc(count + 1u, sizeof(void *));
  if (!session->ports)
    return vitrail_fail(error, VITRAIL_OUT_OF_MEMORY, "out of memory");
  for (uint32_t i = 0; i < count; ++i) {
    const vitrail_port *port = vitrail_port_of(entry, i);
    size_t bytes = (vitrail_port_bytes(port) + 63) / 64 * 64;
    session->ports[i] = aligned_alloc(64, bytes ? bytes : 64);
    if (!session->ports[i])
      return vitrail_fail(error, VITRAIL_OUT_OF_MEMORY,
                          "no memory for the %zu bytes of '%s'", bytes,
                          port->name);
    memset(session->ports[i], 0, bytes);
  }
  return VITRAIL_OK;
}

static void fill_inputs(cli_session *session) {
  const vitrail_entry *entry = session->entry;
  uint64_t state = 0;
  for (uint32_t i = 0; i < entry->num_inputs; ++i) {
    const vitrail_port *port = &entry->inputs[i];
    /* Any token id but the first could be beyond the vocabulary; pixels come
     * from files. */
    if (port->kind == VITRAIL_TOKENS || port->dtype != VITRAIL_F32)
      continue;
    float *data = session->ports[i];
    int64_t elements = vitrail_port_elements(port);
    for (int64_t e = 0; e < elements; ++e) { /* SplitMix64, to [-1, 1) */
      uint64_t z = state += 0x9e3779b97f4a7c15u;
      z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
      z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
      data[e] = (float)((z ^ (z >> 31)) >> 40) * 0x1p-23f - 1.0f;
    }
  }
}

int cli_fill_batch(cli_session *session, char *error) {
  const cli_options *options = session->options;
  cli_files files;
  int status = cli_files_open(&files, session->entry, options, error);
  int64_t batch = cli_batch(session->entry);
  if (!status && files.samples > batch)
    status = vitrail_fail(error, VITRAIL_USAGE,
                          "the files hold %lld samples, and one batch of %lld "
                          "is what is measured; give fewer",
                          (long long)files.samples, (long long)batch);
  char *data = session->ports[options->files_port];
  size_t sample =
      files.port ? vitrail_port_bytes(files.port) / (size_t)batch : 0;
  for (int64_t i = 0; files.port && i < batch && !status; ++i) {
    char *place = data + (size_t)i * sample;
    if (i < files.samples)
      status = cli_files_read(&files, options, i, place, error);
    else
      memcpy(place, place - sample, sample);
  }
  cli_files_close(&files);
  return status;
}

int64_t cli_batch(const vitrail_entry *entry) {
  const vitrail_port *port = entry->num_inputs    ? entry->inputs
                             : entry->num_outputs ? entry->outputs
                                                  : NULL;
  return port && port->rank ? port->shape[0] : 1;
}

//===----------------------------------------------------------------------===//
// One session
//===----------------------------------------------------------------------===//

static int open_session(cli_session *session, int number, int contexts,
                        char *error) {
  const vitrail_entry *entry = session->entry;
  const cli_options *options = session->options;
  int status = allocate(session, error);
  if (status)
    return status;
  fill_inputs(session);
  for (uint32_t i = 0; i < entry->num_inputs && !status; ++i)
    if (options->inputs[i])
      status = cli_read_input(options, options->inputs[i], &entry->inputs[i],
                              session->ports[i], error);
  if (status)
    return status;
  vitrail_options wanted = {.threads = options->threads,
                            .pin = 1,
                            .number = number,
                            .contexts = contexts,
                            .weights_file = options->weights_file,
                            .target = options->target};
  session->context =
      vitrail_create(session->program, &wanted, error, VITRAIL_ERROR_SIZE);
  return session->context ? VITRAIL_OK : VITRAIL_INVALID_ARGUMENT;
}

static void close_session(cli_session *session) {
  uint32_t count = session->entry->num_inputs + session->entry->num_outputs;
  vitrail_destroy(session->context);
  for (uint32_t i = 0; session->ports && i < count; ++i)
    free(session->ports[i]);
  free(session->ports);
}

int cli_run(cli_session *session, char *error) {
  int status =
      vitrail_run(session->context, session->options->entry, session->ports);
  return status ? vitrail_fail(error, status, "%s", vitrail_error())
                : VITRAIL_OK;
}

int cli_warm_up(cli_session *session, char *error) {
  int runs = session->options->warmup < 0 ? 5 : session->options->warmup;
  for (int i = 0; i < runs; ++i) {
    int status = cli_run(session, error);
    if (status)
      return status;
  }
  return VITRAIL_OK;
}

//===----------------------------------------------------------------------===//
// Several sessions
//===----------------------------------------------------------------------===//

/* Threads that each drive a context of their own; a context binds the thread
 * that created it, so none of them is the program's first. */
typedef struct crew {
  int contexts;
  cli_work work;
  void *argument;
  pthread_mutex_t lock;
  pthread_cond_t changed;
  int opened; /* sessions that are open, or could not be opened */
  int failed; /* whether there is one of the latter */
} crew;

typedef struct member {
  crew *crew;
  int number;
  pthread_t thread;
  cli_session session;
  int status;
  char error[VITRAIL_ERROR_SIZE];
} member;

/* Counts a session whose outcome is known, and waits for all others. Returns
 * whether all are open. */
static int wait_for_all(crew *c, int status) {
  pthread_mutex_lock(&c->lock);
  ++c->opened;
  c->failed |= status != VITRAIL_OK;
  pthread_cond_broadcast(&c->changed);
  while (c->opened < c->contexts)
    pthread_cond_wait(&c->changed, &c->lock);
  int all = !c->failed;
  pthread_mutex_unlock(&c->lock);
  return all;
}

static void *drive(void *argument) {
  member *m = argument;
  crew *c = m->crew;
  m->status = open_session(&m->session, m->number, c->contexts, m->error);
  if (wait_for_all(c, m->status))
    m->status = c->work(&m->session, c->argument, m->error);
  close_session(&m->session);
  return NULL;
}

static int run_crew(crew *c, member *members, char *error) {
  int started = 0;
  for (; started < c->contexts; ++started) {
    member *m = &members[started];
    if (pthread_create(&m->thread, NULL, drive, m) != 0)
      break;
  }
  int status = VITRAIL_OK;
  if (started < c->contexts) {
    status = vitrail_fail(error, VITRAIL_THREAD_FAILURE,
                          "the system started %d of %d threads; ask for fewer "
                          "--contexts",
                          started, c->contexts);
    /* Those that wait must not wait for the missing ones. */
    for (int i = started; i < c->contexts; ++i) {
      pthread_mutex_lock(&c->lock);
      ++c->opened;
      c->failed = 1;
      pthread_cond_broadcast(&c->changed);
      pthread_mutex_unlock(&c->lock);
    }
  }
  for (int i = 0; i < started; ++i) {
    pthread_join(members[i].thread, NULL);
    if (!status && members[i].status) {
      status = members[i].status;
      memcpy(error, members[i].error, VITRAIL_ERROR_SIZE);
    }
  }
  return status;
}

int cli_on_contexts(const vitrail_program *program, const cli_options *options,
                    int contexts, cli_work work, void *argument, char *error) {
  const cli_session blank = {.program = program,
                             .entry = &program->entries[options->entry],
                             .options = options};
  if (contexts == 1) {
    cli_session session = blank;
    int status = open_session(&session, 0, 1, error);
    if (!status)
      status = work(&session, argument, error);
    close_session(&session);
    return status;
  }
  crew c = {.contexts = contexts, .work = work, .argument = argument};
  member *members = calloc((size_t)contexts, sizeof(*members));
  if (!members)
    return vitrail_fail(error, VITRAIL_OUT_OF_MEMORY,
                        "no memory for %d contexts", contexts);
  for (int i = 0; i < contexts; ++i) {
    members[i].crew = &c;
    members[i].number = i;
    members[i].session = blank;
  }
  pthread_mutex_init(&c.lock, NULL);
  pthread_cond_init(&c.changed, NULL);
  int status = run_crew(&c, members, error);
  pthread_cond_destroy(&c.changed);
  pthread_mutex_destroy(&c.lock);
  free(members);
  return status;
}

//===----------------------------------------------------------------------===//
// Threads
//===----------------------------------------------------------------------===//

void cli_warn_of_threads(const vitrail_entry *entry, const cli_options *options,
                         int contexts) {
  char message[VITRAIL_ERROR_SIZE];
  vitrail_cpus cpus;
  vitrail_find_cpus(&cpus);
  int threads = options->threads ? options->threads : 1;
  int available = vitrail_available_threads(&cpus);
  if (options->threads > entry->max_threads)
    snprintf(message, sizeof(message),
             "warning: --threads %d, but the program has work for no more than "
             "%lld; the others wait",
             options->threads, (long long)entry->max_threads);
  else if ((options->threads || options->contexts) &&
           (int64_t)threads * contexts > available)
    snprintf(message, sizeof(message),
             "warning: %lld threads, but affinity and cgroup quota leave %d "
             "CPU%s to this process; they take turns",
             (long long)threads * contexts, available,
             available == 1 ? "" : "s");
  else
    return;
  cli_report(options, message);
}
