//===- HostTensorTest.cpp - Tensors of the interpreter --------------------===//
//
// Part of Vitrail, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "compiler/interpreter/HostTensor.h"
#include "gtest/gtest.h"
#include <cmath>
#include <limits>

using namespace vitrail;
using llvm::ArrayRef;

TEST(HostTensorTest, CopiesAreIndependent) {
  HostTensor a({2}, {1, 2});
  HostTensor b = a;
  EXPECT_EQ(a.data(), b.data());
  b.mutate()[0] = 5;
  EXPECT_EQ(a.getValues(), ArrayRef<double>({1, 2}));
  EXPECT_EQ(b.getValues(), ArrayRef<double>({5, 2}));
}

TEST(HostTensorTest, ReshapeShares) {
  HostTensor a({2, 3}, {1, 2, 3, 4, 5, 6});
  HostTensor b = a.reshape({3, 2});
  EXPECT_EQ(a.data(), b.data());
  EXPECT_EQ(b.getStrides(), llvm::SmallVector<int64_t>({2, 1}));
}

TEST(HostTensorTest, RoundsToNearestOnce) {
  HostTensor a({3}, {1 + 0x1p-24, 1 + 0x1p-24 + 0x1p-50, 1e300});
  float result[3];
  a.toFloat(result);
  EXPECT_EQ(result[0], 1.0f); // a tie goes to even
  EXPECT_EQ(result[1], 1.0f + 0x1p-23f);
  EXPECT_EQ(result[2], std::numeric_limits<float>::infinity());
}

TEST(HostTensorTest, Compare) {
  HostTensor reference({3}, {1, -4, 2});
  Difference difference = compare(reference, ArrayRef<float>{1, -3.5, 2.25});
  EXPECT_EQ(difference.maxAbs, 0.5);
  EXPECT_EQ(difference.maxRef, 4);
  EXPECT_EQ(difference.index, 1);
}

TEST(HostTensorTest, CompareWithoutNumbers) {
  double infinity = std::numeric_limits<double>::infinity();
  HostTensor reference({2}, {NAN, infinity});
  EXPECT_EQ(compare(reference, ArrayRef<double>{NAN, infinity}).maxAbs, 0);
  EXPECT_EQ(compare(reference, ArrayRef<double>{NAN, 1}).maxAbs, infinity);
  EXPECT_EQ(compare(reference, ArrayRef<double>{0, infinity}).maxAbs, infinity);
}
