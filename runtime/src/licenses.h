/*===- licenses.h - Notices of what a program contains ------------*- C -*-===//
//
// Part of Vitrail, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// licenses.c is made by CMakeLists.txt from the files that the packages and
// this repository come with.
//
//===----------------------------------------------------------------------===*/

#ifndef VITRAIL_SRC_LICENSES_H
#define VITRAIL_SRC_LICENSES_H

#ifdef __cplusplus
extern "C" {
#endif

/* Texts that end with a zero. */
extern const char vitrail_license[];
extern const char vitrail_libjpeg_license[];
extern const char vitrail_libpng_license[];
extern const char vitrail_zlib_license[];

#ifdef __cplusplus
}
#endif
#endif /* VITRAIL_SRC_LICENSES_H */
