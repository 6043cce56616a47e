// RUN: vitrail-opt %s --split-input-file --verify-diagnostics \
// RUN:   --pass-pipeline='builtin.module(func.func(vitrail-merge-sums))' \
// RUN:   --remarks-filter=simplify --remark-policy=all --remark-format=emitRemark \
// RUN:   | FileCheck %s

// The heads of a distilled model, second token first.

// CHECK-LABEL: func @heads(
// CHECK-SAME:      %[[X:.*]]: tensor<2x5x16xf32>)
// CHECK-DAG:     %[[W0:.*]] = vitrail.weight "w0"
// CHECK-DAG:     %[[B0:.*]] = vitrail.weight "b0"
// CHECK-DAG:     %[[W1:.*]] = vitrail.weight "w1"
// CHECK-DAG:     %[[B1:.*]] = vitrail.weight "b1"
// CHECK:         %[[W:.*]] = vitrail.concat %[[W0]], %[[W1]] axis = 1 : {{.*}} -> tensor<10x32xf32>
// CHECK:         %[[B:.*]] = vitrail.binary add %[[B0]], %[[B1]]
// CHECK:         %[[S:.*]] = vitrail.slice %[[X]] offsets = [0, 0, 0] sizes = [2, 2, 16]
// CHECK:         %[[R:.*]] = vitrail.rearrange %[[S]] "x0 both x1 -> x0 (both x1)" {{.*}} -> tensor<2x32xf32>
// CHECK:         %[[Y:.*]] = vitrail.linear %[[R]], %[[W]], %[[B]] : {{.*}} -> tensor<2x10xf32>
// CHECK-NEXT:    return %[[Y]]
func.func @heads(%x: tensor<2x5x16xf32>) -> tensor<2x10xf32> {
  %w0 = vitrail.weight "w0" matrix fan_in = 16 : tensor<10x16xf32>
  %b0 = vitrail.weight "b0" bias : tensor<10xf32>
  %w1 = vitrail.weight "w1" matrix fan_in = 16 : tensor<10x16xf32>
  %b1 = vitrail.weight "b1" bias : tensor<10xf32>
  %s0 = vitrail.slice %x offsets = [0, 0, 0] sizes = [2, 1, 16] : (tensor<2x5x16xf32>) -> tensor<2x1x16xf32>
  %r0 = vitrail.rearrange %s0 "b 1 c -> b c" : (tensor<2x1x16xf32>) -> tensor<2x16xf32>
  // expected-remark@below {{a sum of two linears on parts of one value is one linear of 32 inputs", ops_saved=20}}
  %y0 = vitrail.linear %r0, %w0, %b0 : (tensor<2x16xf32>, tensor<10x16xf32>, tensor<10xf32>) -> tensor<2x10xf32>
  %s1 = vitrail.slice %x offsets = [0, 1, 0] sizes = [2, 1, 16] : (tensor<2x5x16xf32>) -> tensor<2x1x16xf32>
  %r1 = vitrail.rearrange %s1 "b 1 c -> b c" : (tensor<2x1x16xf32>) -> tensor<2x16xf32>
  %y1 = vitrail.linear %r1, %w1, %b1 : (tensor<2x16xf32>, tensor<10x16xf32>, tensor<10xf32>) -> tensor<2x10xf32>
  %y = vitrail.binary add %y1, %y0 : (tensor<2x10xf32>, tensor<2x10xf32>) -> tensor<2x10xf32>
  return %y : tensor<2x10xf32>
}

// -----

// Parts of several tokens, whole features; only the second linear has a bias, and
// its weight is stored the other way. The parts are all there is of the value.

