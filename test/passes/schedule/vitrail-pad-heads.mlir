// RUN: vitrail-opt %s --split-input-file --verify-diagnostics \
// RUN:   --pass-pipeline='builtin.module(func.func(vitrail-pad-heads))' \
// RUN:   --remarks-filter=schedule --remark-policy=all --remark-format=emitRemark \
// RUN:   | FileCheck %s

// Heads of 6 become heads of 16, by zero rows of the weights and zero columns of
// the output projection.

// CHECK-LABEL: func @widened(
// CHECK:         %[[WQ:.*]] = vitrail.weight "wq"
// CHECK:         %[[SPLIT:.*]] = vitrail.rearrange %[[WQ]] "(h d) x1 -> h d x1" sizes = {h = 2 : i64} : (tensor<12x8xf32>) -> tensor<2x6x8xf32>
// CHECK:         %[[ZERO:.*]] = arith.constant dense<0.000000e+00> : tensor<2x10x8xf32>
// CHECK:         %[[WIDE:.*]] = vitrail.concat %[[SPLIT]], %[[ZERO]] axis = 1
// CHECK:         %[[PADDED:.*]] = vitrail.rearrange %[[WIDE]] "h d x1 -> (h d) x1" : (tensor<2x16x8xf32>) -> tensor<32x8xf32>
// CHECK:         vitrail.rearrange %{{.*}} "(h d) -> h d" {{.*}} : (tensor<12xf32>) -> tensor<2x6xf32>
// CHECK:         %[[Q:.*]] = vitrail.linear %{{.*}}, %[[PADDED]], %{{.*}} -> tensor<1x4x32xf32>
// CHECK:         %[[K:.*]] = vitrail.linear {{.*}} -> tensor<1x4x32xf32>
// A transposed weight has its features along the second axis.
// CHECK:         vitrail.rearrange %{{.*}} "x0 (h d) -> x0 h d"
// CHECK:         %[[V:.*]] = vitrail.linear {{.*}} transposed {{.*}} -> tensor<1x4x32xf32>
// CHECK:         %[[A:.*]] = vitrail.attention %[[Q]], %[[K]], %[[V]] heads = 2 scale = 4.000000e-01 : {{.*}} -> tensor<1x4x32xf32>
// CHECK:         vitrail.rearrange %{{.*}} "x0 (h d) -> x0 h d" {{.*}} : (tensor<8x12xf32>) -> tensor<8x2x6xf32>
// CHECK:         vitrail.linear %[[A]], %{{.*}} : (tensor<1x4x32xf32>, tensor<8x32xf32>) -> tensor<1x4x8xf32>
func.func @widened(%x: tensor<1x4x8xf32>) -> tensor<1x4x8xf32> {
  %wq = vitrail.weight "wq" matrix fan_in = 8 : tensor<12x8xf32>
  %bq = vitrail.weight "bq" bias : tensor<12xf32>
  %wk = vitrail.weight "wk" matrix fan_in = 8 : tensor<12x8xf32>
  %wv = vitrail.weight "wv" matrix fan_in = 8 : tensor<8x12xf32>
  %wo = vitrail.weight "wo" matrix fan_in = 12 : tensor<8x12xf32>
  %q = vitrail.linear %x, %wq, %bq : (tensor<1x4x8xf32>, tensor<12x8xf32>, tensor<12xf32>) -> tensor<1x4x12xf32>
  %k = vitrail.linear %x, %wk : (tensor<1x4x8xf32>, tensor<12x8xf32>) -> tensor<1x4x12xf32>
  %v = vitrail.linear %x, %wv transposed : (tensor<1x4x8xf32>, tensor<8x12xf32>) -> tensor<1x4x12xf32>
  // expected-remark@below {{[Passed] pad-heads | Category:schedule | Function=widened | Remark="heads of 6 features widened to 16"}}
  %a = vitrail.attention %q, %k, %v heads = 2 scale = 0.4 : (tensor<1x4x12xf32>, tensor<1x4x12xf32>, tensor<1x4x12xf32>) -> tensor<1x4x12xf32>
  %y = vitrail.linear %a, %wo : (tensor<1x4x12xf32>, tensor<8x12xf32>) -> tensor<1x4x8xf32>
  return %y : tensor<1x4x8xf32>
}

// -----

// Whole panels stay, whoever makes and reads them.

