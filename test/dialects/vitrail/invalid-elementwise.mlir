// RUN: vitrail-opt %s -split-input-file -verify-diagnostics

func.func @f(%x: tensor<4xf32>) {
  // expected-error@+1 {{custom op 'vitrail.unary' expected string or keyword containing one of the following enum values for attribute 'kind' [neg, abs, exp, exp2, log, sqrt, rsqrt, reciprocal, square, sin, cos, tanh, erf, sigmoid, relu, gelu, gelu_tanh, quick_gelu, silu, floor, ceil]}}
  %0 = vitrail.unary softsign %x : tensor<4xf32>
  return
}

// -----

func.func @f(%x: tensor<2x4xf32>, %y: tensor<3xf32>) {
  // expected-error@+2 {{add: shapes [2, 4] and [3] do not broadcast: aligned at the last axis, sizes must be equal or 1}}
  // expected-error@+1 {{'vitrail.binary' op failed to infer returned types}}
  %0 = vitrail.binary add %x, %y : (tensor<2x4xf32>, tensor<3xf32>) -> tensor<2x4xf32>
  return
}

// -----

func.func @f(%x: tensor<4xf32>, %y: tensor<4xf64>) {
  // expected-error@+2 {{add: operands must have one element type, got 'tensor<4xf32>' and 'tensor<4xf64>'}}
  // expected-error@+1 {{'vitrail.binary' op failed to infer returned types}}
  %0 = vitrail.binary add %x, %y : (tensor<4xf32>, tensor<4xf64>) -> tensor<4xf32>
  return
}

// -----

func.func @f(%x: tensor<2x1xf32>, %y: tensor<1x3xf32>) {
  // expected-error@+2 {{'vitrail.binary' op inferred type(s) 'tensor<2x3xf32>' are incompatible with return type(s) of operation 'tensor<2x1xf32>'}}
  // expected-error@+1 {{'vitrail.binary' op failed to infer returned types}}
  %0 = vitrail.binary add %x, %y : (tensor<2x1xf32>, tensor<1x3xf32>) -> tensor<2x1xf32>
  return
}

// -----

func.func @f(%x: tensor<4xi8>) {
  // expected-error@+1 {{'vitrail.from_u8' op operand #0 must be statically shaped tensor of 8-bit unsigned integer values, but got 'tensor<4xi8>'}}
  %0 = vitrail.from_u8 %x : tensor<4xi8>
  return
}

// -----

// Bytes are converted before anything is done with them.
func.func @f(%x: tensor<2x4xui8>) {
  // expected-error@+1 {{'vitrail.slice' op operand #0 must be statically shaped tensor of floating-point values, but got 'tensor<2x4xui8>'}}
  %0 = vitrail.slice %x offsets = [0, 0] sizes = [1, 4] : (tensor<2x4xui8>) -> tensor<1x4xui8>
  return
}
