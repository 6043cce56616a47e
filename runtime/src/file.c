/*===- file.c - Files that appear whole or not at all -------------*- C -*-===//
//
// Part of Vitrail, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===*/

#define _GNU_SOURCE
#include "file.h"

#include "error.h"

#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static int fail_to_write(const char *path, char *error) {
  return vitrail_fail(error, VITRAIL_FILE_FAILURE, "cannot write '%.512s': %s",
                      path, strerror(errno));
}

/* The permissions that an ordinary new file gets. */
static mode_t default_mode(void) {
  mode_t mask = umask(0);
  umask(mask);
  return 0666 & ~mask;
}

int vitrail_output_open(vitrail_output *output, const char *path, char *error) {
  memset(output, 0, sizeof(*output));
  struct stat status;
  int exists = stat(path, &status) == 0;
  /* Renaming over a link or a device would replace it by a file. */
  if (exists && !S_ISREG(status.st_mode)) {
    output->path = strdup(path);
    output->stream = output->path ? fopen(path, "wb") : NULL;
  } else {
    output->path = exists ? realpath(path, NULL) : strdup(path);
    if (output->path &&
        asprintf(&output->temporary, "%s.XXXXXX", output->path) < 0)
      output->temporary = NULL;
    int file = output->temporary ? mkstemp(output->temporary) : -1;
    if (file >= 0) {
      mode_t mode = exists ? status.st_mode & 0777 : default_mode();
      (void)!fchmod(file, mode); /* at worst the file stays private */
      output->stream = fdopen(file, "wb");
      if (!output->stream)
        close(file);
    } else {
      free(output->temporary);
      output->temporary = NULL;
    }
  }
  if (output->stream)
    return VITRAIL_OK;
  int result = fail_to_write(path, error);
  vitrail_output_discard(output);
  return result;
}

int vitrail_output_close(vitrail_output *output, char *error) {
  int failed = ferror(output->stream);
  failed |= fclose(output->stream);
  output->stream = NULL;
  return failed ? fail_to_write(output->path, error) : VITRAIL_OK;
}

int vitrail_output_commit(vitrail_output *output, char *error) {
  int status = VITRAIL_OK;
  if (output->temporary && rename(output->temporary, output->path)) {
    status = fail_to_write(output->path, error);
  } else {
    free(output->temporary);
    output->temporary = NULL;
  }
  vitrail_output_discard(output);
  return status;
}

void vitrail_output_discard(vitrail_output *output) {
  if (output->stream)
    fclose(output->stream);
  if (output->temporary)
    unlink(output->temporary);
  free(output->temporary);
  free(output->path);
  memset(output, 0, sizeof(*output));
}
