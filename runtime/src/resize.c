/*===- resize.c - Bilinear resizing with antialiasing -------------*- C -*-===//
//
// Part of Vitrail, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Pillow's arithmetic (Resample.c, 8 bits a channel), for a model that was
// trained and evaluated on images resized by Pillow: weights in fixed point
// with 22 fractional bits.
//
//===----------------------------------------------------------------------===*/

#include "image.h"

#include "error.h"

#include <stdlib.h>
#include <string.h>

enum { FRACTION_BITS = 32 - 8 - 2 };

/* For each pixel of the result along one axis, the pixels that it is made of.
 */
typedef struct taps {
  int size; /* room for the weights of one pixel */
  int *first;
  int *count;
  int32_t *weights; /* [pixel][size] */
} taps;

static void free_taps(taps *t) {
  free(t->first);
  free(t->count);
  free(t->weights);
}

static double triangle(double x) {
  x = x < 0 ? -x : x;
  return x < 1 ? 1 - x : 0;
}

/* 0 if there is no memory. */
static int make_taps(taps *t, int from, int to) {
  double scale = (double)from / to;
  /* Shrinking, the filter covers the pixels that become one. */
  double support = scale < 1 ? 1 : scale;
  double inverse = 1 / support;
  int reach = (int)support + (support > (int)support); /* rounded up */
  t->size = 2 * reach + 1;
  t->first = malloc((size_t)to * sizeof(int));
  t->count = malloc((size_t)to * sizeof(int));
  t->weights = malloc((size_t)to * (size_t)t->size * sizeof(int32_t));
  double *row = malloc((size_t)t->size * sizeof(double));
  if (!t->first || !t->count || !t->weights || !row) {
    free(row);
    free_taps(t);
    return 0;
  }
  for (int i = 0; i < to; ++i) {
    double center = (i + 0.5) * scale, sum = 0;
    int first = (int)(center - support + 0.5);
    if (first < 0)
      first = 0;
    int end = (int)(center + support + 0.5);
    if (end > from)
      end = from;
    for (int x = first; x < end; ++x)
      sum += row[x - first] = triangle((x - center + 0.5) * inverse);
    int32_t *weights = t->weights + (size_t)i * (size_t)t->size;
    for (int x = 0; x < end - first; ++x) {
      double weight = sum != 0 ? row[x] / sum : row[x];
      weights[x] = (int32_t)(0.5 + weight * (1 << FRACTION_BITS));
    }
    t->first[i] = first;
    t->count[i] = end - first;
  }
  free(row);
  return 1;
}

/* Weights are positive and sum to one, give or take a rounding. */
static uint8_t round_sum(uint32_t sum) {
  sum >>= FRACTION_BITS;
  return sum > 255 ? 255 : (uint8_t)sum;
}

/* Filters along one axis, whose pixels lie `pitch` elements apart; the elements
 * in between, channels or a row, are filtered alike. */
static void filter(const taps *t, int to, const uint8_t *source,
                   uint8_t *result, size_t pitch) {
  for (int i = 0; i < to; ++i) {
    const int32_t *weights = t->weights + (size_t)i * (size_t)t->size;
    const uint8_t *first = source + (size_t)t->first[i] * pitch;
    for (size_t e = 0; e < pitch; ++e) {
      uint32_t sum = 1u << (FRACTION_BITS - 1);
      for (int x = 0; x < t->count[i]; ++x)
        sum += (uint32_t)weights[x] * first[(size_t)x * pitch + e];
      result[(size_t)i * pitch + e] = round_sum(sum);
    }
  }
}

int vitrail_image_resize(const vitrail_image *image, int width, int height,
                         vitrail_image *result, char *error) {
  size_t channels = (size_t)image->channels;
  size_t row = (size_t)width * channels;
  size_t source_row = (size_t)image->width * channels;
  taps across, down;
  uint8_t *narrow = malloc(row * (size_t)image->height);
  uint8_t *pixels = malloc(row * (size_t)height);
  int has_across = make_taps(&across, image->width, width);
  int has_down = make_taps(&down, image->height, height);
  int complete = narrow && pixels && has_across && has_down;
  if (complete) {
    for (size_t y = 0; y < (size_t)image->height; ++y)
      filter(&across, width, image->pixels + y * source_row, narrow + y * row,
             channels);
    filter(&down, height, narrow, pixels, row);
    *result = (vitrail_image){width, height, image->channels, pixels};
  } else {
    free(pixels);
  }
  if (has_across)
    free_taps(&across);
  if (has_down)
    free_taps(&down);
  free(narrow);
  return complete ? VITRAIL_OK
                  : vitrail_fail(error, VITRAIL_OUT_OF_MEMORY,
                                 "no memory to resize an image of %d x %d "
                                 "pixels; shrink it",
                                 image->width, image->height);
}
