/*===- cli_options.c - Parsing the command line -------------------*- C -*-===//
//
// Part of Vitrail, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===*/

#include "cli.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

typedef struct parser {
  const vitrail_entry *entry; /* the first: all have ports of the same names */
  cli_options *options;
  int argc;
  char **argv;
  int at;
  const char *modes[8]; /* the options that chose a mode, as typed */
  int modes_count;
  int counts_given; /* --runs or --warmup */
  char *error;
} parser;

static int usage(parser *p, const char *what, const char *argument) {
  return vitrail_fail(p->error, VITRAIL_USAGE, "%s '%.256s'; see --help", what,
                      argument);
}

/* If the argument is `name`, finds its value: what follows '=' or the next
 * argument. Returns 1, 0 for another argument, -1 where the value is missing.
 */
static int takes_value(parser *p, const char *name, const char **value) {
  const char *argument = p->argv[p->at];
  size_t length = strlen(name);
  if (strncmp(argument, name, length) != 0)
    return 0;
  if (argument[length] == '=') {
    *value = argument + length + 1;
    return 1;
  }
  if (argument[length] != '\0')
    return 0;
  if (p->at + 1 == p->argc) {
    usage(p, "a value must follow", name);
    return -1;
  }
  *value = p->argv[++p->at];
  return 1;
}

static int parse_count(parser *p, const char *name, const char *text, int least,
                       int most, int *count) {
  char *end;
  errno = 0;
  long value = strtol(text, &end, 10);
  if (end == text || *end || errno || value < least || value > most)
    return vitrail_fail(p->error, VITRAIL_USAGE,
                        "%s takes a number from %d to %d, not '%.64s'", name,
                        least, most, text);
  *count = (int)value;
  return VITRAIL_OK;
}

static void append_name(const vitrail_port *port, char *names, size_t size) {
  size_t used = strlen(names);
  snprintf(names + used, size - used, "%s%s", used ? ", " : "", port->name);
}

/* "NAME=FILE", or "FILE" where there is but one port. */
static int parse_port(parser *p, const char *kind, const char *text,
                      const vitrail_port *ports, uint32_t count,
                      const char **files) {
  uint32_t port = count;
  const char *file = text;
  for (uint32_t i = 0; i < count; ++i) {
    size_t length = strlen(ports[i].name);
    if (strncmp(text, ports[i].name, length) == 0 && text[length] == '=') {
      port = i;
      file = text + length + 1;
    }
  }
  if (port == count && count == 1 && !strchr(text, '='))
    port = 0;
  if (port == count) {
    char names[512] = "";
    for (uint32_t i = 0; i < count; ++i)
      append_name(&ports[i], names, sizeof(names));
    return vitrail_fail(p->error, VITRAIL_USAGE,
                        "--%s takes NAME=FILE, not '%.256s'; the %ss are: %s",
                        kind, text, kind, names);
  }
  if (!*file)
    return usage(p, "a file must follow", text);
  if (files[port])
    return vitrail_fail(
        p->error, VITRAIL_USAGE, "%s '%s' is given twice%s", kind,
        ports[port].name,
        strcmp(kind, "input") == 0 ? "; several files go without --input" : "");
  files[port] = file;
  return VITRAIL_OK;
}

static void choose_mode(parser *p, const char *name, enum cli_mode mode) {
  if (p->modes_count < 8)
    p->modes[p->modes_count++] = name;
  p->options->mode = mode;
}

static int parse_mode(parser *p, const char *argument) {
  static const struct {
    const char *name;
    enum cli_mode mode;
  } modes[] = {{"--info", CLI_INFO},
               {"--bench", CLI_BENCH},
               {"--help", CLI_HELP},
               {"-h", CLI_HELP},
               {"--version", CLI_VERSION}};
  for (size_t i = 0; i < sizeof(modes) / sizeof(modes[0]); ++i) {
    if (strcmp(argument, modes[i].name) != 0)
      continue;
    choose_mode(p, modes[i].name, modes[i].mode);
    return 1;
  }
  return 0;
}

