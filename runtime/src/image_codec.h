/*===- image_codec.h - What the decoders of image files share -----*- C -*-===//
//
// Part of Vitrail, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===*/

#ifndef VITRAIL_SRC_IMAGE_CODEC_H
#define VITRAIL_SRC_IMAGE_CODEC_H

#include "image.h"

#include <stdio.h>

#ifdef __cplusplus
extern "C" {
#endif

/* Decodes the file from its beginning to 1, 3 or 4 channels, as it is stored:
 * `*orientation` says how to turn it (vitrail_image_orient). `path` is for
 * messages. On failure `image` is left as it was. */
typedef int (*vitrail_image_decoder)(FILE *file, const char *path, int channels,
                                     vitrail_image *image, int *orientation,
                                     char *error);

int vitrail_png_decode(FILE *file, const char *path, int channels,
                       vitrail_image *image, int *orientation, char *error);
int vitrail_jpeg_decode(FILE *file, const char *path, int channels,
                        vitrail_image *image, int *orientation, char *error);

/* Memory for the pixels of an image of that size; more pixels than Pillow takes
 * without a protest are refused. */
int vitrail_image_allocate(vitrail_image *image, const char *path,
                           uint32_t width, uint32_t height, int channels,
                           char *error);

/* Writes a pixel of `channels` channels. Gray as Pillow weights it: on the
 * stored values, in 16 bits. */
static inline void vitrail_put_pixel(uint8_t *pixel, int channels, uint8_t red,
                                     uint8_t green, uint8_t blue,
                                     uint8_t alpha) {
  if (channels == 1) {
    pixel[0] =
        (uint8_t)((red * 19595u + green * 38470u + blue * 7471u + 32768u) >>
                  16);
    return;
  }
  pixel[0] = red;
  pixel[1] = green;
  pixel[2] = blue;
  if (channels == 4)
    pixel[3] = alpha;
}

#ifdef __cplusplus
}
#endif
#endif /* VITRAIL_SRC_IMAGE_CODEC_H */
