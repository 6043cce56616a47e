// RUN: vitrail-opt %s --split-input-file --verify-diagnostics \
// RUN:   --pass-pipeline='builtin.module(func.func(vitrail-fold-attention-bias))' \
// RUN:   --remarks-filter=simplify --remark-policy=all --remark-format=emitRemark \
// RUN:   | FileCheck %s

// The mask and what is added to scores do not matter. The output projection is
// behind a slice, and its bias comes into being.

// CHECK-LABEL: func @both(
// CHECK-SAME:      %[[X:.*]]: tensor<1x4x16xf32>, %{{.*}}: tensor<4x4xf32>)
// CHECK-DAG:     %[[W:.*]] = vitrail.weight "w"
// CHECK-DAG:     %[[BV:.*]] = vitrail.weight "bv"
// CHECK-DAG:     %[[WO:.*]] = vitrail.weight "wo"
// CHECK:         vitrail.linear %[[X]], %[[W]], %{{.*}} :
// CHECK:         vitrail.linear %[[X]], %[[W]] :
// CHECK:         vitrail.linear %[[X]], %[[W]] :
// CHECK:         vitrail.attention
// CHECK:         %[[S:.*]] = vitrail.slice
// CHECK:         %[[B:.*]] = vitrail.einsum "nk,k->n" %[[WO]], %[[BV]]
// CHECK:         vitrail.linear %[[S]], %[[WO]], %[[B]]
func.func @both(%x: tensor<1x4x16xf32>, %t: tensor<4x4xf32>) -> tensor<1x1x8xf32> {
  %w = vitrail.weight "w" matrix fan_in = 16 : tensor<16x16xf32>
  %b = vitrail.weight "b" bias : tensor<16xf32>
  %bv = vitrail.weight "bv" bias : tensor<16xf32>
  %wo = vitrail.weight "wo" matrix fan_in = 16 : tensor<8x16xf32>
  %q = vitrail.linear %x, %w, %b : (tensor<1x4x16xf32>, tensor<16x16xf32>, tensor<16xf32>) -> tensor<1x4x16xf32>
  // expected-remark@below {{bias of keys dropped: constant in each row of scores, which softmax ignores", ops_saved=64}}
  %k = vitrail.linear %x, %w, %b : (tensor<1x4x16xf32>, tensor<16x16xf32>, tensor<16xf32>) -> tensor<1x4x16xf32>
  // expected-remark@below {{bias of values moved behind the mixer}}
  %v = vitrail.linear %x, %w, %bv : (tensor<1x4x16xf32>, tensor<16x16xf32>, tensor<16xf32>) -> tensor<1x4x16xf32>
  %a = vitrail.attention %q, %k, %v bias %t heads = 2 scale = 0.5 mask = causal : (tensor<1x4x16xf32>, tensor<1x4x16xf32>, tensor<1x4x16xf32>, tensor<4x4xf32>) -> tensor<1x4x16xf32>
  %s = vitrail.slice %a offsets = [0, 3, 0] sizes = [1, 1, 16] : (tensor<1x4x16xf32>) -> tensor<1x1x16xf32>
  %y = vitrail.linear %s, %wo : (tensor<1x1x16xf32>, tensor<8x16xf32>) -> tensor<1x1x8xf32>
  return %y : tensor<1x1x8xf32>
}

// -----

// One linear for keys and values: its bias counts once, as that of the values.

// CHECK-LABEL: func @shared(
// CHECK:         %[[BV:.*]] = vitrail.weight "b"
// CHECK:         %[[BO:.*]] = vitrail.weight "bo"
// CHECK:         %[[K:.*]] = vitrail.linear %{{[^,]*}}, %[[W:[^,]*]] :
// CHECK:         %[[A:.*]] = vitrail.cross_attention %{{.*}}, %[[K]], %[[K]]
// CHECK:         %[[E:.*]] = vitrail.einsum "kn,k->n" %[[W]], %[[BV]]
// CHECK:         %[[B:.*]] = vitrail.binary add %[[BO]], %[[E]]
// CHECK:         vitrail.linear %[[A]], %[[W]], %[[B]] transposed
func.func @shared(%q: tensor<2x4x16xf32>, %x: tensor<2x6x16xf32>) -> tensor<2x4x16xf32> {
  %w = vitrail.weight "w" matrix fan_in = 16 : tensor<16x16xf32>
  %b = vitrail.weight "b" bias : tensor<16xf32>
  %bo = vitrail.weight "bo" bias : tensor<16xf32>
  // expected-remark@below {{bias of values moved behind the mixer}}
  %k = vitrail.linear %x, %w, %b : (tensor<2x6x16xf32>, tensor<16x16xf32>, tensor<16xf32>) -> tensor<2x6x16xf32>
  %a = vitrail.cross_attention %q, %k, %k heads = 2 scale = 0.5 : (tensor<2x4x16xf32>, tensor<2x6x16xf32>, tensor<2x6x16xf32>) -> tensor<2x4x16xf32>
  %y = vitrail.linear %a, %w, %bo transposed : (tensor<2x4x16xf32>, tensor<16x16xf32>, tensor<16xf32>) -> tensor<2x4x16xf32>
  return %y : tensor<2x4x16xf32>
}

