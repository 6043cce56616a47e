// RUN: vitrail-opt %s --split-input-file --verify-diagnostics \
// RUN:   --pass-pipeline='builtin.module(func.func(vitrail-form-regions))' \
// RUN:   --remarks-filter=schedule --remark-policy=all --remark-format=emitRemark \
// RUN:   | FileCheck %s

// A residual joins the linear before it, and so does what follows.

// CHECK:       %[[W:.*]] = vitrail.weight
// CHECK:       vitrail.region "linear"(%[[X:.*]] = %arg0 : {{.*}}, %[[WA:.*]] = %[[W]] :
// CHECK-NEXT:    %[[L:.*]] = vitrail.linear %[[X]], %[[WA]]
// CHECK-NEXT:    %[[A:.*]] = vitrail.binary add %[[X]], %[[L]]
// CHECK-NEXT:    %[[R:.*]] = vitrail.unary relu %[[A]]
// CHECK-NEXT:    vitrail.yield %[[R]]
// CHECK-NOT:   vitrail.region
func.func @main(%x: tensor<1x5x32xf32>) -> tensor<1x5x32xf32> {
  %w = vitrail.weight "w" matrix fan_in = 32 : tensor<32x32xf32>
  %0 = vitrail.linear %x, %w : (tensor<1x5x32xf32>, tensor<32x32xf32>) -> tensor<1x5x32xf32>
  %1 = vitrail.binary add %x, %0 : (tensor<1x5x32xf32>, tensor<1x5x32xf32>) -> tensor<1x5x32xf32>
  %2 = vitrail.unary relu %1 : tensor<1x5x32xf32>
  return %2 : tensor<1x5x32xf32>
}

// -----

// Of a diamond one value escapes: one region.

// CHECK:       vitrail.region "linear"
// CHECK-NEXT:    %[[L:.*]] = vitrail.linear
// CHECK-NEXT:    %[[S:.*]] = vitrail.unary sigmoid %[[L]]
// CHECK-NEXT:    %[[T:.*]] = vitrail.unary tanh %[[L]]
// CHECK-NEXT:    %[[M:.*]] = vitrail.binary mul %[[S]], %[[T]]
// CHECK-NEXT:    vitrail.yield %[[M]]
// CHECK-NOT:   vitrail.region
func.func @main(%x: tensor<1x5x32xf32>) -> tensor<1x5x32xf32> {
  %w = vitrail.weight "w" matrix fan_in = 32 : tensor<32x32xf32>
  %0 = vitrail.linear %x, %w : (tensor<1x5x32xf32>, tensor<32x32xf32>) -> tensor<1x5x32xf32>
  %1 = vitrail.unary sigmoid %0 : tensor<1x5x32xf32>
  %2 = vitrail.unary tanh %0 : tensor<1x5x32xf32>
  %3 = vitrail.binary mul %1, %2 : (tensor<1x5x32xf32>, tensor<1x5x32xf32>) -> tensor<1x5x32xf32>
  return %3 : tensor<1x5x32xf32>
}

// -----

// Of this one two escape: the linear ends with the last value that alone leaves
// it. The rest are regions of elementwise ops.

