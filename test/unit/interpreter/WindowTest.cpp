//===- WindowTest.cpp - Windows, rolls, gathered tables -------------------===//
//
// Part of Vitrail, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Expected values by PyTorch 2.14: conv2d, max_pool2d, avg_pool2d, roll, and
// indexing of tensors, in double precision.
//
//===----------------------------------------------------------------------===//

#include "test/unit/interpreter/Program.h"

using namespace vitrail;
using namespace vitrail::test;

// Features are (row, column, channel) of the window; zeros beyond the edge.
TEST(WindowTest, Unfold) {
  expectResult(
      {"1x3x4x2xf32"},
      R"mlir(%y = vitrail.unfold %arg0 kernel = [2, 3] strides = [1, 2] pads = [1, 0, 0, 1] : (tensor<1x3x4x2xf32>) -> tensor<1x3x2x12xf32>)mlir",
      "1x3x2x12xf32",
      {0.0,   0.0,   0.0,    0.0,    0.0,   0.0,   -1.0,   -0.625, -0.25,
       0.125, 0.5,   0.875,  0.0,    0.0,   0.0,   0.0,    0.0,    0.0,
       0.5,   0.875, -0.875, -0.5,   0.0,   0.0,   -1.0,   -0.625, -0.25,
       0.125, 0.5,   0.875,  -0.125, 0.25,  0.625, 1.0,    -0.75,  -0.375,
       0.5,   0.875, -0.875, -0.5,   0.0,   0.0,   -0.75,  -0.375, 0.0,
       0.375, 0.0,   0.0,    -0.125, 0.25,  0.625, 1.0,    -0.75,  -0.375,
       0.75,  -1.0,  -0.625, -0.25,  0.125, 0.5,   -0.75,  -0.375, 0.0,
       0.375, 0.0,   0.0,    0.125,  0.5,   0.875, -0.875, 0.0,    0.0});
}

TEST(WindowTest, UnfoldDilated) {
  expectResult(
      {"1x5x4x1xf32"},
      R"mlir(%y = vitrail.unfold %arg0 kernel = [2, 2] strides = [2, 1] pads = [1, 1, 1, 1] dilations = [3, 2] : (tensor<1x5x4x1xf32>) -> tensor<1x2x4x4xf32>)mlir",
      "1x2x4x4xf32", {0.0,   0.0,   0.0,  0.25,  0.0,    0.0,    -0.125, 0.625,
                      0.0,   0.0,   0.25, 1.0,   0.0,    0.0,    0.625,  0.0,
                      0.0,   0.875, 0.0,  -1.0,  0.5,    -0.875, 0.75,   -0.625,
                      0.875, -0.5,  -1.0, -0.25, -0.875, 0.0,    -0.625, 0.0});
}

// The window slides along one axis; the one in front is kept.
TEST(WindowTest, UnfoldOneAxis) {
  expectResult(
      {"2x4x2xf32"},
      R"mlir(%y = vitrail.unfold %arg0 kernel = [2] pads = [1, 0] : (tensor<2x4x2xf32>) -> tensor<2x4x4xf32>)mlir",
      "2x4x4xf32",
      {-0.0,  -0.0,  -1.0,   -0.625, -1.0,   -0.625, -0.25,  0.125,
       -0.25, 0.125, 0.5,    0.875,  0.5,    0.875,  -0.875, -0.5,
       -0.0,  0.0,   -0.125, 0.25,   -0.125, 0.25,   0.625,  1.0,
       0.625, 1.0,   -0.75,  -0.375, -0.75,  -0.375, 0.0,    0.375});
}

// PyTorch's conv2d with the filter [3, 2, 3, 3], channels behind the taps.
TEST(WindowTest, Convolution) {
  expectResult(
      {"1x4x5x2xf32", "3x18xf32"},
      R"mlir(%u = vitrail.unfold %arg0 kernel = [3, 3] strides = [2, 2] pads = [1, 1, 1, 1] : (tensor<1x4x5x2xf32>) -> tensor<1x2x3x18xf32>
%y = vitrail.linear %u, %arg1 : (tensor<1x2x3x18xf32>, tensor<3x18xf32>) -> tensor<1x2x3x3xf32>)mlir",
      "1x2x3x3xf32",
      {0.265625, -0.203125, 0.125, -2.265625, -2.15625, 1.671875, -0.859375,
       1.4375, 0.8125, -1.234375, -0.53125, -1.421875, 1.203125, 1.75, -0.09375,
       -0.25, 0.75, -0.375});
}

