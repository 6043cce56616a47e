/*===- dump.c - A folder of tensors -------------------------------*- C -*-===//
//
// Part of Vitrail, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===*/

#define _GNU_SOURCE
#include "dump.h"

#include "error.h"
#include "json.h"
#include "npy.h"

#include <dirent.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static int cannot(const char *path, int reason, char *error) {
  return vitrail_fail(error, VITRAIL_FILE_FAILURE, "cannot write '%.512s': %s",
                      path, strerror(reason));
}

/* Opens `name` in the folder. */
static FILE *create(const vitrail_dump *dump, const char *name) {
  char *path = NULL;
  if (asprintf(&path, "%s/%s", dump->temporary, name) < 0)
    return NULL;
  FILE *file = fopen(path, "wb");
  free(path);
  return file;
}

/* Whether a folder can get this name: nothing has it, or an empty folder. */
static int is_free(const char *path) {
  struct stat there;
  if (lstat(path, &there) != 0)
    return 1;
  DIR *entries = opendir(path);
  int count = 0;
  while (entries && readdir(entries))
    ++count;
  if (entries)
    closedir(entries);
  return count == 2; /* "." and ".." */
}

int vitrail_dump_open(vitrail_dump *dump, const char *directory, char *error) {
  if (!is_free(directory))
    return vitrail_fail(error, VITRAIL_FILE_FAILURE,
                        "cannot dump to '%.512s': it is there already; name a "
                        "new folder, or remove it",
                        directory);
  size_t length = strlen(directory);
  while (length > 1 && directory[length - 1] == '/')
    --length;
  dump->directory = strndup(directory, length);
  if (asprintf(&dump->temporary, "%.*s.part-XXXXXX", (int)length, directory) <
      0)
    dump->temporary = NULL;
  if (!dump->directory || !dump->temporary)
    return vitrail_fail(error, VITRAIL_OUT_OF_MEMORY, "out of memory");
  if (!mkdtemp(dump->temporary)) {
    int reason = errno;
    free(dump->temporary);
    dump->temporary = NULL;
    return cannot(directory, reason, error);
  }
  /* mkdtemp lets nobody else in. */
  mode_t mask = umask(0);
  umask(mask);
  chmod(dump->temporary, 0777 & ~mask);
  dump->index = create(dump, "index.json");
  if (!dump->index)
    return cannot(directory, errno, error);
  fprintf(dump->index, "{\n  \"tensors\": [");
  return VITRAIL_OK;
}

/* The name of a tensor's file. */
static char *file_name(const char *name) {
  char *file = NULL;
  if (asprintf(&file, "%s.npy", name) < 0)
    return NULL;
  for (char *c = file; *c; ++c)
    if (!strchr("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
                "0123456789._-",
                *c))
      *c = '_';
  return file;
}

int vitrail_dump_add(vitrail_dump *dump, const char *name, const int64_t *shape,
                     int rank, const float *data, const char *facts,
                     char *error) {
  char *file = file_name(name);
  if (!file)
    return vitrail_fail(error, VITRAIL_OUT_OF_MEMORY, "out of memory");
  FILE *stream = create(dump, file);
  int written = stream && vitrail_npy_write(stream, shape, rank, data) == 0;
  int reason = errno;
  if (stream && fclose(stream) != 0 && written) {
    written = 0;
    reason = errno;
  }
  if (written) {
    char text[256];
    vitrail_format_shape(shape, rank, text, sizeof(text));
    fprintf(dump->index, "%s\n    {\"name\": ", dump->count++ ? "," : "");
    vitrail_json_string(dump->index, name);
    fprintf(dump->index, ", \"file\": ");
    vitrail_json_string(dump->index, file);
    fprintf(dump->index, ", \"shape\": %s%s%s}", text, *facts ? ", " : "",
            facts);
  }
  free(file);
  return written ? VITRAIL_OK : cannot(name, reason, error);
}

int vitrail_dump_commit(vitrail_dump *dump, const char *facts, char *error) {
  fprintf(dump->index, "\n  ]%s%s\n}\n", *facts ? ",\n  " : "", facts);
  int failed = ferror(dump->index);
  failed |= fclose(dump->index);
  dump->index = NULL;
  if (failed || rename(dump->temporary, dump->directory) != 0)
    return cannot(dump->directory, errno, error);
  free(dump->temporary);
  dump->temporary = NULL;
  return VITRAIL_OK;
}

/* Removes the folder and the files in it. */
static void discard(const char *folder) {
  DIR *entries = opendir(folder);
  if (!entries)
    return;
  for (struct dirent *entry; (entry = readdir(entries));)
    unlinkat(dirfd(entries), entry->d_name, 0);
  closedir(entries);
  rmdir(folder);
}

void vitrail_dump_close(vitrail_dump *dump) {
  if (dump->index)
    fclose(dump->index);
  if (dump->temporary)
    discard(dump->temporary);
  free(dump->temporary);
  free(dump->directory);
  memset(dump, 0, sizeof(*dump));
}
