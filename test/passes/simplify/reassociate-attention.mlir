// RUN: vitrail-opt %s --split-input-file --verify-diagnostics \
// RUN:   --pass-pipeline='builtin.module(func.func(vitrail-reassociate-attention))' \
// RUN:   --remarks-filter=simplify --remark-policy=all --remark-format=emitRemark \
// RUN:   | FileCheck %s

// One query and six tokens. The bias of keys goes, that of values is added to the
// result, the scale and its base stay. Before: 2 · 6 · 32 · 32 for the linears and
// 6 · (32 + 32) for the mixer; behind: 32 · 32 for each einsum and
// 2 · 6 · (32 + 32) for two rows of 32 features.

// CHECK-LABEL: func @one_query(
// CHECK-SAME:      %[[Q:.*]]: tensor<1x1x32xf32>, %[[X:.*]]: tensor<1x6x32xf32>)
// CHECK-DAG:     %[[WK:.*]] = vitrail.weight "wk"
// CHECK-DAG:     %[[WV:.*]] = vitrail.weight "wv"
// CHECK-DAG:     %[[BV:.*]] = vitrail.weight "bv"
// CHECK:         %[[QH:.*]] = vitrail.rearrange %[[Q]] "x0 m (h d) -> (x0 m) h d" {{.*}} -> tensor<1x2x16xf32>
// CHECK:         %[[WKH:.*]] = vitrail.rearrange %[[WK]] "(h d) c -> h d c" {{.*}} -> tensor<2x16x32xf32>
// CHECK:         %[[T:.*]] = vitrail.einsum "rhd,hdc->rhc" %[[QH]], %[[WKH]] : {{.*}} -> tensor<1x2x32xf32>
// CHECK:         %[[R:.*]] = vitrail.rearrange %[[T]] "(x0 m) h c -> x0 (m h) c"
// CHECK:         %[[M:.*]] = vitrail.cross_attention %[[R]], %[[X]], %[[X]] heads = 1 scale = 2.500000e-01 base2 : {{.*}} -> tensor<1x2x32xf32>
// CHECK:         %[[A:.*]] = vitrail.rearrange %[[M]] "x0 (m h) c -> (x0 m) h c"
// CHECK:         %[[WVH:.*]] = vitrail.rearrange %[[WV]] "(h d) c -> h c d" {{.*}} -> tensor<2x32x16xf32>
// CHECK:         %[[O:.*]] = vitrail.einsum "rhc,hcd->rhd" %[[A]], %[[WVH]] : {{.*}} -> tensor<1x2x16xf32>
// CHECK:         %[[F:.*]] = vitrail.rearrange %[[O]] "(x0 m) h d -> x0 m (h d)" {{.*}} -> tensor<1x1x32xf32>
// CHECK:         %[[Y:.*]] = vitrail.binary add %[[F]], %[[BV]]
// CHECK-NEXT:    return %[[Y]]
// expected-remark@below {{saves 9,856 of 12,672 multiply-accumulates (77.78 %)", macs_saved=9856}}
func.func @one_query(%q: tensor<1x1x32xf32>, %x: tensor<1x6x32xf32>) -> tensor<1x1x32xf32> {
  %wk = vitrail.weight "wk" matrix fan_in = 32 : tensor<32x32xf32>
  %bk = vitrail.weight "bk" bias : tensor<32xf32>
  %wv = vitrail.weight "wv" matrix fan_in = 32 : tensor<32x32xf32>
  %bv = vitrail.weight "bv" bias : tensor<32xf32>
  %k = vitrail.linear %x, %wk, %bk : (tensor<1x6x32xf32>, tensor<32x32xf32>, tensor<32xf32>) -> tensor<1x6x32xf32>
  %v = vitrail.linear %x, %wv, %bv : (tensor<1x6x32xf32>, tensor<32x32xf32>, tensor<32xf32>) -> tensor<1x6x32xf32>
  // expected-remark@below {{attends to what keys and values are made of: 2,816 multiply-accumulates instead of 12,672", macs_saved=9856}}
  %a = vitrail.attention %q, %k, %v heads = 2 scale = 0.25 base2 : (tensor<1x1x32xf32>, tensor<1x6x32xf32>, tensor<1x6x32xf32>) -> tensor<1x1x32xf32>
  return %a : tensor<1x1x32xf32>
}

// -----

