// RUN: vitrail-opt %s --split-input-file --verify-diagnostics \
// RUN:   --pass-pipeline='builtin.module(func.func(vitrail-fold-output-affine))' \
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
  // expected-remark@below {{factors of a result folded into the weights", ops_saved=32}}
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
  // expected-remark@below {{folded into the weights}}
  %s = vitrail.binary mul %y, %g : (tensor<1x4x8xf32>, tensor<1x1x8xf32>) -> tensor<1x4x8xf32>
  %z = vitrail.linear %s, %v : (tensor<1x4x8xf32>, tensor<8x8xf32>) -> tensor<1x4x8xf32>
  // expected-remark@below {{folded into the weights}}
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
  // expected-remark@below {{the result is also read without the table}}
  %d1 = vitrail.binary mul %d, %two : (tensor<4x8xf32>, tensor<f32>) -> tensor<4x8xf32>
  %e = vitrail.linear %x, %v : (tensor<4x16xf32>, tensor<8x16xf32>) -> tensor<4x8xf32>
  // expected-remark@below {{the weight is computed at run time or of another element type}}
  %e1 = vitrail.binary mul %e, %two : (tensor<4x8xf32>, tensor<f32>) -> tensor<4x8xf32>
  return %a1, %b1, %c1, %d, %d1, %e1 : tensor<4x8xf32>, tensor<2x4x8xf32>, tensor<4x8xf32>, tensor<4x8xf32>, tensor<4x8xf32>, tensor<4x8xf32>
}

// -----

// A batch norm behind a convolution without bias: the summand is its bias. The
// result may be rolled, cut and put back together on the way, and one of the
// parts is a depthwise convolution: each takes its own features.

// CHECK-LABEL: func @batch_norm(
// CHECK-SAME:      %[[X:.*]]: tensor<1x4x4x8xf32>)
// CHECK-DAG:     %[[W:.*]] = vitrail.weight "w"
// CHECK-DAG:     %[[F:.*]] = vitrail.weight "f"
// CHECK-DAG:     %[[B:.*]] = vitrail.weight "b"
// CHECK-DAG:     %[[G:.*]] = vitrail.weight "g"
// CHECK-DAG:     %[[S:.*]] = vitrail.weight "s"
// CHECK:         %[[U:.*]] = vitrail.unfold %[[X]]
// CHECK:         %[[G0:.*]] = vitrail.slice %[[G]] offsets = [0] sizes = [16]
// CHECK:         %[[G1:.*]] = vitrail.rearrange %[[G0]] "n -> n 1"
// CHECK:         %[[W1:.*]] = vitrail.binary mul %[[W]], %[[G1]] : (tensor<16x72xf32>, tensor<16x1xf32>)
// CHECK:         %[[S0:.*]] = vitrail.slice %[[S]] offsets = [0] sizes = [16]
// CHECK:         %[[S1:.*]] = vitrail.unary neg %[[S0]]
// CHECK:         %[[Y:.*]] = vitrail.linear %[[U]], %[[W1]], %[[S1]]
// CHECK:         %[[G2:.*]] = vitrail.slice %[[G]] offsets = [16] sizes = [8]
// CHECK:         %[[F1:.*]] = vitrail.binary mul %[[F]], %[[G2]] : (tensor<3x3x8xf32>, tensor<8xf32>)
// CHECK:         %[[B1:.*]] = vitrail.binary mul %[[B]], %[[G2]]
// CHECK:         %[[S2:.*]] = vitrail.slice %[[S]] offsets = [16] sizes = [8]
// CHECK:         %[[B2:.*]] = vitrail.binary sub %[[B1]], %[[S2]]
// CHECK-NOT:     vitrail.binary
// CHECK:         %[[Z:.*]] = vitrail.depthwise_conv %[[X]], %[[F1]], %[[B2]]
func.func @batch_norm(%x: tensor<1x4x4x8xf32>) -> tensor<1x4x4x24xf32> {
  %w = vitrail.weight "w" matrix fan_in = 72 : tensor<16x72xf32>
  %f = vitrail.weight "f" matrix fan_in = 9 : tensor<3x3x8xf32>
  %b = vitrail.weight "b" bias : tensor<8xf32>
  %g = vitrail.weight "g" gain : tensor<24xf32>
  %s = vitrail.weight "s" bias : tensor<24xf32>
  %u = vitrail.unfold %x kernel = [3, 3] pads = [1, 1, 1, 1] : (tensor<1x4x4x8xf32>) -> tensor<1x4x4x72xf32>
  %y = vitrail.linear %u, %w : (tensor<1x4x4x72xf32>, tensor<16x72xf32>) -> tensor<1x4x4x16xf32>
  %z = vitrail.depthwise_conv %x, %f, %b pads = [1, 1, 1, 1] : (tensor<1x4x4x8xf32>, tensor<3x3x8xf32>, tensor<8xf32>) -> tensor<1x4x4x8xf32>
  %c = vitrail.concat %y, %z axis = 3 : (tensor<1x4x4x16xf32>, tensor<1x4x4x8xf32>) -> tensor<1x4x4x24xf32>
  %r = vitrail.roll %c shifts = [0, 1, 1, 0] : tensor<1x4x4x24xf32>
  // expected-remark@below {{factors of a result folded into the weights", ops_saved=384}}
  %0 = vitrail.binary mul %r, %g : (tensor<1x4x4x24xf32>, tensor<24xf32>) -> tensor<1x4x4x24xf32>
  // expected-remark@below {{summands of a result folded into the weights", ops_saved=384}}
  %1 = vitrail.binary sub %0, %s : (tensor<1x4x4x24xf32>, tensor<24xf32>) -> tensor<1x4x4x24xf32>
  return %1 : tensor<1x4x4x24xf32>
}

