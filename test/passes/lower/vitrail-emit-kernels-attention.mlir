// RUN: vitrail-opt %s --pass-pipeline='builtin.module(vitrail-emit-kernels{vector-width=8 registers=16},canonicalize,cse)' \
// RUN:   | FileCheck %s

// 65 keys are nine vectors of AVX2: four tiles of two, and one of one. The rows
// of a tile take their softmax side by side, and the larger of two scores is
// one instruction, for lanes of a vector as well.

// CHECK-LABEL:   func private @attention_tile_6x65(
// CHECK:           scf.for %{{.*}} = %c0 to %c4 step %c1 {
// CHECK-COUNT-48:    vector.fma
// CHECK-NOT:         vector.fma
// CHECK:           scf.for %{{.*}} = %c0 to %c16 step %c4
// CHECK-COUNT-24:    vector.fma
// CHECK-NOT:         vector.fma
// CHECK:           scf.for {{.*}} -> ([[ROWS:(vector<8xf32>(, )?){6}]]) {
// CHECK-NOT:         arith.maxnumf
// CHECK:             arith.cmpf ogt
// CHECK-NEXT:        arith.select
// CHECK-NOT:       vector.reduction
// CHECK-COUNT-18:  vector.shuffle
// CHECK:           scf.for {{.*}} -> ([[ROWS]]) {
// CHECK-COUNT-6:   arith.divf

func.func private @attention(%q: memref<1x65x16xf32>, %k: memref<1x65x16xf32>, %v: memref<1x65x16xf32>, %y: memref<1x65x16xf32>) attributes {vitrail.kernel} {
  %0 = vitrail.read %q axis = 1 : memref<1x65x16xf32> -> tensor<65x16xf32>
  %1 = vitrail.read %k axis = 1 : memref<1x65x16xf32> -> tensor<65x16xf32>
  %2 = vitrail.read %v axis = 1 : memref<1x65x16xf32> -> tensor<65x16xf32>
  %3 = vitrail.attention %0, %1, %2 heads = 1 scale = 1.0 base2 : (tensor<65x16xf32>, tensor<65x16xf32>, tensor<65x16xf32>) -> tensor<65x16xf32>
  vitrail.write %3, %y axis = 1 : tensor<65x16xf32> -> memref<1x65x16xf32>
  return
}
