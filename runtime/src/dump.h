/*===- dump.h - A folder of tensors -------------------------------*- C -*-===//
//
// Part of Vitrail, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// What --dump makes, of a compiled program and of `vitrail verify`: a NumPy
file
// for each tensor, and index.json. The folder is filled under another name
// beside its own, which it gets when it is complete.
//
//===----------------------------------------------------------------------===*/

#ifndef VITRAIL_SRC_DUMP_H
#define VITRAIL_SRC_DUMP_H

#include "vitrail/runtime.h"

#include <stdio.h>

#ifdef __cplusplus
extern "C" {
#endif

typedef struct vitrail_dump {
  char *directory; /* the name that it gets */
  char *temporary; /* the name that it has; NULL once it is complete or gone */
  FILE *index;
  size_t count; /* tensors in the index */
} vitrail_dump;

/* Begins a folder, which must be free: an earlier dump is not mixed with a
 * later one. All zeros before, and vitrail_dump_close after, in any case. Each
 * function returns a vitrail_status. */
int vitrail_dump_open(vitrail_dump *dump, const char *directory, char *error);

/* Writes NAME.npy, in which unusual characters of the name become '_'. `facts`
 * joins name, file and shape in the index: members of a JSON object, or "". */
int vitrail_dump_add(vitrail_dump *dump, const char *name, const int64_t *shape,
                     int rank, const float *data, const char *facts,
                     char *error);

/* Ends the index, which has `facts` (members of a JSON object) besides the
 * tensors, and gives the folder its name. */
int vitrail_dump_commit(vitrail_dump *dump, const char *facts, char *error);

/* Removes what was not committed, and frees. */
void vitrail_dump_close(vitrail_dump *dump);

#ifdef __cplusplus
}
#endif
#endif /* VITRAIL_SRC_DUMP_H */