// CHECK:       %[[L:.*]] = vitrail.region "linear"
// CHECK-NEXT:    vitrail.linear
// CHECK-NEXT:    vitrail.unary relu
// CHECK-NEXT:    vitrail.yield
// CHECK:       %[[S:.*]] = vitrail.region "unary"(%{{.*}} = %[[L]] :
// CHECK-NEXT:    vitrail.unary sigmoid
// CHECK-NEXT:    vitrail.yield
// CHECK:       %[[M:.*]] = vitrail.region "unary"(%{{.*}} = %[[L]] : {{.*}}, %{{.*}} = %[[S]] :
// CHECK-NEXT:    vitrail.unary tanh
// CHECK-NEXT:    vitrail.binary mul
// CHECK-NEXT:    vitrail.yield
// CHECK:       return %[[S]], %[[M]]
func.func @main(%x: tensor<1x5x32xf32>) -> (tensor<1x5x32xf32>, tensor<1x5x32xf32>) {
  %w = vitrail.weight "w" matrix fan_in = 32 : tensor<32x32xf32>
  %0 = vitrail.linear %x, %w : (tensor<1x5x32xf32>, tensor<32x32xf32>) -> tensor<1x5x32xf32>
  %1 = vitrail.unary relu %0 : tensor<1x5x32xf32>
  %2 = vitrail.unary sigmoid %1 : tensor<1x5x32xf32>
  %3 = vitrail.unary tanh %1 : tensor<1x5x32xf32>
  %4 = vitrail.binary mul %2, %3 : (tensor<1x5x32xf32>, tensor<1x5x32xf32>) -> tensor<1x5x32xf32>
  return %2, %4 : tensor<1x5x32xf32>, tensor<1x5x32xf32>
}

// -----

// A norm that two linears read is computed once. An anchor takes no other anchor.
// An op that changes the shape of one operand joins the one whose shape it keeps.

// CHECK:       %[[N:.*]] = vitrail.region "norm"
// CHECK-NEXT:    vitrail.norm
// CHECK-NEXT:    vitrail.yield
// CHECK:       %[[A:.*]] = vitrail.region "linear"(%{{.*}} = %[[N]] :
// CHECK-NEXT:    vitrail.linear
// CHECK-NEXT:    vitrail.yield
// CHECK:       %[[M:.*]] = vitrail.region "reduce"(%{{.*}} = %[[N]] :
// CHECK-NEXT:    vitrail.reduce
// CHECK-NEXT:    vitrail.unary
// CHECK-NEXT:    vitrail.yield
// CHECK:       vitrail.region "linear"(%{{.*}} = %[[N]] : {{.*}}, %{{.*}} = %[[A]] : {{.*}}, %{{.*}} = %[[M]] :
// CHECK-NEXT:    vitrail.linear
// CHECK-NEXT:    vitrail.binary mul
// CHECK-NEXT:    vitrail.binary mul
// CHECK-NEXT:    vitrail.yield
func.func @main(%x: tensor<1x5x32xf32>) -> tensor<1x5x32xf32> {
  %v = vitrail.weight "v" matrix fan_in = 32 : tensor<32x32xf32>
  %w = vitrail.weight "w" matrix fan_in = 32 : tensor<1x32xf32>
  %n = vitrail.norm %x axis = 2 eps = 1.0e-5 : (tensor<1x5x32xf32>) -> tensor<1x5x32xf32>
  %0 = vitrail.linear %n, %w : (tensor<1x5x32xf32>, tensor<1x32xf32>) -> tensor<1x5x1xf32>
  %1 = vitrail.reduce mean %n axes = [1] keep_dims : (tensor<1x5x32xf32>) -> tensor<1x1x32xf32>
  %2 = vitrail.linear %n, %v : (tensor<1x5x32xf32>, tensor<32x32xf32>) -> tensor<1x5x32xf32>
  %3 = vitrail.unary relu %1 : tensor<1x1x32xf32>
  %4 = vitrail.binary mul %0, %2 : (tensor<1x5x1xf32>, tensor<1x5x32xf32>) -> tensor<1x5x32xf32>
  %5 = vitrail.binary mul %4, %3 : (tensor<1x5x32xf32>, tensor<1x1x32xf32>) -> tensor<1x5x32xf32>
  return %5 : tensor<1x5x32xf32>
}

// -----

// A rearrangement that linears alone read is how they address their rows, in
// each of them.

