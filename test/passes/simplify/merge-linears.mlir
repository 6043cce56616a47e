// RUN: vitrail-opt %s --split-input-file --verify-diagnostics \
// RUN:   --pass-pipeline='builtin.module(func.func(vitrail-merge-linears))' \
// RUN:   --remarks-filter=simplify --remark-policy=all --remark-format=emitRemark \
// RUN:   | FileCheck %s

// Weights are declared between the linears: they move before the merged one. The
// part without a bias gets zeros.

// CHECK-LABEL: func @qkv(
// CHECK-SAME:      %[[X:.*]]: tensor<2x4x16xf32>)
// CHECK:         %[[WQ:.*]] = vitrail.weight "wq"
// CHECK:         %[[BQ:.*]] = vitrail.weight "bq"
// CHECK:         %[[WK:.*]] = vitrail.weight "wk"
// CHECK:         %[[WV:.*]] = vitrail.weight "wv"
// CHECK:         %[[W:.*]] = vitrail.concat %[[WQ]], %[[WK]], %[[WV]] axis = 0 : {{.*}} -> tensor<64x16xf32>
// CHECK:         %[[ZERO:.*]] = arith.constant dense<0.000000e+00> : tensor<f32>
// CHECK:         %[[BK:.*]] = vitrail.broadcast %[[ZERO]] shape = [16]
// CHECK:         %[[BV:.*]] = vitrail.broadcast %{{.*}} shape = [32]
// CHECK:         %[[B:.*]] = vitrail.concat %[[BQ]], %[[BK]], %[[BV]] axis = 0 : {{.*}} -> tensor<64xf32>
// CHECK:         %[[Y:.*]] = vitrail.linear %[[X]], %[[W]], %[[B]] : {{.*}} -> tensor<2x4x64xf32>
// CHECK:         %[[Q:.*]] = vitrail.slice %[[Y]] offsets = [0, 0, 0] sizes = [2, 4, 16]
// CHECK:         %[[K:.*]] = vitrail.slice %[[Y]] offsets = [0, 0, 16] sizes = [2, 4, 16]
// CHECK:         %[[V:.*]] = vitrail.slice %[[Y]] offsets = [0, 0, 32] sizes = [2, 4, 32]
// CHECK-NOT:     vitrail.linear
// CHECK:         vitrail.attention %[[Q]], %[[K]], %[[V]]
func.func @qkv(%x: tensor<2x4x16xf32>) -> tensor<2x4x32xf32> {
  %wq = vitrail.weight "wq" matrix fan_in = 16 : tensor<16x16xf32>
  %bq = vitrail.weight "bq" bias : tensor<16xf32>
  // expected-remark@below {{3 linears that read one value are one of 64 features", bytes_saved=1024}}
  %q = vitrail.linear %x, %wq, %bq : (tensor<2x4x16xf32>, tensor<16x16xf32>, tensor<16xf32>) -> tensor<2x4x16xf32>
  %wk = vitrail.weight "wk" matrix fan_in = 16 : tensor<16x16xf32>
  %k = vitrail.linear %x, %wk : (tensor<2x4x16xf32>, tensor<16x16xf32>) -> tensor<2x4x16xf32>
  %wv = vitrail.weight "wv" matrix fan_in = 16 : tensor<32x16xf32>
  %v = vitrail.linear %x, %wv : (tensor<2x4x16xf32>, tensor<32x16xf32>) -> tensor<2x4x32xf32>
  %a = vitrail.attention %q, %k, %v heads = 2 scale = 0.5 : (tensor<2x4x16xf32>, tensor<2x4x16xf32>, tensor<2x4x32xf32>) -> tensor<2x4x32xf32>
  return %a : tensor<2x4x32xf32>
}

// -----

// What an activation alone reads computes it as its epilogue.

