// RUN: vitrail-opt %s --split-input-file --verify-diagnostics \
// RUN:   --pass-pipeline='builtin.module(func.func(vitrail-pool-difference))' \
// RUN:   --remarks-filter=simplify --remark-policy=all --remark-format=emitRemark \
// RUN:   | FileCheck %s

// The token mixer of PoolFormer behind its norm: mean and bias cancel, and what is
// pooled is the map itself. The statistics still read what they read.

// CHECK-LABEL: func @mixer(
// CHECK-SAME:      %[[X:.*]]: tensor<2x6x6x8xf32>, %[[M:.*]]: tensor<2x1x1x1xf32>, %[[R:.*]]: tensor<2x1x1x1xf32>)
// CHECK-DAG:     %[[G:.*]] = vitrail.weight "g"
// CHECK:         %[[C:.*]] = vitrail.binary sub %[[X]], %[[M]]
// CHECK:         %[[P:.*]] = vitrail.pool mean %[[X]] kernel = [3, 3] pads = [1, 1, 1, 1] :
// CHECK:         %[[D:.*]] = vitrail.binary sub %[[P]], %[[X]]
// CHECK:         %[[D1:.*]] = vitrail.binary mul %[[D]], %[[R]]
// CHECK:         %[[D2:.*]] = vitrail.binary mul %[[D1]], %[[G]]
// CHECK:         return %[[C]], %[[D2]]
func.func @mixer(%x: tensor<2x6x6x8xf32>, %m: tensor<2x1x1x1xf32>, %r: tensor<2x1x1x1xf32>) -> (tensor<2x6x6x8xf32>, tensor<2x6x6x8xf32>) {
  %g = vitrail.weight "g" gain : tensor<8xf32>
  %s = vitrail.weight "s" bias : tensor<8xf32>
  %0 = vitrail.binary sub %x, %m : (tensor<2x6x6x8xf32>, tensor<2x1x1x1xf32>) -> tensor<2x6x6x8xf32>
  %1 = vitrail.binary mul %0, %r : (tensor<2x6x6x8xf32>, tensor<2x1x1x1xf32>) -> tensor<2x6x6x8xf32>
  %2 = vitrail.binary mul %g, %1 : (tensor<8xf32>, tensor<2x6x6x8xf32>) -> tensor<2x6x6x8xf32>
  %3 = vitrail.binary add %2, %s : (tensor<2x6x6x8xf32>, tensor<8xf32>) -> tensor<2x6x6x8xf32>
  %4 = vitrail.pool mean %3 kernel = [3, 3] pads = [1, 1, 1, 1] : (tensor<2x6x6x8xf32>) -> tensor<2x6x6x8xf32>
  // expected-remark@below {{2 summands cancel in a pool and what it pools, 2 factors are factors of the difference", ops_saved=1152}}
  %5 = vitrail.binary sub %4, %3 : (tensor<2x6x6x8xf32>, tensor<2x6x6x8xf32>) -> tensor<2x6x6x8xf32>
  return %0, %5 : tensor<2x6x6x8xf32>, tensor<2x6x6x8xf32>
}

// -----

// The other way round, and a division. A mean that counts zeros beyond the edge
// commutes with factors; a summand is not in the zeros, and ends it.

