/*===- MockMain.c - The main of a compiled program --------------* -*- C
-*-===//
//
// Part of Vitrail, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===*/

#include "Mock.h"

int main(int argc, char **argv) {
  return MOCK_MAIN(argc, argv, &MOCK_PROGRAM);
}
