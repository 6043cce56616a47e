//===- ElementwiseTest.cpp - Elementwise functions and operators ----------===//
//
// Part of Vitrail, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "test/unit/interpreter/Program.h"

using namespace vitrail::test;

TEST(FromU8Test, KeepsNumbers) {
  expectResult({"3xui8"},
               R"mlir(%y = vitrail.from_u8 %arg0 : tensor<3xui8>)mlir",
               "3xf32", {-1.0, -0.625, -0.25});
}

TEST(UnaryTest, Neg) {
  expectResult({"5xf32"},
               R"mlir(%y = vitrail.unary neg %arg0 : tensor<5xf32>)mlir",
               "5xf32", {1.0, 0.625, 0.25, -0.125, -0.5});
}

TEST(UnaryTest, Abs) {
  expectResult({"5xf32"},
               R"mlir(%y = vitrail.unary abs %arg0 : tensor<5xf32>)mlir",
               "5xf32", {1.0, 0.625, 0.25, 0.125, 0.5});
}

TEST(UnaryTest, Exp) {
  expectResult({"5xf32"},
               R"mlir(%y = vitrail.unary exp %arg0 : tensor<5xf32>)mlir",
               "5xf32",
               {0.36787944117144233, 0.5352614285189903, 0.7788007830714049,
                1.1331484530668263, 1.6487212707001282});
}

TEST(UnaryTest, Exp2) {
  expectResult({"5xf32"},
               R"mlir(%y = vitrail.unary exp2 %arg0 : tensor<5xf32>)mlir",
               "5xf32",
               {0.5, 0.6484197773255048, 0.8408964152537145, 1.0905077326652577,
                1.4142135623730951});
}

TEST(UnaryTest, Floor) {
  expectResult({"5xf32"},
               R"mlir(%y = vitrail.unary floor %arg0 : tensor<5xf32>)mlir",
               "5xf32", {-1, -1, -1, 0, 0});
}

TEST(UnaryTest, Ceil) {
  expectResult({"5xf32"},
               R"mlir(%y = vitrail.unary ceil %arg0 : tensor<5xf32>)mlir",
               "5xf32", {-1, 0, 0, 1, 1});
}

TEST(UnaryTest, Reciprocal) {
  expectResult({"5xf32"},
               R"mlir(%y = vitrail.unary reciprocal %arg0 : tensor<5xf32>)mlir",
               "5xf32", {-1.0, -1.6, -4.0, 8.0, 2.0});
}

TEST(UnaryTest, Square) {
  expectResult({"5xf32"},
               R"mlir(%y = vitrail.unary square %arg0 : tensor<5xf32>)mlir",
               "5xf32", {1.0, 0.390625, 0.0625, 0.015625, 0.25});
}

TEST(UnaryTest, Sin) {
  expectResult({"5xf32"},
               R"mlir(%y = vitrail.unary sin %arg0 : tensor<5xf32>)mlir",
               "5xf32",
               {-0.8414709848078965, -0.5850972729404622, -0.24740395925452294,
                0.12467473338522769, 0.479425538604203});
}

TEST(UnaryTest, Cos) {
  expectResult({"5xf32"},
               R"mlir(%y = vitrail.unary cos %arg0 : tensor<5xf32>)mlir",
               "5xf32",
               {0.5403023058681398, 0.8109631195052179, 0.9689124217106447,
                0.992197667229329, 0.8775825618903728});
}

TEST(UnaryTest, Tanh) {
  expectResult({"5xf32"},
               R"mlir(%y = vitrail.unary tanh %arg0 : tensor<5xf32>)mlir",
               "5xf32",
               {-0.7615941559557649, -0.5545997223493823, -0.24491866240370913,
                0.12435300177159621, 0.46211715726000974});
}

TEST(UnaryTest, Erf) {
  expectResult({"5xf32"},
               R"mlir(%y = vitrail.unary erf %arg0 : tensor<5xf32>)mlir",
               "5xf32",
               {-0.8427007929497149, -0.623240882188418, -0.27632639016823696,
                0.1403162048013338, 0.5204998778130465});
}

TEST(UnaryTest, Sigmoid) {
  expectResult({"5xf32"},
               R"mlir(%y = vitrail.unary sigmoid %arg0 : tensor<5xf32>)mlir",
               "5xf32",
               {0.2689414213699951, 0.34864513533394575, 0.43782349911420193,
                0.5312093733737563, 0.6224593312018546});
}

