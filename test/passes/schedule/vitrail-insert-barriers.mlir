// RUN: vitrail-opt %s --split-input-file \
// RUN:   --pass-pipeline='builtin.module(func.func(vitrail-insert-barriers))' \
// RUN:   | FileCheck %s

// Launches that read one buffer and write others need not wait; the one that
// reads both results does, once.

// CHECK-LABEL: func @join()
// CHECK-NOT:     vitrail.barrier
// CHECK:         vitrail.launch @k "a"
// CHECK-NOT:     vitrail.barrier
// CHECK:         vitrail.launch @k "b"
// CHECK-NEXT:    vitrail.barrier
// CHECK-NEXT:    vitrail.launch @k2 "c"
// CHECK-NOT:     vitrail.barrier
// CHECK:         return
func.func @join() {
  %x = vitrail.buffer input[0] : memref<16xf32>
  %a = vitrail.buffer arena[0] : memref<16xf32>
  %b = vitrail.buffer arena[0] offset = 64 : memref<16xf32>
  %y = vitrail.buffer output[0] : memref<16xf32>
  vitrail.launch @k "a"(%x, %a) flops = 0 bytes = 0 : memref<16xf32>, memref<16xf32>
  vitrail.launch @k "b"(%x, %b) flops = 0 bytes = 0 : memref<16xf32>, memref<16xf32>
  vitrail.launch @k2 "c"(%a, %b, %y) flops = 0 bytes = 0 : memref<16xf32>, memref<16xf32>, memref<16xf32>
  return
}

// -----

// Bytes decide, not buffers: "b" overwrites the last quarter of what "a" reads,
// "c" writes what "b" wrote, "d" touches only what lies after it.

// CHECK-LABEL: func @bytes()
// CHECK:         vitrail.launch @k "a"
// CHECK-NEXT:    vitrail.barrier
// CHECK-NEXT:    vitrail.launch @k "b"
// CHECK-NEXT:    vitrail.barrier
// CHECK-NEXT:    vitrail.launch @k "c"
// CHECK-NEXT:    vitrail.launch @k "d"
// CHECK-NEXT:    return
func.func @bytes() {
  %x = vitrail.buffer input[0] : memref<16xf32>
  %a = vitrail.buffer arena[0] : memref<16xf32>
  %b = vitrail.buffer arena[0] offset = 48 : memref<16xf32>
  %c = vitrail.buffer arena[0] offset = 108 : memref<16xf32>
  %d = vitrail.buffer arena[0] offset = 172 : memref<16xf32>
  %y = vitrail.buffer output[0] : memref<16xf32>
  vitrail.launch @k "a"(%a, %y) flops = 0 bytes = 0 : memref<16xf32>, memref<16xf32>
  vitrail.launch @k "b"(%x, %b) flops = 0 bytes = 0 : memref<16xf32>, memref<16xf32>
  vitrail.launch @k "c"(%x, %c) flops = 0 bytes = 0 : memref<16xf32>, memref<16xf32>
  vitrail.launch @k "d"(%x, %d) flops = 0 bytes = 0 : memref<16xf32>, memref<16xf32>
  return
}

// -----

// Equal offsets of other ports and spaces are other bytes. Frozen weights are
// never written. A strided view counts as all it spans.

// CHECK-LABEL: func @spaces()
// CHECK:         vitrail.launch @k "a"
// CHECK-NEXT:    vitrail.launch @k "b"
// CHECK-NEXT:    vitrail.launch @k "c"
// CHECK-NEXT:    vitrail.barrier
// CHECK-NEXT:    vitrail.launch @k "d"
// CHECK-NEXT:    return
func.func @spaces() {
  %w = vitrail.buffer frozen[0] : memref<16xf32>
  %a = vitrail.buffer arena[0] : memref<2x8xf32, strided<[16, 1]>>
  %gap = vitrail.buffer arena[0] offset = 32 : memref<8xf32>
  %y = vitrail.buffer output[0] : memref<16xf32>
  %z = vitrail.buffer output[1] : memref<16xf32>
  vitrail.launch @k "a"(%w, %a) flops = 0 bytes = 0 : memref<16xf32>, memref<2x8xf32, strided<[16, 1]>>
  vitrail.launch @k "b"(%w, %y) flops = 0 bytes = 0 : memref<16xf32>, memref<16xf32>
  vitrail.launch @k "c"(%w, %z) flops = 0 bytes = 0 : memref<16xf32>, memref<16xf32>
  vitrail.launch @k "d"(%w, %gap) flops = 0 bytes = 0 : memref<16xf32>, memref<8xf32>
  return
}

// -----

// In a segment, threads read their own units of what others write too: "b" need
// not wait for "a". "c" reads all of "b", "d" is of another segment, and "e"
// writes where others may still read.

// CHECK-LABEL: func @segments()
// CHECK:         vitrail.launch @k "a"
// CHECK-NEXT:    vitrail.launch @k "b"
// CHECK-NEXT:    vitrail.barrier
// CHECK-NEXT:    vitrail.launch @k "c"
// CHECK-NEXT:    vitrail.barrier
// CHECK-NEXT:    vitrail.launch @k "d"
// CHECK-NEXT:    vitrail.barrier
// CHECK-NEXT:    vitrail.launch @k "e"
// CHECK-NEXT:    return
func.func @segments() {
  %x = vitrail.buffer input[0] : memref<16xf32>
  %a = vitrail.buffer arena[0] : memref<16xf32>
  %b = vitrail.buffer arena[0] offset = 64 : memref<16xf32>
  %c = vitrail.buffer arena[0] offset = 128 : memref<16xf32>
  %y = vitrail.buffer output[0] : memref<16xf32>
  vitrail.launch @k "a"(%x, %a) flops = 0 bytes = 0 {vitrail.bands = {segment = 0 : i64, units = 4 : i64, own = array<i64: 0>}} : memref<16xf32>, memref<16xf32>
  vitrail.launch @k "b"(%a, %b) flops = 0 bytes = 0 {vitrail.bands = {segment = 0 : i64, units = 4 : i64, own = array<i64: 0>}} : memref<16xf32>, memref<16xf32>
  vitrail.launch @k "c"(%b, %c) flops = 0 bytes = 0 {vitrail.bands = {segment = 0 : i64, units = 4 : i64, own = array<i64>}} : memref<16xf32>, memref<16xf32>
  vitrail.launch @k "d"(%c, %y) flops = 0 bytes = 0 {vitrail.bands = {segment = 1 : i64, units = 4 : i64, own = array<i64: 0>}} : memref<16xf32>, memref<16xf32>
  vitrail.launch @k "e"(%x, %c) flops = 0 bytes = 0 {vitrail.bands = {segment = 1 : i64, units = 4 : i64, own = array<i64: 0>}} : memref<16xf32>, memref<16xf32>
  return
}
