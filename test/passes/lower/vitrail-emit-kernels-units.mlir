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

// Of 23 rows in four units, the first three have six and the last five: a thread
// has those from its first unit on. Each is tiled by itself.

// CHECK:       func private @rows(
// CHECK:         %[[UNIT:.*]] = arith.muli %{{.*}}, %c4
// CHECK:         %[[BEGIN:.*]] = arith.divui %[[UNIT]]
// CHECK:         scf.for %[[GROUP:.*]] = %c0 to %c4
// CHECK:           scf.for %[[UNIT:.*]] = %[[BEGIN]] to
// CHECK:             %[[LARGE:.*]] = arith.cmpi ult, %[[UNIT]], %c3
// CHECK:             %[[ALL:.*]] = arith.muli %[[UNIT]], %c6
// CHECK:             %[[FIRST:.*]] = arith.subi %[[ALL]]
// CHECK:             scf.if %[[LARGE]] {
// CHECK:               func.call @rows_tile_6x16({{.*}}, %[[FIRST]], %[[GROUP]])
// CHECK:             } else {
// CHECK:               func.call @rows_tile_5x16({{.*}}, %[[FIRST]], %[[GROUP]])
func.func private @rows(%x: memref<1x23x16xf32>, %w: memref<4x16x16xf32>, %y: memref<4x23x16xf32>) attributes {vitrail.kernel, vitrail.units = 4} {
  %0 = vitrail.read %x axis = 1 : memref<1x23x16xf32> -> tensor<23x16xf32>
  %1 = vitrail.read %w axis = 0 : memref<4x16x16xf32> -> tensor<64x16xf32>
  %2 = vitrail.linear %0, %1 : (tensor<23x16xf32>, tensor<64x16xf32>) -> tensor<23x64xf32>
  vitrail.write %2, %y axis = 1 : tensor<23x64xf32> -> memref<4x23x16xf32>
  return
}

// -----

// The same rows as queries, of all heads: the thread transposes the keys of each.

// CHECK:       func private @queries(
// CHECK:         scf.for %[[HEAD:.*]] = %c0 to %c2
// CHECK:           vector.store
// CHECK:           scf.for %[[UNIT:.*]] =
// CHECK:             arith.cmpi ult, %[[UNIT]], %c3
// CHECK:             func.call @queries_tile_6x23({{.*}}%[[HEAD]],
// CHECK:             func.call @queries_tile_5x23({{.*}}%[[HEAD]],
func.func private @queries(%q: memref<2x23x16xf32>, %k: memref<2x23x16xf32>, %v: memref<2x23x16xf32>, %y: memref<2x23x16xf32>) attributes {vitrail.kernel, vitrail.units = 4} {
  %0 = vitrail.read %q axis = 1 : memref<2x23x16xf32> -> tensor<23x32xf32>
  %1 = vitrail.read %k axis = 1 : memref<2x23x16xf32> -> tensor<23x32xf32>
  %2 = vitrail.read %v axis = 1 : memref<2x23x16xf32> -> tensor<23x32xf32>
  %3 = vitrail.attention %0, %1, %2 heads = 2 scale = 1.0 base2 : (tensor<23x32xf32>, tensor<23x32xf32>, tensor<23x32xf32>) -> tensor<23x32xf32>
  vitrail.write %3, %y axis = 1 : tensor<23x32xf32> -> memref<2x23x16xf32>
  return
}

// -----

// Rows of a norm: the bounds of units that are not equal.

// CHECK:       func private @lines(
// CHECK:         %[[UNIT:.*]] = arith.divui
// CHECK:         %[[LARGER:.*]] = arith.minui %[[UNIT]], %c3
// CHECK:         %[[EACH:.*]] = arith.muli %[[UNIT]], %c5
// CHECK:         arith.addi %[[EACH]], %[[LARGER]]
func.func private @lines(%x: memref<1x23x16xf32>, %y: memref<1x23x16xf32>) attributes {vitrail.kernel, vitrail.units = 4} {
  %0 = vitrail.read %x axis = 1 : memref<1x23x16xf32> -> tensor<23x16xf32>
  %1 = vitrail.norm %0 axis = 1 eps = 1.0e-5 : (tensor<23x16xf32>) -> tensor<23x16xf32>
  vitrail.write %1, %y axis = 1 : tensor<23x16xf32> -> memref<1x23x16xf32>
  return
}

