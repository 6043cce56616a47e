// RUN: vitrail-opt %s | vitrail-opt | FileCheck %s
// RUN: vitrail-opt %s --mlir-print-op-generic | vitrail-opt | FileCheck %s

//===----------------------------------------------------------------------===//
// Weights
//===----------------------------------------------------------------------===//

// CHECK-LABEL: func @weight
func.func @weight() -> tensor<4x8xf32> {
  // CHECK: vitrail.weight "a" bias : tensor<4xf32>
  %0 = vitrail.weight "a" bias : tensor<4xf32>
  // CHECK: vitrail.weight "b" layer_scale aliases = ["b.0", "b.1"] : tensor<4xf32>
  %1 = vitrail.weight "b" layer_scale aliases = ["b.0", "b.1"] : tensor<4xf32>
  // CHECK: vitrail.weight "c" matrix fan_in = 8 aliases = ["w"] {note = "kept"} : tensor<4x8xf32>
  %2 = vitrail.weight "c" matrix fan_in = 8 aliases = ["w"] {note = "kept"} : tensor<4x8xf32>
  return %2 : tensor<4x8xf32>
}

// CHECK-LABEL: func @weight_roles
func.func @weight_roles() {
  // CHECK: vitrail.weight "token" token :
  // CHECK: vitrail.weight "position" position :
  // CHECK: vitrail.weight "gain" gain :
  // CHECK: vitrail.weight "mean" running_mean :
  // CHECK: vitrail.weight "variance" running_variance :
  %0 = vitrail.weight "token" token : tensor<4xf32>
  %1 = vitrail.weight "position" position : tensor<4xf32>
  %2 = vitrail.weight "gain" gain : tensor<4xf32>
  %3 = vitrail.weight "mean" running_mean : tensor<4xf32>
  %4 = vitrail.weight "variance" running_variance : tensor<4xf32>
  return
}

// CHECK-LABEL: func @range
func.func @range() {
  // CHECK: vitrail.range start = 0.000000e+00 step = 1.000000e+00 : tensor<196xf32>
  %0 = vitrail.range start = 0.0 step = 1.0 : tensor<196xf32>
  // CHECK: vitrail.range start = 3.1415926535897931 step = 0.000000e+00 : tensor<f32>
  %1 = vitrail.range start = 3.141592653589793 step = 0.0 : tensor<f32>
  return
}

// CHECK-LABEL: func @resize
func.func @resize(%x: tensor<4x5x6xf32>) {
  // CHECK: vitrail.resize linear %{{.*}} axes = [1] sizes = [7] : (tensor<4x5x6xf32>) -> tensor<4x7x6xf32>
  %0 = vitrail.resize linear %x axes = [1] sizes = [7] : (tensor<4x5x6xf32>) -> tensor<4x7x6xf32>
  // CHECK: vitrail.resize cubic %{{.*}} axes = [0, 2] sizes = [3, 9] : (tensor<4x5x6xf32>) -> tensor<3x5x9xf32>
  %1 = vitrail.resize cubic %x axes = [0, 2] sizes = [3, 9] coefficient = -0.75 : (tensor<4x5x6xf32>) -> tensor<3x5x9xf32>
  // CHECK: vitrail.resize cubic %{{.*}} axes = [0] sizes = [3] coefficient = -5.000000e-01 antialias align_corners : (tensor<4x5x6xf32>) -> tensor<3x5x6xf32>
  %2 = vitrail.resize cubic %x axes = [0] sizes = [3] coefficient = -0.5 antialias align_corners : (tensor<4x5x6xf32>) -> tensor<3x5x6xf32>
  return
}

// CHECK-LABEL: func @pack
func.func @pack(%x: tensor<20x3xf32>) -> tensor<2x3x16xf32> {
  // CHECK: vitrail.pack %{{.*}} axis = 0 : (tensor<20x3xf32>) -> tensor<2x3x16xf32>
  %0 = vitrail.pack %x axis = 0 : (tensor<20x3xf32>) -> tensor<2x3x16xf32>
  // CHECK: vitrail.pack %{{.*}} axis = 0 width = 64 : (tensor<20x3xf32>) -> tensor<1x3x64xf32>
  %1 = vitrail.pack %x axis = 0 width = 64 : (tensor<20x3xf32>) -> tensor<1x3x64xf32>
  return %0 : tensor<2x3x16xf32>
}

