// RUN: vitrail-opt %s --split-input-file --verify-diagnostics \
// RUN:   --pass-pipeline='builtin.module(vitrail-emit-kernels,canonicalize,cse)' \
// RUN:   | FileCheck %s --check-prefixes=CHECK,AVX512 --implicit-check-not='vector<{{(1|2|3|4|5|6|7|8|15|32)}}xf32>'
// RUN: vitrail-opt %s --split-input-file --verify-diagnostics \
// RUN:   --pass-pipeline='builtin.module(vitrail-emit-kernels{vector-width=8 registers=16},canonicalize,cse)' \
// RUN:   | FileCheck %s --check-prefixes=CHECK,AVX2 --implicit-check-not='vector<{{(1|2|3|4|5|6|7|16|32)}}xf32>'

// A tile of 5 rows by 2 vectors: 10 multiply-adds a step, four steps at a time:
// 16 of a panel of depth in a loop, and 4 that are left. Only the last panel of
// the row-major result is stored under a mask, of its 7 columns; AVX2 has no
// second vector there.

// AVX512-LABEL: func private @linear_tile_5x32_last(
// AVX512:         scf.for %{{.*}} = %c0 to %c16 step %c4
// AVX512-COUNT-40:  vector.fma {{.*}} : vector<16xf32>
// AVX512-NOT:       vector.fma
// AVX512:           scf.yield
// AVX512-NOT:     scf.for
// AVX512-COUNT-40: vector.fma {{.*}} : vector<16xf32>
// AVX512-NOT:     vector.fma
// AVX512:         vector.constant_mask [7] : vector<16xi1>
// AVX512-NOT:     vector.constant_mask
// AVX512:         return

// AVX2-LABEL:   func private @linear_tile_5x16(
// AVX2:           scf.for %{{.*}} = %c0 to %c16 step %c4
// AVX2-COUNT-40:    vector.fma {{.*}} : vector<8xf32>
// AVX2-NOT:         vector.fma
// AVX2:             scf.yield
// AVX2-NOT:       maskedstore
// AVX2-COUNT-10:  vector.store {{.*}} : memref<5x23xf32>, vector<8xf32>
// AVX2-NOT:       store
// AVX2:           return
// AVX2-LABEL:   func private @linear_tile_5x16_last(
// AVX2:           vector.constant_mask [7] : vector<8xi1>
// AVX2-COUNT-5:   vector.maskedstore {{.*}} : memref<5x23xf32>
// AVX2-NOT:       store
// AVX2:           return

// Thread t of n runs the units from t · units / n to (t + 1) · units / n.

// CHECK-LABEL:  func private @linear(
// CHECK-SAME:     memref<1xf32>, %[[THREAD:.*]]: index, %[[THREADS:.*]]: index)
// CHECK:          %[[BEGIN:.*]] = arith.divui %{{.*}}, %[[THREADS]]
// CHECK:          %[[END:.*]] = arith.divui %{{.*}}, %[[THREADS]]
// CHECK:          scf.for %{{.*}} = %[[BEGIN]] to %[[END]]
// CHECK:          call @linear_tile_5x
func.func private @linear(%x: memref<5x20xf32>, %w: memref<2x20x16xf32>, %y: memref<5x23xf32>) attributes {vitrail.kernel} {
  %0 = vitrail.read %x axis = 1 rows : memref<5x20xf32> -> tensor<5x20xf32>
  %1 = vitrail.read %w axis = 0 : memref<2x20x16xf32> -> tensor<23x20xf32>
  %2 = vitrail.linear %0, %1 : (tensor<5x20xf32>, tensor<23x20xf32>) -> tensor<5x23xf32>
  vitrail.write %2, %y axis = 1 rows : tensor<5x23xf32> -> memref<5x23xf32>
  return
}

// -----

// In panels the pad lanes are written too: no mask. The accumulators start from
// the bias.

// CHECK-LABEL:  func private @panels_tile_3x{{(16|32)}}
// CHECK:          vector.load %{{.*}} : memref<2x16xf32>
// CHECK-NOT:      mask
// CHECK:          vector.store {{.*}} : memref<2x3x16xf32>
// CHECK-NOT:      mask
// CHECK-LABEL:  func private @panels(
func.func private @panels(%x: memref<2x3x16xf32>, %w: memref<2x20x16xf32>, %b: memref<2x16xf32>, %y: memref<2x3x16xf32>) attributes {vitrail.kernel} {
  %0 = vitrail.read %x axis = 1 : memref<2x3x16xf32> -> tensor<3x20xf32>
  %1 = vitrail.read %w axis = 0 : memref<2x20x16xf32> -> tensor<20x20xf32>
  %2 = vitrail.read %b axis = 0 : memref<2x16xf32> -> tensor<20xf32>
  %3 = vitrail.linear %0, %1, %2 : (tensor<3x20xf32>, tensor<20x20xf32>, tensor<20xf32>) -> tensor<3x20xf32>
  vitrail.write %3, %y axis = 1 : tensor<3x20xf32> -> memref<2x3x16xf32>
  return
}

// -----

// A norm reads a row-major tail under a mask, and sums only the lanes that exist.

