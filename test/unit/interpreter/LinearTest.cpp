//===- LinearTest.cpp - Matrix products with weights ----------------------===//
//
// Part of Vitrail, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "test/unit/interpreter/Program.h"

using namespace vitrail::test;

TEST(LinearTest, WithBias) {
  expectResult(
      {"2x3xf32", "4x3xf32", "4xf32"},
      R"mlir(%y = vitrail.linear %arg0, %arg1, %arg2 : (tensor<2x3xf32>, tensor<4x3xf32>, tensor<4xf32>) -> tensor<2x4xf32>)mlir",
      "2x4xf32",
      {-0.96875, 0.75, -0.453125, 1.265625, -0.828125, -0.09375, 0.109375,
       0.84375});
}

TEST(LinearTest, WithoutBias) {
  expectResult(
      {"1x2x5xf32", "2x5xf32"},
      R"mlir(%y = vitrail.linear %arg0, %arg1 : (tensor<1x2x5xf32>, tensor<2x5xf32>) -> tensor<1x2x2xf32>)mlir",
      "1x2x2xf32", {-0.796875, -1.015625, 0.1875, -0.78125});
}

TEST(LinearTest, Transposed) {
  expectResult(
      {"3x2xf32", "2x4xf32", "4xf32"},
      R"mlir(%y = vitrail.linear %arg0, %arg1, %arg2 transposed : (tensor<3x2xf32>, tensor<2x4xf32>, tensor<4xf32>) -> tensor<3x4xf32>)mlir",
      "3x4xf32",
      {-0.59375, -0.828125, 1.0625, 0.828125, -0.5, -0.171875, 0.6875, 1.015625,
       -0.40625, 0.484375, 0.3125, 1.203125});
}

TEST(LinearTest, VectorInput) {
  expectResult(
      {"3xf32", "2x3xf32"},
      R"mlir(%y = vitrail.linear %arg0, %arg1 : (tensor<3xf32>, tensor<2x3xf32>) -> tensor<2xf32>)mlir",
      "2xf32", {-0.59375, 0.75});
}

TEST(PatchEmbedTest, WithBias) {
  expectResult(
      {"1x2x4x6xf32", "2x2x2x3xf32", "2xf32"},
      R"mlir(%y = vitrail.patch_embed %arg0, %arg1, %arg2 : (tensor<1x2x4x6xf32>, tensor<2x2x2x3xf32>, tensor<2xf32>) -> tensor<1x4x2xf32>)mlir",
      "1x4x2xf32",
      {-0.609375, -0.90625, 0.421875, -0.484375, -0.734375, -0.8125, 0.296875,
       2.53125});
}

TEST(PatchEmbedTest, BatchWithoutBias) {
  expectResult(
      {"2x1x4x4xf32", "1x1x2x2xf32"},
      R"mlir(%y = vitrail.patch_embed %arg0, %arg1 : (tensor<2x1x4x4xf32>, tensor<1x1x2x2xf32>) -> tensor<2x4x1xf32>)mlir",
      "2x4x1xf32",
      {-1.890625, 1.1875, 1.125, 0.75, -0.90625, -0.75, -0.8125, 0.9375});
}

TEST(EinsumTest, MatrixVector) {
  expectResult(
      {"3x4xf32", "4xf32"},
      R"mlir(%y = vitrail.einsum "nk,k->n" %arg0, %arg1 : (tensor<3x4xf32>, tensor<4xf32>) -> tensor<3xf32>)mlir",
      "3xf32", {-0.671875, 2.03125, -1.109375});
}

TEST(EinsumTest, BatchedProduct) {
  expectResult(
      {"2x2x3xf32", "2x2x3xf32"},
      R"mlir(%y = vitrail.einsum "bnd,bkd->bnk" %arg0, %arg1 : (tensor<2x2x3xf32>, tensor<2x2x3xf32>) -> tensor<2x2x2xf32>)mlir",
      "2x2x2xf32",
      {-0.59375, 0.75, -0.453125, -0.09375, -0.765625, 0.46875, -0.203125,
       0.046875});
}

TEST(EinsumTest, HeadMixing) {
  expectResult(
      {"1x2x2x3xf32", "2x3xf32"},
      R"mlir(%y = vitrail.einsum "bhnm,hg->bgnm" %arg0, %arg1 : (tensor<1x2x2x3xf32>, tensor<2x3xf32>) -> tensor<1x3x2x3xf32>)mlir",
      "1x3x2x3xf32",
      {0.171875, 0.078125, -0.015625, -0.109375, -0.203125, -0.296875, -0.53125,
       -0.34375, -0.15625, 0.03125, 0.21875, 0.40625, 0.890625, 0.5625,
       0.234375, -0.09375, -0.421875, -0.75});
}

