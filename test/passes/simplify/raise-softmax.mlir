// RUN: vitrail-opt %s --verify-diagnostics \
// RUN:   --pass-pipeline='builtin.module(func.func(vitrail-raise-softmax))' \
// RUN:   --remarks-filter=simplify --remark-policy=all --remark-format=emitRemark \
// RUN:   | FileCheck %s

// CHECK-LABEL: func @shifted(
// CHECK-SAME:      %[[X:.*]]: tensor<2x5x7xf32>)
// CHECK-NEXT:    %[[Y:.*]] = vitrail.softmax %[[X]] axis = 1
// CHECK-NEXT:    return %[[Y]]
func.func @shifted(%x: tensor<2x5x7xf32>) -> tensor<2x5x7xf32> {
  %m = vitrail.reduce max %x axes = [1] keep_dims : (tensor<2x5x7xf32>) -> tensor<2x1x7xf32>
  %d = vitrail.binary sub %x, %m : (tensor<2x5x7xf32>, tensor<2x1x7xf32>) -> tensor<2x5x7xf32>
  %e = vitrail.unary exp %d : tensor<2x5x7xf32>
  %s = vitrail.reduce sum %e axes = [1] keep_dims : (tensor<2x5x7xf32>) -> tensor<2x1x7xf32>
  // expected-remark@below {{[Passed] raise-softmax | Category:simplify | Function=shifted | Remark="exponentials divided by their sum as a softmax"}}
  %y = vitrail.binary div %e, %s : (tensor<2x5x7xf32>, tensor<2x1x7xf32>) -> tensor<2x5x7xf32>
  return %y : tensor<2x5x7xf32>
}

// Without the shift, by the reciprocal; the exponentials have another reader.

// CHECK-LABEL: func @plain(
// CHECK-SAME:      %[[X:.*]]: tensor<5x7xf32>)
// CHECK-NEXT:    %[[E:.*]] = vitrail.unary exp %[[X]]
// CHECK-NEXT:    %[[Y:.*]] = vitrail.softmax %[[X]] axis = 1
// CHECK-NEXT:    return %[[E]], %[[Y]]
func.func @plain(%x: tensor<5x7xf32>) -> (tensor<5x7xf32>, tensor<5x7xf32>) {
  %e = vitrail.unary exp %x : tensor<5x7xf32>
  %s = vitrail.reduce sum %e axes = [1] keep_dims : (tensor<5x7xf32>) -> tensor<5x1xf32>
  %r = vitrail.unary reciprocal %s : tensor<5x1xf32>
  // expected-remark@below {{raise-softmax}}
  %y = vitrail.binary mul %e, %r : (tensor<5x7xf32>, tensor<5x1xf32>) -> tensor<5x7xf32>
  return %e, %y : tensor<5x7xf32>, tensor<5x7xf32>
}

// The shift of another axis stays in front.

// CHECK-LABEL: func @other_shift(
// CHECK:         %[[D:.*]] = vitrail.binary sub
// CHECK-NEXT:    vitrail.softmax %[[D]] axis = 1
func.func @other_shift(%x: tensor<5x7xf32>) -> tensor<5x7xf32> {
  %m = vitrail.reduce max %x axes = [0] keep_dims : (tensor<5x7xf32>) -> tensor<1x7xf32>
  %d = vitrail.binary sub %x, %m : (tensor<5x7xf32>, tensor<1x7xf32>) -> tensor<5x7xf32>
  %e = vitrail.unary exp %d : tensor<5x7xf32>
  %s = vitrail.reduce sum %e axes = [1] keep_dims : (tensor<5x7xf32>) -> tensor<5x1xf32>
  // expected-remark@below {{raise-softmax}}
  %y = vitrail.binary div %e, %s : (tensor<5x7xf32>, tensor<5x1xf32>) -> tensor<5x7xf32>
  return %y : tensor<5x7xf32>
}

// A sum over two axes, a sum of something else, a maximum.

// CHECK-LABEL: func @not(
// CHECK-NOT:     vitrail.softmax
// CHECK:         return
func.func @not(%x: tensor<5x7xf32>, %z: tensor<5x7xf32>) -> (tensor<5x7xf32>, tensor<5x7xf32>, tensor<5x7xf32>) {
  %e = vitrail.unary exp %x : tensor<5x7xf32>
  %s = vitrail.reduce sum %e axes = [0, 1] keep_dims : (tensor<5x7xf32>) -> tensor<1x1xf32>
  %y0 = vitrail.binary div %e, %s : (tensor<5x7xf32>, tensor<1x1xf32>) -> tensor<5x7xf32>
  %t = vitrail.reduce sum %z axes = [1] keep_dims : (tensor<5x7xf32>) -> tensor<5x1xf32>
  %y1 = vitrail.binary div %e, %t : (tensor<5x7xf32>, tensor<5x1xf32>) -> tensor<5x7xf32>
  %u = vitrail.reduce max %e axes = [1] keep_dims : (tensor<5x7xf32>) -> tensor<5x1xf32>
  %y2 = vitrail.binary div %e, %u : (tensor<5x7xf32>, tensor<5x1xf32>) -> tensor<5x7xf32>
  return %y0, %y1, %y2 : tensor<5x7xf32>, tensor<5x7xf32>, tensor<5x7xf32>
}
