// RUN: vitrail-opt %s --split-input-file --verify-diagnostics \
// RUN:   --pass-pipeline='builtin.module(func.func(vitrail-form-regions),vitrail-plan-buffers)' \
// RUN:   | FileCheck %s

// Ports are row-major, activations panels of 16, weights panels along what the
// kernel computes in vectors. Two equal layers share a kernel. Of three values in
// a chain the third takes the place of the first.

// CHECK:       module attributes {vitrail.arena_bytes = 1280 : i64}
// CHECK:       func private @linear_0(%{{.*}}: memref<1x5x20xf32>, %{{.*}}: memref<2x20x16xf32>, %{{.*}}: memref<2x1x5x16xf32>) attributes {vitrail.kernel}
// CHECK-NEXT:    vitrail.read %arg0 axis = 2 rows
// CHECK-NEXT:    vitrail.read %arg1 axis = 0 : memref<2x20x16xf32> -> tensor<20x20xf32>
// CHECK-NEXT:    vitrail.linear
// CHECK-NEXT:    vitrail.write %{{.*}}, %arg2 axis = 2 : tensor<1x5x20xf32> -> memref<2x1x5x16xf32>
// CHECK-NEXT:    return
// CHECK:       func private @linear_1(
// CHECK:       func private @linear_2(
// CHECK-NOT:   func private
// CHECK:       func @freeze() -> (tensor<2x20x16xf32>, tensor<2x20x16xf32>, tensor<2x20x16xf32>, tensor<2x20x16xf32>)
// CHECK:         %[[W0:.*]] = vitrail.weight "w0"
// CHECK:         %[[P0:.*]] = vitrail.pack %[[W0]] axis = 0
// CHECK:         return %[[P0]]
// CHECK:       func @main() attributes
// CHECK-SAME:    vitrail.inputs = [{type = tensor<1x5x20xf32>, vitrail.name = "x"}]
// CHECK-SAME:    vitrail.outputs = [{type = tensor<1x5x20xf32>, vitrail.name = "y"}]
// CHECK:         vitrail.buffer input[0] : memref<1x5x20xf32>
// CHECK:         vitrail.buffer frozen[0]
// CHECK:         %[[A0:.*]] = vitrail.buffer arena[0] : memref<2x1x5x16xf32>
// CHECK:         vitrail.launch @linear_0 "linear"(%{{.*}}, %{{.*}}, %[[A0]]) flops = 4000 bytes = 2400
// CHECK:         %[[A1:.*]] = vitrail.buffer arena[0] offset = 640 : memref<2x1x5x16xf32>
// CHECK:         vitrail.launch @linear_1 "linear"({{.*}}, %[[A1]])
// CHECK:         %[[A2:.*]] = vitrail.buffer arena[0] : memref<2x1x5x16xf32>
// CHECK:         vitrail.launch @linear_1 "linear"({{.*}}, %[[A2]])
// CHECK:         %[[OUT:.*]] = vitrail.buffer output[0] : memref<1x5x20xf32>
// CHECK:         vitrail.launch @linear_2 "linear"({{.*}}, %[[OUT]])
func.func @main(%x: tensor<1x5x20xf32> {vitrail.name = "x"}) -> (tensor<1x5x20xf32> {vitrail.name = "y"}) {
  %w0 = vitrail.weight "w0" matrix fan_in = 20 : tensor<20x20xf32>
  %w1 = vitrail.weight "w1" matrix fan_in = 20 : tensor<20x20xf32>
  %w2 = vitrail.weight "w2" matrix fan_in = 20 : tensor<20x20xf32>
  %w3 = vitrail.weight "w3" matrix fan_in = 20 : tensor<20x20xf32>
  %0 = vitrail.linear %x, %w0 : (tensor<1x5x20xf32>, tensor<20x20xf32>) -> tensor<1x5x20xf32>
  %1 = vitrail.linear %0, %w1 : (tensor<1x5x20xf32>, tensor<20x20xf32>) -> tensor<1x5x20xf32>
  %2 = vitrail.linear %1, %w2 : (tensor<1x5x20xf32>, tensor<20x20xf32>) -> tensor<1x5x20xf32>
  %3 = vitrail.linear %2, %w3 : (tensor<1x5x20xf32>, tensor<20x20xf32>) -> tensor<1x5x20xf32>
  return %3 : tensor<1x5x20xf32>
}

// -----

// Query, key and value are views of one buffer: 5 rows of a panel are 320 bytes,
// a part of two panels begins 640 bytes after the one before.