static int parse_option(parser *p) {
  cli_options *options = p->options;
  const vitrail_entry *entry = p->entry;
  const char *argument = p->argv[p->at], *value = NULL;
  if (parse_mode(p, argument))
    return VITRAIL_OK;
  if (strcmp(argument, "--json") == 0) {
    options->json = 1;
    return VITRAIL_OK;
  }
  if (strcmp(argument, "--licenses") == 0) {
    options->licenses = 1;
    return VITRAIL_OK;
  }
  if (strcmp(argument, "--throughput") == 0) {
    options->throughput = 1;
    return VITRAIL_OK;
  }
  int taken;
#define TAKES(NAME) ((taken = takes_value(p, NAME, &value)) != 0)
  if (TAKES("--input"))
    return taken < 0 ? VITRAIL_USAGE
                     : parse_port(p, "input", value, entry->inputs,
                                  entry->num_inputs, options->inputs);
  if (TAKES("--output"))
    return taken < 0 ? VITRAIL_USAGE
                     : parse_port(p, "output", value, entry->outputs,
                                  entry->num_outputs, options->outputs);
  /* Images may follow, which must not be taken for the trace to write. */
  if (strcmp(argument, "--profile") == 0 &&
      (p->at + 1 == p->argc || !cli_ends_in(p->argv[p->at + 1], ".json"))) {
    choose_mode(p, "--profile", CLI_PROFILE);
    return VITRAIL_OK;
  }
  if (TAKES("--profile")) {
    choose_mode(p, "--profile", CLI_PROFILE);
    options->profile_file = value;
    return taken < 0 ? VITRAIL_USAGE : VITRAIL_OK;
  }
  if (TAKES("--dump")) {
    choose_mode(p, "--dump", CLI_DUMP);
    options->dump_directory = value;
    return taken < 0 ? VITRAIL_USAGE : VITRAIL_OK;
  }
  if (TAKES("--dump-filter")) {
    options->dump_filter = value;
    return taken < 0 ? VITRAIL_USAGE : VITRAIL_OK;
  }
  if (TAKES("--weights")) {
    options->weights_file = value;
    return taken < 0 ? VITRAIL_USAGE : VITRAIL_OK;
  }
  if (TAKES("--target")) {
    options->target = value;
    return taken < 0 ? VITRAIL_USAGE : VITRAIL_OK;
  }
  if (TAKES("--threads"))
    return taken < 0 ? VITRAIL_USAGE
                     : parse_count(p, "--threads", value, 1,
                                   VITRAIL_MAX_THREADS, &options->threads);
  if (TAKES("--contexts"))
    return taken < 0 ? VITRAIL_USAGE
                     : parse_count(p, "--contexts", value, 1,
                                   VITRAIL_MAX_THREADS, &options->contexts);
  if (TAKES("--runs")) {
    p->counts_given = 1;
    return taken < 0
               ? VITRAIL_USAGE
               : parse_count(p, "--runs", value, 1, 1000000, &options->runs);
  }
  if (TAKES("--warmup")) {
    p->counts_given = 1;
    return taken < 0 ? VITRAIL_USAGE
                     : parse_count(p, "--warmup", value, 0, 1000000,
                                   &options->warmup);
  }
#undef TAKES
  return usage(p, "unknown option", argument);
}

/* Which input the files without a name are for: the only one, or the only
 * image, that is not given by name. */
static int choose_files_port(parser *p) {
  const vitrail_entry *entry = p->entry;
  cli_options *options = p->options;
  uint32_t free_ports = 0, free_images = 0, port = 0, image = 0;
  for (uint32_t i = 0; i < entry->num_inputs; ++i) {
    if (options->inputs[i])
      continue;
    ++free_ports;
    port = i;
    if (entry->inputs[i].kind == VITRAIL_IMAGE) {
      ++free_images;
      image = i;
    }
  }
  if (free_ports != 1 && free_images != 1)
    return usage(p, "give every input by name (--input NAME=FILE), not",
                 options->files[0]);
  options->files_port = free_ports == 1 ? port : image;
  return VITRAIL_OK;
}

