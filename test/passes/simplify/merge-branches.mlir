// RUN: vitrail-opt %s --split-input-file --verify-diagnostics \
// RUN:   --pass-pipeline='builtin.module(func.func(vitrail-merge-branches))' \
// RUN:   --remarks-filter=simplify --remark-policy=all --remark-format=emitRemark \
// RUN:   | FileCheck %s

// A block of RepVGG whose norms are folded: 3x3, 1x1 and the map times factors.
// The smaller filters get zeros around them, the factors are on the diagonal of the
// tap in the centre. What else is added stays.

// CHECK-LABEL: func @dense(
// CHECK-SAME:      %[[X:.*]]: tensor<1x6x6x8xf32>, %[[R:.*]]: tensor<1x6x6x8xf32>)
// CHECK-DAG:     %[[W:.*]] = vitrail.weight "w"
// CHECK-DAG:     %[[V:.*]] = vitrail.weight "v"
// CHECK-DAG:     %[[B:.*]] = vitrail.weight "b"
// CHECK-DAG:     %[[G:.*]] = vitrail.weight "g"
// CHECK-DAG:     %[[S:.*]] = vitrail.weight "s"
// CHECK:         %[[U:.*]] = vitrail.unfold %[[X]] kernel = [3, 3] pads = [1, 1, 1, 1]
// CHECK:         %[[W0:.*]] = vitrail.rearrange %[[W]] "n (k0 k1 c) -> n k0 k1 c"
// CHECK:         %[[V0:.*]] = vitrail.rearrange %[[V]] "(c) n -> n 1 1 c"
// CHECK:         %[[V1:.*]] = vitrail.concat %{{.*}}, %[[V0]], %{{.*}} axis = 1 : {{.*}} -> tensor<8x3x1x8xf32>
// CHECK:         %[[V2:.*]] = vitrail.concat %{{.*}}, %[[V1]], %{{.*}} axis = 2 : {{.*}} -> tensor<8x3x3x8xf32>
// CHECK:         %[[F0:.*]] = vitrail.binary add %[[W0]], %[[V2]]
// CHECK:         %[[I:.*]] = vitrail.range start = 0.0{{.*}} step = 1.0{{.*}} : tensor<8xf32>
// CHECK:         %[[J:.*]] = vitrail.rearrange %[[I]] "n -> n 1"
// CHECK:         %[[EYE:.*]] = vitrail.binary eq %[[J]], %[[I]]
// CHECK:         %[[D:.*]] = vitrail.binary mul %[[EYE]], %[[G]]
// CHECK:         vitrail.rearrange %[[D]] "n c -> n 1 1 c"
// CHECK:         %[[F1:.*]] = vitrail.binary add %[[F0]], %{{.*}} : (tensor<8x3x3x8xf32>, tensor<8x3x3x8xf32>)
// CHECK:         %[[F:.*]] = vitrail.rearrange %[[F1]] "n k0 k1 c -> n (k0 k1 c)"
// CHECK:         %[[Y:.*]] = vitrail.linear %[[U]], %[[F]], %[[B]]
// CHECK:         %[[Z0:.*]] = vitrail.binary add %[[Y]], %[[S]]
// CHECK:         %[[Z:.*]] = vitrail.binary add %[[Z0]], %[[R]]
// CHECK:         return %[[Z]]
func.func @dense(%x: tensor<1x6x6x8xf32>, %r: tensor<1x6x6x8xf32>) -> tensor<1x6x6x8xf32> {
  %w = vitrail.weight "w" matrix fan_in = 72 : tensor<8x72xf32>
  %v = vitrail.weight "v" matrix fan_in = 8 : tensor<8x8xf32>
  %b = vitrail.weight "b" bias : tensor<8xf32>
  %g = vitrail.weight "g" gain : tensor<8xf32>
  %s = vitrail.weight "s" bias : tensor<8xf32>
  %u = vitrail.unfold %x kernel = [3, 3] pads = [1, 1, 1, 1] : (tensor<1x6x6x8xf32>) -> tensor<1x6x6x72xf32>
  // expected-remark@below {{3 branches are one filter of [3, 3]", macs_saved=2304, ops_saved=576}}
  %0 = vitrail.linear %u, %w, %b : (tensor<1x6x6x72xf32>, tensor<8x72xf32>, tensor<8xf32>) -> tensor<1x6x6x8xf32>
  %1 = vitrail.linear %x, %v transposed : (tensor<1x6x6x8xf32>, tensor<8x8xf32>) -> tensor<1x6x6x8xf32>
  %2 = vitrail.binary add %0, %1 : (tensor<1x6x6x8xf32>, tensor<1x6x6x8xf32>) -> tensor<1x6x6x8xf32>
  %3 = vitrail.binary mul %g, %x : (tensor<8xf32>, tensor<1x6x6x8xf32>) -> tensor<1x6x6x8xf32>
  %4 = vitrail.binary add %3, %s : (tensor<1x6x6x8xf32>, tensor<8xf32>) -> tensor<1x6x6x8xf32>
  %5 = vitrail.binary add %2, %4 : (tensor<1x6x6x8xf32>, tensor<1x6x6x8xf32>) -> tensor<1x6x6x8xf32>
  %6 = vitrail.binary add %5, %r : (tensor<1x6x6x8xf32>, tensor<1x6x6x8xf32>) -> tensor<1x6x6x8xf32>
  return %6 : tensor<1x6x6x8xf32>
}

