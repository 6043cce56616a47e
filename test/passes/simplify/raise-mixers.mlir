// RUN: vitrail-opt %s --split-input-file --verify-diagnostics \
// RUN:   --pass-pipeline='builtin.module(func.func(vitrail-raise-mixers,canonicalize))' \
// RUN:   --remarks-filter=simplify --remark-policy=all --remark-format=emitRemark \
// RUN:   | FileCheck %s

// Heads that features were split into; a scale and a bias on scores. The
// rearrangements cancel.

// CHECK-LABEL: func @heads(
// CHECK-SAME:      %[[Q:.*]]: tensor<1x5x32xf32>, %[[K:.*]]: tensor<1x7x32xf32>, %[[V:.*]]: tensor<1x7x64xf32>, %[[B:.*]]: tensor<2x5x7xf32>)
// CHECK-NEXT:    %[[A:.*]] = vitrail.cross_attention %[[Q]], %[[K]], %[[V]] bias %[[B]] heads = 2 scale = 2.500000e-01 :
// CHECK-NEXT:    return %[[A]]
func.func @heads(%q: tensor<1x5x32xf32>, %k: tensor<1x7x32xf32>, %v: tensor<1x7x64xf32>, %b: tensor<2x5x7xf32>) -> tensor<1x5x64xf32> {
  %c = arith.constant dense<0.25> : tensor<f32>
  %q1 = vitrail.rearrange %q "b n (h d) -> b h n d" sizes = {h = 2 : i64} : (tensor<1x5x32xf32>) -> tensor<1x2x5x16xf32>
  %k1 = vitrail.rearrange %k "b n (h d) -> b h n d" sizes = {h = 2 : i64} : (tensor<1x7x32xf32>) -> tensor<1x2x7x16xf32>
  %v1 = vitrail.rearrange %v "b n (h d) -> b h n d" sizes = {h = 2 : i64} : (tensor<1x7x64xf32>) -> tensor<1x2x7x32xf32>
  %0 = vitrail.einsum "bhnd,bhmd->bhnm" %q1, %k1 : (tensor<1x2x5x16xf32>, tensor<1x2x7x16xf32>) -> tensor<1x2x5x7xf32>
  %1 = vitrail.binary mul %0, %c : (tensor<1x2x5x7xf32>, tensor<f32>) -> tensor<1x2x5x7xf32>
  %2 = vitrail.binary add %1, %b : (tensor<1x2x5x7xf32>, tensor<2x5x7xf32>) -> tensor<1x2x5x7xf32>
  %3 = vitrail.softmax %2 axis = 3 : tensor<1x2x5x7xf32>
  // expected-remark@below {{[Passed] raise-mixers | Category:simplify | Function=heads | Remark=""bhnd,bhmd->bhnm" and "bhnm,bhmd->bhnd" as 2 heads of 16 features"}}
  %4 = vitrail.einsum "bhnm,bhmd->bhnd" %3, %v1 : (tensor<1x2x5x7xf32>, tensor<1x2x7x32xf32>) -> tensor<1x2x5x32xf32>
  %y = vitrail.rearrange %4 "b h n d -> b n (h d)" : (tensor<1x2x5x32xf32>) -> tensor<1x5x64xf32>
  return %y : tensor<1x5x64xf32>
}

// -----

// Heads as an axis of all; scores with keys before queries; queries and keys
// from one value, both scaled; a bias before the scale, subtracted.

