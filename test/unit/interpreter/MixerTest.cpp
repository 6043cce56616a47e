//===- MixerTest.cpp - Token mixers ---------------------------------------===//
//
// Part of Vitrail, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "test/unit/interpreter/Program.h"

using namespace vitrail::test;

TEST(AttentionTest, OneHead) {
  expectResult(
      {"1x2x3xf32", "1x2x3xf32", "1x2x3xf32"},
      R"mlir(%y = vitrail.attention %arg0, %arg1, %arg2 heads = 1 scale = 5.000000e-01 : (tensor<1x2x3xf32>, tensor<1x2x3xf32>, tensor<1x2x3xf32>) -> tensor<1x2x3xf32>)mlir",
      "1x2x3xf32",
      {0.36966323533124346, -0.6619228758499942, -0.28692287584999415,
       0.23790157016056288, -0.5448013956982781, -0.16980139569827815});
}

TEST(AttentionTest, TwoHeads) {
  expectResult(
      {"2x2x4xf32", "2x2x4xf32", "2x2x4xf32"},
      R"mlir(%y = vitrail.attention %arg0, %arg1, %arg2 heads = 2 scale = 5.000000e-01 : (tensor<2x2x4xf32>, tensor<2x2x4xf32>, tensor<2x2x4xf32>) -> tensor<2x2x4xf32>)mlir",
      "2x2x4xf32",
      {-0.765183458479995, -0.390183458479995, 0.07713771808520252,
       0.45213771808520253, -0.6213755975944403, -0.24637559759444025,
       0.21072385164292712, 0.5857238516429272, 0.1728622819147975,
       0.5478622819147976, -0.31144030035198805, 0.06355969964801189,
       0.312034013161724, 0.6870340131617241, -0.1688950900498829,
       0.20610490995011704});
}

TEST(AttentionTest, HeadsOfDifferentWidth) {
  expectResult(
      {"1x2x4xf32", "1x3x4xf32", "1x3x6xf32"},
      R"mlir(%y = vitrail.attention %arg0, %arg1, %arg2 heads = 2 scale = 1.000000e+00 : (tensor<1x2x4xf32>, tensor<1x3x4xf32>, tensor<1x3x6xf32>) -> tensor<1x2x6xf32>)mlir",
      "1x2x6xf32",
      {-0.17727508392998959, 0.19772491607001041, 0.5727249160700104,
       0.8702481788598905, -0.8797518211401095, -0.5047518211401096,
       -0.3140092731130819, 0.0609907268869181, 0.4359907268869181,
       0.813721594869198, -0.9362784051308022, -0.5612784051308021});
}

TEST(AttentionTest, PartOfTheQueries) {
  expectResult(
      {"1x1x2xf32", "1x3x2xf32", "1x3x2xf32"},
      R"mlir(%y = vitrail.attention %arg0, %arg1, %arg2 heads = 1 scale = 1.000000e+00 : (tensor<1x1x2xf32>, tensor<1x3x2xf32>, tensor<1x3x2xf32>) -> tensor<1x1x2xf32>)mlir",
      "1x1x2xf32", {0.02798502489001395, 0.402985024890014});
}

TEST(AttentionTest, CausalMoreKeys) {
  expectResult(
      {"1x2x2xf32", "1x4x2xf32", "1x4x2xf32"},
      R"mlir(%y = vitrail.attention %arg0, %arg1, %arg2 heads = 1 scale = 1.000000e+00 mask = causal : (tensor<1x2x2xf32>, tensor<1x4x2xf32>, tensor<1x4x2xf32>) -> tensor<1x2x2xf32>)mlir",
      "1x2x2xf32",
      {0.02798502489001395, 0.402985024890014, -0.2955500992503956,
       0.07944990074960441});
}

