/*===- image_png.c - PNG files ------------------------------------*- C -*-===//
//
// Part of Vitrail, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===*/

#include "image_codec.h"

#include "error.h"
#include "exif.h"

#include <errno.h>
#include <png.h>
#include <stdlib.h>
#include <string.h>

/* Turns RGBA into the image's channels, in place. */
static void drop_channels(vitrail_image *image) {
  size_t count = (size_t)image->width * (size_t)image->height;
  for (size_t i = 0; i < count; ++i) {
    const uint8_t *p = image->pixels + 4 * i;
    vitrail_put_pixel(image->pixels + i * (size_t)image->channels,
                      image->channels, p[0], p[1], p[2], p[3]);
  }
}

static int decode(png_image *png, const char *path, int channels,
                  vitrail_image *image, char *error) {
  /* RGBA always: asked for less, libpng blends with a background and mixes gray
   * in linear light, and Pillow does neither. */
  vitrail_image decoded;
  int status =
      vitrail_image_allocate(&decoded, path, png->width, png->height, 4, error);
  if (status)
    return status;
  png->format = PNG_FORMAT_RGBA;
  png->flags |= PNG_IMAGE_FLAG_16BIT_sRGB;
  if (!png_image_finish_read(png, NULL, decoded.pixels, 0, NULL)) {
    free(decoded.pixels);
    return vitrail_fail(error, VITRAIL_FILE_FAILURE,
                        "%.512s: corrupt PNG file (%s)", path, png->message);
  }
  decoded.channels = channels;
  drop_channels(&decoded);
  *image = decoded;
  return VITRAIL_OK;
}

/* The orientation in the eXIf chunk, which may stand before or behind the
 * pixels. The file has been decoded: what is wrong with it is known. */
static int find_orientation(FILE *file) {
  enum { SIGNATURE = 8, CHECKSUM = 4, LARGEST = 1 << 16 };
  uint8_t start[8];
  if (fseek(file, SIGNATURE, SEEK_SET))
    return 1;
  while (fread(start, 1, sizeof(start), file) == sizeof(start) &&
         memcmp(start + 4, "IEND", 4) != 0) {
    uint32_t size = (uint32_t)start[0] << 24 | (uint32_t)start[1] << 16 |
                    (uint32_t)start[2] << 8 | start[3];
    if (memcmp(start + 4, "eXIf", 4) == 0 && size <= LARGEST) {
      uint8_t *data = malloc(size + 1);
      size_t got = data ? fread(data, 1, size, file) : 0;
      int orientation = vitrail_exif_orientation(data, got);
      free(data);
      return orientation;
    }
    if (fseek(file, (long)size + CHECKSUM, SEEK_CUR))
      return 1;
  }
  return 1;
}

int vitrail_png_decode(FILE *file, const char *path, int channels,
                       vitrail_image *image, int *orientation, char *error) {
  png_image png;
  memset(&png, 0, sizeof(png));
  png.version = PNG_IMAGE_VERSION;
  int status;
  if (png_image_begin_read_from_stdio(&png, file))
    status = decode(&png, path, channels, image, error);
  else
    status = vitrail_fail(error, VITRAIL_FILE_FAILURE,
                          "%.512s: corrupt PNG file (%s)", path, png.message);
  png_image_free(&png);
  if (!status)
    *orientation = find_orientation(file);
  return status;
}
