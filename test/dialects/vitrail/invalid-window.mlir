// RUN: vitrail-opt %s -split-input-file -verify-diagnostics

func.func @f(%x: tensor<4x5xf32>) {
  // expected-error@+2 {{unfold: a window [3, 3] needs as many axes before the channels, got [4, 5]}}
  // expected-error@+1 {{'vitrail.unfold' op failed to infer returned types}}
  %0 = vitrail.unfold %x kernel = [3, 3] : (tensor<4x5xf32>) -> tensor<4x45xf32>
  return
}

// -----

func.func @f(%x: tensor<4x5x2xf32>) {
  // expected-error@+2 {{unfold: the window [3, 0] needs positive sizes, strides and dilations for 2 axes and pads before and behind each, got strides [], pads [], dilations []}}
  // expected-error@+1 {{'vitrail.unfold' op failed to infer returned types}}
  %0 = vitrail.unfold %x kernel = [3, 0] : (tensor<4x5x2xf32>) -> tensor<2x6x0xf32>
  return
}

// -----

func.func @f(%x: tensor<4x5x2xf32>) {
  // expected-error@+2 {{pads before and behind each, got strides [1], pads [1, 1], dilations []}}
  // expected-error@+1 {{'vitrail.unfold' op failed to infer returned types}}
  %0 = vitrail.unfold %x kernel = [3, 3] strides = [1] pads = [1, 1] : (tensor<4x5x2xf32>) -> tensor<4x5x18xf32>
  return
}

// -----

func.func @f(%x: tensor<4x5x2xf32>) {
  // expected-error@+2 {{unfold: a window that reaches 5 elements does not fit the 4 elements of axis 0 of [4, 5, 2] and pads of 0 and 0}}
  // expected-error@+1 {{'vitrail.unfold' op failed to infer returned types}}
  %0 = vitrail.unfold %x kernel = [3, 3] dilations = [2, 1] : (tensor<4x5x2xf32>) -> tensor<0x3x18xf32>
  return
}

// -----

func.func @f(%x: tensor<4x5x2xf32>) {
  // expected-error@+2 {{pool: pads of 1 and 3 leave windows that reach 3 elements without any of the map [4, 5, 2]; pad less than the window}}
  // expected-error@+1 {{'vitrail.pool' op failed to infer returned types}}
  %0 = vitrail.pool max %x kernel = [3, 3] pads = [1, 1, 3, 1] : (tensor<4x5x2xf32>) -> tensor<6x5x2xf32>
  return
}

// -----

func.func @f(%x: tensor<4x5x2xf32>) {
  // expected-error@+2 {{pool: only a mean counts pads, not max}}
  // expected-error@+1 {{'vitrail.pool' op failed to infer returned types}}
  %0 = vitrail.pool max %x kernel = [3, 3] pads = [1, 1, 1, 1] count_pads : (tensor<4x5x2xf32>) -> tensor<4x5x2xf32>
  return
}

// -----

func.func @f(%x: tensor<4x5x2xf32>, %f: tensor<3x3x4xf32>) {
  // expected-error@+2 {{depthwise_conv: the filter must be [window, channels] with the channels of the map [4, 5, 2], got [3, 3, 4]}}
  // expected-error@+1 {{'vitrail.depthwise_conv' op failed to infer returned types}}
  %0 = vitrail.depthwise_conv %x, %f : (tensor<4x5x2xf32>, tensor<3x3x4xf32>) -> tensor<2x3x4xf32>
  return
}

// -----

func.func @f(%x: tensor<4x5x2xf32>, %f: tensor<3x3x2xf32>, %b: tensor<3xf32>) {
  // expected-error@+2 {{depthwise_conv: the bias must be [2], got [3]}}
  // expected-error@+1 {{'vitrail.depthwise_conv' op failed to infer returned types}}
  %0 = vitrail.depthwise_conv %x, %f, %b : (tensor<4x5x2xf32>, tensor<3x3x2xf32>, tensor<3xf32>) -> tensor<2x3x2xf32>
  return
}

// -----

func.func @f(%x: tensor<2x5x2xf32>, %f: tensor<3x3x2xf32>) {
  // expected-error@+2 {{depthwise_conv: a window that reaches 3 elements does not fit the 2 elements of axis 0 of [2, 5, 2] and pads of 0 and 0}}
  // expected-error@+1 {{'vitrail.depthwise_conv' op failed to infer returned types}}
  %0 = vitrail.depthwise_conv %x, %f : (tensor<2x5x2xf32>, tensor<3x3x2xf32>) -> tensor<1x3x2xf32>
  return
}

// -----

func.func @f(%x: tensor<4x5x2xf32>, %f: tensor<9x2x6xf32>) {
  // expected-error@+2 {{winograd_conv: the filter must be [16, 2, features] for the map [4, 5, 2], got [9, 2, 6]}}
  // expected-error@+1 {{'vitrail.winograd_conv' op failed to infer returned types}}
  %0 = vitrail.winograd_conv %x, %f : (tensor<4x5x2xf32>, tensor<9x2x6xf32>) -> tensor<2x3x6xf32>
  return
}

// -----

func.func @f(%x: tensor<4x5x2xf32>, %f: tensor<16x2x6xf32>, %b: tensor<2xf32>) {
  // expected-error@+2 {{winograd_conv: the bias must be [6], got [2]}}
  // expected-error@+1 {{'vitrail.winograd_conv' op failed to infer returned types}}
  %0 = vitrail.winograd_conv %x, %f, %b : (tensor<4x5x2xf32>, tensor<16x2x6xf32>, tensor<2xf32>) -> tensor<2x3x6xf32>
  return
}

// -----

func.func @f(%x: tensor<4x2x2xf32>, %f: tensor<16x2x6xf32>) {
  // expected-error@+2 {{winograd_conv: a window that reaches 3 elements does not fit the 2 elements of axis 1 of [4, 2, 2] and pads of 0 and 0}}
  // expected-error@+1 {{'vitrail.winograd_conv' op failed to infer returned types}}
  %0 = vitrail.winograd_conv %x, %f : (tensor<4x2x2xf32>, tensor<16x2x6xf32>) -> tensor<2x1x6xf32>
  return
}

// -----

func.func @f(%x: tensor<4x5xf32>) {
  // expected-error@+1 {{roll: needs a shift for each of the 2 axes of [4, 5], got 1}}
  %0 = vitrail.roll %x shifts = [1] : tensor<4x5xf32>
  return
}

// -----

func.func @f(%x: tensor<4x5xf32>, %i: tensor<3xf32>) {
  // expected-error@+2 {{gather: axis 2 is not an axis of [4, 5]}}
  // expected-error@+1 {{'vitrail.gather' op failed to infer returned types}}
  %0 = vitrail.gather %x, %i axis = 2 : (tensor<4x5xf32>, tensor<3xf32>) -> tensor<4x3xf32>
  return
}

// -----

// Of three elements, the window from -1 has none: it looks at -1 and 3.
func.func @f(%x: tensor<1x3x8xf32>) {
  // expected-error@+2 {{pool: windows with a dilation of 4 can miss all 3 elements of axis 1 of [1, 3, 8]; dilate less}}
  // expected-error@+1 {{'vitrail.pool' op failed to infer returned types}}
  %0 = vitrail.pool max %x kernel = [2] pads = [2, 2] dilations = [4] : (tensor<1x3x8xf32>) -> tensor<1x3x8xf32>
  return
}
