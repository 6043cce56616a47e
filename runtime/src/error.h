/*===- error.h - One line that says what failed -------------------*- C -*-===//
//
// Part of Vitrail, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Functions that can fail return a vitrail_status and leave a message of at
// most VITRAIL_ERROR_SIZE bytes: what failed, where, and what to do.
//
//===----------------------------------------------------------------------===*/

#ifndef VITRAIL_SRC_ERROR_H
#define VITRAIL_SRC_ERROR_H

#include "vitrail/runtime.h"

#ifdef __cplusplus
extern "C" {
#endif

#define VITRAIL_ERROR_SIZE 1024

/* Writes the message to `error` and returns `status`. A message that does not
 * fit is cut. */
__attribute__((format(printf, 3, 4))) int vitrail_fail(char *error, int status,
                                                       const char *format, ...);

/* The calling thread's message behind vitrail_error(). */
char *vitrail_thread_error(void);

#ifdef __cplusplus
}
#endif
#endif /* VITRAIL_SRC_ERROR_H */
