/*===- cli_outputs.c - --output -----------------------------------*- C -*-===//
//
// Part of Vitrail, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===*/

#include "cli.h"

#include "context.h"
#include "file.h"
#include "npy.h"

#include <stdlib.h>
#include <string.h>

/* Bytes of one sample. */
static size_t row_bytes(const vitrail_port *port) {
  return vitrail_port_bytes(port) / (size_t)port->shape[0];
}

int cli_outputs_wanted(const vitrail_entry *entry, const cli_options *options) {
  for (uint32_t i = 0; i < entry->num_outputs; ++i)
    if (options->outputs[i])
      return 1;
  return 0;
}

int cli_outputs_open(cli_outputs *outputs, const vitrail_entry *entry,
                     const cli_options *options, int64_t samples, char *error) {
  *outputs =
      (cli_outputs){.entry = entry, .options = options, .samples = samples};
  outputs->rows = calloc(entry->num_outputs + 1u, sizeof(char *));
  if (!outputs->rows)
    return vitrail_fail(error, VITRAIL_OUT_OF_MEMORY, "out of memory");
  for (uint32_t i = 0; i < entry->num_outputs; ++i) {
    const vitrail_port *port = &entry->outputs[i];
    if (!options->outputs[i])
      continue;
    outputs->rows[i] = calloc((size_t)samples, row_bytes(port));
    if (!outputs->rows[i])
      return vitrail_fail(error, VITRAIL_OUT_OF_MEMORY,
                          "no memory for %lld samples of output '%s'; give "
                          "fewer at a time",
                          (long long)samples, port->name);
  }
  return VITRAIL_OK;
}

void cli_outputs_close(cli_outputs *outputs) {
  for (uint32_t i = 0; outputs->rows && i < outputs->entry->num_outputs; ++i)
    free(outputs->rows[i]);
  free(outputs->rows);
}

void cli_outputs_keep(cli_outputs *outputs, const cli_session *session,
                      int64_t row, int64_t number) {
  const vitrail_entry *entry = outputs->entry;
  for (uint32_t i = 0; i < entry->num_outputs; ++i) {
    if (!outputs->rows[i])
      continue;
    size_t bytes = row_bytes(&entry->outputs[i]);
    const char *data = session->ports[entry->num_inputs + i];
    memcpy(outputs->rows[i] + (size_t)number * bytes,
           data + (size_t)row * bytes, bytes);
  }
}

static int write_output(vitrail_output *file, const char *path,
                        const vitrail_port *port, const char *data,
                        int64_t samples, char *error) {
  int64_t shape[VITRAIL_MAX_RANK];
  int status = vitrail_output_open(file, path, error);
  if (status)
    return status;
  memcpy(shape, port->shape, sizeof(shape));
  shape[0] = samples;
  /* A stream that failed says so again when it is closed. */
  (void)vitrail_npy_write(file->stream, shape, port->rank, (const float *)data);
  return vitrail_output_close(file, error);
}

int cli_outputs_write(const cli_outputs *outputs, char *error) {
  const vitrail_entry *entry = outputs->entry;
  vitrail_output *files =
      calloc(entry->num_outputs + 1u, sizeof(vitrail_output));
  if (!files)
    return vitrail_fail(error, VITRAIL_OUT_OF_MEMORY, "out of memory");
  int status = VITRAIL_OK;
  for (uint32_t i = 0; i < entry->num_outputs && !status; ++i)
    if (outputs->rows[i])
      status = write_output(&files[i], outputs->options->outputs[i],
                            &entry->outputs[i], outputs->rows[i],
                            outputs->samples, error);
  for (uint32_t i = 0; i < entry->num_outputs; ++i) {
    if (!status && outputs->rows[i])
      status = vitrail_output_commit(&files[i], error);
    else
      vitrail_output_discard(&files[i]);
  }
  free(files);
  return status;
}
