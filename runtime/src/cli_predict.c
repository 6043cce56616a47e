/*===- cli_predict.c - Inferences of the command line --------------* -*- C
-*-===//
//
// Part of Vitrail, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===*/

#include "cli.h"

#include "context.h"
#include "file.h"
#include "npy.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { TOP = 5 };

static int is_classes(const vitrail_port *port) {
  return (port->kind == VITRAIL_CLASSES ||
          port->kind == VITRAIL_PROBABILITIES) &&
         port->rank == 2;
}

static int64_t rows_of(const vitrail_port *port) {
  return port->rank ? port->shape[0] : 1;
}

//===----------------------------------------------------------------------===//
// Showing results
//===----------------------------------------------------------------------===//

/* Indices of the largest scores, the first of equal ones first. */
static int find_top(const float *scores, int64_t count, int64_t *top) {
  int found = 0;
  for (int64_t i = 0; i < count; ++i) {
    int place = found;
    while (place > 0 && scores[i] > scores[top[place - 1]])
      --place;
    if (place == TOP)
      continue;
    if (found < TOP)
      ++found;
    memmove(top + place + 1, top + place,
            sizeof(*top) * (size_t)(found - place - 1));
    top[place] = i;
  }
  return found;
}

static int show_classes(const vitrail_port *port, const float *scores,
                        char *error) {
  int64_t count = port->shape[1], top[TOP];
  for (int64_t i = 0; i < count; ++i)
    if (!isfinite(scores[i]))
      return vitrail_fail(error, VITRAIL_FILE_FAILURE,
                          "output '%s' is not finite at class %lld; check the "
                          "weights and the input",
                          port->name, (long long)i);
  int found = find_top(scores, count, top);
  double scale = 1, shift = 0;
  if (port->kind == VITRAIL_CLASSES && found) { /* softmax */
    double sum = 0;
    shift = scores[top[0]];
    for (int64_t i = 0; i < count; ++i)
      sum += exp(scores[i] - shift);
    scale = 1 / sum;
  }
  for (int i = 0; i < found; ++i) {
    double score = scores[top[i]];
    if (port->kind == VITRAIL_CLASSES)
      score = exp(score - shift) * scale;
    printf("%8.2f%%  ", 100 * score);
    if (port->labels && top[i] < port->labels_count && port->labels[top[i]])
      printf("%s\n", port->labels[top[i]]);
    else
      printf("class %lld\n", (long long)top[i]);
  }
  return VITRAIL_OK;
}

static void show_tensor(const vitrail_port *port, const float *data) {
  char shape[256];
  vitrail_format_shape(port->shape, port->rank, shape, sizeof(shape));
  int64_t count = vitrail_port_elements(port);
  double least = INFINITY, most = -INFINITY, sum = 0;
  for (int64_t i = 0; i < count; ++i) {
    least = data[i] < least ? data[i] : least;
    most = data[i] > most ? data[i] : most;
    sum += data[i];
  }
  printf("%s: f32 %s, from %g to %g, mean %g (--output %s=FILE.npy writes "
         "it)\n",
         port->name, shape, least, most, count ? sum / (double)count : 0.0,
         port->name);
}

/* Shows what the first `rows` samples of the batch came to: images from number
 * `first` on, or one batch of a tensor. */
static int show(const cli_session *session, int first, int64_t rows,
                char *error) {
  const vitrail_entry *entry = session->entry;
  const cli_options *options = session->options;
  int status = VITRAIL_OK;
  for (int64_t row = 0; row < rows && !status; ++row) {
    int titled = 0;
    for (uint32_t i = 0; i < entry->num_outputs && !status; ++i) {
      const vitrail_port *port = &entry->outputs[i];
      if (!is_classes(port) || row >= port->shape[0])
        continue;
      if (!titled && options->images_count > 1)
        printf("%s\n", options->images[first + row]);
      else if (!titled && !options->images_count && rows > 1)
        printf("sample %lld\n", (long long)row);
      titled = 1;
      if (entry->num_outputs > 1)
        printf("%s\n", port->name);
      const float *scores = session->ports[entry->num_inputs + i];
      status = show_classes(port, scores + row * port->shape[1], error);
    }
  }
  for (uint32_t i = 0; i < entry->num_outputs && !status; ++i)
    if (!is_classes(&entry->outputs[i]))
      show_tensor(&entry->outputs[i], session->ports[entry->num_inputs + i]);
  return status;
}

//===----------------------------------------------------------------------===//
// Writing results
//===----------------------------------------------------------------------===//

/* Rows of an output's file: one for each image, or all that there are. */
static int64_t file_rows(const cli_session *session, const vitrail_port *port) {
  int images = session->options->images_count;
  return images ? images : rows_of(port);
}

/* Keeps what is to be written of one batch, that of the images from number
 * `first` on. */
