// RUN: vitrail-opt %s --split-input-file \
// RUN:   --pass-pipeline='builtin.module(vitrail-emit-kernels{vector-width=8 registers=16},canonicalize,cse)' \
// RUN:   | FileCheck %s

// A linear of normalized rows that unfold a map. Each tile's rows are unfolded
// into scratch memory, and normalized there, six side by side: their means, what
// they deviate by, and what that makes of them. The register tiles read them. Means
// are rounded, not contracted with what subtracts them.

// CHECK-LABEL:  func private @split_tile_6x16(
// CHECK-COUNT-12: vector.fma

// CHECK-LABEL:  func private @split(
// CHECK:          scf.for %[[TILE:.*]] =
// CHECK:            scf.for %{{.*}} = %c0 to %{{.*}} step %c1 {
// CHECK:              scf.for %{{.*}} = %c0 to %c9
// CHECK:                memref<9x303x16xf32
// CHECK:            scf.if
// CHECK:              %[[SUMS:.*]]:6 = scf.for %{{.*}} = %c0 to %c9
// CHECK-COUNT-6:      arith.mulf %{{[^ ]*}}, %{{[^ ]*}} : vector<8xf32>
// CHECK:              %[[SQUARES:.*]]:12 = scf.for %{{.*}} = %c0 to %c9
// CHECK-COUNT-6:      math.sqrt
// CHECK:              scf.for %[[PANEL:.*]] = %c0 to %c9
// CHECK-COUNT-12:       vector.store %{{.*}} : memref<9x303x16xf32
// CHECK:            } else {
// CHECK:              :5 = scf.for
// CHECK:          call @split_tile_6x16(
func.func private @split(%x: memref<1x7x7x16xf32>, %w: memref<1x144x16xf32>, %y: memref<1x7x7x16xf32>) attributes {vitrail.kernel} {
  %0 = vitrail.read %x axis = 2 : memref<1x7x7x16xf32> -> tensor<7x7x16xf32>
  %1 = vitrail.read %w axis = 0 : memref<1x144x16xf32> -> tensor<16x144xf32>
  %2 = vitrail.unfold %0 kernel = [3, 3] pads = [1, 1, 1, 1] : (tensor<7x7x16xf32>) -> tensor<7x7x144xf32>
  %3 = vitrail.norm %2 axis = 2 eps = 1.0e-5 : (tensor<7x7x144xf32>) -> tensor<7x7x144xf32>
  %4 = vitrail.linear %3, %1 : (tensor<7x7x144xf32>, tensor<16x144xf32>) -> tensor<7x7x16xf32>
  vitrail.write %4, %y axis = 2 : tensor<7x7x16xf32> -> memref<1x7x7x16xf32>
  return
}