static int check_inputs(parser *p) {
  const cli_options *options = p->options;
  int needs_all = options->mode == CLI_PREDICT;
  for (uint32_t i = 0; needs_all && i < p->entry->num_inputs; ++i) {
    const vitrail_port *port = &p->entry->inputs[i];
    if (options->inputs[i] ||
        (options->files_count && options->files_port == i))
      continue;
    return vitrail_fail(p->error, VITRAIL_USAGE,
                        "input '%s' is missing; give %s--input %s=FILE.npy, "
                        "see --help",
                        port->name,
                        port->kind == VITRAIL_IMAGE ? "an image or " : "",
                        port->name);
  }
  return VITRAIL_OK;
}

/* What does not go together. */
static int check_mode(parser *p) {
  const cli_options *options = p->options;
  enum cli_mode mode = options->mode;
  if (p->modes_count > 1)
    return vitrail_fail(p->error, VITRAIL_USAGE,
                        "%s and %s do not go together; see --help", p->modes[0],
                        p->modes[1]);
  if (options->json && mode != CLI_INFO && mode != CLI_BENCH)
    return vitrail_fail(p->error, VITRAIL_USAGE,
                        "--json goes with --info or --bench; see --help");
  if (options->licenses && mode != CLI_INFO)
    return vitrail_fail(p->error, VITRAIL_USAGE,
                        "--licenses goes with --info; see --help");
  if (options->dump_filter && mode != CLI_DUMP)
    return vitrail_fail(p->error, VITRAIL_USAGE,
                        "--dump-filter goes with --dump DIR; see --help");
  if (options->threads > 1 && mode == CLI_DUMP)
    return vitrail_fail(p->error, VITRAIL_USAGE,
                        "--dump runs on one thread, not %d; see --help",
                        options->threads);
  if (p->counts_given && mode != CLI_BENCH && mode != CLI_PROFILE)
    return vitrail_fail(p->error, VITRAIL_USAGE,
                        "--runs and --warmup go with --bench or --profile; "
                        "see --help");
  for (uint32_t i = 0; i < p->entry->num_outputs; ++i)
    if (options->outputs[i] && mode != CLI_PREDICT)
      return vitrail_fail(p->error, VITRAIL_USAGE,
                          "--output does not go with %s; see --help",
                          p->modes[0]);
  if (options->throughput && mode != CLI_BENCH)
    return vitrail_fail(p->error, VITRAIL_USAGE,
                        "--throughput goes with --bench; see --help");
  if (options->contexts && mode != CLI_PREDICT && !options->throughput)
    return vitrail_fail(p->error, VITRAIL_USAGE,
                        "--contexts goes with files or --bench --throughput; "
                        "see --help");
  if (options->files_count && mode == CLI_INFO)
    return usage(p, "--info takes no files, such as", options->files[0]);
  return VITRAIL_OK;
}

int cli_parse(int argc, char **argv, const vitrail_program *program,
              cli_options *options, char *error) {
  const vitrail_entry *entry = &program->entries[0];
  parser p = {.entry = entry,
              .options = options,
              .argc = argc,
              .argv = argv,
              .error = error};
  memset(options, 0, sizeof(*options));
  options->warmup = -1;
  options->inputs = calloc(entry->num_inputs + 1u, sizeof(char *));
  options->outputs = calloc(entry->num_outputs + 1u, sizeof(char *));
  options->files = calloc((size_t)argc + 1, sizeof(char *));
  if (!options->inputs || !options->outputs || !options->files)
    return vitrail_fail(error, VITRAIL_OUT_OF_MEMORY, "out of memory");

  int only_files = 0;
  for (p.at = 1; p.at < argc; ++p.at) {
    const char *argument = argv[p.at];
    int status = VITRAIL_OK;
    if (!only_files && strcmp(argument, "--") == 0)
      only_files = 1;
    else if (only_files || argument[0] != '-')
      options->files[options->files_count++] = argument;
    else
      status = parse_option(&p);
    if (status)
      return status;
  }
  if (options->mode == CLI_HELP || options->mode == CLI_VERSION)
    return VITRAIL_OK;
  int status = options->files_count ? choose_files_port(&p) : VITRAIL_OK;
  if (!status)
    status = check_mode(&p);
  if (!status)
    status = check_inputs(&p);
  return status;
}

void cli_free_options(cli_options *options) {
  free(options->inputs);
  free(options->outputs);
  free(options->files);
}