// CHECK:       vitrail.arena_bytes = 1920
// CHECK:       func @main() attributes
// CHECK:         %[[QKV:.*]] = vitrail.buffer arena[0] : memref<6x1x5x16xf32>
// CHECK:         vitrail.launch @linear_0 {{.*}}%[[QKV]])
// CHECK:         %[[Q:.*]] = vitrail.buffer arena[0] : memref<2x1x5x16xf32>
// CHECK:         %[[K:.*]] = vitrail.buffer arena[0] offset = 640 : memref<2x1x5x16xf32>
// CHECK:         %[[V:.*]] = vitrail.buffer arena[0] offset = 1280 : memref<2x1x5x16xf32>
// CHECK:         vitrail.launch @attention_1 "attention"(%[[Q]], %[[K]], %[[V]], %{{.*}})
func.func @main(%x: tensor<1x5x20xf32>) -> tensor<1x5x32xf32> {
  %w = vitrail.weight "w" matrix fan_in = 20 : tensor<96x20xf32>
  %0 = vitrail.linear %x, %w : (tensor<1x5x20xf32>, tensor<96x20xf32>) -> tensor<1x5x96xf32>
  %q = vitrail.slice %0 offsets = [0, 0, 0] sizes = [1, 5, 32] : (tensor<1x5x96xf32>) -> tensor<1x5x32xf32>
  %k = vitrail.slice %0 offsets = [0, 0, 32] sizes = [1, 5, 32] : (tensor<1x5x96xf32>) -> tensor<1x5x32xf32>
  %v = vitrail.slice %0 offsets = [0, 0, 64] sizes = [1, 5, 32] : (tensor<1x5x96xf32>) -> tensor<1x5x32xf32>
  %1 = vitrail.attention %q, %k, %v heads = 2 scale = 0.25 : (tensor<1x5x32xf32>, tensor<1x5x32xf32>, tensor<1x5x32xf32>) -> tensor<1x5x32xf32>
  return %1 : tensor<1x5x32xf32>
}

// -----

// The token and the patches of two samples are written into one buffer: the
// patches' rows are 6 · 16 elements apart from sample to sample. Back from there
// the token is a strided view again, also once its axis is gone.

// CHECK:       vitrail.arena_bytes = 768
// CHECK:       func private @unary_0(%{{.*}}: memref<2x5x16xf32>, %{{.*}}: memref<1x2x5x16xf32, strided<[192, 96, 16, 1]>>)
// CHECK:       func private @copy_1(%{{.*}}: memref<1x2x1x16xf32>, %{{.*}}: memref<1x2x1x16xf32, strided<[192, 96, 16, 1]>>)
// CHECK:       func @main() attributes
// CHECK:         vitrail.buffer arena[0] offset = 64 : memref<1x2x5x16xf32, strided<[192, 96, 16, 1]>>
// CHECK:         vitrail.launch @unary_0
// CHECK:         vitrail.buffer arena[0] : memref<1x2x1x16xf32, strided<[192, 96, 16, 1]>>
// CHECK:         vitrail.launch @copy_1
// CHECK:         %[[CLS:.*]] = vitrail.buffer arena[0] : memref<1x2x16xf32, strided<[192, 96, 1]>>
// CHECK:         vitrail.launch @softmax_2 "softmax"(%[[CLS]]
// CHECK:         %[[MERGED:.*]] = vitrail.buffer arena[0] offset = 320 : memref<1x2x16xf32, strided<[192, 96, 1]>>
// CHECK:         vitrail.launch @softmax_2 "softmax"(%[[MERGED]]
func.func @main(%x: tensor<2x5x16xf32>) -> (tensor<2x16xf32>, tensor<2x16xf32>) {
  %t = vitrail.weight "token" token : tensor<1x1x16xf32>
  %b = vitrail.broadcast %t shape = [2, 1, 16] : (tensor<1x1x16xf32>) -> tensor<2x1x16xf32>
  %0 = vitrail.unary relu %x : tensor<2x5x16xf32>
  %1 = vitrail.concat %b, %0 axis = 1 : (tensor<2x1x16xf32>, tensor<2x5x16xf32>) -> tensor<2x6x16xf32>
  %2 = vitrail.slice %1 offsets = [0, 0, 0] sizes = [2, 1, 16] : (tensor<2x6x16xf32>) -> tensor<2x1x16xf32>
  %3 = vitrail.rearrange %2 "b 1 c -> b c" : (tensor<2x1x16xf32>) -> tensor<2x16xf32>
  %4 = vitrail.softmax %3 axis = 1 : tensor<2x16xf32>
  %5 = vitrail.slice %1 offsets = [0, 5, 0] sizes = [2, 1, 16] : (tensor<2x6x16xf32>) -> tensor<2x1x16xf32>
  %6 = vitrail.rearrange %5 "b n c -> (b n) c" : (tensor<2x1x16xf32>) -> tensor<2x16xf32>
  %7 = vitrail.softmax %6 axis = 1 : tensor<2x16xf32>
  return %4, %7 : tensor<2x16xf32>, tensor<2x16xf32>
}

