/*===- json.c - A little JSON -------------------------------------*- C -*-===//
//
// Part of Vitrail, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===*/

#include "json.h"

#include <string.h>

void vitrail_json_string(FILE *stream, const char *text) {
  fputc('"', stream);
  for (const char *p = text; *p; ++p) {
    unsigned char c = (unsigned char)*p;
    if (c == '"' || c == '\\')
      fprintf(stream, "\\%c", c);
    else if (c < 0x20)
      fprintf(stream, "\\u%04x", c);
    else
      fputc(c, stream);
  }
  fputc('"', stream);
}

static const char *skip_spaces(const char *p) {
  return p + strspn(p, " \t\r\n");
}

/* The end of the string whose opening quote is at `p`, NULL if it has none. */
static const char *skip_string(const char *p) {
  for (++p; *p && *p != '"'; ++p)
    if (*p == '\\' && *++p == '\0')
      return NULL;
  return *p ? p + 1 : NULL;
}

/* The end of the value at `p`. */
static const char *skip_value(const char *p) {
  int depth = 0;
  while (*p) {
    if (*p == '"') {
      p = skip_string(p);
      if (!p || depth == 0)
        return p;
      continue;
    }
    if (*p == '{' || *p == '[')
      ++depth;
    else if (depth == 0 && strchr(",} \t\r\n", *p))
      return p;
    else if ((*p == '}' || *p == ']') && --depth == 0)
      return p + 1;
    ++p;
  }
  return NULL;
}

int vitrail_json_next(const char **text, vitrail_json_member *member) {
  const char *p = skip_spaces(*text);
  /* At the object's begin, or behind a member. */
  if (*p == '}')
    return 0;
  if (*p != '{' && *p != ',')
    return -1;
  int first = *p == '{';
  p = skip_spaces(p + 1);
  if (first && *p == '}')
    return 0;
  if (*p != '"')
    return -1;
  const char *end = skip_string(p);
  if (!end)
    return -1;
  member->key = p + 1;
  member->key_length = (size_t)(end - p) - 2;
  p = skip_spaces(end);
  if (*p != ':')
    return -1;
  p = skip_spaces(p + 1);
  end = skip_value(p);
  if (!end || end == p)
    return -1;
  member->value = p;
  member->value_length = (size_t)(end - p);
  *text = end;
  return 1;
}

int vitrail_json_find_string(const char *text, const char *key, char *value,
                             size_t size) {
  vitrail_json_member member;
  while (vitrail_json_next(&text, &member) == 1) {
    if (member.key_length != strlen(key) ||
        memcmp(member.key, key, member.key_length) != 0)
      continue;
    if (member.value[0] != '"')
      return 0;
    snprintf(value, size, "%.*s", (int)(member.value_length - 2),
             member.value + 1);
    return 1;
  }
  return 0;
}
