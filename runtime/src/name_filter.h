/*===- name_filter.h - Choosing tensors by name -------------------*- C -*-===//
//
// Part of Vitrail, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// What --dump-filter chooses, of a compiled program and of `vitrail verify`:
// names that hold the text or, where it has a `*`, `?` or `[`, that are as the
// pattern says.
//
//===----------------------------------------------------------------------===*/

#ifndef VITRAIL_SRC_NAME_FILTER_H
#define VITRAIL_SRC_NAME_FILTER_H

#include "vitrail/runtime.h"

#ifdef __cplusplus
extern "C" {
#endif

/* Whether the filter chooses the name; NULL chooses all. */
int vitrail_filter_chooses(const char *filter, const char *name);

/* VITRAIL_OK if there is no filter, or it chooses one of the names at least;
 * else a message with those that are nearest. */
int vitrail_filter_check(const char *filter, const char *const *names,
                         size_t count, char *error);

#ifdef __cplusplus
}
#endif
#endif /* VITRAIL_SRC_NAME_FILTER_H */
