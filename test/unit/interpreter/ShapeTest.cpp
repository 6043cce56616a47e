//===- ShapeTest.cpp - Ops that move elements -----------------------------===//
//
// Part of Vitrail, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "test/unit/interpreter/Program.h"

using namespace vitrail::test;

TEST(RearrangeTest, Patches) {
  expectResult(
      {"1x2x2x4xf32"},
      R"mlir(%y = vitrail.rearrange %arg0 "b c (h p) (w q) -> b (h w) (p q c)" sizes = {p = 2 : i64, q = 2 : i64} : (tensor<1x2x2x4xf32>) -> tensor<1x2x8xf32>)mlir",
      "1x2x8xf32",
      {-1.0, -0.125, -0.625, 0.25, 0.5, -0.75, 0.875, -0.375, -0.25, 0.625,
       0.125, 1.0, -0.875, 0.0, -0.5, 0.375});
}

TEST(RearrangeTest, Transposition) {
  expectResult(
      {"2x3xf32"},
      R"mlir(%y = vitrail.rearrange %arg0 "a b -> b a" : (tensor<2x3xf32>) -> tensor<3x2xf32>)mlir",
      "3x2xf32", {-1.0, 0.125, -0.625, 0.5, -0.25, 0.875});
}

TEST(RearrangeTest, Merge) {
  expectResult(
      {"2x3x2xf32"},
      R"mlir(%y = vitrail.rearrange %arg0 "a b c -> (a b) c" : (tensor<2x3x2xf32>) -> tensor<6x2xf32>)mlir",
      "6x2xf32",
      {-1.0, -0.625, -0.25, 0.125, 0.5, 0.875, -0.875, -0.5, -0.125, 0.25,
       0.625, 1.0});
}

TEST(RearrangeTest, AxesOfOne) {
  expectResult(
      {"2x1x3xf32"},
      R"mlir(%y = vitrail.rearrange %arg0 "a 1 b -> 1 b a 1" : (tensor<2x1x3xf32>) -> tensor<1x3x2x1xf32>)mlir",
      "1x3x2x1xf32", {-1.0, 0.125, -0.625, 0.5, -0.25, 0.875});
}

TEST(ConcatTest, FirstAxis) {
  expectResult(
      {"1x2xf32", "2x2xf32"},
      R"mlir(%y = vitrail.concat %arg0, %arg1 axis = 0 : (tensor<1x2xf32>, tensor<2x2xf32>) -> tensor<3x2xf32>)mlir",
      "3x2xf32", {-1.0, -0.625, 0.375, 0.75, -1.0, -0.625});
}

TEST(ConcatTest, MiddleAxis) {
  expectResult(
      {"2x1x2xf32", "2x2x2xf32", "2x1x2xf32"},
      R"mlir(%y = vitrail.concat %arg0, %arg1, %arg2 axis = 1 : (tensor<2x1x2xf32>, tensor<2x2x2xf32>, tensor<2x1x2xf32>) -> tensor<2x4x2xf32>)mlir",
      "2x4x2xf32",
      {-1.0, -0.625, 0.375, 0.75, -1.0, -0.625, -0.375, 0.0, -0.25, 0.125,
       -0.25, 0.125, 0.5, 0.875, 0.375, 0.75});
}

TEST(ConcatTest, LastAxis) {
  expectResult(
      {"2x1xf32", "2x2xf32"},
      R"mlir(%y = vitrail.concat %arg0, %arg1 axis = 1 : (tensor<2x1xf32>, tensor<2x2xf32>) -> tensor<2x3xf32>)mlir",
      "2x3xf32", {-1.0, 0.375, 0.75, -0.625, -1.0, -0.625});
}

TEST(SliceTest, Box) {
  expectResult(
      {"2x3x4xf32"},
      R"mlir(%y = vitrail.slice %arg0 offsets = [1, 0, 1] sizes = [1, 2, 2] : (tensor<2x3x4xf32>) -> tensor<1x2x2xf32>)mlir",
      "1x2x2xf32", {-0.375, 0.0, -1.0, -0.625});
}