// CHECK-LABEL: func @zeros(
// CHECK-SAME:      %[[X:.*]]: tensor<1x6x6x8xf32>)
// CHECK-DAG:     %[[G:.*]] = vitrail.weight "g"
// CHECK-DAG:     %[[S:.*]] = vitrail.weight "s"
// CHECK:         %[[C:.*]] = vitrail.binary add %[[X]], %[[S]]
// CHECK:         %[[P:.*]] = vitrail.pool mean %[[C]] kernel = [3, 3] pads = [1, 1, 1, 1] count_pads
// CHECK:         %[[D:.*]] = vitrail.binary sub %[[C]], %[[P]]
// CHECK:         %[[D1:.*]] = vitrail.binary div %[[D]], %[[G]]
// CHECK:         return %[[D1]]
func.func @zeros(%x: tensor<1x6x6x8xf32>) -> tensor<1x6x6x8xf32> {
  %g = vitrail.weight "g" gain : tensor<8xf32>
  %s = vitrail.weight "s" bias : tensor<8xf32>
  %0 = vitrail.binary add %x, %s : (tensor<1x6x6x8xf32>, tensor<8xf32>) -> tensor<1x6x6x8xf32>
  %1 = vitrail.binary div %0, %g : (tensor<1x6x6x8xf32>, tensor<8xf32>) -> tensor<1x6x6x8xf32>
  %2 = vitrail.pool mean %1 kernel = [3, 3] pads = [1, 1, 1, 1] count_pads : (tensor<1x6x6x8xf32>) -> tensor<1x6x6x8xf32>
  // expected-remark@below {{the mean counts zeros beyond the edge of the map, to which nothing is added}}
  // expected-remark@below {{0 summands cancel in a pool and what it pools, 1 factors are factors of the difference}}
  %3 = vitrail.binary sub %1, %2 : (tensor<1x6x6x8xf32>, tensor<1x6x6x8xf32>) -> tensor<1x6x6x8xf32>
  return %3 : tensor<1x6x6x8xf32>
}

// -----

// A table of places, a maximum, another map; and a map that is wanted elsewhere.

// CHECK-LABEL: func @not(
// CHECK-COUNT-4: vitrail.pool {{[a-z]*}} %{{[0-9]+}} kernel
func.func @not(%x: tensor<1x6x6x8xf32>) -> (tensor<1x6x6x8xf32>, tensor<1x6x6x8xf32>, tensor<1x6x6x8xf32>, tensor<1x6x6x8xf32>, tensor<1x6x6x8xf32>) {
  %p = vitrail.weight "p" position : tensor<6x1x8xf32>
  %g = vitrail.weight "g" gain : tensor<8xf32>
  %0 = vitrail.binary add %x, %p : (tensor<1x6x6x8xf32>, tensor<6x1x8xf32>) -> tensor<1x6x6x8xf32>
  %1 = vitrail.pool mean %0 kernel = [3, 3] pads = [1, 1, 1, 1] : (tensor<1x6x6x8xf32>) -> tensor<1x6x6x8xf32>
  %2 = vitrail.binary sub %1, %0 : (tensor<1x6x6x8xf32>, tensor<1x6x6x8xf32>) -> tensor<1x6x6x8xf32>
  %3 = vitrail.binary mul %x, %g : (tensor<1x6x6x8xf32>, tensor<8xf32>) -> tensor<1x6x6x8xf32>
  %4 = vitrail.pool max %3 kernel = [3, 3] pads = [1, 1, 1, 1] : (tensor<1x6x6x8xf32>) -> tensor<1x6x6x8xf32>
  %5 = vitrail.binary sub %4, %3 : (tensor<1x6x6x8xf32>, tensor<1x6x6x8xf32>) -> tensor<1x6x6x8xf32>
  %6 = vitrail.binary mul %x, %g : (tensor<1x6x6x8xf32>, tensor<8xf32>) -> tensor<1x6x6x8xf32>
  %7 = vitrail.pool mean %6 kernel = [3, 3] pads = [1, 1, 1, 1] : (tensor<1x6x6x8xf32>) -> tensor<1x6x6x8xf32>
  %8 = vitrail.binary sub %7, %x : (tensor<1x6x6x8xf32>, tensor<1x6x6x8xf32>) -> tensor<1x6x6x8xf32>
  %9 = vitrail.binary mul %x, %g : (tensor<1x6x6x8xf32>, tensor<8xf32>) -> tensor<1x6x6x8xf32>
  %10 = vitrail.pool mean %9 kernel = [3, 3] pads = [1, 1, 1, 1] : (tensor<1x6x6x8xf32>) -> tensor<1x6x6x8xf32>
  // expected-remark@below {{the map is read by others than the pool and the difference}}
  %11 = vitrail.binary sub %10, %9 : (tensor<1x6x6x8xf32>, tensor<1x6x6x8xf32>) -> tensor<1x6x6x8xf32>
  return %2, %5, %8, %9, %11 : tensor<1x6x6x8xf32>, tensor<1x6x6x8xf32>, tensor<1x6x6x8xf32>, tensor<1x6x6x8xf32>, tensor<1x6x6x8xf32>
}
