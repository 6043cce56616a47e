// RUN: vitrail-opt %s --split-input-file --verify-diagnostics \
// RUN:   --pass-pipeline='builtin.module(func.func(vitrail-fold-norm-affine))' \
// RUN:   --remarks-filter=simplify --remark-policy=all --remark-format=emitRemark \
// RUN:   | FileCheck %s

// CHECK-LABEL: func @pre_norm(
// CHECK-DAG:     %[[G:.*]] = vitrail.weight "g"
// CHECK-DAG:     %[[S:.*]] = vitrail.weight "s"
// CHECK-DAG:     %[[W:.*]] = vitrail.weight "w"
// CHECK-DAG:     %[[B:.*]] = vitrail.weight "b"
// CHECK-DAG:     %[[V:.*]] = vitrail.weight "v"
// CHECK:         %[[N:.*]] = vitrail.norm %{{.*}} axis = 2 eps = {{[^:]*}} : (tensor<1x4x8xf32>)
// CHECK:         %[[WS:.*]] = vitrail.einsum "nk,k->n" %[[W]], %[[S]]
// CHECK:         %[[B1:.*]] = vitrail.binary add %[[B]], %[[WS]]
// CHECK:         %[[W1:.*]] = vitrail.binary mul %[[W]], %[[G]] : (tensor<16x8xf32>, tensor<8xf32>) -> tensor<16x8xf32>
// CHECK:         vitrail.linear %[[N]], %[[W1]], %[[B1]]
// CHECK:         %[[N0:.*]] = vitrail.slice %[[N]]
// CHECK:         %[[R:.*]] = vitrail.rearrange %[[N0]]
// CHECK:         %[[VS:.*]] = vitrail.einsum "kn,k->n" %[[V]], %[[S]]
// CHECK:         %[[GC:.*]] = vitrail.rearrange %[[G]] "k -> k 1"
// CHECK:         %[[V1:.*]] = vitrail.binary mul %[[V]], %[[GC]] : (tensor<8x32xf32>, tensor<8x1xf32>) -> tensor<8x32xf32>
// CHECK:         vitrail.linear %[[R]], %[[V1]], %[[VS]] transposed
func.func @pre_norm(%x: tensor<1x4x8xf32>) -> (tensor<1x4x16xf32>, tensor<1x32xf32>) {
  %g = vitrail.weight "g" gain : tensor<8xf32>
  %s = vitrail.weight "s" bias : tensor<8xf32>
  %w = vitrail.weight "w" matrix fan_in = 8 : tensor<16x8xf32>
  %b = vitrail.weight "b" bias : tensor<16xf32>
  %v = vitrail.weight "v" matrix fan_in = 8 : tensor<8x32xf32>
  // expected-remark@below {{gain and bias folded into linears", linears=2, ops_saved=64}}
  %n = vitrail.norm %x, %g bias %s axis = 2 eps = 1.0e-6 : (tensor<1x4x8xf32>, tensor<8xf32>, tensor<8xf32>) -> tensor<1x4x8xf32>
  %y = vitrail.linear %n, %w, %b : (tensor<1x4x8xf32>, tensor<16x8xf32>, tensor<16xf32>) -> tensor<1x4x16xf32>
  %c = vitrail.slice %n offsets = [0, 2, 0] sizes = [1, 1, 8] : (tensor<1x4x8xf32>) -> tensor<1x1x8xf32>
  %r = vitrail.rearrange %c "b 1 c -> b c" : (tensor<1x1x8xf32>) -> tensor<1x8xf32>
  %z = vitrail.linear %r, %v transposed : (tensor<1x8xf32>, tensor<8x32xf32>) -> tensor<1x32xf32>
  return %y, %z : tensor<1x4x16xf32>, tensor<1x32xf32>
}

// -----

// A root-mean-square norm has a gain only: no bias comes into being.

// CHECK-LABEL: func @rms
// CHECK:         vitrail.norm %{{.*}} axis = 1 eps = {{.*}} rms : (tensor<4x8xf32>)
// CHECK-NOT:     einsum
// CHECK:         vitrail.linear %{{[^,]*}}, %{{[^,]*}} :
func.func @rms(%x: tensor<4x8xf32>) -> tensor<4x16xf32> {
  %g = vitrail.weight "g" gain : tensor<8xf32>
  %w = vitrail.weight "w" matrix fan_in = 8 : tensor<16x8xf32>
  // expected-remark@below {{ops_saved=32}}
  %n = vitrail.norm %x, %g axis = 1 eps = 1.0e-6 rms : (tensor<4x8xf32>, tensor<8xf32>) -> tensor<4x8xf32>
  %y = vitrail.linear %n, %w : (tensor<4x8xf32>, tensor<16x8xf32>) -> tensor<4x16xf32>
  return %y : tensor<4x16xf32>
}

// -----

// The residual of a post-norm block reads the norm as well.

