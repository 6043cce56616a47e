// RUN: vitrail-opt %s --split-input-file --verify-diagnostics \
// RUN:   --pass-pipeline='builtin.module(func.func(vitrail-fold-embedding))' \
// RUN:   --remarks-filter=simplify --remark-policy=all --remark-format=emitRemark \
// RUN:   | FileCheck %s

// Token and first row of the position table, and the linear's bias and the other
// rows, are frozen sums; both stay without the batch.

// CHECK-LABEL: func @embedding(
// CHECK-SAME:      %[[X:.*]]: tensor<2x3x8xf32>)
// CHECK-DAG:     %[[CLS:.*]] = vitrail.weight "cls"
// CHECK-DAG:     %[[W:.*]] = vitrail.weight "w"
// CHECK-DAG:     %[[B:.*]] = vitrail.weight "b"
// CHECK-DAG:     %[[P:.*]] = vitrail.weight "p"
// CHECK:         %[[P0:.*]] = vitrail.slice %[[P]] offsets = [0, 0] sizes = [1, 16]
// CHECK:         %[[T:.*]] = vitrail.binary add %[[CLS]], %[[P0]] : (tensor<1x1x16xf32>, tensor<1x16xf32>) -> tensor<1x1x16xf32>
// CHECK:         %[[TB:.*]] = vitrail.broadcast %[[T]] shape = [2, 1, 16]
// CHECK:         %[[P1:.*]] = vitrail.slice %[[P]] offsets = [1, 0] sizes = [3, 16]
// CHECK:         %[[R:.*]] = vitrail.binary add %[[B]], %[[P1]] : (tensor<16xf32>, tensor<3x16xf32>) -> tensor<3x16xf32>
// CHECK:         %[[L:.*]] = vitrail.linear %[[X]], %[[W]] :
// CHECK:         %[[S:.*]] = vitrail.binary add %[[L]], %[[R]] : (tensor<2x3x16xf32>, tensor<3x16xf32>) -> tensor<2x3x16xf32>
// CHECK:         %[[C:.*]] = vitrail.concat %[[TB]], %[[S]] axis = 1
// CHECK-NEXT:    return %[[C]]
func.func @embedding(%x: tensor<2x3x8xf32>) -> tensor<2x4x16xf32> {
  %cls = vitrail.weight "cls" token : tensor<1x1x16xf32>
  %w = vitrail.weight "w" matrix fan_in = 8 : tensor<16x8xf32>
  %b = vitrail.weight "b" bias : tensor<16xf32>
  %p = vitrail.weight "p" position : tensor<4x16xf32>
  %t = vitrail.broadcast %cls shape = [2, 1, 16] : (tensor<1x1x16xf32>) -> tensor<2x1x16xf32>
  %l = vitrail.linear %x, %w, %b : (tensor<2x3x8xf32>, tensor<16x8xf32>, tensor<16xf32>) -> tensor<2x3x16xf32>
  %c = vitrail.concat %t, %l axis = 1 : (tensor<2x1x16xf32>, tensor<2x3x16xf32>) -> tensor<2x4x16xf32>
  // expected-remark@below {{the table is divided among the parts it is added to", ops_saved=32}}
  // expected-remark@below {{the linear's bias is part of the table", ops_saved=96}}
  %y = vitrail.binary add %c, %p : (tensor<2x4x16xf32>, tensor<4x16xf32>) -> tensor<2x4x16xf32>
  return %y : tensor<2x4x16xf32>
}

// -----

// Sums of sums and products of products, on whichever side the table stands.

// CHECK-LABEL: func @chains(
// CHECK-SAME:      %[[X:.*]]: tensor<2x4x16xf32>)
// CHECK-DAG:     %[[T:.*]] = vitrail.weight "t"
// CHECK-DAG:     %[[U:.*]] = vitrail.weight "u"
// CHECK:         %[[TU:.*]] = vitrail.binary add %[[T]], %[[U]] : (tensor<4x16xf32>, tensor<16xf32>) -> tensor<4x16xf32>
// CHECK:         %[[A:.*]] = vitrail.binary add %[[X]], %[[TU]]
// CHECK:         %[[UT:.*]] = vitrail.binary mul %[[U]], %[[T]] : (tensor<16xf32>, tensor<4x16xf32>) -> tensor<4x16xf32>
// CHECK:         %[[B:.*]] = vitrail.binary mul %[[A]], %[[UT]]
// CHECK-NEXT:    return %[[B]]
func.func @chains(%x: tensor<2x4x16xf32>) -> tensor<2x4x16xf32> {
  %t = vitrail.weight "t" position : tensor<4x16xf32>
  %u = vitrail.weight "u" layer_scale : tensor<16xf32>
  %a = vitrail.binary add %x, %t : (tensor<2x4x16xf32>, tensor<4x16xf32>) -> tensor<2x4x16xf32>
  // expected-remark@below {{two tables are one", ops_saved=128}}
  %b = vitrail.binary add %u, %a : (tensor<16xf32>, tensor<2x4x16xf32>) -> tensor<2x4x16xf32>
  %c = vitrail.binary mul %u, %b : (tensor<16xf32>, tensor<2x4x16xf32>) -> tensor<2x4x16xf32>
  // expected-remark@below {{two tables are one", ops_saved=128}}
  %d = vitrail.binary mul %c, %t : (tensor<2x4x16xf32>, tensor<4x16xf32>) -> tensor<2x4x16xf32>
  return %d : tensor<2x4x16xf32>
}