// CHECK-LABEL: func @tokens(
// CHECK-SAME:      %[[X:.*]]: tensor<1x6x16xf32>)
// CHECK-DAG:     %[[W1:.*]] = vitrail.weight "w1"
// CHECK-DAG:     %[[B1:.*]] = vitrail.weight "b1"
// CHECK:         %[[T:.*]] = vitrail.rearrange %[[W1]] "a b -> b a"
// CHECK:         %[[W:.*]] = vitrail.concat %{{[^,]*}}, %[[T]] axis = 0 : {{.*}} -> tensor<32x16xf32>
// CHECK:         %[[R:.*]] = vitrail.rearrange %[[X]] "x0 (both x1) x2 -> x0 x1 (both x2)" {{.*}} -> tensor<1x3x32xf32>
// CHECK:         vitrail.linear %[[R]], %[[W]], %[[B1]] transposed
func.func @tokens(%x: tensor<1x6x16xf32>) -> tensor<1x3x16xf32> {
  %w0 = vitrail.weight "w0" matrix fan_in = 16 : tensor<16x16xf32>
  %w1 = vitrail.weight "w1" matrix fan_in = 16 : tensor<16x16xf32>
  %b1 = vitrail.weight "b1" bias : tensor<16xf32>
  %s0 = vitrail.slice %x offsets = [0, 0, 0] sizes = [1, 3, 16] : (tensor<1x6x16xf32>) -> tensor<1x3x16xf32>
  %s1 = vitrail.slice %x offsets = [0, 3, 0] sizes = [1, 3, 16] : (tensor<1x6x16xf32>) -> tensor<1x3x16xf32>
  // expected-remark@below {{one linear of 32 inputs}}
  %y0 = vitrail.linear %s0, %w0 transposed : (tensor<1x3x16xf32>, tensor<16x16xf32>) -> tensor<1x3x16xf32>
  %y1 = vitrail.linear %s1, %w1, %b1 : (tensor<1x3x16xf32>, tensor<16x16xf32>, tensor<16xf32>) -> tensor<1x3x16xf32>
  %y = vitrail.binary add %y0, %y1 : (tensor<1x3x16xf32>, tensor<1x3x16xf32>) -> tensor<1x3x16xf32>
  return %y : tensor<1x3x16xf32>
}

// -----

// A gap between the parts, parts of two values, a second reader, a weight that is
// none.

// CHECK-LABEL: func @not(
// CHECK-COUNT-8: vitrail.linear
// CHECK-NOT:     vitrail.rearrange
// CHECK:         return
func.func @not(%x: tensor<3x16xf32>, %z: tensor<1x16xf32>, %v: tensor<16x16xf32>) -> (tensor<1x16xf32>, tensor<1x16xf32>, tensor<1x16xf32>, tensor<1x16xf32>, tensor<1x16xf32>) {
  %w = vitrail.weight "w" matrix fan_in = 16 : tensor<16x16xf32>
  %s0 = vitrail.slice %x offsets = [0, 0] sizes = [1, 16] : (tensor<3x16xf32>) -> tensor<1x16xf32>
  %s1 = vitrail.slice %x offsets = [1, 0] sizes = [1, 16] : (tensor<3x16xf32>) -> tensor<1x16xf32>
  %s2 = vitrail.slice %x offsets = [2, 0] sizes = [1, 16] : (tensor<3x16xf32>) -> tensor<1x16xf32>
  %a = vitrail.linear %s0, %w : (tensor<1x16xf32>, tensor<16x16xf32>) -> tensor<1x16xf32>
  %b = vitrail.linear %s2, %w : (tensor<1x16xf32>, tensor<16x16xf32>) -> tensor<1x16xf32>
  // expected-remark@below {{the linears do not read neighbouring parts of one value}}
  %ab = vitrail.binary add %a, %b : (tensor<1x16xf32>, tensor<1x16xf32>) -> tensor<1x16xf32>
  %c = vitrail.linear %z, %w : (tensor<1x16xf32>, tensor<16x16xf32>) -> tensor<1x16xf32>
  %d = vitrail.linear %s1, %w : (tensor<1x16xf32>, tensor<16x16xf32>) -> tensor<1x16xf32>
  // expected-remark@below {{the linears do not read neighbouring parts of one value}}
  %cd = vitrail.binary add %c, %d : (tensor<1x16xf32>, tensor<1x16xf32>) -> tensor<1x16xf32>
  %e = vitrail.linear %s0, %w : (tensor<1x16xf32>, tensor<16x16xf32>) -> tensor<1x16xf32>
  %f = vitrail.linear %s1, %v : (tensor<1x16xf32>, tensor<16x16xf32>) -> tensor<1x16xf32>
  // expected-remark@below {{the weight of a linear is computed at run time or of another element type}}
  %ef = vitrail.binary add %e, %f : (tensor<1x16xf32>, tensor<1x16xf32>) -> tensor<1x16xf32>
  %g = vitrail.linear %s0, %w : (tensor<1x16xf32>, tensor<16x16xf32>) -> tensor<1x16xf32>
  %h = vitrail.linear %s1, %w : (tensor<1x16xf32>, tensor<16x16xf32>) -> tensor<1x16xf32>
  // expected-remark@below {{one of the linears is read by others too}}
  %gh = vitrail.binary add %g, %h : (tensor<1x16xf32>, tensor<1x16xf32>) -> tensor<1x16xf32>
  return %ab, %cd, %ef, %gh, %g : tensor<1x16xf32>, tensor<1x16xf32>, tensor<1x16xf32>, tensor<1x16xf32>, tensor<1x16xf32>
}
