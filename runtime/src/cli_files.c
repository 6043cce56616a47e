/*===- cli_files.c - The files of the command line ----------------*- C -*-===//
//
// Part of Vitrail, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===*/

#include "cli.h"

#include "npy.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

//===----------------------------------------------------------------------===//
// Kinds of files
//===----------------------------------------------------------------------===//

int cli_ends_in(const char *path, const char *ending) {
  size_t length = strlen(path), n = strlen(ending);
  return length >= n && strcmp(path + length - n, ending) == 0;
}

/* Whether a file for `port` is to be read as NumPy's. What it holds counts; its
 * name decides only who complains about a file that is neither that nor an
 * image. */
static int is_tensor(const char *path, const vitrail_port *port) {
  static const char magic[] = "\x93NUMPY";
  if (port->kind != VITRAIL_IMAGE || cli_ends_in(path, ".npy"))
    return 1;
  char start[sizeof(magic) - 1];
  FILE *file = fopen(path, "rb");
  size_t size = file ? fread(start, 1, sizeof(start), file) : 0;
  if (file)
    fclose(file);
  return size == sizeof(start) && memcmp(start, magic, size) == 0;
}

static int load_image(const cli_options *options, const char *path,
                      const vitrail_port *port, void *data, char *error) {
  const cli_images *support = options->image_support;
  return support ? support->load(path, port, data, error)
                 : vitrail_fail(error, VITRAIL_FILE_FAILURE,
                                "%.512s: this program was linked without "
                                "image files; its main must call "
                                "vitrail_image_main",
                                path);
}

int cli_read_input(const cli_options *options, const char *path,
                   const vitrail_port *port, void *data, char *error) {
  if (is_tensor(path, port))
    return vitrail_npy_read(path, port, data, error);
  if (port->shape[0] == 1)
    return load_image(options, path, port, data, error);
  return vitrail_fail(error, VITRAIL_USAGE,
                      "input '%s' is a batch of %lld images; give the files "
                      "without --input, or a NumPy file",
                      port->name, (long long)port->shape[0]);
}

/* Whether input `number` is given, and by image files alone. */
static int is_images(const cli_options *options, uint32_t number,
                     const vitrail_port *port) {
  if (options->inputs[number])
    return !is_tensor(options->inputs[number], port);
  if (options->files_count == 0 || options->files_port != number)
    return 0;
  for (int i = 0; i < options->files_count; ++i)
    if (is_tensor(options->files[i], port))
      return 0;
  return 1;
}

uint32_t cli_choose_entry(const vitrail_program *program,
                          const cli_options *options) {
  for (uint32_t i = 1; i < program->num_entries; ++i) {
    const vitrail_entry *entry = &program->entries[i];
    uint32_t pixels = 0, images = 0;
    for (uint32_t j = 0; j < entry->num_inputs; ++j)
      if (entry->inputs[j].dtype == VITRAIL_U8) {
        ++pixels;
        images += (uint32_t)is_images(options, j, &entry->inputs[j]);
      }
    if (pixels && images == pixels)
      return i;
  }
  return 0;
}

//===----------------------------------------------------------------------===//
// Files without a name
//===----------------------------------------------------------------------===//

static int examine(cli_file *file, const vitrail_port *port, char *error) {
  char problem[VITRAIL_ERROR_SIZE];
  file->count = 1;
  file->is_tensor = is_tensor(file->path, port);
  if (!file->is_tensor ||
      !vitrail_npy_count_rows(file->path, port, &file->count, problem))
    return VITRAIL_OK;
  file->count = 1;
  file->problem = strdup(problem);
  return file->problem
             ? VITRAIL_OK
             : vitrail_fail(error, VITRAIL_OUT_OF_MEMORY, "out of memory");
}

int cli_files_open(cli_files *files, const vitrail_entry *entry,
                   const cli_options *options, char *error) {
  memset(files, 0, sizeof(*files));
  if (options->files_count == 0)
    return VITRAIL_OK;
  files->port = &entry->inputs[options->files_port];
  files->files = calloc((size_t)options->files_count, sizeof(cli_file));
  if (!files->files)
    return vitrail_fail(error, VITRAIL_OUT_OF_MEMORY, "out of memory");
  files->count = options->files_count;
  int status = VITRAIL_OK;
  for (int i = 0; i < files->count && !status; ++i) {
    cli_file *file = &files->files[i];
    file->path = options->files[i];
    file->first = files->samples;
    status = examine(file, files->port, error);
    files->samples += file->count;
  }
  return status;
}

void cli_files_close(cli_files *files) {
  for (int i = 0; i < files->count; ++i)
    free(files->files[i].problem);
  free(files->files);
}

const cli_file *cli_files_find(const cli_files *files, int64_t number) {
  int low = 0, high = files->count - 1; /* the file is among these */
  while (low < high) {
    int middle = low + (high - low + 1) / 2;
    if (files->files[middle].first <= number)
      low = middle;
    else
      high = middle - 1;
  }
  return &files->files[low];
}

int cli_files_read(const cli_files *files, const cli_options *options,
                   int64_t number, void *data, char *error) {
  const cli_file *file = cli_files_find(files, number);
  if (file->problem)
    return vitrail_fail(error, VITRAIL_FILE_FAILURE, "%s", file->problem);
  if (!file->is_tensor)
    return load_image(options, file->path, files->port, data, error);
  return vitrail_npy_read_row(file->path, files->port, number - file->first,
                              data, error);
}
