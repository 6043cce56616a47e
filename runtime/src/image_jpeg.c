/*===- image_jpeg.c - JPEG files ----------------------------------*- C -*-===//
//
// Part of Vitrail, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// libjpeg with its defaults (accurate integer DCT, smooth upsampling), which
// are Pillow's, too. It reports errors by a callback that must not return, so
// the decoder jumps out of it; all that it holds then is in one struct.
//
//===----------------------------------------------------------------------===*/

#include "image_codec.h"

#include "error.h"
#include "exif.h"

#include <jpeglib.h>

#include <jerror.h>
#include <setjmp.h>
#include <stdlib.h>
#include <string.h>

/* A progressive file decodes all its pixels once a scan. Photographs have about
 * ten; a small file can have thousands. */
enum { MOST_SCANS = 500 };

/* libjpeg names this function of the loader where it uses a thread-local
 * variable. In an executable the linker turns all such uses into plain
 * addresses and nobody calls it; undefined, the name alone would make the
 * loader a library that the program needs. Hidden, it is for libjpeg alone. */
__attribute__((visibility("hidden"))) void *__tls_get_addr(void *index);
void *__tls_get_addr(void *index) {
  (void)index;
  abort();
}

typedef struct decoder {
  struct jpeg_decompress_struct jpeg; /* its client_data is the decoder */
  struct jpeg_error_mgr errors;
  struct jpeg_progress_mgr progress;
  jmp_buf failed;
  char message[JMSG_LENGTH_MAX];
  vitrail_image image;
  uint8_t *row; /* as libjpeg gives it */
} decoder;

//===----------------------------------------------------------------------===//
// Callbacks
//===----------------------------------------------------------------------===//

static void fail(j_common_ptr jpeg) {
  decoder *d = jpeg->client_data;
  jpeg->err->format_message(jpeg, d->message);
  longjmp(d->failed, 1);
}

/* libjpeg goes on with gray pixels where data are broken or missing; a model's
 * answer about those would be worth nothing. Its other warnings are harmless:
 * bytes between two segments, say. */
static void warn(j_common_ptr jpeg, int level) {
  if (level >= 0)
    return;
  switch (jpeg->err->msg_code) {
  case JWRN_ARITH_BAD_CODE:
  case JWRN_BOGUS_PROGRESSION:
  case JWRN_HIT_MARKER:
  case JWRN_HUFF_BAD_CODE:
  case JWRN_JPEG_EOF:
  case JWRN_MUST_RESYNC:
  case JWRN_NOT_SEQUENTIAL:
    fail(jpeg);
  }
}

static void print_nothing(j_common_ptr jpeg) { (void)jpeg; }

static void count_scans(j_common_ptr jpeg) {
  decoder *d = jpeg->client_data;
  if (d->jpeg.input_scan_number <= MOST_SCANS)
    return;
  snprintf(d->message, sizeof(d->message), "more than %d scans", MOST_SCANS);
  longjmp(d->failed, 1);
}

//===----------------------------------------------------------------------===//
// Pixels
//===----------------------------------------------------------------------===//

/* One row of gray, RGB or CMYK to the image's channels. As Pillow does, CMYK is
 * taken to be stored inverted, which is what Adobe's programs write, and turned
 * into RGB without a color profile. */
static void convert_row(const decoder *d, uint8_t *to) {
  const uint8_t *from = d->row;
  int channels = d->image.channels;
  for (int x = 0; x < d->image.width; ++x, to += channels) {
    switch (d->jpeg.output_components) {
    case 1:
      vitrail_put_pixel(to, channels, from[0], from[0], from[0], 255);
      break;
    case 3:
      vitrail_put_pixel(to, channels, from[0], from[1], from[2], 255);
      break;
    default: {
      uint8_t rgb[3], white = from[3]; /* 255 - black */
      for (int c = 0; c < 3; ++c) {    /* white * (1 - ink / 255), rounded */
        unsigned product = (255u - from[c]) * white + 128;
        rgb[c] = (uint8_t)(white - ((product + (product >> 8)) >> 8));
      }
      vitrail_put_pixel(to, channels, rgb[0], rgb[1], rgb[2], 255);
    }
    }
    from += d->jpeg.output_components;
  }
}

static int find_orientation(const decoder *d) {
  static const char name[] = "Exif\0"; /* and the terminating zero */
  for (jpeg_saved_marker_ptr m = d->jpeg.marker_list; m; m = m->next)
    if (m->data_length >= sizeof(name) &&
        memcmp(m->data, name, sizeof(name)) == 0)
      return vitrail_exif_orientation(m->data + sizeof(name),
                                      m->data_length - sizeof(name));
  return 1;
}

static int decode(decoder *d, FILE *file, const char *path, int channels,
                  int *orientation, char *error) {
  struct jpeg_decompress_struct *jpeg = &d->jpeg;
  if (setjmp(d->failed))
    return vitrail_fail(error, VITRAIL_FILE_FAILURE,
                        "%.512s: corrupt or unusual JPEG file (%s); save it "
                        "again as an ordinary one",
                        path, d->message);
  jpeg_create_decompress(jpeg);
  jpeg->progress = &d->progress;
  jpeg_stdio_src(jpeg, file);
  jpeg_save_markers(jpeg, JPEG_APP0 + 1, 0xffff);
  jpeg_read_header(jpeg, TRUE);
  if (jpeg->num_components != 1 && jpeg->num_components != 3 &&
      jpeg->num_components != 4)
    return vitrail_fail(error, VITRAIL_FILE_FAILURE,
                        "%.512s: a JPEG file of %d color components; gray, "
                        "color and CMYK ones have 1, 3 or 4",
                        path, jpeg->num_components);
  /* Gray and CMYK stay what they are; libjpeg knows nothing else to do with
   * them. */
  if (jpeg->num_components == 3)
    jpeg->out_color_space = JCS_RGB;
  int status = vitrail_image_allocate(&d->image, path, jpeg->image_width,
                                      jpeg->image_height, channels, error);
  if (status)
    return status;
  d->row = malloc((size_t)jpeg->image_width * 4);
  if (!d->row)
    return vitrail_fail(error, VITRAIL_OUT_OF_MEMORY,
                        "%.512s: no memory for a row of %u pixels", path,
                        jpeg->image_width);
  jpeg_start_decompress(jpeg);
  size_t stride = (size_t)jpeg->image_width * (size_t)channels;
  while (jpeg->output_scanline < jpeg->output_height) {
    uint8_t *to = d->image.pixels + jpeg->output_scanline * stride;
    jpeg_read_scanlines(jpeg, &d->row, 1);
    convert_row(d, to);
  }
  *orientation = find_orientation(d);
  return VITRAIL_OK;
}

int vitrail_jpeg_decode(FILE *file, const char *path, int channels,
                        vitrail_image *image, int *orientation, char *error) {
  decoder d;
  memset(&d, 0, sizeof(d));
  d.jpeg.err = jpeg_std_error(&d.errors);
  d.errors.error_exit = fail;
  d.errors.emit_message = warn;
  d.errors.output_message = print_nothing;
  d.progress.progress_monitor = count_scans;
  d.jpeg.client_data = &d;
  int status = decode(&d, file, path, channels, orientation, error);
  jpeg_destroy_decompress(&d.jpeg);
  free(d.row);
  if (status)
    free(d.image.pixels);
  else
    *image = d.image;
  return status;
}