// -----

// Depthwise: 7x7, 3x3 and the map itself, whose filter is a one in the centre. The
// biases are added.

// CHECK-LABEL: func @depthwise(
// CHECK-SAME:      %[[X:.*]]: tensor<1x8x8x4xf32>)
// CHECK-DAG:     %[[F:.*]] = vitrail.weight "f"
// CHECK-DAG:     %[[E:.*]] = vitrail.weight "e"
// CHECK-DAG:     %[[B:.*]] = vitrail.weight "b"
// CHECK-DAG:     %[[C:.*]] = vitrail.weight "c"
// CHECK:         %[[ONE:.*]] = arith.constant dense<1.0
// CHECK:         %[[ROW:.*]] = vitrail.broadcast %[[ONE]] shape = [4]
// CHECK:         %[[TAP:.*]] = vitrail.rearrange %[[ROW]] "c -> 1 1 c"
// CHECK:         %[[T0:.*]] = vitrail.concat %{{.*}}, %[[TAP]], %{{.*}} axis = 0 : {{.*}} -> tensor<7x1x4xf32>
// CHECK:         %[[T1:.*]] = vitrail.concat %{{.*}}, %[[T0]], %{{.*}} axis = 1 : {{.*}} -> tensor<7x7x4xf32>
// CHECK:         %[[F0:.*]] = vitrail.binary add %[[F]], %[[T1]]
// CHECK:         %[[E0:.*]] = vitrail.concat %{{.*}}, %[[E]], %{{.*}} axis = 0 : {{.*}} -> tensor<7x3x4xf32>
// CHECK:         %[[E1:.*]] = vitrail.concat %{{.*}}, %[[E0]], %{{.*}} axis = 1
// CHECK:         %[[F1:.*]] = vitrail.binary add %[[F0]], %[[E1]]
// CHECK:         %[[BC:.*]] = vitrail.binary add %[[B]], %[[C]]
// CHECK:         %[[Y:.*]] = vitrail.depthwise_conv %[[X]], %[[F1]], %[[BC]] strides = [1, 1] pads = [3, 3, 3, 3]
// CHECK-NEXT:    return %[[Y]]
func.func @depthwise(%x: tensor<1x8x8x4xf32>) -> tensor<1x8x8x4xf32> {
  %f = vitrail.weight "f" matrix fan_in = 49 : tensor<7x7x4xf32>
  %e = vitrail.weight "e" matrix fan_in = 9 : tensor<3x3x4xf32>
  %b = vitrail.weight "b" bias : tensor<4xf32>
  %c = vitrail.weight "c" bias : tensor<4xf32>
  // expected-remark@below {{3 branches are one filter of [7, 7]", macs_saved=2304, ops_saved=512}}
  %0 = vitrail.depthwise_conv %x, %f, %b strides = [1, 1] pads = [3, 3, 3, 3] : (tensor<1x8x8x4xf32>, tensor<7x7x4xf32>, tensor<4xf32>) -> tensor<1x8x8x4xf32>
  %1 = vitrail.depthwise_conv %x, %e, %c pads = [1, 1, 1, 1] : (tensor<1x8x8x4xf32>, tensor<3x3x4xf32>, tensor<4xf32>) -> tensor<1x8x8x4xf32>
  %2 = vitrail.binary add %x, %1 : (tensor<1x8x8x4xf32>, tensor<1x8x8x4xf32>) -> tensor<1x8x8x4xf32>
  %3 = vitrail.binary add %2, %0 : (tensor<1x8x8x4xf32>, tensor<1x8x8x4xf32>) -> tensor<1x8x8x4xf32>
  return %3 : tensor<1x8x8x4xf32>
}