// -----

// One unit is one thread's, whatever the kernel computes.

// CHECK:       func private @one(
// CHECK-NOT:     scf.while
// CHECK:         arith.divui %{{.*}}, %{{.*}}
// CHECK:         return
func.func private @one(%x: memref<1x4x16xf32>, %y: memref<1x16xf32>) attributes {vitrail.kernel, vitrail.counter, vitrail.units = 1} {
  %0 = vitrail.read %x axis = 1 : memref<1x4x16xf32> -> tensor<4x16xf32>
  %1 = vitrail.reduce max %0 axes = [1] : (tensor<4x16xf32>) -> tensor<4xf32>
  vitrail.write %1, %y axis = 0 : tensor<4xf32> -> memref<1x16xf32>
  return
}

// -----

// expected-error @below {{vitrail.units = 7 : i64: threads cannot keep so many parts of this kernel; give a divisor of the windows or samples that it computes one by one, or no more than it has rows}}
func.func private @norm(%x: memref<1x6x16xf32>, %y: memref<1x6x16xf32>) attributes {vitrail.kernel, vitrail.units = 7} {
  %0 = vitrail.read %x axis = 1 : memref<1x6x16xf32> -> tensor<6x16xf32>
  %1 = vitrail.norm %0 axis = 1 eps = 1.0e-5 : (tensor<6x16xf32>) -> tensor<6x16xf32>
  vitrail.write %1, %y axis = 1 : tensor<6x16xf32> -> memref<1x6x16xf32>
  return
}

// -----

// expected-error @below {{vitrail.units = 2 : i64: threads cannot keep so many parts of this kernel; give a divisor of the windows or samples that it computes one by one, or no more than it has rows}}
func.func private @norm(%x: memref<1x6x16xf32>, %y: memref<1x6x16xf32>) attributes {vitrail.kernel, vitrail.units = 2} {
  %0 = vitrail.read %x axis = 1 : memref<1x6x16xf32> -> tensor<6x16xf32>
  %1 = vitrail.norm %0 axis = 0 eps = 1.0e-5 : (tensor<6x16xf32>) -> tensor<6x16xf32>
  vitrail.write %1, %y axis = 1 : tensor<6x16xf32> -> memref<1x6x16xf32>
  return
}

// -----

// expected-error @below {{vitrail.units = 0 : i64: threads cannot keep so many parts of this kernel; give a divisor of the windows or samples that it computes one by one, or no more than it has rows}}
func.func private @norm(%x: memref<1x6x16xf32>, %y: memref<1x6x16xf32>) attributes {vitrail.kernel, vitrail.units = 0} {
  %0 = vitrail.read %x axis = 1 : memref<1x6x16xf32> -> tensor<6x16xf32>
  %1 = vitrail.norm %0 axis = 1 eps = 1.0e-5 : (tensor<6x16xf32>) -> tensor<6x16xf32>
  vitrail.write %1, %y axis = 1 : tensor<6x16xf32> -> memref<1x6x16xf32>
  return
}

// -----

// expected-error @below {{vitrail.units = 2 : i64: threads cannot keep so many parts of this kernel; give a divisor of the windows or samples that it computes one by one, or no more than it has rows}}
func.func private @samples(%q: memref<1x3x4x16xf32>, %y: memref<1x3x4x16xf32>) attributes {vitrail.kernel, vitrail.units = 2} {
  %0 = vitrail.read %q axis = 2 : memref<1x3x4x16xf32> -> tensor<3x4x16xf32>
  %1 = vitrail.attention %0, %0, %0 heads = 1 scale = 1.0 base2 : (tensor<3x4x16xf32>, tensor<3x4x16xf32>, tensor<3x4x16xf32>) -> tensor<3x4x16xf32>
  vitrail.write %1, %y axis = 2 : tensor<3x4x16xf32> -> memref<1x3x4x16xf32>
  return
}