//===----------------------------------------------------------------------===//
// Matrix products
//===----------------------------------------------------------------------===//

// CHECK-LABEL: func @linear
func.func @linear(%x: tensor<2x3xf32>, %w: tensor<4x3xf32>, %t: tensor<3x4xf32>, %b: tensor<4xf32>) {
  // CHECK: vitrail.linear %{{.*}}, %{{.*}} : (tensor<2x3xf32>, tensor<4x3xf32>) -> tensor<2x4xf32>
  %0 = vitrail.linear %x, %w : (tensor<2x3xf32>, tensor<4x3xf32>) -> tensor<2x4xf32>
  // CHECK: vitrail.linear %{{.*}}, %{{.*}}, %{{.*}} : (tensor<2x3xf32>, tensor<4x3xf32>, tensor<4xf32>) -> tensor<2x4xf32>
  %1 = vitrail.linear %x, %w, %b : (tensor<2x3xf32>, tensor<4x3xf32>, tensor<4xf32>) -> tensor<2x4xf32>
  // CHECK: vitrail.linear %{{.*}}, %{{.*}} transposed : (tensor<2x3xf32>, tensor<3x4xf32>) -> tensor<2x4xf32>
  %2 = vitrail.linear %x, %t transposed : (tensor<2x3xf32>, tensor<3x4xf32>) -> tensor<2x4xf32>
  // CHECK: vitrail.linear %{{.*}}, %{{.*}}, %{{.*}} transposed : (tensor<2x3xf32>, tensor<3x4xf32>, tensor<4xf32>) -> tensor<2x4xf32>
  %3 = vitrail.linear %x, %t, %b transposed : (tensor<2x3xf32>, tensor<3x4xf32>, tensor<4xf32>) -> tensor<2x4xf32>
  return
}

// CHECK-LABEL: func @patch_embed
func.func @patch_embed(%x: tensor<1x3x8x8xf32>, %w: tensor<5x3x4x2xf32>, %b: tensor<5xf32>) {
  // CHECK: vitrail.patch_embed %{{.*}}, %{{.*}} : (tensor<1x3x8x8xf32>, tensor<5x3x4x2xf32>) -> tensor<1x8x5xf32>
  %0 = vitrail.patch_embed %x, %w : (tensor<1x3x8x8xf32>, tensor<5x3x4x2xf32>) -> tensor<1x8x5xf32>
  // CHECK: vitrail.patch_embed %{{.*}}, %{{.*}}, %{{.*}} : (tensor<1x3x8x8xf32>, tensor<5x3x4x2xf32>, tensor<5xf32>) -> tensor<1x8x5xf32>
  %1 = vitrail.patch_embed %x, %w, %b : (tensor<1x3x8x8xf32>, tensor<5x3x4x2xf32>, tensor<5xf32>) -> tensor<1x8x5xf32>
  return
}

// CHECK-LABEL: func @einsum
func.func @einsum(%a: tensor<2x3xf32>, %b: tensor<3x4xf32>) {
  // CHECK: vitrail.einsum "ab->a" %{{.*}} : (tensor<2x3xf32>) -> tensor<2xf32>
  %0 = vitrail.einsum "ab->a" %a : (tensor<2x3xf32>) -> tensor<2xf32>
  // CHECK: vitrail.einsum "ab,bc->ca" %{{.*}}, %{{.*}} : (tensor<2x3xf32>, tensor<3x4xf32>) -> tensor<4x2xf32>
  %1 = vitrail.einsum "ab,bc->ca" %a, %b : (tensor<2x3xf32>, tensor<3x4xf32>) -> tensor<4x2xf32>
  // CHECK: vitrail.einsum "ab,bc->" %{{.*}}, %{{.*}} : (tensor<2x3xf32>, tensor<3x4xf32>) -> tensor<f32>
  %2 = vitrail.einsum "ab,bc->" %a, %b : (tensor<2x3xf32>, tensor<3x4xf32>) -> tensor<f32>
  return
}

//===----------------------------------------------------------------------===//
// Mixers
//===----------------------------------------------------------------------===//