// -----

// Strided, with the 1x1 at the places where the 3x3 has its centre. A linear takes
// the value itself, too, with any axes in front.

// CHECK-LABEL: func @strided(
// CHECK:         vitrail.linear {{.*}} -> tensor<1x3x3x16xf32>
// CHECK-NEXT:    return
// CHECK-LABEL: func @linear(
// CHECK:         vitrail.linear {{.*}} -> tensor<2x5x8xf32>
// CHECK-NEXT:    return
func.func @strided(%x: tensor<1x6x6x8xf32>) -> tensor<1x3x3x16xf32> {
  %w = vitrail.weight "w" matrix fan_in = 72 : tensor<16x72xf32>
  %v = vitrail.weight "v" matrix fan_in = 8 : tensor<16x8xf32>
  %u = vitrail.unfold %x kernel = [3, 3] strides = [2, 2] pads = [1, 1, 1, 1] : (tensor<1x6x6x8xf32>) -> tensor<1x3x3x72xf32>
  // expected-remark@below {{2 branches are one filter of [3, 3]", macs_saved=1152}}
  %0 = vitrail.linear %u, %w : (tensor<1x3x3x72xf32>, tensor<16x72xf32>) -> tensor<1x3x3x16xf32>
  %t = vitrail.unfold %x kernel = [1, 1] strides = [2, 2] : (tensor<1x6x6x8xf32>) -> tensor<1x3x3x8xf32>
  %1 = vitrail.linear %t, %v : (tensor<1x3x3x8xf32>, tensor<16x8xf32>) -> tensor<1x3x3x16xf32>
  %2 = vitrail.binary add %1, %0 : (tensor<1x3x3x16xf32>, tensor<1x3x3x16xf32>) -> tensor<1x3x3x16xf32>
  return %2 : tensor<1x3x3x16xf32>
}
func.func @linear(%x: tensor<2x5x8xf32>) -> tensor<2x5x8xf32> {
  %w = vitrail.weight "w" matrix fan_in = 8 : tensor<8x8xf32>
  // expected-remark@below {{2 branches are one filter of [1]", macs_saved=0, ops_saved=80}}
  %0 = vitrail.linear %x, %w : (tensor<2x5x8xf32>, tensor<8x8xf32>) -> tensor<2x5x8xf32>
  %1 = vitrail.binary add %x, %0 : (tensor<2x5x8xf32>, tensor<2x5x8xf32>) -> tensor<2x5x8xf32>
  return %1 : tensor<2x5x8xf32>
}

// -----

// Taps off the larger window's, of another spacing, of another step; a depthwise
// filter beside a dense one.