// -----

// Means over places are in nobody's way; a maximum lets summands pass alone, and
// a mean that counts zeros factors alone.

// CHECK-LABEL: func @places(
// CHECK:         %[[B:.*]] = vitrail.broadcast %{{.*}} shape = [8] : (tensor<1xf32>) -> tensor<8xf32>
// CHECK:         %[[Y:.*]] = vitrail.linear %{{.*}}, %{{.*}}, %[[B]]
// CHECK:         %[[M:.*]] = vitrail.reduce mean %[[Y]]
// CHECK:         %[[P:.*]] = vitrail.pool max
// CHECK-NEXT:    %[[PG:.*]] = vitrail.binary mul %[[P]]
// CHECK:         %[[Q:.*]] = vitrail.pool mean
// CHECK-NEXT:    %[[QS:.*]] = vitrail.binary add %[[Q]]
// CHECK-NEXT:    return %[[M]], %[[PG]], %[[QS]]
func.func @places(%x: tensor<1x4x4x16xf32>) -> (tensor<1x8xf32>, tensor<1x4x4x8xf32>, tensor<1x4x4x8xf32>) {
  %w = vitrail.weight "w" matrix fan_in = 16 : tensor<8x16xf32>
  %g = vitrail.weight "g" gain : tensor<8xf32>
  %s = vitrail.weight "s" bias : tensor<1xf32>
  %y = vitrail.linear %x, %w : (tensor<1x4x4x16xf32>, tensor<8x16xf32>) -> tensor<1x4x4x8xf32>
  %m = vitrail.reduce mean %y axes = [1, 2] : (tensor<1x4x4x8xf32>) -> tensor<1x8xf32>
  // expected-remark@below {{factors of a result}}
  %m0 = vitrail.binary mul %m, %g : (tensor<1x8xf32>, tensor<8xf32>) -> tensor<1x8xf32>
  // expected-remark@below {{summands of a result}}
  %m1 = vitrail.binary add %m0, %s : (tensor<1x8xf32>, tensor<1xf32>) -> tensor<1x8xf32>
  %z = vitrail.linear %x, %w : (tensor<1x4x4x16xf32>, tensor<8x16xf32>) -> tensor<1x4x4x8xf32>
  %p = vitrail.pool max %z kernel = [3, 3] pads = [1, 1, 1, 1] : (tensor<1x4x4x8xf32>) -> tensor<1x4x4x8xf32>
  // expected-remark@below {{summands of a result}}
  %p0 = vitrail.binary add %p, %s : (tensor<1x4x4x8xf32>, tensor<1xf32>) -> tensor<1x4x4x8xf32>
  %p1 = vitrail.binary mul %p0, %g : (tensor<1x4x4x8xf32>, tensor<8xf32>) -> tensor<1x4x4x8xf32>
  %v = vitrail.linear %x, %w : (tensor<1x4x4x16xf32>, tensor<8x16xf32>) -> tensor<1x4x4x8xf32>
  %q = vitrail.pool mean %v kernel = [3, 3] pads = [1, 1, 1, 1] count_pads : (tensor<1x4x4x8xf32>) -> tensor<1x4x4x8xf32>
  // expected-remark@below {{factors of a result}}
  %q0 = vitrail.binary mul %q, %g : (tensor<1x4x4x8xf32>, tensor<8xf32>) -> tensor<1x4x4x8xf32>
  %q1 = vitrail.binary add %q0, %s : (tensor<1x4x4x8xf32>, tensor<1xf32>) -> tensor<1x4x4x8xf32>
  return %m1, %p1, %q1 : tensor<1x8xf32>, tensor<1x4x4x8xf32>, tensor<1x4x4x8xf32>
}

