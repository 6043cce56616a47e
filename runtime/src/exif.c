/*===- exif.c - Which way up a photograph is ----------------------*- C -*-===//
//
// Part of Vitrail, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===*/

#include "exif.h"

#include <string.h>

enum {
  HEADER = 8, /* byte order, 42, where the first directory is */
  ENTRY = 12, /* tag, type, count, value */
  ORIENTATION = 0x0112,
  SHORT = 3,
};

/* A number of `bytes` bytes in the order that the header states. */
static uint32_t number(const uint8_t *at, int bytes, int big_endian) {
  uint32_t value = 0;
  for (int i = 0; i < bytes; ++i)
    value = value << 8 | at[big_endian ? i : bytes - 1 - i];
  return value;
}

int vitrail_exif_orientation(const uint8_t *data, size_t size) {
  if (size < HEADER ||
      (memcmp(data, "II*\0", 4) != 0 && memcmp(data, "MM\0*", 4) != 0))
    return 1;
  int big = data[0] == 'M';
  size_t at = number(data + 4, 4, big);
  if (at > size - 2)
    return 1;
  uint32_t entries = number(data + at, 2, big);
  at += 2;
  for (; entries && size - at >= ENTRY; --entries, at += ENTRY) {
    const uint8_t *entry = data + at;
    if (number(entry, 2, big) != ORIENTATION)
      continue;
    uint32_t value = number(entry + 8, 2, big);
    int stated = number(entry + 2, 2, big) == SHORT && value >= 1 && value <= 8;
    return stated ? (int)value : 1;
  }
  return 1;
}
