// RUN: vitrail-opt %s --split-input-file --verify-diagnostics \
// RUN:   --pass-pipeline='builtin.module(vitrail-emit-kernels{vector-width=8 registers=16})'

// expected-error @below {{vitrail.tiling must have the numbers rows, vectors and blocks, at least 1 each, not [6, 2]}}
func.func private @linear(%x: memref<32x24x16xf32>, %w: memref<2x512x16xf32>, %y: memref<2x24x16xf32>) attributes {vitrail.kernel, vitrail.tiling = [6, 2]} {
  %0 = vitrail.read %x axis = 1 : memref<32x24x16xf32> -> tensor<24x512xf32>
  %1 = vitrail.read %w axis = 0 : memref<2x512x16xf32> -> tensor<32x512xf32>
  %2 = vitrail.linear %0, %1 : (tensor<24x512xf32>, tensor<32x512xf32>) -> tensor<24x32xf32>
  vitrail.write %2, %y axis = 1 : tensor<24x32xf32> -> memref<2x24x16xf32>
  return
}

// -----

// expected-error @below {{vitrail.tiling must have the numbers rows, vectors and blocks, at least 1 each, not {rows = 6 : i64, vectors = 2 : i64}}}
func.func private @linear(%x: memref<32x24x16xf32>, %w: memref<2x512x16xf32>, %y: memref<2x24x16xf32>) attributes {vitrail.kernel, vitrail.tiling = {rows = 6, vectors = 2}} {
  %0 = vitrail.read %x axis = 1 : memref<32x24x16xf32> -> tensor<24x512xf32>
  %1 = vitrail.read %w axis = 0 : memref<2x512x16xf32> -> tensor<32x512xf32>
  %2 = vitrail.linear %0, %1 : (tensor<24x512xf32>, tensor<32x512xf32>) -> tensor<24x32xf32>
  vitrail.write %2, %y axis = 1 : tensor<24x32xf32> -> memref<2x24x16xf32>
  return
}

// -----

// expected-error @below {{vitrail.tiling must have the numbers rows, vectors and blocks, at least 1 each, not {keys = 1 : i64, rows = 6 : i64, vectors = 2 : i64}}}
func.func private @linear(%x: memref<32x24x16xf32>, %w: memref<2x512x16xf32>, %y: memref<2x24x16xf32>) attributes {vitrail.kernel, vitrail.tiling = {rows = 6, vectors = 2, keys = 1}} {
  %0 = vitrail.read %x axis = 1 : memref<32x24x16xf32> -> tensor<24x512xf32>
  %1 = vitrail.read %w axis = 0 : memref<2x512x16xf32> -> tensor<32x512xf32>
  %2 = vitrail.linear %0, %1 : (tensor<24x512xf32>, tensor<32x512xf32>) -> tensor<24x32xf32>
  vitrail.write %2, %y axis = 1 : tensor<24x32xf32> -> memref<2x24x16xf32>
  return
}

// -----

// expected-error @below {{vitrail.tiling must have the numbers rows, vectors and blocks, at least 1 each, not {blocks = 1 : i64, rows = 0 : i64, vectors = 2 : i64}}}
func.func private @linear(%x: memref<32x24x16xf32>, %w: memref<2x512x16xf32>, %y: memref<2x24x16xf32>) attributes {vitrail.kernel, vitrail.tiling = {rows = 0, vectors = 2, blocks = 1}} {
  %0 = vitrail.read %x axis = 1 : memref<32x24x16xf32> -> tensor<24x512xf32>
  %1 = vitrail.read %w axis = 0 : memref<2x512x16xf32> -> tensor<32x512xf32>
  %2 = vitrail.linear %0, %1 : (tensor<24x512xf32>, tensor<32x512xf32>) -> tensor<24x32xf32>
  vitrail.write %2, %y axis = 1 : tensor<24x32xf32> -> memref<2x24x16xf32>
  return
}

// -----

// expected-error @below {{vitrail.tiling must have the numbers rows, vectors and blocks, at least 1 each, not {blocks = -3 : i64, rows = 6 : i64, vectors = 2 : i64}}}
func.func private @linear(%x: memref<32x24x16xf32>, %w: memref<2x512x16xf32>, %y: memref<2x24x16xf32>) attributes {vitrail.kernel, vitrail.tiling = {rows = 6, vectors = 2, blocks = -3}} {
  %0 = vitrail.read %x axis = 1 : memref<32x24x16xf32> -> tensor<24x512xf32>
  %1 = vitrail.read %w axis = 0 : memref<2x512x16xf32> -> tensor<32x512xf32>
  %2 = vitrail.linear %0, %1 : (tensor<24x512xf32>, tensor<32x512xf32>) -> tensor<24x32xf32>
  vitrail.write %2, %y axis = 1 : tensor<24x32xf32> -> memref<2x24x16xf32>
  return
}

// -----

// expected-error @below {{vitrail.tiling asks for 3 vectors; they must be whole panels of 2}}
func.func private @linear(%x: memref<32x24x16xf32>, %w: memref<2x512x16xf32>, %y: memref<2x24x16xf32>) attributes {vitrail.kernel, vitrail.tiling = {rows = 6, vectors = 3, blocks = 1}} {
  %0 = vitrail.read %x axis = 1 : memref<32x24x16xf32> -> tensor<24x512xf32>
  %1 = vitrail.read %w axis = 0 : memref<2x512x16xf32> -> tensor<32x512xf32>
  %2 = vitrail.linear %0, %1 : (tensor<24x512xf32>, tensor<32x512xf32>) -> tensor<24x32xf32>
  vitrail.write %2, %y axis = 1 : tensor<24x32xf32> -> memref<2x24x16xf32>
  return
}

