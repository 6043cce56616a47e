// RUN: vitrail-opt %s --split-input-file -o /dev/null \
// RUN:   --pass-pipeline='builtin.module(vitrail-emit-kernels{vector-width=16 registers=32})' \
// RUN:   --remarks-filter=lower --remark-policy=all --remark-format=emitRemark 2>&1 | FileCheck %s --check-prefix=AVX512
// RUN: vitrail-opt %s --split-input-file -o /dev/null \
// RUN:   --pass-pipeline='builtin.module(vitrail-emit-kernels{vector-width=8 registers=16})' \
// RUN:   --remarks-filter=lower --remark-policy=all --remark-format=emitRemark 2>&1 | FileCheck %s --check-prefix=AVX2

// Multiply-adds of AVX-512 broadcast what they load: tiles of one vector have
// no instructions but these and the load of the weights. With AVX2, panels are
// two vectors, of which six rows fit the registers.

// AVX512: 197 x 768 by 64 deep: register tiles of 16 x 16,
// AVX2:   197 x 768 by 64 deep: register tiles of 6 x 16,
func.func private @many(%x: memref<4x197x16xf32>, %w: memref<48x64x16xf32>, %y: memref<48x197x16xf32>) attributes {vitrail.kernel} {
  %0 = vitrail.read %x axis = 1 : memref<4x197x16xf32> -> tensor<197x64xf32>
  %1 = vitrail.read %w axis = 0 : memref<48x64x16xf32> -> tensor<768x64xf32>
  %2 = vitrail.linear %0, %1 : (tensor<197x64xf32>, tensor<768x64xf32>) -> tensor<197x768xf32>
  vitrail.write %2, %y axis = 1 : tensor<197x768xf32> -> memref<48x197x16xf32>
  return
}

// -----

// Of four rows, one vector is too few multiply-adds under way.

// AVX512: 4 x 768 by 64 deep: register tiles of 4 x 96,
// AVX2:   4 x 768 by 64 deep: register tiles of 4 x 16,
func.func private @few(%x: memref<4x4x16xf32>, %w: memref<48x64x16xf32>, %y: memref<48x4x16xf32>) attributes {vitrail.kernel} {
  %0 = vitrail.read %x axis = 1 : memref<4x4x16xf32> -> tensor<4x64xf32>
  %1 = vitrail.read %w axis = 0 : memref<48x64x16xf32> -> tensor<768x64xf32>
  %2 = vitrail.linear %0, %1 : (tensor<4x64xf32>, tensor<768x64xf32>) -> tensor<4x768xf32>
  vitrail.write %2, %y axis = 1 : tensor<4x768xf32> -> memref<48x4x16xf32>
  return
}
