/*===- exif.h - Which way up a photograph is ----------------------*- C -*-===//
//
// Part of Vitrail, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===*/

#ifndef VITRAIL_SRC_EXIF_H
#define VITRAIL_SRC_EXIF_H

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/* The orientation, 1 to 8, that a block of Exif data (a TIFF header and its
 * first directory) states; 1, as stored, where it states none or is broken.
 * Exif 2.32 (CIPA DC-008), 4.6.4. */
int vitrail_exif_orientation(const uint8_t *data, size_t size);

#ifdef __cplusplus
}
#endif
#endif /* VITRAIL_SRC_EXIF_H */
