// RUN: vitrail-opt %s --split-input-file --verify-diagnostics \
// RUN:   --pass-pipeline='builtin.module(func.func(vitrail-dead-tokens))' \
// RUN:   --remarks-filter=simplify --remark-policy=all --remark-format=emitRemark \
// RUN:   | FileCheck %s

// A block of which one token is read. Keys and values need every normalized row,
// so the norm stays; its query, and all that follows, is for one token.

// CHECK-LABEL: func @one_query(
// CHECK-SAME:      %[[X:.*]]: tensor<2x5x16xf32>)
// CHECK:         %[[N:.*]] = vitrail.norm %[[X]] axis = 2 eps = {{.*}} -> tensor<2x5x16xf32>
// CHECK:         %[[N0:.*]] = vitrail.slice %[[N]] offsets = [0, 3, 0] sizes = [2, 1, 16]
// CHECK:         %[[Q:.*]] = vitrail.linear %[[N0]], {{.*}} -> tensor<2x1x16xf32>
// CHECK:         %[[K:.*]] = vitrail.linear %[[N]], {{.*}} -> tensor<2x5x16xf32>
// CHECK:         %[[A:.*]] = vitrail.attention %[[Q]], %[[K]], %[[K]] {{.*}} -> tensor<2x1x16xf32>
// CHECK:         %[[X0:.*]] = vitrail.slice %[[X]] offsets = [0, 3, 0] sizes = [2, 1, 16]
// CHECK:         %[[R:.*]] = vitrail.binary add %[[X0]], %[[A]]
// CHECK:         %[[U:.*]] = vitrail.unary gelu %[[R]] : tensor<2x1x16xf32>
// CHECK-NEXT:    return %[[U]]
// expected-remark@below {{saves 3,328 of 6,720 multiply-accumulates (49.52 %)}}
func.func @one_query(%x: tensor<2x5x16xf32>) -> tensor<2x1x16xf32> {
  %w = vitrail.weight "w" matrix fan_in = 16 : tensor<16x16xf32>
  %n = vitrail.norm %x axis = 2 eps = 1.0e-6 : (tensor<2x5x16xf32>) -> tensor<2x5x16xf32>
  // expected-remark@below {{computes [2, 1, 16] of [2, 5, 16]", macs_saved=2048}}
  %q = vitrail.linear %n, %w : (tensor<2x5x16xf32>, tensor<16x16xf32>) -> tensor<2x5x16xf32>
  %k = vitrail.linear %n, %w : (tensor<2x5x16xf32>, tensor<16x16xf32>) -> tensor<2x5x16xf32>
  // expected-remark@below {{computes [2, 1, 16] of [2, 5, 16]", macs_saved=1280}}
  %a = vitrail.attention %q, %k, %k heads = 2 scale = 0.5 : (tensor<2x5x16xf32>, tensor<2x5x16xf32>, tensor<2x5x16xf32>) -> tensor<2x5x16xf32>
  %r = vitrail.binary add %x, %a : (tensor<2x5x16xf32>, tensor<2x5x16xf32>) -> tensor<2x5x16xf32>
  %u = vitrail.unary gelu %r : tensor<2x5x16xf32>
  %s = vitrail.slice %u offsets = [0, 3, 0] sizes = [2, 1, 16] : (tensor<2x5x16xf32>) -> tensor<2x1x16xf32>
  return %s : tensor<2x1x16xf32>
}

// -----

// Causal: the last query needs all keys, the second needs two of them.