// CHECK-LABEL: func @attention
func.func @attention(%q: tensor<1x2x8xf32>, %kv: tensor<1x4x8xf32>, %bias: tensor<2x2x4xf32>) {
  // CHECK: vitrail.attention %{{.*}}, %{{.*}}, %{{.*}} heads = 2 scale = 5.000000e-01 : (tensor<1x2x8xf32>, tensor<1x4x8xf32>, tensor<1x4x8xf32>) -> tensor<1x2x8xf32>
  %0 = vitrail.attention %q, %kv, %kv heads = 2 scale = 0.5
      : (tensor<1x2x8xf32>, tensor<1x4x8xf32>, tensor<1x4x8xf32>) -> tensor<1x2x8xf32>
  // CHECK: vitrail.attention %{{.*}}, %{{.*}}, %{{.*}} heads = 2 scale = 5.000000e-01 mask = causal :
  %1 = vitrail.attention %q, %kv, %kv heads = 2 scale = 0.5 mask = causal
      : (tensor<1x2x8xf32>, tensor<1x4x8xf32>, tensor<1x4x8xf32>) -> tensor<1x2x8xf32>
  // CHECK: vitrail.attention %{{.*}}, %{{.*}}, %{{.*}} heads = 2 scale = 5.000000e-01 base2 :
  %2 = vitrail.attention %q, %kv, %kv heads = 2 scale = 0.5 base2
      : (tensor<1x2x8xf32>, tensor<1x4x8xf32>, tensor<1x4x8xf32>) -> tensor<1x2x8xf32>
  // CHECK: vitrail.attention %{{.*}}, %{{.*}}, %{{.*}} bias %{{.*}} heads = 2 scale = 5.000000e-01 mask = causal base2 : (tensor<1x2x8xf32>, tensor<1x4x8xf32>, tensor<1x4x8xf32>, tensor<2x2x4xf32>) -> tensor<1x2x8xf32>
  %3 = vitrail.attention %q, %kv, %kv bias %bias heads = 2 scale = 0.5 mask = causal base2
      : (tensor<1x2x8xf32>, tensor<1x4x8xf32>, tensor<1x4x8xf32>, tensor<2x2x4xf32>) -> tensor<1x2x8xf32>
  return
}

// CHECK-LABEL: func @cross_attention
func.func @cross_attention(%q: tensor<1x2x8xf32>, %k: tensor<1x4x8xf32>, %v: tensor<1x4x6xf32>, %bias: tensor<4xf32>) {
  // CHECK: vitrail.cross_attention %{{.*}}, %{{.*}}, %{{.*}} heads = 2 scale = 5.000000e-01 : (tensor<1x2x8xf32>, tensor<1x4x8xf32>, tensor<1x4x6xf32>) -> tensor<1x2x6xf32>
  %0 = vitrail.cross_attention %q, %k, %v heads = 2 scale = 0.5
      : (tensor<1x2x8xf32>, tensor<1x4x8xf32>, tensor<1x4x6xf32>) -> tensor<1x2x6xf32>
  // CHECK: vitrail.cross_attention %{{.*}}, %{{.*}}, %{{.*}} bias %{{.*}} heads = 2 scale = 5.000000e-01 base2 :
  %1 = vitrail.cross_attention %q, %k, %v bias %bias heads = 2 scale = 0.5 base2
      : (tensor<1x2x8xf32>, tensor<1x4x8xf32>, tensor<1x4x6xf32>, tensor<4xf32>) -> tensor<1x2x6xf32>
  return
}

//===----------------------------------------------------------------------===//
// Normalization, softmax, reductions
//===----------------------------------------------------------------------===//

