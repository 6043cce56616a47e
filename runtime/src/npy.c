/*===- npy.c - Tensors in NumPy's files ---------------------------*- C -*-===//
//
// Part of Vitrail, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===*/

#include "npy.h"

#include "context.h"
#include "error.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

void vitrail_format_shape(const int64_t *shape, int rank, char *text,
                          size_t size) {
  size_t used = 0;
  for (int i = 0; i <= rank && used < size; ++i) {
    int written = i < rank
                      ? snprintf(text + used, size - used, "%s%" PRId64,
                                 i ? ", " : "[", shape[i])
                      : snprintf(text + used, size - used, rank ? "]" : "[]");
    used += written > 0 ? (size_t)written : 0;
  }
}

//===----------------------------------------------------------------------===//
// The header: a Python dictionary, as numpy.lib.format writes it
//===----------------------------------------------------------------------===//

/* What is left of the text; nothing reads beyond `end`. */
typedef struct cursor {
  const char *at, *end;
} cursor;

static void skip_spaces(cursor *c) {
  while (c->at < c->end && (*c->at == ' ' || *c->at == '\n' || *c->at == '\t'))
    ++c->at;
}

static int take(cursor *c, char expected) {
  skip_spaces(c);
  if (c->at == c->end || *c->at != expected)
    return 0;
  ++c->at;
  return 1;
}

static int take_word(cursor *c, const char *word) {
  skip_spaces(c);
  size_t length = strlen(word);
  if ((size_t)(c->end - c->at) < length || memcmp(c->at, word, length) != 0)
    return 0;
  c->at += length;
  return 1;
}

/* A string in single or double quotes, without escapes. */
static int take_string(cursor *c, char *text, size_t size) {
  skip_spaces(c);
  if (c->at == c->end || (*c->at != '\'' && *c->at != '"'))
    return 0;
  char quote = *c->at++;
  size_t length = 0;
  for (; c->at < c->end && *c->at != quote; ++c->at) {
    if (length + 1 >= size || *c->at == '\\')
      return 0;
    text[length++] = *c->at;
  }
  text[length] = '\0';
  return take(c, quote);
}

static int take_number(cursor *c, int64_t *number) {
  skip_spaces(c);
  const char *begin = c->at;
  int64_t value = 0;
  for (; c->at < c->end && *c->at >= '0' && *c->at <= '9'; ++c->at) {
    if (value > (INT64_MAX - 9) / 10)
      return 0;
    value = value * 10 + (*c->at - '0');
  }
  *number = value;
  return c->at > begin;
}

/* "(1, 3)", "(3,)" or "()". */
static int take_shape(cursor *c, vitrail_npy *header) {
  header->rank = 0;
  if (!take(c, '('))
    return 0;
  while (!take(c, ')')) {
    if (header->rank == VITRAIL_NPY_MAX_RANK ||
        !take_number(c, &header->shape[header->rank++]))
      return 0;
    if (!take(c, ','))
      return take(c, ')');
  }
  return 1;
}

static int take_dictionary(cursor *c, vitrail_npy *header) {
  int seen_dtype = 0, seen_order = 0, seen_shape = 0;
  if (!take(c, '{'))
    return 0;
  while (!take(c, '}')) {
    char key[32];
    if (!take_string(c, key, sizeof(key)) || !take(c, ':'))
      return 0;
    if (strcmp(key, "descr") == 0) {
      /* A structured dtype is a list: no string, but no corruption either. */
      seen_dtype = 1;
      if (!take_string(c, header->dtype, sizeof(header->dtype))) {
        strcpy(header->dtype, "structured");
        return seen_dtype;
      }
    } else if (strcmp(key, "fortran_order") == 0) {
      seen_order = 1;
      header->fortran_order = take_word(c, "True");
      if (!header->fortran_order && !take_word(c, "False"))
        return 0;
    } else if (strcmp(key, "shape") == 0) {
      seen_shape = 1;
      if (!take_shape(c, header))
        return 0;
    } else {
      return 0;
    }
    if (!take(c, ',') && (c->at == c->end || *c->at != '}'))
      return 0;
  }
  return seen_dtype && seen_order && seen_shape;
}

int vitrail_npy_parse(const char *text, size_t length, const char *name,
                      vitrail_npy *header, char *error) {
  cursor c = {text, text + length};
  memset(header, 0, sizeof(*header));
  if (!take_dictionary(&c, header))
    return vitrail_fail(error, VITRAIL_FILE_FAILURE,
                        "%.512s: broken NumPy header; write the file again "
                        "with numpy.save",
                        name);
  return VITRAIL_OK;
}