// PyTorch's conv2d of an odd map, with the factors of the paper: those of a row
// of taps and those of a column, [4, 3].
TEST(WindowTest, Winograd) {
  expectResult(
      {"1x3x5x2xf32", "3x18xf32", "3xf32"},
      R"mlir(%g = arith.constant dense<[[1.0, 0.0, 0.0], [0.5, 0.5, 0.5], [0.5, -0.5, 0.5], [0.0, 0.0, 1.0]]> : tensor<4x3xf32>
%t = vitrail.rearrange %arg1 "n (y x c) -> y x c n" sizes = {y = 3 : i64, x = 3 : i64} : (tensor<3x18xf32>) -> tensor<3x3x2x3xf32>
%u = vitrail.einsum "uy,vx,yxcn->uvcn" %g, %g, %t : (tensor<4x3xf32>, tensor<4x3xf32>, tensor<3x3x2x3xf32>) -> tensor<4x4x2x3xf32>
%f = vitrail.rearrange %u "u v c n -> (u v) c n" : (tensor<4x4x2x3xf32>) -> tensor<16x2x3xf32>
%y = vitrail.winograd_conv %arg0, %f, %arg2 pads = [1, 0, 1, 1] : (tensor<1x3x5x2xf32>, tensor<16x2x3xf32>, tensor<3xf32>) -> tensor<1x3x4x3xf32>)mlir",
      "1x3x4x3xf32",
      {1.125,     0.890625,  1.453125,  -2.640625, -2.15625,  2.046875,
       1.828125,  -0.6875,   -1.078125, -1.234375, 1.4375,    1.1875,
       1.265625,  -0.03125,  1.328125,  -2.171875, 0.265625,  -0.75,
       0.765625,  -1.296875, 0.625,     -0.625,    1.140625,  0.78125,
       1.84375,   -0.640625, -1.53125,  -1.1875,   1.5625,    1.390625,
       -1.296875, -1.546875, -0.203125, 0.109375,  1.28125,   -0.46875});
}

TEST(WindowTest, Depthwise) {
  expectResult(
      {"1x4x5x2xf32", "3x3x2xf32", "2xf32"},
      R"mlir(%y = vitrail.depthwise_conv %arg0, %arg1, %arg2 strides = [1, 2] pads = [1, 1, 1, 1] : (tensor<1x4x5x2xf32>, tensor<3x3x2xf32>, tensor<2xf32>) -> tensor<1x4x3x2xf32>)mlir",
      "1x4x3x2xf32",
      {0.0625,   -0.171875, -1.296875, -1.34375, 0.234375, -1.46875,
       0.140625, -0.703125, -0.296875, -1.875,   -0.25,    -0.375,
       -0.75,    -0.859375, 0.984375,  -0.15625, -0.75,    0.125,
       -0.4375,  -0.234375, 1.484375,  0.5,      -1.84375, 0.609375});
}

TEST(WindowTest, DepthwiseDilated) {
  expectResult(
      {"2x5x5x1xf32", "2x2x1xf32"},
      R"mlir(%y = vitrail.depthwise_conv %arg0, %arg1 dilations = [3, 3] : (tensor<2x5x5x1xf32>, tensor<2x2x1xf32>) -> tensor<2x2x2x1xf32>)mlir",
      "2x2x2x1xf32",
      {-0.265625, -0.453125, 0.65625, -0.328125, 1.421875, -0.359375, -0.578125,
       -0.234375});
}

TEST(WindowTest, MaxPool) {
  expectResult(
      {"1x4x5x2xf32"},
      R"mlir(%y = vitrail.pool max %arg0 kernel = [3, 3] strides = [2, 2] pads = [1, 1, 1, 1] : (tensor<1x4x5x2xf32>) -> tensor<1x2x3x2xf32>)mlir",
      "1x2x3x2xf32",
      {0.625, 1.0, 0.75, 0.875, 0.75, 0.25, 0.875, 1.0, 0.875, 0.75, 1.0,
       0.875});
}

TEST(WindowTest, MinPool) {
  expectResult(
      {"1x4x5x2xf32"},
      R"mlir(%y = vitrail.pool min %arg0 kernel = [3, 3] strides = [2, 2] pads = [1, 1, 1, 1] : (tensor<1x4x5x2xf32>) -> tensor<1x2x3x2xf32>)mlir",
      "1x2x3x2xf32",
      {-1.0, -0.625, -0.875, -1.0, -0.875, -1.0, -0.75, -0.875, -1.0, -1.0,
       -0.625, -1.0});
}

// What is beyond the edge does not count (PyTorch's count_include_pad=False),
TEST(WindowTest, MeanPool) {
  expectResult(
      {"1x4x5x2xf32"},
      R"mlir(%y = vitrail.pool mean %arg0 kernel = [3, 3] strides = [2, 2] pads = [1, 1, 1, 1] : (tensor<1x4x5x2xf32>) -> tensor<1x2x3x2xf32>)mlir",
      "1x2x3x2xf32",
      {-0.34375, 0.03125, -0.10416666666666667, -0.08333333333333333, -0.21875,
       -0.375, 0.14583333333333334, 0.16666666666666666, -0.027777777777777776,
       -0.125, 0.2708333333333333, -0.0625});
}

