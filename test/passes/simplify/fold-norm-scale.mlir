// RUN: vitrail-opt %s --split-input-file --verify-diagnostics \
// RUN:   --pass-pipeline='builtin.module(func.func(vitrail-fold-norm-scale))' \
// RUN:   --remarks-filter=simplify --remark-policy=all --remark-format=emitRemark \
// RUN:   | FileCheck %s

// Numbers of the description go, one after the other, also where something else
// reads the product. Half of x has a quarter of its variance.

// CHECK-LABEL: func @numbers(
// CHECK-SAME:      %[[X:.*]]: tensor<1x4x8xf32>)
// CHECK:         %[[H:.*]] = vitrail.binary mul %[[X]]
// CHECK:         %[[N:.*]] = vitrail.norm %[[X]] axis = 2 eps = 4.000000e-06
// CHECK-NOT:     vitrail.binary
// CHECK:         %[[M:.*]] = vitrail.norm %[[X]] axis = 2 eps = 9.000000e-06 rms
// CHECK:         %[[O:.*]] = vitrail.norm %[[X]] axis = 1 eps = 2.000000e-06 eps_outside
// CHECK:         return %[[H]], %[[N]], %[[M]], %[[O]]
func.func @numbers(%x: tensor<1x4x8xf32>) -> (tensor<1x4x8xf32>, tensor<1x4x8xf32>, tensor<1x4x8xf32>, tensor<1x4x8xf32>) {
  %half = arith.constant dense<0.5> : tensor<f32>
  %three = vitrail.range start = 3.0 step = 0.0 : tensor<1xf32>
  %h = vitrail.binary mul %x, %half : (tensor<1x4x8xf32>, tensor<f32>) -> tensor<1x4x8xf32>
  // expected-remark@below {{a factor goes into eps", ops_saved=0}}
  %n = vitrail.norm %h axis = 2 eps = 1.0e-6 : (tensor<1x4x8xf32>) -> tensor<1x4x8xf32>
  %d = vitrail.binary div %x, %three : (tensor<1x4x8xf32>, tensor<1xf32>) -> tensor<1x4x8xf32>
  // expected-remark@below {{a factor goes into eps", ops_saved=32}}
  %m = vitrail.norm %d axis = 2 eps = 1.0e-6 rms : (tensor<1x4x8xf32>) -> tensor<1x4x8xf32>
  %s = vitrail.binary sub %x, %three : (tensor<1x4x8xf32>, tensor<1xf32>) -> tensor<1x4x8xf32>
  %p = vitrail.binary mul %half, %s : (tensor<f32>, tensor<1x4x8xf32>) -> tensor<1x4x8xf32>
  // expected-remark@below {{a factor goes into eps", ops_saved=32}}
  // expected-remark@below {{a summand goes with the mean", ops_saved=32}}
  %o = vitrail.norm %p axis = 1 eps = 1.0e-6 eps_outside : (tensor<1x4x8xf32>) -> tensor<1x4x8xf32>
  return %h, %n, %m, %o : tensor<1x4x8xf32>, tensor<1x4x8xf32>, tensor<1x4x8xf32>, tensor<1x4x8xf32>
}

// -----

// A negative factor turns signs, a root mean square sees summands, and a weight is
// no number.

// CHECK-LABEL: func @not(
// CHECK-COUNT-3: vitrail.norm %{{[0-9]+}}
func.func @not(%x: tensor<1x4x8xf32>) -> (tensor<1x4x8xf32>, tensor<1x4x8xf32>, tensor<1x4x8xf32>) {
  %c = arith.constant dense<-2.0> : tensor<f32>
  %w = vitrail.weight "w" layer_scale : tensor<1xf32>
  %0 = vitrail.binary mul %x, %c : (tensor<1x4x8xf32>, tensor<f32>) -> tensor<1x4x8xf32>
  // expected-remark@below {{the factor -2.00 is not positive}}
  %n = vitrail.norm %0 axis = 2 eps = 1.0e-6 : (tensor<1x4x8xf32>) -> tensor<1x4x8xf32>
  %1 = vitrail.binary add %x, %c : (tensor<1x4x8xf32>, tensor<f32>) -> tensor<1x4x8xf32>
  // expected-remark@below {{no mean is subtracted, with which -2.00 would go}}
  %m = vitrail.norm %1 axis = 2 eps = 1.0e-6 rms : (tensor<1x4x8xf32>) -> tensor<1x4x8xf32>
  %2 = vitrail.binary mul %x, %w : (tensor<1x4x8xf32>, tensor<1xf32>) -> tensor<1x4x8xf32>
  %o = vitrail.norm %2 axis = 2 eps = 1.0e-6 : (tensor<1x4x8xf32>) -> tensor<1x4x8xf32>
  return %n, %m, %o : tensor<1x4x8xf32>, tensor<1x4x8xf32>, tensor<1x4x8xf32>
}
