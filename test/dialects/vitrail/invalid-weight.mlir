// RUN: vitrail-opt %s -split-input-file -verify-diagnostics

func.func @f() {
  // expected-error@+1 {{'vitrail.weight' op needs a name, got ""}}
  %0 = vitrail.weight "" bias : tensor<4xf32>
  return
}

// -----

func.func @f() {
  // expected-error@+1 {{'vitrail.weight' op of role 'matrix' needs a positive fan_in, got 0}}
  %0 = vitrail.weight "w" matrix : tensor<4x8xf32>
  return
}

// -----

func.func @f() {
  // expected-error@+1 {{'vitrail.weight' op result #0 must be statically shaped tensor of floating-point values, but got 'tensor<?xf32>'}}
  %0 = vitrail.weight "w" bias : tensor<?xf32>
  return
}

// -----

func.func @f() {
  // expected-error@+1 {{'vitrail.weight' op result #0 must be statically shaped tensor of floating-point values, but got 'tensor<4xi32>'}}
  %0 = vitrail.weight "w" bias : tensor<4xi32>
  return
}

// -----

func.func @f() {
  // expected-error@+1 {{custom op 'vitrail.weight' expected string or keyword containing one of the following enum values for attribute 'role' [matrix, bias, token, position, gain, running_mean, running_variance, layer_scale]}}
  %0 = vitrail.weight "w" filter : tensor<4xf32>
  return
}

// -----

func.func @f(%a: tensor<20x3xf32>) {
  // expected-error@+2 {{pack: axis 2 is not an axis of [20, 3]; axes count from 0 to 1}}
  // expected-error@+1 {{'vitrail.pack' op failed to infer returned types}}
  %0 = vitrail.pack %a axis = 2 : (tensor<20x3xf32>) -> tensor<2x3x16xf32>
  return
}

// -----

func.func @f(%a: tensor<20x3xf32>) {
  // expected-error@+2 {{pack: width must be at least 1, got -1}}
  // expected-error@+1 {{'vitrail.pack' op failed to infer returned types}}
  %0 = vitrail.pack %a axis = 0 width = -1 : (tensor<20x3xf32>) -> tensor<2x3x16xf32>
  return
}

// -----

func.func @f(%a: tensor<20x3xf32>) {
  // expected-error@+2 {{'vitrail.pack' op inferred type(s) 'tensor<2x3x16xf32>' are incompatible with return type(s) of operation 'tensor<20x3x16xf32>'}}
  // expected-error@+1 {{'vitrail.pack' op failed to infer returned types}}
  %0 = vitrail.pack %a axis = 0 : (tensor<20x3xf32>) -> tensor<20x3x16xf32>
  return
}

// -----

func.func @f() {
  // expected-error@+1 {{'vitrail.range' op has at most one axis, got [2, 3]}}
  %0 = vitrail.range start = 0.0 step = 1.0 : tensor<2x3xf32>
  return
}

// -----

func.func @f() {
  // expected-error@+1 {{'vitrail.range' op needs a finite start and step}}
  %0 = vitrail.range start = 0.0 step = 0x7FF0000000000000 : tensor<3xf32>
  return
}