// CHECK-LABEL:  func private @norm(
// CHECK:          vector.maskedload
// CHECK:          arith.select
// CHECK:          vector.shuffle
// CHECK:          math.sqrt
// CHECK:          vector.store {{.*}} : memref<2x{{.*}}16xf32>
func.func private @norm(%x: memref<9x20xf32>, %y: memref<2x9x16xf32>) attributes {vitrail.kernel} {
  %0 = vitrail.read %x axis = 1 rows : memref<9x20xf32> -> tensor<9x20xf32>
  %1 = vitrail.norm %0 axis = 1 eps = 1.0e-5 : (tensor<9x20xf32>) -> tensor<9x20xf32>
  vitrail.write %1, %y axis = 1 : tensor<9x20xf32> -> memref<2x9x16xf32>
  return
}

// -----

// Along another axis, lanes are lines of their own: no lane is masked out, and
// nothing is added across them.

// CHECK-LABEL:  func private @softmax(
// CHECK-NOT:      vector.shuffle
// CHECK-NOT:      arith.select
// CHECK:          scf.for
// CHECK-NOT:        arith.select
// CHECK:            %[[LARGER:.*]] = arith.cmpf ogt, %[[X:[^,]*]], %[[TOP:[^ ]*]] : vector
// CHECK-NEXT:       arith.select %[[LARGER]], %[[X]], %[[TOP]]
// CHECK-NOT:      vector.shuffle
// CHECK:          return
func.func private @softmax(%x: memref<2x3x16xf32>, %y: memref<2x3x16xf32>) attributes {vitrail.kernel} {
  %0 = vitrail.read %x axis = 1 : memref<2x3x16xf32> -> tensor<3x32xf32>
  %1 = vitrail.softmax %0 axis = 0 : tensor<3x32xf32>
  vitrail.write %1, %y axis = 1 : tensor<3x32xf32> -> memref<2x3x16xf32>
  return
}

// -----

// Sums of rows: a square of accumulators is transposed, and its lanes are added
// as vectors.

// CHECK-LABEL:   func private @reduce(
// AVX512-COUNT-64: vector.shuffle {{.*}} : vector<16xf32>, vector<16xf32>
// AVX512-COUNT-15: arith.addf {{.*}} : vector<16xf32>
// AVX2-COUNT-24:   vector.shuffle {{.*}} : vector<8xf32>, vector<8xf32>
// AVX2-COUNT-7:    arith.addf {{.*}} : vector<8xf32>
// CHECK-NOT:       vector.reduction
// CHECK:           return
func.func private @reduce(%x: memref<2x16x16xf32>, %y: memref<1x16xf32>) attributes {vitrail.kernel} {
  %0 = vitrail.read %x axis = 1 : memref<2x16x16xf32> -> tensor<16x32xf32>
  %1 = vitrail.reduce sum %0 axes = [1] : (tensor<16x32xf32>) -> tensor<16xf32>
  vitrail.write %1, %y axis = 0 : tensor<16xf32> -> memref<1x16xf32>
  return
}

// -----

// Scores: the keys of a group are transposed once, for all tiles of queries; the
// inner loop is that of a linear.

// CHECK-LABEL:    func private @scores_tile_5x{{16|32}}(
// CHECK:            scf.for
// AVX512-COUNT-40:  vector.fma {{.*}} : vector<16xf32>
// AVX512-NOT:       vector.fma
// AVX512:           scf.yield
// AVX2-COUNT-40:    vector.fma {{.*}} : vector<8xf32>
// CHECK:            return
// CHECK-LABEL:    func private @scores(
// AVX512-COUNT-64:  vector.shuffle {{.*}} : vector<16xf32>, vector<16xf32>
// CHECK:            call @scores_tile_5x
func.func private @scores(%q: memref<1x5x16xf32>, %k: memref<1x32x16xf32>, %y: memref<2x5x16xf32>) attributes {vitrail.kernel} {
  %0 = vitrail.read %q axis = 1 : memref<1x5x16xf32> -> tensor<5x16xf32>
  %1 = vitrail.read %k axis = 1 : memref<1x32x16xf32> -> tensor<32x16xf32>
  %2 = vitrail.einsum "nd,md->nm" %0, %1 : (tensor<5x16xf32>, tensor<32x16xf32>) -> tensor<5x32xf32>
  vitrail.write %2, %y axis = 1 : tensor<5x32xf32> -> memref<2x5x16xf32>
  return
}

// -----

// The kernel takes einsums in the form of vitrail-decompose-einsum only.

func.func private @einsum(%x: memref<3x20xf32>, %y: memref<3xf32>) attributes {vitrail.kernel} {
  %0 = vitrail.read %x axis = 1 rows : memref<3x20xf32> -> tensor<3x20xf32>
  // expected-error@below {{no kernel computes einsum "nd,nd->n" as it is; vitrail-decompose-einsum rewrites it}}
  %1 = vitrail.einsum "nd,nd->n" %0, %0 : (tensor<3x20xf32>, tensor<3x20xf32>) -> tensor<3xf32>
  vitrail.write %1, %y axis = 0 rows : tensor<3xf32> -> memref<3xf32>
  return
}
