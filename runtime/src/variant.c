/*===- variant.c - Which code of a program runs here --------------*- C -*-===//
//
// Part of Vitrail, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===*/

#define _GNU_SOURCE
#include "variant.h"

#include "cpu.h"
#include "error.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { MISSING_SIZE = 512 };

static int lacks(const vitrail_variant *variant, char *missing) {
  return vitrail_missing_cpu_features(variant->cpu_features, missing,
                                      MISSING_SIZE);
}

static void list_targets(const vitrail_program *program, char *text,
                         size_t size) {
  text[0] = '\0';
  for (uint32_t i = 0; i < program->num_variants; ++i) {
    size_t used = strlen(text);
    snprintf(text + used, size - used, "%s%s", used ? ", " : "",
             program->variants[i].target);
  }
}

static const vitrail_variant *find(const vitrail_program *program,
                                   const char *target, const char *origin,
                                   char *error) {
  const vitrail_variant *variant = NULL;
  for (uint32_t i = 0; i < program->num_variants; ++i)
    if (strcmp(program->variants[i].target, target) == 0)
      variant = &program->variants[i];
  char text[MISSING_SIZE];
  if (!variant) {
    list_targets(program, text, sizeof(text));
    vitrail_fail(error, VITRAIL_INVALID_ARGUMENT,
                 "%sthe program has no code for '%.64s'; it has code for %s",
                 origin, target, text);
    return NULL;
  }
  if (lacks(variant, text)) {
    vitrail_fail(error, VITRAIL_UNSUPPORTED_CPU,
                 "%sthis CPU lacks instructions of the code for %s: %s", origin,
                 target, text);
    return NULL;
  }
  return variant;
}

const vitrail_variant *vitrail_choose_variant(const vitrail_program *program,
                                              const char *target, char *error) {
  if (target)
    return find(program, target, "", error);
  /* Not for programs that run with more rights than their caller. */
  target = secure_getenv("VITRAIL_TARGET");
  if (target && *target)
    return find(program, target, "VITRAIL_TARGET: ", error);
  char missing[MISSING_SIZE] = "";
  for (uint32_t i = program->num_variants; i > 0; --i)
    if (!lacks(&program->variants[i - 1], missing))
      return &program->variants[i - 1];
  /* The least demanding one came last. */
  if (program->num_variants == 1)
    vitrail_fail(error, VITRAIL_UNSUPPORTED_CPU,
                 "this CPU lacks instructions that the program was compiled "
                 "for: %s; compile it for this CPU (--target)",
                 missing);
  else
    vitrail_fail(error, VITRAIL_UNSUPPORTED_CPU,
                 "this CPU lacks instructions of all %u variants of the "
                 "program, even of %s: %s; compile it for this CPU (--target)",
                 (unsigned)program->num_variants,
                 program->num_variants ? program->variants[0].target : "none",
                 missing);
  return NULL;
}