TEST(EinsumTest, OuterProduct) {
  expectResult(
      {"2xf32", "3xf32"},
      R"mlir(%y = vitrail.einsum "a,b->ba" %arg0, %arg1 : (tensor<2xf32>, tensor<3xf32>) -> tensor<3x2xf32>)mlir",
      "3x2xf32", {-0.375, -0.234375, -0.75, -0.46875, 1.0, 0.625});
}

TEST(EinsumTest, Elementwise) {
  expectResult(
      {"2x3xf32", "3xf32"},
      R"mlir(%y = vitrail.einsum "ab,b->ab" %arg0, %arg1 : (tensor<2x3xf32>, tensor<3xf32>) -> tensor<2x3xf32>)mlir",
      "2x3xf32", {-0.375, -0.46875, 0.25, 0.046875, 0.375, -0.875});
}

TEST(EinsumTest, Diagonal) {
  expectResult(
      {"3x3xf32"},
      R"mlir(%y = vitrail.einsum "ii->i" %arg0 : (tensor<3x3xf32>) -> tensor<3xf32>)mlir",
      "3xf32", {-1.0, 0.5, -0.125});
}

TEST(EinsumTest, Trace) {
  expectResult(
      {"3x3x2xf32"},
      R"mlir(%y = vitrail.einsum "iij->j" %arg0 : (tensor<3x3x2xf32>) -> tensor<2xf32>)mlir",
      "2xf32", {-0.375, -1.375});
}

TEST(EinsumTest, SumAll) {
  expectResult(
      {"2x2x3xf32"},
      R"mlir(%y = vitrail.einsum "abc->" %arg0 : (tensor<2x2x3xf32>) -> tensor<f32>)mlir",
      "f32", {0.0});
}

TEST(EinsumTest, Transposition) {
  expectResult(
      {"2x2x3xf32"},
      R"mlir(%y = vitrail.einsum "abc->cab" %arg0 : (tensor<2x2x3xf32>) -> tensor<3x2x2xf32>)mlir",
      "3x2x2xf32",
      {-1.0, 0.125, -0.875, 0.25, -0.625, 0.5, -0.5, 0.625, -0.25, 0.875,
       -0.125, 1.0});
}

TEST(EinsumTest, LoneSummedIndex) {
  expectResult(
      {"2x3xf32", "3x2xf32"},
      R"mlir(%y = vitrail.einsum "ab,bc->b" %arg0, %arg1 : (tensor<2x3xf32>, tensor<3x2xf32>) -> tensor<3xf32>)mlir",
      "3xf32", {-0.984375, 0.203125, -0.078125});
}

TEST(EinsumTest, ThreeOperands) {
  expectResult(
      {"2x3xf32", "3x2xf32", "2x2xf32"},
      R"mlir(%y = vitrail.einsum "ab,bc,cd->ad" %arg0, %arg1, %arg2 : (tensor<2x3xf32>, tensor<3x2xf32>, tensor<2x2xf32>) -> tensor<2x2xf32>)mlir",
      "2x2xf32", {-0.263671875, -0.29296875, 0.2109375, -0.08203125});
}

TEST(EinsumTest, SharedByThree) {
  expectResult(
      {"3xf32", "3x2xf32", "2xf32"},
      R"mlir(%y = vitrail.einsum "a,ab,b->a" %arg0, %arg1, %arg2 : (tensor<3xf32>, tensor<3x2xf32>, tensor<2xf32>) -> tensor<3xf32>)mlir",
      "3xf32", {0.140625, -0.234375, -0.0234375});
}

TEST(EinsumTest, IndexMeetsTheLastOperand) {
  expectResult(
      {"2x3xf32", "2x2xf32", "2x2xf32"},
      R"mlir(%y = vitrail.einsum "ab,cd,ac->db" %arg0, %arg1, %arg2 : (tensor<2x3xf32>, tensor<2x2xf32>, tensor<2x2xf32>) -> tensor<2x3xf32>)mlir",
      "2x3xf32",
      {0.064453125, -0.216796875, -0.498046875, 0.2578125, 0.08203125,
       -0.09375});
}