// CHECK-COUNT-2: vitrail.region "linear"(%{{.*}} = %arg0 : {{.*}} {{[{]}}{{[[:space:]]+}}%{{.*}} = vitrail.rearrange %{{.*}} "b c (h p) -> b h (p c)"
// CHECK-NOT:   vitrail.region "rearrange"
func.func @main(%x: tensor<1x3x8xf32>) -> (tensor<1x4x16xf32>, tensor<1x4x16xf32>) {
  %v = vitrail.weight "v" matrix fan_in = 6 : tensor<16x6xf32>
  %w = vitrail.weight "w" matrix fan_in = 6 : tensor<16x6xf32>
  %0 = vitrail.rearrange %x "b c (h p) -> b h (p c)" sizes = {p = 2 : i64} : (tensor<1x3x8xf32>) -> tensor<1x4x6xf32>
  %1 = vitrail.linear %0, %v : (tensor<1x4x6xf32>, tensor<16x6xf32>) -> tensor<1x4x16xf32>
  %2 = vitrail.linear %0, %w : (tensor<1x4x6xf32>, tensor<16x6xf32>) -> tensor<1x4x16xf32>
  return %1, %2 : tensor<1x4x16xf32>, tensor<1x4x16xf32>
}

// -----

// With another user it is copied, once.

// CHECK:       %[[R:.*]] = vitrail.region "rearrange"(%{{.*}} = %arg0 :
// CHECK-NEXT:    vitrail.rearrange
// CHECK-NEXT:    vitrail.yield
// CHECK:       vitrail.region "linear"(%{{.*}} = %[[R]] :
// CHECK-NEXT:    vitrail.linear
// CHECK:       vitrail.region "softmax"(%{{.*}} = %[[R]] :
func.func @main(%x: tensor<1x3x8xf32>) -> (tensor<1x4x16xf32>, tensor<1x4x6xf32>) {
  %v = vitrail.weight "v" matrix fan_in = 6 : tensor<16x6xf32>
  // expected-remark@below {{[Missed] copy | Category:schedule | Function=main | Remark="rearrange is neither a view nor the addressing of its user: copied"}}
  %0 = vitrail.rearrange %x "b c (h p) -> b h (p c)" sizes = {p = 2 : i64} : (tensor<1x3x8xf32>) -> tensor<1x4x6xf32>
  %1 = vitrail.linear %0, %v : (tensor<1x4x6xf32>, tensor<16x6xf32>) -> tensor<1x4x16xf32>
  %2 = vitrail.softmax %0 axis = 2 : tensor<1x4x6xf32>
  return %1, %2 : tensor<1x4x16xf32>, tensor<1x4x6xf32>
}

// -----

// Slices that begin at a panel, reshapes of leading axes and concatenations stay
// outside as views; a slice within a panel is copied.

// CHECK:       %[[U:.*]] = vitrail.region "unary"
// CHECK:       %[[S:.*]] = vitrail.slice %[[U]] offsets = [0, 1, 16]
// CHECK:       %[[R:.*]] = vitrail.rearrange %[[S]] "b (h w) c -> b h w c"
// CHECK:       vitrail.region "softmax"(%{{.*}} = %[[R]] :
// CHECK:       vitrail.region "slice"(%{{.*}} = %[[U]] :
// CHECK-NEXT:    vitrail.slice %{{.*}} offsets = [0, 0, 8]
func.func @main(%x: tensor<1x5x32xf32>) -> (tensor<1x2x2x16xf32>, tensor<1x5x16xf32>) {
  %0 = vitrail.unary relu %x : tensor<1x5x32xf32>
  %1 = vitrail.slice %0 offsets = [0, 1, 16] sizes = [1, 4, 16] : (tensor<1x5x32xf32>) -> tensor<1x4x16xf32>
  %2 = vitrail.rearrange %1 "b (h w) c -> b h w c" sizes = {h = 2 : i64} : (tensor<1x4x16xf32>) -> tensor<1x2x2x16xf32>
  %3 = vitrail.softmax %2 axis = 3 : tensor<1x2x2x16xf32>
  // expected-remark@below {{slice is neither a view nor the addressing of its user: copied}}
  %4 = vitrail.slice %0 offsets = [0, 0, 8] sizes = [1, 5, 16] : (tensor<1x5x32xf32>) -> tensor<1x5x16xf32>
  %5 = vitrail.unary tanh %4 : tensor<1x5x16xf32>
  return %3, %5 : tensor<1x2x2x16xf32>, tensor<1x5x16xf32>
}

