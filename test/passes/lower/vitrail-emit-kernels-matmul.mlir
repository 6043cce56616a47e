// RUN: vitrail-opt %s --split-input-file --verify-diagnostics \
// RUN:   --pass-pipeline='builtin.module(vitrail-emit-kernels,canonicalize,cse)' \
// RUN:   | FileCheck %s --check-prefixes=CHECK,AVX512
// RUN: vitrail-opt %s --split-input-file --verify-diagnostics \
// RUN:   --pass-pipeline='builtin.module(vitrail-emit-kernels{vector-width=8 registers=16},canonicalize,cse)' \
// RUN:   | FileCheck %s --check-prefixes=CHECK,AVX2

// Weights in panels of 64 are multiplied by the runtime. 113 rows are a block of
// 57 and one of 56; for each, the thread's panels of columns follow the gathering
// of the rows, each with its call and its epilogue. Scratch holds 57 rows of sums
// and 57 of 20 features.

// CHECK:         module attributes {vitrail.matmuls = [array<i64: 57, 20>, array<i64: 56, 20>], vitrail.scratch_bytes = 19152 : i64}
// CHECK-LABEL:   func.func private @vitrail_matmul(!llvm.ptr, index, index, index, !llvm.ptr, !llvm.ptr, !llvm.ptr)
// CHECK-LABEL:   func private @blocks(
// CHECK-SAME:      memref<4788xf32>, %[[THREAD:[^:]*]]: index, %{{[^:]*}}: index, %[[TEAM:[^:]*]]: !llvm.ptr)
// CHECK:           scf.for
// CHECK:             %[[ROWS:.*]] = arith.select %{{.*}}, %c57, %c56
// The last 4 of 20 features are stored alone, for the next row begins behind them.
// AVX512:            vector.maskedstore {{.*}} : memref<57x20xf32
// AVX2:              vector.maskedstore {{.*}} : memref<57x20xf32
// CHECK:             scf.for
// CHECK:               call @vitrail_matmul(%[[TEAM]], %[[THREAD]], %[[ROWS]], %c20,
// The first panel has 64 columns, the second 36: two panels of 16 and 4 lanes.
// CHECK:               scf.if
// CHECK:                 scf.for %{{.*}} = %c0 to %c4
// CHECK:                   %[[BIAS:.*]] = vector.load %{{.*}} : memref<7x16xf32>
// CHECK:                   scf.for %{{.*}} = %c0 to %[[ROWS]]
// CHECK:                     %[[SUM:.*]] = vector.load %{{.*}} : memref<57x64xf32
// CHECK:                     %[[ALL:.*]] = arith.addf %[[SUM]], %[[BIAS]]
// CHECK:                     arith.cmpf olt, %[[ALL]],
// CHECK:                     vector.store %{{.*}} : memref<7x113x16xf32>
// CHECK:               } else {
// CHECK:                 scf.for %{{.*}} = %c0 to %c2
// CHECK:                 vector.constant_mask [4]
func.func private @blocks(%x: memref<2x113x16xf32>, %w: memref<2x20x64xf32>, %b: memref<7x16xf32>, %y: memref<7x113x16xf32>) attributes {vitrail.kernel} {
  %0 = vitrail.read %x axis = 1 : memref<2x113x16xf32> -> tensor<113x20xf32>
  %1 = vitrail.read %w axis = 0 width = 64 : memref<2x20x64xf32> -> tensor<100x20xf32>
  %2 = vitrail.read %b axis = 0 : memref<7x16xf32> -> tensor<100xf32>
  %3 = vitrail.linear %0, %1, %2 : (tensor<113x20xf32>, tensor<100x20xf32>, tensor<100xf32>) -> tensor<113x100xf32>
  %4 = vitrail.unary relu %3 : tensor<113x100xf32>
  vitrail.write %4, %y axis = 1 : tensor<113x100xf32> -> memref<7x113x16xf32>
  return
}

// -----

// Two linears of one shape are called alike, and a linear of generated code beside
// them as ever.