//===----------------------------------------------------------------------===//
// Reading
//===----------------------------------------------------------------------===//

/* Reads the magic, the version and the dictionary. */
static int read_header(FILE *file, const char *path, vitrail_npy *header,
                       char *error) {
  /* numpy.save pads to 64 bytes and itself refuses more than 10000. */
  enum { LIMIT = 65535 };
  unsigned char start[8], size[4] = {0};
  if (fread(start, 1, 8, file) != 8 || memcmp(start, "\x93NUMPY", 6) != 0)
    return vitrail_fail(error, VITRAIL_FILE_FAILURE,
                        "%.512s: no NumPy file; write it with numpy.save",
                        path);
  if (start[6] < 1 || start[6] > 3)
    return vitrail_fail(error, VITRAIL_FILE_FAILURE,
                        "%.512s: NumPy format version %d, known are 1 to 3; "
                        "write the file again with numpy.save",
                        path, start[6]);
  size_t size_bytes = start[6] == 1 ? 2 : 4;
  int read = fread(size, 1, size_bytes, file) == size_bytes;
  size_t length = (size_t)size[0] | (size_t)size[1] << 8 |
                  (size_t)size[2] << 16 | (size_t)size[3] << 24;
  char *text = read && length <= LIMIT ? malloc(length + 1) : NULL;
  int status;
  if (!text || fread(text, 1, length, file) != length)
    status = vitrail_fail(error, VITRAIL_FILE_FAILURE,
                          "%.512s: truncated or oversized NumPy header; write "
                          "the file again with numpy.save",
                          path);
  else
    status = vitrail_npy_parse(text, length, path, header, error);
  free(text);
  return status;
}

/* Whether the file's shape is the port's; with `any_rows`, but for the first
 * dimension, which must not be 0. */
static int fits(const vitrail_npy *header, const vitrail_port *port,
                int any_rows) {
  if (header->rank != port->rank)
    return 0;
  int first = any_rows && port->rank > 0;
  return memcmp(header->shape + first, port->shape + first,
                sizeof(int64_t) * (size_t)(port->rank - first)) == 0 &&
         (!first || header->shape[0] > 0);
}

static int check_header(const char *path, const vitrail_npy *header,
                        const vitrail_port *port, int any_rows, char *error) {
  if (strcmp(header->dtype, "<f4") != 0)
    return vitrail_fail(error, VITRAIL_FILE_FAILURE,
                        "%.512s: dtype '%s', input '%s' takes '<f4' (float32); "
                        "convert it with x.astype(numpy.float32)",
                        path, header->dtype, port->name);
  if (header->fortran_order)
    return vitrail_fail(error, VITRAIL_FILE_FAILURE,
                        "%.512s: Fortran order, input '%s' takes C order; "
                        "convert it with numpy.ascontiguousarray(x)",
                        path, port->name);
  if (fits(header, port, any_rows))
    return VITRAIL_OK;
  char has[256], wants[256];
  vitrail_format_shape(header->shape, header->rank, has, sizeof(has));
  vitrail_format_shape(port->shape, port->rank, wants, sizeof(wants));
  if (any_rows && port->rank > 0) { /* "[N, 3, 224, 224]" */
    char rest[256];
    vitrail_format_shape(port->shape + 1, port->rank - 1, rest, sizeof(rest));
    snprintf(wants, sizeof(wants), "[N%s%.240s", port->rank > 1 ? ", " : "",
             rest + 1);
  }
  int lacks_batch = header->rank + 1 == port->rank &&
                    (any_rows || port->shape[0] == 1) &&
                    memcmp(header->shape, port->shape + 1,
                           sizeof(int64_t) * (size_t)header->rank) == 0;
  return vitrail_fail(error, VITRAIL_FILE_FAILURE,
                      "%.512s: shape %s, input '%s' takes %s; %s", path, has,
                      port->name, wants,
                      lacks_batch ? "add the batch dimension with x[None]"
                                  : "reshape or crop it");
}

/* Opens a file and reads it up to its data. */
static int open_file(const char *path, const vitrail_port *port, int any_rows,
                     FILE **file, vitrail_npy *header, char *error) {
  *file = fopen(path, "rb");
  if (!*file)
    return vitrail_fail(error, VITRAIL_FILE_FAILURE, "cannot open '%.512s': %s",
                        path, strerror(errno));
  int status = read_header(*file, path, header, error);
  if (!status)
    status = check_header(path, header, port, any_rows, error);
  if (status)
    fclose(*file);
  return status;
}