// CHECK-LABEL: func @activation(
// CHECK:         %[[G:.*]] = vitrail.linear
// CHECK:         vitrail.unary silu %[[G]]
// CHECK:         vitrail.linear
func.func @activation(%x: tensor<4x16xf32>) -> tensor<4x16xf32> {
  %w0 = vitrail.weight "w0" matrix fan_in = 16 : tensor<16x16xf32>
  %w1 = vitrail.weight "w1" matrix fan_in = 16 : tensor<16x16xf32>
  // expected-remark@below {{alone, it computes the function behind it as well}}
  %g = vitrail.linear %x, %w0 : (tensor<4x16xf32>, tensor<16x16xf32>) -> tensor<4x16xf32>
  %s = vitrail.unary silu %g : tensor<4x16xf32>
  %u = vitrail.linear %x, %w1 : (tensor<4x16xf32>, tensor<16x16xf32>) -> tensor<4x16xf32>
  %y = vitrail.binary mul %s, %u : (tensor<4x16xf32>, tensor<4x16xf32>) -> tensor<4x16xf32>
  return %y : tensor<4x16xf32>
}

// -----

// Transposed weights join along their second axis, others are turned first.
// Without any bias none comes into being.

// CHECK-LABEL: func @transposed(
// CHECK:         %[[W0:.*]] = vitrail.weight "w0"
// CHECK:         %[[W1:.*]] = vitrail.weight "w1"
// CHECK:         %[[W2:.*]] = vitrail.weight "w2"
// CHECK:         %[[T:.*]] = vitrail.rearrange %[[W2]] "a b -> b a" : (tensor<16x8xf32>) -> tensor<8x16xf32>
// CHECK:         %[[W:.*]] = vitrail.concat %[[W0]], %[[W1]], %[[T]] axis = 1 : {{.*}} -> tensor<8x64xf32>
// CHECK:         %[[Y:.*]] = vitrail.linear %{{[^,]*}}, %[[W]] transposed : {{.*}} -> tensor<4x64xf32>
// CHECK:         vitrail.slice %[[Y]] offsets = [0, 0] sizes = [4, 16]
// CHECK:         vitrail.slice %[[Y]] offsets = [0, 16] sizes = [4, 32]
// CHECK:         vitrail.slice %[[Y]] offsets = [0, 48] sizes = [4, 16]
func.func @transposed(%x: tensor<4x8xf32>) -> (tensor<4x16xf32>, tensor<4x32xf32>, tensor<4x16xf32>) {
  %w0 = vitrail.weight "w0" matrix fan_in = 8 : tensor<8x16xf32>
  %w1 = vitrail.weight "w1" matrix fan_in = 8 : tensor<8x32xf32>
  %w2 = vitrail.weight "w2" matrix fan_in = 8 : tensor<16x8xf32>
  // expected-remark@below {{3 linears that read one value are one of 64 features}}
  %a = vitrail.linear %x, %w0 transposed : (tensor<4x8xf32>, tensor<8x16xf32>) -> tensor<4x16xf32>
  %b = vitrail.linear %x, %w1 transposed : (tensor<4x8xf32>, tensor<8x32xf32>) -> tensor<4x32xf32>
  %c = vitrail.linear %x, %w2 : (tensor<4x8xf32>, tensor<16x8xf32>) -> tensor<4x16xf32>
  return %a, %b, %c : tensor<4x16xf32>, tensor<4x32xf32>, tensor<4x16xf32>
}

// -----

// A part of ten features would not begin at a panel; a weight of another layer
// cannot be concatenated ahead of time.

// CHECK-LABEL: func @not(
// CHECK-COUNT-3: vitrail.linear
// CHECK-NOT:     vitrail.slice
func.func @not(%x: tensor<4x8xf32>, %m: tensor<16x8xf32>) -> (tensor<4x16xf32>, tensor<4x10xf32>, tensor<4x16xf32>) {
  %w0 = vitrail.weight "w0" matrix fan_in = 8 : tensor<16x8xf32>
  %w1 = vitrail.weight "w1" matrix fan_in = 8 : tensor<10x8xf32>
  %a = vitrail.linear %x, %w0 : (tensor<4x8xf32>, tensor<16x8xf32>) -> tensor<4x16xf32>
  // expected-remark@below {{[Missed] merge-linears | Category:simplify | Function=not | Reason="10 output features are no multiple of 16, so that the parts would have to be copied"}}
  %b = vitrail.linear %x, %w1 : (tensor<4x8xf32>, tensor<10x8xf32>) -> tensor<4x10xf32>
  // expected-remark@below {{the weight is computed at run time}}
  %c = vitrail.linear %x, %m : (tensor<4x8xf32>, tensor<16x8xf32>) -> tensor<4x16xf32>
  return %a, %b, %c : tensor<4x16xf32>, tensor<4x10xf32>, tensor<4x16xf32>
}
