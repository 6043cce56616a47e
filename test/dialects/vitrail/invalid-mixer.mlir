// RUN: vitrail-opt %s -split-input-file -verify-diagnostics

func.func @f(%q: tensor<4xf32>, %k: tensor<4xf32>) {
  // expected-error@+2 {{attention: query, key and value must be [batch, tokens, features], got [4], [4] and [4]}}
  // expected-error@+1 {{'vitrail.attention' op failed to infer returned types}}
  %0 = vitrail.attention %q, %k, %k heads = 1 scale = 1.0 : (tensor<4xf32>, tensor<4xf32>, tensor<4xf32>) -> tensor<4xf32>
  return
}

// -----

func.func @f(%q: tensor<1x2x4xf32>, %k: tensor<2x4xf32>) {
  // expected-error@+2 {{attention: query, key and value must be [batch, tokens, features], got [1, 2, 4], [2, 4] and [2, 4]}}
  // expected-error@+1 {{'vitrail.attention' op failed to infer returned types}}
  %0 = vitrail.attention %q, %k, %k heads = 1 scale = 1.0 : (tensor<1x2x4xf32>, tensor<2x4xf32>, tensor<2x4xf32>) -> tensor<1x2x4xf32>
  return
}

// -----

func.func @f(%q: tensor<1x2x4xf32>, %k: tensor<1x2x4xf32>) {
  // expected-error@+2 {{attention: the number of heads must be positive, got 0}}
  // expected-error@+1 {{'vitrail.attention' op failed to infer returned types}}
  %0 = vitrail.attention %q, %k, %k heads = 0 scale = 1.0 : (tensor<1x2x4xf32>, tensor<1x2x4xf32>, tensor<1x2x4xf32>) -> tensor<1x2x4xf32>
  return
}

// -----

func.func @f(%q: tensor<1x2x4xf32>, %k: tensor<1x2x4xf32>) {
  // expected-error@+2 {{attention: 3 heads do not divide 4 features of [1, 2, 4]}}
  // expected-error@+1 {{'vitrail.attention' op failed to infer returned types}}
  %0 = vitrail.attention %q, %k, %k heads = 3 scale = 1.0 : (tensor<1x2x4xf32>, tensor<1x2x4xf32>, tensor<1x2x4xf32>) -> tensor<1x2x4xf32>
  return
}

// -----

func.func @f(%q: tensor<1x2x4xf32>, %k: tensor<1x2x6xf32>) {
  // expected-error@+2 {{attention: query [1, 2, 4] and key [1, 2, 6] must have the same features, got 4 and 6}}
  // expected-error@+1 {{'vitrail.attention' op failed to infer returned types}}
  %0 = vitrail.attention %q, %k, %k heads = 2 scale = 1.0 : (tensor<1x2x4xf32>, tensor<1x2x6xf32>, tensor<1x2x6xf32>) -> tensor<1x2x6xf32>
  return
}

// -----

func.func @f(%q: tensor<1x2x4xf32>, %k: tensor<1x2x4xf32>, %v: tensor<1x3x4xf32>) {
  // expected-error@+2 {{attention: key [1, 2, 4] and value [1, 3, 4] must have the same tokens, got 2 and 3}}
  // expected-error@+1 {{'vitrail.attention' op failed to infer returned types}}
  %0 = vitrail.attention %q, %k, %v heads = 2 scale = 1.0 : (tensor<1x2x4xf32>, tensor<1x2x4xf32>, tensor<1x3x4xf32>) -> tensor<1x2x4xf32>
  return
}

// -----

func.func @f(%q: tensor<1x2x4xf32>, %k: tensor<2x2x4xf32>) {
  // expected-error@+2 {{cross_attention: query [1, 2, 4], key [2, 2, 4] and value [2, 2, 4] must have the same batch}}
  // expected-error@+1 {{'vitrail.cross_attention' op failed to infer returned types}}
  %0 = vitrail.cross_attention %q, %k, %k heads = 2 scale = 1.0 : (tensor<1x2x4xf32>, tensor<2x2x4xf32>, tensor<2x2x4xf32>) -> tensor<1x2x4xf32>
  return
}

// -----

func.func @f(%q: tensor<1x2x4xf32>, %k: tensor<1x3x4xf32>, %v: tensor<1x3x4xf32>, %b: tensor<3x2xf32>) {
  // expected-error@+2 {{cross_attention: the bias [3, 2] does not broadcast to the scores [1, 2, 2, 3]: aligned at the last axis, sizes of the bias must be equal or 1}}
  // expected-error@+1 {{'vitrail.cross_attention' op failed to infer returned types}}
  %0 = vitrail.cross_attention %q, %k, %v bias %b heads = 2 scale = 1.0 : (tensor<1x2x4xf32>, tensor<1x3x4xf32>, tensor<1x3x4xf32>, tensor<3x2xf32>) -> tensor<1x2x4xf32>
  return
}

// -----

func.func @f(%q: tensor<1x2x4xf32>, %k: tensor<1x3x4xf32>, %v: tensor<1x3x4xf32>, %b: tensor<1x1x1x1x1xf32>) {
  // expected-error@+2 {{cross_attention: the bias [1, 1, 1, 1, 1] does not broadcast to the scores [1, 2, 2, 3]: aligned at the last axis, sizes of the bias must be equal or 1}}
  // expected-error@+1 {{'vitrail.cross_attention' op failed to infer returned types}}
  %0 = vitrail.cross_attention %q, %k, %v bias %b heads = 2 scale = 1.0 : (tensor<1x2x4xf32>, tensor<1x3x4xf32>, tensor<1x3x4xf32>, tensor<1x1x1x1x1xf32>) -> tensor<1x2x4xf32>
  return
}
