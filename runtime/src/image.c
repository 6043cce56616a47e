/*===- image.c - Images as inputs of models -----------------------*- C -*-===//
//
// Part of Vitrail, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===*/

#include "image_codec.h"

#include "error.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

/* A file of a few bytes can claim any size. Pillow draws the line here too. */
#define MAX_PIXELS 178956970u

//===----------------------------------------------------------------------===//
// Formats
//===----------------------------------------------------------------------===//

/* What begins a file of a format, and who decodes it: nobody if its decoder is
 * NULL. */
typedef struct format {
  const char *start;
  size_t size;
  const char *name;
  vitrail_image_decoder decoder;
} format;

static const format formats[] = {
    {"\x89PNG", 4, "a PNG file", vitrail_png_decode},
    {"\xff\xd8\xff", 3, "a JPEG file", vitrail_jpeg_decode},
    {"GIF8", 4, "a GIF file", NULL},
    {"RIFF", 4, "a WebP file", NULL},
    {"BM", 2, "a BMP file", NULL},
    {"II*\0", 4, "a TIFF file", NULL},
    {"MM\0*", 4, "a TIFF file", NULL},
    {"", 0, "no image that this program knows", NULL},
};

static const format *find_format(const unsigned char *start, size_t size) {
  const format *f = formats;
  while (size < f->size || memcmp(start, f->start, f->size) != 0)
    ++f;
  return f;
}

//===----------------------------------------------------------------------===//
// Images in memory
//===----------------------------------------------------------------------===//

int vitrail_image_allocate(vitrail_image *image, const char *path,
                           uint32_t width, uint32_t height, int channels,
                           char *error) {
  size_t count = (size_t)width * height;
  if (width > MAX_PIXELS || height > MAX_PIXELS || count > MAX_PIXELS)
    return vitrail_fail(error, VITRAIL_FILE_FAILURE,
                        "%.512s: %u x %u pixels are too many; shrink it below "
                        "%u pixels",
                        path, width, height, MAX_PIXELS);
  uint8_t *pixels = malloc(count * (size_t)channels);
  if (!pixels)
    return vitrail_fail(error, VITRAIL_OUT_OF_MEMORY,
                        "%.512s: no memory for %u x %u pixels; shrink it", path,
                        width, height);
  *image = (vitrail_image){(int)width, (int)height, channels, pixels};
  return VITRAIL_OK;
}

int vitrail_image_orient(vitrail_image *image, int orientation, char *error) {
  if (orientation == 1)
    return VITRAIL_OK;
  size_t width = (size_t)image->width, height = (size_t)image->height;
  size_t channels = (size_t)image->channels;
  uint8_t *turned = malloc(width * height * channels);
  if (!turned)
    return vitrail_fail(error, VITRAIL_OUT_OF_MEMORY,
                        "no memory to turn an image of %zu x %zu pixels", width,
                        height);
  /* Where each pixel comes from: 5 to 8 exchange rows and columns, and the
   * stored picture is mirrored along either axis. */
  int transposed = orientation >= 5;
  int mirror_x = orientation == 2 || orientation == 3 || orientation >= 7;
  int mirror_y = orientation == 3 || orientation == 4 || orientation == 6 ||
                 orientation == 7;
  size_t to_width = transposed ? height : width;
  size_t to_height = transposed ? width : height;
  uint8_t *to = turned;
  for (size_t row = 0; row < to_height; ++row)
    for (size_t column = 0; column < to_width; ++column, to += channels) {
      size_t x = transposed ? row : column, y = transposed ? column : row;
      x = mirror_x ? width - 1 - x : x;
      y = mirror_y ? height - 1 - y : y;
      memcpy(to, image->pixels + (y * width + x) * channels, channels);
    }
  free(image->pixels);
  *image =
      (vitrail_image){(int)to_width, (int)to_height, image->channels, turned};
  return VITRAIL_OK;
}

//===----------------------------------------------------------------------===//
// Reading
//===----------------------------------------------------------------------===//

static int read_file(FILE *file, const char *path, int channels,
                     vitrail_image *image, char *error) {
  unsigned char start[4];
  size_t size = fread(start, 1, sizeof(start), file);
  if (ferror(file) || fseek(file, 0, SEEK_SET))
    return vitrail_fail(error, VITRAIL_FILE_FAILURE, "cannot read '%.512s': %s",
                        path, strerror(errno));
  const format *found = find_format(start, size);
  if (!found->decoder)
    return vitrail_fail(error, VITRAIL_FILE_FAILURE,
                        "%.512s: %s; this program reads PNG and JPEG, convert "
                        "it to one of them",
                        path, found->name);
  int orientation = 1;
  int status = found->decoder(file, path, channels, image, &orientation, error);
  if (status)
    return status;
  status = vitrail_image_orient(image, orientation, error);
  if (status)
    free(image->pixels);
  return status;
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
  int status = read_file(file, path, channels, image, error);
  fclose(file);
  return status;
}

/* [height, width, channels] of bytes to [channels, height, width], normalized.
 */
static void normalize(const vitrail_image *image, const vitrail_port *port,
                      float *data) {
  size_t channels = (size_t)image->channels;
  size_t count = (size_t)image->width * (size_t)image->height;
  for (size_t c = 0; c < channels; ++c)
    for (size_t i = 0; i < count; ++i) {
      float value = (float)image->pixels[i * channels + c];
      data[c * count + i] = (value / 255.0f - port->mean[c]) / port->std[c];
    }
}

int vitrail_image_load(const char *path, const vitrail_port *port, void *data,
                       char *error) {
  int is_u8 = port->dtype == VITRAIL_U8;
  int channels = (int)port->shape[is_u8 ? 3 : 1];
  int height = (int)port->shape[is_u8 ? 1 : 2];
  int width = (int)port->shape[is_u8 ? 2 : 3];
  vitrail_image image, resized;
  int status = vitrail_image_read(path, channels, &image, error);
  if (status)
    return status;
  status = vitrail_image_resize(&image, width, height, &resized, error);
  free(image.pixels);
  if (status)
    return status;
  if (is_u8)
    memcpy(data, resized.pixels,
           (size_t)width * (size_t)height * (size_t)channels);
  else
    normalize(&resized, port, data);
  free(resized.pixels);
  return VITRAIL_OK;
}
