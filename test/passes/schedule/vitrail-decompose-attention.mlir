// RUN: vitrail-opt %s --split-input-file --verify-diagnostics \
// RUN:   --pass-pipeline='builtin.module(func.func(vitrail-decompose-attention))' \
// RUN:   --remarks-filter=schedule --remark-policy=all --remark-format=emitRemark \
// RUN:   | FileCheck %s

// Twelve queries of one head. The scale and ln 2, for a softmax that raises e, are
// one factor.

// CHECK-LABEL: func @few_queries(
// CHECK-SAME:      %[[Q:.*]]: tensor<1x12x48xf32>, %[[K:.*]]: tensor<1x200x48xf32>, %[[V:.*]]: tensor<1x200x32xf32>)
// CHECK-DAG:     %[[QH:.*]] = vitrail.rearrange %[[Q]] "a n (h d) -> a n h d" {{.*}} -> tensor<1x12x1x48xf32>
// CHECK-DAG:     %[[KH:.*]] = vitrail.rearrange %[[K]] "a n (h d) -> a n h d" {{.*}} -> tensor<1x200x1x48xf32>
// CHECK:         %[[S:.*]] = vitrail.einsum "amhd,anhd->ahmn" %[[QH]], %[[KH]] : {{.*}} -> tensor<1x1x12x200xf32>
// CHECK:         %[[F:.*]] = arith.constant dense<0.346573591> : tensor<f32>
// CHECK:         %[[T:.*]] = vitrail.binary mul %[[S]], %[[F]]
// CHECK:         %[[P:.*]] = vitrail.softmax %[[T]] axis = 3
// CHECK:         %[[VH:.*]] = vitrail.rearrange %[[V]] "a n (h d) -> a n h d" {{.*}} -> tensor<1x200x1x32xf32>
// CHECK:         %[[O:.*]] = vitrail.einsum "ahmn,anhe->amhe" %[[P]], %[[VH]] : {{.*}} -> tensor<1x12x1x32xf32>
// CHECK:         %[[Y:.*]] = vitrail.rearrange %[[O]] "a m h e -> a m (h e)" : {{.*}} -> tensor<1x12x32xf32>
// CHECK-NEXT:    return %[[Y]]
func.func @few_queries(%q: tensor<1x12x48xf32>, %k: tensor<1x200x48xf32>, %v: tensor<1x200x32xf32>) -> tensor<1x12x32xf32> {
  // expected-remark@below {{[Passed] decompose-attention | Category:schedule | Function=few_queries | Remark="12 queries of one head are too few for the threads to share: products and a softmax"}}
  %a = vitrail.cross_attention %q, %k, %v heads = 1 scale = 0.5 base2 : (tensor<1x12x48xf32>, tensor<1x200x48xf32>, tensor<1x200x32xf32>) -> tensor<1x12x32xf32>
  return %a : tensor<1x12x32xf32>
}

// -----

// Heads of ten features, without a batch and with something added to the scores, of
// which the powers of 2 are taken.

// CHECK-LABEL: func @narrow(
// CHECK-SAME:      %{{.*}}: tensor<40x20xf32>, %{{.*}}: tensor<40x32xf32>, %[[B:.*]]: tensor<2x1x40xf32>)
// CHECK:         %[[S:.*]] = vitrail.einsum "mhd,nhd->hmn" %{{.*}}, %{{.*}} : (tensor<40x2x10xf32>, tensor<40x2x10xf32>) -> tensor<2x40x40xf32>
// CHECK:         %[[R:.*]] = vitrail.binary mul %[[S]], %{{.*}} :
// CHECK:         %[[C:.*]] = vitrail.binary mul %[[B]], %{{.*}} :
// CHECK-NEXT:    %[[T:.*]] = vitrail.binary add %[[R]], %[[C]]
// CHECK-NEXT:    %[[P:.*]] = vitrail.softmax %[[T]] axis = 2
// CHECK:         vitrail.einsum "hmn,nhe->mhe" %[[P]], %{{.*}} -> tensor<40x2x16xf32>
func.func @narrow(%x: tensor<40x20xf32>, %v: tensor<40x32xf32>, %b: tensor<2x1x40xf32>) -> tensor<40x32xf32> {
  // expected-remark@below {{heads of 10 and 16 features are no whole panels of 16: products and a softmax}}
  %a = vitrail.attention %x, %x, %v bias %b heads = 2 scale = 1.0 base2 : (tensor<40x20xf32>, tensor<40x20xf32>, tensor<40x32xf32>, tensor<2x1x40xf32>) -> tensor<40x32xf32>
  return %a : tensor<40x32xf32>
}

// -----

// Several heads, samples or tiles of queries are shared by the threads, little work
// is not worth it; the mask of causal queries is the kernel's.

// CHECK-LABEL: func @not(
// CHECK-COUNT-5: vitrail.cross_attention
// CHECK-NOT:     vitrail.einsum
// CHECK:         return
!queries = tensor<1x16x32xf32>
!keys = tensor<1x256x32xf32>
func.func @not(%x: !queries, %k: !keys, %y: tensor<2x16x32xf32>, %l: tensor<2x256x32xf32>, %z: tensor<1x17x32xf32>, %few: tensor<1x18x32xf32>) -> (!queries, tensor<2x16x32xf32>, tensor<1x17x32xf32>, !queries, !queries) {
  %a = vitrail.cross_attention %x, %k, %k heads = 2 scale = 0.5 : (!queries, !keys, !keys) -> !queries
  %b = vitrail.cross_attention %y, %l, %l heads = 1 scale = 0.5 : (tensor<2x16x32xf32>, tensor<2x256x32xf32>, tensor<2x256x32xf32>) -> tensor<2x16x32xf32>
  %c = vitrail.cross_attention %z, %k, %k heads = 1 scale = 0.5 : (tensor<1x17x32xf32>, !keys, !keys) -> tensor<1x17x32xf32>
  %d = vitrail.cross_attention %x, %k, %k heads = 1 scale = 0.5 mask = causal : (!queries, !keys, !keys) -> !queries
  %e = vitrail.cross_attention %x, %few, %few heads = 1 scale = 0.5 : (!queries, tensor<1x18x32xf32>, tensor<1x18x32xf32>) -> !queries
  return %a, %b, %c, %d, %e : !queries, tensor<2x16x32xf32>, tensor<1x17x32xf32>, !queries, !queries
}
