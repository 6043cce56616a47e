/*===- image.h - Images as inputs of models -----------------------*- C -*-===//
//
// Part of Vitrail, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// What Hugging Face's pipelines do with Pillow: decode to RGB or gray, turn
// upright, resize directly to the model's height and width, rescale, normalize.
//
//===----------------------------------------------------------------------===*/

#ifndef VITRAIL_SRC_IMAGE_H
#define VITRAIL_SRC_IMAGE_H

#include "vitrail/runtime.h"

#ifdef __cplusplus
extern "C" {
#endif

/* 8-bit pixels, channels interleaved. */
typedef struct vitrail_image {
  int width, height, channels;
  uint8_t *pixels; /* free() */
} vitrail_image;

/* Decodes a PNG or JPEG file, whatever its name, to 1 (gray), 3 (RGB) or 4
 * (RGBA) channels, and turns it the way its Exif orientation says. Transparency
 * that is not asked for is dropped, not blended. Returns a vitrail_status. */
int vitrail_image_read(const char *path, int channels, vitrail_image *image,
                       char *error);

/* Mirrors and turns an image as an Exif orientation, 1 to 8, asks for. Returns
 * a vitrail_status. */
int vitrail_image_orient(vitrail_image *image, int orientation, char *error);

/* Resizes as Pillow's Image.resize(..., BILINEAR) does, bit for bit: a triangle
 * filter that widens when shrinking, horizontally and then vertically, rounded
 * to 8 bits after each. (Pillow 13 takes tall images the other way round, which
 * moves some values by one; the models of today were evaluated with older
 * ones.) Returns a vitrail_status. */
int vitrail_image_resize(const vitrail_image *image, int width, int height,
                         vitrail_image *result, char *error);

/* Reads a file into one sample of an image port: [channels, height, width],
 * normalized, or the pixels [height, width, channels] of one of u8. */
int vitrail_image_load(const char *path, const vitrail_port *port, void *data,
                       char *error);

#ifdef __cplusplus
}
#endif
#endif /* VITRAIL_SRC_IMAGE_H */
