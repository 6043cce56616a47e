// RUN: vitrail-opt %s --pass-pipeline='builtin.module(vitrail-emit-kernels{vector-width=8 registers=16},canonicalize,cse)' \
// RUN:   | FileCheck %s
// RUN: vitrail-opt %s --pass-pipeline='builtin.module(vitrail-emit-kernels{vector-width=16 registers=32},canonicalize,cse)' \
// RUN:   | FileCheck %s --check-prefix=AVX512

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

// Of AVX-512, the last key takes half a vector, which becomes a whole one where
// it waits for the softmax.

// AVX512-LABEL:   func private @attention_tile_13x65(
// AVX512-COUNT-13:  vector.fma {{.*}} : vector<16xf32>
// AVX512:           scf.for %{{.*}} = %c0 to %c16 step %c4 iter_args({{.*}}) -> (vector<8xf32>, {{.*}}) {
// AVX512-COUNT-52:    vector.fma {{.*}} : vector<8xf32>
// AVX512-NOT:         vector.fma
// AVX512-COUNT-13:  vector.shuffle {{.*}} [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15] : vector<8xf32>, vector<8xf32>

func.func private @attention(%q: memref<1x65x16xf32>, %k: memref<1x65x16xf32>, %v: memref<1x65x16xf32>, %y: memref<1x65x16xf32>) attributes {vitrail.kernel} {
  %0 = vitrail.read %q axis = 1 : memref<1x65x16xf32> -> tensor<65x16xf32>
  %1 = vitrail.read %k axis = 1 : memref<1x65x16xf32> -> tensor<65x16xf32>
  %2 = vitrail.read %v axis = 1 : memref<1x65x16xf32> -> tensor<65x16xf32>
  %3 = vitrail.attention %0, %1, %2 heads = 1 scale = 1.0 base2 : (tensor<65x16xf32>, tensor<65x16xf32>, tensor<65x16xf32>) -> tensor<65x16xf32>
  vitrail.write %3, %y axis = 1 : tensor<65x16xf32> -> memref<1x65x16xf32>
  return
}
