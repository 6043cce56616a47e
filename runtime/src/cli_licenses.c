/*===- cli_licenses.c - --info --licenses -------------------------*- C -*-===//
//
// Part of Vitrail, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===*/

#include "cli.h"

#include "json.h"
#include "licenses.h"

#include <stdio.h>

static const cli_notice runtime_notice = {"Vitrail's runtime", vitrail_license};

static void print_text(const cli_notice *notice) {
  printf("---- %s ----\n\n%s\n\n", notice->name, notice->text);
}

static void print_json(const cli_notice *notice) {
  printf("\n    {\"name\": ");
  vitrail_json_string(stdout, notice->name);
  printf(", \"text\": ");
  vitrail_json_string(stdout, notice->text);
  printf("}");
}

void cli_licenses(const cli_options *options) {
  const cli_images *images = options->image_support;
  if (!options->json) {
    print_text(&runtime_notice);
    for (int i = 0; images && i < images->notices_count; ++i)
      print_text(&images->notices[i]);
    return;
  }
  printf("{\n  \"licenses\": [");
  print_json(&runtime_notice);
  for (int i = 0; images && i < images->notices_count; ++i) {
    printf(",");
    print_json(&images->notices[i]);
  }
  printf("\n  ]\n}\n");
}
