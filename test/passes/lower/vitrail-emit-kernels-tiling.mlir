// RUN: vitrail-opt %s --split-input-file --mlir-print-local-scope \
// RUN:   --pass-pipeline='builtin.module(vitrail-emit-kernels{vector-width=8 registers=16},canonicalize,cse)' \
// RUN:   --remarks-filter=lower --remark-policy=all --remark-format=emitRemark --verify-diagnostics | FileCheck %s

// The cost model cuts this linear into tiles of 6 x 16 and its depth into three
// blocks (vitrail-emit-kernels-depth.mlir). The kernel's attribute decides
// otherwise.

// CHECK-NOT:   _part
// CHECK-LABEL: func private @linear_tile_4x16(
// CHECK-COUNT-32: vector.fma
// CHECK-NOT:      vector.fma
// CHECK:         scf.yield
// CHECK-LABEL: func private @linear(
func.func private @linear(%x: memref<32x24x16xf32>, %w: memref<2x512x16xf32>, %b: memref<2x16xf32>, %y: memref<2x24x16xf32>) attributes {vitrail.kernel, vitrail.tiling = {rows = 4, vectors = 2, blocks = 1}} {
  %0 = vitrail.read %x axis = 1 : memref<32x24x16xf32> -> tensor<24x512xf32>
  %1 = vitrail.read %w axis = 0 : memref<2x512x16xf32> -> tensor<32x512xf32>
  %2 = vitrail.read %b axis = 0 : memref<2x16xf32> -> tensor<32xf32>
  // expected-remark@below {{register tiles of 4 x 16}}
  %3 = vitrail.linear %0, %1, %2 : (tensor<24x512xf32>, tensor<32x512xf32>, tensor<32xf32>) -> tensor<24x32xf32>
  vitrail.write %3, %y axis = 1 : tensor<24x32xf32> -> memref<2x24x16xf32>
  return
}

// -----

// Two panels wide, in four blocks of eight panels in depth. Of 7 rows, tiles of
// at most 2 make four.

// CHECK-LABEL: func private @linear_tile_2x32_part(
// CHECK:         scf.for %{{.*}} = %c0 to %c8
// CHECK:           scf.for %{{.*}} = %c0 to %c16 step %c4
// CHECK-COUNT-32:    vector.fma
// CHECK-NOT:         vector.fma
// CHECK:             scf.yield
// CHECK:       func private @linear_tile_1x32_part(
// CHECK-LABEL: func private @linear(
// CHECK:         scf.for %{{.*}} = %c0 to %c3
func.func private @linear(%x: memref<32x7x16xf32>, %w: memref<2x512x16xf32>, %y: memref<2x7x16xf32>) attributes {vitrail.kernel, vitrail.tiling = {rows = 2, vectors = 4, blocks = 4}} {
  %0 = vitrail.read %x axis = 1 : memref<32x7x16xf32> -> tensor<7x512xf32>
  %1 = vitrail.read %w axis = 0 : memref<2x512x16xf32> -> tensor<32x512xf32>
  // expected-remark@below {{register tiles of 2 x 32}}
  %2 = vitrail.linear %0, %1 : (tensor<7x512xf32>, tensor<32x512xf32>) -> tensor<7x32xf32>
  vitrail.write %2, %y axis = 1 : tensor<7x32xf32> -> memref<2x7x16xf32>
  return
}

// -----

// A visit adds a line of the window, where the model takes an element.

// CHECK-LABEL: func private @conv_tile_3x16_part(
// CHECK:         scf.for %{{.*}} = %c0 to %c3
// CHECK:           scf.for %{{.*}} = %c0 to %c16 step %c4
// CHECK-COUNT-24:    vector.fma
// CHECK-LABEL: func private @conv(
// CHECK:         scf.for %{{.*}} = %c0 to %c2
// CHECK:           call @conv_tile_3x16_part(
func.func private @conv(%x: memref<16x7x7x16xf32>, %w: memref<1x2304x16xf32>, %y: memref<1x7x7x16xf32>) attributes {vitrail.kernel, vitrail.tiling = {rows = 3, vectors = 2, blocks = 3}} {
  %0 = vitrail.read %x axis = 2 : memref<16x7x7x16xf32> -> tensor<7x7x256xf32>
  %1 = vitrail.read %w axis = 0 : memref<1x2304x16xf32> -> tensor<16x2304xf32>
  %2 = vitrail.unfold %0 kernel = [3, 3] pads = [1, 1, 1, 1] : (tensor<7x7x256xf32>) -> tensor<7x7x2304xf32>
  // expected-remark@below {{register tiles of 3 x 16}}
  %3 = vitrail.linear %2, %1 : (tensor<7x7x2304xf32>, tensor<16x2304xf32>) -> tensor<7x7x16xf32>
  vitrail.write %3, %y axis = 2 : tensor<7x7x16xf32> -> memref<1x7x7x16xf32>
  return
}

// -----

// Few keys, in two blocks all the same: three panels, and the two that are left.

// CHECK-LABEL: func private @attention_tile_5x48(
// CHECK-LABEL: func private @attention_tile_5x27(
func.func private @attention(%q: memref<1x20x16xf32>, %k: memref<1x75x16xf32>, %v: memref<1x75x16xf32>, %y: memref<1x20x16xf32>) attributes {vitrail.kernel, vitrail.tiling = {rows = 5, vectors = 2, blocks = 2}} {
  %0 = vitrail.read %q axis = 1 : memref<1x20x16xf32> -> tensor<20x16xf32>
  %1 = vitrail.read %k axis = 1 : memref<1x75x16xf32> -> tensor<75x16xf32>
  %2 = vitrail.read %v axis = 1 : memref<1x75x16xf32> -> tensor<75x16xf32>
  // expected-remark@below {{20 queries, blocks of 48 of 75 keys}}
  %3 = vitrail.attention %0, %1, %2 heads = 1 scale = 2.500000e-01 : (tensor<20x16xf32>, tensor<75x16xf32>, tensor<75x16xf32>) -> tensor<20x16xf32>
  vitrail.write %3, %y axis = 1 : tensor<20x16xf32> -> memref<1x20x16xf32>
  return
}

// -----

// CHECK-LABEL: func private @einsum_tile_2x16(
// CHECK-COUNT-16:    vector.fma
// CHECK-NOT:         vector.fma
// CHECK-LABEL: func private @einsum(
func.func private @einsum(%x: memref<1x6x16xf32>, %z: memref<1x16x16xf32>, %y: memref<1x6x16xf32>) attributes {vitrail.kernel, vitrail.tiling = {rows = 2, vectors = 2, blocks = 1}} {
  %0 = vitrail.read %x axis = 1 : memref<1x6x16xf32> -> tensor<6x16xf32>
  %1 = vitrail.read %z axis = 1 : memref<1x16x16xf32> -> tensor<16x16xf32>
  // expected-remark@below {{register tiles of 2 x 16}}
  %2 = vitrail.einsum "mk,kn->mn" %0, %1 : (tensor<6x16xf32>, tensor<16x16xf32>) -> tensor<6x16xf32>
  vitrail.write %2, %y axis = 1 : tensor<6x16xf32> -> memref<1x6x16xf32>
  return
}