// CHECK-LABEL: func @aligned(
// CHECK-NEXT:    vitrail.attention %arg0, %arg0, %arg0 heads = 2
// CHECK-NEXT:    return
func.func @aligned(%x: tensor<1x4x32xf32>) -> tensor<1x4x32xf32> {
  %a = vitrail.attention %x, %x, %x heads = 2 scale = 0.25 : (tensor<1x4x32xf32>, tensor<1x4x32xf32>, tensor<1x4x32xf32>) -> tensor<1x4x32xf32>
  return %a : tensor<1x4x32xf32>
}

// -----

// Only values are narrow here; no linear makes them, none reads the result.

// CHECK-LABEL: func @values(
// CHECK:         %[[SPLIT:.*]] = vitrail.rearrange %arg1 "x0 x1 (h d) -> x0 x1 h d" sizes = {h = 2 : i64} : (tensor<1x4x12xf32>) -> tensor<1x4x2x6xf32>
// CHECK:         %[[ZERO:.*]] = arith.constant dense<0.000000e+00> : tensor<1x4x2x10xf32>
// CHECK:         %[[WIDE:.*]] = vitrail.concat %[[SPLIT]], %[[ZERO]] axis = 3
// CHECK:         %[[V:.*]] = vitrail.rearrange %[[WIDE]] "x0 x1 h d -> x0 x1 (h d)" : (tensor<1x4x2x16xf32>) -> tensor<1x4x32xf32>
// CHECK:         %[[A:.*]] = vitrail.attention %arg0, %arg0, %[[V]] heads = 2 {{.*}} -> tensor<1x4x32xf32>
// CHECK:         %[[APART:.*]] = vitrail.rearrange %[[A]] "x0 x1 (h d) -> x0 x1 h d"
// CHECK:         %[[CUT:.*]] = vitrail.slice %[[APART]] offsets = [0, 0, 0, 0] sizes = [1, 4, 2, 6]
// CHECK:         %[[Y:.*]] = vitrail.rearrange %[[CUT]] "x0 x1 h d -> x0 x1 (h d)" : (tensor<1x4x2x6xf32>) -> tensor<1x4x12xf32>
// CHECK:         return %[[Y]]
func.func @values(%x: tensor<1x4x32xf32>, %v: tensor<1x4x12xf32>) -> tensor<1x4x12xf32> {
  // expected-remark@below {{[Missed] pad-heads | Category:schedule | Function=values | Remark="heads of 6 features widened to 16 by copies: query, key, value and result are not all those of linears of their own"}}
  %a = vitrail.attention %x, %x, %v heads = 2 scale = 0.25 : (tensor<1x4x32xf32>, tensor<1x4x32xf32>, tensor<1x4x12xf32>) -> tensor<1x4x12xf32>
  return %a : tensor<1x4x12xf32>
}

// -----

// A linear that makes both query and key cannot be widened for one of them.

// CHECK-LABEL: func @shared(
// CHECK:         %[[X:.*]] = vitrail.linear {{.*}} -> tensor<1x4x12xf32>
// CHECK-COUNT-3: vitrail.concat {{.*}} axis = 3
// CHECK:         vitrail.attention {{.*}} -> tensor<1x4x32xf32>
// CHECK:         vitrail.linear {{.*}} : (tensor<1x4x32xf32>, tensor<8x32xf32>) -> tensor<1x4x8xf32>
func.func @shared(%x: tensor<1x4x8xf32>) -> tensor<1x4x8xf32> {
  %w = vitrail.weight "w" matrix fan_in = 8 : tensor<12x8xf32>
  %wo = vitrail.weight "wo" matrix fan_in = 12 : tensor<8x12xf32>
  %q = vitrail.linear %x, %w : (tensor<1x4x8xf32>, tensor<12x8xf32>) -> tensor<1x4x12xf32>
  // expected-remark@below {{[Missed] pad-heads | Category:schedule | Function=shared | Remark="heads of 6 features widened to 16 by copies}}
  %a = vitrail.attention %q, %q, %q heads = 2 scale = 0.4 : (tensor<1x4x12xf32>, tensor<1x4x12xf32>, tensor<1x4x12xf32>) -> tensor<1x4x12xf32>
  %y = vitrail.linear %a, %wo : (tensor<1x4x12xf32>, tensor<8x12xf32>) -> tensor<1x4x8xf32>
  return %y : tensor<1x4x8xf32>
}