static int collect(const cli_session *session, float **collected, int64_t first,
                   char *error) {
  const vitrail_entry *entry = session->entry;
  for (uint32_t i = 0; i < entry->num_outputs; ++i) {
    const vitrail_port *port = &entry->outputs[i];
    if (!session->options->outputs[i])
      continue;
    int64_t total = file_rows(session, port), rows = rows_of(port);
    size_t row = vitrail_port_bytes(port) / (size_t)rows;
    if (rows > total - first)
      rows = total - first;
    if (!collected[i])
      collected[i] = malloc(row * (size_t)total + 1);
    if (!collected[i])
      return vitrail_fail(error, VITRAIL_OUT_OF_MEMORY,
                          "no memory for output '%s'", port->name);
    memcpy((char *)collected[i] + row * (size_t)first,
           session->ports[entry->num_inputs + i], row * (size_t)rows);
  }
  return VITRAIL_OK;
}

static int write_output(vitrail_output *output, const char *path,
                        const vitrail_port *port, const float *data,
                        int64_t rows, char *error) {
  int64_t shape[VITRAIL_MAX_RANK];
  int status = vitrail_output_open(output, path, error);
  if (status)
    return status;
  memcpy(shape, port->shape, sizeof(shape));
  shape[0] = rows;
  /* A stream that failed says so again when it is closed. */
  (void)vitrail_npy_write(output->stream, shape, port->rank, data);
  return vitrail_output_close(output, error);
}

/* All files appear, or none. */
static int write_outputs(const cli_session *session, float *const *collected,
                         char *error) {
  const vitrail_entry *entry = session->entry;
  vitrail_output *outputs =
      calloc(entry->num_outputs + 1u, sizeof(vitrail_output));
  if (!outputs)
    return vitrail_fail(error, VITRAIL_OUT_OF_MEMORY, "out of memory");
  int status = VITRAIL_OK;
  for (uint32_t i = 0; i < entry->num_outputs && !status; ++i)
    if (collected[i])
      status = write_output(&outputs[i], session->options->outputs[i],
                            &entry->outputs[i], collected[i],
                            file_rows(session, &entry->outputs[i]), error);
  for (uint32_t i = 0; i < entry->num_outputs; ++i) {
    if (!status && collected[i])
      status = vitrail_output_commit(&outputs[i], error);
    else
      vitrail_output_discard(&outputs[i]);
  }
  free(outputs);
  return status;
}

//===----------------------------------------------------------------------===//
// Running
//===----------------------------------------------------------------------===//

static int writes_outputs(const cli_session *session) {
  for (uint32_t i = 0; i < session->entry->num_outputs; ++i)
    if (session->options->outputs[i])
      return 1;
  return 0;
}

/* The samples in a batch, which all that is external must agree on for images
 * to be spread over several batches. */
static int find_batch(const cli_session *session, int64_t *batch, char *error) {
  const vitrail_entry *entry = session->entry;
  const cli_options *options = session->options;
  const vitrail_port *images = &entry->inputs[options->images_port];
  *batch = options->images_count ? images->shape[0]
           : entry->num_outputs  ? rows_of(&entry->outputs[0])
                                 : 1;
  for (uint32_t i = 0; i < entry->num_outputs; ++i)
    if (rows_of(&entry->outputs[i]) != *batch && options->images_count)
      return vitrail_fail(error, VITRAIL_USAGE,
                          "output '%s' is not one row for each image; give the "
                          "images as a NumPy file",
                          entry->outputs[i].name);
  return VITRAIL_OK;
}

static int predict(cli_session *session, float **collected, char *error) {
  const cli_options *options = session->options;
  int64_t batch;
  int status = find_batch(session, &batch, error);
  int64_t total = options->images_count ? options->images_count : batch;
  int writes = writes_outputs(session);
  for (int64_t first = 0; first < total && !status; first += batch) {
    int64_t rows = total - first < batch ? total - first : batch;
    if (first > 0) /* the first batch was read before the context was created */
      status = cli_read_images(session, (int)first, error);
    if (!status)
      status = cli_run(session, error);
    if (!status)
      status = writes ? collect(session, collected, first, error)
                      : show(session, (int)first, rows, error);
  }
  if (!status && writes)
    status = write_outputs(session, collected, error);
  return status;
}

int cli_predict(const vitrail_program *program, const cli_options *options,
                char *error) {
  const vitrail_entry *entry = &program->entries[options->entry];
  float **collected = calloc(entry->num_outputs + 1u, sizeof(*collected));
  if (!collected)
    return vitrail_fail(error, VITRAIL_OUT_OF_MEMORY, "out of memory");
  cli_session session;
  int status = cli_open(&session, program, options, error);
  if (!status)
    status = predict(&session, collected, error);
  cli_close(&session);
  for (uint32_t i = 0; i < entry->num_outputs; ++i)
    free(collected[i]);
  free(collected);
  return status;
}
