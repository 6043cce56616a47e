/*===- json.h - A little JSON -------------------------------------*- C -*-===//
//
// Part of Vitrail, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===*/

#ifndef VITRAIL_SRC_JSON_H
#define VITRAIL_SRC_JSON_H

#include <stddef.h>
#include <stdio.h>

#ifdef __cplusplus
extern "C" {
#endif

/* Writes `text` as a string, quoted and escaped. */
void vitrail_json_string(FILE *stream, const char *text);

/* A member of an object: its key, and its value as it stands in the text. */
typedef struct vitrail_json_member {
  const char *key; /* without quotes, escapes as they are */
  size_t key_length;
  const char *value; /* strings with their quotes */
  size_t value_length;
} vitrail_json_member;

/* Steps through the members of the object that `*text` begins with; to be
 * called again with what it leaves in `*text`. Returns 0 at the end, -1 where
 * the text is no object. Values are delimited, not checked. */
int vitrail_json_next(const char **text, vitrail_json_member *member);

/* Copies the string that the object `text` has under `key` to `value`; 0 if
 * there is none. */
int vitrail_json_find_string(const char *text, const char *key, char *value,
                             size_t size);

#ifdef __cplusplus
}
#endif
#endif /* VITRAIL_SRC_JSON_H */