// CHECK-LABEL: func @axes(
// CHECK-SAME:      %[[X:.*]]: tensor<1x5x32xf32>, %[[B:.*]]: tensor<5x1xf32>)
// CHECK-DAG:     %[[C:.*]] = arith.constant dense<-5.000000e-01>
// CHECK:         %[[R:.*]] = vitrail.rearrange %[[B]] "x2 1 -> x2" : (tensor<5x1xf32>) -> tensor<5xf32>
// CHECK:         %[[S:.*]] = vitrail.binary mul %[[R]], %[[C]]
// CHECK:         %[[A:.*]] = vitrail.attention %[[X]], %[[X]], %[[X]] bias %[[S]] heads = 2 scale = 1.250000e-01 :
// CHECK-NEXT:    return %[[A]]
func.func @axes(%x: tensor<1x5x32xf32>, %b: tensor<5x1xf32>) -> tensor<1x5x32xf32> {
  %half = arith.constant dense<0.5> : tensor<f32>
  %two = arith.constant dense<2.0> : tensor<f32>
  %q0 = vitrail.binary mul %x, %half : (tensor<1x5x32xf32>, tensor<f32>) -> tensor<1x5x32xf32>
  %q = vitrail.rearrange %q0 "b n (h d) -> b n h d" sizes = {h = 2 : i64} : (tensor<1x5x32xf32>) -> tensor<1x5x2x16xf32>
  %v = vitrail.rearrange %x "b n (h d) -> b n h d" sizes = {h = 2 : i64} : (tensor<1x5x32xf32>) -> tensor<1x5x2x16xf32>
  %k = vitrail.binary div %v, %two : (tensor<1x5x2x16xf32>, tensor<f32>) -> tensor<1x5x2x16xf32>
  %0 = vitrail.einsum "bmhd,bnhd->bhmn" %k, %q : (tensor<1x5x2x16xf32>, tensor<1x5x2x16xf32>) -> tensor<1x2x5x5xf32>
  %1 = vitrail.binary sub %0, %b : (tensor<1x2x5x5xf32>, tensor<5x1xf32>) -> tensor<1x2x5x5xf32>
  %2 = vitrail.binary mul %half, %1 : (tensor<f32>, tensor<1x2x5x5xf32>) -> tensor<1x2x5x5xf32>
  %3 = vitrail.softmax %2 axis = 2 : tensor<1x2x5x5xf32>
  // expected-remark@below {{as 2 heads of 16 features}}
  %4 = vitrail.einsum "bmhd,bhmn->bnhd" %v, %3 : (tensor<1x5x2x16xf32>, tensor<1x2x5x5xf32>) -> tensor<1x5x2x16xf32>
  %y = vitrail.rearrange %4 "b n h d -> b n (h d)" : (tensor<1x5x2x16xf32>) -> tensor<1x5x32xf32>
  return %y : tensor<1x5x32xf32>
}

// -----

// Without heads, and with an index of windows that stays the mixer's batch.

// CHECK-LABEL: func @single(
// CHECK-SAME:      %[[X:.*]]: tensor<5x16xf32>, %[[W:.*]]: tensor<1x4x9x16xf32>, %[[B:.*]]: tensor<4x9x9xf32>)
// CHECK-NEXT:    %[[A:.*]] = vitrail.attention %[[X]], %[[X]], %[[X]] heads = 1 scale = 1.000000e+00
// CHECK-NEXT:    %[[R:.*]] = vitrail.rearrange %[[B]] "x1 x2 x3 -> x1 1 x2 x3"
// CHECK-NEXT:    %[[Z:.*]] = vitrail.attention %[[W]], %[[W]], %[[W]] bias %[[R]] heads = 1
// CHECK-NEXT:    return %[[A]], %[[Z]]
func.func @single(%x: tensor<5x16xf32>, %w: tensor<1x4x9x16xf32>, %b: tensor<4x9x9xf32>) -> (tensor<5x16xf32>, tensor<1x4x9x16xf32>) {
  %0 = vitrail.einsum "nd,md->nm" %x, %x : (tensor<5x16xf32>, tensor<5x16xf32>) -> tensor<5x5xf32>
  %1 = vitrail.softmax %0 axis = 1 : tensor<5x5xf32>
  // expected-remark@below {{as 1 heads of 16 features}}
  %2 = vitrail.einsum "nm,md->nd" %1, %x : (tensor<5x5xf32>, tensor<5x16xf32>) -> tensor<5x16xf32>
  %3 = vitrail.einsum "bwnd,bwmd->bwnm" %w, %w : (tensor<1x4x9x16xf32>, tensor<1x4x9x16xf32>) -> tensor<1x4x9x9xf32>
  %4 = vitrail.binary add %b, %3 : (tensor<4x9x9xf32>, tensor<1x4x9x9xf32>) -> tensor<1x4x9x9xf32>
  %5 = vitrail.softmax %4 axis = 3 : tensor<1x4x9x9xf32>
  // expected-remark@below {{as 1 heads of 16 features}}
  %6 = vitrail.einsum "bwnm,bwmd->bwnd" %5, %w : (tensor<1x4x9x9xf32>, tensor<1x4x9x16xf32>) -> tensor<1x4x9x16xf32>
  return %2, %6 : tensor<5x16xf32>, tensor<1x4x9x16xf32>
}

