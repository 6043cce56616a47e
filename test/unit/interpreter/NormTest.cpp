//===- NormTest.cpp - Normalization, softmax, reductions ------------------===//
//
// Part of Vitrail, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "test/unit/interpreter/Program.h"

using namespace vitrail::test;

TEST(NormTest, LayerNorm) {
  expectResult(
      {"2x4xf32", "4xf32", "4xf32"},
      R"mlir(%y = vitrail.norm %arg0, %arg1 bias %arg2 axis = 1 eps = 1.0e-2 : (tensor<2x4xf32>, tensor<4xf32>, tensor<4xf32>) -> tensor<2x4xf32>)mlir",
      "2x4xf32",
      {-0.8643874795398443, -0.32625831969322955, -0.060011092924306064,
       -0.06564579923307387, -0.11443564336829955, 0.9119752482109516,
       1.5909669976146021, 1.1842739277195007});
}

TEST(NormTest, WithoutAffine) {
  expectResult(
      {"2x3xf32"},
      R"mlir(%y = vitrail.norm %arg0 axis = 1 eps = 1.0e-12 : (tensor<2x3xf32>) -> tensor<2x3xf32>)mlir",
      "2x3xf32",
      {-1.224744871385057, 0.0, 1.224744871385057, -1.224744871385057, 0.0,
       1.224744871385057});
}

TEST(NormTest, GainOnly) {
  expectResult(
      {"2x3xf32", "3xf32"},
      R"mlir(%y = vitrail.norm %arg0, %arg1 axis = 1 eps = 0.5 : (tensor<2x3xf32>, tensor<3xf32>) -> tensor<2x3xf32>)mlir",
      "2x3xf32",
      {-0.18249909877210785, 0.0, -0.48666426339228763, -0.18249909877210785,
       0.0, -0.48666426339228763});
}

TEST(NormTest, BiasOnly) {
  expectResult(
      {"2x3xf32", "3xf32"},
      R"mlir(%y = vitrail.norm %arg0 bias %arg1 axis = 1 eps = 0.5 : (tensor<2x3xf32>, tensor<3xf32>) -> tensor<2x3xf32>)mlir",
      "2x3xf32",
      {-0.11166426339228763, 0.75, -0.5133357366077124, -0.11166426339228763,
       0.75, -0.5133357366077124});
}

TEST(NormTest, Rms) {
  expectResult(
      {"2x4xf32", "4xf32"},
      R"mlir(%y = vitrail.norm %arg0, %arg1 axis = 1 eps = 1.0e-2 rms : (tensor<2x4xf32>, tensor<4xf32>) -> tensor<2x4xf32>)mlir",
      "2x4xf32",
      {-0.6105941257599791, -0.7632426571999739, 0.4070627505066527,
       -0.12720710953332898, 0.26056435663170047, 0.9119752482109516,
       1.2159669976146021, 0.43427392771950074});
}

TEST(NormTest, SampleVariance) {
  expectResult(
      {"2x4xf32"},
      R"mlir(%y = vitrail.norm %arg0 axis = 1 eps = 1.0e-2 ddof = 1 : (tensor<2x4xf32>) -> tensor<2x4xf32>)mlir",
      "2x4xf32",
      {-1.1378739092043906, -0.3792913030681302, 0.3792913030681302,
       1.1378739092043906, 0.6032055064067049, 1.0556096362117335,
       -1.0556096362117335, -0.6032055064067049});
}

TEST(NormTest, EpsOutside) {
  expectResult(
      {"2x4xf32"},
      R"mlir(%y = vitrail.norm %arg0 axis = 1 eps = 0.25 ddof = 1 eps_outside : (tensor<2x4xf32>) -> tensor<2x4xf32>)mlir",
      "2x4xf32",
      {-0.766220459812125, -0.255406819937375, 0.255406819937375,
       0.766220459812125, 0.46604805620784745, 0.815584098363733,
       -0.815584098363733, -0.46604805620784745});
}

