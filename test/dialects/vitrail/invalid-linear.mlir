// RUN: vitrail-opt %s -split-input-file -verify-diagnostics

func.func @f(%x: tensor<2x3xf32>, %w: tensor<4x3x1xf32>) {
  // expected-error@+2 {{linear: the weight must be a matrix [out, in], or [in, out] if transposed, got [4, 3, 1]}}
  // expected-error@+1 {{'vitrail.linear' op failed to infer returned types}}
  %0 = vitrail.linear %x, %w : (tensor<2x3xf32>, tensor<4x3x1xf32>) -> tensor<2x4xf32>
  return
}

// -----

func.func @f(%x: tensor<f32>, %w: tensor<4x3xf32>) {
  // expected-error@+2 {{linear: the input must have at least one axis, got []}}
  // expected-error@+1 {{'vitrail.linear' op failed to infer returned types}}
  %0 = vitrail.linear %x, %w : (tensor<f32>, tensor<4x3xf32>) -> tensor<4xf32>
  return
}

// -----

func.func @f(%x: tensor<2x3xf32>, %w: tensor<4x5xf32>) {
  // expected-error@+2 {{linear: the input [2, 3] has 3 features, the weight [4, 5] takes 5}}
  // expected-error@+1 {{'vitrail.linear' op failed to infer returned types}}
  %0 = vitrail.linear %x, %w : (tensor<2x3xf32>, tensor<4x5xf32>) -> tensor<2x4xf32>
  return
}

// -----

func.func @f(%x: tensor<2x3xf32>, %w: tensor<4x3xf32>) {
  // expected-error@+2 {{linear: the input [2, 3] has 3 features, the weight [4, 3] takes 4; a weight stored the other way takes or drops 'transposed'}}
  // expected-error@+1 {{'vitrail.linear' op failed to infer returned types}}
  %0 = vitrail.linear %x, %w transposed : (tensor<2x3xf32>, tensor<4x3xf32>) -> tensor<2x3xf32>
  return
}

// -----

func.func @f(%x: tensor<2x3xf32>, %w: tensor<4x3xf32>, %b: tensor<3xf32>) {
  // expected-error@+2 {{linear: the bias must be [4] for the weight [4, 3], got [3]}}
  // expected-error@+1 {{'vitrail.linear' op failed to infer returned types}}
  %0 = vitrail.linear %x, %w, %b : (tensor<2x3xf32>, tensor<4x3xf32>, tensor<3xf32>) -> tensor<2x4xf32>
  return
}

// -----

func.func @f(%x: tensor<2x3xf32>, %w: tensor<4x3xf32>) {
  // expected-error@+2 {{'vitrail.linear' op inferred type(s) 'tensor<2x4xf32>' are incompatible with return type(s) of operation 'tensor<2x5xf32>'}}
  // expected-error@+1 {{'vitrail.linear' op failed to infer returned types}}
  %0 = vitrail.linear %x, %w : (tensor<2x3xf32>, tensor<4x3xf32>) -> tensor<2x5xf32>
  return
}

// -----

func.func @f(%x: tensor<3x8x8xf32>, %w: tensor<5x3x4x4xf32>) {
  // expected-error@+2 {{patch_embed: the image must be [batch, C, H, W] and the filter [D, C, p, q], got [3, 8, 8] and [5, 3, 4, 4]}}
  // expected-error@+1 {{'vitrail.patch_embed' op failed to infer returned types}}
  %0 = vitrail.patch_embed %x, %w : (tensor<3x8x8xf32>, tensor<5x3x4x4xf32>) -> tensor<1x4x5xf32>
  return
}

// -----

func.func @f(%x: tensor<1x3x8x8xf32>, %w: tensor<5x4x4x4xf32>) {
  // expected-error@+2 {{patch_embed: the image [1, 3, 8, 8] has 3 channels, the filter [5, 4, 4, 4] takes 4}}
  // expected-error@+1 {{'vitrail.patch_embed' op failed to infer returned types}}
  %0 = vitrail.patch_embed %x, %w : (tensor<1x3x8x8xf32>, tensor<5x4x4x4xf32>) -> tensor<1x4x5xf32>
  return
}