// -----

// Maps that are mixed on their way, after and before softmax.

// CHECK-LABEL: func @mixed(
// CHECK-NOT:     attention
func.func @mixed(%x: tensor<1x2x5x16xf32>) -> (tensor<1x2x5x16xf32>, tensor<1x2x5x16xf32>) {
  %w = vitrail.weight "w" matrix fan_in = 2 : tensor<2x2xf32>
  // expected-remark@below {{[Missed] raise-mixers | Category:simplify | Function=mixed | Reason="scores are mixed by "gh,bhnm->bgnm" between softmax and values"}}
  %0 = vitrail.einsum "bhnd,bhmd->bhnm" %x, %x : (tensor<1x2x5x16xf32>, tensor<1x2x5x16xf32>) -> tensor<1x2x5x5xf32>
  %1 = vitrail.softmax %0 axis = 3 : tensor<1x2x5x5xf32>
  %2 = vitrail.einsum "gh,bhnm->bgnm" %w, %1 : (tensor<2x2xf32>, tensor<1x2x5x5xf32>) -> tensor<1x2x5x5xf32>
  // expected-remark@below {{scores are mixed by "gh,bhnm->bgnm" between softmax and values}}
  %3 = vitrail.einsum "bhnm,bhmd->bhnd" %2, %x : (tensor<1x2x5x5xf32>, tensor<1x2x5x16xf32>) -> tensor<1x2x5x16xf32>
  // expected-remark@below {{scores are mixed by "bhnm,hg->bgnm" before softmax activates them}}
  %4 = vitrail.einsum "bhnd,bhmd->bhnm" %x, %x : (tensor<1x2x5x16xf32>, tensor<1x2x5x16xf32>) -> tensor<1x2x5x5xf32>
  %5 = vitrail.einsum "bhnm,hg->bgnm" %4, %w : (tensor<1x2x5x5xf32>, tensor<2x2xf32>) -> tensor<1x2x5x5xf32>
  %6 = vitrail.softmax %5 axis = 3 : tensor<1x2x5x5xf32>
  // expected-remark@below {{what softmax activates is no product of queries and keys}}
  %7 = vitrail.einsum "bhnm,bhmd->bhnd" %6, %x : (tensor<1x2x5x5xf32>, tensor<1x2x5x16xf32>) -> tensor<1x2x5x16xf32>
  return %3, %7 : tensor<1x2x5x16xf32>, tensor<1x2x5x16xf32>
}

// -----

// Keys that all heads share, softmax along queries, scores that are returned.

// CHECK-LABEL: func @not(
// CHECK-NOT:     attention
func.func @not(%x: tensor<1x2x5x16xf32>, %k: tensor<1x7x16xf32>) -> (tensor<1x2x5x16xf32>, tensor<1x2x5x16xf32>, tensor<1x2x5x16xf32>, tensor<1x2x5x5xf32>) {
  // expected-remark@below {{queries of "bhnd,bmd->bhnm" and keys do not share 'h', 'n': heads with one key, or more than one axis of tokens}}
  %0 = vitrail.einsum "bhnd,bmd->bhnm" %x, %k : (tensor<1x2x5x16xf32>, tensor<1x7x16xf32>) -> tensor<1x2x5x7xf32>
  %1 = vitrail.softmax %0 axis = 3 : tensor<1x2x5x7xf32>
  // expected-remark@below {{and keys do not share 'h', 'n'}}
  %2 = vitrail.einsum "bhnm,bmd->bhnd" %1, %k : (tensor<1x2x5x7xf32>, tensor<1x7x16xf32>) -> tensor<1x2x5x16xf32>
  // expected-remark@below {{which a mixer does with keys}}
  %3 = vitrail.einsum "bhnd,bhmd->bhnm" %x, %x : (tensor<1x2x5x16xf32>, tensor<1x2x5x16xf32>) -> tensor<1x2x5x5xf32>
  %4 = vitrail.softmax %3 axis = 2 : tensor<1x2x5x5xf32>
  // expected-remark@below {{index 'n' of the scores is not summed by "bhnm,bhmd->bhnd", which a mixer does with keys}}
  %5 = vitrail.einsum "bhnm,bhmd->bhnd" %4, %x : (tensor<1x2x5x5xf32>, tensor<1x2x5x16xf32>) -> tensor<1x2x5x16xf32>
  // expected-remark@below {{the activated scores have several readers}}
  %6 = vitrail.einsum "bhnd,bhmd->bhnm" %x, %x : (tensor<1x2x5x16xf32>, tensor<1x2x5x16xf32>) -> tensor<1x2x5x5xf32>
  %7 = vitrail.unary tanh %6 : tensor<1x2x5x5xf32>
  %8 = vitrail.softmax %7 axis = 3 : tensor<1x2x5x5xf32>
  // expected-remark@below {{the activated scores are not read by this product alone}}
  %9 = vitrail.einsum "bhnm,bhmd->bhnd" %8, %x : (tensor<1x2x5x5xf32>, tensor<1x2x5x16xf32>) -> tensor<1x2x5x16xf32>
  return %2, %5, %9, %8 : tensor<1x2x5x16xf32>, tensor<1x2x5x16xf32>, tensor<1x2x5x16xf32>, tensor<1x2x5x5xf32>
}

