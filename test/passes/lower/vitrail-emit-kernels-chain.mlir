// RUN: vitrail-opt %s --split-input-file \
// RUN:   --pass-pipeline='builtin.module(vitrail-emit-kernels,canonicalize,cse)' \
// RUN:   | FileCheck %s --check-prefixes=CHECK,AVX512 --implicit-check-not='vector<{{(1|2|3|4|5|6|7|8|15|32)}}xf32>'
// RUN: vitrail-opt %s --split-input-file \
// RUN:   --pass-pipeline='builtin.module(vitrail-emit-kernels{vector-width=8 registers=16},canonicalize,cse)' \
// RUN:   | FileCheck %s --check-prefixes=CHECK,AVX2 --implicit-check-not='vector<{{(1|2|3|4|5|6|7|16|32)}}xf32>'

// Blocks of 4 rows of the result: of the linear's map, 6 are in scratch memory.

// CHECK:        vitrail.scratch_bytes = 7680

// A tile of the linear goes through its epilogue into the block's rows.

// AVX512-LABEL: func private @chain_tile_15x16(
// AVX2-LABEL:   func private @chain_tile_6x16(
// CHECK-SAME:     %[[SCRATCH:[a-z0-9]*]]: memref<1920xf32>, %[[PLACE:[a-z0-9]*]]: index, %[[FIRST:[a-z0-9]*]]: index, %[[PANEL:[a-z0-9]*]]: index, %[[NEXTPANEL:[a-z0-9]*]]: index, %[[NEXTSTEP:[a-z0-9]*]]: index)
// CHECK:          memref.prefetch
// CHECK:          vector.fma
// CHECK:          %[[BLOCK:.*]] = memref.reinterpret_cast %[[SCRATCH]] to offset: [0], sizes: [1, 120, 16]
// CHECK:          arith.cmpf olt
// CHECK:          %[[AT:.*]] = arith.subi %[[PLACE]], %[[FIRST]]
// CHECK:          vector.store %{{.*}}, %[[BLOCK]][%c0, %[[AT]], %c0]

// A tile of the depthwise convolution reads them there.

// CHECK-LABEL:  func private @chain_map_1_tile_10_at_0(
// CHECK-SAME:     %[[X:[a-z0-9]*]]: memref<2x30x20x16xf32>, {{.*}}, %[[Y:[a-z0-9]*]]: memref<2x30x20x16xf32>, %[[SCRATCH:[a-z0-9]*]]: memref<1920xf32>
// CHECK-SAME:     %[[ROW:[a-z0-9]*]]: index, %{{[a-z0-9]*}}: index, %[[PANEL:[a-z0-9]*]]: index, %[[FROM:[a-z0-9]*]]: index, %{{[a-z0-9]*}}: index)
// CHECK:          %[[BLOCK:.*]] = memref.reinterpret_cast %[[SCRATCH]] to offset: [0], sizes: [1, 6, 20, 16]
// CHECK:          scf.for %[[TAP:.*]] =
// CHECK:            %[[LINE:.*]] = arith.subi %{{.*}}, %[[FROM]]
// CHECK:            vector.load %[[BLOCK]][%c0, %[[LINE]], %c0, %c0]
// CHECK-NOT:        %[[X]]
// CHECK:          vector.store %{{.*}}, %[[Y]][%[[PANEL]], %[[ROW]],
// CHECK-LABEL:  func private @chain_map_1_tile_10_at_10(

// Threads share blocks by panels. A block's linear comes first, tile by tile over
// its rows with halo, as far as they are on the map.

