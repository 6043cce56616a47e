/*===- context.c - One stream of inferences -----------------------*- C -*-===//
//
// Part of Vitrail, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===*/

#define _GNU_SOURCE
#include "context.h"

#include "cpu.h"
#include "error.h"
#include "matmul.h"
#include "variant.h"
#include "weights.h"

#include <inttypes.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

struct vitrail_context {
  const vitrail_program *program;
  const vitrail_variant *variant;
  vitrail_team *team;
  const void *weights;
  vitrail_mapping *mapping; /* what keeps external weights mapped, or NULL */
  char *memory;             /* the arena, then each thread's scratch */
  size_t memory_size;
  size_t scratch_offset;
  size_t scratch_stride;
  void *matmuls;     /* of program->matmul_library */
  vitrail_code code; /* of the inference that is running, and its ports */
  void *const *ports;
  atomic_flag busy;
  unsigned forks; /* of this process when the context was created */
  char error[VITRAIL_ERROR_SIZE];
};

//===----------------------------------------------------------------------===//
// fork()
//===----------------------------------------------------------------------===//

/* A child process has the contexts of its parent but not their threads: waiting
 * for those would last forever. So we count the forks that led here. */
static atomic_uint forks;
static pthread_once_t fork_once = PTHREAD_ONCE_INIT;

static void count_fork(void) { atomic_fetch_add(&forks, 1); }
static void watch_forks(void) { pthread_atfork(NULL, NULL, count_fork); }

//===----------------------------------------------------------------------===//
// Creation
//===----------------------------------------------------------------------===//

static int check_program(const vitrail_program *program,
                         const vitrail_options *options, char *error) {
  if (!program)
    return vitrail_fail(error, VITRAIL_INVALID_ARGUMENT, "program is NULL");
  if (program->abi_version != VITRAIL_ABI_VERSION)
    return vitrail_fail(error, VITRAIL_ABI_MISMATCH,
                        "program has ABI version %" PRIu32
                        ", the runtime has %d; link the runtime of the "
                        "compiler that made the program",
                        program->abi_version, VITRAIL_ABI_VERSION);
  if (options->threads < 0 || options->threads > VITRAIL_MAX_THREADS)
    return vitrail_fail(error, VITRAIL_INVALID_ARGUMENT,
                        "%d threads asked for; give 1 to %d, or 0 for as many "
                        "as there are cores",
                        (int)options->threads, VITRAIL_MAX_THREADS);
  if (options->number < 0 ||
      options->number >= (options->contexts > 1 ? options->contexts : 1))
    return vitrail_fail(error, VITRAIL_INVALID_ARGUMENT,
                        "context %d of %d; they are counted from 0",
                        (int)options->number, (int)options->contexts);
  return VITRAIL_OK;
}