// CHECK-LABEL: func @not(
// CHECK-COUNT-4: vitrail.binary add
func.func @not(%x: tensor<1x7x7x8xf32>) -> (tensor<1x7x7x8xf32>, tensor<1x7x7x8xf32>, tensor<1x3x3x8xf32>, tensor<1x7x7x8xf32>) {
  %w = vitrail.weight "w" matrix fan_in = 72 : tensor<8x72xf32>
  %v = vitrail.weight "v" matrix fan_in = 32 : tensor<8x32xf32>
  %f = vitrail.weight "f" matrix fan_in = 9 : tensor<3x3x8xf32>
  %u = vitrail.unfold %x kernel = [3, 3] pads = [1, 1, 1, 1] : (tensor<1x7x7x8xf32>) -> tensor<1x7x7x72xf32>
  %a = vitrail.linear %u, %w : (tensor<1x7x7x72xf32>, tensor<8x72xf32>) -> tensor<1x7x7x8xf32>
  %t = vitrail.unfold %x kernel = [3, 3] pads = [0, 0, 2, 2] : (tensor<1x7x7x8xf32>) -> tensor<1x7x7x72xf32>
  // expected-remark@below {{the taps of the smaller window are none of the larger: strides, centres or dilations differ}}
  %b = vitrail.linear %t, %w : (tensor<1x7x7x72xf32>, tensor<8x72xf32>) -> tensor<1x7x7x8xf32>
  %0 = vitrail.binary add %a, %b : (tensor<1x7x7x8xf32>, tensor<1x7x7x8xf32>) -> tensor<1x7x7x8xf32>
  %c = vitrail.depthwise_conv %x, %f pads = [2, 2, 2, 2] dilations = [2, 2] : (tensor<1x7x7x8xf32>, tensor<3x3x8xf32>) -> tensor<1x7x7x8xf32>
  // expected-remark@below {{the taps of the smaller window are none of the larger}}
  %d = vitrail.depthwise_conv %x, %f pads = [1, 1, 1, 1] : (tensor<1x7x7x8xf32>, tensor<3x3x8xf32>) -> tensor<1x7x7x8xf32>
  %1 = vitrail.binary add %c, %d : (tensor<1x7x7x8xf32>, tensor<1x7x7x8xf32>) -> tensor<1x7x7x8xf32>
  %e = vitrail.depthwise_conv %x, %f strides = [2, 2] : (tensor<1x7x7x8xf32>, tensor<3x3x8xf32>) -> tensor<1x3x3x8xf32>
  // expected-remark@below {{the taps of the smaller window are none of the larger}}
  %g = vitrail.depthwise_conv %x, %f strides = [3, 3] pads = [0, 0, 2, 2] : (tensor<1x7x7x8xf32>, tensor<3x3x8xf32>) -> tensor<1x3x3x8xf32>
  %2 = vitrail.binary add %e, %g : (tensor<1x3x3x8xf32>, tensor<1x3x3x8xf32>) -> tensor<1x3x3x8xf32>
  %h = vitrail.linear %u, %w : (tensor<1x7x7x72xf32>, tensor<8x72xf32>) -> tensor<1x7x7x8xf32>
  // expected-remark@below {{one branch is depthwise and another is not}}
  %i = vitrail.depthwise_conv %x, %f pads = [1, 1, 1, 1] : (tensor<1x7x7x8xf32>, tensor<3x3x8xf32>) -> tensor<1x7x7x8xf32>
  %3 = vitrail.binary add %h, %i : (tensor<1x7x7x8xf32>, tensor<1x7x7x8xf32>) -> tensor<1x7x7x8xf32>
  return %0, %1, %2, %3 : tensor<1x7x7x8xf32>, tensor<1x7x7x8xf32>, tensor<1x3x3x8xf32>, tensor<1x7x7x8xf32>
}

// -----

// A branch that is read elsewhere is made anyway, a weight that comes in is no
// weight, and a factor for each token is none of a filter.

// CHECK-LABEL: func @kept(
// CHECK-COUNT-3: vitrail.binary add
func.func @kept(%x: tensor<4x8xf32>, %m: tensor<8x8xf32>) -> (tensor<4x8xf32>, tensor<4x8xf32>, tensor<4x8xf32>, tensor<4x8xf32>) {
  %w = vitrail.weight "w" matrix fan_in = 8 : tensor<8x8xf32>
  %t = vitrail.weight "t" gain : tensor<4x1xf32>
  %a = vitrail.linear %x, %w : (tensor<4x8xf32>, tensor<8x8xf32>) -> tensor<4x8xf32>
  %0 = vitrail.binary add %a, %x : (tensor<4x8xf32>, tensor<4x8xf32>) -> tensor<4x8xf32>
  %b = vitrail.linear %x, %w : (tensor<4x8xf32>, tensor<8x8xf32>) -> tensor<4x8xf32>
  // expected-remark@below {{the weight of a branch is computed at run time or of another element type}}
  %c = vitrail.linear %x, %m : (tensor<4x8xf32>, tensor<8x8xf32>) -> tensor<4x8xf32>
  %1 = vitrail.binary add %b, %c : (tensor<4x8xf32>, tensor<4x8xf32>) -> tensor<4x8xf32>
  %d = vitrail.linear %x, %w : (tensor<4x8xf32>, tensor<8x8xf32>) -> tensor<4x8xf32>
  %e = vitrail.binary mul %x, %t : (tensor<4x8xf32>, tensor<4x1xf32>) -> tensor<4x8xf32>
  %2 = vitrail.binary add %d, %e : (tensor<4x8xf32>, tensor<4x8xf32>) -> tensor<4x8xf32>
  return %a, %0, %1, %2 : tensor<4x8xf32>, tensor<4x8xf32>, tensor<4x8xf32>, tensor<4x8xf32>
}
