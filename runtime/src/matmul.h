/*===- matmul.h - Libraries that multiply matrices ---------------*- C -*-===//
//
// Part of Vitrail, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// A program may leave the products of its linears to a library. Such a library
// is an archive of its own, linked where a program names it, and defines one
// vitrail_matmul_library and vitrail_matmul.
//
//===----------------------------------------------------------------------===*/

#ifndef VITRAIL_SRC_MATMUL_H
#define VITRAIL_SRC_MATMUL_H

#include "vitrail/runtime.h"

#ifdef __cplusplus
extern "C" {
#endif

struct vitrail_matmul_library {
  /* Prepares the program's products for `threads` threads. Returns a
   * vitrail_status, and the state in *state or a message in `error`. */
  int (*create)(const vitrail_program *program, int threads, void **state,
                char *error);
  /* NULL is ignored. */
  void (*destroy)(void *state);
  /* Whether a product has failed since the last call: VITRAIL_OK, or a status
   * and a message in `error`. */
  int (*check)(void *state, char *error);
  /* The library and its version: "oneDNN 2.6.3". */
  void (*describe)(char *text, size_t size);
};

#ifdef __cplusplus
}
#endif
#endif /* VITRAIL_SRC_MATMUL_H */
