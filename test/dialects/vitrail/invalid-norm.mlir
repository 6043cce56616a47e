// RUN: vitrail-opt %s -split-input-file -verify-diagnostics

func.func @f(%x: tensor<2x4xf32>) {
  // expected-error@+2 {{norm: axis 2 is not an axis of [2, 4]; axes count from 0 to 1}}
  // expected-error@+1 {{'vitrail.norm' op failed to infer returned types}}
  %0 = vitrail.norm %x axis = 2 eps = 0.5 : (tensor<2x4xf32>) -> tensor<2x4xf32>
  return
}

// -----

func.func @f(%x: tensor<2x4xf32>) {
  // expected-error@+2 {{norm: axis -1 is not an axis of [2, 4]; axes count from 0 to 1}}
  // expected-error@+1 {{'vitrail.norm' op failed to infer returned types}}
  %0 = vitrail.norm %x axis = -1 eps = 0.5 : (tensor<2x4xf32>) -> tensor<2x4xf32>
  return
}

// -----

func.func @f(%x: tensor<2x4xf32>, %g: tensor<2xf32>) {
  // expected-error@+2 {{norm: gain and bias must be [4] for axis 1 of [2, 4], got [2]}}
  // expected-error@+1 {{'vitrail.norm' op failed to infer returned types}}
  %0 = vitrail.norm %x, %g axis = 1 eps = 0.5 : (tensor<2x4xf32>, tensor<2xf32>) -> tensor<2x4xf32>
  return
}

// -----

func.func @f(%x: tensor<2x4xf32>, %b: tensor<1x4xf32>) {
  // expected-error@+2 {{norm: gain and bias must be [4] for axis 1 of [2, 4], got [1, 4]}}
  // expected-error@+1 {{'vitrail.norm' op failed to infer returned types}}
  %0 = vitrail.norm %x bias %b axis = 1 eps = 0.5 : (tensor<2x4xf32>, tensor<1x4xf32>) -> tensor<2x4xf32>
  return
}

// -----

func.func @f(%x: tensor<2x4xf32>) {
  // expected-error@+2 {{norm: eps must not be negative, got -5.000000e-01}}
  // expected-error@+1 {{'vitrail.norm' op failed to infer returned types}}
  %0 = vitrail.norm %x axis = 1 eps = -0.5 : (tensor<2x4xf32>) -> tensor<2x4xf32>
  return
}

// -----

func.func @f(%x: tensor<2x4xf32>) {
  // expected-error@+2 {{norm: ddof must be from 0 to 3 for an axis of 4, got 4}}
  // expected-error@+1 {{'vitrail.norm' op failed to infer returned types}}
  %0 = vitrail.norm %x axis = 1 eps = 0.5 ddof = 4 : (tensor<2x4xf32>) -> tensor<2x4xf32>
  return
}

// -----

func.func @f(%x: tensor<2x4xf32>) {
  // expected-error@+2 {{norm: ddof must be from 0 to 3 for an axis of 4, got -1}}
  // expected-error@+1 {{'vitrail.norm' op failed to infer returned types}}
  %0 = vitrail.norm %x axis = 1 eps = 0.5 ddof = -1 : (tensor<2x4xf32>) -> tensor<2x4xf32>
  return
}

// -----

func.func @f(%x: tensor<2x4xf32>) {
  // expected-error@+1 {{softmax: axis 2 is not an axis of [2, 4]; axes count from 0 to 1}}
  %0 = vitrail.softmax %x axis = 2 : tensor<2x4xf32>
  return
}

// -----

func.func @f(%x: tensor<f32>) {
  // expected-error@+1 {{softmax: axis 0 is not an axis of [], which has none}}
  %0 = vitrail.softmax %x axis = 0 : tensor<f32>
  return
}

// -----

func.func @f(%x: tensor<2x4xf32>) {
  // expected-error@+2 {{reduce: axis 2 is not an axis of [2, 4]; axes count from 0 to 1}}
  // expected-error@+1 {{'vitrail.reduce' op failed to infer returned types}}
  %0 = vitrail.reduce sum %x axes = [2] : (tensor<2x4xf32>) -> tensor<2x4xf32>
  return
}

// -----

func.func @f(%x: tensor<2x4xf32>) {
  // expected-error@+2 {{reduce: axes must ascend, got [1, 0]}}
  // expected-error@+1 {{'vitrail.reduce' op failed to infer returned types}}
  %0 = vitrail.reduce sum %x axes = [1, 0] : (tensor<2x4xf32>) -> tensor<f32>
  return
}

// -----

func.func @f(%x: tensor<2x4xf32>) {
  // expected-error@+2 {{'vitrail.reduce' op inferred type(s) 'tensor<1x4xf32>' are incompatible with return type(s) of operation 'tensor<4xf32>'}}
  // expected-error@+1 {{'vitrail.reduce' op failed to infer returned types}}
  %0 = vitrail.reduce sum %x axes = [0] keep_dims : (tensor<2x4xf32>) -> tensor<4xf32>
  return
}