// -----

// Operands of a concatenation are written in place. What no region makes (a
// frozen class token, an argument) and what is needed at two places is copied.

// CHECK:       %[[T:.*]] = vitrail.weight "token"
// CHECK:       %[[U:.*]] = vitrail.region "unary"
// CHECK:       %[[C0:.*]] = vitrail.region "copy"(%[[A:.*]] = %[[T]] : tensor<1x1x32xf32>)
// CHECK-NEXT:    vitrail.yield %[[A]]
// CHECK:       %[[C1:.*]] = vitrail.region "copy"(%{{.*}} = %arg0 :
// CHECK:       %[[C2:.*]] = vitrail.region "copy"(%{{.*}} = %[[U]] :
// CHECK:       %[[C:.*]] = vitrail.concat %[[C0]], %[[C1]], %[[C2]], %[[U]] axis = 1
// CHECK:       vitrail.region "norm"(%{{.*}} = %[[C]] :
func.func @main(%x: tensor<1x5x32xf32>) -> tensor<1x16x32xf32> {
  %t = vitrail.weight "token" token : tensor<1x1x32xf32>
  %0 = vitrail.unary relu %x : tensor<1x5x32xf32>
  %1 = vitrail.concat %t, %x, %0, %0 axis = 1 : (tensor<1x1x32xf32>, tensor<1x5x32xf32>, tensor<1x5x32xf32>, tensor<1x5x32xf32>) -> tensor<1x16x32xf32>
  %2 = vitrail.norm %1 axis = 2 eps = 1.0e-5 : (tensor<1x16x32xf32>) -> tensor<1x16x32xf32>
  return %2 : tensor<1x16x32xf32>
}

// -----

// So are concatenations that are operands of others, and rearrangements whose
// operands are views of them.

// CHECK:       %[[A:.*]] = vitrail.region "unary"
// CHECK:       %[[B:.*]] = vitrail.region "softmax"
// CHECK:       %[[M:.*]] = vitrail.rearrange %[[B]] "b h w c -> b (h w) c"
// CHECK-NOT:   vitrail.region "copy"
// CHECK:       %[[C:.*]] = vitrail.concat %[[A]], %[[M]] axis = 1
// CHECK-NOT:   vitrail.region "copy"
// CHECK:       vitrail.concat %[[C]], %{{.*}} axis = 1
func.func @main(%x: tensor<1x2x2x32xf32>, %y: tensor<1x3x32xf32>) -> tensor<1x10x32xf32> {
  %0 = vitrail.unary relu %y : tensor<1x3x32xf32>
  %1 = vitrail.softmax %x axis = 3 : tensor<1x2x2x32xf32>
  %2 = vitrail.rearrange %1 "b h w c -> b (h w) c" : (tensor<1x2x2x32xf32>) -> tensor<1x4x32xf32>
  %3 = vitrail.concat %0, %2 axis = 1 : (tensor<1x3x32xf32>, tensor<1x4x32xf32>) -> tensor<1x7x32xf32>
  %4 = vitrail.unary tanh %y : tensor<1x3x32xf32>
  %5 = vitrail.concat %3, %4 axis = 1 : (tensor<1x7x32xf32>, tensor<1x3x32xf32>) -> tensor<1x10x32xf32>
  %6 = vitrail.norm %5 axis = 2 eps = 1.0e-5 : (tensor<1x10x32xf32>) -> tensor<1x10x32xf32>
  return %6 : tensor<1x10x32xf32>
}

// -----

// Results are written in place, but an argument, a weight, a view and the second
// of two equal ones are copied.