TEST(UnaryTest, Relu) {
  expectResult({"5xf32"},
               R"mlir(%y = vitrail.unary relu %arg0 : tensor<5xf32>)mlir",
               "5xf32", {0.0, 0.0, 0.0, 0.125, 0.5});
}

TEST(UnaryTest, Gelu) {
  expectResult(
      {"5xf32"}, R"mlir(%y = vitrail.unary gelu %arg0 : tensor<5xf32>)mlir",
      "5xf32",
      {-0.15865525393145702, -0.16624095565543784, -0.10032341857926907,
       0.06871727810376412, 0.34573123063700656});
}

TEST(UnaryTest, GeluTanh) {
  expectResult({"5xf32"},
               R"mlir(%y = vitrail.unary gelu_tanh %arg0 : tensor<5xf32>)mlir",
               "5xf32",
               {-0.15880800939172324, -0.16627885004239948, -0.100324649298315,
                0.06871719862422339, 0.34571400982514394});
}

TEST(UnaryTest, QuickGelu) {
  expectResult({"5xf32"},
               R"mlir(%y = vitrail.unary quick_gelu %arg0 : tensor<5xf32>)mlir",
               "5xf32",
               {-0.1542042340671787, -0.16037092329240343, -0.09880035009980583,
                0.06912347337810466, 0.35038843660638014});
}

TEST(UnaryTest, Silu) {
  expectResult({"5xf32"},
               R"mlir(%y = vitrail.unary silu %arg0 : tensor<5xf32>)mlir",
               "5xf32",
               {-0.2689414213699951, -0.21790320958371612, -0.10945587477855048,
                0.06640117167171954, 0.3112296656009273});
}

TEST(UnaryTest, Log) {
  expectResult({"4xf32"},
               R"mlir(%p = vitrail.unary exp %arg0 : tensor<4xf32>
 %y = vitrail.unary log %p : tensor<4xf32>)mlir",
               "4xf32", {-1.0, -0.6249999999999999, -0.25, 0.125});
}

TEST(UnaryTest, Sqrt) {
  expectResult({"4xf32"},
               R"mlir(%p = vitrail.unary exp %arg0 : tensor<4xf32>
 %y = vitrail.unary sqrt %p : tensor<4xf32>)mlir",
               "4xf32",
               {0.6065306597126334, 0.7316156289466418, 0.8824969025845955,
                1.0644944589178593});
}

TEST(UnaryTest, Rsqrt) {
  expectResult({"4xf32"},
               R"mlir(%p = vitrail.unary exp %arg0 : tensor<4xf32>
 %y = vitrail.unary rsqrt %p : tensor<4xf32>)mlir",
               "4xf32",
               {1.6487212707001282, 1.3668379411737963, 1.1331484530668263,
                0.9394130628134757});
}

TEST(BinaryTest, Add) {
  expectResult(
      {"2x2xf32", "2x2xf32"},
      R"mlir(%y = vitrail.binary add %arg0, %arg1 : (tensor<2x2xf32>, tensor<2x2xf32>) -> tensor<2x2xf32>)mlir",
      "2x2xf32", {-0.625, 0.125, -1.25, -0.5});
}

TEST(BinaryTest, Sub) {
  expectResult(
      {"2x2xf32", "2x2xf32"},
      R"mlir(%y = vitrail.binary sub %arg0, %arg1 : (tensor<2x2xf32>, tensor<2x2xf32>) -> tensor<2x2xf32>)mlir",
      "2x2xf32", {-1.375, -1.375, 0.75, 0.75});
}

TEST(BinaryTest, Mul) {
  expectResult(
      {"2x2xf32", "2x2xf32"},
      R"mlir(%y = vitrail.binary mul %arg0, %arg1 : (tensor<2x2xf32>, tensor<2x2xf32>) -> tensor<2x2xf32>)mlir",
      "2x2xf32", {-0.375, -0.46875, 0.25, -0.078125});
}

TEST(BinaryTest, Div) {
  expectResult(
      {"2x2xf32", "2x2xf32"},
      R"mlir(%y = vitrail.binary div %arg0, %arg1 : (tensor<2x2xf32>, tensor<2x2xf32>) -> tensor<2x2xf32>)mlir",
      "2x2xf32", {-2.6666666666666665, -0.8333333333333334, 0.25, -0.2});
}

TEST(BinaryTest, Max) {
  expectResult(
      {"2x2xf32", "2x2xf32"},
      R"mlir(%y = vitrail.binary max %arg0, %arg1 : (tensor<2x2xf32>, tensor<2x2xf32>) -> tensor<2x2xf32>)mlir",
      "2x2xf32", {0.375, 0.75, -0.25, 0.125});
}