// -----

func.func @f(%x: tensor<1x3x8x8xf32>, %w: tensor<5x3x3x4xf32>) {
  // expected-error@+2 {{patch_embed: patches of 3 do not divide an image size of 8; choose a multiple of 3}}
  // expected-error@+1 {{'vitrail.patch_embed' op failed to infer returned types}}
  %0 = vitrail.patch_embed %x, %w : (tensor<1x3x8x8xf32>, tensor<5x3x3x4xf32>) -> tensor<1x4x5xf32>
  return
}

// -----

func.func @f(%x: tensor<1x3x8x8xf32>, %w: tensor<5x3x4x4xf32>, %b: tensor<4xf32>) {
  // expected-error@+2 {{patch_embed: the bias must be [5], got [4]}}
  // expected-error@+1 {{'vitrail.patch_embed' op failed to infer returned types}}
  %0 = vitrail.patch_embed %x, %w, %b : (tensor<1x3x8x8xf32>, tensor<5x3x4x4xf32>, tensor<4xf32>) -> tensor<1x4x5xf32>
  return
}

// -----

func.func @f() {
  // expected-error@+2 {{einsum: needs at least one operand}}
  // expected-error@+1 {{'vitrail.einsum' op failed to infer returned types}}
  %0 = "vitrail.einsum"() {equation = "->"} : () -> tensor<f32>
  return
}

// -----

func.func @f(%a: tensor<2x3xf32>) {
  // expected-error@+2 {{einsum: an einsum equation has the form "ab,bc->ac", got "ab"}}
  // expected-error@+1 {{'vitrail.einsum' op failed to infer returned types}}
  %0 = vitrail.einsum "ab" %a : (tensor<2x3xf32>) -> tensor<f32>
  return
}

// -----

func.func @f(%a: tensor<2x3xf32>) {
  // expected-error@+2 {{einsum: einsum "ab,b->a" names 2 operands, got 1}}
  // expected-error@+1 {{'vitrail.einsum' op failed to infer returned types}}
  %0 = vitrail.einsum "ab,b->a" %a : (tensor<2x3xf32>) -> tensor<2xf32>
  return
}

// -----

func.func @f(%a: tensor<2x3xf32>) {
  // expected-error@+2 {{einsum: term "abc" of einsum "abc->a" has 3 indices, its operand [2, 3] has 2 dimensions}}
  // expected-error@+1 {{'vitrail.einsum' op failed to infer returned types}}
  %0 = vitrail.einsum "abc->a" %a : (tensor<2x3xf32>) -> tensor<2xf32>
  return
}

// -----

func.func @f(%a: tensor<2x3xf32>) {
  // expected-error@+2 {{einsum: indices of an einsum are lower-case letters, got 'B'}}
  // expected-error@+1 {{'vitrail.einsum' op failed to infer returned types}}
  %0 = vitrail.einsum "aB->a" %a : (tensor<2x3xf32>) -> tensor<2xf32>
  return
}

// -----

func.func @f(%a: tensor<2x3xf32>) {
  // expected-error@+2 {{einsum: index 'a' of einsum "aa->a" has sizes 2 and 3}}
  // expected-error@+1 {{'vitrail.einsum' op failed to infer returned types}}
  %0 = vitrail.einsum "aa->a" %a : (tensor<2x3xf32>) -> tensor<2xf32>
  return
}

// -----

func.func @f(%a: tensor<2x3xf32>) {
  // expected-error@+2 {{einsum: index 'a' stands twice in the result of einsum "ab->aa"}}
  // expected-error@+1 {{'vitrail.einsum' op failed to infer returned types}}
  %0 = vitrail.einsum "ab->aa" %a : (tensor<2x3xf32>) -> tensor<2x2xf32>
  return
}

// -----

func.func @f(%a: tensor<2x3xf32>) {
  // expected-error@+2 {{einsum: index 'c' of einsum "ab->ac" stands in no operand}}
  // expected-error@+1 {{'vitrail.einsum' op failed to infer returned types}}
  %0 = vitrail.einsum "ab->ac" %a : (tensor<2x3xf32>) -> tensor<2x2xf32>
  return
}