// CHECK:       %[[W:.*]] = vitrail.weight
// CHECK:       %[[U:.*]] = vitrail.region "unary"
// CHECK:       %[[S:.*]] = vitrail.slice %[[U]]
// CHECK-DAG:   %[[CX:.*]] = vitrail.region "copy"(%{{.*}} = %arg0 :
// CHECK-DAG:   %[[CW:.*]] = vitrail.region "copy"(%{{.*}} = %[[W]] :
// CHECK-DAG:   %[[CS:.*]] = vitrail.region "copy"(%{{.*}} = %[[S]] :
// CHECK-DAG:   %[[CU:.*]] = vitrail.region "copy"(%{{.*}} = %[[U]] :
// CHECK:       return %[[CX]], %[[CW]], %[[CS]], %[[CU]], %[[U]]
func.func @main(%x: tensor<2x32xf32>) -> (tensor<2x32xf32>, tensor<32xf32>, tensor<1x32xf32>, tensor<2x32xf32>, tensor<2x32xf32>) {
  %w = vitrail.weight "w" bias : tensor<32xf32>
  %0 = vitrail.unary relu %x : tensor<2x32xf32>
  %1 = vitrail.slice %0 offsets = [1, 0] sizes = [1, 32] : (tensor<2x32xf32>) -> tensor<1x32xf32>
  return %x, %w, %1, %0, %0 : tensor<2x32xf32>, tensor<32xf32>, tensor<1x32xf32>, tensor<2x32xf32>, tensor<2x32xf32>
}

// -----

// Numbers go into regions with elementwise ops; other constants, and scalars
// among weights, are frozen.

// CHECK-DAG:   %[[B:.*]] = arith.constant dense<[1.000000e+00, 2.000000e+00]>
// CHECK-DAG:   %[[W:.*]] = vitrail.weight "w"
// CHECK-DAG:   %[[T:.*]] = vitrail.weight "temperature"
// CHECK:       %[[T1:.*]] = vitrail.broadcast %[[T]] shape = [1] : (tensor<f32>) -> tensor<1xf32>
// CHECK:       vitrail.region "linear"(%{{.*}} = %arg0 : {{.*}}, %{{.*}} = %[[W]] : {{.*}}, %{{.*}} = %[[B]] : {{.*}}, %[[A:.*]] = %[[T1]] :
// CHECK-NEXT:    vitrail.linear
// CHECK-NEXT:    %[[TWO:.*]] = arith.constant dense<2.000000e+00> : tensor<f32>
// CHECK-NEXT:    vitrail.binary mul %{{.*}}, %[[TWO]]
// CHECK-NEXT:    vitrail.binary div %{{.*}}, %[[A]]
func.func @main(%x: tensor<3x4xf32>) -> tensor<3x2xf32> {
  %b = arith.constant dense<[1.0, 2.0]> : tensor<2xf32>
  %two = arith.constant dense<2.0> : tensor<f32>
  %w = vitrail.weight "w" matrix fan_in = 4 : tensor<2x4xf32>
  %t = vitrail.weight "temperature" layer_scale : tensor<f32>
  %0 = vitrail.linear %x, %w, %b : (tensor<3x4xf32>, tensor<2x4xf32>, tensor<2xf32>) -> tensor<3x2xf32>
  %1 = vitrail.binary mul %0, %two : (tensor<3x2xf32>, tensor<f32>) -> tensor<3x2xf32>
  %2 = vitrail.binary div %1, %t : (tensor<3x2xf32>, tensor<f32>) -> tensor<3x2xf32>
  return %2 : tensor<3x2xf32>
}

// -----

// An epilogue reads what a mixer addresses by heads once more, by rows.

