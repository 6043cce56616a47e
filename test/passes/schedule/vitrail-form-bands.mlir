// RUN: vitrail-opt %s --split-input-file --pass-pipeline='builtin.module(func.func(vitrail-form-bands))' \
// RUN:   --remarks-filter=schedule --remark-policy=all --remark-format=emitRemark \
// RUN:   2>%t.remarks | FileCheck %s
// RUN: FileCheck %s --check-prefix=REMARK <%t.remarks

// REMARK: [Passed] bands {{.*}}4 kernels in a row, of 4 independent parts each: threads wait for nobody in between
// REMARK: [Passed] bands {{.*}}2 kernels in a row, of 5 independent parts each: threads wait for nobody in between
// REMARK: [Passed] bands {{.*}}3 kernels in a row, of 6 independent parts each: threads wait for nobody in between
// REMARK: [Passed] bands {{.*}}2 kernels in a row, of 4 independent parts each: threads wait for nobody in between
// REMARK: [Passed] bands {{.*}}3 kernels in a row, so small that one thread computes them: it waits for nobody in between
// REMARK-NOT: bands

// Attention within four windows, whose heads follow one another: every thread
// keeps its windows. The sum reads the part of its channels where the rows have
// another order; that was made before.

// CHECK-LABEL: func @main(
// CHECK:         vitrail.region "before"
// CHECK:         {vitrail.bands = {own = array<i64: 0>, segment = 0 : i64, units = 4 : i64}}
// CHECK:         vitrail.region "query"
// CHECK:         {vitrail.bands = {own = array<i64: 0>, segment = 0 : i64, units = 4 : i64}}
// CHECK:         vitrail.region "head"
// CHECK:         {vitrail.bands = {own = array<i64: 0, 1, 2>, segment = 0 : i64, units = 4 : i64}}
// CHECK:         vitrail.region "sum"
// CHECK:         {vitrail.bands = {own = array<i64: 1>, segment = 0 : i64, units = 4 : i64}}
// CHECK:         vitrail.region "map"
// CHECK-NOT:     vitrail.bands
// CHECK:         return
func.func @main(%map: tensor<6x6x32xf32>, %x: tensor<4x3x3x32xf32>) -> tensor<4x3x3x16xf32> {
  %w = vitrail.weight "w" matrix fan_in = 32 : tensor<48x32xf32>
  %d = vitrail.weight "d" matrix fan_in = 9 : tensor<3x3x16xf32>
  %0 = vitrail.region "before"(%a = %x : tensor<4x3x3x32xf32>, %b = %w : tensor<48x32xf32>) -> tensor<4x3x3x48xf32> {
    %1 = vitrail.linear %a, %b : (tensor<4x3x3x32xf32>, tensor<48x32xf32>) -> tensor<4x3x3x48xf32>
    vitrail.yield %1 : tensor<4x3x3x48xf32>
  }
  %q0 = vitrail.slice %0 offsets = [0, 0, 0, 0] sizes = [4, 3, 3, 16] : (tensor<4x3x3x48xf32>) -> tensor<4x3x3x16xf32>
  %q1 = vitrail.region "query"(%a = %q0 : tensor<4x3x3x16xf32>, %b = %d : tensor<3x3x16xf32>) -> tensor<4x3x3x16xf32> {
    %1 = vitrail.depthwise_conv %a, %b pads = [1, 1, 1, 1] : (tensor<4x3x3x16xf32>, tensor<3x3x16xf32>) -> tensor<4x3x3x16xf32>
    vitrail.yield %1 : tensor<4x3x3x16xf32>
  }
  %flat = vitrail.rearrange %0 "n h w c -> n (h w) c" : (tensor<4x3x3x48xf32>) -> tensor<4x9x48xf32>
  %q = vitrail.rearrange %q1 "n h w c -> n (h w) c" : (tensor<4x3x3x16xf32>) -> tensor<4x9x16xf32>
  %k = vitrail.slice %flat offsets = [0, 0, 16] sizes = [4, 9, 16] : (tensor<4x9x48xf32>) -> tensor<4x9x16xf32>
  %v = vitrail.slice %flat offsets = [0, 0, 32] sizes = [4, 9, 16] : (tensor<4x9x48xf32>) -> tensor<4x9x16xf32>
  %found = vitrail.region "head"(%a = %q : tensor<4x9x16xf32>, %b = %k : tensor<4x9x16xf32>, %c = %v : tensor<4x9x16xf32>) -> tensor<4x9x16xf32> {
    %1 = vitrail.attention %a, %b, %c heads = 1 scale = 1.0 : (tensor<4x9x16xf32>, tensor<4x9x16xf32>, tensor<4x9x16xf32>) -> tensor<4x9x16xf32>
    vitrail.yield %1 : tensor<4x9x16xf32>
  }
  %places = vitrail.rearrange %found "n (h w) c -> n h w c" sizes = {h = 3 : i64} : (tensor<4x9x16xf32>) -> tensor<4x3x3x16xf32>
  %part = vitrail.slice %map offsets = [0, 0, 16] sizes = [6, 6, 16] : (tensor<6x6x32xf32>) -> tensor<6x6x16xf32>
  %sum = vitrail.region "sum"(%a = %part : tensor<6x6x16xf32>, %b = %places : tensor<4x3x3x16xf32>) -> tensor<4x3x3x16xf32> {
    %1 = vitrail.rearrange %a "(r h) (s w) c -> (r s) h w c" sizes = {h = 3 : i64, w = 3 : i64} : (tensor<6x6x16xf32>) -> tensor<4x3x3x16xf32>
    %2 = vitrail.binary add %1, %b : (tensor<4x3x3x16xf32>, tensor<4x3x3x16xf32>) -> tensor<4x3x3x16xf32>
    vitrail.yield %2 : tensor<4x3x3x16xf32>
  }
  // The rows of windows in the order of the map are other threads'.
  %all = vitrail.rearrange %sum "(r s) h w c -> (r h) (s w) c" sizes = {r = 2 : i64} : (tensor<4x3x3x16xf32>) -> tensor<6x6x16xf32>
  %behind = vitrail.region "map"(%a = %all : tensor<6x6x16xf32>) -> tensor<6x6x16xf32> {
    %1 = vitrail.unary relu %a : tensor<6x6x16xf32>
    vitrail.yield %1 : tensor<6x6x16xf32>
  }
  %y = vitrail.rearrange %behind "(r h) (s w) c -> (r s) h w c" sizes = {h = 3 : i64, w = 3 : i64} : (tensor<6x6x16xf32>) -> tensor<4x3x3x16xf32>
  return %y : tensor<4x3x3x16xf32>
}