// CHECK-LABEL: func @norm
func.func @norm(%x: tensor<2x8xf32>, %c: tensor<8xf32>) {
  // CHECK: vitrail.norm %{{.*}} axis = 1 eps = 5.000000e-01 : (tensor<2x8xf32>) -> tensor<2x8xf32>
  %0 = vitrail.norm %x axis = 1 eps = 0.5 : (tensor<2x8xf32>) -> tensor<2x8xf32>
  // CHECK: vitrail.norm %{{.*}}, %{{.*}} axis = 1 eps = 5.000000e-01 rms : (tensor<2x8xf32>, tensor<8xf32>) -> tensor<2x8xf32>
  %1 = vitrail.norm %x, %c axis = 1 eps = 0.5 rms : (tensor<2x8xf32>, tensor<8xf32>) -> tensor<2x8xf32>
  // CHECK: vitrail.norm %{{.*}} bias %{{.*}} axis = 1 eps = 5.000000e-01 ddof = 1 : (tensor<2x8xf32>, tensor<8xf32>) -> tensor<2x8xf32>
  %2 = vitrail.norm %x bias %c axis = 1 eps = 0.5 ddof = 1 : (tensor<2x8xf32>, tensor<8xf32>) -> tensor<2x8xf32>
  // CHECK: vitrail.norm %{{.*}}, %{{.*}} bias %{{.*}} axis = 1 eps = 5.000000e-01 rms ddof = 1 eps_outside : (tensor<2x8xf32>, tensor<8xf32>, tensor<8xf32>) -> tensor<2x8xf32>
  %3 = vitrail.norm %x, %c bias %c axis = 1 eps = 0.5 rms ddof = 1 eps_outside : (tensor<2x8xf32>, tensor<8xf32>, tensor<8xf32>) -> tensor<2x8xf32>
  return
}

// CHECK-LABEL: func @softmax
func.func @softmax(%x: tensor<2x8xf32>) {
  // CHECK: vitrail.softmax %{{.*}} axis = 0 : tensor<2x8xf32>
  %0 = vitrail.softmax %x axis = 0 : tensor<2x8xf32>
  return
}

// CHECK-LABEL: func @reduce
func.func @reduce(%x: tensor<2x8xf32>) {
  // CHECK: vitrail.reduce sum %{{.*}} axes = [0, 1] : (tensor<2x8xf32>) -> tensor<f32>
  %0 = vitrail.reduce sum %x axes = [0, 1] : (tensor<2x8xf32>) -> tensor<f32>
  // CHECK: vitrail.reduce mean %{{.*}} axes = [0] keep_dims : (tensor<2x8xf32>) -> tensor<1x8xf32>
  %1 = vitrail.reduce mean %x axes = [0] keep_dims : (tensor<2x8xf32>) -> tensor<1x8xf32>
  // CHECK: vitrail.reduce max %{{.*}} axes = [1] : (tensor<2x8xf32>) -> tensor<2xf32>
  %2 = vitrail.reduce max %x axes = [1] : (tensor<2x8xf32>) -> tensor<2xf32>
  // CHECK: vitrail.reduce min %{{.*}} axes = [] : (tensor<2x8xf32>) -> tensor<2x8xf32>
  %3 = vitrail.reduce min %x axes = [] : (tensor<2x8xf32>) -> tensor<2x8xf32>
  return
}

//===----------------------------------------------------------------------===//
// Elementwise
//===----------------------------------------------------------------------===//

// CHECK-LABEL: func @pixels
func.func @pixels(%x: tensor<1x4x4x3xui8>, %b: memref<4x3xi8>) -> tensor<1x4x4x3xf32> {
  // CHECK: vitrail.from_u8 %{{.*}} : tensor<1x4x4x3xui8>
  %0 = vitrail.from_u8 %x : tensor<1x4x4x3xui8>
  // CHECK: vitrail.read %{{.*}} axis = 1 rows : memref<4x3xi8> -> tensor<4x3xf32>
  %1 = vitrail.read %b axis = 1 rows : memref<4x3xi8> -> tensor<4x3xf32>
  return %0 : tensor<1x4x4x3xf32>
}

