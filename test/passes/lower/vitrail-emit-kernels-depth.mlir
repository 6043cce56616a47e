// RUN: vitrail-opt %s --split-input-file \
// RUN:   --pass-pipeline='builtin.module(vitrail-emit-kernels{vector-width=8 registers=16},canonicalize,cse)' \
// RUN:   | FileCheck %s
// RUN: vitrail-opt %s --split-input-file --pass-pipeline='builtin.module(vitrail-emit-kernels,canonicalize,cse)' \
// RUN:   | FileCheck %s --check-prefix=AVX512

// A panel of weights, 512 steps deep, does not stay in AVX2's part of L1: the
// depth is walked in three blocks, two of 11 panels and one of 10. Before the
// last, sums start from the bias or from those that wait, and wait again.

// CHECK-LABEL:  func private @linear_tile_6x16_part(
// CHECK-SAME:     %[[SCRATCH:[a-z0-9]+]]: memref<32256xf32>, %[[ROW:[a-z0-9]+]]: index, %[[PANEL:[a-z0-9]+]]: index, %[[SUMROW:[a-z0-9]+]]: index, %[[SUMPANEL:[a-z0-9]+]]: index, %[[BLOCK:[a-z0-9]+]]: index, %[[NEXTPANEL:[a-z0-9]+]]: index, %[[NEXTSTEP:[a-z0-9]+]]: index)
// CHECK-DAG:      %[[FIRST:.*]] = arith.muli %[[BLOCK]], %c11
// CHECK-DAG:      %[[IS:.*]] = arith.cmpi eq, %[[BLOCK]], %c0
// CHECK:          scf.if %[[IS]]
// CHECK-COUNT-2:    vector.load {{.*}} : memref<2x16xf32>
// CHECK:          } else {
// CHECK-COUNT-12:   vector.load %{{.*}}[%[[SUMPANEL]], {{.*}} : memref<42x48x16xf32
// CHECK:          scf.for %[[STEPS:.*]] = %c0 to %c11
// CHECK:            scf.for %[[LINE:.*]] = %c0 to %c4
// CHECK:              %[[BEFORE:.*]] = arith.muli %[[STEPS]], %c4
// CHECK:              %[[BESIDE:.*]] = arith.addi %[[BEFORE]], %[[LINE]]
// CHECK:              %[[OFTILE:.*]] = arith.minui %[[BESIDE]], %c43
// CHECK:              %[[AT:.*]] = arith.addi %[[NEXTSTEP]], %[[OFTILE]]
// CHECK:              memref.prefetch %{{.*}}[%{{.*}}, %[[AT]], %c0], read, locality<2>, data : memref<2x512x16xf32>
// CHECK:            scf.for %{{.*}} = %c0 to %c16
// CHECK-COUNT-48:     vector.fma
// CHECK-COUNT-12: vector.store {{.*}} : memref<42x48x16xf32
// CHECK-NOT:      store {{.*}} : memref<2x24x16xf32>
// CHECK:          return

// CHECK-LABEL:  func private @linear_tile_6x16(
// CHECK-NOT:      vector.load {{.*}} : memref<2x16xf32>
// CHECK:          vector.load {{.*}} : memref<42x48x16xf32
// CHECK:          scf.for %{{.*}} = %c0 to %c10
// CHECK:            arith.addi %{{.*}}, %c22
// CHECK-COUNT-12: vector.store {{.*}} : memref<2x24x16xf32>

// Blocks are outside, panels inside, then the tiles; while one visit of a panel
// goes on, rows of the next block come. The weights of the next visit come with
// the tiles, some beside each panel of steps: 176 in four tiles are 44 in one, and
// four beside each of its panels.

// CHECK-LABEL:  func private @linear(
// CHECK:          scf.for %[[BLOCK:.*]] = %c0 to %c2
// CHECK:            scf.for %[[GROUP:.*]] =
// CHECK:              scf.for %[[TILE:.*]] =
// CHECK-COUNT-6:        memref.prefetch {{.*}}, read, locality<2>, data : memref<32x24x16xf32>
// CHECK:                call @linear_tile_6x16_part(
// CHECK:          scf.for
// CHECK:            call @linear_tile_6x16(

// What AVX-512 streams from L2 hides behind its arithmetic.

// AVX512-NOT:   _part
// AVX512-LABEL: func private @linear(
// AVX512-SAME:    memref<1xf32>

