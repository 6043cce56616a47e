/*===- weights_file.h - The file of external weights --------------*- C -*-===//
//
// Part of Vitrail, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The compiler writes it (--external-weights), the runtime maps it: this
// header, zeros up to VITRAIL_WEIGHTS_OFFSET, then the frozen store. Numbers
// are little-endian.
//
//===----------------------------------------------------------------------===*/

#ifndef VITRAIL_WEIGHTS_FILE_H
#define VITRAIL_WEIGHTS_FILE_H

#include <stdint.h>

#define VITRAIL_WEIGHTS_MAGIC "VITRAILW"
#define VITRAIL_WEIGHTS_VERSION 1
/* The store begins on a page, so that a mapping of the file aligns it. */
#define VITRAIL_WEIGHTS_OFFSET 4096

typedef struct vitrail_weights_header {
  char magic[8]; /* VITRAIL_WEIGHTS_MAGIC, without its terminating zero */
  uint32_t version;
  uint32_t reserved;
  uint64_t hash;  /* vitrail_program.weights_hash */
  uint64_t bytes; /* vitrail_program.weights_bytes */
} vitrail_weights_header;

#endif /* VITRAIL_WEIGHTS_FILE_H */
