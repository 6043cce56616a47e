/*===- cli.h - The command line of a compiled program -------------*- C -*-===//
//
// Part of Vitrail, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// vitrail_main is in cli.c. Each thing that it does is a function cli_* here,
// in a file of that name; they return a vitrail_status and leave a message in
// `error`, and only cli.c prints it and chooses the exit status.
//
//===----------------------------------------------------------------------===*/

#ifndef VITRAIL_SRC_CLI_H
#define VITRAIL_SRC_CLI_H

#include "error.h"
#include "vitrail/runtime.h"

#ifdef __cplusplus
extern "C" {
#endif

enum cli_mode {
  CLI_PREDICT,
  CLI_INFO,
  CLI_BENCH,
  CLI_PROFILE,
  CLI_HELP,
  CLI_VERSION,
};

/* What a program contains and whose it is. */
typedef struct cli_notice {
  const char *name;
  const char *text;
} cli_notice;

/* What a program that reads images has more than others. */
typedef struct cli_images {
  /* vitrail_image_load */
  int (*load)(const char *path, const vitrail_port *port, float *data,
              char *error);
  const cli_notice *notices;
  int notices_count;
} cli_images;

/* The parsed command line. */
typedef struct cli_options {
  enum cli_mode mode;
  int json;
  int licenses;
  int runs;   /* 0: as long as it takes */
  int warmup; /* -1: the default */
  int threads;
  const char *weights_file;
  const char *target; /* the variant to run, or NULL */
  const char *profile_file;
  const char **inputs;  /* for each input port, a file or NULL */
  const char **outputs; /* for each output port, a file or NULL */
  const char **images;  /* files without a name, for `images_port` */
  int images_count;
  uint32_t images_port;
  const cli_images *image_support; /* NULL for a program without images */
  uint32_t entry; /* of the program, which the inputs' files decide */
} cli_options;

/* vitrail_main and vitrail_image_main. */
int cli_main(int argc, char **argv, const vitrail_program *program,
             const cli_images *image_support);

/* Usage errors are VITRAIL_USAGE. */
int cli_parse(int argc, char **argv, const vitrail_program *program,
              cli_options *options, char *error);
void cli_free_options(cli_options *options);

/* Whether the name of a file ends in `ending`, ".npy". */
int cli_ends_in(const char *path, const char *ending);

/* A context and the buffers of its inferences. */
typedef struct cli_session {
  const vitrail_program *program;
  const vitrail_entry *entry;
  const cli_options *options;
  void **ports; /* inputs, then outputs */
  vitrail_context *context;
} cli_session;

/* Allocates the buffers, fills the inputs with the same pseudo-random numbers
 * every time, reads those that the options name from their files, and only then
 * creates the context: what is wrong with a file shows at once. To be closed
 * whether it succeeds or not. */
int cli_open(cli_session *session, const vitrail_program *program,
             const cli_options *options, char *error);
void cli_close(cli_session *session);

/* Reads the images from number `first` on into the batch of their input;
 * a batch that is not filled repeats the last one. */
int cli_read_images(cli_session *session, int first, char *error);

int cli_run(cli_session *session, char *error);

/* Runs that are not measured: as many as the options say. */
int cli_warm_up(cli_session *session, char *error);

void cli_help(const vitrail_program *program, const char *argv0);
void cli_version(const vitrail_program *program);
void cli_licenses(const cli_options *options);
int cli_info(const vitrail_program *program, const cli_options *options,
             char *error);
int cli_bench(const vitrail_program *program, const cli_options *options,
              char *error);
int cli_profile(const vitrail_program *program, const cli_options *options,
                char *error);
int cli_predict(const vitrail_program *program, const cli_options *options,
                char *error);

#ifdef __cplusplus
}
#endif
#endif /* VITRAIL_SRC_CLI_H */