// -----

// expected-error @below {{vitrail.tiling asks for tiles of 7 x 2 vectors; with a step's weights and one broadcast, they must fit 16 registers}}
func.func private @linear(%x: memref<32x24x16xf32>, %w: memref<2x512x16xf32>, %y: memref<2x24x16xf32>) attributes {vitrail.kernel, vitrail.tiling = {rows = 7, vectors = 2, blocks = 1}} {
  %0 = vitrail.read %x axis = 1 : memref<32x24x16xf32> -> tensor<24x512xf32>
  %1 = vitrail.read %w axis = 0 : memref<2x512x16xf32> -> tensor<32x512xf32>
  %2 = vitrail.linear %0, %1 : (tensor<24x512xf32>, tensor<32x512xf32>) -> tensor<24x32xf32>
  vitrail.write %2, %y axis = 1 : tensor<24x32xf32> -> memref<2x24x16xf32>
  return
}

// -----

// expected-error @below {{must fit 16 registers}}
func.func private @linear(%x: memref<32x24x16xf32>, %w: memref<2x512x16xf32>, %y: memref<2x24x16xf32>) attributes {vitrail.kernel, vitrail.tiling = {rows = 4611686018427387904, vectors = 2, blocks = 1}} {
  %0 = vitrail.read %x axis = 1 : memref<32x24x16xf32> -> tensor<24x512xf32>
  %1 = vitrail.read %w axis = 0 : memref<2x512x16xf32> -> tensor<32x512xf32>
  %2 = vitrail.linear %0, %1 : (tensor<24x512xf32>, tensor<32x512xf32>) -> tensor<24x32xf32>
  vitrail.write %2, %y axis = 1 : tensor<24x32xf32> -> memref<2x24x16xf32>
  return
}

// -----

// expected-error @below {{vitrail.tiling asks for 9 blocks, into which this kernel cannot be cut; 8 are possible}}
func.func private @linear(%x: memref<32x24x16xf32>, %w: memref<2x512x16xf32>, %y: memref<2x24x16xf32>) attributes {vitrail.kernel, vitrail.tiling = {rows = 6, vectors = 2, blocks = 9}} {
  %0 = vitrail.read %x axis = 1 : memref<32x24x16xf32> -> tensor<24x512xf32>
  %1 = vitrail.read %w axis = 0 : memref<2x512x16xf32> -> tensor<32x512xf32>
  %2 = vitrail.linear %0, %1 : (tensor<24x512xf32>, tensor<32x512xf32>) -> tensor<24x32xf32>
  vitrail.write %2, %y axis = 1 : tensor<24x32xf32> -> memref<2x24x16xf32>
  return
}

// -----

// expected-error @below {{blocks, into which this kernel cannot be cut; 32 are possible}}
func.func private @linear(%x: memref<32x24x16xf32>, %w: memref<2x512x16xf32>, %y: memref<2x24x16xf32>) attributes {vitrail.kernel, vitrail.tiling = {rows = 6, vectors = 2, blocks = 4611686018427387904}} {
  %0 = vitrail.read %x axis = 1 : memref<32x24x16xf32> -> tensor<24x512xf32>
  %1 = vitrail.read %w axis = 0 : memref<2x512x16xf32> -> tensor<32x512xf32>
  %2 = vitrail.linear %0, %1 : (tensor<24x512xf32>, tensor<32x512xf32>) -> tensor<24x32xf32>
  vitrail.write %2, %y axis = 1 : tensor<24x32xf32> -> memref<2x24x16xf32>
  return
}

// -----

// expected-error @below {{vitrail.tiling is for products, and this kernel computes none}}
func.func private @relu(%x: memref<1x4x16xf32>, %y: memref<1x4x16xf32>) attributes {vitrail.kernel, vitrail.tiling = {rows = 6, vectors = 2, blocks = 1}} {
  %0 = vitrail.read %x axis = 1 : memref<1x4x16xf32> -> tensor<4x16xf32>
  %1 = vitrail.unary relu %0 : tensor<4x16xf32>
  vitrail.write %1, %y axis = 1 : tensor<4x16xf32> -> memref<1x4x16xf32>
  return
}

// -----

// expected-error @below {{vitrail.tiling asks for 2 blocks, into which this kernel cannot be cut; 1 are possible}}
func.func private @einsum(%x: memref<1x6x16xf32>, %z: memref<1x16x16xf32>, %y: memref<1x6x16xf32>) attributes {vitrail.kernel, vitrail.tiling = {rows = 2, vectors = 2, blocks = 2}} {
  %0 = vitrail.read %x axis = 1 : memref<1x6x16xf32> -> tensor<6x16xf32>
  %1 = vitrail.read %z axis = 1 : memref<1x16x16xf32> -> tensor<16x16xf32>
  %2 = vitrail.einsum "mk,kn->mn" %0, %1 : (tensor<6x16xf32>, tensor<16x16xf32>) -> tensor<6x16xf32>
  vitrail.write %2, %y axis = 1 : tensor<6x16xf32> -> memref<1x6x16xf32>
  return
}