// CHECK-LABEL: func @post_norm
// CHECK:         vitrail.norm %{{.*}}, %{{.*}} axis
// CHECK-NOT:     binary mul
func.func @post_norm(%x: tensor<1x4x8xf32>) -> tensor<1x4x8xf32> {
  %g = vitrail.weight "g" gain : tensor<8xf32>
  %w = vitrail.weight "w" matrix fan_in = 8 : tensor<8x8xf32>
  // expected-remark@below {{[Missed] fold-norm-affine | Category:simplify | Function=post_norm | Reason="the normalized value is also read by vitrail.binary"}}
  %n = vitrail.norm %x, %g axis = 2 eps = 1.0e-6 : (tensor<1x4x8xf32>, tensor<8xf32>) -> tensor<1x4x8xf32>
  %y = vitrail.linear %n, %w : (tensor<1x4x8xf32>, tensor<8x8xf32>) -> tensor<1x4x8xf32>
  %r = vitrail.binary add %n, %y : (tensor<1x4x8xf32>, tensor<1x4x8xf32>) -> tensor<1x4x8xf32>
  return %r : tensor<1x4x8xf32>
}

// -----

// A linear of some features has some of the gains; patches of a reduction
// (PVT, arXiv 2102.12122) have those of each of their tokens.

// CHECK-LABEL: func @features
// CHECK:         %[[N:.*]] = vitrail.norm %{{.*}} axis = 3 eps = {{[^:]*}} : (tensor<1x4x4x8xf32>)
// CHECK:         %[[G0:.*]] = vitrail.broadcast %{{.*}} shape = [1, 4, 4, 8]
// CHECK:         vitrail.slice %[[G0]] offsets = [0, 0, 0, 2]
// CHECK:         %[[G1:.*]] = vitrail.broadcast %{{.*}} shape = [1, 4, 4, 8]
// CHECK:         vitrail.rearrange %[[G1]] "b (h p) (w q) c -> b h w (p q c)"
func.func @features(%x: tensor<1x4x4x8xf32>) -> (tensor<1x4x4x16xf32>, tensor<1x2x2x16xf32>) {
  %g = vitrail.weight "g" gain : tensor<8xf32>
  %w = vitrail.weight "w" matrix fan_in = 4 : tensor<16x4xf32>
  %v = vitrail.weight "v" matrix fan_in = 32 : tensor<16x32xf32>
  // expected-remark@below {{gain and bias folded into linears", linears=2}}
  %n = vitrail.norm %x, %g axis = 3 eps = 1.0e-6 : (tensor<1x4x4x8xf32>, tensor<8xf32>) -> tensor<1x4x4x8xf32>
  %s = vitrail.slice %n offsets = [0, 0, 0, 2] sizes = [1, 4, 4, 4] : (tensor<1x4x4x8xf32>) -> tensor<1x4x4x4xf32>
  %y = vitrail.linear %s, %w : (tensor<1x4x4x4xf32>, tensor<16x4xf32>) -> tensor<1x4x4x16xf32>
  %r = vitrail.rearrange %n "b (h p) (w q) c -> b h w (p q c)" sizes = {p = 2 : i64, q = 2 : i64} : (tensor<1x4x4x8xf32>) -> tensor<1x2x2x32xf32>
  %z = vitrail.linear %r, %v : (tensor<1x2x2x32xf32>, tensor<16x32xf32>) -> tensor<1x2x2x16xf32>
  return %y, %z : tensor<1x4x4x16xf32>, tensor<1x2x2x16xf32>
}

// -----

// CHECK-LABEL: func @run_time
// CHECK:         vitrail.norm %{{.*}}, %{{.*}} axis = 2
// CHECK:         vitrail.norm %{{.*}}, %{{.*}} axis = 1
// CHECK:         vitrail.norm %{{.*}}, %{{.*}} axis = 2
func.func @run_time(%x: tensor<1x8x8xf32>, %g: tensor<8xf32>, %m: tensor<16x8xf32>) -> (tensor<1x8x16xf32>, tensor<1x8x16xf32>, tensor<1x8x16xf32>) {
  %h = vitrail.weight "h" gain : tensor<8xf32>
  %w = vitrail.weight "w" matrix fan_in = 8 : tensor<16x8xf32>
  // expected-remark@below {{gain or bias is computed at run time}}
  %n = vitrail.norm %x, %g axis = 2 eps = 1.0e-6 : (tensor<1x8x8xf32>, tensor<8xf32>) -> tensor<1x8x8xf32>
  %y = vitrail.linear %n, %w : (tensor<1x8x8xf32>, tensor<16x8xf32>) -> tensor<1x8x16xf32>
  // expected-remark@below {{axis 1 is not the last, which linears contract}}
  %o = vitrail.norm %x, %h axis = 1 eps = 1.0e-6 : (tensor<1x8x8xf32>, tensor<8xf32>) -> tensor<1x8x8xf32>
  %z = vitrail.linear %o, %w : (tensor<1x8x8xf32>, tensor<16x8xf32>) -> tensor<1x8x16xf32>
  // expected-remark@below {{the weight of a linear behind it is computed at run time}}
  %p = vitrail.norm %x, %h axis = 2 eps = 1.0e-6 : (tensor<1x8x8xf32>, tensor<8xf32>) -> tensor<1x8x8xf32>
  %u = vitrail.linear %p, %m : (tensor<1x8x8xf32>, tensor<16x8xf32>) -> tensor<1x8x16xf32>
  return %y, %z, %u : tensor<1x8x16xf32>, tensor<1x8x16xf32>, tensor<1x8x16xf32>
}
