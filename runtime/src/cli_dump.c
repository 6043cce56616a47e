/*===- cli_dump.c - --dump ----------------------------------------*- C -*-===//
//
// Part of Vitrail, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// One inference on one thread, interrupted between its regions: the result of a
// region is complete when the next one begins, and nothing has taken its place.
//
//===----------------------------------------------------------------------===*/

#include "cli.h"

#include "context.h"
#include "dump.h"
#include "json.h"
#include "name_filter.h"

#include <stdlib.h>

typedef struct dumper {
  cli_session *session;
  vitrail_dump dump;
  int64_t running; /* the region whose result is not complete, or -1 */
  int status;
  char *error;
} dumper;

/* Copies the part of a tensor from axis `axis` on to `out`, row-major; returns
 * where the next part goes. */
static float *copy_dense(const vitrail_tensor *tensor, int axis,
                         const float *data, float *out) {
  int64_t size = tensor->shape[axis], stride = tensor->strides[axis];
  int last = axis + 1 == tensor->rank;
  for (int64_t i = 0; i < size; ++i) {
    if (!last)
      out = copy_dense(tensor, axis + 1, data + i * stride, out);
    else
      *out++ =
          tensor->panels ? data[i / 16 * stride + i % 16] : data[i * stride];
  }
  return out;
}

static int write_result(dumper *d, const vitrail_region *region) {
  const cli_session *session = d->session;
  const vitrail_tensor *tensor = &region->result;
  size_t count = 1;
  for (int32_t i = 0; i < tensor->rank; ++i)
    count *= (size_t)tensor->shape[i];
  float *dense = malloc(count * sizeof(float));
  if (!dense)
    return vitrail_fail(d->error, VITRAIL_OUT_OF_MEMORY,
                        "no memory for a copy of '%.256s'", region->tensor);
  const char *space =
      tensor->space == VITRAIL_OUTPUT
          ? session->ports[session->entry->num_inputs + (uint32_t)tensor->port]
          : vitrail_context_arena(session->context);
  copy_dense(tensor, 0, (const float *)(space + tensor->offset), dense);
  int status = vitrail_dump_add(&d->dump, region->tensor, tensor->shape,
                                tensor->rank, dense, region->facts, d->error);
  free(dense);
  return status;
}

/* The region that was running is through. */
static void end_region(dumper *d) {
  if (d->running < 0 || d->status)
    return;
  const vitrail_region *region = &d->session->entry->regions[d->running];
  if (vitrail_filter_chooses(d->session->options->dump_filter, region->tensor))
    d->status = write_result(d, region);
}

static void begin_region(void *argument, int64_t index) {
  dumper *d = argument;
  end_region(d);
  d->running = index;
}

static int check_filter(const vitrail_entry *entry, const char *filter,
                        char *error) {
  const char **names =
      calloc(entry->num_inputs + entry->num_regions + 1u, sizeof(*names));
  if (!names)
    return vitrail_fail(error, VITRAIL_OUT_OF_MEMORY, "out of memory");
  size_t count = 0;
  for (uint32_t i = 0; i < entry->num_inputs; ++i)
    if (entry->inputs[i].dtype == VITRAIL_F32)
      names[count++] = entry->inputs[i].name;
  for (uint32_t i = 0; i < entry->num_regions; ++i)
    names[count++] = entry->regions[i].tensor;
  int status = vitrail_filter_check(filter, names, count, error);
  free(names);
  return status;
}

/* With the inputs, the same can be given to another implementation. */
static int write_inputs(dumper *d) {
  const cli_session *session = d->session;
  int status = VITRAIL_OK;
  for (uint32_t i = 0; i < session->entry->num_inputs && !status; ++i) {
    const vitrail_port *port = &session->entry->inputs[i];
    if (port->dtype == VITRAIL_F32 &&
        vitrail_filter_chooses(session->options->dump_filter, port->name))
      status =
          vitrail_dump_add(&d->dump, port->name, port->shape, port->rank,
                           session->ports[i], "\"ops\": [\"input\"]", d->error);
  }
  return status;
}

static int commit(dumper *d) {
  const cli_session *session = d->session;
  char *facts = NULL;
  size_t size;
  FILE *stream = open_memstream(&facts, &size);
  if (!stream)
    return vitrail_fail(d->error, VITRAIL_OUT_OF_MEMORY, "out of memory");
  fprintf(stream, "\"model\": ");
  vitrail_json_string(stream, session->program->name);
  fprintf(stream, ", \"source\": \"compiled program\", \"entry\": ");
  vitrail_json_string(stream, session->entry->name);
  int status = fclose(stream) ? vitrail_fail(d->error, VITRAIL_OUT_OF_MEMORY,
                                             "out of memory")
                              : vitrail_dump_commit(&d->dump, facts, d->error);
  free(facts);
  return status;
}

static int dump(cli_session *session, void *argument, char *error) {
  (void)argument;
  dumper d = {.session = session, .running = -1, .error = error};
  int status = cli_fill_batch(session, error);
  if (!status)
    status =
        vitrail_dump_open(&d.dump, session->options->dump_directory, error);
  if (!status)
    status = write_inputs(&d);
  if (!status) {
    vitrail_team *team = vitrail_context_team(session->context);
    vitrail_team_observe(team, begin_region, &d);
    status = cli_run(session, error);
    vitrail_team_observe(team, NULL, NULL);
    if (!status)
      end_region(&d);
  }
  if (!status)
    status = d.status;
  if (!status)
    status = commit(&d);
  vitrail_dump_close(&d.dump);
  return status;
}

int cli_dump(const vitrail_program *program, const cli_options *options,
             char *error) {
  const vitrail_entry *entry = &program->entries[options->entry];
  int status = check_filter(entry, options->dump_filter, error);
  if (status)
    return status;
  cli_options alone = *options;
  alone.threads = 1;
  return cli_on_contexts(program, &alone, 1, dump, NULL, error);
}