// CHECK-LABEL: func @unary
func.func @unary(%x: tensor<4xf32>) {
  // CHECK: vitrail.unary neg %{{.*}} : tensor<4xf32>
  %0 = vitrail.unary neg %x : tensor<4xf32>
  // CHECK: vitrail.unary abs %{{.*}} : tensor<4xf32>
  %1 = vitrail.unary abs %x : tensor<4xf32>
  // CHECK: vitrail.unary exp %{{.*}} : tensor<4xf32>
  %2 = vitrail.unary exp %x : tensor<4xf32>
  // CHECK: vitrail.unary exp2 %{{.*}} : tensor<4xf32>
  %3 = vitrail.unary exp2 %x : tensor<4xf32>
  // CHECK: vitrail.unary log %{{.*}} : tensor<4xf32>
  %4 = vitrail.unary log %x : tensor<4xf32>
  // CHECK: vitrail.unary sqrt %{{.*}} : tensor<4xf32>
  %5 = vitrail.unary sqrt %x : tensor<4xf32>
  // CHECK: vitrail.unary rsqrt %{{.*}} : tensor<4xf32>
  %6 = vitrail.unary rsqrt %x : tensor<4xf32>
  // CHECK: vitrail.unary reciprocal %{{.*}} : tensor<4xf32>
  %7 = vitrail.unary reciprocal %x : tensor<4xf32>
  // CHECK: vitrail.unary square %{{.*}} : tensor<4xf32>
  %8 = vitrail.unary square %x : tensor<4xf32>
  // CHECK: vitrail.unary sin %{{.*}} : tensor<4xf32>
  %9 = vitrail.unary sin %x : tensor<4xf32>
  // CHECK: vitrail.unary cos %{{.*}} : tensor<4xf32>
  %10 = vitrail.unary cos %x : tensor<4xf32>
  // CHECK: vitrail.unary tanh %{{.*}} : tensor<4xf32>
  %11 = vitrail.unary tanh %x : tensor<4xf32>
  // CHECK: vitrail.unary erf %{{.*}} : tensor<4xf32>
  %12 = vitrail.unary erf %x : tensor<4xf32>
  // CHECK: vitrail.unary sigmoid %{{.*}} : tensor<4xf32>
  %13 = vitrail.unary sigmoid %x : tensor<4xf32>
  // CHECK: vitrail.unary relu %{{.*}} : tensor<4xf32>
  %14 = vitrail.unary relu %x : tensor<4xf32>
  // CHECK: vitrail.unary gelu %{{.*}} : tensor<4xf32>
  %15 = vitrail.unary gelu %x : tensor<4xf32>
  // CHECK: vitrail.unary gelu_tanh %{{.*}} : tensor<4xf32>
  %16 = vitrail.unary gelu_tanh %x : tensor<4xf32>
  // CHECK: vitrail.unary quick_gelu %{{.*}} : tensor<4xf32>
  %17 = vitrail.unary quick_gelu %x : tensor<4xf32>
  // CHECK: vitrail.unary silu %{{.*}} : tensor<4xf32>
  %18 = vitrail.unary silu %x : tensor<4xf32>
  // CHECK: vitrail.unary floor %{{.*}} : tensor<4xf32>
  %19 = vitrail.unary floor %x : tensor<4xf32>
  // CHECK: vitrail.unary ceil %{{.*}} : tensor<4xf32>
  %20 = vitrail.unary ceil %x : tensor<4xf32>
  return
}