TEST(BinaryTest, Min) {
  expectResult(
      {"2x2xf32", "2x2xf32"},
      R"mlir(%y = vitrail.binary min %arg0, %arg1 : (tensor<2x2xf32>, tensor<2x2xf32>) -> tensor<2x2xf32>)mlir",
      "2x2xf32", {-1.0, -0.625, -1.0, -0.625});
}

TEST(BinaryTest, Pow) {
  expectResult({"3xf32", "3xf32"},
               R"mlir(%a = vitrail.unary exp %arg0 : tensor<3xf32>
 %y = vitrail.binary pow %a, %arg1 : (tensor<3xf32>, tensor<3xf32>) -> tensor<3xf32>)mlir",
               "3xf32",
               {0.6872892787909722, 0.6257840096045911, 1.2840254166877414});
}

// Has the sign of the divisor.
TEST(BinaryTest, Mod) {
  expectResult(
      {"2x2xf32", "2x2xf32"},
      R"mlir(%y = vitrail.binary mod %arg0, %arg1 : (tensor<2x2xf32>, tensor<2x2xf32>) -> tensor<2x2xf32>)mlir",
      "2x2xf32", {0.125, 0.125, -0.25, -0.5});
}

TEST(BinaryTest, Comparisons) {
  auto check = [](llvm::StringRef kind, llvm::ArrayRef<double> expected) {
    std::string body =
        R"mlir(%a = vitrail.range start = -1.0 step = 1.0 : tensor<3xf32>
%b = vitrail.range start = 0.0 step = 0.0 : tensor<f32>
%y = vitrail.binary )mlir" +
        kind.str() +
        R"mlir( %a, %b : (tensor<3xf32>, tensor<f32>) -> tensor<3xf32>)mlir";
    expectResult({}, body, "3xf32", expected);
  };
  check("lt", {1, 0, 0});
  check("le", {1, 1, 0});
  check("eq", {0, 1, 0});
  check("ne", {1, 0, 1});
}

TEST(BinaryTest, BroadcastRow) {
  expectResult(
      {"2x3xf32", "3xf32"},
      R"mlir(%y = vitrail.binary sub %arg0, %arg1 : (tensor<2x3xf32>, tensor<3xf32>) -> tensor<2x3xf32>)mlir",
      "2x3xf32", {-1.375, -1.375, 0.75, -0.25, -0.25, 1.875});
}

TEST(BinaryTest, BroadcastColumn) {
  expectResult(
      {"2x3xf32", "2x1xf32"},
      R"mlir(%y = vitrail.binary sub %arg0, %arg1 : (tensor<2x3xf32>, tensor<2x1xf32>) -> tensor<2x3xf32>)mlir",
      "2x3xf32", {-1.375, -1.0, -0.625, -0.625, -0.25, 0.125});
}

TEST(BinaryTest, BroadcastLeft) {
  expectResult(
      {"3xf32", "2x1x3xf32"},
      R"mlir(%y = vitrail.binary sub %arg0, %arg1 : (tensor<3xf32>, tensor<2x1x3xf32>) -> tensor<2x1x3xf32>)mlir",
      "2x1x3xf32", {-1.375, -1.375, 0.75, -0.375, -0.375, -0.375});
}

TEST(BinaryTest, BroadcastBoth) {
  expectResult(
      {"3x1xf32", "1x2xf32"},
      R"mlir(%y = vitrail.binary sub %arg0, %arg1 : (tensor<3x1xf32>, tensor<1x2xf32>) -> tensor<3x2xf32>)mlir",
      "3x2xf32", {-1.375, -1.75, -1.0, -1.375, -0.625, -1.0});
}

TEST(BinaryTest, Scalar) {
  expectResult(
      {"f32", "2x2xf32"},
      R"mlir(%y = vitrail.binary sub %arg0, %arg1 : (tensor<f32>, tensor<2x2xf32>) -> tensor<2x2xf32>)mlir",
      "2x2xf32", {-1.375, -1.75, 0.0, -0.375});
}

TEST(BinaryTest, OneOperandTwice) {
  expectResult(
      {"4xf32"},
      R"mlir(%y = vitrail.binary mul %arg0, %arg0 : (tensor<4xf32>, tensor<4xf32>) -> tensor<4xf32>)mlir",
      "4xf32", {1.0, 0.390625, 0.0625, 0.015625});
}
