// RUN: vitrail-opt %s --split-input-file -o /dev/null \
// RUN:   --pass-pipeline='builtin.module(vitrail-emit-kernels{vector-width=8 registers=16})' \
// RUN:   --remarks-filter=lower --remark-policy=all --remark-format=emitRemark 2>&1 | FileCheck %s

// 64 KiB of weights stay in L2: rows, a KiB each, come in blocks of an eighth of
// its 512 KiB, of whole tiles.

// CHECK: 3136 x 64 by 256 deep: register tiles of 6 x 16, 2092 of them, blocks of 66 rows
func.func private @stay(%x: memref<16x3136x16xf32>, %w: memref<4x256x16xf32>, %y: memref<4x3136x16xf32>) attributes {vitrail.kernel} {
  %0 = vitrail.read %x axis = 1 : memref<16x3136x16xf32> -> tensor<3136x256xf32>
  %1 = vitrail.read %w axis = 0 : memref<4x256x16xf32> -> tensor<64x256xf32>
  %2 = vitrail.linear %0, %1 : (tensor<3136x256xf32>, tensor<64x256xf32>) -> tensor<3136x64xf32>
  vitrail.write %2, %y axis = 1 : tensor<3136x64xf32> -> memref<4x3136x16xf32>
  return
}

// -----

// A MiB of weights comes once for every block: of half of L2.

// CHECK: 3136 x 1024 by 256 deep: register tiles of 6 x 16, 33472 of them, blocks of 246 rows
func.func private @stream(%x: memref<16x3136x16xf32>, %w: memref<64x256x16xf32>, %y: memref<64x3136x16xf32>) attributes {vitrail.kernel} {
  %0 = vitrail.read %x axis = 1 : memref<16x3136x16xf32> -> tensor<3136x256xf32>
  %1 = vitrail.read %w axis = 0 : memref<64x256x16xf32> -> tensor<1024x256xf32>
  %2 = vitrail.linear %0, %1 : (tensor<3136x256xf32>, tensor<1024x256xf32>) -> tensor<3136x1024xf32>
  vitrail.write %2, %y axis = 1 : tensor<3136x1024xf32> -> memref<64x3136x16xf32>
  return
}

// -----

// Staged, a map of 14 x 14 places and 256 channels would be more than half of L2:
// 7 rows of the result are a block, which read 9.

// CHECK: 196 x 256 by 2304 deep: {{.*}}, 9 rows of the map staged at a time
func.func private @half(%x: memref<16x14x14x16xf32>, %w: memref<16x2304x16xf32>, %y: memref<16x14x14x16xf32>) attributes {vitrail.kernel} {
  %0 = vitrail.read %x axis = 2 : memref<16x14x14x16xf32> -> tensor<14x14x256xf32>
  %1 = vitrail.read %w axis = 0 : memref<16x2304x16xf32> -> tensor<256x2304xf32>
  %2 = vitrail.unfold %0 kernel = [3, 3] pads = [1, 1, 1, 1] : (tensor<14x14x256xf32>) -> tensor<14x14x2304xf32>
  %3 = vitrail.linear %2, %1 : (tensor<14x14x2304xf32>, tensor<256x2304xf32>) -> tensor<14x14x256xf32>
  vitrail.write %3, %y axis = 2 : tensor<14x14x256xf32> -> memref<16x14x14x16xf32>
  return
}

// -----

// Of 7 x 7 places there are too few tiles to cut: all 15 rows that stride 2
// reads are staged, which is nearly all of L2.

// CHECK: 49 x 512 by 4608 deep: {{.*}}, 15 rows of the map staged at a time
func.func private @few(%x: memref<32x14x14x16xf32>, %w: memref<32x4608x16xf32>, %y: memref<32x7x7x16xf32>) attributes {vitrail.kernel} {
  %0 = vitrail.read %x axis = 2 : memref<32x14x14x16xf32> -> tensor<14x14x512xf32>
  %1 = vitrail.read %w axis = 0 : memref<32x4608x16xf32> -> tensor<512x4608xf32>
  %2 = vitrail.unfold %0 kernel = [3, 3] strides = [2, 2] pads = [1, 1, 1, 1] : (tensor<14x14x512xf32>) -> tensor<7x7x4608xf32>
  %3 = vitrail.linear %2, %1 : (tensor<7x7x4608xf32>, tensor<512x4608xf32>) -> tensor<7x7x512xf32>
  vitrail.write %3, %y axis = 2 : tensor<7x7x512xf32> -> memref<32x7x7x16xf32>
  return
}