// CHECK-LABEL: func @binary
func.func @binary(%x: tensor<2x4xf32>, %y: tensor<2x1xf32>) {
  // CHECK: vitrail.binary add %{{.*}}, %{{.*}} : (tensor<2x4xf32>, tensor<2x1xf32>) -> tensor<2x4xf32>
  %0 = vitrail.binary add %x, %y : (tensor<2x4xf32>, tensor<2x1xf32>) -> tensor<2x4xf32>
  // CHECK: vitrail.binary sub %{{.*}}, %{{.*}} : (tensor<2x4xf32>, tensor<2x1xf32>) -> tensor<2x4xf32>
  %1 = vitrail.binary sub %x, %y : (tensor<2x4xf32>, tensor<2x1xf32>) -> tensor<2x4xf32>
  // CHECK: vitrail.binary mul %{{.*}}, %{{.*}} : (tensor<2x4xf32>, tensor<2x1xf32>) -> tensor<2x4xf32>
  %2 = vitrail.binary mul %x, %y : (tensor<2x4xf32>, tensor<2x1xf32>) -> tensor<2x4xf32>
  // CHECK: vitrail.binary div %{{.*}}, %{{.*}} : (tensor<2x4xf32>, tensor<2x1xf32>) -> tensor<2x4xf32>
  %3 = vitrail.binary div %x, %y : (tensor<2x4xf32>, tensor<2x1xf32>) -> tensor<2x4xf32>
  // CHECK: vitrail.binary max %{{.*}}, %{{.*}} : (tensor<2x4xf32>, tensor<2x1xf32>) -> tensor<2x4xf32>
  %4 = vitrail.binary max %x, %y : (tensor<2x4xf32>, tensor<2x1xf32>) -> tensor<2x4xf32>
  // CHECK: vitrail.binary min %{{.*}}, %{{.*}} : (tensor<2x4xf32>, tensor<2x1xf32>) -> tensor<2x4xf32>
  %5 = vitrail.binary min %x, %y : (tensor<2x4xf32>, tensor<2x1xf32>) -> tensor<2x4xf32>
  // CHECK: vitrail.binary pow %{{.*}}, %{{.*}} : (tensor<2x4xf32>, tensor<2x1xf32>) -> tensor<2x4xf32>
  %6 = vitrail.binary pow %x, %y : (tensor<2x4xf32>, tensor<2x1xf32>) -> tensor<2x4xf32>
  // CHECK: vitrail.binary mod %{{.*}}, %{{.*}} : (tensor<2x4xf32>, tensor<2x1xf32>) -> tensor<2x4xf32>
  %7 = vitrail.binary mod %x, %y : (tensor<2x4xf32>, tensor<2x1xf32>) -> tensor<2x4xf32>
  // CHECK: vitrail.binary lt %{{.*}}, %{{.*}} : (tensor<2x4xf32>, tensor<2x1xf32>) -> tensor<2x4xf32>
  %8 = vitrail.binary lt %x, %y : (tensor<2x4xf32>, tensor<2x1xf32>) -> tensor<2x4xf32>
  // CHECK: vitrail.binary le %{{.*}}, %{{.*}} : (tensor<2x4xf32>, tensor<2x1xf32>) -> tensor<2x4xf32>
  %9 = vitrail.binary le %x, %y : (tensor<2x4xf32>, tensor<2x1xf32>) -> tensor<2x4xf32>
  // CHECK: vitrail.binary eq %{{.*}}, %{{.*}} : (tensor<2x4xf32>, tensor<2x1xf32>) -> tensor<2x4xf32>
  %10 = vitrail.binary eq %x, %y : (tensor<2x4xf32>, tensor<2x1xf32>) -> tensor<2x4xf32>
  // CHECK: vitrail.binary ne %{{.*}}, %{{.*}} : (tensor<2x4xf32>, tensor<2x1xf32>) -> tensor<2x4xf32>
  %11 = vitrail.binary ne %x, %y : (tensor<2x4xf32>, tensor<2x1xf32>) -> tensor<2x4xf32>
  return
}

//===----------------------------------------------------------------------===//
// Shapes
//===----------------------------------------------------------------------===//

// CHECK-LABEL: func @shapes
func.func @shapes(%x: tensor<1x4x6xf32>) {
  // CHECK: vitrail.rearrange %{{.*}} "a b c -> c (a b)" : (tensor<1x4x6xf32>) -> tensor<6x4xf32>
  %0 = vitrail.rearrange %x "a b c -> c (a b)" : (tensor<1x4x6xf32>) -> tensor<6x4xf32>
  // CHECK: vitrail.rearrange %{{.*}} "1 b (c d) -> d b c" sizes = {d = 2 : i64} : (tensor<1x4x6xf32>) -> tensor<2x4x3xf32>
  %1 = vitrail.rearrange %x "1 b (c d) -> d b c" sizes = {d = 2 : i64} : (tensor<1x4x6xf32>) -> tensor<2x4x3xf32>
  // CHECK: vitrail.concat %{{.*}}, %{{.*}} axis = 1 : (tensor<1x4x6xf32>, tensor<1x4x6xf32>) -> tensor<1x8x6xf32>
  %2 = vitrail.concat %x, %x axis = 1 : (tensor<1x4x6xf32>, tensor<1x4x6xf32>) -> tensor<1x8x6xf32>
  // CHECK: vitrail.slice %{{.*}} offsets = [0, 1, 2] sizes = [1, 3, 2] : (tensor<1x4x6xf32>) -> tensor<1x3x2xf32>
  %3 = vitrail.slice %x offsets = [0, 1, 2] sizes = [1, 3, 2] : (tensor<1x4x6xf32>) -> tensor<1x3x2xf32>
  // CHECK: vitrail.broadcast %{{.*}} shape = [2, 3, 4, 6] : (tensor<1x4x6xf32>) -> tensor<2x3x4x6xf32>
  %4 = vitrail.broadcast %x shape = [2, 3, 4, 6] : (tensor<1x4x6xf32>) -> tensor<2x3x4x6xf32>
  return
}

