/*===- Mock.h - Programs as the compiler would emit them --------* -*- C
-*-===//
//
// Part of Vitrail, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===*/

#ifndef VITRAIL_TEST_MOCK_H
#define VITRAIL_TEST_MOCK_H

#include "vitrail/runtime.h"

#ifdef __cplusplus
extern "C" {
#endif

#define MOCK_BATCH 2
#define MOCK_CLASSES_COUNT 7
#define MOCK_SAMPLE (3 * 4 * 4)
#define MOCK_WEIGHTS 8

extern const float mock_weights[MOCK_WEIGHTS];

/* Images [2, 3, 4, 4] to scores of 7 classes, three of which have names. */
extern const vitrail_program mock_classes;
/* The same, with its weights in "mock.weights". */
extern const vitrail_program mock_external;
/* The same, for a CPU that there is not. */
extern const vitrail_program mock_unsupported;
/* The same with code for "plain", "taller", whose scores are one more, and
 * "future", which is for a CPU that there is not. */
extern const vitrail_program mock_variants;
/* Two inputs "a" and "b", [1, 4], and their "sum". */
extern const vitrail_program mock_add;

/* What mock_classes computes. */
void mock_reference(const float *images, float *scores);

#ifdef __cplusplus
}
#endif
#endif /* VITRAIL_TEST_MOCK_H */
