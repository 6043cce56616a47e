// RUN: vitrail-opt %s --split-input-file \
// RUN:   --pass-pipeline='builtin.module(vitrail-emit-kernels,canonicalize,cse)' \
// RUN:   | FileCheck %s --check-prefixes=CHECK,AVX512 --implicit-check-not='vector<{{(1|2|3|4|5|6|7|8|15|32)}}xf32>'
// RUN: vitrail-opt %s --split-input-file \
// RUN:   --pass-pipeline='builtin.module(vitrail-emit-kernels{vector-width=8 registers=16},canonicalize,cse)' \
// RUN:   | FileCheck %s --check-prefixes=CHECK,AVX2 --implicit-check-not='vector<{{(1|2|3|4|5|6|7|16|32)}}xf32>'

// Tiles of 11 places, at the edges without the tap that is beyond them. A vector
// of channels has a loop over the rows of the window that are on the map; in it,
// an element is loaded once and so is a weight. The bias is where sums start.

// CHECK-LABEL:  func private @conv_tile_11_at_0(
// CHECK:          scf.for
// CHECK-COUNT-32:   vector.fma
// CHECK-NOT:        vector.fma
// CHECK:            scf.yield
// AVX2:           scf.for
// AVX2-COUNT-32:    vector.fma
// AVX2-NOT:         vector.fma
// AVX2:             scf.yield
// CHECK-NOT:      scf.for

// CHECK-LABEL:  func private @conv_tile_11(
// CHECK-SAME:     %[[Y:[a-z0-9]+]]: index, %[[X:[a-z0-9]+]]: index, %[[PANEL:[a-z0-9]+]]: index)
// CHECK:          %[[ABOVE:.*]] = arith.subi %c1, %[[Y]]
// CHECK:          %[[NONE:.*]] = arith.maxsi %[[ABOVE]], %c0
// CHECK:          %[[FIRST:.*]] = arith.minsi %[[NONE]], %c3
// CHECK:          %[[LEFT:.*]] = arith.subi %c10, %[[Y]]
// CHECK:          %[[SOME:.*]] = arith.maxsi %[[LEFT]], %c0
// CHECK:          %[[LAST:.*]] = arith.minsi %[[SOME]], %c3
// CHECK:          %[[B:.*]] = vector.load %{{.*}}[%[[PANEL]], %c0] : memref<2x16xf32>
// CHECK:          scf.for %[[TAP:.*]] = %[[FIRST]] to %[[LAST]] step %c1 iter_args({{.*}} = %[[B]], {{.*}} = %[[B]],
// CHECK-DAG:        vector.load %{{.*}}[%[[PANEL]], %[[TAP]], %c0, %c0] : memref<2x3x3x16xf32>
// CHECK-DAG:        vector.load %{{.*}}[%[[PANEL]], %[[TAP]], %c1, %c0] : memref<2x3x3x16xf32>
// CHECK-DAG:        vector.load %{{.*}}[%[[PANEL]], %[[TAP]], %c2, %c0] : memref<2x3x3x16xf32>
// CHECK-NOT:        memref<2x3x3x16xf32>
// CHECK:            scf.yield
// AVX512-NOT:     scf.for
// AVX512-COUNT-11: vector.store
// AVX2-COUNT-11:  vector.store
// AVX2:           scf.for
// AVX2-COUNT-33:    vector.fma
// AVX2-NOT:         vector.fma
// AVX2:             scf.yield
// AVX2-COUNT-11:  vector.store
// CHECK-NOT:      mask

// CHECK-LABEL:  func private @conv_tile_11_at_33(

// Lines of one panel follow each other.