//===----------------------------------------------------------------------===//
// Program level
//===----------------------------------------------------------------------===//

// CHECK-LABEL: func @region
func.func @region(%x: tensor<4xf32>) -> tensor<4xf32> {
  // CHECK: vitrail.region "two"(%[[A:.*]] = %{{.*}} : tensor<4xf32>, %[[B:.*]] = %{{.*}} : tensor<4xf32>) -> tensor<4xf32> {
  // CHECK-NEXT: %[[S:.*]] = vitrail.binary add %[[A]], %[[B]]
  // CHECK-NEXT: vitrail.yield %[[S]] : tensor<4xf32>
  // CHECK-NEXT: } {note = "kept"}
  %0 = vitrail.region "two"(%a = %x : tensor<4xf32>, %b = %x : tensor<4xf32>) -> tensor<4xf32> {
    %s = vitrail.binary add %a, %b : (tensor<4xf32>, tensor<4xf32>) -> tensor<4xf32>
    vitrail.yield %s : tensor<4xf32>
  } {note = "kept"}
  // CHECK: vitrail.region "none"() -> tensor<4xf32> {
  %1 = vitrail.region "none"() -> tensor<4xf32> {
    %w = vitrail.weight "w" bias : tensor<4xf32>
    vitrail.yield %w : tensor<4xf32>
  }
  return %1 : tensor<4xf32>
}

// CHECK-LABEL: func @buffers
func.func @buffers() {
  // CHECK: vitrail.buffer input[0] : memref<2x20xf32>
  %0 = vitrail.buffer input[0] : memref<2x20xf32>
  // CHECK: vitrail.buffer arena[0] offset = 64 : memref<2x2x16xf32>
  %1 = vitrail.buffer arena[0] offset = 64 : memref<2x2x16xf32>
  // CHECK: vitrail.buffer frozen[3] : memref<20xf32>
  %2 = vitrail.buffer frozen[3] : memref<20xf32>
  // CHECK: vitrail.buffer output[0] : memref<2x20xf32, strided<[40, 1]>>
  %3 = vitrail.buffer output[0] : memref<2x20xf32, strided<[40, 1]>>
  // CHECK: vitrail.read %{{.*}} axis = 0 rows : memref<2x20xf32> -> tensor<2x20xf32>
  %4 = vitrail.read %0 axis = 0 rows : memref<2x20xf32> -> tensor<2x20xf32>
  // CHECK: vitrail.write %{{.*}}, %{{.*}} axis = 1 : tensor<2x20xf32> -> memref<2x2x16xf32>
  vitrail.write %4, %1 axis = 1 : tensor<2x20xf32> -> memref<2x2x16xf32>
  // CHECK: vitrail.barrier
  vitrail.barrier
  // CHECK: vitrail.read %{{.*}} axis = 1 : memref<2x2x16xf32> -> tensor<2x20xf32>
  %5 = vitrail.read %1 axis = 1 : memref<2x2x16xf32> -> tensor<2x20xf32>
  // CHECK: vitrail.buffer frozen[4] : memref<2x3x64xf32>
  %6 = vitrail.buffer frozen[4] : memref<2x3x64xf32>
  // CHECK: vitrail.read %{{.*}} axis = 0 width = 64 : memref<2x3x64xf32> -> tensor<100x3xf32>
  %7 = vitrail.read %6 axis = 0 width = 64 : memref<2x3x64xf32> -> tensor<100x3xf32>
  // CHECK: vitrail.write %{{.*}}, %{{.*}} axis = 1 rows : tensor<2x20xf32> -> memref<2x20xf32, strided<[40, 1]>>
  vitrail.write %5, %3 axis = 1 rows : tensor<2x20xf32> -> memref<2x20xf32, strided<[40, 1]>>
  // CHECK: vitrail.launch @kernel "fc"(%{{.*}}, %{{.*}}) flops = 80 bytes = 320 : memref<2x20xf32>, memref<2x2x16xf32>
  vitrail.launch @kernel "fc"(%0, %1) flops = 80 bytes = 320 : memref<2x20xf32>, memref<2x2x16xf32>
  return
}

