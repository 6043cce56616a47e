/*===- cli_info.c - --info, --help, --version ---------------------*- C -*-===//
//
// Part of Vitrail, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// None of these creates a context: they answer at once and on every CPU.
//
//===----------------------------------------------------------------------===*/

#include "cli.h"

#include "cpu.h"
#include "json.h"
#include "npy.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

static const char *const kinds[] = {"tensor", "image", "tokens", "classes",
                                    "probabilities"};

static const char *kind_name(const vitrail_port *port) {
  size_t count = sizeof(kinds) / sizeof(kinds[0]);
  return port->kind >= 0 && (size_t)port->kind < count ? kinds[port->kind]
                                                       : "unknown";
}

/* "346.4 MB" */
static const char *format_bytes(uint64_t bytes, char *text, size_t size) {
  if (bytes < 10000)
    snprintf(text, size, "%" PRIu64 " bytes", bytes);
  else if (bytes < 1000000)
    snprintf(text, size, "%.1f kB", (double)bytes * 1e-3);
  else
    snprintf(text, size, "%.1f MB", (double)bytes * 1e-6);
  return text;
}

//===----------------------------------------------------------------------===//
// --info --json
//===----------------------------------------------------------------------===//

static void json_ports(const char *key, const vitrail_port *ports,
                       uint32_t count) {
  printf("  \"%s\": [", key);
  for (uint32_t i = 0; i < count; ++i) {
    char shape[256];
    vitrail_format_shape(ports[i].shape, ports[i].rank, shape, sizeof(shape));
    printf("%s\n    {\"name\": ", i ? "," : "");
    vitrail_json_string(stdout, ports[i].name);
    printf(", \"kind\": \"%s\", \"dtype\": \"f32\", \"shape\": %s}",
           kind_name(&ports[i]), shape);
  }
  printf("%s],\n", count ? "\n  " : "");
}

/* The keys that info_json must leave to us. */
static int is_ours(const vitrail_json_member *member) {
  static const char *const keys[] = {
      "name",    "abi_version", "inputs",       "outputs",
      "weights", "memory",      "cpu_features", "missing_cpu_features",
      "flops",   "regions",     "threads",      "max_threads"};
  for (size_t i = 0; i < sizeof(keys) / sizeof(keys[0]); ++i)
    if (strlen(keys[i]) == member->key_length &&
        memcmp(keys[i], member->key, member->key_length) == 0)
      return 1;
  return 0;
}

static void info_as_json(const vitrail_program *program, int threads,
                         const char *missing) {
  printf("{\n  \"name\": ");
  vitrail_json_string(stdout, program->name);
  printf(",\n  \"abi_version\": %" PRIu32 ",\n", program->abi_version);
  json_ports("inputs", program->inputs, program->num_inputs);
  json_ports("outputs", program->outputs, program->num_outputs);
  printf("  \"weights\": {\"bytes\": %" PRIu64 ", \"hash\": \"%016" PRIx64
         "\", \"file\": ",
         program->weights_bytes, program->weights_hash);
  if (program->weights || !program->weights_file)
    printf("null");
  else
    vitrail_json_string(stdout, program->weights_file);
  printf("},\n  \"memory\": {\"arena_bytes\": %" PRIu64
         ", \"scratch_bytes\": %" PRIu64 "},\n",
         program->arena_bytes, program->scratch_bytes);
  printf("  \"flops\": %.17g,\n  \"regions\": %" PRIu32 ",\n", program->flops,
         program->num_regions);
  printf("  \"threads\": %d,\n  \"max_threads\": %" PRId64 ",\n", threads,
         program->max_threads);
  printf("  \"cpu_features\": ");
  vitrail_json_string(stdout,
                      program->cpu_features ? program->cpu_features : "");
  printf(",\n  \"missing_cpu_features\": ");
  vitrail_json_string(stdout, missing);
  const char *text = program->info_json ? program->info_json : "{}";
  vitrail_json_member member;
  while (vitrail_json_next(&text, &member) == 1)
    if (!is_ours(&member))
      printf(",\n  \"%.*s\": %.*s", (int)member.key_length, member.key,
             (int)member.value_length, member.value);
  printf("\n}\n");
}

//===----------------------------------------------------------------------===//
// --info
//===----------------------------------------------------------------------===//