TEST(AttentionTest, CausalFewerKeys) {
  expectResult(
      {"1x4x2xf32", "1x2x2xf32", "1x2x2xf32"},
      R"mlir(%y = vitrail.attention %arg0, %arg1, %arg2 heads = 1 scale = 1.000000e+00 mask = causal : (tensor<1x4x2xf32>, tensor<1x2x2xf32>, tensor<1x2x2xf32>) -> tensor<1x4x2xf32>)mlir",
      "1x4x2xf32",
      {0.0, 0.0, 0.0, 0.0, -0.375, 0.0, 0.2766200821786383,
       0.6516200821786383});
}

TEST(AttentionTest, Causal) {
  expectResult(
      {"1x3x2xf32", "1x3x2xf32", "1x3x2xf32"},
      R"mlir(%y = vitrail.attention %arg0, %arg1, %arg2 heads = 1 scale = 1.000000e+00 mask = causal : (tensor<1x3x2xf32>, tensor<1x3x2xf32>, tensor<1x3x2xf32>) -> tensor<1x3x2xf32>)mlir",
      "1x3x2xf32",
      {-0.375, 0.0, 0.032147462379378905, 0.40714746237937893,
       -0.4711688240223695, -0.09616882402236945});
}

TEST(AttentionTest, Base2) {
  expectResult(
      {"1x2x3xf32", "1x2x3xf32", "1x2x3xf32"},
      R"mlir(%y = vitrail.attention %arg0, %arg1, %arg2 heads = 1 scale = 1.000000e+00 base2 : (tensor<1x2x3xf32>, tensor<1x2x3xf32>, tensor<1x2x3xf32>) -> tensor<1x2x3xf32>)mlir",
      "1x2x3xf32",
      {0.43203290147563844, -0.7173625790894564, -0.3423625790894564,
       0.25719927456387515, -0.5619549107234446, -0.18695491072344458});
}

TEST(AttentionTest, BiasOfScores) {
  expectResult(
      {"1x2x4xf32", "1x3x4xf32", "1x3x4xf32", "1x2x2x3xf32"},
      R"mlir(%y = vitrail.attention %arg0, %arg1, %arg2 bias %arg3 heads = 2 scale = 1.000000e+00 : (tensor<1x2x4xf32>, tensor<1x3x4xf32>, tensor<1x3x4xf32>, tensor<1x2x2x3xf32>) -> tensor<1x2x4xf32>)mlir",
      "1x2x4xf32",
      {0.03198080603228576, 0.4069808060322858, -0.3867094791453473,
       -0.01170947914534734, -0.40152723354627795, -0.02652723354627795,
       -0.12491853344682513, 0.25008146655317487});
}

TEST(AttentionTest, BiasOfKeys) {
  expectResult(
      {"1x2x2xf32", "1x3x2xf32", "1x3x2xf32", "3xf32"},
      R"mlir(%y = vitrail.attention %arg0, %arg1, %arg2 bias %arg3 heads = 1 scale = 1.000000e+00 : (tensor<1x2x2xf32>, tensor<1x3x2xf32>, tensor<1x3x2xf32>, tensor<3xf32>) -> tensor<1x2x2xf32>)mlir",
      "1x2x2xf32",
      {-0.13983417414175936, 0.23516582585824067, -0.3858763525057628,
       -0.010876352505762799});
}

TEST(AttentionTest, BiasOfSamples) {
  expectResult(
      {"2x2x2xf32", "2x2x2xf32", "2x2x2xf32", "2x1x2x1xf32"},
      R"mlir(%y = vitrail.attention %arg0, %arg1, %arg2 bias %arg3 heads = 1 scale = 1.000000e+00 : (tensor<2x2x2xf32>, tensor<2x2x2xf32>, tensor<2x2x2xf32>, tensor<2x1x2x1xf32>) -> tensor<2x2x2xf32>)mlir",
      "2x2x2xf32",
      {0.3024706550279088, 0.6774706550279088, 0.032147462379378905,
       0.40714746237937893, -0.4471313780284875, -0.07213137802848749,
       -0.8028686219715125, -0.42786862197151254});
}

