// RUN: vitrail-opt %s --split-input-file --verify-diagnostics \
// RUN:   --pass-pipeline='builtin.module(func.func(vitrail-form-regions),vitrail-plan-buffers{weight-width=64})' \
// RUN:   | FileCheck %s
// RUN: not vitrail-opt %s --split-input-file \
// RUN:   --pass-pipeline='builtin.module(func.func(vitrail-form-regions),vitrail-plan-buffers{weight-width=40})' 2>&1 \
// RUN:   | FileCheck %s --check-prefix=WIDTH
// WIDTH: weight-width is a positive multiple of 16, got 40

// The weight of a linear lies in panels of 64 along its columns; activations and
// the bias keep theirs of 16.

// CHECK:       func private @linear_0(%arg0: memref<1x5x20xf32>, %arg1: memref<2x20x64xf32>, %arg2: memref<7x16xf32>, %arg3: memref<7x1x5x16xf32>)
// CHECK:         vitrail.read %arg1 axis = 0 width = 64 : memref<2x20x64xf32> -> tensor<100x20xf32>
// CHECK:         vitrail.read %arg2 axis = 0 : memref<7x16xf32> -> tensor<100xf32>
// CHECK:       func private @linear_1(%arg0: memref<7x1x5x16xf32>, %arg1: memref<1x100x64xf32>, %arg2: memref<1x5x3xf32>)
// CHECK:         vitrail.read %arg1 axis = 1 width = 64 : memref<1x100x64xf32> -> tensor<100x3xf32>
// CHECK:       func @freeze() -> (tensor<2x20x64xf32>, tensor<7x16xf32>, tensor<1x100x64xf32>)
// CHECK:         vitrail.pack %{{.*}} axis = 0 width = 64 : (tensor<100x20xf32>) -> tensor<2x20x64xf32>
// CHECK:         vitrail.pack %{{.*}} axis = 0 : (tensor<100xf32>) -> tensor<7x16xf32>
// CHECK:         vitrail.pack %{{.*}} axis = 1 width = 64 : (tensor<100x3xf32>) -> tensor<1x100x64xf32>
func.func @main(%x: tensor<1x5x20xf32>) -> tensor<1x5x3xf32> {
  %w0 = vitrail.weight "w0" matrix fan_in = 20 : tensor<100x20xf32>
  %b0 = vitrail.weight "b0" bias : tensor<100xf32>
  %w1 = vitrail.weight "w1" matrix fan_in = 100 : tensor<100x3xf32>
  %0 = vitrail.linear %x, %w0, %b0 : (tensor<1x5x20xf32>, tensor<100x20xf32>, tensor<100xf32>) -> tensor<1x5x100xf32>
  %1 = vitrail.linear %0, %w1 transposed : (tensor<1x5x100xf32>, tensor<100x3xf32>) -> tensor<1x5x3xf32>
  return %1 : tensor<1x5x3xf32>
}

// -----

// What a linear and an elementwise op both read is frozen twice, for each in its
// own panels; two linears share theirs.

// CHECK:       func @freeze() -> (tensor<1x20x64xf32>, tensor<2x20x16xf32>)
// CHECK:       func @main()
// CHECK:         vitrail.buffer frozen[0] : memref<1x20x64xf32>
// CHECK:         vitrail.buffer frozen[1] : memref<2x20x16xf32>
// CHECK:         vitrail.buffer frozen[0] : memref<1x20x64xf32>
func.func @main(%x: tensor<20x20xf32>) -> tensor<20x20xf32> {
  %w = vitrail.weight "w" matrix fan_in = 20 : tensor<20x20xf32>
  %0 = vitrail.linear %x, %w transposed : (tensor<20x20xf32>, tensor<20x20xf32>) -> tensor<20x20xf32>
  %1 = vitrail.binary add %0, %w : (tensor<20x20xf32>, tensor<20x20xf32>) -> tensor<20x20xf32>
  %2 = vitrail.linear %1, %w transposed : (tensor<20x20xf32>, tensor<20x20xf32>) -> tensor<20x20xf32>
  return %2 : tensor<20x20xf32>
}
