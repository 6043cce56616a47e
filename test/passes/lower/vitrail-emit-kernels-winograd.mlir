// RUN: vitrail-opt %s --split-input-file --verify-diagnostics \
// RUN:   --pass-pipeline='builtin.module(vitrail-emit-kernels{vector-width=8 registers=16},canonicalize,cse)' \
// RUN:   --remarks-filter=lower --remark-policy=all --remark-format=emitRemark \
// RUN:   | FileCheck %s

// A map of 7 by 9 places has 4 lines of 5 tiles. The transformed elements are 16
// matrices of 2 panels for 20 tiles, one behind the other with one line between:
// an odd number of lines, 41, keeps matrices apart in L1. The products of a group
// of one panel lie behind them, in 21 lines.

// A register tile takes 20 channels of 5 tiles from one matrix and leaves sums. A
// quarter of the next product's weights comes near beside the steps of two panels.

// CHECK-LABEL: func private @conv_tile_5x16(
// CHECK-SAME:      %[[MATRIX:[a-z0-9]+]]: index, %[[TILE:[a-z0-9]+]]: index, %[[PANEL:[a-z0-9]+]]: index, %[[NEXTPANEL:[a-z0-9]+]]: index, %[[NEXTSTEP:[a-z0-9]+]]: index)
// CHECK-DAG:     %[[WEIGHTS:.*]] = memref.reinterpret_cast {{.*}} to memref<3x320x16xf32>
// CHECK-DAG:     %[[ELEMENTS:.*]] = memref.reinterpret_cast {{.*}} to memref<16x41x16xf32, strided<[656, 16, 1], offset: 3840>>
// CHECK-DAG:     %[[PRODUCTS:.*]] = memref.reinterpret_cast {{.*}} to memref<16x21x16xf32, strided<[336, 16, 1], offset: 14336>>
// CHECK:         scf.for %{{.*}} = %c0 to %c3
// CHECK:           memref.prefetch %[[WEIGHTS]]
// CHECK:         scf.for %[[LANE:.*]] = %c0 to %c16 step %c4
// CHECK:           %[[FIRST:.*]] = arith.muli %[[MATRIX]], %c20
// CHECK:           %[[STEP:.*]] = arith.addi %[[FIRST]], %[[LANE]]
// CHECK:           vector.load %[[WEIGHTS]][%[[PANEL]], %[[STEP]], %c0] : memref<3x320x16xf32>
// CHECK:           memref.load %[[ELEMENTS]][%[[MATRIX]], %[[TILE]], %[[LANE]]]
// CHECK-COUNT-40:  vector.fma
// CHECK:           scf.yield
// CHECK-COUNT-40: vector.fma
// CHECK-NOT:     vector.fma
// CHECK-COUNT-10: vector.store %{{.*}}, %[[PRODUCTS]][%[[MATRIX]],
// CHECK-NOT:     vector.store

// The map is staged with zeros around its edge. Of 16 elements come 16 by 32 sums
// and differences, in each vector of a panel.

// CHECK-LABEL: func private @conv(
// CHECK:         scf.for %{{.*}} = %c0 to %c4
// CHECK-NEXT:      scf.for %{{.*}} = %c0 to %c5
// CHECK:             vector.load %{{.*}}[%[[PANEL:[a-z0-9]+]], %{{.*}}, %c0] : memref<2x120x16xf32
// CHECK-COUNT-15:    vector.load %{{.*}}[%[[PANEL]], %{{.*}}, %c0] : memref<2x120x16xf32
// CHECK-COUNT-32:    arith.{{addf|subf}}
// CHECK-NOT:         arith.{{addf|subf}}
// CHECK-COUNT-16:    vector.store %{{.*}} : memref<16x41x16xf32
// CHECK-COUNT-16:    vector.load %{{.*}}[%[[PANEL]], %{{.*}}, %c8] : memref<2x120x16xf32

// Sixteen products follow one another.

// CHECK:         scf.for %[[GROUP:[a-z0-9]+]] =
// CHECK:           scf.for %[[MATRIX:.*]] = %c0 to %c16
// CHECK:             scf.for %{{.*}} = %c0 to %c4
// CHECK:               func.call @conv_tile_5x16({{.*}}, %[[MATRIX]], %{{.*}}, %[[GROUP]], %{{.*}}, %{{.*}})

// Then they become results, of which the last tile of a line and the last line of
// tiles have fewer. The last panel has one vector that exists.

// CHECK:           scf.for %{{.*}} = %c0 to %c4
// CHECK-NEXT:        scf.for %{{.*}} = %c0 to %c5
// CHECK-COUNT-16:      vector.load %{{.*}} : memref<16x21x16xf32
// CHECK-COUNT-24:      arith.{{addf|subf}}
// CHECK:               %[[BIAS:.*]] = vector.load %{{.*}} : memref<3x16xf32>
// CHECK-COUNT-4:       arith.addf %{{.*}}, %[[BIAS]]
// CHECK:               arith.cmpi ult, %{{.*}}, %c7
// CHECK:               arith.cmpi ult, %{{.*}}, %c9
// CHECK-COUNT-4:       vector.store %{{.*}} : memref<3x7x9x16xf32>
// CHECK:               else
// CHECK-COUNT-2:       vector.store %{{.*}} : memref<3x7x9x16xf32>
// CHECK:               else
func.func private @conv(%x: memref<2x7x9x16xf32>, %u: memref<3x16x20x16xf32>, %b: memref<3x16xf32>, %y: memref<3x7x9x16xf32>) attributes {vitrail.kernel} {
  %0 = vitrail.read %x axis = 2 : memref<2x7x9x16xf32> -> tensor<7x9x20xf32>
  %1 = vitrail.read %u axis = 2 : memref<3x16x20x16xf32> -> tensor<16x20x40xf32>
  %2 = vitrail.read %b axis = 0 : memref<3x16xf32> -> tensor<40xf32>
  // expected-remark@below {{16 of 20 x 40 by 20 deep: register tiles of 5 x 16, 4 lines of 2 x 2 places at a time}}
  %3 = vitrail.winograd_conv %0, %1, %2 pads = [1, 1, 1, 1] : (tensor<7x9x20xf32>, tensor<16x20x40xf32>, tensor<40xf32>) -> tensor<7x9x40xf32>
  %4 = vitrail.unary relu %3 : tensor<7x9x40xf32>
  vitrail.write %4, %y axis = 2 : tensor<7x9x40xf32> -> memref<3x7x9x16xf32>
  return
}