// -----

// The same for all tokens: a bias.

// CHECK-LABEL: func @bias(
// CHECK-SAME:      %[[X:.*]]: tensor<4x8xf32>)
// CHECK-DAG:     %[[W:.*]] = vitrail.weight "w"
// CHECK-DAG:     %[[T:.*]] = vitrail.weight "t"
// CHECK-DAG:     %[[S:.*]] = vitrail.weight "s"
// CHECK:         %[[T1:.*]] = vitrail.rearrange %[[T]] "1 n -> n"
// CHECK:         %[[S1:.*]] = vitrail.rearrange %[[S]] "1 1 ->" : (tensor<1x1xf32>) -> tensor<f32>
// CHECK:         %[[S2:.*]] = vitrail.broadcast %[[S1]] shape = [16]
// CHECK:         %[[B:.*]] = vitrail.binary add %[[T1]], %[[S2]]
// CHECK:         %[[Y:.*]] = vitrail.linear %[[X]], %[[W]], %[[B]] transposed
// CHECK-NEXT:    return %[[Y]]
func.func @bias(%x: tensor<4x8xf32>) -> tensor<4x16xf32> {
  %w = vitrail.weight "w" matrix fan_in = 8 : tensor<8x16xf32>
  %t = vitrail.weight "t" bias : tensor<1x16xf32>
  %s = vitrail.weight "s" bias : tensor<1x1xf32>
  %l = vitrail.linear %x, %w transposed : (tensor<4x8xf32>, tensor<8x16xf32>) -> tensor<4x16xf32>
  // expected-remark@below {{the table is the linear's bias}}
  %y = vitrail.binary add %l, %t : (tensor<4x16xf32>, tensor<1x16xf32>) -> tensor<4x16xf32>
  // expected-remark@below {{the table is the linear's bias}}
  %z = vitrail.binary add %y, %s : (tensor<4x16xf32>, tensor<1x1xf32>) -> tensor<4x16xf32>
  return %z : tensor<4x16xf32>
}

// -----

// Not where the linear is read elsewhere, where nothing in a concatenation can
// take a table in, where both tables together are larger than each, and not
// where the table makes the value larger.

// CHECK-LABEL: func @not(
// CHECK:         vitrail.linear %{{[^,]*}}, %{{[^,]*}}, %{{.*}} :
// CHECK-NEXT:    vitrail.binary add
// CHECK-NEXT:    vitrail.concat
// CHECK-NEXT:    vitrail.binary add
// CHECK-NEXT:    vitrail.binary add
// CHECK-NEXT:    vitrail.binary add
// CHECK-NEXT:    vitrail.binary add
// CHECK-NEXT:    return
func.func @not(%x: tensor<4x16xf32>, %r: tensor<1x16xf32>) -> (tensor<4x16xf32>, tensor<4x16xf32>, tensor<8x16xf32>, tensor<4x16xf32>, tensor<4x16xf32>) {
  %w = vitrail.weight "w" matrix fan_in = 16 : tensor<16x16xf32>
  %b = vitrail.weight "b" bias : tensor<16xf32>
  %t = vitrail.weight "t" position : tensor<4x16xf32>
  %u = vitrail.weight "u" position : tensor<8x16xf32>
  %f = vitrail.weight "f" layer_scale : tensor<16xf32>
  %c = vitrail.weight "c" layer_scale : tensor<4x1xf32>
  %l = vitrail.linear %x, %w, %b : (tensor<4x16xf32>, tensor<16x16xf32>, tensor<16xf32>) -> tensor<4x16xf32>
  // expected-remark@below {{the linear before it has other users}}
  %y = vitrail.binary add %l, %t : (tensor<4x16xf32>, tensor<4x16xf32>) -> tensor<4x16xf32>
  %d = vitrail.concat %x, %l axis = 0 : (tensor<4x16xf32>, tensor<4x16xf32>) -> tensor<8x16xf32>
  // expected-remark@below {{[Missed] fold-embedding | Category:simplify | Function=not | Reason="no part of the concatenation before it has a table to join"}}
  %z = vitrail.binary add %d, %u : (tensor<8x16xf32>, tensor<8x16xf32>) -> tensor<8x16xf32>
  %v = vitrail.binary add %x, %f : (tensor<4x16xf32>, tensor<16xf32>) -> tensor<4x16xf32>
  %s = vitrail.binary add %v, %c : (tensor<4x16xf32>, tensor<4x1xf32>) -> tensor<4x16xf32>
  %q = vitrail.binary add %r, %t : (tensor<1x16xf32>, tensor<4x16xf32>) -> tensor<4x16xf32>
  return %l, %y, %z, %s, %q : tensor<4x16xf32>, tensor<4x16xf32>, tensor<8x16xf32>, tensor<4x16xf32>, tensor<4x16xf32>
}