static void print_ports(const char *title, const vitrail_port *ports,
                        uint32_t count) {
  for (uint32_t i = 0; i < count; ++i) {
    char shape[256];
    vitrail_format_shape(ports[i].shape, ports[i].rank, shape, sizeof(shape));
    printf("%-14s%s: f32 %s (%s)\n", i ? "" : title, ports[i].name, shape,
           kind_name(&ports[i]));
  }
}

static void info_as_text(const vitrail_program *program, int threads,
                         const char *missing) {
  char size[64], scratch[64];
  printf("%-14s%s\n", "model", program->name);
  print_ports("inputs", program->inputs, program->num_inputs);
  print_ports("outputs", program->outputs, program->num_outputs);
  format_bytes(program->weights_bytes, size, sizeof(size));
  if (program->weights || !program->weights_file)
    printf("%-14s%s, inside the program\n", "weights", size);
  else
    printf("%-14s%s, in %s\n", "weights", size, program->weights_file);
  printf("%-14s%s, and %s for each thread\n", "memory",
         format_bytes(program->arena_bytes, size, sizeof(size)),
         format_bytes(program->scratch_bytes, scratch, sizeof(scratch)));
  printf("%-14s%.3f GFLOP in %" PRIu32 " regions\n", "work",
         program->flops * 1e-9, program->num_regions);
  printf("%-14s%d here\n", "threads", threads);
  printf("%-14s%s\n", "cpu features",
         program->cpu_features && *program->cpu_features ? program->cpu_features
                                                         : "none needed");
  if (*missing)
    printf("%-14s%s: the program does not run here\n", "  missing", missing);
  const char *text = program->info_json ? program->info_json : "{}";
  vitrail_json_member member;
  while (vitrail_json_next(&text, &member) == 1) {
    int quotes = member.value[0] == '"';
    printf("%-13.*s %.*s\n", (int)member.key_length, member.key,
           (int)member.value_length - 2 * quotes, member.value + quotes);
  }
}

int cli_info(const vitrail_program *program, const cli_options *options,
             char *error) {
  (void)error;
  char missing[512];
  vitrail_missing_cpu_features(program->cpu_features, missing, sizeof(missing));
  vitrail_cpus cpus;
  vitrail_find_cpus(&cpus);
  int threads =
      options->threads
          ? options->threads
          : vitrail_default_threads(&cpus, (long)program->max_threads);
  (options->json ? info_as_json : info_as_text)(program, threads, missing);
  return VITRAIL_OK;
}

//===----------------------------------------------------------------------===//
// --help and --version
//===----------------------------------------------------------------------===//

void cli_version(const vitrail_program *program) {
  char compiler[256];
  if (program->info_json &&
      vitrail_json_find_string(program->info_json, "compiler", compiler,
                               sizeof(compiler)))
    printf("%s (compiled by %s)\n", program->name, compiler);
  else
    printf("%s\n", program->name);
}

void cli_help(const vitrail_program *program, const char *name) {
  int takes_images = 0;
  for (uint32_t i = 0; i < program->num_inputs; ++i)
    takes_images |= program->inputs[i].kind == VITRAIL_IMAGE;
  printf("%s, a model compiled by Vitrail\n\n", program->name);
  if (takes_images)
    printf("  %s IMAGE...                   shows what the model says of PNG "
           "and JPEG images\n",
           name);
  printf(
      "  %s --input NAME=FILE --output NAME=FILE   tensors, NumPy files\n"
      "  %s --info [--json]            inputs, outputs, weights, target, "
      "memory\n"
      "  %s --info --licenses [--json]   notices of what the program contains\n"
      "  %s --bench [--runs N] [--warmup N] [--json]   measures its speed\n"
      "  %s --profile FILE             a table, and a trace for Perfetto, of "
      "its parts\n\n",
      name, name, name, name, name);
  printf(
      "  --input NAME=FILE   an input; NAME= can be left out if there is one\n"
      "  --output NAME=FILE  writes an output\n"
      "  --threads N         threads to run on (default: one per core)\n"
      "  --weights FILE      the weights, if they are a file elsewhere\n"
      "  --runs N            runs to measure\n"
      "  --warmup N          runs before that\n"
      "  --help, --version\n\n");
  print_ports("inputs", program->inputs, program->num_inputs);
  print_ports("outputs", program->outputs, program->num_outputs);
}