// -----

// Behind a transposition, a token of all samples is together: the second mixer
// waits.

// CHECK-LABEL: func @main(
// CHECK:         vitrail.region "one"
// CHECK:         {vitrail.bands = {own = array<i64: 0>, segment = 0 : i64, units = 5 : i64}}
// CHECK:         vitrail.region "two"
// CHECK:         {vitrail.bands = {own = array<i64: 0, 1>, segment = 0 : i64, units = 5 : i64}}
// CHECK:         vitrail.region "three"
// CHECK-NOT:     vitrail.bands
// CHECK:         return
func.func @main(%x: tensor<5x9x16xf32>) -> tensor<5x9x16xf32> {
  %0 = vitrail.region "one"(%a = %x : tensor<5x9x16xf32>) -> tensor<5x9x16xf32> {
    %1 = vitrail.norm %a axis = 2 eps = 1.0e-5 : (tensor<5x9x16xf32>) -> tensor<5x9x16xf32>
    vitrail.yield %1 : tensor<5x9x16xf32>
  }
  %2 = vitrail.region "two"(%a = %0 : tensor<5x9x16xf32>, %b = %x : tensor<5x9x16xf32>) -> tensor<5x9x16xf32> {
    %1 = vitrail.attention %a, %b, %b heads = 1 scale = 1.0 : (tensor<5x9x16xf32>, tensor<5x9x16xf32>, tensor<5x9x16xf32>) -> tensor<5x9x16xf32>
    vitrail.yield %1 : tensor<5x9x16xf32>
  }
  %shuffled = vitrail.rearrange %2 "n t c -> t n c" : (tensor<5x9x16xf32>) -> tensor<9x5x16xf32>
  %3 = vitrail.region "three"(%a = %shuffled : tensor<9x5x16xf32>) -> tensor<9x5x16xf32> {
    %1 = vitrail.attention %a, %a, %a heads = 1 scale = 1.0 : (tensor<9x5x16xf32>, tensor<9x5x16xf32>, tensor<9x5x16xf32>) -> tensor<9x5x16xf32>
    vitrail.yield %1 : tensor<9x5x16xf32>
  }
  %y = vitrail.rearrange %3 "t n c -> n t c" : (tensor<9x5x16xf32>) -> tensor<5x9x16xf32>
  return %y : tensor<5x9x16xf32>
}