// CHECK:         vitrail.matmuls = [array<i64: 3, 16>]
// CHECK-COUNT-1: func.func private @vitrail_matmul(
// CHECK-NOT:     func.func private @vitrail_matmul(
// CHECK-LABEL:   func private @first(
// CHECK:           call @vitrail_matmul(
// CHECK-LABEL:   func private @second(
// CHECK:           call @vitrail_matmul(
// CHECK-LABEL:   func private @generated(
// CHECK-SAME:      memref<1xf32>, %{{[^:]*}}: index, %{{[^:]*}}: index)
// CHECK-NOT:       vitrail_matmul
func.func private @first(%x: memref<3x16xf32>, %w: memref<1x16x64xf32>, %y: memref<3x7xf32>) attributes {vitrail.kernel} {
  %0 = vitrail.read %x axis = 1 rows : memref<3x16xf32> -> tensor<3x16xf32>
  %1 = vitrail.read %w axis = 0 width = 64 : memref<1x16x64xf32> -> tensor<7x16xf32>
  %2 = vitrail.linear %0, %1 : (tensor<3x16xf32>, tensor<7x16xf32>) -> tensor<3x7xf32>
  vitrail.write %2, %y axis = 1 rows : tensor<3x7xf32> -> memref<3x7xf32>
  return
}
func.func private @second(%x: memref<1x3x16xf32>, %w: memref<1x16x64xf32>, %y: memref<3x64xf32>) attributes {vitrail.kernel} {
  %0 = vitrail.read %x axis = 1 : memref<1x3x16xf32> -> tensor<3x16xf32>
  %1 = vitrail.read %w axis = 1 width = 64 : memref<1x16x64xf32> -> tensor<16x64xf32>
  %2 = vitrail.linear %0, %1 transposed : (tensor<3x16xf32>, tensor<16x64xf32>) -> tensor<3x64xf32>
  vitrail.write %2, %y axis = 1 rows : tensor<3x64xf32> -> memref<3x64xf32>
  return
}
func.func private @generated(%x: memref<3x16xf32>, %w: memref<1x16x16xf32>, %y: memref<3x7xf32>) attributes {vitrail.kernel} {
  %0 = vitrail.read %x axis = 1 rows : memref<3x16xf32> -> tensor<3x16xf32>
  %1 = vitrail.read %w axis = 0 : memref<1x16x16xf32> -> tensor<7x16xf32>
  %2 = vitrail.linear %0, %1 : (tensor<3x16xf32>, tensor<7x16xf32>) -> tensor<3x7xf32>
  vitrail.write %2, %y axis = 1 rows : tensor<3x7xf32> -> memref<3x7xf32>
  return
}

// -----

// Rows that a rearrangement gathers go to the same place.

// CHECK:         vitrail.matmuls = [array<i64: 4, 32>]
// CHECK-LABEL:   func private @gathered(
// AVX512:          vector.load %{{.*}} : memref<2x4x16xf32>, vector<16xf32>
// AVX512:          vector.store %{{.*}} : memref<4x32xf32, strided<[32, 1], offset: 256>>, vector<16xf32>
// AVX2:            vector.load %{{.*}} : memref<2x4x16xf32>, vector<8xf32>
// AVX2:            vector.store %{{.*}} : memref<4x32xf32, strided<[32, 1], offset: 256>>, vector<8xf32>
// CHECK:           call @vitrail_matmul(
func.func private @gathered(%x: memref<2x4x16xf32>, %w: memref<1x32x64xf32>, %y: memref<1x4x16xf32>) attributes {vitrail.kernel} {
  %0 = vitrail.read %x axis = 2 rows : memref<2x4x16xf32> -> tensor<2x4x16xf32>
  %1 = vitrail.read %w axis = 0 width = 64 : memref<1x32x64xf32> -> tensor<16x32xf32>
  %2 = vitrail.rearrange %0 "a b c -> b (a c)" : (tensor<2x4x16xf32>) -> tensor<4x32xf32>
  %3 = vitrail.linear %2, %1 : (tensor<4x32xf32>, tensor<16x32xf32>) -> tensor<4x16xf32>
  vitrail.write %3, %y axis = 1 : tensor<4x16xf32> -> memref<1x4x16xf32>
  return
}

// -----

// No other kernel reads such panels.

func.func private @sum(%x: memref<1x3x64xf32>, %y: memref<1x3x16xf32>) attributes {vitrail.kernel} {
  %0 = vitrail.read %x axis = 1 width = 64 : memref<1x3x64xf32> -> tensor<3x10xf32>
  // expected-error@+1 {{no kernel computes unary yet}}
  %1 = vitrail.unary relu %0 : tensor<3x10xf32>
  vitrail.write %1, %y axis = 1 : tensor<3x10xf32> -> memref<1x3x16xf32>
  return
}