// CHECK-LABEL:  func private @conv(
// CHECK:          scf.for %[[UNIT:.*]] =
// CHECK:            %[[P:.*]] = arith.divui %[[UNIT]], %c9
// CHECK:            %[[ROW:.*]] = arith.remui %[[UNIT]], %c9
// CHECK:            call @conv_tile_11_at_0({{.*}}, %[[ROW]], %c0, %[[P]])
// CHECK:            scf.for %[[AT:.*]] = %c11 to %c33 step %c11
// CHECK:              call @conv_tile_11({{.*}}, %[[ROW]], %[[AT]], %[[P]])
// CHECK:            call @conv_tile_11_at_33({{.*}}, %[[ROW]], %c33, %[[P]])
func.func private @conv(%x: memref<2x9x44x16xf32>, %w: memref<2x3x3x16xf32>, %b: memref<2x16xf32>, %y: memref<2x9x44x16xf32>) attributes {vitrail.kernel} {
  %0 = vitrail.read %x axis = 2 : memref<2x9x44x16xf32> -> tensor<9x44x32xf32>
  %1 = vitrail.read %w axis = 2 : memref<2x3x3x16xf32> -> tensor<3x3x32xf32>
  %2 = vitrail.read %b axis = 0 : memref<2x16xf32> -> tensor<32xf32>
  %3 = vitrail.depthwise_conv %0, %1, %2 pads = [1, 1, 1, 1] : (tensor<9x44x32xf32>, tensor<3x3x32xf32>, tensor<32xf32>) -> tensor<9x44x32xf32>
  vitrail.write %3, %y axis = 2 : tensor<9x44x32xf32> -> memref<2x9x44x16xf32>
  return
}

// -----

// Nothing is beyond an edge: all rows of the window, the same code everywhere.
// Of the last panel, AVX2 has no second vector.

// CHECK-LABEL:   func private @inside_tile_11(
// CHECK:           scf.for %{{.*}} = %c0 to %c2 step %c1
// CHECK-COUNT-33:    vector.fma
// AVX2-LABEL:    func private @inside_tile_11_last(
// AVX2:            scf.for
// AVX2-COUNT-33:     vector.fma
// AVX2-NOT:        scf.for
// CHECK-LABEL:   func private @inside(
// CHECK-NOT:       call @inside_tile_11_at
func.func private @inside(%x: memref<2x9x24x16xf32>, %w: memref<2x2x3x16xf32>, %y: memref<2x8x22x16xf32>) attributes {vitrail.kernel} {
  %0 = vitrail.read %x axis = 2 : memref<2x9x24x16xf32> -> tensor<9x24x24xf32>
  %1 = vitrail.read %w axis = 2 : memref<2x2x3x16xf32> -> tensor<2x3x24xf32>
  %2 = vitrail.depthwise_conv %0, %1 : (tensor<9x24x24xf32>, tensor<2x3x24xf32>) -> tensor<8x22x24xf32>
  vitrail.write %2, %y axis = 2 : tensor<8x22x24xf32> -> memref<2x8x22x16xf32>
  return
}

// -----

// A port: the last panel is read and written under a mask.

// CHECK-LABEL:  func private @port_tile_5_at_0(
// CHECK-NOT:      mask
// CHECK-LABEL:  func private @port_tile_5_at_0_last(
// CHECK:          vector.constant_mask [7]
// CHECK:          vector.maskedload
// CHECK-COUNT-5:  vector.maskedstore
// CHECK-NOT:      vector.store
// CHECK-LABEL:  func private @port(
// CHECK:          scf.if
// CHECK:            call @port_tile_5_at_0(
// CHECK:          else
// CHECK:            call @port_tile_5_at_0_last(
func.func private @port(%x: memref<4x5x23xf32>, %w: memref<2x1x3x16xf32>, %y: memref<4x5x23xf32>) attributes {vitrail.kernel} {
  %0 = vitrail.read %x axis = 2 rows : memref<4x5x23xf32> -> tensor<4x5x23xf32>
  %1 = vitrail.read %w axis = 2 : memref<2x1x3x16xf32> -> tensor<1x3x23xf32>
  %2 = vitrail.depthwise_conv %0, %1 pads = [0, 1, 0, 1] : (tensor<4x5x23xf32>, tensor<1x3x23xf32>) -> tensor<4x5x23xf32>
  vitrail.write %2, %y axis = 2 rows : tensor<4x5x23xf32> -> memref<4x5x23xf32>
  return
}