TEST(BroadcastTest, NewAxis) {
  expectResult(
      {"3xf32"},
      R"mlir(%y = vitrail.broadcast %arg0 shape = [2, 3] : (tensor<3xf32>) -> tensor<2x3xf32>)mlir",
      "2x3xf32", {-1.0, -0.625, -0.25, -1.0, -0.625, -0.25});
}

TEST(BroadcastTest, InnerAxis) {
  expectResult(
      {"2x1xf32"},
      R"mlir(%y = vitrail.broadcast %arg0 shape = [2, 3] : (tensor<2x1xf32>) -> tensor<2x3xf32>)mlir",
      "2x3xf32", {-1.0, -1.0, -1.0, -0.625, -0.625, -0.625});
}

TEST(BroadcastTest, MiddleAxis) {
  expectResult(
      {"1x2x1x2xf32"},
      R"mlir(%y = vitrail.broadcast %arg0 shape = [2, 2, 2, 2] : (tensor<1x2x1x2xf32>) -> tensor<2x2x2x2xf32>)mlir",
      "2x2x2x2xf32",
      {-1.0, -0.625, -1.0, -0.625, -0.25, 0.125, -0.25, 0.125, -1.0, -0.625,
       -1.0, -0.625, -0.25, 0.125, -0.25, 0.125});
}

TEST(PackTest, Tail) {
  expectResult(
      {"3x2xf32"},
      R"mlir(%y = vitrail.pack %arg0 axis = 0 : (tensor<3x2xf32>) -> tensor<1x2x16xf32>)mlir",
      "1x2x16xf32",
      {-1.0, -0.25, 0.5, 0.0, 0.0, 0.0,    0.0,   0.0,   0.0, 0.0, 0.0,
       0.0,  0.0,   0.0, 0.0, 0.0, -0.625, 0.125, 0.875, 0.0, 0.0, 0.0,
       0.0,  0.0,   0.0, 0.0, 0.0, 0.0,    0.0,   0.0,   0.0, 0.0});
}

TEST(PackTest, LastAxis) {
  expectResult(
      {"2x18xf32"},
      R"mlir(%y = vitrail.pack %arg0 axis = 1 : (tensor<2x18xf32>) -> tensor<2x2x16xf32>)mlir",
      "2x2x16xf32",
      {-1.0,  -0.625, -0.25, 0.125,  0.5,  0.875, -0.875, -0.5,  -0.125, 0.25,
       0.625, 1.0,    -0.75, -0.375, 0.0,  0.375, -0.625, -0.25, 0.125,  0.5,
       0.875, -0.875, -0.5,  -0.125, 0.25, 0.625, 1.0,    -0.75, -0.375, 0.0,
       0.375, 0.75,   0.75,  -1.0,   0.0,  0.0,   0.0,    0.0,   0.0,    0.0,
       0.0,   0.0,    0.0,   0.0,    0.0,  0.0,   0.0,    0.0,   -1.0,   -0.625,
       0.0,   0.0,    0.0,   0.0,    0.0,  0.0,   0.0,    0.0,   0.0,    0.0,
       0.0,   0.0,    0.0,   0.0});
}

TEST(PackTest, Width) {
  expectResult(
      {"3x2xf32"},
      R"mlir(%y = vitrail.pack %arg0 axis = 0 width = 2 : (tensor<3x2xf32>) -> tensor<2x2x2xf32>)mlir",
      "2x2x2xf32", {-1.0, -0.25, -0.625, 0.125, 0.5, 0.0, 0.875, 0.0});
}

TEST(PackTest, WholePanels) {
  expectResult(
      {"2x16x1xf32"},
      R"mlir(%y = vitrail.pack %arg0 axis = 1 : (tensor<2x16x1xf32>) -> tensor<1x2x1x16xf32>)mlir",
      "1x2x1x16xf32",
      {-1.0,   -0.625, -0.25,  0.125, 0.5,   0.875,  -0.875, -0.5,
       -0.125, 0.25,   0.625,  1.0,   -0.75, -0.375, 0.0,    0.375,
       0.75,   -1.0,   -0.625, -0.25, 0.125, 0.5,    0.875,  -0.875,
       -0.5,   -0.125, 0.25,   0.625, 1.0,   -0.75,  -0.375, 0.0});
}
