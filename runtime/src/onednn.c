/*===- onednn.c - Matrix products by oneDNN ----------------------*- C -*-===//
//
// Part of Vitrail, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// One primitive for each shape serves all threads of a context; each thread
// has memory objects, a stream and a scratchpad of its own, since executing
// sets them. Threads are ours: every call runs on the thread that makes it.
//
//===----------------------------------------------------------------------===*/

#define _GNU_SOURCE
#include "matmul.h"

#include "error.h"
#include "team.h"

#include <dlfcn.h>
#include <inttypes.h>
#include <oneapi/dnnl/dnnl.h>
#include <oneapi/dnnl/dnnl_debug.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>

enum { COLUMNS = VITRAIL_MATMUL_COLUMNS };
enum { SOURCE, WEIGHTS, RESULT, SCRATCHPAD, ARGUMENTS };

/* One shape. */
typedef struct product {
  int64_t rows, depth;
  dnnl_primitive_desc_t description;
  dnnl_primitive_t primitive;
} product;

/* What one thread needs. */
typedef struct worker {
  _Alignas(64) dnnl_stream_t stream;
  void *scratchpad;
  dnnl_exec_arg_t (*arguments)[ARGUMENTS]; /* one a shape */
} worker;

typedef struct matmul_state {
  dnnl_engine_t engine;
  product *products;
  worker *workers;
  uint64_t num_products;
  int threads;
  size_t scratchpad_bytes;
  /* OpenMP's functions, NULL where oneDNN has no threads of its own. */
  void (*set_openmp_threads)(int);
  int (*get_openmp_threads)(void);
  atomic_int failure; /* the last dnnl_status_t that was no success */
} matmul_state;

//===----------------------------------------------------------------------===//
// OpenMP
//===----------------------------------------------------------------------===//

/* oneDNN divides its work among OpenMP's threads unless the calling thread asks
 * for one. Its OpenMP is whichever the process has loaded: we look the
 * functions up instead of linking one. */
static int find_openmp(matmul_state *state, char *error) {
  unsigned threading = dnnl_version()->cpu_runtime;
  if (threading == DNNL_RUNTIME_SEQ)
    return VITRAIL_OK;
  if (threading != DNNL_RUNTIME_OMP)
    return vitrail_fail(error, VITRAIL_LIBRARY_FAILURE,
                        "the libdnnl.so.2 of this machine is built with "
                        "threads other than OpenMP's; install one that is "
                        "built with OpenMP, as Debian's libdnnl2, or without "
                        "threads");
  *(void **)&state->get_openmp_threads =
      dlsym(RTLD_DEFAULT, "omp_get_max_threads");
  *(void **)&state->set_openmp_threads =
      dlsym(RTLD_DEFAULT, "omp_set_num_threads");
  if (!state->get_openmp_threads || !state->set_openmp_threads)
    return vitrail_fail(error, VITRAIL_LIBRARY_FAILURE,
                        "libdnnl.so.2 uses OpenMP, but no library that is "
                        "loaded defines omp_set_num_threads");
  return VITRAIL_OK;
}

/* Makes oneDNN run on the calling thread alone; returns what to give back. */
static int enter_alone(const matmul_state *state) {
  if (!state->set_openmp_threads)
    return 0;
  int before = state->get_openmp_threads();
  state->set_openmp_threads(1);
  return before;
}

static void leave(const matmul_state *state, int before) {
  if (state->set_openmp_threads)
    state->set_openmp_threads(before);
}

//===----------------------------------------------------------------------===//
// Creation
//===----------------------------------------------------------------------===//

static dnnl_status_t describe_matrix(dnnl_memory_desc_t *description,
                                     int64_t rows, int64_t columns,
                                     dnnl_format_tag_t format) {
  dnnl_dims_t sizes = {rows, columns};
  return dnnl_memory_desc_init_by_tag(description, 2, sizes, dnnl_f32, format);
}

static dnnl_status_t describe_product(const matmul_state *state,
                                      product *product,
                                      dnnl_format_tag_t weights_format) {
  dnnl_memory_desc_t source, weights, result;
  dnnl_status_t status =
      describe_matrix(&source, product->rows, product->depth, dnnl_ab);
  if (!status)
    status = describe_matrix(&weights, product->depth, COLUMNS, weights_format);
  if (!status)
    status = describe_matrix(&result, product->rows, COLUMNS, dnnl_ab);
  dnnl_matmul_desc_t operation;
  if (!status)
    status =
        dnnl_matmul_desc_init(&operation, &source, &weights, NULL, &result);
  dnnl_primitive_attr_t attributes = NULL;
  if (!status)
    status = dnnl_primitive_attr_create(&attributes);
  if (!status)
    status = dnnl_primitive_attr_set_scratchpad_mode(attributes,
                                                     dnnl_scratchpad_mode_user);
  if (!status)
    status = dnnl_primitive_desc_create(&product->description, &operation,
                                        attributes, state->engine, NULL);
  dnnl_primitive_attr_destroy(attributes);
  return status;
}

