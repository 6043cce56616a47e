/*===- runtime.h - What wrappers and main of a program call -------*- C -*-===//
//
// Part of Vitrail, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The functions behind the generated NAME_create, NAME_run and NAME_destroy,
// and behind the program's own `main`. They never print, never exit, and leave
// the caller's affinity, signal mask and floating-point modes alone.
//
// Everything here has hidden visibility: each shared library carries a runtime
// of its own and exports the generated NAME_* functions alone, so that two
// models compiled by different versions live in one process.
//
//===----------------------------------------------------------------------===*/

#ifndef VITRAIL_RUNTIME_H
#define VITRAIL_RUNTIME_H

#include "vitrail/program.h"

#ifdef __cplusplus
extern "C" {
#endif

#if defined(__GNUC__)
#pragma GCC visibility push(hidden)
#endif

enum vitrail_status {
  VITRAIL_OK = 0,
  VITRAIL_INVALID_ARGUMENT = 1, /* a null pointer, a negative thread count */
  VITRAIL_ABI_MISMATCH = 2,     /* program and runtime are of two versions */
  VITRAIL_UNSUPPORTED_CPU = 3,  /* the CPU lacks instructions of all code */
  VITRAIL_OUT_OF_MEMORY = 4,
  VITRAIL_THREAD_FAILURE = 5,  /* the system refused to start a thread */
  VITRAIL_WEIGHTS_FAILURE = 6, /* weights file missing, truncated or another */
  VITRAIL_BUSY = 7,            /* the context is running in another thread */
  VITRAIL_FORKED = 8,          /* the context was created before fork() */
  VITRAIL_FILE_FAILURE = 9,    /* command line only: a file that is no good */
  VITRAIL_USAGE = 10,          /* command line only: wrong usage */
  VITRAIL_LIBRARY_FAILURE = 11, /* the library of matrix products failed */
};

/* More threads than this are refused. */
#define VITRAIL_MAX_THREADS 1024

/* One stream of inferences: the threads and the memory of one caller. */
typedef struct vitrail_context vitrail_context;

/* How to create a context; all zeros are the defaults. */
typedef struct vitrail_options {
  /* Threads that run one inference, the caller's included. 0: one per core that
   * affinity and the cgroup's CPU quota allow, shared with the contexts below,
   * at most what the program can use. */
  int32_t threads;
  /* Non-zero: bind threads to CPUs when there is one for each CPU. It changes
   * the caller's affinity, so only a program of its own may ask for it. */
  int32_t pin;
  /* This context is number `number` of `contexts` that run at the same time and
   * divide the CPUs among them; 0 contexts are 1. */
  int32_t number;
  int32_t contexts;
  /* The external weights, where they are not where the program expects them;
   * or NULL. */
  const char *weights_file;
  /* The variant to run, by its target; NULL: the environment's VITRAIL_TARGET,
   * or else the most demanding that this CPU has all instructions for. */
  const char *target;
} vitrail_options;

/* Creates a context; `options` may be NULL. On failure returns NULL, leaves the
 * reason to vitrail_error() and copies it to `error` where that is not NULL. */
vitrail_context *vitrail_create(const vitrail_program *program,
                                const vitrail_options *options, char *error,
                                size_t error_size);

/* vitrail_create for the generated NAME_create: `threads` as in the options. */
vitrail_context *vitrail_create_simple(const vitrail_program *program,
                                       int threads);

/* Runs one inference by the program's entry number `entry`: `ports` holds the
 * addresses of the inputs, then of the outputs. Returns a vitrail_status. It
 * allocates nothing. */
int vitrail_run(vitrail_context *context, uint32_t entry, void *const *ports);

/* Ends the threads and frees the memory; NULL is ignored. */
void vitrail_destroy(vitrail_context *context);

/* Why the last vitrail_create or vitrail_run that failed in the calling thread
 * did so; "" if none has since the last vitrail_create. */
const char *vitrail_error(void);

/* Why the last vitrail_run on `context` refused its ports, "" if it did not. */
const char *vitrail_last_error(const vitrail_context *context);

/* The variant whose code runs in `context`. */
const vitrail_variant *vitrail_variant_of(const vitrail_context *context);

/* Number of threads that run an inference of `context`. */
int vitrail_threads(const vitrail_context *context);

/* The command line of a compiled program: what `main` returns. It lives in an
 * archive of its own (vitrail_cli), for libraries do not need it. */
int vitrail_main(int argc, char **argv, const vitrail_program *program);

/* The same for a program with an image among its inputs: this one reads image
 * files, and links the libraries for that. */
int vitrail_image_main(int argc, char **argv, const vitrail_program *program);

#if defined(__GNUC__)
#pragma GCC visibility pop
#endif

#ifdef __cplusplus
}
#endif
#endif /* VITRAIL_RUNTIME_H */
