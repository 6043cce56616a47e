// RUN: vitrail-opt %s --pass-pipeline='builtin.module(vitrail-emit-kernels{vector-width=16 registers=32},canonicalize,cse)' \
// RUN:   | FileCheck %s

// Beside each of the first panels of its steps, a tile of 14 rows asks for five
// rows of its own panel: of what it adds, and of its result, to write there.
// Behind 14 of many panels, nothing is left to ask for.

// CHECK-LABEL: func private @short_tile_14x16(
// CHECK-NOT:     memref.prefetch
// CHECK:         scf.for %[[PANEL:.*]] = %c0 to %c3 step %c1 iter_args
// CHECK:           %[[FIRST:.*]] = arith.muli %[[PANEL]], %c5
// CHECK:           %[[ROW:.*]] = arith.minui %[[FIRST]], %c13
// CHECK:           %[[AT:.*]] = arith.addi %{{.*}}, %[[ROW]]
// CHECK-NEXT:      memref.prefetch %arg2[%{{.*}}, %[[AT]], %c0], read, locality<3>, data : memref<2x28x16xf32>
// CHECK-NEXT:      memref.prefetch %arg3[%{{.*}}, %[[AT]], %c0], write, locality<3>, data : memref<2x28x16xf32>
// CHECK-COUNT-4:   memref.prefetch %arg3{{.*}}, write
// CHECK-NOT:       memref.prefetch
// CHECK:           scf.for %{{.*}} = %c0 to %c16 step %c4 iter_args

// CHECK-LABEL: func private @long_tile_14x16(
// CHECK-NOT:     memref.prefetch
// CHECK:         scf.for %[[PANEL:.*]] = %c0 to %c20 step %c1 iter_args
// CHECK:           %[[MORE:.*]] = arith.cmpi ult, %[[PANEL]], %c14
// CHECK-NEXT:      scf.if %[[MORE]] {
// CHECK:             memref.prefetch %arg2{{.*}}, write
// CHECK-NOT:         memref.prefetch
// CHECK:           }

func.func private @short(%x: memref<3x28x16xf32>, %w: memref<2x48x16xf32>, %r: memref<2x28x16xf32>, %y: memref<2x28x16xf32>) attributes {vitrail.kernel} {
  %0 = vitrail.read %x axis = 1 : memref<3x28x16xf32> -> tensor<28x48xf32>
  %1 = vitrail.read %w axis = 0 : memref<2x48x16xf32> -> tensor<32x48xf32>
  %2 = vitrail.read %r axis = 1 : memref<2x28x16xf32> -> tensor<28x32xf32>
  %3 = vitrail.linear %0, %1 : (tensor<28x48xf32>, tensor<32x48xf32>) -> tensor<28x32xf32>
  %4 = vitrail.binary add %3, %2 : (tensor<28x32xf32>, tensor<28x32xf32>) -> tensor<28x32xf32>
  vitrail.write %4, %y axis = 1 : tensor<28x32xf32> -> memref<2x28x16xf32>
  return
}

func.func private @long(%x: memref<20x28x16xf32>, %w: memref<2x320x16xf32>, %y: memref<2x28x16xf32>) attributes {vitrail.kernel} {
  %0 = vitrail.read %x axis = 1 : memref<20x28x16xf32> -> tensor<28x320xf32>
  %1 = vitrail.read %w axis = 0 : memref<2x320x16xf32> -> tensor<32x320xf32>
  %2 = vitrail.linear %0, %1 : (tensor<28x320xf32>, tensor<32x320xf32>) -> tensor<28x32xf32>
  vitrail.write %2, %y axis = 1 : tensor<28x32xf32> -> memref<2x28x16xf32>
  return
}

// Few tiles use a group of panels of weights: each brings a half of the next
// group's, a part of that beside each panel of its steps.

// CHECK-LABEL: func private @few_tile_14x16(
// CHECK:         scf.for %{{.*}} = %c0 to %c3 step %c1 iter_args
// CHECK:           scf.for %{{.*}} = %c0 to %c8 step %c1 {
// CHECK:             memref.prefetch %arg1{{.*}}, read, locality<2>, data : memref<4x48x16xf32>
// CHECK-NOT:         memref.prefetch
// CHECK:           }

func.func private @few(%x: memref<3x28x16xf32>, %w: memref<4x48x16xf32>, %y: memref<4x28x16xf32>) attributes {vitrail.kernel} {
  %0 = vitrail.read %x axis = 1 : memref<3x28x16xf32> -> tensor<28x48xf32>
  %1 = vitrail.read %w axis = 0 : memref<4x48x16xf32> -> tensor<64x48xf32>
  %2 = vitrail.linear %0, %1 : (tensor<28x48xf32>, tensor<64x48xf32>) -> tensor<28x64xf32>
  vitrail.write %2, %y axis = 1 : tensor<28x64xf32> -> memref<4x28x16xf32>
  return
}
