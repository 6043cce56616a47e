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

#include "context.h"
#include "cpu.h"
#include "json.h"
#include "matmul.h"
#include "npy.h"
#include "variant.h"

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

static const char *dtype_name(const vitrail_port *port) {
  return port->dtype == VITRAIL_U8 ? "u8" : "f32";
}

/* What --info says of this machine. */
typedef struct facts {
  int threads;
  const vitrail_variant *chosen; /* NULL: the program does not run here */
  char refusal[VITRAIL_ERROR_SIZE];
} facts;

/* Of the variant that runs here; of the least demanding if none does. */
static const vitrail_variant *shown_variant(const vitrail_program *program,
                                            const facts *facts) {
  return facts->chosen ? facts->chosen : &program->variants[0];
}

/* The instruction sets of a variant that this CPU lacks. */
static const char *missing_of(const vitrail_variant *variant, char *text,
                              size_t size) {
  vitrail_missing_cpu_features(variant->cpu_features, text, size);
  return text;
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

/* What multiplies matrices, and its version, if generated code does not. */
static int matmul_library(const vitrail_program *program, char *text,
                          size_t size) {
  if (!program->matmul_library)
    return 0;
  program->matmul_library->describe(text, size);
  return 1;
}

//===----------------------------------------------------------------------===//
// --info --json
//===----------------------------------------------------------------------===//

static void json_ports(const char *key, const vitrail_port *ports,
                       uint32_t count, const char *indent) {
  printf("%s\"%s\": [", indent, key);
  for (uint32_t i = 0; i < count; ++i) {
    char shape[256];
    vitrail_format_shape(ports[i].shape, ports[i].rank, shape, sizeof(shape));
    printf("%s\n%s  {\"name\": ", i ? "," : "", indent);
    vitrail_json_string(stdout, ports[i].name);
    printf(", \"kind\": \"%s\", \"dtype\": \"%s\", \"shape\": %s}",
           kind_name(&ports[i]), dtype_name(&ports[i]), shape);
  }
  if (count)
    printf("\n%s", indent);
  printf("]");
}

static void json_ports_of(const vitrail_entry *entry, const char *indent) {
  json_ports("inputs", entry->inputs, entry->num_inputs, indent);
  printf(",\n");
  json_ports("outputs", entry->outputs, entry->num_outputs, indent);
}

static void json_entries(const vitrail_program *program) {
  printf("  \"entries\": [");
  for (uint32_t i = 0; i < program->num_entries; ++i) {
    printf("%s\n    {\"name\": ", i ? "," : "");
    vitrail_json_string(stdout, program->entries[i].name);
    printf(",\n");
    json_ports_of(&program->entries[i], "     ");
    printf("}");
  }
  printf("\n  ],\n");
}

static void json_variants(const vitrail_program *program, const facts *facts) {
  printf("  \"variants\": [");
  for (uint32_t i = 0; i < program->num_variants; ++i) {
    const vitrail_variant *variant = &program->variants[i];
    char missing[512];
    printf("%s\n    {\"target\": ", i ? "," : "");
    vitrail_json_string(stdout, variant->target);
    printf(", \"vector_bits\": %" PRIu32 ", \"scratch_bytes\": %" PRIu64
           ", \"cpu_features\": ",
           variant->vector_bits, variant->scratch_bytes);
    vitrail_json_string(stdout, variant->cpu_features);
    printf(", \"missing_cpu_features\": ");
    vitrail_json_string(stdout, missing_of(variant, missing, sizeof(missing)));
    printf("}");
  }
  printf("\n  ],\n  \"variant\": ");
  if (facts->chosen)
    vitrail_json_string(stdout, facts->chosen->target);
  else
    printf("null");
  printf(",\n");
}

/* The keys that info_json must leave to us. */
static int is_ours(const vitrail_json_member *member) {
  static const char *const keys[] = {
      "name",        "abi_version", "inputs",       "outputs",
      "entries",     "variants",    "variant",      "weights",
      "memory",      "flops",       "regions",      "threads",
      "max_threads", "vector_bits", "cpu_features", "missing_cpu_features",
      "matmul_library"};
  for (size_t i = 0; i < sizeof(keys) / sizeof(keys[0]); ++i)
    if (strlen(keys[i]) == member->key_length &&
        memcmp(keys[i], member->key, member->key_length) == 0)
      return 1;
  return 0;
}

static void info_as_json(const vitrail_program *program, const facts *facts) {
  const vitrail_entry *entry = &program->entries[0];
  const vitrail_variant *variant = shown_variant(program, facts);
  char missing[512];
  printf("{\n  \"name\": ");
  vitrail_json_string(stdout, program->name);
  printf(",\n  \"abi_version\": %" PRIu32 ",\n", program->abi_version);
  json_ports_of(entry, "  ");
  printf(",\n");
  json_entries(program);
  json_variants(program, facts);
  printf("  \"weights\": {\"bytes\": %" PRIu64 ", \"hash\": \"%016" PRIx64
         "\", \"file\": ",
         program->weights_bytes, program->weights_hash);
  if (program->weights || !program->weights_file)
    printf("null");
  else
    vitrail_json_string(stdout, program->weights_file);
  printf("},\n  \"memory\": {\"arena_bytes\": %" PRIu64
         ", \"scratch_bytes\": %" PRIu64 "},\n",
         program->arena_bytes, variant->scratch_bytes);
  printf("  \"flops\": %.17g,\n  \"regions\": %" PRIu32 ",\n", entry->flops,
         entry->num_regions);
  printf("  \"threads\": %d,\n  \"max_threads\": %" PRId64 ",\n",
         facts->threads, vitrail_useful_threads(program));
  printf("  \"vector_bits\": %" PRIu32 ",\n  \"cpu_features\": ",
         variant->vector_bits);
  vitrail_json_string(stdout, variant->cpu_features);
  printf(",\n  \"missing_cpu_features\": ");
  vitrail_json_string(stdout, missing_of(variant, missing, sizeof(missing)));
  char library[64];
  if (matmul_library(program, library, sizeof(library))) {
    printf(",\n  \"matmul_library\": ");
    vitrail_json_string(stdout, library);
  }
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
    printf("%-14s%s: %s %s (%s)\n", i ? "" : title, ports[i].name,
           dtype_name(&ports[i]), shape, kind_name(&ports[i]));
  }
}

