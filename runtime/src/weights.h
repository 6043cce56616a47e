/*===- weights.h - The frozen weights of a program ----------------*- C -*-===//
//
// Part of Vitrail, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===*/

#ifndef VITRAIL_SRC_WEIGHTS_H
#define VITRAIL_SRC_WEIGHTS_H

#include "vitrail/runtime.h"

#ifdef __cplusplus
extern "C" {
#endif

/* A file's mapping, shared by all contexts of the process that use it. */
typedef struct vitrail_mapping vitrail_mapping;

/* Finds the store of `program`: embedded, or in `file`, or, where that is NULL,
 * in the file that the program names. `*mapping` is to be released, and is NULL
 * for embedded weights. Returns a vitrail_status. */
int vitrail_weights_open(const vitrail_program *program, const char *file,
                         const void **weights, vitrail_mapping **mapping,
                         char *error);

/* NULL is ignored. */
void vitrail_weights_release(vitrail_mapping *mapping);

/* Mappings alive in this process, for tests. */
int vitrail_weights_mappings(void);

#ifdef __cplusplus
}
#endif
#endif /* VITRAIL_SRC_WEIGHTS_H */