func.func private @linear(%x: memref<32x24x16xf32>, %w: memref<2x512x16xf32>, %b: memref<2x16xf32>, %y: memref<2x24x16xf32>) attributes {vitrail.kernel} {
  %0 = vitrail.read %x axis = 1 : memref<32x24x16xf32> -> tensor<24x512xf32>
  %1 = vitrail.read %w axis = 0 : memref<2x512x16xf32> -> tensor<32x512xf32>
  %2 = vitrail.read %b axis = 0 : memref<2x16xf32> -> tensor<32xf32>
  %3 = vitrail.linear %0, %1, %2 : (tensor<24x512xf32>, tensor<32x512xf32>, tensor<32xf32>) -> tensor<24x32xf32>
  vitrail.write %3, %y axis = 1 : tensor<24x32xf32> -> memref<2x24x16xf32>
  return
}

// -----

// Of a convolution, a visit adds one element of the window, and the tiles go on
// from line to line.

// CHECK-LABEL:  func private @conv_tile_6x16_part(
// CHECK-COUNT-48:     vector.fma
// CHECK-NOT:          vector.fma
// CHECK:          return
// CHECK-LABEL:  func private @conv(
// CHECK:          scf.for %{{.*}} = %c0 to %c8
// CHECK:            call @conv_tile_6x16_part(

// AVX512-NOT:   _part
// AVX512-LABEL: func private @conv(
func.func private @conv(%x: memref<16x7x7x16xf32>, %w: memref<1x2304x16xf32>, %y: memref<1x7x7x16xf32>) attributes {vitrail.kernel} {
  %0 = vitrail.read %x axis = 2 : memref<16x7x7x16xf32> -> tensor<7x7x256xf32>
  %1 = vitrail.read %w axis = 0 : memref<1x2304x16xf32> -> tensor<16x2304xf32>
  %2 = vitrail.unfold %0 kernel = [3, 3] pads = [1, 1, 1, 1] : (tensor<7x7x256xf32>) -> tensor<7x7x2304xf32>
  %3 = vitrail.linear %2, %1 : (tensor<7x7x2304xf32>, tensor<16x2304xf32>) -> tensor<7x7x16xf32>
  vitrail.write %3, %y axis = 2 : tensor<7x7x16xf32> -> memref<1x7x7x16xf32>
  return
}

// -----

// Of AVX-512, the depth is walked in blocks where that halves what comes from
// beyond L2. Rows of 12 KiB would fit it 42 at a time, and 9 MiB of weights come
// for each of five blocks of rows; of seven blocks of the depth, all rows fit.

// AVX512-LABEL: func private @deep_tile_16x16_part(
// AVX512:         scf.for %{{.*}} = %c0 to %c28
// AVX512-LABEL: func private @deep(
// AVX512:         scf.for %{{.*}} = %c0 to %c6
// AVX512:           func.call @deep_tile_16x16_part(
func.func private @deep(%x: memref<192x197x16xf32>, %w: memref<48x3072x16xf32>, %y: memref<48x197x16xf32>) attributes {vitrail.kernel} {
  %0 = vitrail.read %x axis = 1 : memref<192x197x16xf32> -> tensor<197x3072xf32>
  %1 = vitrail.read %w axis = 0 : memref<48x3072x16xf32> -> tensor<768x3072xf32>
  %2 = vitrail.linear %0, %1 : (tensor<197x3072xf32>, tensor<768x3072xf32>) -> tensor<197x768xf32>
  vitrail.write %2, %y axis = 1 : tensor<197x768xf32> -> memref<48x197x16xf32>
  return
}

// -----

// Where many panels follow, their sums wait in many turns, for each of which the
// rows come again: nothing is gained.

// AVX512-NOT: @whole_tile_{{.*}}_part
func.func private @whole(%x: memref<64x197x16xf32>, %w: memref<256x1024x16xf32>, %y: memref<256x197x16xf32>) attributes {vitrail.kernel} {
  %0 = vitrail.read %x axis = 1 : memref<64x197x16xf32> -> tensor<197x1024xf32>
  %1 = vitrail.read %w axis = 0 : memref<256x1024x16xf32> -> tensor<4096x1024xf32>
  %2 = vitrail.linear %0, %1 : (tensor<197x1024xf32>, tensor<4096x1024xf32>) -> tensor<197x4096xf32>
  vitrail.write %2, %y axis = 1 : tensor<197x4096xf32> -> memref<256x197x16xf32>
  return
}