/* One line each: what an entry takes that is not what the first takes. */
static void print_other_entries(const vitrail_program *program) {
  for (uint32_t i = 1; i < program->num_entries; ++i) {
    const vitrail_entry *entry = &program->entries[i];
    printf("%-14s%s:", i == 1 ? "other entries" : "", entry->name);
    for (uint32_t j = 0; j < entry->num_inputs; ++j) {
      const vitrail_port *port = &entry->inputs[j];
      char shape[256];
      vitrail_format_shape(port->shape, port->rank, shape, sizeof(shape));
      printf("%s %s %s %s", j ? "," : "", port->name, dtype_name(port), shape);
    }
    printf("\n");
  }
}

/* One line a variant, and which of them runs here. */
static void print_variants(const vitrail_program *program, const facts *facts) {
  for (uint32_t i = 0; i < program->num_variants; ++i) {
    const vitrail_variant *variant = &program->variants[i];
    char missing[512];
    missing_of(variant, missing, sizeof(missing));
    printf("%-14s%s%s%s%s\n", i ? "" : "code for", variant->target,
           *missing ? ", which is more than this CPU: it lacks " : "", missing,
           variant == facts->chosen ? ", which runs here" : "");
  }
  if (!facts->chosen)
    printf("%-14s%s\n", "  refused", facts->refusal);
}

static void info_as_text(const vitrail_program *program, const facts *facts) {
  const vitrail_entry *entry = &program->entries[0];
  const vitrail_variant *variant = shown_variant(program, facts);
  char size[64], scratch[64];
  printf("%-14s%s\n", "model", program->name);
  print_ports("inputs", entry->inputs, entry->num_inputs);
  print_ports("outputs", entry->outputs, entry->num_outputs);
  print_other_entries(program);
  format_bytes(program->weights_bytes, size, sizeof(size));
  if (program->weights || !program->weights_file)
    printf("%-14s%s, inside the program\n", "weights", size);
  else
    printf("%-14s%s, in %s\n", "weights", size, program->weights_file);
  printf("%-14s%s, and %s for each thread\n", "memory",
         format_bytes(program->arena_bytes, size, sizeof(size)),
         format_bytes(variant->scratch_bytes, scratch, sizeof(scratch)));
  printf("%-14s%.3f GFLOP in %" PRIu32 " regions\n", "work",
         entry->flops * 1e-9, entry->num_regions);
  printf("%-14s%d here\n", "threads", facts->threads);
  print_variants(program, facts);
  printf("%-14s%s\n", "cpu features",
         *variant->cpu_features ? variant->cpu_features : "none needed");
  if (matmul_library(program, size, sizeof(size)))
    printf("%-14s%s\n", "library", size);
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
  facts facts;
  facts.chosen =
      vitrail_choose_variant(program, options->target, facts.refusal);
  vitrail_cpus cpus;
  vitrail_find_cpus(&cpus);
  facts.threads =
      options->threads
          ? options->threads
          : vitrail_default_threads(&cpus, 1, vitrail_useful_threads(program));
  (options->json ? info_as_json : info_as_text)(program, &facts);
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
  const vitrail_entry *entry = &program->entries[0];
  int takes_images = 0;
  for (uint32_t i = 0; i < entry->num_inputs; ++i)
    takes_images |= entry->inputs[i].kind == VITRAIL_IMAGE;
  printf("%s, a model compiled by Vitrail\n\n", program->name);
  printf("  %s FILE...                    shows what the model says of %s\n",
         name, takes_images ? "PNG, JPEG and NumPy files" : "NumPy files");
  printf(
      "  %s --input NAME=FILE --output NAME=FILE   tensors, NumPy files\n"
      "  %s --info [--json]            inputs, outputs, weights, target, "
      "memory\n"
      "  %s --info --licenses [--json]   notices of what the program contains\n"
      "  %s --bench [--runs N] [--warmup N] [--json]   measures its speed\n"
      "  %s --bench --throughput       the same of several contexts at once\n"
      "  %s --profile [FILE.json]      the time of its parts: a table, and a "
      "trace for Perfetto\n"
      "  %s --dump DIR [--dump-filter NAME]   writes the results of its parts, "
      "NumPy files\n\n",
      name, name, name, name, name, name, name);
  printf(
      "  --input NAME=FILE   an input; NAME= can be left out if there is one\n"
      "  --output NAME=FILE  writes an output: a row for each sample\n"
      "  --threads N         threads of one inference (default: one per core)\n"
      "  --contexts N        inferences at the same time (default: for several "
      "files\n"
      "                      and --throughput, as many as there are cores)\n"
      "  --weights FILE      the weights, if they are a file elsewhere\n"
      "  --target NAME       the code to run, of those that --info lists\n"
      "  --runs N            runs to measure\n"
      "  --warmup N          runs before that\n"
      "  --help, --version\n\n");
  print_ports("inputs", entry->inputs, entry->num_inputs);
  print_ports("outputs", entry->outputs, entry->num_outputs);
}
