// RUN: vitrail-opt %s --split-input-file --verify-diagnostics \
// RUN:   --pass-pipeline='builtin.module(vitrail-add-u8-entry)' \
// RUN:   --remarks-filter=simplify --remark-policy=all --remark-format=emitRemark \
// RUN:   | FileCheck %s

// The image enters as pixels, the mask as it was; what the port says of
// normalization becomes ops, and is said of the first entry alone.

// CHECK:       func @main(%{{.*}}: tensor<2x3x4x6xf32> {{.*}}vitrail.mean = array<f32: 5.000000e-01, 2.500000e-01, 0.000000e+00>
// CHECK:       func @u8(%[[P:.*]]: tensor<2x4x6x3xui8> {vitrail.kind = "image", vitrail.name = "x"}, %[[M:.*]]: tensor<2x3x4x6xf32> {vitrail.name = "mask"})
// CHECK-SAME:    -> (tensor<2x3x4x6xf32> {vitrail.name = "y"}) attributes {vitrail.entry}
// CHECK:         %[[F:.*]] = vitrail.from_u8 %[[P]] : tensor<2x4x6x3xui8>
// CHECK:         %[[STD:.*]] = arith.constant dense<[5.000000e-01, 2.500000e-01, 1.000000e+00]> : tensor<3xf32>
// CHECK:         %[[FULL:.*]] = arith.constant dense<2.550000e+02> : tensor<1xf32>
// CHECK:         %[[RANGE:.*]] = vitrail.binary mul %[[STD]], %[[FULL]]
// CHECK:         %[[FACTOR:.*]] = vitrail.unary reciprocal %[[RANGE]]
// CHECK:         %[[SCALED:.*]] = vitrail.binary mul %[[F]], %[[FACTOR]] : (tensor<2x4x6x3xf32>, tensor<3xf32>)
// CHECK:         %[[MEAN:.*]] = arith.constant dense<[5.000000e-01, 2.500000e-01, 0.000000e+00]>
// CHECK:         %[[OFFSET:.*]] = vitrail.binary div %[[MEAN]], %[[STD]]
// CHECK:         %[[SUMMAND:.*]] = vitrail.unary neg %[[OFFSET]]
// CHECK:         %[[SHIFTED:.*]] = vitrail.binary add %[[SCALED]], %[[SUMMAND]]
// CHECK:         %[[X:.*]] = vitrail.rearrange %[[SHIFTED]] "b h w c -> b c h w" : (tensor<2x4x6x3xf32>) -> tensor<2x3x4x6xf32>
// CHECK:         %[[Y:.*]] = vitrail.binary mul %[[X]], %[[M]]
// CHECK:         return %[[Y]]
// expected-remark@below {{images enter as pixels, too}}
func.func @main(%x: tensor<2x3x4x6xf32> {vitrail.name = "x", vitrail.kind = "image", vitrail.mean = array<f32: 0.5, 0.25, 0.0>, vitrail.std = array<f32: 0.5, 0.25, 1.0>},
                %mask: tensor<2x3x4x6xf32> {vitrail.name = "mask"}) -> (tensor<2x3x4x6xf32> {vitrail.name = "y"}) {
  %y = vitrail.binary mul %x, %mask : (tensor<2x3x4x6xf32>, tensor<2x3x4x6xf32>) -> tensor<2x3x4x6xf32>
  return %y : tensor<2x3x4x6xf32>
}

// -----

// Without a mean there is nothing to add.

// CHECK:       func @u8(
// CHECK:         vitrail.from_u8
// CHECK:         vitrail.binary mul %{{.*}} : (tensor<1x4x4x1xf32>, tensor<1xf32>)
// CHECK-NOT:     vitrail.binary add
// CHECK:         vitrail.rearrange
// expected-remark@below {{images enter as pixels, too}}
func.func @main(%x: tensor<1x1x4x4xf32> {vitrail.kind = "image"}) -> tensor<1x1x4x4xf32> {
  %y = vitrail.unary relu %x : tensor<1x1x4x4xf32>
  return %y : tensor<1x1x4x4xf32>
}

// -----

// No input is an image of f32; a second run adds nothing.

// CHECK:       func @main(%{{.*}}: tensor<1x3x4x4xf32>
// CHECK-NOT:     func @u8
func.func @main(%x: tensor<1x3x4x4xf32> {vitrail.kind = "tensor"}) -> tensor<1x3x4x4xf32> {
  %y = vitrail.unary relu %x : tensor<1x3x4x4xf32>
  return %y : tensor<1x3x4x4xf32>
}

// -----

// CHECK:       func @main(%{{.*}}: tensor<1x1x4x4xf32>
// CHECK:       func @u8(
// CHECK-NOT:     func @u8
func.func @main(%x: tensor<1x1x4x4xf32> {vitrail.kind = "image"}) -> tensor<1x1x4x4xf32> {
  return %x : tensor<1x1x4x4xf32>
}
func.func @u8(%x: tensor<1x4x4x1xui8> {vitrail.kind = "image"}) -> tensor<1x1x4x4xf32> attributes {vitrail.entry} {
  %0 = vitrail.from_u8 %x : tensor<1x4x4x1xui8>
  %1 = vitrail.rearrange %0 "b h w c -> b c h w" : (tensor<1x4x4x1xf32>) -> tensor<1x1x4x4xf32>
  return %1 : tensor<1x1x4x4xf32>
}