// CHECK:       vitrail.region "attention"(%[[X:.*]] = %arg0 : {{.*}}, %[[AGAIN:.*]] = %arg0 :
// CHECK-NEXT:    %[[Y:.*]] = vitrail.attention %[[X]], %[[X]], %[[X]]
// CHECK-NEXT:    vitrail.binary add %[[Y]], %[[AGAIN]]
func.func @main(%x: tensor<1x5x32xf32>) -> tensor<1x5x32xf32> {
  %0 = vitrail.attention %x, %x, %x heads = 2 scale = 0.25 : (tensor<1x5x32xf32>, tensor<1x5x32xf32>, tensor<1x5x32xf32>) -> tensor<1x5x32xf32>
  %1 = vitrail.binary add %0, %x : (tensor<1x5x32xf32>, tensor<1x5x32xf32>) -> tensor<1x5x32xf32>
  return %1 : tensor<1x5x32xf32>
}

// -----

func.func @main(%x: tensor<3x4xf32>, %w: tensor<2x4xf32>) -> tensor<3x2xf32> {
  // expected-error@below {{weight and bias of a linear must not depend on the program's inputs}}
  %0 = vitrail.linear %x, %w : (tensor<3x4xf32>, tensor<2x4xf32>) -> tensor<3x2xf32>
  return %0 : tensor<3x2xf32>
}

// -----

func.func @main(%x: tensor<3x4xf32>) -> tensor<3x8xf32> {
  // expected-error@below {{resize is computed while compiling, and must not depend on the program's inputs}}
  %0 = vitrail.resize linear %x axes = [1] sizes = [8] : (tensor<3x4xf32>) -> tensor<3x8xf32>
  return %0 : tensor<3x8xf32>
}

// -----

// Heads of whole panels are views, split off in any order of axes, and written
// through where they are merged; others are copied.

// CHECK:       %[[HEADS:.*]] = vitrail.rearrange %{{.*}} "b n (h d) -> b h n d" sizes = {h = 2 : i64}
// CHECK-NEXT:  %[[S:.*]] = vitrail.region "softmax"(%{{.*}} = %[[HEADS]] :
// CHECK:       %[[M:.*]] = vitrail.rearrange %[[S]] "b h n d -> b n (h d)"
// CHECK-NEXT:  %[[Y:.*]] = vitrail.region "unary"(%{{.*}} = %[[M]] :
// CHECK:       %[[N:.*]] = vitrail.region "rearrange"
// CHECK-NEXT:    vitrail.rearrange %{{.*}} "b n (h d) -> b h n d" sizes = {h = 4 : i64}
func.func @main(%x: tensor<1x5x32xf32>) -> (tensor<1x5x32xf32>, tensor<1x4x5x8xf32>) {
  %0 = vitrail.unary relu %x : tensor<1x5x32xf32>
  %1 = vitrail.rearrange %0 "b n (h d) -> b h n d" sizes = {h = 2 : i64} : (tensor<1x5x32xf32>) -> tensor<1x2x5x16xf32>
  %2 = vitrail.softmax %1 axis = 2 : tensor<1x2x5x16xf32>
  %3 = vitrail.rearrange %2 "b h n d -> b n (h d)" : (tensor<1x2x5x16xf32>) -> tensor<1x5x32xf32>
  %4 = vitrail.unary tanh %3 : tensor<1x5x32xf32>
  // expected-remark@below {{rearrange is neither a view nor the addressing of its user: copied}}
  %5 = vitrail.rearrange %0 "b n (h d) -> b h n d" sizes = {h = 4 : i64} : (tensor<1x5x32xf32>) -> tensor<1x4x5x8xf32>
  %6 = vitrail.softmax %5 axis = 3 : tensor<1x4x5x8xf32>
  return %4, %6 : tensor<1x5x32xf32>, tensor<1x4x5x8xf32>
}

// -----

// Windows look at the map in a way of their own: an epilogue that reads it, too,
// has an operand for that.