// What is added to scores follows its query and head into a row; axes that repeat
// are spelled out. Keys and values of different sources, of which one is stored
// transposed; two queries in each of three samples.

// CHECK-LABEL: func @score_bias(
// CHECK-SAME:      %[[Q:.*]]: tensor<3x2x32xf32>, %[[X:.*]]: tensor<3x40x8xf32>, %[[Y:.*]]: tensor<3x40x24xf32>)
// CHECK:         %[[B:.*]] = vitrail.weight "b"
// CHECK:         vitrail.rearrange %{{.*}} "c (h d) -> h d c" {{.*}} : (tensor<8x32xf32>) -> tensor<2x16x8xf32>
// CHECK:         %[[R:.*]] = vitrail.rearrange %{{.*}} "(x0 m) h c -> x0 (m h) c" {{.*}} -> tensor<3x4x8xf32>
// CHECK:         %[[BB:.*]] = vitrail.broadcast %[[B]] shape = [2, 2, 40]
// CHECK:         %[[BR:.*]] = vitrail.rearrange %[[BB]] "h m n -> 1 (m h) n" : (tensor<2x2x40xf32>) -> tensor<1x4x40xf32>
// CHECK:         vitrail.cross_attention %[[R]], %[[X]], %[[Y]] bias %[[BR]] heads = 1 {{.*}} -> tensor<3x4x24xf32>
// CHECK:         vitrail.rearrange %{{.*}} "(h d) c -> h c d" {{.*}} : (tensor<64x24xf32>) -> tensor<2x24x32xf32>
// CHECK:         return %{{.*}} : tensor<3x2x64xf32>
// expected-remark@below {{macs_saved=}}
func.func @score_bias(%q: tensor<3x2x32xf32>, %x: tensor<3x40x8xf32>, %y: tensor<3x40x24xf32>) -> tensor<3x2x64xf32> {
  %wk = vitrail.weight "wk" matrix fan_in = 8 : tensor<8x32xf32>
  %wv = vitrail.weight "wv" matrix fan_in = 24 : tensor<64x24xf32>
  %b = vitrail.weight "b" position : tensor<2x1x40xf32>
  %k = vitrail.linear %x, %wk transposed : (tensor<3x40x8xf32>, tensor<8x32xf32>) -> tensor<3x40x32xf32>
  %v = vitrail.linear %y, %wv : (tensor<3x40x24xf32>, tensor<64x24xf32>) -> tensor<3x40x64xf32>
  // expected-remark@below {{attends to what keys and values are made of: 26,112 multiply-accumulates instead of 238,080}}
  %a = vitrail.cross_attention %q, %k, %v bias %b heads = 2 scale = 0.25 : (tensor<3x2x32xf32>, tensor<3x40x32xf32>, tensor<3x40x64xf32>, tensor<2x1x40xf32>) -> tensor<3x2x64xf32>
  return %a : tensor<3x2x64xf32>
}

// -----

// Queries that are weights are turned while compiling and cost nothing; a causal
// mask lets a single query see everything.

// CHECK-LABEL: func @frozen_query(
// CHECK:         vitrail.cross_attention {{.*}} heads = 1 scale = 2.500000e-01 : {{.*}} -> tensor<1x4x32xf32>
// expected-remark@below {{macs_saved=}}
func.func @frozen_query(%x: tensor<1x9x32xf32>) -> tensor<1x1x64xf32> {
  %q = vitrail.weight "q" token : tensor<1x1x64xf32>
  %wk = vitrail.weight "wk" matrix fan_in = 32 : tensor<64x32xf32>
  %wv = vitrail.weight "wv" matrix fan_in = 32 : tensor<64x32xf32>
  %k = vitrail.linear %x, %wk : (tensor<1x9x32xf32>, tensor<64x32xf32>) -> tensor<1x9x64xf32>
  %v = vitrail.linear %x, %wv : (tensor<1x9x32xf32>, tensor<64x32xf32>) -> tensor<1x9x64xf32>
  // expected-remark@below {{4,352 multiply-accumulates instead of 38,016}}
  %a = vitrail.attention %q, %k, %v heads = 4 scale = 0.25 mask = causal : (tensor<1x1x64xf32>, tensor<1x9x64xf32>, tensor<1x9x64xf32>) -> tensor<1x1x64xf32>
  return %a : tensor<1x1x64xf32>
}

// -----

// As many queries as tokens: every head would meet all features of every token.

