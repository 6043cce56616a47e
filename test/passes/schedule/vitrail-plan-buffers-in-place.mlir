// RUN: vitrail-opt %s --split-input-file \
// RUN:   --pass-pipeline='builtin.module(func.func(vitrail-form-regions),vitrail-plan-buffers)' \
// RUN:   | FileCheck %s --check-prefixes=CHECK,OURS
// RUN: vitrail-opt %s --split-input-file \
// RUN:   --pass-pipeline='builtin.module(func.func(vitrail-form-regions),vitrail-plan-buffers{weight-width=64})' \
// RUN:   | FileCheck %s --check-prefixes=CHECK,LIBRARY

// What a linear adds is read nowhere else later: the sum takes its place. A
// library writes its products where the sum will be, and so elsewhere.

// CHECK-LABEL:  func @main()
// CHECK:          vitrail.launch @linear_1
// OURS:           vitrail.buffer arena[0] : memref<2x5x16xf32>
// OURS-NEXT:      vitrail.buffer arena[0] : memref<2x5x16xf32>
// LIBRARY:        vitrail.buffer arena[0] : memref<2x5x16xf32>
// LIBRARY-NEXT:   vitrail.buffer arena[0] offset = 1280 : memref<2x5x16xf32>
// CHECK-NEXT:     vitrail.launch @linear_2
func.func @main(%x: tensor<5x32xf32> {vitrail.name = "x"}) -> (tensor<5x32xf32> {vitrail.name = "y"}) {
  %w = vitrail.weight "w" matrix fan_in = 32 : tensor<32x32xf32>
  %0 = vitrail.linear %x, %w : (tensor<5x32xf32>, tensor<32x32xf32>) -> tensor<5x32xf32>
  %1 = vitrail.linear %0, %w : (tensor<5x32xf32>, tensor<32x32xf32>) -> tensor<5x32xf32>
  %2 = vitrail.linear %1, %w : (tensor<5x32xf32>, tensor<32x32xf32>) -> tensor<5x32xf32>
  %3 = vitrail.binary add %2, %0 : (tensor<5x32xf32>, tensor<5x32xf32>) -> tensor<5x32xf32>
  %4 = vitrail.linear %3, %w : (tensor<5x32xf32>, tensor<32x32xf32>) -> tensor<5x32xf32>
  return %4 : tensor<5x32xf32>
}

// -----

// The last linear still reads what is added.

// CHECK-LABEL:  func @main()
// CHECK:          vitrail.launch @linear_1
// CHECK:          vitrail.buffer arena[0] : memref<2x5x16xf32>
// CHECK-NEXT:     vitrail.buffer arena[0] offset = 1280 : memref<2x5x16xf32>
// CHECK-NEXT:     vitrail.launch @linear_2
func.func @main(%x: tensor<5x32xf32> {vitrail.name = "x"}) -> (tensor<5x32xf32> {vitrail.name = "y"}) {
  %w = vitrail.weight "w" matrix fan_in = 32 : tensor<32x32xf32>
  %0 = vitrail.linear %x, %w : (tensor<5x32xf32>, tensor<32x32xf32>) -> tensor<5x32xf32>
  %1 = vitrail.linear %0, %w : (tensor<5x32xf32>, tensor<32x32xf32>) -> tensor<5x32xf32>
  %2 = vitrail.linear %1, %w : (tensor<5x32xf32>, tensor<32x32xf32>) -> tensor<5x32xf32>
  %3 = vitrail.binary add %2, %0 : (tensor<5x32xf32>, tensor<5x32xf32>) -> tensor<5x32xf32>
  %4 = vitrail.linear %3, %w : (tensor<5x32xf32>, tensor<32x32xf32>) -> tensor<5x32xf32>
  %5 = vitrail.binary add %4, %0 : (tensor<5x32xf32>, tensor<5x32xf32>) -> tensor<5x32xf32>
  return %5 : tensor<5x32xf32>
}

// -----

// The linear multiplies what it adds: every tile reads whole rows of it.

// CHECK-LABEL:  func @main()
// CHECK:          vitrail.launch @linear_0
// CHECK-NEXT:     vitrail.buffer arena[0] : memref<2x5x16xf32>
// CHECK-NEXT:     vitrail.buffer frozen[0]
// CHECK-NEXT:     vitrail.buffer arena[0] offset = 640 : memref<2x5x16xf32>
// CHECK-NEXT:     vitrail.launch @linear_1
func.func @main(%x: tensor<5x32xf32> {vitrail.name = "x"}) -> (tensor<5x32xf32> {vitrail.name = "y"}) {
  %w = vitrail.weight "w" matrix fan_in = 32 : tensor<32x32xf32>
  %0 = vitrail.linear %x, %w : (tensor<5x32xf32>, tensor<32x32xf32>) -> tensor<5x32xf32>
  %1 = vitrail.linear %0, %w : (tensor<5x32xf32>, tensor<32x32xf32>) -> tensor<5x32xf32>
  %2 = vitrail.binary add %1, %0 : (tensor<5x32xf32>, tensor<5x32xf32>) -> tensor<5x32xf32>
  %3 = vitrail.linear %2, %w : (tensor<5x32xf32>, tensor<32x32xf32>) -> tensor<5x32xf32>
  return %3 : tensor<5x32xf32>
}

// -----

// Behind a GELU, sums wait in the result, where they would overwrite what is
// added to them.

// CHECK-LABEL:  func @main()
// CHECK:          vitrail.launch @linear_1
// CHECK:          vitrail.buffer arena[0] : memref<2x5x16xf32>
// CHECK-NEXT:     vitrail.buffer arena[0] offset = 1280 : memref<2x5x16xf32>
// CHECK-NEXT:     vitrail.launch @linear_2
func.func @main(%x: tensor<5x32xf32> {vitrail.name = "x"}) -> (tensor<5x32xf32> {vitrail.name = "y"}) {
  %w = vitrail.weight "w" matrix fan_in = 32 : tensor<32x32xf32>
  %0 = vitrail.linear %x, %w : (tensor<5x32xf32>, tensor<32x32xf32>) -> tensor<5x32xf32>
  %1 = vitrail.linear %0, %w : (tensor<5x32xf32>, tensor<32x32xf32>) -> tensor<5x32xf32>
  %2 = vitrail.linear %1, %w : (tensor<5x32xf32>, tensor<32x32xf32>) -> tensor<5x32xf32>
  %3 = vitrail.unary gelu %2 : tensor<5x32xf32>
  %4 = vitrail.binary add %3, %0 : (tensor<5x32xf32>, tensor<5x32xf32>) -> tensor<5x32xf32>
  %5 = vitrail.linear %4, %w : (tensor<5x32xf32>, tensor<32x32xf32>) -> tensor<5x32xf32>
  return %5 : tensor<5x32xf32>
}
