// RUN: vitrail-opt %s --split-input-file --verify-diagnostics \
// RUN:   --pass-pipeline='builtin.module(func.func(vitrail-winograd))' \
// RUN:   --remarks-filter=simplify --remark-policy=all --remark-format=emitRemark \
// RUN:   | FileCheck %s

// The filter's taps become sixteen factors of each channel and feature; the linear
// and the unfolding are gone.

// CHECK-LABEL: func @conv(
// CHECK-SAME:      %[[X:.*]]: tensor<1x14x14x32xf32>)
// CHECK-DAG:     %[[W:.*]] = vitrail.weight "w"
// CHECK-DAG:     %[[B:.*]] = vitrail.weight "b"
// CHECK-DAG:     %[[G:.*]] = arith.constant dense<{{.*}}> : tensor<16x9xf32>
// CHECK:         %[[T:.*]] = vitrail.rearrange %[[W]] "n (t c) -> t c n" sizes = {t = 9 : i64}
// CHECK:         %[[U:.*]] = vitrail.einsum "ut,tcn->ucn" %[[G]], %[[T]]
// CHECK:         %[[Y:.*]] = vitrail.winograd_conv %[[X]], %[[U]], %[[B]] pads = [1, 1, 1, 1]
// CHECK-NOT:     vitrail.unfold
// CHECK:         return %[[Y]]
func.func @conv(%x: tensor<1x14x14x32xf32>) -> tensor<1x14x14x48xf32> {
  %w = vitrail.weight "w" matrix fan_in = 288 : tensor<48x288xf32>
  %b = vitrail.weight "b" bias fan_in = 288 : tensor<48xf32>
  %0 = vitrail.unfold %x kernel = [3, 3] pads = [1, 1, 1, 1] : (tensor<1x14x14x32xf32>) -> tensor<1x14x14x288xf32>
  // expected-remark@below {{16 products for four places in place of 36", macs_saved=1505280}}
  %1 = vitrail.linear %0, %w, %b : (tensor<1x14x14x288xf32>, tensor<48x288xf32>, tensor<48xf32>) -> tensor<1x14x14x48xf32>
  return %1 : tensor<1x14x14x48xf32>
}

// -----

// A weight stored the other way, no bias, other pads.

// CHECK-LABEL: func @transposed(
// CHECK:         vitrail.rearrange %{{.*}} "(t c) n -> t c n" sizes = {t = 9 : i64}
// CHECK:         vitrail.winograd_conv %{{.*}}, %{{.*}} pads = [2, 0, 1, 1] : (tensor<2x16x16x32xf32>, tensor<16x32x48xf32>) -> tensor<2x17x15x48xf32>
func.func @transposed(%x: tensor<2x16x16x32xf32>) -> tensor<2x17x15x48xf32> {
  %w = vitrail.weight "w" matrix fan_in = 288 : tensor<288x48xf32>
  %0 = vitrail.unfold %x kernel = [3, 3] pads = [2, 0, 1, 1] : (tensor<2x16x16x32xf32>) -> tensor<2x17x15x288xf32>
  // expected-remark@below {{16 products for four places}}
  %1 = vitrail.linear %0, %w transposed : (tensor<2x17x15x288xf32>, tensor<288x48xf32>) -> tensor<2x17x15x48xf32>
  return %1 : tensor<2x17x15x48xf32>
}

// -----

// Few places for more weights.

// CHECK-LABEL: func @few(
// CHECK:         vitrail.unfold
// CHECK:         vitrail.linear
// CHECK-NOT:     vitrail.einsum
func.func @few(%x: tensor<1x7x7x512xf32>) -> tensor<1x7x7x512xf32> {
  %w = vitrail.weight "w" matrix fan_in = 4608 : tensor<512x4608xf32>
  %0 = vitrail.unfold %x kernel = [3, 3] pads = [1, 1, 1, 1] : (tensor<1x7x7x512xf32>) -> tensor<1x7x7x4608xf32>
  // expected-remark@below {{sums and weights cost 8650752 multiply-adds more than products are saved}}
  %1 = vitrail.linear %0, %w : (tensor<1x7x7x4608xf32>, tensor<512x4608xf32>) -> tensor<1x7x7x512xf32>
  return %1 : tensor<1x7x7x512xf32>
}

// -----

// Other windows, and a weight that comes in.

// CHECK-LABEL: func @others(
// CHECK-COUNT-4: vitrail.linear
// CHECK-NOT:     vitrail.winograd_conv
func.func @others(%x: tensor<1x16x16x64xf32>, %w: tensor<64x576xf32>) {
  %v = vitrail.weight "v" matrix fan_in = 576 : tensor<64x576xf32>
  %u = vitrail.weight "u" matrix fan_in = 1600 : tensor<64x1600xf32>
  %0 = vitrail.unfold %x kernel = [3, 3] strides = [1, 2] pads = [1, 1, 1, 1] : (tensor<1x16x16x64xf32>) -> tensor<1x16x8x576xf32>
  %1 = vitrail.linear %0, %v : (tensor<1x16x8x576xf32>, tensor<64x576xf32>) -> tensor<1x16x8x64xf32>
  %2 = vitrail.unfold %x kernel = [3, 3] pads = [2, 2, 2, 2] dilations = [2, 2] : (tensor<1x16x16x64xf32>) -> tensor<1x16x16x576xf32>
  %3 = vitrail.linear %2, %v : (tensor<1x16x16x576xf32>, tensor<64x576xf32>) -> tensor<1x16x16x64xf32>
  %4 = vitrail.unfold %x kernel = [5, 5] pads = [2, 2, 2, 2] : (tensor<1x16x16x64xf32>) -> tensor<1x16x16x1600xf32>
  %5 = vitrail.linear %4, %u : (tensor<1x16x16x1600xf32>, tensor<64x1600xf32>) -> tensor<1x16x16x64xf32>
  %6 = vitrail.unfold %x kernel = [3, 3] pads = [1, 1, 1, 1] : (tensor<1x16x16x64xf32>) -> tensor<1x16x16x576xf32>
  %7 = vitrail.linear %6, %w : (tensor<1x16x16x576xf32>, tensor<64x576xf32>) -> tensor<1x16x16x64xf32>
  return
}
