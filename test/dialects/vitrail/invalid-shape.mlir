// RUN: vitrail-opt %s -split-input-file -verify-diagnostics

func.func @f(%x: tensor<2x4xf32>) {
  // expected-error@+2 {{rearrange: a rearrange pattern has two sides joined by '->', got "a b"}}
  // expected-error@+1 {{'vitrail.rearrange' op failed to infer returned types}}
  %0 = vitrail.rearrange %x "a b" : (tensor<2x4xf32>) -> tensor<2x4xf32>
  return
}

// -----

func.func @f(%x: tensor<2x4xf32>) {
  // expected-error@+2 {{rearrange: pattern "a -> a" describes 1 dimensions, the operand [2, 4] has 2}}
  // expected-error@+1 {{'vitrail.rearrange' op failed to infer returned types}}
  %0 = vitrail.rearrange %x "a -> a" : (tensor<2x4xf32>) -> tensor<2x4xf32>
  return
}

// -----

func.func @f(%x: tensor<2x4xf32>) {
  // expected-error@+2 {{rearrange: parentheses in "a (b (c d))" nest: write axes side by side}}
  // expected-error@+1 {{'vitrail.rearrange' op failed to infer returned types}}
  %0 = vitrail.rearrange %x "a (b (c d)) -> a b c d" : (tensor<2x4xf32>) -> tensor<2x4xf32>
  return
}

// -----

func.func @f(%x: tensor<2x4xf32>) {
  // expected-error@+2 {{rearrange: ')' in "a b)" closes no parenthesis}}
  // expected-error@+1 {{'vitrail.rearrange' op failed to infer returned types}}
  %0 = vitrail.rearrange %x "a b) -> a b" : (tensor<2x4xf32>) -> tensor<2x4xf32>
  return
}

// -----

func.func @f(%x: tensor<2x4xf32>) {
  // expected-error@+2 {{rearrange: '(' in "a (b" is not closed}}
  // expected-error@+1 {{'vitrail.rearrange' op failed to infer returned types}}
  %0 = vitrail.rearrange %x "a (b -> a b" : (tensor<2x4xf32>) -> tensor<2x4xf32>
  return
}

// -----

func.func @f(%x: tensor<2x4xf32>) {
  // expected-error@+2 {{rearrange: unexpected '.' in "a ...": axes are names, '1' or groups in parentheses}}
  // expected-error@+1 {{'vitrail.rearrange' op failed to infer returned types}}
  %0 = vitrail.rearrange %x "a ... -> ... a" : (tensor<2x4xf32>) -> tensor<2x4xf32>
  return
}

// -----

func.func @f(%x: tensor<2x4xf32>) {
  // expected-error@+2 {{rearrange: axis '2' in "a (b 2)": the only number allowed is 1}}
  // expected-error@+1 {{'vitrail.rearrange' op failed to infer returned types}}
  %0 = vitrail.rearrange %x "a (b 2) -> a b" : (tensor<2x4xf32>) -> tensor<2x4xf32>
  return
}

// -----

func.func @f(%x: tensor<2x4xf32>) {
  // expected-error@+2 {{rearrange: sizes of axes 'b' and 'c' are both open: give one of them}}
  // expected-error@+1 {{'vitrail.rearrange' op failed to infer returned types}}
  %0 = vitrail.rearrange %x "a (b c) -> a b c" : (tensor<2x4xf32>) -> tensor<2x4x1xf32>
  return
}

// -----

func.func @f(%x: tensor<2x4xf32>) {
  // expected-error@+2 {{rearrange: a dimension of size 4 does not split into axes of 3 and 'b'}}
  // expected-error@+1 {{'vitrail.rearrange' op failed to infer returned types}}
  %0 = vitrail.rearrange %x "a (b c) -> a b c" sizes = {c = 3 : i64} : (tensor<2x4xf32>) -> tensor<2x1x3xf32>
  return
}

// -----

func.func @f(%x: tensor<2x4xf32>) {
  // expected-error@+2 {{rearrange: axis 'c' of size 8 does not fit into a dimension of size 4}}
  // expected-error@+1 {{'vitrail.rearrange' op failed to infer returned types}}
  %0 = vitrail.rearrange %x "a (b c) -> a b c" sizes = {c = 8 : i64} : (tensor<2x4xf32>) -> tensor<2x1x3xf32>
  return
}

// -----