/* Whether a product takes weights as they lie in the program: [depth, COLUMNS].
 * That is oneDNN's plain format, and byte for byte its BA16a64b (panels of 64
 * columns, in them groups of 16 rows), which it multiplies fastest with
 * AVX-512; only where the depth is no multiple of 16, that one would be padded.
 */
static int takes_our_weights(const product *product) {
  const dnnl_memory_desc_t *wanted = dnnl_primitive_desc_query_md(
      product->description, dnnl_query_weights_md, 0);
  dnnl_memory_desc_t ours;
  if (product->depth % 16 == 0 &&
      !describe_matrix(&ours, product->depth, COLUMNS, dnnl_BA16a64b) &&
      dnnl_memory_desc_equal(wanted, &ours))
    return 1;
  return !describe_matrix(&ours, product->depth, COLUMNS, dnnl_ab) &&
         dnnl_memory_desc_equal(wanted, &ours);
}

static dnnl_status_t create_product(matmul_state *state, product *product) {
  dnnl_status_t status = describe_product(state, product, dnnl_format_tag_any);
  if (!status && !takes_our_weights(product)) {
    dnnl_primitive_desc_destroy(product->description);
    product->description = NULL;
    status = describe_product(state, product, dnnl_ab);
  }
  if (!status)
    status = dnnl_primitive_create(&product->primitive, product->description);
  if (status)
    return status;
  size_t bytes = dnnl_memory_desc_get_size(dnnl_primitive_desc_query_md(
      product->description, dnnl_query_scratchpad_md, 0));
  if (bytes > state->scratchpad_bytes)
    state->scratchpad_bytes = bytes;
  return dnnl_success;
}

/* The memory objects of one thread for one shape. */
static dnnl_status_t create_arguments(const matmul_state *state,
                                      const product *product, void *scratchpad,
                                      dnnl_exec_arg_t *arguments) {
  static const struct {
    int argument;
    dnnl_query_t query;
  } kinds[ARGUMENTS] = {
      {DNNL_ARG_SRC, dnnl_query_src_md},
      {DNNL_ARG_WEIGHTS, dnnl_query_weights_md},
      {DNNL_ARG_DST, dnnl_query_dst_md},
      {DNNL_ARG_SCRATCHPAD, dnnl_query_scratchpad_md},
  };
  for (int i = 0; i < ARGUMENTS; ++i) {
    arguments[i].arg = kinds[i].argument;
    dnnl_status_t status = dnnl_memory_create(
        &arguments[i].memory,
        dnnl_primitive_desc_query_md(product->description, kinds[i].query, 0),
        state->engine, i == SCRATCHPAD ? scratchpad : DNNL_MEMORY_NONE);
    if (status)
      return status;
  }
  return dnnl_success;
}

static dnnl_status_t create_worker(const matmul_state *state, worker *worker) {
  size_t bytes = (state->scratchpad_bytes / 64 + 1) * 64;
  worker->scratchpad = aligned_alloc(64, bytes);
  worker->arguments = calloc(state->num_products, sizeof(*worker->arguments));
  if (!worker->scratchpad || !worker->arguments)
    return dnnl_out_of_memory;
  dnnl_status_t status = dnnl_stream_create(&worker->stream, state->engine,
                                            dnnl_stream_default_flags);
  for (uint64_t i = 0; i < state->num_products && !status; ++i)
    status = create_arguments(state, &state->products[i], worker->scratchpad,
                              worker->arguments[i]);
  return status;
}

static dnnl_status_t create_all(matmul_state *state,
                                const vitrail_program *program, int threads) {
  state->products = calloc(program->num_matmuls, sizeof(product));
  state->workers =
      aligned_alloc(_Alignof(worker), (size_t)threads * sizeof(worker));
  if (!state->products || !state->workers)
    return dnnl_out_of_memory;
  for (; state->threads < threads; ++state->threads)
    state->workers[state->threads] = (worker){0};
  dnnl_status_t status = dnnl_engine_create(&state->engine, dnnl_cpu, 0);
  for (uint64_t i = 0; i < program->num_matmuls && !status; ++i) {
    product *product = &state->products[state->num_products++];
    product->rows = program->matmuls[i].rows;
    product->depth = program->matmuls[i].depth;
    status = create_product(state, product);
  }
  for (int i = 0; i < threads && !status; ++i)
    status = create_worker(state, &state->workers[i]);
  return status;
}