// or counts as zeros.
TEST(WindowTest, MeanPoolOfZeros) {
  expectResult(
      {"1x4x5x2xf32"},
      R"mlir(%y = vitrail.pool mean %arg0 kernel = [3, 3] strides = [2, 2] pads = [1, 1, 1, 1] count_pads : (tensor<1x4x5x2xf32>) -> tensor<1x2x3x2xf32>)mlir",
      "1x2x3x2xf32",
      {-0.1527777777777778, 0.013888888888888888, -0.06944444444444445,
       -0.05555555555555555, -0.09722222222222222, -0.16666666666666666,
       0.09722222222222222, 0.1111111111111111, -0.027777777777777776, -0.125,
       0.18055555555555555, -0.041666666666666664});
}

TEST(WindowTest, SumPool) {
  expectResult(
      {"1x4x5x2xf32"},
      R"mlir(%y = vitrail.pool sum %arg0 kernel = [3, 3] strides = [2, 2] pads = [1, 1, 1, 1] : (tensor<1x4x5x2xf32>) -> tensor<1x2x3x2xf32>)mlir",
      "1x2x3x2xf32",
      {-1.375, 0.125, -0.625, -0.5, -0.875, -1.5, 0.875, 1.0, -0.25, -1.125,
       1.625, -0.375});
}

TEST(WindowTest, MaxPoolDilated) {
  expectResult(
      {"1x4x5x2xf32"},
      R"mlir(%y = vitrail.pool max %arg0 kernel = [2, 2] dilations = [2, 3] : (tensor<1x4x5x2xf32>) -> tensor<1x2x2x2xf32>)mlir",
      "1x2x2x2xf32", {0.25, 0.625, 1.0, 0.25, 0.75, 1.0, 0.5, 0.875});
}

// Elements leave at one end and come in at the other (PyTorch's roll).
TEST(WindowTest, Roll) {
  expectResult(
      {"2x3x4xf32"},
      R"mlir(%y = vitrail.roll %arg0 shifts = [0, -1, 6] : tensor<2x3x4xf32>)mlir",
      "2x3x4xf32",
      {-0.875, -0.5,   0.5,   0.875,  0.625,  1.0,   -0.125, 0.25,
       -0.25,  0.125,  -1.0,  -0.625, -0.625, -0.25, 0.75,   -1.0,
       0.875,  -0.875, 0.125, 0.5,    0.0,    0.375, -0.75,  -0.375});
}

// Numbers 0 to 2, each row the elements of the table that they name.
TEST(WindowTest, Gather) {
  expectResult({"3x2xf32"},
               R"mlir(
%i = arith.constant dense<[[0.0, 2.0], [1.0, 1.0], [2.0, 0.0]]> : tensor<3x2xf32>
%y = vitrail.gather %arg0, %i axis = 0 : (tensor<3x2xf32>, tensor<3x2xf32>) -> tensor<3x2x2xf32>)mlir",
               "3x2x2xf32",
               {-1.0, -0.625, 0.5, 0.875, -0.25, 0.125, -0.25, 0.125, 0.5,
                0.875, -1.0, -0.625});
}

TEST(WindowTest, GatherInside) {
  expectResult({"2x4x2xf32"},
               R"mlir(
%i = arith.constant dense<[3.0, 0.0, 3.0]> : tensor<3xf32>
%y = vitrail.gather %arg0, %i axis = 1 : (tensor<2x4x2xf32>, tensor<3xf32>) -> tensor<2x3x2xf32>)mlir",
               "2x3x2xf32",
               {-0.875, -0.5, -1.0, -0.625, -0.875, -0.5, 0.0, 0.375, -0.125,
                0.25, 0.0, 0.375});
}

/// What the interpreter says of numbers that name no element.
static std::string gatherError(const char *numbers) {
  Program program(
      programText({"3x2xf32"},
                  (llvm::Twine("%i = arith.constant dense<") + numbers +
                   "> : tensor<2xf32>\n"
                   "%y = vitrail.gather %arg0, %i axis = 0 : "
                   "(tensor<3x2xf32>, tensor<2xf32>) -> tensor<2x2xf32>")
                      .str(),
                  "2x2xf32"));
  auto result = runOnRamps(program);
  return result ? "none" : llvm::toString(result.takeError());
}

TEST(WindowTest, GatherBeyondTheTable) {
  EXPECT_NE(
      gatherError("[0.0, 3.0]").find("3.00 is no element of an axis of 3"),
      std::string::npos);
  EXPECT_NE(gatherError("[-1.0, 0.0]").find("-1.00 is no element"),
            std::string::npos);
  EXPECT_NE(gatherError("[0.5, 0.0]").find("0.5"), std::string::npos);
  EXPECT_EQ(gatherError("[2.0, 0.0]"), "none");
}
