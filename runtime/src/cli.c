/*===- cli.c - The command line of a compiled program -------------*- C -*-===//
//
// Part of Vitrail, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===*/

#include "cli.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

static int run_mode(const vitrail_program *program, const cli_options *options,
                    const char *name, char *error) {
  switch (options->mode) {
  case CLI_HELP:
    cli_help(program, name);
    return VITRAIL_OK;
  case CLI_VERSION:
    cli_version(program);
    return VITRAIL_OK;
  case CLI_INFO:
    if (options->licenses) {
      cli_licenses(options);
      return VITRAIL_OK;
    }
    return cli_info(program, options, error);
  case CLI_BENCH:
    return cli_bench(program, options, error);
  case CLI_PROFILE:
    return cli_profile(program, options, error);
  case CLI_DUMP:
    return cli_dump(program, options, error);
  case CLI_PREDICT:
    return cli_predict(program, options, error);
  }
  return VITRAIL_USAGE;
}

/* Messages quote names of files, and one line is what we promise. */
static void keep_one_line(char *text) {
  for (; *text; ++text)
    if ((unsigned char)*text < 0x20 || *text == 0x7f)
      *text = '?';
}

void cli_report(const cli_options *options, const char *message) {
  char line[VITRAIL_ERROR_SIZE];
  snprintf(line, sizeof(line), "%s", message);
  keep_one_line(line);
  fflush(stdout); /* on a terminal, or in one file, lines come in order */
  fprintf(stderr, "%s: %s\n", options->name, line);
}

int cli_main(int argc, char **argv, const vitrail_program *program,
             const cli_images *image_support) {
  const char *name = argc > 0 && argv[0] ? argv[0] : program->name;
  const char *slash = strrchr(name, '/');
  name = slash ? slash + 1 : name;

  char error[VITRAIL_ERROR_SIZE] = "";
  cli_options options;
  int status = cli_parse(argc, argv, program, &options, error);
  options.name = name;
  options.image_support = image_support;
  if (!status)
    options.entry = cli_choose_entry(program, &options);
  if (!status)
    status = run_mode(program, &options, name, error);
  /* A full disk shows no earlier than here. */
  if (fflush(stdout) && !status)
    status =
        vitrail_fail(error, VITRAIL_FILE_FAILURE,
                     "cannot write to standard output: %s", strerror(errno));
  if (status && *error)
    cli_report(&options, error);
  cli_free_options(&options);
  if (!status)
    return 0;
  return status == VITRAIL_USAGE ? 2 : 1;
}

int vitrail_main(int argc, char **argv, const vitrail_program *program) {
  return cli_main(argc, argv, program, NULL);
}