// CHECK-LABEL: func @causal(
// CHECK-SAME:      %[[X:.*]]: tensor<1x6x16xf32>)
// CHECK-DAG:     %[[Q:.*]] = vitrail.slice %[[X]] offsets = [0, 1, 0] sizes = [1, 1, 16]
// CHECK-DAG:     %[[K:.*]] = vitrail.slice %[[X]] offsets = [0, 0, 0] sizes = [1, 2, 16]
// CHECK-DAG:     %[[V:.*]] = vitrail.slice %[[X]] offsets = [0, 0, 0] sizes = [1, 2, 16]
// CHECK-DAG:     %[[B:.*]] = vitrail.slice %{{.*}} offsets = [0, 1, 0] sizes = [2, 1, 2] : (tensor<2x6x6xf32>) -> tensor<2x1x2xf32>
// CHECK:         vitrail.attention %[[Q]], %[[K]], %[[V]] bias %[[B]] heads = 2 scale = 5.000000e-01 mask = causal : {{.*}} -> tensor<1x1x16xf32>
// expected-remark@below {{saves 1,088 of 1,152 multiply-accumulates}}
func.func @causal(%x: tensor<1x6x16xf32>) -> tensor<1x1x16xf32> {
  %b = vitrail.weight "b" position : tensor<2x6x6xf32>
  // expected-remark@below {{computes [1, 1, 16] of [1, 6, 16]}}
  %a = vitrail.attention %x, %x, %x bias %b heads = 2 scale = 0.5 mask = causal : (tensor<1x6x16xf32>, tensor<1x6x16xf32>, tensor<1x6x16xf32>, tensor<2x6x6xf32>) -> tensor<1x6x16xf32>
  %s = vitrail.slice %a offsets = [0, 1, 0] sizes = [1, 1, 16] : (tensor<1x6x16xf32>) -> tensor<1x1x16xf32>
  return %s : tensor<1x1x16xf32>
}

// -----

// Two users read rows 0 and 2: their box is computed once, from 0 to 2. What
// nobody reads disappears, a part of a concatenation too.

// CHECK-LABEL: func @shared(
// CHECK-SAME:      %[[X:.*]]: tensor<1x4x16xf32>, %[[Y:.*]]: tensor<1x4x16xf32>)
// CHECK:         %[[S:.*]] = vitrail.slice %[[X]] offsets = [0, 1, 0] sizes = [1, 3, 16]
// CHECK:         %[[L:.*]] = vitrail.linear %[[S]], {{.*}} -> tensor<1x3x16xf32>
// CHECK-NOT:     vitrail.concat
// CHECK:         %[[A:.*]] = vitrail.slice %[[L]] offsets = [0, 0, 0] sizes = [1, 1, 16]
// CHECK:         %[[B:.*]] = vitrail.slice %[[L]] offsets = [0, 2, 0] sizes = [1, 1, 16]
// CHECK:         return %[[A]], %[[B]]
// expected-remark@below {{saves 1,280 of 2,048 multiply-accumulates (62.50 %)}}
func.func @shared(%x: tensor<1x4x16xf32>, %y: tensor<1x4x16xf32>) -> (tensor<1x1x16xf32>, tensor<1x1x16xf32>) {
  %w = vitrail.weight "w" matrix fan_in = 16 : tensor<16x16xf32>
  // expected-remark@below {{computes [1, 3, 16] of [1, 4, 16]", macs_saved=256}}
  %l = vitrail.linear %x, %w : (tensor<1x4x16xf32>, tensor<16x16xf32>) -> tensor<1x4x16xf32>
  // expected-remark@below {{computes none of [1, 4, 16]", macs_saved=1024}}
  %m = vitrail.linear %y, %w : (tensor<1x4x16xf32>, tensor<16x16xf32>) -> tensor<1x4x16xf32>
  %c = vitrail.concat %m, %l axis = 1 : (tensor<1x4x16xf32>, tensor<1x4x16xf32>) -> tensor<1x8x16xf32>
  %a = vitrail.slice %c offsets = [0, 5, 0] sizes = [1, 1, 16] : (tensor<1x8x16xf32>) -> tensor<1x1x16xf32>
  %b = vitrail.slice %c offsets = [0, 7, 0] sizes = [1, 1, 16] : (tensor<1x8x16xf32>) -> tensor<1x1x16xf32>
  return %a, %b : tensor<1x1x16xf32>, tensor<1x1x16xf32>
}

// -----

// An axis that an op normalizes is computed whole and cut behind it; the rows are
// cut before. Dropped features of a linear are dropped rows of its weight.