// -----

// Heads that a matrix mixes: factors of heads go into it, and into what was added
// before. What is added behind stays: an einsum has no bias.

// CHECK-LABEL: func @heads(
// CHECK-SAME:      %[[X:.*]]: tensor<1x2x4x4xf32>)
// CHECK-DAG:     %[[M:.*]] = vitrail.weight "m"
// CHECK-DAG:     %[[B:.*]] = vitrail.weight "b"
// CHECK-DAG:     %[[G:.*]] = vitrail.weight "g"
// CHECK-DAG:     %[[S:.*]] = vitrail.weight "s"
// CHECK:         %[[C:.*]] = vitrail.rearrange %[[G]] "x1 1 1 -> x1 1"
// CHECK:         %[[M1:.*]] = vitrail.binary mul %[[M]], %[[C]] : (tensor<2x2xf32>, tensor<2x1xf32>)
// CHECK:         %[[E:.*]] = vitrail.einsum "hg,bgnm->bhnm" %[[M1]], %[[X]]
// CHECK:         %[[B1:.*]] = vitrail.binary mul %[[B]], %[[G]]
// CHECK:         %[[Y:.*]] = vitrail.binary add %[[E]], %[[B1]]
// CHECK:         %[[Z:.*]] = vitrail.binary add %[[Y]], %[[S]]
// CHECK:         return %[[Z]]
func.func @heads(%x: tensor<1x2x4x4xf32>) -> tensor<1x2x4x4xf32> {
  %m = vitrail.weight "m" matrix fan_in = 2 : tensor<2x2xf32>
  %b = vitrail.weight "b" bias : tensor<2x1x1xf32>
  %g = vitrail.weight "g" gain : tensor<2x1x1xf32>
  %s = vitrail.weight "s" bias : tensor<2x1x1xf32>
  %e = vitrail.einsum "hg,bgnm->bhnm" %m, %x : (tensor<2x2xf32>, tensor<1x2x4x4xf32>) -> tensor<1x2x4x4xf32>
  %y = vitrail.binary add %e, %b : (tensor<1x2x4x4xf32>, tensor<2x1x1xf32>) -> tensor<1x2x4x4xf32>
  // expected-remark@below {{factors of a result}}
  %z = vitrail.binary mul %y, %g : (tensor<1x2x4x4xf32>, tensor<2x1x1xf32>) -> tensor<1x2x4x4xf32>
  %r = vitrail.binary add %z, %s : (tensor<1x2x4x4xf32>, tensor<2x1x1xf32>) -> tensor<1x2x4x4xf32>
  return %r : tensor<1x2x4x4xf32>
}

