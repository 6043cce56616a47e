// RUN: vitrail-opt %s --split-input-file --verify-diagnostics \
// RUN:   --pass-pipeline='builtin.module(func.func(vitrail-insert-barriers))'

func.func @main() {
  %x = vitrail.buffer input[0] : memref<16xf32>
  %y = vitrail.buffer output[0] : memref<16xf32>
  // expected-error @below {{vitrail.bands must have the numbers segment, at least 0, and units, at least 1, and the array own, not {own = array<i64: 0>, units = 4 : i64}}}
  vitrail.launch @k "a"(%x, %y) flops = 0 bytes = 0 {vitrail.bands = {units = 4 : i64, own = array<i64: 0>}} : memref<16xf32>, memref<16xf32>
  return
}

// -----

func.func @main() {
  %x = vitrail.buffer input[0] : memref<16xf32>
  %y = vitrail.buffer output[0] : memref<16xf32>
  // expected-error @below {{vitrail.bands must have the numbers segment, at least 0, and units, at least 1, and the array own, not 4 : i64}}
  vitrail.launch @k "a"(%x, %y) flops = 0 bytes = 0 {vitrail.bands = 4 : i64} : memref<16xf32>, memref<16xf32>
  return
}