// CHECK-LABEL: func @whole_axis(
// CHECK:         vitrail.linear %{{.*}}, %{{.*}}, %{{.*}} : (tensor<1x2x16xf32>, tensor<16x16xf32>, tensor<16xf32>) -> tensor<1x2x16xf32>
// CHECK:         %[[S:.*]] = vitrail.softmax %{{.*}} axis = 2 : tensor<1x2x16xf32>
// CHECK:         %[[C:.*]] = vitrail.slice %[[S]] offsets = [0, 0, 4] sizes = [1, 2, 8]
// CHECK:         %[[W:.*]] = vitrail.slice %{{.*}} offsets = [5, 0] sizes = [3, 8] : (tensor<16x8xf32>) -> tensor<3x8xf32>
// CHECK:         vitrail.linear %[[C]], %[[W]] : {{.*}} -> tensor<1x2x3xf32>
// expected-remark@below {{multiply-accumulates}}
func.func @whole_axis(%x: tensor<1x4x16xf32>) -> tensor<1x2x3xf32> {
  %w = vitrail.weight "w" matrix fan_in = 16 : tensor<16x16xf32>
  %b = vitrail.weight "b" bias : tensor<16xf32>
  %v = vitrail.weight "v" matrix fan_in = 8 : tensor<16x8xf32>
  // expected-remark@below {{computes [1, 2, 16] of [1, 4, 16]}}
  %l = vitrail.linear %x, %w, %b : (tensor<1x4x16xf32>, tensor<16x16xf32>, tensor<16xf32>) -> tensor<1x4x16xf32>
  %s = vitrail.softmax %l axis = 2 : tensor<1x4x16xf32>
  %c = vitrail.slice %s offsets = [0, 0, 4] sizes = [1, 4, 8] : (tensor<1x4x16xf32>) -> tensor<1x4x8xf32>
  // expected-remark@below {{computes [1, 2, 3] of [1, 4, 16]}}
  %y = vitrail.linear %c, %v : (tensor<1x4x8xf32>, tensor<16x8xf32>) -> tensor<1x4x16xf32>
  %z = vitrail.slice %y offsets = [0, 2, 5] sizes = [1, 2, 3] : (tensor<1x4x16xf32>) -> tensor<1x2x3xf32>
  return %z : tensor<1x2x3xf32>
}

// -----

// A rearrange keeps the axes that stand alone, whatever sizes it was given.

// CHECK-LABEL: func @rearrange(
// CHECK-SAME:      %[[X:.*]]: tensor<4x6x16xf32>)
// CHECK:         %[[S:.*]] = vitrail.slice %[[X]] offsets = [1, 0, 0] sizes = [2, 6, 16]
// CHECK:         %[[R:.*]] = vitrail.rearrange %[[S]] "b (h w) c -> b w h c" sizes = {h = 2 : i64} : (tensor<2x6x16xf32>) -> tensor<2x3x2x16xf32>
// CHECK:         vitrail.slice %[[R]] offsets = [0, 1, 0, 0] sizes = [2, 1, 2, 16]
// expected-remark@below {{what is read of every linear and mixer is all of it}}
func.func @rearrange(%x: tensor<4x6x16xf32>) -> tensor<2x1x2x16xf32> {
  %r = vitrail.rearrange %x "b (h w) c -> b w h c" sizes = {b = 4 : i64, h = 2 : i64} : (tensor<4x6x16xf32>) -> tensor<4x3x2x16xf32>
  %s = vitrail.slice %r offsets = [1, 1, 0, 0] sizes = [2, 1, 2, 16] : (tensor<4x3x2x16xf32>) -> tensor<2x1x2x16xf32>
  return %s : tensor<2x1x2x16xf32>
}

// -----

// Everything is read: nothing changes.

// CHECK-LABEL: func @mean
// CHECK:         vitrail.linear %{{.*}} -> tensor<1x4x16xf32>
// CHECK-NEXT:    vitrail.reduce
// expected-remark@below {{[Missed] dead-tokens}}
func.func @mean(%x: tensor<1x4x16xf32>) -> tensor<1x16xf32> {
  %w = vitrail.weight "w" matrix fan_in = 16 : tensor<16x16xf32>
  %l = vitrail.linear %x, %w : (tensor<1x4x16xf32>, tensor<16x16xf32>) -> tensor<1x4x16xf32>
  %m = vitrail.reduce mean %l axes = [1] : (tensor<1x4x16xf32>) -> tensor<1x16xf32>
  return %m : tensor<1x16xf32>
}
