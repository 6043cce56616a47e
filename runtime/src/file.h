/*===- file.h - Files that appear whole or not at all -------------*- C -*-===//
//
// Part of Vitrail, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===*/

#ifndef VITRAIL_SRC_FILE_H
#define VITRAIL_SRC_FILE_H

#include "vitrail/runtime.h"

#include <stdio.h>

#ifdef __cplusplus
extern "C" {
#endif

/* A file being written: under a temporary name beside its own, unless that is a
 * device or a pipe. */
typedef struct vitrail_output {
  FILE *stream;
  char *path;
  char *temporary; /* NULL: written in place */
} vitrail_output;

/* Each returns a vitrail_status. After open, either close and commit or discard
 * must follow; several files are closed first and then committed, so that they
 * appear together. */
int vitrail_output_open(vitrail_output *output, const char *path, char *error);
int vitrail_output_close(vitrail_output *output, char *error);
int vitrail_output_commit(vitrail_output *output, char *error);

/* Removes what was written; nothing to do for an output of all zeros. */
void vitrail_output_discard(vitrail_output *output);

#ifdef __cplusplus
}
#endif
#endif /* VITRAIL_SRC_FILE_H */
