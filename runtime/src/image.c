/*===- image.c - Images as inputs of models -----------------------*- C -*-===//
//
// Part of Vitrail, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===*/

#include "image.h"

#include "error.h"

#include <errno.h>
#include <png.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* A file of a few bytes can claim any size. Pillow draws the line here too. */
#define MAX_PIXELS 178956970u

/* The name of what begins with these bytes, NULL for PNG. */
static const char *other_format(const unsigned char *start, size_t size) {
  static const unsigned char png[] = {0x89, 'P', 'N', 'G'};
  if (size >= 4 && memcmp(start, png, 4) == 0)
    return NULL;
  if (size >= 3 && memcmp(start, "\xff\xd8\xff", 3) == 0)
    return "a JPEG file";
  if (size >= 4 && memcmp(start, "GIF8", 4) == 0)
    return "a GIF file";
  if (size >= 12 && memcmp(start, "RIFF", 4) == 0 &&
      memcmp(start + 8, "WEBP", 4) == 0)
    return "a WebP file";
  if (size >= 2 && memcmp(start, "BM", 2) == 0)
    return "a BMP file";
  return "no image that this program knows";
}

/* Turns RGBA into `channels` channels, in place. Gray as Pillow weights it: on
 * the stored values, in 16 bits. */
static void drop_channels(uint8_t *pixels, size_t count, int channels) {
  for (size_t i = 0; i < count; ++i) {
    const uint8_t *p = pixels + 4 * i;
    uint8_t r = p[0], g = p[1], b = p[2];
    if (channels == 1) {
      pixels[i] =
          (uint8_t)((r * 19595u + g * 38470u + b * 7471u + 32768u) >> 16);
    } else {
      pixels[3 * i] = r;
      pixels[3 * i + 1] = g;
      pixels[3 * i + 2] = b;
    }
  }
}

static int decode(png_image *png, const char *path, int channels,
                  vitrail_image *image, char *error) {
  size_t count = (size_t)png->width * png->height;
  if (png->width > MAX_PIXELS || png->height > MAX_PIXELS || count > MAX_PIXELS)
    return vitrail_fail(error, VITRAIL_FILE_FAILURE,
                        "%.512s: %u x %u pixels are too many; shrink it below "
                        "%u pixels",
                        path, png->width, png->height, MAX_PIXELS);
  /* RGBA always: asked for less, libpng blends with a background and mixes gray
   * in linear light, and Pillow does neither. */
  png->format = PNG_FORMAT_RGBA;
  png->flags |= PNG_IMAGE_FLAG_16BIT_sRGB;
  uint8_t *pixels = malloc(count * 4);
  if (!pixels)
    return vitrail_fail(error, VITRAIL_OUT_OF_MEMORY,
                        "%.512s: no memory for %u x %u pixels; shrink it", path,
                        png->width, png->height);
  if (!png_image_finish_read(png, NULL, pixels, 0, NULL)) {
    free(pixels);
    return vitrail_fail(error, VITRAIL_FILE_FAILURE,
                        "%.512s: corrupt PNG file (%s)", path, png->message);
  }
  if (channels != 4)
    drop_channels(pixels, count, channels);
  *image = (vitrail_image){(int)png->width, (int)png->height, channels, pixels};
  return VITRAIL_OK;
}

int vitrail_image_read(const char *path, int channels, vitrail_image *image,
                       char *error) {
  if (channels != 1 && channels != 3 && channels != 4)
    return vitrail_fail(error, VITRAIL_FILE_FAILURE,
                        "%.512s: the model takes images of %d channels, an "
                        "image file has 1, 3 or 4; give it as .npy",
                        path, channels);
  FILE *file = fopen(path, "rb");
  if (!file)
    return vitrail_fail(error, VITRAIL_FILE_FAILURE, "cannot open '%.512s': %s",
                        path, strerror(errno));
  unsigned char start[12];
  size_t size = fread(start, 1, sizeof(start), file);
  const char *other = other_format(start, size);
  int status;
  if (ferror(file) || fseek(file, 0, SEEK_SET)) {
    status = vitrail_fail(error, VITRAIL_FILE_FAILURE,
                          "cannot read '%.512s': %s", path, strerror(errno));
  } else if (other) {
    status = vitrail_fail(error, VITRAIL_FILE_FAILURE,
                          "%.512s: %s; PNG is what this program reads, convert "
                          "it to that",
                          path, other);
  } else {
    png_image png;
    memset(&png, 0, sizeof(png));
    png.version = PNG_IMAGE_VERSION;
    if (png_image_begin_read_from_stdio(&png, file))
      status = decode(&png, path, channels, image, error);
    else
      status = vitrail_fail(error, VITRAIL_FILE_FAILURE,
                            "%.512s: corrupt PNG file (%s)", path, png.message);
    png_image_free(&png);
  }
  fclose(file);
  return status;
}

int vitrail_image_load(const char *path, const vitrail_port *port, float *data,
                       char *error) {
  int channels = (int)port->shape[1];
  int height = (int)port->shape[2], width = (int)port->shape[3];
  vitrail_image image, resized;
  int status = vitrail_image_read(path, channels, &image, error);
  if (status)
    return status;
  status = vitrail_image_resize(&image, width, height, &resized, error);
  free(image.pixels);
  if (status)
    return status;
  size_t count = (size_t)width * (size_t)height;
  for (int c = 0; c < channels; ++c)
    for (size_t i = 0; i < count; ++i) {
      float value = (float)resized.pixels[i * (size_t)channels + (size_t)c];
      data[(size_t)c * count + i] =
          (value / 255.0f - port->mean[c]) / port->std[c];
    }
  free(resized.pixels);
  return VITRAIL_OK;
}