// -----

// One weight, read in two layouts, is frozen twice; read twice in one, once. A
// value that is returned and read on is read from the output.

// CHECK:       vitrail.arena_bytes = 0
// CHECK:       func @freeze() -> (tensor<1x16x16xf32>, tensor<1x16x16xf32>)
// CHECK-DAG:     vitrail.pack %[[W:.*]] axis = 0
// CHECK-DAG:     vitrail.pack %[[W]] axis = 1
// CHECK:       func @main() attributes
// CHECK:         vitrail.buffer frozen[0]
// CHECK:         %[[Y:.*]] = vitrail.buffer output[0]
// CHECK:         vitrail.launch @linear_0 {{.*}}%[[Y]])
// CHECK:         %[[Y0:.*]] = vitrail.buffer output[0]
// CHECK:         %[[W0:.*]] = vitrail.buffer frozen[0]
// CHECK:         %[[W1:.*]] = vitrail.buffer frozen[1]
// CHECK:         vitrail.launch @linear_1 "linear"(%[[Y0]], %[[W0]], %[[W1]],
func.func @main(%x: tensor<16x16xf32>) -> (tensor<16x16xf32>, tensor<16x16xf32>) {
  %w = vitrail.weight "w" matrix fan_in = 16 : tensor<16x16xf32>
  %0 = vitrail.linear %x, %w : (tensor<16x16xf32>, tensor<16x16xf32>) -> tensor<16x16xf32>
  %1 = vitrail.linear %0, %w : (tensor<16x16xf32>, tensor<16x16xf32>) -> tensor<16x16xf32>
  %2 = vitrail.binary add %1, %w : (tensor<16x16xf32>, tensor<16x16xf32>) -> tensor<16x16xf32>
  return %0, %2 : tensor<16x16xf32>, tensor<16x16xf32>
}

// -----

// Pixels are read where they are: from_u8 is no kernel's, each reads bytes.

// CHECK:       func private @linear_0(%arg0: memref<1x4x4x3xi8>, {{.*}})
// CHECK-NEXT:    vitrail.read %arg0 axis = 3 rows : memref<1x4x4x3xi8> -> tensor<1x4x4x3xf32>
// CHECK:         vitrail.rearrange
// CHECK:       func private @binary_1(%arg0: memref<1x2x4x3xi8>, {{.*}})
// CHECK-NEXT:    vitrail.read %arg0 axis = 3 rows
// CHECK:       func @main() attributes {vitrail.inputs = [{type = tensor<1x4x4x3xui8>}]
// CHECK:         vitrail.buffer input[0] : memref<1x4x4x3xi8>
// CHECK:         vitrail.launch @linear_0 {{.*}} bytes = 560
// CHECK:         vitrail.buffer input[0] offset = 24 : memref<1x2x4x3xi8>
// CHECK:         vitrail.launch @binary_1 {{.*}} bytes = 132
func.func @main(%x: tensor<1x4x4x3xui8>) -> (tensor<1x4x8xf32>, tensor<1x2x4x3xf32>) {
  %w = vitrail.weight "w" matrix fan_in = 12 : tensor<8x12xf32>
  %g = vitrail.weight "g" gain : tensor<3xf32>
  %0 = vitrail.from_u8 %x : tensor<1x4x4x3xui8>
  %1 = vitrail.rearrange %0 "b (h p) (w q) c -> b (h w) (p q c)" sizes = {p = 2 : i64, q = 2 : i64} : (tensor<1x4x4x3xf32>) -> tensor<1x4x12xf32>
  %2 = vitrail.linear %1, %w : (tensor<1x4x12xf32>, tensor<8x12xf32>) -> tensor<1x4x8xf32>
  %3 = vitrail.slice %0 offsets = [0, 2, 0, 0] sizes = [1, 2, 4, 3] : (tensor<1x4x4x3xf32>) -> tensor<1x2x4x3xf32>
  %4 = vitrail.binary mul %3, %g : (tensor<1x2x4x3xf32>, tensor<3xf32>) -> tensor<1x2x4x3xf32>
  return %2, %4 : tensor<1x4x8xf32>, tensor<1x2x4x3xf32>
}

// -----

// Two entries have the kernel, the frozen tensors and the arena in common. What
// is equal on their weight sides is computed once.

