// RUN: vitrail-opt %s --split-input-file --verify-diagnostics \
// RUN:   --pass-pipeline='builtin.module(func.func(vitrail-fold-input-affine))' \
// RUN:   --remarks-filter=simplify --remark-policy=all --remark-format=emitRemark \
// RUN:   | FileCheck %s

// The summand first, for it is multiplied by the weight as it was; then the
// factor. What the rearrangements make of the tables is the same in all rows:
// that of the first is taken.

// CHECK-LABEL: func @patches(
// CHECK-SAME:    %[[X:.*]]: tensor<1x4x4x3xf32>
// CHECK-DAG:     %[[G:.*]] = vitrail.weight "g"
// CHECK-DAG:     %[[S:.*]] = vitrail.weight "s"
// CHECK-DAG:     %[[W:.*]] = vitrail.weight "w"
// CHECK-DAG:     %[[B:.*]] = vitrail.weight "b"
// CHECK:         %[[IMAGE:.*]] = vitrail.rearrange %[[X]] "b h w c -> b c h w"
// CHECK:         %[[ROWS:.*]] = vitrail.rearrange %[[IMAGE]] "b c (h p) (w q) -> b (h w) (c p q)"
// CHECK:         %[[S0:.*]] = vitrail.broadcast %[[S]] shape = [1, 4, 4, 3] : (tensor<3xf32>) -> tensor<1x4x4x3xf32>
// CHECK:         %[[S1:.*]] = vitrail.rearrange %[[S0]] "b h w c -> b c h w"
// CHECK:         %[[S2:.*]] = vitrail.rearrange %[[S1]] "b c (h p) (w q) -> b (h w) (c p q)"
// CHECK:         %[[S3:.*]] = vitrail.slice %[[S2]] offsets = [0, 0, 0] sizes = [1, 1, 12]
// CHECK:         %[[SK:.*]] = vitrail.rearrange %[[S3]] "1 1 k -> k"
// CHECK:         %[[WS:.*]] = vitrail.einsum "nk,k->n" %[[W]], %[[SK]]
// CHECK:         %[[B1:.*]] = vitrail.binary add %[[B]], %[[WS]]
// CHECK:         %[[G0:.*]] = vitrail.broadcast %[[G]]
// CHECK:         %[[GK:.*]] = vitrail.rearrange %{{.*}} "1 1 k -> k"
// CHECK:         %[[W1:.*]] = vitrail.binary mul %[[W]], %[[GK]]
// CHECK:         %[[Y:.*]] = vitrail.linear %[[ROWS]], %[[W1]], %[[B1]]
// CHECK:         return %[[Y]]
func.func @patches(%x: tensor<1x4x4x3xf32>) -> tensor<1x4x8xf32> {
  %g = vitrail.weight "g" gain : tensor<3xf32>
  %s = vitrail.weight "s" bias : tensor<3xf32>
  %w = vitrail.weight "w" matrix fan_in = 12 : tensor<8x12xf32>
  %b = vitrail.weight "b" bias : tensor<8xf32>
  // expected-remark@below {{factors folded into the weights of linears", linears=1, ops_saved=48}}
  %0 = vitrail.binary mul %x, %g : (tensor<1x4x4x3xf32>, tensor<3xf32>) -> tensor<1x4x4x3xf32>
  // expected-remark@below {{summands folded into the weights of linears", linears=1, ops_saved=48}}
  %1 = vitrail.binary add %0, %s : (tensor<1x4x4x3xf32>, tensor<3xf32>) -> tensor<1x4x4x3xf32>
  %2 = vitrail.rearrange %1 "b h w c -> b c h w" : (tensor<1x4x4x3xf32>) -> tensor<1x3x4x4xf32>
  %3 = vitrail.rearrange %2 "b c (h p) (w q) -> b (h w) (c p q)" sizes = {p = 2 : i64, q = 2 : i64} : (tensor<1x3x4x4xf32>) -> tensor<1x4x12xf32>
  %4 = vitrail.linear %3, %w, %b : (tensor<1x4x12xf32>, tensor<8x12xf32>, tensor<8xf32>) -> tensor<1x4x8xf32>
  return %4 : tensor<1x4x8xf32>
}

// -----

// A table of all pixels differs from patch to patch.

// CHECK-LABEL: func @per_pixel(
// CHECK:         vitrail.binary add
func.func @per_pixel(%x: tensor<1x4x4x3xf32>) -> tensor<1x4x8xf32> {
  %s = vitrail.weight "s" position : tensor<4x4x3xf32>
  %w = vitrail.weight "w" matrix fan_in = 12 : tensor<8x12xf32>
  // expected-remark@below {{the table is not the same for all rows of a linear}}
  %0 = vitrail.binary add %x, %s : (tensor<1x4x4x3xf32>, tensor<4x4x3xf32>) -> tensor<1x4x4x3xf32>
  %1 = vitrail.rearrange %0 "b (h p) (w q) c -> b (h w) (p q c)" sizes = {p = 2 : i64, q = 2 : i64} : (tensor<1x4x4x3xf32>) -> tensor<1x4x12xf32>
  %2 = vitrail.linear %1, %w : (tensor<1x4x12xf32>, tensor<8x12xf32>) -> tensor<1x4x8xf32>
  return %2 : tensor<1x4x8xf32>
}

// -----

// Somebody else wants the normalized image.

// CHECK-LABEL: func @read_twice(
// CHECK:         vitrail.binary mul %{{.*}}, %{{.*}} : (tensor<1x4x4x3xf32>, tensor<3xf32>)
func.func @read_twice(%x: tensor<1x4x4x3xf32>) -> (tensor<1x4x8xf32>, tensor<1x4x12xf32>) {
  %g = vitrail.weight "g" gain : tensor<3xf32>
  %w = vitrail.weight "w" matrix fan_in = 12 : tensor<8x12xf32>
  // expected-remark@below {{the value is also read by}}
  %0 = vitrail.binary mul %x, %g : (tensor<1x4x4x3xf32>, tensor<3xf32>) -> tensor<1x4x4x3xf32>
  %1 = vitrail.rearrange %0 "b (h p) (w q) c -> b (h w) (p q c)" sizes = {p = 2 : i64, q = 2 : i64} : (tensor<1x4x4x3xf32>) -> tensor<1x4x12xf32>
  %2 = vitrail.linear %1, %w : (tensor<1x4x12xf32>, tensor<8x12xf32>) -> tensor<1x4x8xf32>
  %3 = vitrail.unary relu %1 : tensor<1x4x12xf32>
  return %2, %3 : tensor<1x4x8xf32>, tensor<1x4x12xf32>
}

// -----

// No linear behind a rearrangement: not this fold's business.

// CHECK-LABEL: func @others(
// CHECK:         vitrail.binary add
// CHECK:         vitrail.binary mul
func.func @others(%x: tensor<1x4x16xf32>) -> tensor<1x4x8xf32> {
  %s = vitrail.weight "s" bias : tensor<16xf32>
  %w = vitrail.weight "w" matrix fan_in = 16 : tensor<8x16xf32>
  %0 = vitrail.binary add %x, %s : (tensor<1x4x16xf32>, tensor<16xf32>) -> tensor<1x4x16xf32>
  %1 = vitrail.binary mul %0, %0 : (tensor<1x4x16xf32>, tensor<1x4x16xf32>) -> tensor<1x4x16xf32>
  %2 = vitrail.linear %1, %w : (tensor<1x4x16xf32>, tensor<8x16xf32>) -> tensor<1x4x8xf32>
  return %2 : tensor<1x4x8xf32>
}
