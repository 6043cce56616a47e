// RUN: vitrail-opt %s --split-input-file --verify-diagnostics \
// RUN:   --pass-pipeline='builtin.module(func.func(vitrail-sink-sample-affine))' \
// RUN:   --remarks-filter=simplify --remark-policy=all --remark-format=emitRemark \
// RUN:   | FileCheck %s

// A group norm in front of a projection: the map itself is projected. Its centred
// form is still read by the statistics.

// CHECK-LABEL: func @norm(
// CHECK-SAME:      %[[X:.*]]: tensor<2x6x6x8xf32>, %[[M:.*]]: tensor<2x1x1x1xf32>, %[[R:.*]]: tensor<2x1x1x1xf32>)
// CHECK-DAG:     %[[W:.*]] = vitrail.weight "w"
// CHECK-DAG:     %[[B:.*]] = vitrail.weight "b"
// CHECK:         %[[C:.*]] = vitrail.binary sub %[[X]], %[[M]]
// CHECK:         %[[N:.*]] = vitrail.unary neg %[[M]]
// CHECK:         %[[NR:.*]] = vitrail.binary mul %[[N]], %[[R]] : (tensor<2x1x1x1xf32>, tensor<2x1x1x1xf32>)
// CHECK:         %[[S:.*]] = vitrail.einsum "nk->n" %[[W]]
// CHECK:         %[[T0:.*]] = vitrail.binary mul %[[NR]], %[[S]] : (tensor<2x1x1x1xf32>, tensor<16xf32>) -> tensor<2x1x1x16xf32>
// CHECK:         %[[T1:.*]] = vitrail.binary add %[[T0]], %[[B]]
// CHECK:         %[[L:.*]] = vitrail.linear %[[X]], %[[W]] :
// CHECK-NEXT:    %[[LR:.*]] = vitrail.binary mul %[[L]], %[[R]]
// CHECK-NEXT:    %[[Y:.*]] = vitrail.binary add %[[LR]], %[[T1]]
// CHECK-NEXT:    return %[[Y]], %[[C]]
func.func @norm(%x: tensor<2x6x6x8xf32>, %m: tensor<2x1x1x1xf32>, %r: tensor<2x1x1x1xf32>) -> (tensor<2x6x6x16xf32>, tensor<2x6x6x8xf32>) {
  %w = vitrail.weight "w" matrix fan_in = 8 : tensor<16x8xf32>
  %b = vitrail.weight "b" bias : tensor<16xf32>
  %0 = vitrail.binary sub %x, %m : (tensor<2x6x6x8xf32>, tensor<2x1x1x1xf32>) -> tensor<2x6x6x8xf32>
  %1 = vitrail.binary mul %r, %0 : (tensor<2x1x1x1xf32>, tensor<2x6x6x8xf32>) -> tensor<2x6x6x8xf32>
  // expected-remark@below {{2 operations by numbers of a sample stand behind the linear, 1 of them nowhere else", ops_saved=576}}
  %2 = vitrail.linear %1, %w, %b : (tensor<2x6x6x8xf32>, tensor<16x8xf32>, tensor<16xf32>) -> tensor<2x6x6x16xf32>
  return %2, %0 : tensor<2x6x6x16xf32>, tensor<2x6x6x8xf32>
}

// -----

// Division and addition; a transposed weight without bias.

// CHECK-LABEL: func @division(
// CHECK:         %[[I:.*]] = vitrail.unary reciprocal %arg2
// CHECK:         %[[D:.*]] = vitrail.binary div %arg1, %arg2
// CHECK:         %[[S:.*]] = vitrail.einsum "kn->n"
// CHECK:         %[[T:.*]] = vitrail.binary mul %[[D]], %[[S]]
// CHECK:         %[[L:.*]] = vitrail.linear %arg0, %{{.*}} transposed
// CHECK:         %[[LI:.*]] = vitrail.binary mul %[[L]], %[[I]]
// CHECK:         vitrail.binary add %[[LI]], %[[T]]
func.func @division(%x: tensor<1x4x8xf32>, %m: tensor<1x1x1xf32>, %r: tensor<1x1x1xf32>) -> tensor<1x4x16xf32> {
  %w = vitrail.weight "w" matrix fan_in = 8 : tensor<8x16xf32>
  %0 = vitrail.binary add %m, %x : (tensor<1x1x1xf32>, tensor<1x4x8xf32>) -> tensor<1x4x8xf32>
  %1 = vitrail.binary div %0, %r : (tensor<1x4x8xf32>, tensor<1x1x1xf32>) -> tensor<1x4x8xf32>
  // expected-remark@below {{2 operations by numbers of a sample stand behind the linear, 2 of them nowhere else", ops_saved=64}}
  %2 = vitrail.linear %1, %w transposed : (tensor<1x4x8xf32>, tensor<8x16xf32>) -> tensor<1x4x16xf32>
  return %2 : tensor<1x4x16xf32>
}

// -----

// A number for each token or channel is none of a sample; a map that others read is
// made anyway; and a frozen number is a matter of weights.

// CHECK-LABEL: func @not(
// CHECK-COUNT-4: vitrail.linear %{{[0-9]+}},
func.func @not(%x: tensor<1x4x8xf32>, %t: tensor<1x4x1xf32>, %c: tensor<1x1x8xf32>, %r: tensor<1x1x1xf32>) -> (tensor<1x4x16xf32>, tensor<1x4x16xf32>, tensor<1x4x16xf32>, tensor<1x4x8xf32>, tensor<1x4x16xf32>) {
  %w = vitrail.weight "w" matrix fan_in = 8 : tensor<16x8xf32>
  %g = vitrail.weight "g" gain : tensor<1x1x1xf32>
  %0 = vitrail.binary mul %x, %t : (tensor<1x4x8xf32>, tensor<1x4x1xf32>) -> tensor<1x4x8xf32>
  %1 = vitrail.linear %0, %w : (tensor<1x4x8xf32>, tensor<16x8xf32>) -> tensor<1x4x16xf32>
  %2 = vitrail.binary mul %x, %c : (tensor<1x4x8xf32>, tensor<1x1x8xf32>) -> tensor<1x4x8xf32>
  %3 = vitrail.linear %2, %w : (tensor<1x4x8xf32>, tensor<16x8xf32>) -> tensor<1x4x16xf32>
  %4 = vitrail.binary mul %x, %r : (tensor<1x4x8xf32>, tensor<1x1x1xf32>) -> tensor<1x4x8xf32>
  %5 = vitrail.linear %4, %w : (tensor<1x4x8xf32>, tensor<16x8xf32>) -> tensor<1x4x16xf32>
  %6 = vitrail.binary mul %x, %g : (tensor<1x4x8xf32>, tensor<1x1x1xf32>) -> tensor<1x4x8xf32>
  %7 = vitrail.linear %6, %w : (tensor<1x4x8xf32>, tensor<16x8xf32>) -> tensor<1x4x16xf32>
  return %1, %3, %5, %4, %7 : tensor<1x4x16xf32>, tensor<1x4x16xf32>, tensor<1x4x16xf32>, tensor<1x4x8xf32>, tensor<1x4x16xf32>
}