// -----

// Linear attention has no softmax.

// CHECK-LABEL: func @linear(
// CHECK-COUNT-2: vitrail.einsum
func.func @linear(%q: tensor<1x5x16xf32>, %k: tensor<1x5x16xf32>) -> tensor<1x5x16xf32> {
  // expected-remark@below {{no softmax activates what it computes}}
  %0 = vitrail.einsum "bnd,bne->bde" %k, %q : (tensor<1x5x16xf32>, tensor<1x5x16xf32>) -> tensor<1x16x16xf32>
  // expected-remark@below {{no softmax activates what it computes}}
  %1 = vitrail.einsum "bnd,bde->bne" %q, %0 : (tensor<1x5x16xf32>, tensor<1x16x16xf32>) -> tensor<1x5x16xf32>
  return %1 : tensor<1x5x16xf32>
}

// -----

// Learned temperatures: a factor for each head, and one that divides for each query.
// They become factors of the queries, before what is added to the scores.

// CHECK-LABEL: func @temperature(
// CHECK-SAME:      %[[X:.*]]: tensor<1x5x32xf32>, %[[B:.*]]: tensor<2x5x5xf32>)
// CHECK-DAG:     %[[T:.*]] = vitrail.weight "t"
// CHECK-DAG:     %[[U:.*]] = vitrail.weight "u"
// CHECK:         %[[T1:.*]] = vitrail.rearrange %[[T]] {{.*}} -> tensor<1x1x2x1xf32>
// CHECK:         %[[T2:.*]] = vitrail.broadcast %[[T1]] shape = [1, 1, 2, 16]
// CHECK:         %[[T3:.*]] = vitrail.rearrange %[[T2]] {{.*}} -> tensor<1x1x32xf32>
// CHECK:         %[[Q1:.*]] = vitrail.binary mul %[[X]], %[[T3]]
// CHECK:         %[[U1:.*]] = vitrail.rearrange %[[U]] {{.*}} -> tensor<1x5x1xf32>
// CHECK:         %[[Q2:.*]] = vitrail.binary div %[[Q1]], %[[U1]]
// CHECK:         %[[A:.*]] = vitrail.attention %[[Q2]], %[[X]], %[[X]] bias %{{.*}} heads = 2 scale = 5.000000e-01 :
// CHECK-NEXT:    return %[[A]]
func.func @temperature(%x: tensor<1x5x32xf32>, %b: tensor<2x5x5xf32>) -> tensor<1x5x32xf32> {
  %half = arith.constant dense<0.5> : tensor<f32>
  %t = vitrail.weight "t" gain : tensor<2x1x1xf32>
  %u = vitrail.weight "u" gain : tensor<5x1xf32>
  %h = vitrail.rearrange %x "b n (h d) -> b h n d" sizes = {h = 2 : i64} : (tensor<1x5x32xf32>) -> tensor<1x2x5x16xf32>
  %0 = vitrail.einsum "bhnd,bhmd->bhnm" %h, %h : (tensor<1x2x5x16xf32>, tensor<1x2x5x16xf32>) -> tensor<1x2x5x5xf32>
  %1 = vitrail.binary mul %t, %0 : (tensor<2x1x1xf32>, tensor<1x2x5x5xf32>) -> tensor<1x2x5x5xf32>
  %2 = vitrail.binary div %1, %u : (tensor<1x2x5x5xf32>, tensor<5x1xf32>) -> tensor<1x2x5x5xf32>
  %3 = vitrail.binary add %2, %b : (tensor<1x2x5x5xf32>, tensor<2x5x5xf32>) -> tensor<1x2x5x5xf32>
  %4 = vitrail.binary mul %3, %half : (tensor<1x2x5x5xf32>, tensor<f32>) -> tensor<1x2x5x5xf32>
  %5 = vitrail.softmax %4 axis = 3 : tensor<1x2x5x5xf32>
  // expected-remark@below {{as 2 heads of 16 features}}
  %6 = vitrail.einsum "bhnm,bhmd->bhnd" %5, %h : (tensor<1x2x5x5xf32>, tensor<1x2x5x16xf32>) -> tensor<1x2x5x16xf32>
  %y = vitrail.rearrange %6 "b h n d -> b n (h d)" : (tensor<1x2x5x16xf32>) -> tensor<1x5x32xf32>
  return %y : tensor<1x5x32xf32>
}