// -----

// Without a mixer, with few parts, or with much work, rows are shared by tiles.

// CHECK-LABEL: func @main(
// CHECK-NOT:     vitrail.bands
// CHECK:         return
func.func @main(%x: tensor<8x90x64xf32>, %few: tensor<3x90x64xf32>, %large: tensor<4x600x64xf32>) -> (tensor<8x90x64xf32>, tensor<3x90x64xf32>, tensor<4x600x64xf32>) {
  %0 = vitrail.region "a"(%a = %x : tensor<8x90x64xf32>) -> tensor<8x90x64xf32> {
    %1 = vitrail.norm %a axis = 2 eps = 1.0e-5 : (tensor<8x90x64xf32>) -> tensor<8x90x64xf32>
    vitrail.yield %1 : tensor<8x90x64xf32>
  }
  %2 = vitrail.region "b"(%a = %0 : tensor<8x90x64xf32>) -> tensor<8x90x64xf32> {
    %1 = vitrail.unary gelu %a : tensor<8x90x64xf32>
    vitrail.yield %1 : tensor<8x90x64xf32>
  }
  %3 = vitrail.region "c"(%a = %few : tensor<3x90x64xf32>) -> tensor<3x90x64xf32> {
    %1 = vitrail.attention %a, %a, %a heads = 1 scale = 1.0 : (tensor<3x90x64xf32>, tensor<3x90x64xf32>, tensor<3x90x64xf32>) -> tensor<3x90x64xf32>
    vitrail.yield %1 : tensor<3x90x64xf32>
  }
  %4 = vitrail.region "d"(%a = %3 : tensor<3x90x64xf32>) -> tensor<3x90x64xf32> {
    %1 = vitrail.unary relu %a : tensor<3x90x64xf32>
    vitrail.yield %1 : tensor<3x90x64xf32>
  }
  %5 = vitrail.region "e"(%a = %large : tensor<4x600x64xf32>) -> tensor<4x600x64xf32> {
    %1 = vitrail.attention %a, %a, %a heads = 1 scale = 1.0 : (tensor<4x600x64xf32>, tensor<4x600x64xf32>, tensor<4x600x64xf32>) -> tensor<4x600x64xf32>
    vitrail.yield %1 : tensor<4x600x64xf32>
  }
  %6 = vitrail.region "f"(%a = %5 : tensor<4x600x64xf32>) -> tensor<4x600x64xf32> {
    %1 = vitrail.unary relu %a : tensor<4x600x64xf32>
    vitrail.yield %1 : tensor<4x600x64xf32>
  }
  return %2, %4, %6 : tensor<8x90x64xf32>, tensor<3x90x64xf32>, tensor<4x600x64xf32>
}

// -----

// Small as a row's work is, that of a quarter of the rows is not.

// CHECK-LABEL: func @main(
// CHECK-NOT:     vitrail.bands
// CHECK:         return
func.func @main(%x: tensor<196x400xf32>) -> tensor<4x49x16xf32> {
  %w = vitrail.weight "w" matrix fan_in = 400 : tensor<400x400xf32>
  %0 = vitrail.region "large"(%a = %x : tensor<196x400xf32>, %b = %w : tensor<400x400xf32>) -> tensor<196x400xf32> {
    %1 = vitrail.linear %a, %b : (tensor<196x400xf32>, tensor<400x400xf32>) -> tensor<196x400xf32>
    vitrail.yield %1 : tensor<196x400xf32>
  }
  %windows = vitrail.rearrange %0 "(n t) c -> n t c" sizes = {n = 4 : i64} : (tensor<196x400xf32>) -> tensor<4x49x400xf32>
  %q = vitrail.slice %windows offsets = [0, 0, 0] sizes = [4, 49, 16] : (tensor<4x49x400xf32>) -> tensor<4x49x16xf32>
  %2 = vitrail.region "small"(%a = %q : tensor<4x49x16xf32>) -> tensor<4x49x16xf32> {
    %1 = vitrail.attention %a, %a, %a heads = 1 scale = 1.0 : (tensor<4x49x16xf32>, tensor<4x49x16xf32>, tensor<4x49x16xf32>) -> tensor<4x49x16xf32>
    vitrail.yield %1 : tensor<4x49x16xf32>
  }
  return %2 : tensor<4x49x16xf32>
}