static int read_data(FILE *file, const char *path, size_t bytes, void *data,
                     char *error) {
  size_t got = fread(data, 1, bytes, file);
  return got == bytes
             ? VITRAIL_OK
             : vitrail_fail(error, VITRAIL_FILE_FAILURE,
                            "%.512s: truncated, %zu of %zu bytes of data; "
                            "write the file again with numpy.save",
                            path, got, bytes);
}

int vitrail_npy_read(const char *path, const vitrail_port *port, float *data,
                     char *error) {
  FILE *file;
  vitrail_npy header;
  int status = open_file(path, port, 0, &file, &header, error);
  if (status)
    return status;
  status = read_data(file, path, vitrail_port_bytes(port), data, error);
  fclose(file);
  return status;
}

int vitrail_npy_count_rows(const char *path, const vitrail_port *port,
                           int64_t *rows, char *error) {
  FILE *file;
  vitrail_npy header;
  int status = open_file(path, port, 1, &file, &header, error);
  if (status)
    return status;
  *rows = port->rank ? header.shape[0] : 1;
  /* A file can claim any number of them. */
  uint64_t row =
      vitrail_port_bytes(port) / (uint64_t)(port->rank ? port->shape[0] : 1);
  struct stat state;
  long begin = ftell(file);
  if (begin < 0 || fstat(fileno(file), &state) || !S_ISREG(state.st_mode))
    status =
        vitrail_fail(error, VITRAIL_FILE_FAILURE,
                     "%.512s: no regular file; name it with --input", path);
  else if ((uint64_t)(state.st_size - begin) / (row ? row : 1) <
           (uint64_t)*rows)
    status = vitrail_fail(error, VITRAIL_FILE_FAILURE,
                          "%.512s: truncated, %" PRId64 " bytes of data for "
                          "%" PRId64 " samples of %" PRIu64
                          "; write the file again with numpy.save",
                          path, (int64_t)(state.st_size - begin), *rows, row);
  fclose(file);
  return status;
}

int vitrail_npy_read_row(const char *path, const vitrail_port *port,
                         int64_t row, float *data, char *error) {
  FILE *file;
  vitrail_npy header;
  int status = open_file(path, port, 1, &file, &header, error);
  if (status)
    return status;
  size_t bytes =
      vitrail_port_bytes(port) / (size_t)(port->rank ? port->shape[0] : 1);
  if (fseeko(file, (off_t)(bytes * (uint64_t)row), SEEK_CUR))
    status = vitrail_fail(error, VITRAIL_FILE_FAILURE,
                          "cannot read '%.512s': %s", path, strerror(errno));
  else
    status = read_data(file, path, bytes, data, error);
  fclose(file);
  return status;
}

//===----------------------------------------------------------------------===//
// Writing
//===----------------------------------------------------------------------===//

int vitrail_npy_write(FILE *stream, const int64_t *shape, int rank,
                      const float *data) {
  char dimensions[VITRAIL_NPY_MAX_RANK * 22] = "", header[1024];
  size_t used = 0, count = 1;
  for (int i = 0; i < rank && used < sizeof(dimensions); ++i) {
    used += (size_t)snprintf(dimensions + used, sizeof(dimensions) - used,
                             "%s%" PRId64 "%s", i ? " " : "", shape[i],
                             i + 1 < rank || rank == 1 ? "," : "");
    count *= (size_t)shape[i];
  }
  int length = snprintf(
      header, sizeof(header),
      "{'descr': '<f4', 'fortran_order': False, 'shape': (%s), }", dimensions);
  /* The data begins at a multiple of 64, after a line feed. */
  const int start = 10;
  int padded = (start + length + 1 + 63) / 64 * 64 - start;
  unsigned char magic[10] = {0x93, 'N', 'U', 'M', 'P', 'Y', 1, 0};
  magic[8] = (unsigned char)(padded & 0xff);
  magic[9] = (unsigned char)(padded >> 8);
  if (fwrite(magic, 1, sizeof(magic), stream) != sizeof(magic) ||
      fprintf(stream, "%s%*s", header, padded - length, "\n") < 0 ||
      fwrite(data, sizeof(float), count, stream) != count)
    return -1;
  return 0;
}