// -----

// A factor that keys do not have in common is none of the queries; one of what was
// added as well, or one that is computed, is none of the product alone.

// CHECK-LABEL: func @other_factors(
// CHECK-NOT:     attention
func.func @other_factors(%x: tensor<1x5x16xf32>, %f: tensor<5x1xf32>) -> (tensor<1x5x16xf32>, tensor<1x5x16xf32>, tensor<1x5x16xf32>) {
  %k = vitrail.weight "k" gain : tensor<5xf32>
  %t = vitrail.weight "t" gain : tensor<5x1xf32>
  // expected-remark@below {{the factor [5] of the scores varies from key to key}}
  %0 = vitrail.einsum "bnd,bmd->bnm" %x, %x : (tensor<1x5x16xf32>, tensor<1x5x16xf32>) -> tensor<1x5x5xf32>
  %1 = vitrail.binary mul %0, %k : (tensor<1x5x5xf32>, tensor<5xf32>) -> tensor<1x5x5xf32>
  %2 = vitrail.softmax %1 axis = 2 : tensor<1x5x5xf32>
  // expected-remark@below {{the factor [5] of the scores varies from key to key}}
  %3 = vitrail.einsum "bnm,bmd->bnd" %2, %x : (tensor<1x5x5xf32>, tensor<1x5x16xf32>) -> tensor<1x5x16xf32>
  // expected-remark@below {{what softmax activates is no product of queries and keys}}
  %4 = vitrail.einsum "bnd,bmd->bnm" %x, %x : (tensor<1x5x16xf32>, tensor<1x5x16xf32>) -> tensor<1x5x5xf32>
  %5 = vitrail.binary add %4, %k : (tensor<1x5x5xf32>, tensor<5xf32>) -> tensor<1x5x5xf32>
  %6 = vitrail.binary mul %5, %t : (tensor<1x5x5xf32>, tensor<5x1xf32>) -> tensor<1x5x5xf32>
  %7 = vitrail.softmax %6 axis = 2 : tensor<1x5x5xf32>
  // expected-remark@below {{what softmax activates is no product of queries and keys}}
  %8 = vitrail.einsum "bnm,bmd->bnd" %7, %x : (tensor<1x5x5xf32>, tensor<1x5x16xf32>) -> tensor<1x5x16xf32>
  // expected-remark@below {{what softmax activates is no product of queries and keys}}
  %9 = vitrail.einsum "bnd,bmd->bnm" %x, %x : (tensor<1x5x16xf32>, tensor<1x5x16xf32>) -> tensor<1x5x5xf32>
  %10 = vitrail.binary mul %9, %f : (tensor<1x5x5xf32>, tensor<5x1xf32>) -> tensor<1x5x5xf32>
  %11 = vitrail.softmax %10 axis = 2 : tensor<1x5x5xf32>
  // expected-remark@below {{what softmax activates is no product of queries and keys}}
  %12 = vitrail.einsum "bnm,bmd->bnd" %11, %x : (tensor<1x5x5xf32>, tensor<1x5x16xf32>) -> tensor<1x5x16xf32>
  return %3, %8, %12 : tensor<1x5x16xf32>, tensor<1x5x16xf32>, tensor<1x5x16xf32>
}