// CHECK:       vitrail.region "depthwise_conv"(%[[X:.*]] = %arg0 : {{.*}}, %[[W:.*]] = %{{.*}} : {{.*}}, %[[AGAIN:.*]] = %arg0 :
// CHECK-NEXT:    %[[C:.*]] = vitrail.depthwise_conv %[[X]], %[[W]] pads
// CHECK-NEXT:    %[[A:.*]] = vitrail.binary add %[[C]], %[[AGAIN]]
// CHECK-NEXT:    vitrail.yield %[[A]]
// CHECK:       vitrail.region "pool"
// CHECK-NEXT:    %[[P:.*]] = vitrail.pool mean
// CHECK-NEXT:    %[[S:.*]] = vitrail.binary sub %[[P]],
// CHECK-NEXT:    vitrail.yield %[[S]]
// CHECK-NOT:   vitrail.region
func.func @main(%x: tensor<1x5x6x32xf32>) -> tensor<1x5x6x32xf32> {
  %w = vitrail.weight "w" matrix fan_in = 9 : tensor<3x3x32xf32>
  %0 = vitrail.depthwise_conv %x, %w pads = [1, 1, 1, 1] : (tensor<1x5x6x32xf32>, tensor<3x3x32xf32>) -> tensor<1x5x6x32xf32>
  %1 = vitrail.binary add %0, %x : (tensor<1x5x6x32xf32>, tensor<1x5x6x32xf32>) -> tensor<1x5x6x32xf32>
  %2 = vitrail.pool mean %1 kernel = [3, 3] pads = [1, 1, 1, 1] : (tensor<1x5x6x32xf32>) -> tensor<1x5x6x32xf32>
  %3 = vitrail.binary sub %2, %1 : (tensor<1x5x6x32xf32>, tensor<1x5x6x32xf32>) -> tensor<1x5x6x32xf32>
  return %3 : tensor<1x5x6x32xf32>
}

// -----

func.func private @helper(tensor<3x4xf32>) -> tensor<3x4xf32>

func.func @main(%x: tensor<3x4xf32>) -> tensor<3x4xf32> {
  // expected-error@below {{no kernel computes func.call; inline or rewrite it}}
  %0 = call @helper(%x) : (tensor<3x4xf32>) -> tensor<3x4xf32>
  return %0 : tensor<3x4xf32>
}

// -----

// A depthwise convolution joins the linear that it alone reads, with what is
// elementwise behind each; so does the next one. One block has no halo.

// CHECK:       vitrail.region "linear"(%[[X:[a-z0-9]*]] = %arg0 :
// CHECK-NEXT:    %[[L:.*]] = vitrail.linear %[[X]],
// CHECK-NEXT:    %[[C:.*]] = vitrail.depthwise_conv %[[L]],
// CHECK-NEXT:    %[[G:.*]] = vitrail.unary gelu %[[C]]
// CHECK-NEXT:    %[[D:.*]] = vitrail.depthwise_conv %[[G]],
// CHECK-NEXT:    %[[A:.*]] = vitrail.binary add %[[X]], %[[D]]
// CHECK-NEXT:    vitrail.yield %[[A]]
// CHECK-NOT:   vitrail.region
func.func @main(%x: tensor<1x16x16x256xf32>) -> tensor<1x16x16x256xf32> {
  %w = vitrail.weight "w" matrix fan_in = 256 : tensor<256x256xf32>
  %f = vitrail.weight "f" matrix fan_in = 9 : tensor<3x3x256xf32>
  %g = vitrail.weight "g" matrix fan_in = 9 : tensor<3x3x256xf32>
  %0 = vitrail.linear %x, %w : (tensor<1x16x16x256xf32>, tensor<256x256xf32>) -> tensor<1x16x16x256xf32>
  // expected-remark@below {{[Passed] chain | Category:schedule | Function=main | Remark="blocks of 16 of 16 rows: 524288 bytes less through memory, 0 multiply-adds of rows between blocks computed again"}}
  %1 = vitrail.depthwise_conv %0, %f pads = [1, 1, 1, 1] : (tensor<1x16x16x256xf32>, tensor<3x3x256xf32>) -> tensor<1x16x16x256xf32>
  %2 = vitrail.unary gelu %1 : tensor<1x16x16x256xf32>
  // expected-remark@below {{blocks of 16 of 16 rows: 1048576 bytes less}}
  %3 = vitrail.depthwise_conv %2, %g pads = [1, 1, 1, 1] : (tensor<1x16x16x256xf32>, tensor<3x3x256xf32>) -> tensor<1x16x16x256xf32>
  %4 = vitrail.binary add %x, %3 : (tensor<1x16x16x256xf32>, tensor<1x16x16x256xf32>) -> tensor<1x16x16x256xf32>
  return %4 : tensor<1x16x16x256xf32>
}

