// RUN: vitrail-opt %s --split-input-file --verify-diagnostics \
// RUN:   --pass-pipeline='builtin.module(func.func(vitrail-lower-patch-embed))' \
// RUN:   --remarks-filter=simplify --remark-policy=all --remark-format=emitRemark \
// RUN:   | FileCheck %s

// The filter is rectangular and the batch is not one.

// CHECK-LABEL: func @patches(
// CHECK-SAME:      %[[IMAGE:.*]]: tensor<2x3x8x12xf32>)
// CHECK-DAG:     %[[W:.*]] = vitrail.weight "w"
// CHECK-DAG:     %[[B:.*]] = vitrail.weight "b"
// CHECK:         %[[X:.*]] = vitrail.rearrange %[[IMAGE]] "b c (h p) (w q) -> b (h w) (c p q)" sizes = {p = 4 : i64, q = 6 : i64} : (tensor<2x3x8x12xf32>) -> tensor<2x4x72xf32>
// CHECK:         %[[M:.*]] = vitrail.rearrange %[[W]] "d c p q -> d (c p q)" : (tensor<32x3x4x6xf32>) -> tensor<32x72xf32>
// CHECK:         %[[Y:.*]] = vitrail.linear %[[X]], %[[M]], %[[B]]
// CHECK:         return %[[Y]] : tensor<2x4x32xf32>
func.func @patches(%image: tensor<2x3x8x12xf32>) -> tensor<2x4x32xf32> {
  %w = vitrail.weight "w" matrix fan_in = 72 : tensor<32x3x4x6xf32>
  %b = vitrail.weight "b" bias : tensor<32xf32>
  // expected-remark@below {{patches of 4 x 6 as a linear of 72 features}}
  %y = vitrail.patch_embed %image, %w, %b : (tensor<2x3x8x12xf32>, tensor<32x3x4x6xf32>, tensor<32xf32>) -> tensor<2x4x32xf32>
  return %y : tensor<2x4x32xf32>
}

// -----

// CHECK-LABEL: func @without_bias
// CHECK-NOT:     patch_embed
// CHECK:         vitrail.linear %{{[^,]*}}, %{{[^,]*}} : (tensor<1x4x12xf32>, tensor<16x12xf32>) -> tensor<1x4x16xf32>
func.func @without_bias(%image: tensor<1x3x4x4xf32>) -> tensor<1x4x16xf32> {
  %w = vitrail.weight "w" matrix fan_in = 12 : tensor<16x3x2x2xf32>
  // expected-remark@below {{patches of 2 x 2}}
  %y = vitrail.patch_embed %image, %w : (tensor<1x3x4x4xf32>, tensor<16x3x2x2xf32>) -> tensor<1x4x16xf32>
  return %y : tensor<1x4x16xf32>
}