//===----------------------------------------------------------------------===//
// Windows, rolls, gathered tables
//===----------------------------------------------------------------------===//

// CHECK-LABEL: func @windows
func.func @windows(%x: tensor<2x8x8x4xf32>, %f: tensor<3x3x4xf32>, %b: tensor<4xf32>, %u: tensor<16x4x6xf32>, %d: tensor<6xf32>) {
  // CHECK: vitrail.unfold %{{.*}} kernel = [3, 3] : (tensor<2x8x8x4xf32>) -> tensor<2x6x6x36xf32>
  %0 = vitrail.unfold %x kernel = [3, 3] : (tensor<2x8x8x4xf32>) -> tensor<2x6x6x36xf32>
  // CHECK: vitrail.unfold %{{.*}} kernel = [3, 2] strides = [2, 1] pads = [1, 0, 1, 1] dilations = [2, 1] {note = "kept"} :
  %1 = vitrail.unfold %x kernel = [3, 2] strides = [2, 1] pads = [1, 0, 1, 1] dilations = [2, 1] {note = "kept"} : (tensor<2x8x8x4xf32>) -> tensor<2x3x8x24xf32>
  // CHECK: vitrail.depthwise_conv %{{.*}}, %{{.*}} : (tensor<2x8x8x4xf32>, tensor<3x3x4xf32>) -> tensor<2x6x6x4xf32>
  %2 = vitrail.depthwise_conv %x, %f : (tensor<2x8x8x4xf32>, tensor<3x3x4xf32>) -> tensor<2x6x6x4xf32>
  // CHECK: vitrail.depthwise_conv %{{.*}}, %{{.*}}, %{{.*}} strides = [2, 2] pads = [1, 1, 1, 1] :
  %3 = vitrail.depthwise_conv %x, %f, %b strides = [2, 2] pads = [1, 1, 1, 1] : (tensor<2x8x8x4xf32>, tensor<3x3x4xf32>, tensor<4xf32>) -> tensor<2x4x4x4xf32>
  // CHECK: vitrail.pool max %{{.*}} kernel = [8] : (tensor<2x8x8x4xf32>) -> tensor<2x8x1x4xf32>
  %4 = vitrail.pool max %x kernel = [8] : (tensor<2x8x8x4xf32>) -> tensor<2x8x1x4xf32>
  // CHECK: vitrail.pool mean %{{.*}} kernel = [3, 3] strides = [2, 2] pads = [1, 1, 1, 1] count_pads :
  %5 = vitrail.pool mean %x kernel = [3, 3] strides = [2, 2] pads = [1, 1, 1, 1] count_pads : (tensor<2x8x8x4xf32>) -> tensor<2x4x4x4xf32>
  // CHECK: vitrail.roll %{{.*}} shifts = [0, -3, -3, 0] : tensor<2x8x8x4xf32>
  %6 = vitrail.roll %x shifts = [0, -3, -3, 0] : tensor<2x8x8x4xf32>
  // CHECK: vitrail.gather %{{.*}}, %{{.*}} axis = 1 : (tensor<3x3x4xf32>, tensor<4xf32>) -> tensor<3x4x4xf32>
  %7 = vitrail.gather %f, %b axis = 1 : (tensor<3x3x4xf32>, tensor<4xf32>) -> tensor<3x4x4xf32>
  // CHECK: vitrail.winograd_conv %{{.*}}, %{{.*}} : (tensor<2x8x8x4xf32>, tensor<16x4x6xf32>) -> tensor<2x6x6x6xf32>
  %8 = vitrail.winograd_conv %x, %u : (tensor<2x8x8x4xf32>, tensor<16x4x6xf32>) -> tensor<2x6x6x6xf32>
  // CHECK: vitrail.winograd_conv %{{.*}}, %{{.*}}, %{{.*}} pads = [1, 0, 1, 2] :
  %9 = vitrail.winograd_conv %x, %u, %d pads = [1, 0, 1, 2] : (tensor<2x8x8x4xf32>, tensor<16x4x6xf32>, tensor<6xf32>) -> tensor<2x8x8x6xf32>
  return
}