// -----

// A mean divides by what is on the map: known along the line, counted across it.

// CHECK-LABEL:  func private @mean_tile_4_at_0(
// CHECK:          %[[FIRST:.*]] = arith.minsi
// CHECK:          %[[LAST:.*]] = arith.minsi
// CHECK:          %[[ROWS:.*]] = arith.subi %[[LAST]], %[[FIRST]]
// CHECK:          %[[TWO:.*]] = arith.muli %[[ROWS]], %c2
// CHECK:          arith.index_cast %[[TWO]]
// CHECK:          arith.divf {{.*}} : f32
// CHECK:          %[[THREE:.*]] = arith.muli %[[ROWS]], %c3
// CHECK:          arith.index_cast %[[THREE]]
// CHECK:          arith.divf {{.*}} : f32
// CHECK-NOT:      arith.divf
// CHECK-COUNT-10: arith.addf {{.*}} : vector
// CHECK:          scf.yield
// CHECK-LABEL:  func private @mean(
func.func private @mean(%x: memref<1x9x4x16xf32>, %y: memref<1x9x4x16xf32>) attributes {vitrail.kernel} {
  %0 = vitrail.read %x axis = 2 : memref<1x9x4x16xf32> -> tensor<9x4x16xf32>
  %1 = vitrail.pool mean %0 kernel = [3, 3] pads = [1, 1, 1, 1] : (tensor<9x4x16xf32>) -> tensor<9x4x16xf32>
  vitrail.write %1, %y axis = 2 : tensor<9x4x16xf32> -> memref<1x9x4x16xf32>
  return
}

// -----

// Unless pads count.

// CHECK-LABEL:  func private @counted_tile_4_at_0(
// CHECK-NOT:      divf
// CHECK:          arith.mulf %{{.*}}, %cst{{[_0-9]*}} fastmath<contract>
// CHECK-LABEL:  func private @counted(
func.func private @counted(%x: memref<1x9x4x16xf32>, %y: memref<1x9x4x16xf32>) attributes {vitrail.kernel} {
  %0 = vitrail.read %x axis = 2 : memref<1x9x4x16xf32> -> tensor<9x4x16xf32>
  %1 = vitrail.pool mean %0 kernel = [3, 3] pads = [1, 1, 1, 1] count_pads : (tensor<9x4x16xf32>) -> tensor<9x4x16xf32>
  vitrail.write %1, %y axis = 2 : tensor<9x4x16xf32> -> memref<1x9x4x16xf32>
  return
}

// -----

// A window too wide to be unrolled: each place has loops over all its taps.

// CHECK-LABEL:      func private @wide_tile_1(
// CHECK:              scf.for
// CHECK:                scf.for
// CHECK-COUNT-1:          vector.fma
// CHECK-NOT:              vector.fma
// CHECK:                  scf.yield
// CHECK:                scf.yield
// CHECK-LABEL:      func private @wide(
// CHECK:              scf.for
// CHECK:                scf.for %{{.*}} = %c0 to %c20 step %c1
// CHECK:                  call @wide_tile_1(
func.func private @wide(%x: memref<1x9x20x16xf32>, %w: memref<1x3x37x16xf32>, %y: memref<1x9x20x16xf32>) attributes {vitrail.kernel} {
  %0 = vitrail.read %x axis = 2 : memref<1x9x20x16xf32> -> tensor<9x20x16xf32>
  %1 = vitrail.read %w axis = 2 : memref<1x3x37x16xf32> -> tensor<3x37x16xf32>
  %2 = vitrail.depthwise_conv %0, %1 pads = [1, 18, 1, 18] : (tensor<9x20x16xf32>, tensor<3x37x16xf32>) -> tensor<9x20x16xf32>
  vitrail.write %2, %y axis = 2 : tensor<9x20x16xf32> -> memref<1x9x20x16xf32>
  return
}
