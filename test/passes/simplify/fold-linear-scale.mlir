// RUN: vitrail-opt %s --split-input-file --verify-diagnostics \
// RUN:   --pass-pipeline='builtin.module(func.func(vitrail-fold-linear-scale))' \
// RUN:   --remarks-filter=simplify --remark-policy=all --remark-format=emitRemark \
// RUN:   | FileCheck %s

// A number, from either side, through a slice of tokens; it is defined behind the
// linear. Division stays division: 1 / 3 is no f32.

// CHECK-LABEL: func @number(
// CHECK-SAME:      %[[X:.*]]: tensor<1x4x16xf32>)
// CHECK-DAG:     %[[W:.*]] = vitrail.weight "w"
// CHECK-DAG:     %[[B:.*]] = vitrail.weight "b"
// CHECK:         %[[THREE:.*]] = arith.constant dense<3.000000e+00> : tensor<f32>
// CHECK:         %[[W1:.*]] = vitrail.binary div %[[W]], %[[THREE]] : (tensor<8x16xf32>, tensor<f32>) -> tensor<8x16xf32>
// CHECK:         %[[B1:.*]] = vitrail.binary div %[[B]], %[[THREE]] : (tensor<8xf32>, tensor<f32>) -> tensor<8xf32>
// CHECK:         %[[TWO:.*]] = arith.constant dense<2.000000e+00> : tensor<1xf32>
// CHECK:         %[[C:.*]] = vitrail.rearrange %[[TWO]] "n -> n 1"
// CHECK:         %[[W2:.*]] = vitrail.binary mul %[[W1]], %[[C]] : (tensor<8x16xf32>, tensor<1x1xf32>) -> tensor<8x16xf32>
// CHECK:         %[[B2:.*]] = vitrail.binary mul %[[B1]], %[[TWO]] : (tensor<8xf32>, tensor<1xf32>) -> tensor<8xf32>
// CHECK:         %[[Y:.*]] = vitrail.linear %[[X]], %[[W2]], %[[B2]]
// CHECK:         %[[S:.*]] = vitrail.slice %[[Y]]
// CHECK-NEXT:    return %[[S]]
func.func @number(%x: tensor<1x4x16xf32>) -> tensor<1x2x8xf32> {
  %w = vitrail.weight "w" matrix fan_in = 16 : tensor<8x16xf32>
  %b = vitrail.weight "b" bias : tensor<8xf32>
  %y = vitrail.linear %x, %w, %b : (tensor<1x4x16xf32>, tensor<8x16xf32>, tensor<8xf32>) -> tensor<1x4x8xf32>
  %three = arith.constant dense<3.0> : tensor<f32>
  // expected-remark@below {{factor of a linear's result folded into its weights", ops_saved=32}}
  %z = vitrail.binary div %y, %three : (tensor<1x4x8xf32>, tensor<f32>) -> tensor<1x4x8xf32>
  %s = vitrail.slice %z offsets = [0, 0, 0] sizes = [1, 2, 8] : (tensor<1x4x8xf32>) -> tensor<1x2x8xf32>
  %two = arith.constant dense<2.0> : tensor<1xf32>
  // expected-remark@below {{ops_saved=16}}
  %t = vitrail.binary mul %two, %s : (tensor<1xf32>, tensor<1x2x8xf32>) -> tensor<1x2x8xf32>
  return %t : tensor<1x2x8xf32>
}

// -----

// A factor for each feature is one for each column of a transposed weight, and for
// each row of another; without a bias none comes into being.

