// RUN: vitrail-opt %s --split-input-file --pass-pipeline='builtin.module(vitrail-emit-kernels,canonicalize,cse)' \
// RUN:   | FileCheck %s

// Threads take ranges of eight rows and more until 100 are taken: a quarter of
// what is left for each of two, of one thread all. Which range one has follows
// from how many were taken before.

// CHECK-LABEL:  func private @norm(
// CHECK-SAME:     %[[THREADS:[a-z0-9]+]]: index, %[[COUNTER:[a-z0-9]+]]: memref<1xi64>)
// CHECK:          scf.while (%[[LAST:.*]] = %c0, %[[BEGIN:.*]] = %c0)
// CHECK:            %[[TAKEN:.*]] = memref.atomic_rmw addi %c1_i64, %[[COUNTER]][%c0]
// CHECK:            %[[NUMBER:.*]] = arith.index_cast %[[TAKEN]]
// CHECK:            %[[NEXT:.*]] = scf.for %{{.*}} = %[[LAST]] to %[[NUMBER]] step %c1 iter_args(%[[AT:.*]] = %[[BEGIN]])
// CHECK:              arith.cmpi eq, %[[THREADS]], %c1
// CHECK:              %[[LEFT:.*]] = arith.subi %c100, %[[AT]]
// CHECK:              arith.divui %[[LEFT]]
// CHECK:              arith.maxui %{{.*}}, %c8
// CHECK:              arith.minui %{{.*}}, %[[LEFT]]
// CHECK:            %[[MORE:.*]] = arith.cmpi ult, %[[NEXT]], %c100
// CHECK:            scf.condition(%[[MORE]]) %[[NUMBER]], %[[NEXT]]
// CHECK:          } do {
// CHECK:            math.sqrt
// CHECK:            scf.yield
func.func private @norm(%x: memref<2x100x16xf32>, %y: memref<2x100x16xf32>) attributes {vitrail.kernel, vitrail.counter} {
  %0 = vitrail.read %x axis = 1 : memref<2x100x16xf32> -> tensor<100x32xf32>
  %1 = vitrail.norm %0 axis = 1 eps = 1.0e-5 : (tensor<100x32xf32>) -> tensor<100x32xf32>
  vitrail.write %1, %y axis = 1 : tensor<100x32xf32> -> memref<2x100x16xf32>
  return
}

// -----

// Of a block's ranges, each an eighth of its parts or more, a thread's first one
// stages it: it notes the block's number, counted from one.

// CHECK-LABEL:  func private @conv(
// CHECK:          %[[STAGED:.*]] = memref.alloca() : memref<1xindex>
// CHECK:          memref.store %c0, %[[STAGED]][%c0]
// CHECK:          scf.while
// CHECK:              arith.maxui %{{.*}}, %c2 : index
// CHECK:          scf.for %[[BLOCK:.*]] = %{{.*}} to
// CHECK:            %[[NUMBER:.*]] = arith.addi %[[BLOCK]], %c1
// CHECK:            %[[LAST:.*]] = memref.load %[[STAGED]][%c0]
// CHECK:            %[[IS_OTHER:.*]] = arith.cmpi ne, %[[NUMBER]], %[[LAST]]
// CHECK:            scf.if %[[IS_OTHER]] {
// CHECK:              vector.store %{{.*}} : memref<1x88x16xf32
// CHECK:              memref.store %[[NUMBER]], %[[STAGED]][%c0]
// CHECK:            }
// CHECK-NOT:        memref<1x88x16xf32
// CHECK:            call @conv_tile_
func.func private @conv(%x: memref<1x7x7x16xf32>, %w: memref<32x144x16xf32>, %y: memref<32x7x7x16xf32>) attributes {vitrail.kernel, vitrail.counter} {
  %0 = vitrail.read %x axis = 2 : memref<1x7x7x16xf32> -> tensor<7x7x16xf32>
  %1 = vitrail.read %w axis = 0 : memref<32x144x16xf32> -> tensor<512x144xf32>
  %2 = vitrail.unfold %0 kernel = [3, 3] pads = [1, 1, 1, 1] : (tensor<7x7x16xf32>) -> tensor<7x7x144xf32>
  %3 = vitrail.linear %2, %1 : (tensor<7x7x144xf32>, tensor<512x144xf32>) -> tensor<7x7x512xf32>
  vitrail.write %3, %y axis = 2 : tensor<7x7x512xf32> -> memref<32x7x7x16xf32>
  return
}
