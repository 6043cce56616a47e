/*===- variant.h - Which code of a program runs here --------------*- C -*-===//
//
// Part of Vitrail, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===*/

#ifndef VITRAIL_SRC_VARIANT_H
#define VITRAIL_SRC_VARIANT_H

#include "vitrail/program.h"

#ifdef __cplusplus
extern "C" {
#endif

/* The variant called `target`, or, where that is NULL, the one that the
 * environment's VITRAIL_TARGET names, or else the last that this CPU has all
 * instructions for. NULL, with a message, where there is none or where the CPU
 * lacks instructions of the one that is named. */
const vitrail_variant *vitrail_choose_variant(const vitrail_program *program,
                                              const char *target, char *error);

#ifdef __cplusplus
}
#endif
#endif /* VITRAIL_SRC_VARIANT_H */