// CHECK-LABEL: func @all_queries(
// CHECK-COUNT-2: vitrail.linear
// CHECK:         vitrail.attention
func.func @all_queries(%q: tensor<1x6x32xf32>, %x: tensor<1x6x32xf32>) -> tensor<1x6x32xf32> {
  %wk = vitrail.weight "wk" matrix fan_in = 32 : tensor<32x32xf32>
  %wv = vitrail.weight "wv" matrix fan_in = 32 : tensor<32x32xf32>
  %k = vitrail.linear %x, %wk : (tensor<1x6x32xf32>, tensor<32x32xf32>) -> tensor<1x6x32xf32>
  %v = vitrail.linear %x, %wv : (tensor<1x6x32xf32>, tensor<32x32xf32>) -> tensor<1x6x32xf32>
  // expected-remark@below {{[Missed] reassociate-attention | Category:simplify | Function=all_queries | Reason="on what keys and values are made of it would take 16,896 multiply-accumulates, with them 14,592"}}
  %a = vitrail.attention %q, %k, %v heads = 2 scale = 0.25 : (tensor<1x6x32xf32>, tensor<1x6x32xf32>, tensor<1x6x32xf32>) -> tensor<1x6x32xf32>
  return %a : tensor<1x6x32xf32>
}

// -----

// The keys are read by another value too, and would be computed anyway.

// CHECK-LABEL: func @keys_stay(
// CHECK:         vitrail.attention
func.func @keys_stay(%q: tensor<1x1x32xf32>, %x: tensor<1x2x32xf32>) -> (tensor<1x1x32xf32>, tensor<1x2x32xf32>) {
  %wk = vitrail.weight "wk" matrix fan_in = 32 : tensor<32x32xf32>
  %k = vitrail.linear %x, %wk : (tensor<1x2x32xf32>, tensor<32x32xf32>) -> tensor<1x2x32xf32>
  // expected-remark@below {{it would take 2,304 multiply-accumulates, with them 128}}
  %a = vitrail.attention %q, %k, %k heads = 2 scale = 0.25 : (tensor<1x1x32xf32>, tensor<1x2x32xf32>, tensor<1x2x32xf32>) -> tensor<1x1x32xf32>
  return %a, %k : tensor<1x1x32xf32>, tensor<1x2x32xf32>
}

// -----

// Two causal queries see different keys.

// CHECK-LABEL: func @causal(
// CHECK:         vitrail.attention {{.*}} mask = causal
func.func @causal(%q: tensor<1x2x32xf32>, %x: tensor<1x9x32xf32>) -> tensor<1x2x32xf32> {
  %wk = vitrail.weight "wk" matrix fan_in = 32 : tensor<32x32xf32>
  %k = vitrail.linear %x, %wk : (tensor<1x9x32xf32>, tensor<32x32xf32>) -> tensor<1x9x32xf32>
  // expected-remark@below {{the mask tells queries apart, which become rows of all heads}}
  %a = vitrail.attention %q, %k, %k heads = 2 scale = 0.25 mask = causal : (tensor<1x2x32xf32>, tensor<1x9x32xf32>, tensor<1x9x32xf32>) -> tensor<1x2x32xf32>
  return %a : tensor<1x2x32xf32>
}

// -----

// Weights must be known, and there must be linears.

// CHECK-LABEL: func @not_linears(
// CHECK-COUNT-2: vitrail.attention
func.func @not_linears(%q: tensor<1x1x32xf32>, %x: tensor<1x9x32xf32>, %w: tensor<32x32xf32>) -> tensor<1x1x32xf32> {
  %k = vitrail.linear %x, %w : (tensor<1x9x32xf32>, tensor<32x32xf32>) -> tensor<1x9x32xf32>
  // expected-remark@below {{the weights of keys and values are computed at run time or of another element type}}
  %a = vitrail.attention %q, %k, %k heads = 2 scale = 0.25 : (tensor<1x1x32xf32>, tensor<1x9x32xf32>, tensor<1x9x32xf32>) -> tensor<1x1x32xf32>
  // expected-remark@below {{keys and values are not both the results of linears}}
  %b = vitrail.attention %a, %k, %x heads = 2 scale = 0.25 : (tensor<1x1x32xf32>, tensor<1x9x32xf32>, tensor<1x9x32xf32>) -> tensor<1x1x32xf32>
  return %b : tensor<1x1x32xf32>
}
