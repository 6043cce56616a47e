/*===- cli.h - The command line of a compiled program -------------*- C -*-===//
//
// Part of Vitrail, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// vitrail_main is in cli.c. Each thing that it does is a function cli_* here;
// they return a vitrail_status and leave a message in `error`, and cli.c prints
// it and chooses the exit status. An empty message has been reported already.
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
  CLI_DUMP,
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
  int (*load)(const char *path, const vitrail_port *port, void *data,
              char *error);
  const cli_notice *notices;
  int notices_count;
} cli_images;

/* The parsed command line. */
typedef struct cli_options {
  enum cli_mode mode;
  int json;
  int licenses;
  int throughput;
  int runs;     /* 0: as long as it takes */
  int warmup;   /* -1: the default */
  int threads;  /* of each context; 0: the default */
  int contexts; /* that run at the same time; 0: the default */
  const char *weights_file;
  const char *target; /* the variant to run, or NULL */
  const char *profile_file; /* or NULL */
  const char *dump_directory;
  const char *dump_filter; /* or NULL */
  const char **inputs;  /* for each input port, a file or NULL */
  const char **outputs; /* for each output port, a file or NULL */
  const char **files;   /* files without a name, for input `files_port` */
  int files_count;
  uint32_t files_port;
  const char *name;                /* of the program, as it was called */
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

/* One line on stderr: "vit: cat.jpg: ...". */
void cli_report(const cli_options *options, const char *message);

//===----------------------------------------------------------------------===//
// Inputs: cli_files.c
//===----------------------------------------------------------------------===//

/* A file without a name: an image is one sample, a NumPy file holds as many as
 * its first dimension says. */
typedef struct cli_file {
  const char *path;
  int is_tensor;
  int64_t first; /* number of its first sample */
  int64_t count; /* of its samples; 1 if the file is bad */
  char *problem; /* why the file is bad, or NULL */
} cli_file;

typedef struct cli_files {
  const vitrail_port *port;
  cli_file *files;
  int count;
  int64_t samples;
} cli_files;

/* Looks at the files without a name, as far as is needed to count samples. What
 * is wrong with one of them is kept for when its turn comes. To be closed
 * whether it succeeds or not. */
int cli_files_open(cli_files *files, const vitrail_entry *entry,
                   const cli_options *options, char *error);
void cli_files_close(cli_files *files);

/* The file of sample number `number`. */
const cli_file *cli_files_find(const cli_files *files, int64_t number);

/* Reads sample number `number`. */
int cli_files_read(const cli_files *files, const cli_options *options,
                   int64_t number, void *data, char *error);

/* Reads an input that was given by name, a whole batch. */
int cli_read_input(const cli_options *options, const char *path,
                   const vitrail_port *port, void *data, char *error);

/* The number of the entry that takes the inputs as their files hold them: that
 * of pixels if all images come from image files, or else the first. */
uint32_t cli_choose_entry(const vitrail_program *program,
                          const cli_options *options);

//===----------------------------------------------------------------------===//
// Contexts: cli_session.c
//===----------------------------------------------------------------------===//

/* A context and the buffers of its inferences. */
typedef struct cli_session {
  const vitrail_program *program;
  const vitrail_entry *entry;
  const cli_options *options;
  void **ports; /* inputs, then outputs */
  vitrail_context *context;
} cli_session;

/* What a context is there for. */
typedef int (*cli_work)(cli_session *session, void *argument, char *error);

/* Opens sessions, runs `work` on all of them at the same time, and closes them.
 * A single one runs in the calling thread. The buffers are filled with the same
 * pseudo-random numbers every time and then with the inputs that were given by
 * name. Nothing runs if a session cannot be opened; returns the first status
 * that is not VITRAIL_OK. */
int cli_on_contexts(const vitrail_program *program, const cli_options *options,
                    int contexts, cli_work work, void *argument, char *error);

int cli_run(cli_session *session, char *error);

/* Runs that are not measured: as many as the options say. */
int cli_warm_up(cli_session *session, char *error);

/* Fills the batch of the input of files without a name, if there are any, with
 * their samples, which the last one repeated makes up for. */
int cli_fill_batch(cli_session *session, char *error);

/* Samples in a batch: the first dimension of all inputs and outputs. */
int64_t cli_batch(const vitrail_entry *entry);

/* Warns of threads that have nothing to do: more than the program has work for,
 * or in all contexts together more than there are CPUs. */
void cli_warn_of_threads(const vitrail_entry *entry, const cli_options *options,
                         int contexts);

//===----------------------------------------------------------------------===//
// Results: cli_show.c and cli_outputs.c
//===----------------------------------------------------------------------===//

/* Shows what sample `row` of the session's batch came to, under a title that
 * may be empty; nothing if it is no result. */
int cli_show(const cli_session *session, int64_t row, const char *title,
             char *error);

/* The outputs to be written: for each, the rows of all samples, or NULL. */
typedef struct cli_outputs {
  const vitrail_entry *entry;
  const cli_options *options;
  int64_t samples;
  char **rows;
} cli_outputs;

/* Allocates what is needed for so many samples; to be closed whether it
 * succeeds or not. */
int cli_outputs_open(cli_outputs *outputs, const vitrail_entry *entry,
                     const cli_options *options, int64_t samples, char *error);
void cli_outputs_close(cli_outputs *outputs);

/* Whether the options ask for any. */
int cli_outputs_wanted(const vitrail_entry *entry, const cli_options *options);

/* Keeps row `row` of the session's batch as that of sample `number`. */
void cli_outputs_keep(cli_outputs *outputs, const cli_session *session,
                      int64_t row, int64_t number);

/* Writes the files: all of them appear, or none. */
int cli_outputs_write(const cli_outputs *outputs, char *error);

//===----------------------------------------------------------------------===//
// Modes, each in a file of its own
//===----------------------------------------------------------------------===//

void cli_help(const vitrail_program *program, const char *argv0);
void cli_version(const vitrail_program *program);
void cli_licenses(const cli_options *options);
int cli_info(const vitrail_program *program, const cli_options *options,
             char *error);
int cli_bench(const vitrail_program *program, const cli_options *options,
              char *error);
int cli_profile(const vitrail_program *program, const cli_options *options,
                char *error);
int cli_dump(const vitrail_program *program, const cli_options *options,
             char *error);
int cli_predict(const vitrail_program *program, const cli_options *options,
                char *error);

#ifdef __cplusplus
}
#endif
#endif /* VITRAIL_SRC_CLI_H */