// -----

// Of a single set of tokens, threads keep queries: all keys and values are there
// before the segment. Where some of them are made, it ends.

// CHECK-LABEL: func @main(
// CHECK:         vitrail.region "mix"
// CHECK:         {vitrail.bands = {own = array<i64: 0>, segment = 0 : i64, units = 6 : i64}}
// CHECK:         vitrail.region "out"
// CHECK:         {vitrail.bands = {own = array<i64: 0>, segment = 0 : i64, units = 6 : i64}}
// CHECK:         vitrail.region "again"
// CHECK:         {vitrail.bands = {own = array<i64: 0>, segment = 0 : i64, units = 6 : i64}}
// CHECK:         vitrail.region "others"
// CHECK-NOT:     vitrail.bands
// CHECK:         return
func.func @main(%x: tensor<65x64xf32>, %kv: tensor<65x64xf32>) -> tensor<65x64xf32> {
  %w = vitrail.weight "w" matrix fan_in = 64 : tensor<64x64xf32>
  %0 = vitrail.region "mix"(%q = %x : tensor<65x64xf32>, %k = %kv : tensor<65x64xf32>) -> tensor<65x64xf32> {
    %1 = vitrail.attention %q, %k, %k heads = 4 scale = 1.0 : (tensor<65x64xf32>, tensor<65x64xf32>, tensor<65x64xf32>) -> tensor<65x64xf32>
    vitrail.yield %1 : tensor<65x64xf32>
  }
  %2 = vitrail.region "out"(%a = %0 : tensor<65x64xf32>, %b = %w : tensor<64x64xf32>) -> tensor<65x64xf32> {
    %1 = vitrail.linear %a, %b : (tensor<65x64xf32>, tensor<64x64xf32>) -> tensor<65x64xf32>
    vitrail.yield %1 : tensor<65x64xf32>
  }
  %3 = vitrail.region "again"(%q = %2 : tensor<65x64xf32>, %k = %kv : tensor<65x64xf32>) -> tensor<65x64xf32> {
    %1 = vitrail.cross_attention %q, %k, %k heads = 4 scale = 1.0 : (tensor<65x64xf32>, tensor<65x64xf32>, tensor<65x64xf32>) -> tensor<65x64xf32>
    vitrail.yield %1 : tensor<65x64xf32>
  }
  %4 = vitrail.region "others"(%q = %3 : tensor<65x64xf32>) -> tensor<65x64xf32> {
    %1 = vitrail.attention %q, %q, %q heads = 4 scale = 1.0 : (tensor<65x64xf32>, tensor<65x64xf32>, tensor<65x64xf32>) -> tensor<65x64xf32>
    vitrail.yield %1 : tensor<65x64xf32>
  }
  return %4 : tensor<65x64xf32>
}

// -----

// Of samples with one query each, these are the parts: none goes with others,
// and keys are the sample's own. Many keys are not met at once.

// CHECK-LABEL: func @main(
// CHECK:         vitrail.region "many"
// CHECK-NOT:     vitrail.bands
// CHECK:         vitrail.region "sample"
// CHECK:         {vitrail.bands = {own = array<i64: 0>, segment = 0 : i64, units = 4 : i64}}
// CHECK:         vitrail.region "sum"
// CHECK:         {vitrail.bands = {own = array<i64: 0>, segment = 0 : i64, units = 4 : i64}}
// CHECK:         return
func.func @main(%x: tensor<4x1x64xf32>, %kv: tensor<4x90x64xf32>, %few: tensor<64x16xf32>, %keys: tensor<257x16xf32>) -> (tensor<64x16xf32>, tensor<4x1x64xf32>) {
  %0 = vitrail.region "many"(%q = %few : tensor<64x16xf32>, %k = %keys : tensor<257x16xf32>) -> tensor<64x16xf32> {
    %1 = vitrail.cross_attention %q, %k, %k heads = 1 scale = 1.0 : (tensor<64x16xf32>, tensor<257x16xf32>, tensor<257x16xf32>) -> tensor<64x16xf32>
    vitrail.yield %1 : tensor<64x16xf32>
  }
  %2 = vitrail.region "relu"(%a = %0 : tensor<64x16xf32>) -> tensor<64x16xf32> {
    %1 = vitrail.unary relu %a : tensor<64x16xf32>
    vitrail.yield %1 : tensor<64x16xf32>
  }
  %3 = vitrail.region "sample"(%q = %x : tensor<4x1x64xf32>, %k = %kv : tensor<4x90x64xf32>) -> tensor<4x1x64xf32> {
    %1 = vitrail.cross_attention %q, %k, %k heads = 4 scale = 1.0 : (tensor<4x1x64xf32>, tensor<4x90x64xf32>, tensor<4x90x64xf32>) -> tensor<4x1x64xf32>
    vitrail.yield %1 : tensor<4x1x64xf32>
  }
  %4 = vitrail.region "sum"(%a = %3 : tensor<4x1x64xf32>) -> tensor<4x1x64xf32> {
    %1 = vitrail.unary relu %a : tensor<4x1x64xf32>
    vitrail.yield %1 : tensor<4x1x64xf32>
  }
  return %2, %4 : tensor<64x16xf32>, tensor<4x1x64xf32>
}

