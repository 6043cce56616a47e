/*===- name_filter.c - Choosing tensors by name -------------------*- C -*-===//
//
// Part of Vitrail, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===*/

#include "name_filter.h"

#include "error.h"

#include <fnmatch.h>
#include <stdio.h>
#include <string.h>

enum { LONGEST = 256, MOST_NAMES = 5 };

int vitrail_filter_chooses(const char *filter, const char *name) {
  if (!filter)
    return 1;
  if (strpbrk(filter, "*?["))
    return fnmatch(filter, name, 0) == 0;
  return strstr(name, filter) != NULL;
}

static size_t least(size_t a, size_t b) { return a < b ? a : b; }

/* How many letters of `text` must be changed, added or left out to have a part
 * of `name`. (Levenshtein's distance, with both ends of the name free; of a
 * long text, the beginning counts.) */
static size_t distance(const char *text, const char *name) {
  size_t length = least(strlen(text), LONGEST), row[LONGEST + 1];
  for (size_t i = 0; i <= length; ++i)
    row[i] = i;
  size_t best = row[length];
  for (; *name; ++name) {
    size_t diagonal = row[0]; /* of the letter before */
    for (size_t i = 1; i <= length; ++i) {
      size_t above = row[i];
      row[i] = least(diagonal + (text[i - 1] != *name),
                     1 + least(above, row[i - 1]));
      diagonal = above;
    }
    best = least(best, row[length]);
  }
  return best;
}

int vitrail_filter_check(const char *filter, const char *const *names,
                         size_t count, char *error) {
  if (!filter)
    return VITRAIL_OK;
  const char *nearest[MOST_NAMES];
  size_t distances[MOST_NAMES], found = 0;
  for (size_t i = 0; i < count; ++i) {
    if (vitrail_filter_chooses(filter, names[i]))
      return VITRAIL_OK;
    size_t far = distance(filter, names[i]);
    if (found == MOST_NAMES && far >= distances[found - 1])
      continue;
    found += found < MOST_NAMES;
    size_t at = found - 1;
    for (; at > 0 && distances[at - 1] > far; --at) {
      distances[at] = distances[at - 1];
      nearest[at] = nearest[at - 1];
    }
    distances[at] = far;
    nearest[at] = names[i];
  }
  char list[VITRAIL_ERROR_SIZE / 2] = "";
  size_t used = 0;
  for (size_t i = 0; i < found && used < sizeof(list); ++i)
    used += (size_t)snprintf(list + used, sizeof(list) - used, "%s%s",
                             i ? ", " : "", nearest[i]);
  return vitrail_fail(
      error, VITRAIL_USAGE,
      "--dump-filter '%.128s' chooses none of the %zu tensors%s%s", filter,
      count, found ? "; the nearest are " : "", list);
}
