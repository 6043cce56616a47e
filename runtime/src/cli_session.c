/*===- cli_session.c - Inputs, outputs and runs -------------------*- C -*-===//
//
// Part of Vitrail, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===*/

#include "cli.h"

#include "context.h"
#include "npy.h"

#include <stdlib.h>
#include <string.h>

int cli_ends_in(const char *path, const char *ending) {
  size_t length = strlen(path), n = strlen(ending);
  return length >= n && strcmp(path + length - n, ending) == 0;
}

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
    /* Any token id but the first could be beyond the vocabulary. */
    if (port->kind == VITRAIL_TOKENS)
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

//===----------------------------------------------------------------------===//
// Files
//===----------------------------------------------------------------------===//

static int load_image(const cli_session *session, const char *file,
                      const vitrail_port *port, float *data, char *error) {
  const cli_images *support = session->options->image_support;
  return support ? support->load(file, port, data, error)
                 : vitrail_fail(error, VITRAIL_FILE_FAILURE,
                                "%.512s: this program was linked without "
                                "image files; its main must call "
                                "vitrail_image_main",
                                file);
}

static int read_input(cli_session *session, uint32_t i, char *error) {
  const vitrail_port *port = &session->entry->inputs[i];
  const char *file = session->options->inputs[i];
  if (port->kind != VITRAIL_IMAGE || cli_ends_in(file, ".npy"))
    return vitrail_npy_read(file, port, session->ports[i], error);
  if (port->shape[0] == 1)
    return load_image(session, file, port, session->ports[i], error);
  return vitrail_fail(error, VITRAIL_USAGE,
                      "input '%s' is a batch of %lld images; give the files "
                      "without --input, or a NumPy file",
                      port->name, (long long)port->shape[0]);
}

int cli_read_images(cli_session *session, int first, char *error) {
  const cli_options *options = session->options;
  const vitrail_port *port = &session->entry->inputs[options->images_port];
  float *data = session->ports[options->images_port];
  int64_t batch = port->shape[0];
  size_t sample = vitrail_port_bytes(port) / (size_t)batch;
  for (int64_t i = 0; i < batch; ++i) {
    float *place = (float *)((char *)data + (size_t)i * sample);
    if (first + i < options->images_count) {
      int status =
          load_image(session, options->images[first + i], port, place, error);
      if (status)
        return status;
    } else {
      memcpy(place, (char *)place - sample, sample);
    }
  }
  return VITRAIL_OK;
}

//===----------------------------------------------------------------------===//
// Life
//===----------------------------------------------------------------------===//

int cli_open(cli_session *session, const vitrail_program *program,
             const cli_options *options, char *error) {
  const vitrail_entry *entry = &program->entries[options->entry];
  *session =
      (cli_session){.program = program, .entry = entry, .options = options};
  int status = allocate(session, error);
  if (status)
    return status;
  fill_inputs(session);
  for (uint32_t i = 0; i < entry->num_inputs && !status; ++i)
    if (options->inputs[i])
      status = read_input(session, i, error);
  if (!status && options->images_count)
    status = cli_read_images(session, 0, error);
  if (status)
    return status;
  vitrail_options wanted = {.threads = options->threads,
                            .pin = 1,
                            .weights_file = options->weights_file,
                            .target = options->target};
  session->context =
      vitrail_create(program, &wanted, error, VITRAIL_ERROR_SIZE);
  return session->context ? VITRAIL_OK : VITRAIL_INVALID_ARGUMENT;
}

void cli_close(cli_session *session) {
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