// -----

// Regions that are hardly work at all are one thread's, with all they read.

// CHECK-LABEL: func @main(
// CHECK:         vitrail.region "query"
// CHECK:         {vitrail.bands = {own = array<i64: 0, 1>, segment = 0 : i64, units = 1 : i64}}
// CHECK:         vitrail.region "norm"
// CHECK:         {vitrail.bands = {own = array<i64: 0>, segment = 0 : i64, units = 1 : i64}}
// CHECK:         vitrail.region "top"
// CHECK:         {vitrail.bands = {own = array<i64: 0>, segment = 0 : i64, units = 1 : i64}}
// CHECK:         vitrail.region "large"
// CHECK-NOT:     vitrail.bands
// CHECK:         return
func.func @main(%x: tensor<1x64xf32>) -> (tensor<1xf32>, tensor<1x999xf32>) {
  %w = vitrail.weight "w" matrix fan_in = 64 : tensor<64x64xf32>
  %wide = vitrail.weight "wide" matrix fan_in = 64 : tensor<999x64xf32>
  %0 = vitrail.region "query"(%a = %x : tensor<1x64xf32>, %b = %w : tensor<64x64xf32>) -> tensor<1x64xf32> {
    %1 = vitrail.linear %a, %b : (tensor<1x64xf32>, tensor<64x64xf32>) -> tensor<1x64xf32>
    vitrail.yield %1 : tensor<1x64xf32>
  }
  %2 = vitrail.region "norm"(%a = %0 : tensor<1x64xf32>) -> tensor<1x64xf32> {
    %1 = vitrail.norm %a axis = 1 eps = 1.0e-5 : (tensor<1x64xf32>) -> tensor<1x64xf32>
    vitrail.yield %1 : tensor<1x64xf32>
  }
  %3 = vitrail.region "top"(%a = %2 : tensor<1x64xf32>) -> tensor<1xf32> {
    %1 = vitrail.reduce max %a axes = [1] : (tensor<1x64xf32>) -> tensor<1xf32>
    vitrail.yield %1 : tensor<1xf32>
  }
  %4 = vitrail.region "large"(%a = %2 : tensor<1x64xf32>, %b = %wide : tensor<999x64xf32>) -> tensor<1x999xf32> {
    %1 = vitrail.linear %a, %b : (tensor<1x64xf32>, tensor<999x64xf32>) -> tensor<1x999xf32>
    vitrail.yield %1 : tensor<1x999xf32>
  }
  return %3, %4 : tensor<1xf32>, tensor<1x999xf32>
}

// -----

// As little work, of many rows, is worth sharing.

// CHECK-LABEL: func @main(
// CHECK-NOT:     vitrail.bands
// CHECK:         return
func.func @main(%x: tensor<64x64xf32>) -> tensor<64x64xf32> {
  %0 = vitrail.region "a"(%a = %x : tensor<64x64xf32>) -> tensor<64x64xf32> {
    %1 = vitrail.unary relu %a : tensor<64x64xf32>
    vitrail.yield %1 : tensor<64x64xf32>
  }
  %2 = vitrail.region "b"(%a = %0 : tensor<64x64xf32>) -> tensor<64x64xf32> {
    %1 = vitrail.unary relu %a : tensor<64x64xf32>
    vitrail.yield %1 : tensor<64x64xf32>
  }
  return %2 : tensor<64x64xf32>
}
