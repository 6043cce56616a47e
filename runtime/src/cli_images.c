/*===- cli_images.c - The command line of a program for images ----*- C -*-===//
//
// Part of Vitrail, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// All that names the image libraries is reached from here, so that a program
// without images does not contain them.
//
//===----------------------------------------------------------------------===*/

#include "cli.h"

#include "image.h"
#include "licenses.h"

#include <stdio.h>

#include <jpeglib.h>
#include <png.h>
#include <zlib.h>

/* A macro's value as a string. */
#define STRING(MACRO) STRING_OF(MACRO)
#define STRING_OF(TEXT) #TEXT
#define JPEG_VERSION STRING(LIBJPEG_TURBO_VERSION)

static const cli_notice notices[] = {
    {"libjpeg-turbo " JPEG_VERSION
     " (based in part on the work of the Independent JPEG Group)",
     vitrail_libjpeg_license},
    {"libpng " PNG_LIBPNG_VER_STRING, vitrail_libpng_license},
    {"zlib " ZLIB_VERSION, vitrail_zlib_license},
};

static const cli_images images = {
    .load = vitrail_image_load,
    .notices = notices,
    .notices_count = sizeof(notices) / sizeof(notices[0]),
};

int vitrail_image_main(int argc, char **argv, const vitrail_program *program) {
  return cli_main(argc, argv, program, &images);
}