func.func @f(%x: tensor<2x4xf32>) {
  // expected-error@+2 {{rearrange: axis 'c' has size 0: sizes are positive}}
  // expected-error@+1 {{'vitrail.rearrange' op failed to infer returned types}}
  %0 = vitrail.rearrange %x "a (b c) -> a b c" sizes = {c = 0 : i64} : (tensor<2x4xf32>) -> tensor<2x1x3xf32>
  return
}

// -----

func.func @f(%x: tensor<2x4xf32>) {
  // expected-error@+2 {{rearrange: a dimension of size 4 does not split into axes of 2}}
  // expected-error@+1 {{'vitrail.rearrange' op failed to infer returned types}}
  %0 = vitrail.rearrange %x "a (b c) -> a b c" sizes = {b = 1 : i64, c = 2 : i64} : (tensor<2x4xf32>) -> tensor<2x1x2xf32>
  return
}

// -----

func.func @f(%x: tensor<2x4xf32>) {
  // expected-error@+2 {{rearrange: a size is given for axis 'c', which does not stand in "a b -> b a"}}
  // expected-error@+1 {{'vitrail.rearrange' op failed to infer returned types}}
  %0 = vitrail.rearrange %x "a b -> b a" sizes = {c = 2 : i64} : (tensor<2x4xf32>) -> tensor<4x2xf32>
  return
}

// -----

func.func @f(%x: tensor<2x4xf32>) {
  // expected-error@+2 {{rearrange: the size given for axis 'b' is not an integer}}
  // expected-error@+1 {{'vitrail.rearrange' op failed to infer returned types}}
  %0 = vitrail.rearrange %x "a b -> b a" sizes = {b = 4.0 : f32} : (tensor<2x4xf32>) -> tensor<4x2xf32>
  return
}

// -----

func.func @f(%x: tensor<2x4xf32>) {
  // expected-error@+2 {{rearrange: axis 'a' stands twice on the left of "a a -> a"}}
  // expected-error@+1 {{'vitrail.rearrange' op failed to infer returned types}}
  %0 = vitrail.rearrange %x "a a -> a" : (tensor<2x4xf32>) -> tensor<2xf32>
  return
}

// -----

func.func @f(%x: tensor<2x4xf32>) {
  // expected-error@+2 {{rearrange: axis 'c' on the right of "a b -> a b c" does not stand on the left}}
  // expected-error@+1 {{'vitrail.rearrange' op failed to infer returned types}}
  %0 = vitrail.rearrange %x "a b -> a b c" : (tensor<2x4xf32>) -> tensor<2x4x1xf32>
  return
}

// -----

func.func @f(%x: tensor<2x4xf32>) {
  // expected-error@+2 {{rearrange: axis 'a' stands twice on the right of "a b -> a b a"}}
  // expected-error@+1 {{'vitrail.rearrange' op failed to infer returned types}}
  %0 = vitrail.rearrange %x "a b -> a b a" : (tensor<2x4xf32>) -> tensor<2x4x2xf32>
  return
}

// -----

func.func @f(%x: tensor<2x4xf32>) {
  // expected-error@+2 {{rearrange: axis 'a' on the left of "a b -> b" does not stand on the right}}
  // expected-error@+1 {{'vitrail.rearrange' op failed to infer returned types}}
  %0 = vitrail.rearrange %x "a b -> b" : (tensor<2x4xf32>) -> tensor<4xf32>
  return
}

// -----

func.func @f(%x: tensor<2x4xf32>) {
  // expected-error@+2 {{'vitrail.rearrange' op inferred type(s) 'tensor<4x2xf32>' are incompatible with return type(s) of operation 'tensor<2x4xf32>'}}
  // expected-error@+1 {{'vitrail.rearrange' op failed to infer returned types}}
  %0 = vitrail.rearrange %x "a b -> b a" : (tensor<2x4xf32>) -> tensor<2x4xf32>
  return
}

// -----

func.func @f() {
  // expected-error@+2 {{concat: needs at least one operand}}
  // expected-error@+1 {{'vitrail.concat' op failed to infer returned types}}
  %0 = "vitrail.concat"() {axis = 0 : i64} : () -> tensor<4xf32>
  return
}

// -----

