// RUN: vitrail-opt %s --split-input-file \
// RUN:   --pass-pipeline='builtin.module(func.func(vitrail-order-movements))' \
// RUN:   | FileCheck %s

// Parts of windows are taken from the map.

// CHECK-LABEL: func.func @main(%arg0: tensor<1x8x8x64xf32>
// CHECK:       %[[A:.*]] = vitrail.slice %arg0 offsets = [0, 0, 0, 0] sizes = [1, 8, 8, 16]
// CHECK:       %[[MA:.*]] = vitrail.rearrange %[[A]] {{.*}} -> tensor<1x2x2x16x16xf32>
// CHECK:       vitrail.softmax %[[MA]]
// CHECK:       %[[B:.*]] = vitrail.slice %arg0 offsets = [0, 0, 0, 16] sizes = [1, 8, 8, 48]
// CHECK:       %[[MB:.*]] = vitrail.rearrange %[[B]] {{.*}} -> tensor<1x2x2x16x48xf32>
// CHECK:       vitrail.softmax %[[MB]]
func.func @main(%x: tensor<1x8x8x64xf32>) -> (tensor<1x2x2x16x16xf32>, tensor<1x2x2x16x48xf32>) {
  %0 = vitrail.rearrange %x "b (h p) (w q) c -> b h w (p q) c" sizes = {p = 4 : i64, q = 4 : i64} : (tensor<1x8x8x64xf32>) -> tensor<1x2x2x16x64xf32>
  %1 = vitrail.slice %0 offsets = [0, 0, 0, 0, 0] sizes = [1, 2, 2, 16, 16] : (tensor<1x2x2x16x64xf32>) -> tensor<1x2x2x16x16xf32>
  %2 = vitrail.softmax %1 axis = 4 : tensor<1x2x2x16x16xf32>
  %3 = vitrail.slice %0 offsets = [0, 0, 0, 0, 16] sizes = [1, 2, 2, 16, 48] : (tensor<1x2x2x16x64xf32>) -> tensor<1x2x2x16x48xf32>
  %4 = vitrail.softmax %3 axis = 4 : tensor<1x2x2x16x48xf32>
  return %2, %4 : tensor<1x2x2x16x16xf32>, tensor<1x2x2x16x48xf32>
}

// -----

// Not where all of them is read, too, or parts of rows are.

// CHECK-LABEL: func.func @main(%arg0: tensor<1x8x8x64xf32>
// CHECK-NEXT:  %[[M:.*]] = vitrail.rearrange %arg0
// CHECK-NEXT:  vitrail.slice %[[M]]
// CHECK:       %[[R:.*]] = vitrail.roll %arg0
// CHECK-NEXT:  vitrail.slice %[[R]]
func.func @main(%x: tensor<1x8x8x64xf32>) -> (tensor<1x2x2x16x64xf32>, tensor<1x2x2x16x16xf32>, tensor<1x8x8x8xf32>) {
  %0 = vitrail.rearrange %x "b (h p) (w q) c -> b h w (p q) c" sizes = {p = 4 : i64, q = 4 : i64} : (tensor<1x8x8x64xf32>) -> tensor<1x2x2x16x64xf32>
  %1 = vitrail.slice %0 offsets = [0, 0, 0, 0, 0] sizes = [1, 2, 2, 16, 16] : (tensor<1x2x2x16x64xf32>) -> tensor<1x2x2x16x16xf32>
  %2 = vitrail.roll %x shifts = [0, 1, 0, 0] : tensor<1x8x8x64xf32>
  %3 = vitrail.slice %2 offsets = [0, 0, 0, 8] sizes = [1, 8, 8, 8] : (tensor<1x8x8x64xf32>) -> tensor<1x8x8x8xf32>
  return %0, %1, %3 : tensor<1x2x2x16x64xf32>, tensor<1x2x2x16x16xf32>, tensor<1x8x8x8xf32>
}

// -----

// Keys and values are parts of what is written as tokens; the query is seen as
// a map.

// CHECK-LABEL: func.func @main(%arg0: tensor<1x4x4x48xf32>
// CHECK-NEXT:  %[[U:.*]] = vitrail.unary
// CHECK-NEXT:  %[[T:.*]] = vitrail.rearrange %[[U]] "b h w c -> b (h w) c" {{.*}} -> tensor<1x16x48xf32>
// CHECK-NEXT:  vitrail.slice %[[U]] offsets = [0, 0, 0, 0] sizes = [1, 4, 4, 16]
// CHECK-NEXT:  vitrail.slice %[[T]] offsets = [0, 0, 16] sizes = [1, 16, 16]
// CHECK-NEXT:  vitrail.slice %[[T]] offsets = [0, 0, 32] sizes = [1, 16, 16]
// CHECK-NEXT:  return
func.func @main(%x: tensor<1x4x4x48xf32>) -> (tensor<1x4x4x16xf32>, tensor<1x16x16xf32>, tensor<1x16x16xf32>) {
  %0 = vitrail.unary relu %x : tensor<1x4x4x48xf32>
  %1 = vitrail.slice %0 offsets = [0, 0, 0, 0] sizes = [1, 4, 4, 16] : (tensor<1x4x4x48xf32>) -> tensor<1x4x4x16xf32>
  %2 = vitrail.slice %0 offsets = [0, 0, 0, 16] sizes = [1, 4, 4, 16] : (tensor<1x4x4x48xf32>) -> tensor<1x4x4x16xf32>
  %3 = vitrail.rearrange %2 "b h w c -> b (h w) c" : (tensor<1x4x4x16xf32>) -> tensor<1x16x16xf32>
  %4 = vitrail.slice %0 offsets = [0, 0, 0, 32] sizes = [1, 4, 4, 16] : (tensor<1x4x4x48xf32>) -> tensor<1x4x4x16xf32>
  %5 = vitrail.rearrange %4 "b h w c -> b (h w) c" : (tensor<1x4x4x16xf32>) -> tensor<1x16x16xf32>
  return %1, %3, %5 : tensor<1x4x4x16xf32>, tensor<1x16x16xf32>, tensor<1x16x16xf32>
}

// -----

// Heads are joined as tokens, and seen as a map together.

// CHECK-LABEL: func.func @main(%arg0: tensor<1x16x16xf32>
// CHECK:       %[[C:.*]] = vitrail.concat %arg0, %arg1 axis = 2
// CHECK-NEXT:  %[[M:.*]] = vitrail.rearrange %[[C]] "b (h w) c -> b h w c" {{.*}} -> tensor<1x4x4x48xf32>
// CHECK-NEXT:  return %[[M]]
func.func @main(%x: tensor<1x16x16xf32>, %y: tensor<1x16x32xf32>) -> tensor<1x4x4x48xf32> {
  %0 = vitrail.rearrange %x "b (h w) c -> b h w c" sizes = {h = 4 : i64} : (tensor<1x16x16xf32>) -> tensor<1x4x4x16xf32>
  %1 = vitrail.rearrange %y "b (h w) c -> b h w c" sizes = {h = 4 : i64} : (tensor<1x16x32xf32>) -> tensor<1x4x4x32xf32>
  %2 = vitrail.concat %0, %1 axis = 3 : (tensor<1x4x4x16xf32>, tensor<1x4x4x32xf32>) -> tensor<1x4x4x48xf32>
  return %2 : tensor<1x4x4x48xf32>
}
