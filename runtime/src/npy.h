/*===- npy.h - Tensors in NumPy's files ---------------------------*- C -*-===//
//
// Part of Vitrail, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// float32 in C order; whatever else a file holds is refused with a line that
// says how to convert it.
//
//===----------------------------------------------------------------------===*/

#ifndef VITRAIL_SRC_NPY_H
#define VITRAIL_SRC_NPY_H

#include "vitrail/runtime.h"

#include <stdio.h>

#ifdef __cplusplus
extern "C" {
#endif

#define VITRAIL_NPY_MAX_RANK 32

typedef struct vitrail_npy {
  char dtype[16]; /* "<f4" */
  int fortran_order;
  int rank;
  int64_t shape[VITRAIL_NPY_MAX_RANK];
} vitrail_npy;

/* Parses the header's dictionary, `length` bytes at `text` (not terminated).
 * `name` is the file's, for messages. Returns a vitrail_status. */
int vitrail_npy_parse(const char *text, size_t length, const char *name,
                      vitrail_npy *header, char *error);

/* Reads the tensor of `port` from a file. */
int vitrail_npy_read(const char *path, const vitrail_port *port, float *data,
                     char *error);

/* The same for a file of any number of samples: its first dimension is as it
 * likes, the others are the port's. A regular file it must be, and no smaller
 * than it claims. */
int vitrail_npy_count_rows(const char *path, const vitrail_port *port,
                           int64_t *rows, char *error);

/* Reads one sample of such a file. */
int vitrail_npy_read_row(const char *path, const vitrail_port *port,
                         int64_t row, float *data, char *error);

/* Writes a tensor; -1 if the stream fails. */
int vitrail_npy_write(FILE *stream, const int64_t *shape, int rank,
                      const float *data);

/* "[1, 3, 224, 224]", cut where it does not fit. */
void vitrail_format_shape(const int64_t *shape, int rank, char *text,
                          size_t size);

#ifdef __cplusplus
}
#endif
#endif /* VITRAIL_SRC_NPY_H */