func.func @f(%x: tensor<2x4xf32>) {
  // expected-error@+2 {{concat: axis 2 is not an axis of [2, 4]; axes count from 0 to 1}}
  // expected-error@+1 {{'vitrail.concat' op failed to infer returned types}}
  %0 = vitrail.concat %x axis = 2 : (tensor<2x4xf32>) -> tensor<2x4xf32>
  return
}

// -----

func.func @f(%x: tensor<2x4xf32>, %y: tensor<2x3xf32>) {
  // expected-error@+2 {{concat: operands must agree in all axes but axis 0, got [2, 4] and [2, 3]}}
  // expected-error@+1 {{'vitrail.concat' op failed to infer returned types}}
  %0 = vitrail.concat %x, %y axis = 0 : (tensor<2x4xf32>, tensor<2x3xf32>) -> tensor<4x4xf32>
  return
}

// -----

func.func @f(%x: tensor<2x4xf32>, %y: tensor<4xf32>) {
  // expected-error@+2 {{concat: operands must agree in all axes but axis 0, got [2, 4] and [4]}}
  // expected-error@+1 {{'vitrail.concat' op failed to infer returned types}}
  %0 = vitrail.concat %x, %y axis = 0 : (tensor<2x4xf32>, tensor<4xf32>) -> tensor<3x4xf32>
  return
}

// -----

func.func @f(%x: tensor<4xf32>, %y: tensor<4xbf16>) {
  // expected-error@+2 {{concat: operands must have one element type, got 'tensor<4xf32>' and 'tensor<4xbf16>'}}
  // expected-error@+1 {{'vitrail.concat' op failed to infer returned types}}
  %0 = vitrail.concat %x, %y axis = 0 : (tensor<4xf32>, tensor<4xbf16>) -> tensor<8xf32>
  return
}

// -----

func.func @f(%x: tensor<2x4xf32>) {
  // expected-error@+2 {{slice: needs an offset and a size for each of the 2 axes of [2, 4], got 1 offsets and 2 sizes}}
  // expected-error@+1 {{'vitrail.slice' op failed to infer returned types}}
  %0 = vitrail.slice %x offsets = [0] sizes = [2, 4] : (tensor<2x4xf32>) -> tensor<2x4xf32>
  return
}

// -----

func.func @f(%x: tensor<2x4xf32>) {
  // expected-error@+2 {{slice: 3 elements from 2 lie outside axis 1 of [2, 4], which has 4}}
  // expected-error@+1 {{'vitrail.slice' op failed to infer returned types}}
  %0 = vitrail.slice %x offsets = [0, 2] sizes = [2, 3] : (tensor<2x4xf32>) -> tensor<2x3xf32>
  return
}

// -----

func.func @f(%x: tensor<2x4xf32>) {
  // expected-error@+2 {{slice: 2 elements from -1 lie outside axis 0 of [2, 4], which has 2}}
  // expected-error@+1 {{'vitrail.slice' op failed to infer returned types}}
  %0 = vitrail.slice %x offsets = [-1, 0] sizes = [2, 4] : (tensor<2x4xf32>) -> tensor<2x4xf32>
  return
}

// -----

func.func @f(%x: tensor<2x4xf32>) {
  // expected-error@+2 {{slice: 2 elements from 9223372036854775807 lie outside axis 0 of [2, 4], which has 2}}
  // expected-error@+1 {{'vitrail.slice' op failed to infer returned types}}
  %0 = vitrail.slice %x offsets = [9223372036854775807, 0] sizes = [2, 4] : (tensor<2x4xf32>) -> tensor<2x4xf32>
  return
}

// -----

func.func @f(%x: tensor<2x4xf32>) {
  // expected-error@+2 {{broadcast: [2, 4] does not broadcast to [4, 4]: aligned at the last axis, sizes of the operand must be equal or 1}}
  // expected-error@+1 {{'vitrail.broadcast' op failed to infer returned types}}
  %0 = vitrail.broadcast %x shape = [4, 4] : (tensor<2x4xf32>) -> tensor<4x4xf32>
  return
}

// -----

func.func @f(%x: tensor<2x4xf32>) {
  // expected-error@+2 {{broadcast: [2, 4] does not broadcast to [4]: aligned at the last axis, sizes of the operand must be equal or 1}}
  // expected-error@+1 {{'vitrail.broadcast' op failed to infer returned types}}
  %0 = vitrail.broadcast %x shape = [4] : (tensor<2x4xf32>) -> tensor<4xf32>
  return
}