// -----

// Where blocks are small and their halo is large, it does not pay.

// CHECK:       vitrail.region "linear"
// CHECK-NEXT:    vitrail.linear
// CHECK-NEXT:    vitrail.yield
// CHECK:       vitrail.region "depthwise_conv"
func.func @main(%x: tensor<1x64x64x256xf32>) -> tensor<1x64x64x256xf32> {
  %w = vitrail.weight "w" matrix fan_in = 256 : tensor<256x256xf32>
  %f = vitrail.weight "f" matrix fan_in = 9 : tensor<9x9x256xf32>
  %0 = vitrail.linear %x, %w : (tensor<1x64x64x256xf32>, tensor<256x256xf32>) -> tensor<1x64x64x256xf32>
  // expected-remark@below {{[Missed] chain | Category:schedule | Function=main | Remark="blocks of 1 of 64 rows: 8388608 bytes less through memory, 2063597568 multiply-adds of rows between blocks computed again"}}
  %1 = vitrail.depthwise_conv %0, %f pads = [4, 4, 4, 4] : (tensor<1x64x64x256xf32>, tensor<9x9x256xf32>) -> tensor<1x64x64x256xf32>
  return %1 : tensor<1x64x64x256xf32>
}

// -----

// A linear that is read by others, or whose weights need blocks of the depth,
// keeps a kernel of its own.

// CHECK:       vitrail.region "linear"
// CHECK-NEXT:    vitrail.linear
// CHECK-NEXT:    vitrail.yield
// CHECK:       vitrail.region "depthwise_conv"
// CHECK:       vitrail.region "linear"
// CHECK-NEXT:    vitrail.linear
// CHECK-NEXT:    vitrail.yield
// CHECK:       vitrail.region "depthwise_conv"
func.func @main(%x: tensor<1x8x8x64xf32>, %y: tensor<1x8x8x640xf32>) -> (tensor<1x8x8x64xf32>, tensor<1x8x8x64xf32>) {
  %w = vitrail.weight "w" matrix fan_in = 64 : tensor<64x64xf32>
  %v = vitrail.weight "v" matrix fan_in = 640 : tensor<64x640xf32>
  %f = vitrail.weight "f" matrix fan_in = 9 : tensor<3x3x64xf32>
  %0 = vitrail.linear %x, %w : (tensor<1x8x8x64xf32>, tensor<64x64xf32>) -> tensor<1x8x8x64xf32>
  %1 = vitrail.depthwise_conv %0, %f pads = [1, 1, 1, 1] : (tensor<1x8x8x64xf32>, tensor<3x3x64xf32>) -> tensor<1x8x8x64xf32>
  %2 = vitrail.binary add %0, %1 : (tensor<1x8x8x64xf32>, tensor<1x8x8x64xf32>) -> tensor<1x8x8x64xf32>
  %3 = vitrail.linear %y, %v : (tensor<1x8x8x640xf32>, tensor<64x640xf32>) -> tensor<1x8x8x64xf32>
  %4 = vitrail.depthwise_conv %3, %f pads = [1, 1, 1, 1] : (tensor<1x8x8x64xf32>, tensor<3x3x64xf32>) -> tensor<1x8x8x64xf32>
  return %2, %4 : tensor<1x8x8x64xf32>, tensor<1x8x8x64xf32>
}