// CHECK:       vitrail.arena_bytes = 1024
// CHECK:       func private @linear_0(
// CHECK:       func private @linear_1(
// CHECK:       func private @linear_2(
// CHECK-NOT:   func private
// CHECK:       func @freeze() -> (tensor<1x16x16xf32>, tensor<1x16x16xf32>)
// CHECK:         %[[W:.*]] = vitrail.weight "w"
// CHECK:         %[[DOUBLE:.*]] = vitrail.binary add %[[W]], %[[W]]
// CHECK-NOT:     vitrail.weight
// CHECK:         %[[P:.*]] = vitrail.pack %[[W]]
// CHECK:         %[[D:.*]] = vitrail.pack %[[DOUBLE]]
// CHECK-NOT:     vitrail.pack
// CHECK:         return %[[P]], %[[D]]
// CHECK:       func @main() attributes {vitrail.inputs = [{type = tensor<4x16xf32>}]
// CHECK:         vitrail.buffer frozen[0]
// CHECK:         vitrail.launch @linear_0
// CHECK:         vitrail.buffer frozen[1]
// CHECK:         vitrail.launch @linear_1
// CHECK:       func @long() attributes {vitrail.entry, vitrail.inputs = [{type = tensor<16x16xf32>}]
// CHECK:         vitrail.buffer frozen[0]
// CHECK:         vitrail.launch @linear_2
// CHECK:         vitrail.buffer frozen[0]
// CHECK:         vitrail.launch @linear_1
func.func @main(%x: tensor<4x16xf32>) -> tensor<4x16xf32> {
  %w = vitrail.weight "w" matrix fan_in = 16 : tensor<16x16xf32>
  %double = vitrail.binary add %w, %w : (tensor<16x16xf32>, tensor<16x16xf32>) -> tensor<16x16xf32>
  %0 = vitrail.linear %x, %w : (tensor<4x16xf32>, tensor<16x16xf32>) -> tensor<4x16xf32>
  %1 = vitrail.linear %0, %double : (tensor<4x16xf32>, tensor<16x16xf32>) -> tensor<4x16xf32>
  return %1 : tensor<4x16xf32>
}
func.func @long(%x: tensor<16x16xf32>) -> tensor<4x16xf32> attributes {vitrail.entry} {
  %w = vitrail.weight "w" matrix fan_in = 16 : tensor<16x16xf32>
  %0 = vitrail.linear %x, %w : (tensor<16x16xf32>, tensor<16x16xf32>) -> tensor<16x16xf32>
  %1 = vitrail.slice %0 offsets = [4, 0] sizes = [4, 16] : (tensor<16x16xf32>) -> tensor<4x16xf32>
  %2 = vitrail.linear %1, %w : (tensor<4x16xf32>, tensor<16x16xf32>) -> tensor<4x16xf32>
  return %2 : tensor<4x16xf32>
}

// -----

func.func @main(%x: tensor<3x4xf32>, %s: tensor<f32>) -> tensor<3x4xf32> {
  // expected-error@below {{a scalar cannot be laid out in panels; give it an axis of size 1}}
  %0 = vitrail.binary mul %x, %s : (tensor<3x4xf32>, tensor<f32>) -> tensor<3x4xf32>
  return %0 : tensor<3x4xf32>
}

// -----

func.func @main(%x: tensor<3x4xf64>) -> tensor<3x4xf64> {
  // expected-error@below {{no kernel computes with 'f64'; only f32 can be compiled}}
  %0 = vitrail.unary relu %x : tensor<3x4xf64>
  return %0 : tensor<3x4xf64>
}

// -----

// expected-error@below {{no function @main to plan}}
module {}

// -----

// Work of more than some ten microseconds is taken range by range: the counter
// lies behind the buffers, in a cache line of its own.

// CHECK:       vitrail.arena_bytes = 2560128
// CHECK:       func private @softmax_0({{.*}} attributes {vitrail.counter, vitrail.kernel}
// CHECK:       func private @unary_2({{.*}} attributes {vitrail.kernel}
// CHECK:       vitrail.launch @softmax_0 {{.*}} {vitrail.counter = 2560000 : i64}
// CHECK:       vitrail.launch @softmax_1 {{.*}} {vitrail.counter = 2560064 : i64}
// CHECK:       vitrail.launch @unary_2 {{.*}} bytes = 640 : memref
func.func @main(%x: tensor<20000x32xf32> {vitrail.name = "x"}, %z: tensor<5x16xf32> {vitrail.name = "z"}) -> (tensor<20000x32xf32> {vitrail.name = "y"}, tensor<5x16xf32> {vitrail.name = "t"}) {
  %0 = vitrail.softmax %x axis = 0 : tensor<20000x32xf32>
  %1 = vitrail.softmax %0 axis = 0 : tensor<20000x32xf32>
  %2 = vitrail.unary relu %z : tensor<5x16xf32>
  return %1, %2 : tensor<20000x32xf32>, tensor<5x16xf32>
}
