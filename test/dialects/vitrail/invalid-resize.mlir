// RUN: vitrail-opt %s -split-input-file -verify-diagnostics

func.func @f(%x: tensor<4x5xf32>) {
  // expected-error@+2 {{resize: axis 2 is not an axis of [4, 5]; axes count from 0 to 1}}
  // expected-error@+1 {{'vitrail.resize' op failed to infer returned types}}
  %0 = vitrail.resize linear %x axes = [2] sizes = [7] : (tensor<4x5xf32>) -> tensor<4x5xf32>
  return
}

// -----

func.func @f(%x: tensor<4x5xf32>) {
  // expected-error@+2 {{resize: needs a size for each axis, got 2 axes and 1 sizes}}
  // expected-error@+1 {{'vitrail.resize' op failed to infer returned types}}
  %0 = vitrail.resize linear %x axes = [0, 1] sizes = [7] : (tensor<4x5xf32>) -> tensor<7x5xf32>
  return
}

// -----

func.func @f(%x: tensor<4x5xf32>) {
  // expected-error@+2 {{resize: axes must ascend, got [1, 0]}}
  // expected-error@+1 {{'vitrail.resize' op failed to infer returned types}}
  %0 = vitrail.resize linear %x axes = [1, 0] sizes = [7, 8] : (tensor<4x5xf32>) -> tensor<8x7xf32>
  return
}

// -----

func.func @f(%x: tensor<4x5xf32>) {
  // expected-error@+2 {{resize: axes must ascend, got [1, 1]}}
  // expected-error@+1 {{'vitrail.resize' op failed to infer returned types}}
  %0 = vitrail.resize linear %x axes = [1, 1] sizes = [7, 8] : (tensor<4x5xf32>) -> tensor<4x8xf32>
  return
}

// -----

func.func @f(%x: tensor<4x5xf32>) {
  // expected-error@+2 {{resize: sizes must be positive, got 0 for axis 1 of [4, 5]}}
  // expected-error@+1 {{'vitrail.resize' op failed to infer returned types}}
  %0 = vitrail.resize linear %x axes = [1] sizes = [0] : (tensor<4x5xf32>) -> tensor<4x0xf32>
  return
}

// -----

func.func @f(%x: tensor<4x5xf32>) {
  // expected-error@+2 {{resize: the coefficient must be finite}}
  // expected-error@+1 {{'vitrail.resize' op failed to infer returned types}}
  %0 = vitrail.resize cubic %x axes = [1] sizes = [6] coefficient = 0x7FF0000000000000 : (tensor<4x5xf32>) -> tensor<4x6xf32>
  return
}

// -----

func.func @f(%x: tensor<4x5xf32>) {
  // expected-error@+1 {{custom op 'vitrail.resize' expected string or keyword containing one of the following enum values for attribute 'kind' [linear, cubic]}}
  %0 = vitrail.resize nearest %x axes = [1] sizes = [6] : (tensor<4x5xf32>) -> tensor<4x6xf32>
  return
}