// CHECK-LABEL: func @features(
// CHECK:         %[[W:.*]] = vitrail.weight "w"
// CHECK:         %[[V:.*]] = vitrail.weight "v"
// CHECK:         %[[G:.*]] = vitrail.weight "g"
// CHECK:         %[[G1:.*]] = vitrail.rearrange %[[G]] "1 1 n -> n"
// CHECK:         %[[W1:.*]] = vitrail.binary mul %[[W]], %[[G1]] : (tensor<16x8xf32>, tensor<8xf32>)
// CHECK:         %[[Y:.*]] = vitrail.linear %{{.*}}, %[[W1]] transposed
// CHECK:         %[[G2:.*]] = vitrail.rearrange %[[G]] "1 1 n -> n"
// CHECK:         %[[G3:.*]] = vitrail.rearrange %[[G2]] "n -> n 1"
// CHECK:         %[[V1:.*]] = vitrail.binary mul %[[V]], %[[G3]] : (tensor<8x8xf32>, tensor<8x1xf32>)
// CHECK:         %[[Z:.*]] = vitrail.linear %[[Y]], %[[V1]] :
// CHECK-NEXT:    return %[[Z]]
func.func @features(%x: tensor<1x4x16xf32>) -> tensor<1x4x8xf32> {
  %w = vitrail.weight "w" matrix fan_in = 16 : tensor<16x8xf32>
  %v = vitrail.weight "v" matrix fan_in = 8 : tensor<8x8xf32>
  %g = vitrail.weight "g" layer_scale : tensor<1x1x8xf32>
  %y = vitrail.linear %x, %w transposed : (tensor<1x4x16xf32>, tensor<16x8xf32>) -> tensor<1x4x8xf32>
  // expected-remark@below {{folded into its weights}}
  %s = vitrail.binary mul %y, %g : (tensor<1x4x8xf32>, tensor<1x1x8xf32>) -> tensor<1x4x8xf32>
  %z = vitrail.linear %s, %v : (tensor<1x4x8xf32>, tensor<8x8xf32>) -> tensor<1x4x8xf32>
  // expected-remark@below {{folded into its weights}}
  %t = vitrail.binary mul %z, %g : (tensor<1x4x8xf32>, tensor<1x1x8xf32>) -> tensor<1x4x8xf32>
  return %t : tensor<1x4x8xf32>
}

// -----

// A number divided by a linear's result, and a factor that makes the result larger,
// are no factors of it; a factor for each token, a second reader and a weight that
// is no weight are in the way.

// CHECK-LABEL: func @not(
// CHECK:         vitrail.binary div %{{.*}} : (tensor<f32>, tensor<4x8xf32>)
// CHECK:         vitrail.binary mul %{{.*}} : (tensor<4x8xf32>, tensor<2x1x1xf32>)
// CHECK-COUNT-3: vitrail.binary mul
// CHECK:         return
func.func @not(%x: tensor<4x16xf32>, %v: tensor<8x16xf32>) -> (tensor<4x8xf32>, tensor<2x4x8xf32>, tensor<4x8xf32>, tensor<4x8xf32>, tensor<4x8xf32>, tensor<4x8xf32>) {
  %w = vitrail.weight "w" matrix fan_in = 16 : tensor<8x16xf32>
  %two = arith.constant dense<2.0> : tensor<f32>
  %twice = vitrail.weight "twice" token : tensor<2x1x1xf32>
  %tokens = vitrail.weight "tokens" position : tensor<4x1xf32>
  %a = vitrail.linear %x, %w : (tensor<4x16xf32>, tensor<8x16xf32>) -> tensor<4x8xf32>
  %a1 = vitrail.binary div %two, %a : (tensor<f32>, tensor<4x8xf32>) -> tensor<4x8xf32>
  %b = vitrail.linear %x, %w : (tensor<4x16xf32>, tensor<8x16xf32>) -> tensor<4x8xf32>
  %b1 = vitrail.binary mul %b, %twice : (tensor<4x8xf32>, tensor<2x1x1xf32>) -> tensor<2x4x8xf32>
  %c = vitrail.linear %x, %w : (tensor<4x16xf32>, tensor<8x16xf32>) -> tensor<4x8xf32>
  // expected-remark@below {{the factor [4, 1] varies from token to token}}
  %c1 = vitrail.binary mul %c, %tokens : (tensor<4x8xf32>, tensor<4x1xf32>) -> tensor<4x8xf32>
  %d = vitrail.linear %x, %w : (tensor<4x16xf32>, tensor<8x16xf32>) -> tensor<4x8xf32>
  // expected-remark@below {{the linear is also read without the factor}}
  %d1 = vitrail.binary mul %d, %two : (tensor<4x8xf32>, tensor<f32>) -> tensor<4x8xf32>
  %e = vitrail.linear %x, %v : (tensor<4x16xf32>, tensor<8x16xf32>) -> tensor<4x8xf32>
  // expected-remark@below {{the weight of the linear is computed at run time or of another element type}}
  %e1 = vitrail.binary mul %e, %two : (tensor<4x8xf32>, tensor<f32>) -> tensor<4x8xf32>
  return %a1, %b1, %c1, %d, %d1, %e1 : tensor<4x8xf32>, tensor<2x4x8xf32>, tensor<4x8xf32>, tensor<4x8xf32>, tensor<4x8xf32>, tensor<4x8xf32>
}