TEST(AttentionTest, BiasOfHeads) {
  expectResult(
      {"1x2x4xf32", "1x2x4xf32", "1x2x4xf32", "2x1x2xf32"},
      R"mlir(%y = vitrail.attention %arg0, %arg1, %arg2 bias %arg3 heads = 2 scale = 1.000000e+00 : (tensor<1x2x4xf32>, tensor<1x2x4xf32>, tensor<1x2x4xf32>, tensor<2x1x2xf32>) -> tensor<1x2x4xf32>)mlir",
      "1x2x4xf32",
      {-0.5776471243630953, -0.2026471243630953, 0.033288655009616336,
       0.4082886550096163, -0.4178359331449939, -0.042835933144993885,
       0.27743443909658916, 0.6524344390965892});
}

TEST(AttentionTest, BiasOfQueriesMasked) {
  expectResult(
      {"1x3x2xf32", "1x3x2xf32", "1x3x2xf32", "3x3xf32"},
      R"mlir(%y = vitrail.attention %arg0, %arg1, %arg2 bias %arg3 heads = 1 scale = 1.000000e+00 mask = causal base2 : (tensor<1x3x2xf32>, tensor<1x3x2xf32>, tensor<1x3x2xf32>, tensor<3x3xf32>) -> tensor<1x3x2xf32>)mlir",
      "1x3x2xf32",
      {-0.375, 0.0, 0.07023565485465166, 0.44523565485465166,
       -0.5142607661010372, -0.13926076610103724});
}

TEST(AttentionTest, TwoBatchAxes) {
  expectResult(
      {"2x1x2x2xf32", "2x1x2x2xf32", "2x1x2x2xf32", "2x1x1x2x2xf32"},
      R"mlir(%y = vitrail.attention %arg0, %arg1, %arg2 bias %arg3 heads = 1 scale = 1.000000e+00 : (tensor<2x1x2x2xf32>, tensor<2x1x2x2xf32>, tensor<2x1x2x2xf32>, tensor<2x1x1x2x2xf32>) -> tensor<2x1x2x2xf32>)mlir",
      "2x1x2x2xf32",
      {0.08908532530788754, 0.46408532530788754, 0.10005769775838014,
       0.47505769775838014, -0.3976196527323239, -0.022619652732323872,
       -0.7438131254212623, -0.3688131254212622});
}

TEST(AttentionTest, NoBatch) {
  expectResult(
      {"2x2xf32", "3x2xf32", "3x2xf32"},
      R"mlir(%y = vitrail.attention %arg0, %arg1, %arg2 heads = 1 scale = 1.000000e+00 : (tensor<2x2xf32>, tensor<3x2xf32>, tensor<3x2xf32>) -> tensor<2x2xf32>)mlir",
      "2x2xf32",
      {0.02798502489001395, 0.402985024890014, -0.3092689214947849,
       0.06573107850521509});
}

TEST(CrossAttentionTest, Simple) {
  expectResult(
      {"1x2x4xf32", "1x3x4xf32", "1x3x2xf32"},
      R"mlir(%y = vitrail.cross_attention %arg0, %arg1, %arg2 heads = 2 scale = 2.500000e-01 : (tensor<1x2x4xf32>, tensor<1x3x4xf32>, tensor<1x3x2xf32>) -> tensor<1x2x2xf32>)mlir",
      "1x2x2xf32",
      {-0.39315993302759245, 0.03672864254378405, -0.2943021197599547,
       -0.0063337707580773395});
}

TEST(CrossAttentionTest, Biased) {
  expectResult(
      {"1x2x4xf32", "1x3x4xf32", "1x3x2xf32", "2x2x3xf32"},
      R"mlir(%y = vitrail.cross_attention %arg0, %arg1, %arg2 bias %arg3 heads = 2 scale = 2.500000e-01 : (tensor<1x2x4xf32>, tensor<1x3x4xf32>, tensor<1x3x2xf32>, tensor<2x2x3xf32>) -> tensor<1x2x2xf32>)mlir",
      "1x2x2xf32",
      {-0.4325254430720992, -0.05533941074424892, -0.36956619314898803,
       -0.09540967696574726});
}
