// RUN: vitrail-opt %s --pass-pipeline='builtin.module(vitrail-emit-kernels,canonicalize,cse)' \
// RUN:   | FileCheck %s

// 196 patches are two blocks of 98, seven tiles of 14 each, so that of two
// threads each gathers half: a range is no smaller than a block's 12 panels while
// each thread may have one. A line of all patches of a tile is gathered before
// the next line, since it is one line of the image.

// CHECK-LABEL:  func private @patches(
// CHECK-SAME:     %[[IMAGE:[a-z0-9]+]]: memref<3x224x224xf32>
// CHECK-SAME:     %[[THREADS:[a-z0-9]+]]: index, %{{[a-z0-9]+}}: memref<1xi64>)
// CHECK:          scf.while
// CHECK:              %[[LEFT:.*]] = arith.subi %c24
// CHECK:              %[[EACH:.*]] = arith.muli %[[THREADS]], %c12
// CHECK:              %[[EARLY:.*]] = arith.cmpi uge, %[[LEFT]], %[[EACH]]
// CHECK:              %[[WHOLE:.*]] = arith.maxui %[[UNITS:.*]], %c12
// CHECK:              arith.select %[[EARLY]], %[[WHOLE]], %[[UNITS]]
// CHECK:          } do {
// CHECK:            scf.for %[[BLOCK:.*]] = %{{.*}} to
// CHECK:              scf.if
// CHECK:                %[[FIRST:.*]] = arith.muli %[[BLOCK]], %c7
// CHECK:                scf.for %{{.*}} = %[[FIRST]] to
// CHECK:                  scf.for %[[LINE:.*]] = %c0 to %c48
// CHECK:                    scf.for %[[PATCH:.*]] = %c0 to %c14
// CHECK:                      vector.load %[[IMAGE]]
// CHECK:                      %[[SLOT:.*]] = arith.addi %{{.*}}, %[[PATCH]]
// CHECK:                      vector.store %{{.*}}, %{{.*}}[%[[LINE]], %[[SLOT]], %c0]
// CHECK:            call @patches_tile_14x16(
func.func private @patches(%x: memref<3x224x224xf32>, %w: memref<12x768x16xf32>, %y: memref<12x196x16xf32>) attributes {vitrail.kernel, vitrail.counter} {
  %0 = vitrail.read %x axis = 2 rows : memref<3x224x224xf32> -> tensor<3x224x224xf32>
  %1 = vitrail.read %w axis = 0 : memref<12x768x16xf32> -> tensor<192x768xf32>
  %2 = vitrail.rearrange %0 "c (h p) (w q) -> (h w) (c p q)" sizes = {p = 16 : i64, q = 16 : i64} : (tensor<3x224x224xf32>) -> tensor<196x768xf32>
  %3 = vitrail.linear %2, %1 : (tensor<196x768xf32>, tensor<192x768xf32>) -> tensor<196x192xf32>
  vitrail.write %3, %y axis = 1 : tensor<196x192xf32> -> memref<12x196x16xf32>
  return
}
