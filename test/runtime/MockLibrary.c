/*===- MockLibrary.c - What the compiler emits for a library ----* -*- C
-*-===//
//
// Part of Vitrail, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===*/

#include "Mock.h"

#define EXPORTED __attribute__((visibility("default")))

EXPORTED void *mock_create(int threads) {
  return vitrail_create_simple(&mock_external, threads);
}

EXPORTED int mock_run(void *context, const float *images, float *scores) {
  void *ports[] = {(void *)(uintptr_t)images, scores};
  return vitrail_run(context, 0, ports);
}

EXPORTED const char *mock_error(void) { return vitrail_error(); }

EXPORTED void mock_destroy(void *context) { vitrail_destroy(context); }