// -----

// Scores of heads, divided by a number: the queries' linear is, whatever becomes of
// its features on the way. The keys' is not, since the first operand will do.

// CHECK-LABEL: func @scores(
// CHECK-DAG:     %[[W:.*]] = vitrail.weight "w"
// CHECK-DAG:     %[[V:.*]] = vitrail.weight "v"
// CHECK:         %[[W1:.*]] = vitrail.binary div %[[W]],
// CHECK:         %[[Q:.*]] = vitrail.linear %{{.*}}, %[[W1]] :
// CHECK:         %[[K:.*]] = vitrail.linear %{{.*}}, %[[V]] :
// CHECK:         %[[S:.*]] = vitrail.einsum "bhnd,bhmd->bhnm"
// CHECK-NEXT:    return %[[S]]
func.func @scores(%x: tensor<1x4x16xf32>) -> tensor<1x2x4x4xf32> {
  %w = vitrail.weight "w" matrix fan_in = 16 : tensor<16x16xf32>
  %v = vitrail.weight "v" matrix fan_in = 16 : tensor<16x16xf32>
  %c = arith.constant dense<3.0> : tensor<f32>
  %q = vitrail.linear %x, %w : (tensor<1x4x16xf32>, tensor<16x16xf32>) -> tensor<1x4x16xf32>
  %k = vitrail.linear %x, %v : (tensor<1x4x16xf32>, tensor<16x16xf32>) -> tensor<1x4x16xf32>
  %q1 = vitrail.rearrange %q "b n (h d) -> b h n d" sizes = {h = 2 : i64} : (tensor<1x4x16xf32>) -> tensor<1x2x4x8xf32>
  %k1 = vitrail.rearrange %k "b n (h d) -> b h n d" sizes = {h = 2 : i64} : (tensor<1x4x16xf32>) -> tensor<1x2x4x8xf32>
  %s = vitrail.einsum "bhnd,bhmd->bhnm" %q1, %k1 : (tensor<1x2x4x8xf32>, tensor<1x2x4x8xf32>) -> tensor<1x2x4x4xf32>
  // expected-remark@below {{factors of a result folded into the weights", ops_saved=32}}
  %t = vitrail.binary div %s, %c : (tensor<1x2x4x4xf32>, tensor<f32>) -> tensor<1x2x4x4xf32>
  return %t : tensor<1x2x4x4xf32>
}

// -----

// A matrix does not have the index of a factor for each query; two activations
// have no weight.

// CHECK-LABEL: func @no_heads(
// CHECK:         vitrail.binary mul
// CHECK:         vitrail.binary mul
func.func @no_heads(%x: tensor<1x2x4x4xf32>) -> (tensor<1x2x4x4xf32>, tensor<1x2x4x4xf32>) {
  %m = vitrail.weight "m" matrix fan_in = 2 : tensor<2x2xf32>
  %g = vitrail.weight "g" gain : tensor<4x1xf32>
  %e = vitrail.einsum "hg,bgnm->bhnm" %m, %x : (tensor<2x2xf32>, tensor<1x2x4x4xf32>) -> tensor<1x2x4x4xf32>
  %y = vitrail.binary mul %e, %g : (tensor<1x2x4x4xf32>, tensor<4x1xf32>) -> tensor<1x2x4x4xf32>
  %f = vitrail.einsum "bgnd,bgmd->bgnm" %x, %x : (tensor<1x2x4x4xf32>, tensor<1x2x4x4xf32>) -> tensor<1x2x4x4xf32>
  %z = vitrail.binary mul %f, %g : (tensor<1x2x4x4xf32>, tensor<4x1xf32>) -> tensor<1x2x4x4xf32>
  return %y, %z : tensor<1x2x4x4xf32>, tensor<1x2x4x4xf32>
}