// CHECK-LABEL:  func private @chain(
// CHECK:          scf.for %[[UNIT:.*]] =
// CHECK:            %[[NUMBER:.*]] = arith.remui %[[UNIT]], %c8
// CHECK:            %[[BEGIN:.*]] = arith.muli %[[NUMBER]], %c4
// CHECK:            %[[BEHIND:.*]] = arith.addi %[[BEGIN]], %c4
// CHECK:            %[[END:.*]] = arith.minsi %[[BEHIND]], %c30
// CHECK:            %[[ABOVE:.*]] = arith.addi %[[BEGIN]], %c-1
// CHECK:            %[[BELOW:.*]] = arith.addi %[[END]], %c1
// CHECK:            %[[FROM:.*]] = arith.maxsi %[[ABOVE]], %c0
// CHECK:            %[[TO:.*]] = arith.minsi %[[BELOW]], %c30
// CHECK:            scf.for %[[PANEL:.*]] =
// CHECK:              scf.for
// AVX512:               call @chain_tile_15x16(
// AVX2:                 call @chain_tile_6x16(
// CHECK:              scf.for %[[ROW:.*]] = %[[BEGIN]] to %[[END]] step %c1
// CHECK:                call @chain_map_1_tile_10_at_0({{.*}}, %[[ROW]], %c0, %[[PANEL]], %[[FROM]], %[[BEGIN]])
// CHECK:                call @chain_map_1_tile_10_at_10({{.*}}, %[[ROW]], %c10, %[[PANEL]], %[[FROM]], %[[BEGIN]])
func.func private @chain(%x: memref<2x30x20x16xf32>, %w: memref<2x32x16xf32>, %b: memref<2x16xf32>, %f: memref<2x3x3x16xf32>, %y: memref<2x30x20x16xf32>) attributes {vitrail.kernel} {
  %0 = vitrail.read %x axis = 2 : memref<2x30x20x16xf32> -> tensor<30x20x32xf32>
  %1 = vitrail.read %w axis = 0 : memref<2x32x16xf32> -> tensor<32x32xf32>
  %2 = vitrail.read %b axis = 0 : memref<2x16xf32> -> tensor<32xf32>
  %3 = vitrail.read %f axis = 2 : memref<2x3x3x16xf32> -> tensor<3x3x32xf32>
  %4 = vitrail.linear %0, %1, %2 : (tensor<30x20x32xf32>, tensor<32x32xf32>, tensor<32xf32>) -> tensor<30x20x32xf32>
  %5 = vitrail.unary relu %4 : tensor<30x20x32xf32>
  %6 = vitrail.depthwise_conv %5, %3 pads = [1, 1, 1, 1] : (tensor<30x20x32xf32>, tensor<3x3x32xf32>) -> tensor<30x20x32xf32>
  vitrail.write %6, %y axis = 2 : tensor<30x20x32xf32> -> memref<2x30x20x16xf32>
  return
}

// -----

// Panels enough for threads to share: the whole map is one block, without a halo.
// The second map follows the first in scratch memory.

// CHECK:        vitrail.scratch_bytes = 12288
// CHECK-LABEL:  func private @two_map_1_tile_{{[0-9]+}}_at_0(
// CHECK-DAG:      memref.reinterpret_cast %{{.*}} to offset: [0], sizes: [1, 12, 8, 16]
// CHECK-DAG:      memref.reinterpret_cast %{{.*}} to offset: [1536], sizes: [1, 12, 8, 16]
// CHECK-LABEL:  func private @two_map_2_tile_{{[0-9]+}}_at_0(
// CHECK-NOT:      offset: [0], sizes: [1, 12, 8, 16]
// CHECK:          memref.reinterpret_cast %{{.*}} to offset: [1536], sizes: [1, 12, 8, 16]
// CHECK-LABEL:  func private @two(
// CHECK:          scf.for
// CHECK:            scf.for
// CHECK:              call @two_tile_
// CHECK:            scf.for %{{.*}} = %c0 to %c12 step %c1
// CHECK:              call @two_map_1_
// CHECK:            scf.for %{{.*}} = %c0 to %c12 step %c1
// CHECK:              call @two_map_2_
func.func private @two(%x: memref<1x12x8x16xf32>, %w: memref<16x16x16xf32>, %f: memref<16x3x3x16xf32>, %y: memref<16x12x8x16xf32>) attributes {vitrail.kernel} {
  %0 = vitrail.read %x axis = 2 : memref<1x12x8x16xf32> -> tensor<12x8x16xf32>
  %1 = vitrail.read %w axis = 0 : memref<16x16x16xf32> -> tensor<256x16xf32>
  %2 = vitrail.read %f axis = 2 : memref<16x3x3x16xf32> -> tensor<3x3x256xf32>
  %3 = vitrail.linear %0, %1 : (tensor<12x8x16xf32>, tensor<256x16xf32>) -> tensor<12x8x256xf32>
  %4 = vitrail.depthwise_conv %3, %2 pads = [1, 1, 1, 1] : (tensor<12x8x256xf32>, tensor<3x3x256xf32>) -> tensor<12x8x256xf32>
  %5 = vitrail.unary gelu %4 : tensor<12x8x256xf32>
  %6 = vitrail.depthwise_conv %5, %2 pads = [1, 1, 1, 1] : (tensor<12x8x256xf32>, tensor<3x3x256xf32>) -> tensor<12x8x256xf32>
  vitrail.write %6, %y axis = 2 : tensor<12x8x256xf32> -> memref<16x12x8x16xf32>
  return
}
