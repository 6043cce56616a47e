// RUN: vitrail-opt %s --split-input-file --verify-diagnostics \
// RUN:   --pass-pipeline='builtin.module(vitrail-emit-kernels{vector-width=8 registers=16},canonicalize,cse)' | FileCheck %s

// Of six windows of five places, merged to thirty rows, a thread has whole ones:
// each has a tile of its own, and weights are outside.

// CHECK:       func private @linear(
// CHECK-SAME:    %[[THREAD:[a-z0-9]+]]: index, %[[THREADS:[a-z0-9]+]]: index)
// CHECK:         %[[FIRST:.*]] = arith.muli %[[THREAD]], %c6
// CHECK:         %[[BEGIN:.*]] = arith.divui %[[FIRST]], %[[THREADS]]
// CHECK:         %[[END:.*]] = arith.divui %{{.*}}, %[[THREADS]]
// CHECK:         scf.for %[[GROUP:.*]] = %c0 to %c4
// CHECK:           scf.for %[[WINDOW:.*]] = %[[BEGIN]] to %[[END]]
// CHECK:             %[[ROW:.*]] = arith.muli %[[WINDOW]], %c5
// CHECK:             func.call @linear_tile_5x{{.*}}%[[ROW]]
func.func private @linear(%x: memref<1x6x5x16xf32>, %w: memref<4x16x16xf32>, %y: memref<4x6x5x16xf32>) attributes {vitrail.kernel, vitrail.units = 6} {
  %0 = vitrail.read %x axis = 2 : memref<1x6x5x16xf32> -> tensor<6x5x16xf32>
  %1 = vitrail.read %w axis = 0 : memref<4x16x16xf32> -> tensor<64x16xf32>
  %2 = vitrail.linear %0, %1 : (tensor<6x5x16xf32>, tensor<64x16xf32>) -> tensor<6x5x64xf32>
  vitrail.write %2, %y axis = 2 : tensor<6x5x64xf32> -> memref<4x6x5x16xf32>
  return
}

// -----

// Lines of maps: the panels of one map follow one another. Units are nobody's to
// take, even of a kernel that has a counter.

// CHECK:       func private @conv(
// CHECK-NOT:     scf.while
// CHECK:         arith.muli %{{.*}}, %c4
// CHECK:         %[[MAP:.*]] = arith.divui
// CHECK:         %[[BEGIN:.*]] = arith.muli %[[MAP]], %c6
// CHECK:         scf.for %[[UNIT:.*]] = %[[BEGIN]] to
// CHECK:           arith.remui %[[UNIT]], %c3
func.func private @conv(%x: memref<2x4x3x3x16xf32>, %w: memref<2x3x3x16xf32>, %y: memref<2x4x3x3x16xf32>) attributes {vitrail.kernel, vitrail.counter, vitrail.units = 4} {
  %0 = vitrail.read %x axis = 3 : memref<2x4x3x3x16xf32> -> tensor<4x3x3x32xf32>
  %1 = vitrail.read %w axis = 2 : memref<2x3x3x16xf32> -> tensor<3x3x32xf32>
  %2 = vitrail.depthwise_conv %0, %1 pads = [1, 1, 1, 1] : (tensor<4x3x3x32xf32>, tensor<3x3x32xf32>) -> tensor<4x3x3x32xf32>
  vitrail.write %2, %y axis = 3 : tensor<4x3x3x32xf32> -> memref<2x4x3x3x16xf32>
  return
}

// -----

// expected-error @below {{vitrail.units = 4 : i64: threads cannot keep so many equal parts of this kernel; give a divisor of the windows, samples or rows that it computes one by one}}
func.func private @norm(%x: memref<1x6x16xf32>, %y: memref<1x6x16xf32>) attributes {vitrail.kernel, vitrail.units = 4} {
  %0 = vitrail.read %x axis = 1 : memref<1x6x16xf32> -> tensor<6x16xf32>
  %1 = vitrail.norm %0 axis = 1 eps = 1.0e-5 : (tensor<6x16xf32>) -> tensor<6x16xf32>
  vitrail.write %1, %y axis = 1 : tensor<6x16xf32> -> memref<1x6x16xf32>
  return
}

// -----

// expected-error @below {{vitrail.units = 2 : i64: threads cannot keep so many equal parts of this kernel; give a divisor of the windows, samples or rows that it computes one by one}}
func.func private @norm(%x: memref<1x6x16xf32>, %y: memref<1x6x16xf32>) attributes {vitrail.kernel, vitrail.units = 2} {
  %0 = vitrail.read %x axis = 1 : memref<1x6x16xf32> -> tensor<6x16xf32>
  %1 = vitrail.norm %0 axis = 0 eps = 1.0e-5 : (tensor<6x16xf32>) -> tensor<6x16xf32>
  vitrail.write %1, %y axis = 1 : tensor<6x16xf32> -> memref<1x6x16xf32>
  return
}

// -----

// expected-error @below {{vitrail.units = 0 : i64: threads cannot keep so many equal parts of this kernel; give a divisor of the windows, samples or rows that it computes one by one}}
func.func private @norm(%x: memref<1x6x16xf32>, %y: memref<1x6x16xf32>) attributes {vitrail.kernel, vitrail.units = 0} {
  %0 = vitrail.read %x axis = 1 : memref<1x6x16xf32> -> tensor<6x16xf32>
  %1 = vitrail.norm %0 axis = 1 eps = 1.0e-5 : (tensor<6x16xf32>) -> tensor<6x16xf32>
  vitrail.write %1, %y axis = 1 : tensor<6x16xf32> -> memref<1x6x16xf32>
  return
}
