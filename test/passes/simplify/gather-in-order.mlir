// RUN: vitrail-opt %s --split-input-file --verify-diagnostics \
// RUN:   --pass-pipeline='builtin.module(func.func(vitrail-gather-in-order,canonicalize))' \
// RUN:   --remarks-filter=simplify --remark-policy=all --remark-format=emitRemark \
// RUN:   | FileCheck %s

// The weight's columns follow.

// CHECK-LABEL: func @pixels(
// CHECK-SAME:    %[[X:.*]]: tensor<1x4x4x3xf32>
// CHECK:         %[[W:.*]] = vitrail.weight "w"
// CHECK-NEXT:    %[[ROWS:.*]] = vitrail.rearrange %[[X]] "(b) (h p) (w q) (c) -> (b) (h w) (p q c)"
// CHECK-NEXT:    %[[M:.*]] = vitrail.rearrange %[[W]] "n_ (c p q) -> n_ (p q c)" sizes = {c = 3 : i64, p = 2 : i64, q = 2 : i64}
// CHECK-NEXT:    vitrail.linear %[[ROWS]], %[[M]]
func.func @pixels(%x: tensor<1x4x4x3xf32>) -> tensor<1x4x8xf32> {
  %w = vitrail.weight "w" matrix fan_in = 12 : tensor<8x12xf32>
  %1 = vitrail.rearrange %x "b (h p) (w q) c -> b (h w) (c p q)" sizes = {p = 2 : i64, q = 2 : i64} : (tensor<1x4x4x3xf32>) -> tensor<1x4x12xf32>
  // expected-remark@below {{its depth is summed in the order (p q c) of what it gathers}}
  %2 = vitrail.linear %1, %w : (tensor<1x4x12xf32>, tensor<8x12xf32>) -> tensor<1x4x8xf32>
  return %2 : tensor<1x4x8xf32>
}

// -----

// The weight lies the other way.

// CHECK-LABEL: func @planes(
// CHECK-DAG:     vitrail.rearrange %{{.*}} "(b) (c) (h p) (w q) -> (b) (h w) (c p q)"
// CHECK-DAG:     vitrail.rearrange %{{.*}} "(p q c) n_ -> (c p q) n_"
// CHECK:         vitrail.linear %{{.*}} transposed
func.func @planes(%x: tensor<1x3x4x4xf32>) -> tensor<1x4x8xf32> {
  %w = vitrail.weight "w" matrix fan_in = 12 : tensor<12x8xf32>
  %1 = vitrail.rearrange %x "b c (h p) (w q) -> b (h w) (p q c)" sizes = {p = 2 : i64, q = 2 : i64} : (tensor<1x3x4x4xf32>) -> tensor<1x4x12xf32>
  // expected-remark@below {{its depth is summed in the order (c p q) of what it gathers}}
  %2 = vitrail.linear %1, %w transposed : (tensor<1x4x12xf32>, tensor<12x8xf32>) -> tensor<1x4x8xf32>
  return %2 : tensor<1x4x8xf32>
}

// -----

// Nothing to do: the order is that of memory; rows may come in any order.

// CHECK-LABEL: func @in_order(
// CHECK:         vitrail.rearrange %{{.*}} "b c (h p) (w q) -> b (w h) (c p q)"
func.func @in_order(%x: tensor<1x3x4x4xf32>) -> tensor<1x4x8xf32> {
  %w = vitrail.weight "w" matrix fan_in = 12 : tensor<8x12xf32>
  %1 = vitrail.rearrange %x "b c (h p) (w q) -> b (w h) (c p q)" sizes = {p = 2 : i64, q = 2 : i64} : (tensor<1x3x4x4xf32>) -> tensor<1x4x12xf32>
  %2 = vitrail.linear %1, %w : (tensor<1x4x12xf32>, tensor<8x12xf32>) -> tensor<1x4x8xf32>
  return %2 : tensor<1x4x8xf32>
}

// -----

// The weight is computed at run time.

// CHECK-LABEL: func @at_run_time(
// CHECK:         vitrail.rearrange %{{.*}} "b c (h p) (w q) -> b (h w) (p q c)"
func.func @at_run_time(%x: tensor<1x3x4x4xf32>, %w: tensor<8x12xf32>) -> tensor<1x4x8xf32> {
  %1 = vitrail.rearrange %x "b c (h p) (w q) -> b (h w) (p q c)" sizes = {p = 2 : i64, q = 2 : i64} : (tensor<1x3x4x4xf32>) -> tensor<1x4x12xf32>
  %2 = vitrail.linear %1, %w : (tensor<1x4x12xf32>, tensor<8x12xf32>) -> tensor<1x4x8xf32>
  return %2 : tensor<1x4x8xf32>
}