TEST(NormTest, InnerAxis) {
  expectResult(
      {"1x3x2x2xf32", "3xf32", "3xf32"},
      R"mlir(%y = vitrail.norm %arg0, %arg1 bias %arg2 axis = 1 eps = 0.5 : (tensor<1x3x2x2xf32>, tensor<3xf32>, tensor<3xf32>) -> tensor<1x3x2x2xf32>)mlir",
      "1x3x2x2xf32",
      {-0.6917448849380008, -0.6917448849380008, -0.40834156683557904,
       -0.40834156683557904, 0.5668066362048435, 0.5668066362048435,
       -0.5668066362048436, -0.5668066362048436, 0.28608915510512256,
       0.28608915510512256, -0.46965302650133545, -0.46965302650133545});
}

TEST(SoftmaxTest, LastAxis) {
  expectResult(
      {"2x3xf32"},
      R"mlir(%y = vitrail.softmax %arg0 axis = 1 : tensor<2x3xf32>)mlir",
      "2x3xf32",
      {0.21872306959481305, 0.3182401884393924, 0.4630367419657945,
       0.21872306959481305, 0.3182401884393924, 0.4630367419657945});
}

TEST(SoftmaxTest, FirstAxis) {
  expectResult(
      {"3x2xf32"},
      R"mlir(%y = vitrail.softmax %arg0 axis = 0 : tensor<3x2xf32>)mlir",
      "3x2xf32",
      {0.13160164714691436, 0.13160164714691436, 0.278600689196273,
       0.278600689196273, 0.5897976636568126, 0.5897976636568126});
}

TEST(SoftmaxTest, MiddleAxis) {
  expectResult(
      {"2x2x2xf32"},
      R"mlir(%y = vitrail.softmax %arg0 axis = 1 : tensor<2x2x2xf32>)mlir",
      "2x2x2xf32",
      {0.32082130082460697, 0.32082130082460697, 0.679178699175393,
       0.679178699175393, 0.7981867777396212, 0.7981867777396212,
       0.20181322226037882, 0.20181322226037882});
}

TEST(ReduceTest, Sum) {
  expectResult(
      {"2x3x2xf32"},
      R"mlir(%y = vitrail.reduce sum %arg0 axes = [1] : (tensor<2x3x2xf32>) -> tensor<2x2xf32>)mlir",
      "2x2xf32", {-0.75, 0.375, -0.375, 0.75});
}

TEST(ReduceTest, MeanOfTwoAxes) {
  expectResult(
      {"2x3x2xf32"},
      R"mlir(%y = vitrail.reduce mean %arg0 axes = [0, 2] : (tensor<2x3x2xf32>) -> tensor<3xf32>)mlir",
      "3xf32", {-0.75, 0.0, 0.75});
}

TEST(ReduceTest, MeanOfAll) {
  expectResult(
      {"2x3xf32"},
      R"mlir(%y = vitrail.reduce mean %arg0 axes = [0, 1] : (tensor<2x3xf32>) -> tensor<f32>)mlir",
      "f32", {-0.0625});
}

TEST(ReduceTest, MaxKeepingDims) {
  expectResult(
      {"2x3x2xf32"},
      R"mlir(%y = vitrail.reduce max %arg0 axes = [1] keep_dims : (tensor<2x3x2xf32>) -> tensor<2x1x2xf32>)mlir",
      "2x1x2xf32", {0.5, 0.875, 0.625, 1.0});
}

TEST(ReduceTest, MinOfLastAxis) {
  expectResult(
      {"2x3xf32"},
      R"mlir(%y = vitrail.reduce min %arg0 axes = [1] : (tensor<2x3xf32>) -> tensor<2xf32>)mlir",
      "2xf32", {-1.0, 0.125});
}

TEST(ReduceTest, NoAxes) {
  expectResult(
      {"2x2xf32"},
      R"mlir(%y = vitrail.reduce sum %arg0 axes = [] : (tensor<2x2xf32>) -> tensor<2x2xf32>)mlir",
      "2x2xf32", {-1.0, -0.625, -0.25, 0.125});
}