// -----

// The query's bias stays, and with it that of a linear for all three. A residual
// reads the mixer in the second case.

// CHECK-LABEL: func @not(
// CHECK:         vitrail.linear %{{[^,]*}}, %{{[^,]*}}, %{{.*}} :
// CHECK:         vitrail.linear %{{[^,]*}}, %{{[^,]*}}, %{{.*}} :
// CHECK-NOT:     einsum
func.func @not(%x: tensor<1x4x16xf32>) -> tensor<1x4x16xf32> {
  %w = vitrail.weight "w" matrix fan_in = 16 : tensor<16x16xf32>
  %b = vitrail.weight "b" bias : tensor<16xf32>
  // expected-remark@below {{[Missed] fold-attention-bias | Category:simplify | Function=not | Reason="the linear is not only read as keys and values of mixers"}}
  %l = vitrail.linear %x, %w, %b : (tensor<1x4x16xf32>, tensor<16x16xf32>, tensor<16xf32>) -> tensor<1x4x16xf32>
  // expected-remark@below {{the result of the mixer is read by vitrail.binary, which cannot take the values' bias over}}
  %v = vitrail.linear %l, %w, %b : (tensor<1x4x16xf32>, tensor<16x16xf32>, tensor<16xf32>) -> tensor<1x4x16xf32>
  %a = vitrail.attention %l, %l, %v heads = 2 scale = 0.5 : (tensor<1x4x16xf32>, tensor<1x4x16xf32>, tensor<1x4x16xf32>) -> tensor<1x4x16xf32>
  %y = vitrail.linear %a, %w : (tensor<1x4x16xf32>, tensor<16x16xf32>) -> tensor<1x4x16xf32>
  %r = vitrail.binary add %a, %y : (tensor<1x4x16xf32>, tensor<1x4x16xf32>) -> tensor<1x4x16xf32>
  return %r : tensor<1x4x16xf32>
}

// -----

// A key's bias can be anything; a value's must be frozen.

// CHECK-LABEL: func @run_time(
// CHECK-SAME:      %{{.*}}: tensor<1x4x16xf32>, %[[B:.*]]: tensor<16xf32>)
// CHECK:         vitrail.linear %{{[^,]*}}, %{{[^,]*}} :
// CHECK:         vitrail.linear %{{[^,]*}}, %{{[^,]*}}, %[[B]] :
func.func @run_time(%x: tensor<1x4x16xf32>, %b: tensor<16xf32>) -> tensor<1x4x16xf32> {
  %w = vitrail.weight "w" matrix fan_in = 16 : tensor<16x16xf32>
  // expected-remark@below {{bias of keys dropped}}
  %k = vitrail.linear %x, %w, %b : (tensor<1x4x16xf32>, tensor<16x16xf32>, tensor<16xf32>) -> tensor<1x4x16xf32>
  // expected-remark@below {{the values' bias is computed at run time}}
  %v = vitrail.linear %x, %w, %b : (tensor<1x4x16xf32>, tensor<16x16xf32>, tensor<16xf32>) -> tensor<1x4x16xf32>
  %a = vitrail.attention %x, %k, %v heads = 2 scale = 0.5 : (tensor<1x4x16xf32>, tensor<1x4x16xf32>, tensor<1x4x16xf32>) -> tensor<1x4x16xf32>
  %y = vitrail.linear %a, %w : (tensor<1x4x16xf32>, tensor<16x16xf32>) -> tensor<1x4x16xf32>
  return %y : tensor<1x4x16xf32>
}
