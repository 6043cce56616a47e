/*===- error.c - One line that says what failed -------------------*- C -*-===//
//
// Part of Vitrail, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===*/

#include "error.h"

#include <stdarg.h>
#include <stdio.h>

static _Thread_local char thread_error[VITRAIL_ERROR_SIZE];

int vitrail_fail(char *error, int status, const char *format, ...) {
  va_list arguments;
  va_start(arguments, format);
  vsnprintf(error, VITRAIL_ERROR_SIZE, format, arguments);
  va_end(arguments);
  return status;
}

char *vitrail_thread_error(void) { return thread_error; }

const char *vitrail_error(void) { return thread_error; }