static int allocate(vitrail_context *context, int threads, char *error) {
  const vitrail_program *program = context->program;
  const vitrail_variant *variant = context->variant;
  /* Whole pages, so that no two threads write to one. */
  const uint64_t page = 4096, limit = (uint64_t)1 << 46;
  uint64_t arena = program->arena_bytes, scratch = variant->scratch_bytes;
  if (arena < limit && scratch < limit / VITRAIL_MAX_THREADS) {
    arena = (arena + page - 1) / page * page;
    scratch = (scratch + page - 1) / page * page;
    context->scratch_offset = (size_t)arena;
    context->scratch_stride = (size_t)scratch;
    context->memory_size = (size_t)(arena + scratch * (uint64_t)threads);
    if (context->memory_size == 0)
      return VITRAIL_OK;
    /* Fresh pages are assigned when a thread first writes to them, so scratch
     * lies in the memory next to its thread. */
    void *memory = mmap(NULL, context->memory_size, PROT_READ | PROT_WRITE,
                        MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (memory != MAP_FAILED) {
      context->memory = memory;
      return VITRAIL_OK;
    }
  }
  context->memory_size = 0;
  return vitrail_fail(error, VITRAIL_OUT_OF_MEMORY,
                      "no memory for %" PRIu64 " bytes of arena and %d times "
                      "%" PRIu64 " bytes of scratch; ask for fewer threads or "
                      "compile with a smaller batch",
                      program->arena_bytes, threads, variant->scratch_bytes);
}

static int prepare_matmuls(vitrail_context *context, char *error) {
  const vitrail_program *program = context->program;
  int status = program->matmul_library->create(
      program, vitrail_team_threads(context->team), &context->matmuls, error);
  vitrail_team_set_matmuls(context->team, context->matmuls);
  return status;
}

static int initialize(vitrail_context *context, const vitrail_options *options,
                      char *error) {
  const vitrail_program *program = context->program;
  context->variant = vitrail_choose_variant(program, options->target, error);
  if (!context->variant)
    return VITRAIL_UNSUPPORTED_CPU;
  int status =
      vitrail_weights_open(program, options->weights_file, &context->weights,
                           &context->mapping, error);
  if (status)
    return status;
  vitrail_cpus cpus;
  vitrail_find_cpus(&cpus);
  int contexts = options->contexts > 1 ? options->contexts : 1;
  int threads = options->threads
                    ? options->threads
                    : vitrail_default_threads(&cpus, contexts,
                                              vitrail_useful_threads(program));
  status = allocate(context, threads, error);
  if (status)
    return status;
  /* A smaller team is left to the system: two programs that each bind to the
   * first CPU would share it while others idle. */
  int available = vitrail_available_threads(&cpus);
  int64_t total = (int64_t)threads * contexts;
  int pin = options->pin && (total == cpus.count || total == cpus.cores) &&
            total <= available;
  const int *place = cpus.cpus + (pin ? threads * options->number : 0);
  int share = available / contexts > 1 ? available / contexts : 1;
  context->team =
      vitrail_team_create(threads, share, pin ? place : NULL, error);
  if (!context->team)
    return VITRAIL_THREAD_FAILURE;
  return program->matmul_library ? prepare_matmuls(context, error) : VITRAIL_OK;
}

vitrail_context *vitrail_create(const vitrail_program *program,
                                const vitrail_options *options, char *error,
                                size_t error_size) {
  static const vitrail_options defaults;
  if (!options)
    options = &defaults;
  char *message = vitrail_thread_error();
  message[0] = '\0';
  vitrail_context *context = NULL;
  if (check_program(program, options, message) == VITRAIL_OK) {
    context = calloc(1, sizeof(*context));
    if (!context) {
      vitrail_fail(message, VITRAIL_OUT_OF_MEMORY, "no memory for a context");
    } else {
      pthread_once(&fork_once, watch_forks);
      context->forks = atomic_load(&forks);
      context->program = program;
      atomic_flag_clear(&context->busy);
      if (initialize(context, options, message) != VITRAIL_OK) {
        vitrail_destroy(context);
        context = NULL;
      }
    }
  }
  if (error && error_size)
    snprintf(error, error_size, "%s", message);
  return context;
}

vitrail_context *vitrail_create_simple(const vitrail_program *program,
                                       int threads) {
  vitrail_options options = {.threads = threads};
  return vitrail_create(program, &options, NULL, 0);
}

void vitrail_destroy(vitrail_context *context) {
  if (!context)
    return;
  if (context->team) {
    if (context->forks == atomic_load(&forks))
      vitrail_team_destroy(context->team);
    else
      vitrail_team_abandon(context->team);
  }
  if (context->matmuls)
    context->program->matmul_library->destroy(context->matmuls);
  if (context->memory)
    munmap(context->memory, context->memory_size);
  vitrail_weights_release(context->mapping);
  free(context);
}

//===----------------------------------------------------------------------===//
// Inference
//===----------------------------------------------------------------------===//

static void run_share(void *argument, int thread) {
  vitrail_context *context = argument;
  char *scratch = context->memory + context->scratch_offset +
                  (size_t)thread * context->scratch_stride;
  context->code(context->ports, context->memory, scratch, context->weights,
                thread, vitrail_team_threads(context->team), context->team);
}

static int check_call(const vitrail_program *program, uint32_t number,
                      void *const *ports, char *error) {
  if (number >= program->num_entries)
    return vitrail_fail(error, VITRAIL_INVALID_ARGUMENT,
                        "the program has no entry %" PRIu32 ", only %" PRIu32
                        " of them",
                        number, program->num_entries);
  const vitrail_entry *entry = &program->entries[number];
  uint32_t count = entry->num_inputs + entry->num_outputs;
  if (!ports && count)
    return vitrail_fail(error, VITRAIL_INVALID_ARGUMENT,
                        "the array of inputs and outputs is NULL");
  for (uint32_t i = 0; i < count; ++i)
    if (!ports[i])
      return vitrail_fail(error, VITRAIL_INVALID_ARGUMENT, "%s '%s' is NULL",
                          i < entry->num_inputs ? "input" : "output",
                          vitrail_port_of(entry, i)->name);
  return VITRAIL_OK;
}

int vitrail_run(vitrail_context *context, uint32_t entry, void *const *ports) {
  char *message = vitrail_thread_error();
  if (!context)
    return vitrail_fail(message, VITRAIL_INVALID_ARGUMENT,
                        "the context is NULL");
  if (context->forks != atomic_load_explicit(&forks, memory_order_relaxed))
    return vitrail_fail(message, VITRAIL_FORKED,
                        "the context was created before fork() and has no "
                        "threads in this process; create one here");
  if (atomic_flag_test_and_set_explicit(&context->busy, memory_order_acquire))
    return vitrail_fail(message, VITRAIL_BUSY,
                        "the context is running in another thread; create one "
                        "for each calling thread");
  int status = check_call(context->program, entry, ports, message);
  if (!status) {
    context->code = context->variant->code[entry];
    context->ports = ports;
    vitrail_team_run(context->team, run_share, context);
    if (context->matmuls)
      status =
          context->program->matmul_library->check(context->matmuls, message);
  }
  if (status)
    memcpy(context->error, message, sizeof(context->error));
  else
    context->error[0] = '\0';
  atomic_flag_clear_explicit(&context->busy, memory_order_release);
  return status;
}

const char *vitrail_last_error(const vitrail_context *context) {
  return context ? context->error : "the context is NULL";
}

const vitrail_variant *vitrail_variant_of(const vitrail_context *context) {
  return context->variant;
}

int vitrail_threads(const vitrail_context *context) {
  return vitrail_team_threads(context->team);
}

vitrail_team *vitrail_context_team(vitrail_context *context) {
  return context->team;
}

int64_t vitrail_useful_threads(const vitrail_program *program) {
  int64_t most = 1;
  for (uint32_t i = 0; i < program->num_entries; ++i)
    if (program->entries[i].max_threads > most)
      most = program->entries[i].max_threads;
  return most;
}

const vitrail_port *vitrail_port_of(const vitrail_entry *entry, uint32_t i) {
  return i < entry->num_inputs ? &entry->inputs[i]
                               : &entry->outputs[i - entry->num_inputs];
}

const void *vitrail_context_arena(const vitrail_context *context) {
  return context->memory;
}

int64_t vitrail_port_elements(const vitrail_port *port) {
  int64_t elements = 1;
  for (int32_t i = 0; i < port->rank; ++i)
    elements *= port->shape[i];
  return elements;
}

size_t vitrail_port_bytes(const vitrail_port *port) {
  return (size_t)vitrail_port_elements(port) *
         (port->dtype == VITRAIL_U8 ? 1 : sizeof(float));
}