static void onednn_destroy(void *argument) {
  matmul_state *state = argument;
  if (!state)
    return;
  for (int i = 0; i < state->threads; ++i) {
    worker *worker = &state->workers[i];
    for (uint64_t j = 0; worker->arguments && j < state->num_products; ++j)
      for (int k = 0; k < ARGUMENTS; ++k)
        dnnl_memory_destroy(worker->arguments[j][k].memory);
    dnnl_stream_destroy(worker->stream);
    free(worker->arguments);
    free(worker->scratchpad);
  }
  for (uint64_t i = 0; i < state->num_products; ++i) {
    dnnl_primitive_destroy(state->products[i].primitive);
    dnnl_primitive_desc_destroy(state->products[i].description);
  }
  dnnl_engine_destroy(state->engine);
  free(state->workers);
  free(state->products);
  free(state);
}

static int fail(char *error, dnnl_status_t status, const char *what) {
  return vitrail_fail(error,
                      status == dnnl_out_of_memory ? VITRAIL_OUT_OF_MEMORY
                                                   : VITRAIL_LIBRARY_FAILURE,
                      "oneDNN %d.%d.%d cannot %s: %s", dnnl_version()->major,
                      dnnl_version()->minor, dnnl_version()->patch, what,
                      dnnl_status2str(status));
}

static int onednn_create(const vitrail_program *program, int threads,
                         void **result, char *error) {
  matmul_state *state = calloc(1, sizeof(*state));
  if (!state)
    return fail(error, dnnl_out_of_memory, "prepare matrix products");
  int found = find_openmp(state, error);
  if (found) {
    free(state);
    return found;
  }
  /* A primitive divides its work when it is created. */
  int before = enter_alone(state);
  dnnl_status_t status = create_all(state, program, threads);
  leave(state, before);
  if (status) {
    onednn_destroy(state);
    return fail(error, status, "prepare matrix products");
  }
  *result = state;
  return VITRAIL_OK;
}

//===----------------------------------------------------------------------===//
// Products
//===----------------------------------------------------------------------===//

/* Setting a handle writes zeros where a format is padded; no format here is. */
static dnnl_status_t multiply(worker *worker, uint64_t number,
                              const product *product, const float *left,
                              const float *right, float *result) {
  dnnl_exec_arg_t *arguments = worker->arguments[number];
  dnnl_status_t status =
      dnnl_memory_set_data_handle(arguments[SOURCE].memory, (void *)left);
  if (!status)
    status =
        dnnl_memory_set_data_handle(arguments[WEIGHTS].memory, (void *)right);
  if (!status)
    status = dnnl_memory_set_data_handle(arguments[RESULT].memory, result);
  if (!status)
    status = dnnl_primitive_execute(product->primitive, worker->stream,
                                    ARGUMENTS, arguments);
  return status;
}

void vitrail_matmul(vitrail_team *team, int64_t thread, int64_t rows,
                    int64_t depth, const float *left, const float *right,
                    float *result) {
  matmul_state *state = vitrail_team_matmuls(team);
  uint64_t number = 0; /* of a handful */
  while (state->products[number].rows != rows ||
         state->products[number].depth != depth)
    ++number;
  int before = enter_alone(state);
  dnnl_status_t status =
      multiply(&state->workers[thread], number, &state->products[number], left,
               right, result);
  leave(state, before);
  if (status)
    atomic_store_explicit(&state->failure, (int)status, memory_order_relaxed);
}

static int onednn_check(void *argument, char *error) {
  matmul_state *state = argument;
  int status =
      atomic_exchange_explicit(&state->failure, 0, memory_order_relaxed);
  return status ? fail(error, (dnnl_status_t)status, "multiply matrices")
                : VITRAIL_OK;
}

static void onednn_describe(char *text, size_t size) {
  const dnnl_version_t *version = dnnl_version();
  snprintf(text, size, "oneDNN %d.%d.%d", version->major, version->minor,
           version->patch);
}

const vitrail_matmul_library vitrail_onednn = {
    .create = onednn_create,
    .destroy = onednn_destroy,
    .check = onednn_check,
    .describe = onednn_describe,
};
