/*===- cli_show.c - Results as a user reads them ------------------*- C -*-===//
//
// Part of Vitrail, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===*/

#include "cli.h"

#include "context.h"
#include "npy.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

enum { TOP = 5 };

static int is_classes(const vitrail_port *port) {
  return (port->kind == VITRAIL_CLASSES ||
          port->kind == VITRAIL_PROBABILITIES) &&
         port->rank == 2;
}

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

static int check_finite(const vitrail_port *port, const float *scores,
                        char *error) {
  for (int64_t i = 0; i < port->shape[1]; ++i)
    if (!isfinite(scores[i]))
      return vitrail_fail(error, VITRAIL_FILE_FAILURE,
                          "output '%s' is not finite at class %lld; check the "
                          "weights and the input",
                          port->name, (long long)i);
  return VITRAIL_OK;
}

static void show_classes(const vitrail_port *port, const float *scores) {
  int64_t count = port->shape[1], top[TOP];
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
}

/* One sample of a plain tensor. */
static void show_tensor(const vitrail_port *port, const float *data) {
  char text[256];
  int64_t shape[VITRAIL_MAX_RANK];
  memcpy(shape, port->shape, sizeof(shape));
  shape[0] = 1;
  vitrail_format_shape(shape, port->rank, text, sizeof(text));
  int64_t count = vitrail_port_elements(port) / port->shape[0];
  double least = INFINITY, most = -INFINITY, sum = 0;
  for (int64_t i = 0; i < count; ++i) {
    least = data[i] < least ? data[i] : least;
    most = data[i] > most ? data[i] : most;
    sum += data[i];
  }
  printf("%s: f32 %s, from %g to %g, mean %g (--output %s=FILE.npy writes "
         "it)\n",
         port->name, text, least, most, count ? sum / (double)count : 0.0,
         port->name);
}

static const float *row_of(const cli_session *session, uint32_t output,
                           int64_t row) {
  const vitrail_port *port = &session->entry->outputs[output];
  const float *data = session->ports[session->entry->num_inputs + output];
  return data + row * (vitrail_port_elements(port) / port->shape[0]);
}

int cli_show(const cli_session *session, int64_t row, const char *title,
             char *error) {
  const vitrail_entry *entry = session->entry;
  for (uint32_t i = 0; i < entry->num_outputs; ++i) {
    const vitrail_port *port = &entry->outputs[i];
    int status = is_classes(port)
                     ? check_finite(port, row_of(session, i, row), error)
                     : VITRAIL_OK;
    if (status)
      return status;
  }
  if (*title)
    printf("%s\n", title);
  for (uint32_t i = 0; i < entry->num_outputs; ++i) {
    const vitrail_port *port = &entry->outputs[i];
    if (!is_classes(port)) {
      show_tensor(port, row_of(session, i, row));
      continue;
    }
    if (entry->num_outputs > 1)
      printf("%s\n", port->name);
    show_classes(port, row_of(session, i, row));
  }
  return VITRAIL_OK;
}
