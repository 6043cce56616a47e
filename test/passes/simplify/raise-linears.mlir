// RUN: vitrail-opt %s --split-input-file --verify-diagnostics \
// RUN:   --pass-pipeline='builtin.module(func.func(vitrail-raise-linears))' \
// RUN:   --remarks-filter=simplify --remark-policy=all --remark-format=emitRemark \
// RUN:   | FileCheck %s

// Either order of operands and of the weight's axes; a frozen summand behind it
// is the bias.

// CHECK-LABEL: func @orders(
// CHECK-SAME:      %[[X:.*]]: tensor<2x5x16xf32>)
// CHECK-DAG:     %[[W:.*]] = vitrail.weight "w"
// CHECK-DAG:     %[[T:.*]] = vitrail.weight "t"
// CHECK-DAG:     %[[B:.*]] = vitrail.weight "b"
// CHECK:         %[[Y0:.*]] = vitrail.linear %[[X]], %[[W]] : (
// CHECK:         %[[Y1:.*]] = vitrail.linear %[[X]], %[[T]], %[[B]] transposed
// CHECK-NOT:     vitrail.binary
// CHECK:         return %[[Y0]], %[[Y1]]
func.func @orders(%x: tensor<2x5x16xf32>) -> (tensor<2x5x8xf32>, tensor<2x5x8xf32>) {
  %w = vitrail.weight "w" matrix fan_in = 16 : tensor<8x16xf32>
  %t = vitrail.weight "t" matrix fan_in = 16 : tensor<16x8xf32>
  %b = vitrail.weight "b" bias : tensor<8xf32>
  // expected-remark@below {{"bnc,dc->bnd" as a linear of 16 to 8 features}}
  %0 = vitrail.einsum "bnc,dc->bnd" %x, %w : (tensor<2x5x16xf32>, tensor<8x16xf32>) -> tensor<2x5x8xf32>
  // expected-remark@below {{"cd,bnc->bnd" as a linear of 16 to 8 features}}
  %1 = vitrail.einsum "cd,bnc->bnd" %t, %x : (tensor<16x8xf32>, tensor<2x5x16xf32>) -> tensor<2x5x8xf32>
  %2 = vitrail.binary add %b, %1 : (tensor<8xf32>, tensor<2x5x8xf32>) -> tensor<2x5x8xf32>
  return %0, %2 : tensor<2x5x8xf32>, tensor<2x5x8xf32>
}

// -----

// Features of several indices are merged, those of the result split again, and
// the bias with them.

// CHECK-LABEL: func @heads(
// CHECK-SAME:      %[[X:.*]]: tensor<2x5x12xf32>, %[[Y:.*]]: tensor<2x3x5x4xf32>)
// CHECK:         %[[W1:.*]] = vitrail.rearrange %{{.*}} "x4 x1 x3 -> (x1 x3) x4" : (tensor<12x3x4xf32>) -> tensor<12x12xf32>
// CHECK:         %[[B1:.*]] = vitrail.rearrange %{{.*}} "x1 1 x3 -> (x1 x3)"
// CHECK:         %[[L:.*]] = vitrail.linear %[[X]], %[[W1]], %[[B1]]
// CHECK:         %[[Q:.*]] = vitrail.rearrange %[[L]] "x0 x2 (x1 x3) -> x0 x1 x2 x3" sizes = {x3 = 4 : i64}
// CHECK:         %[[Z:.*]] = vitrail.rearrange %[[Y]] "x0 x3 x1 x4 -> x0 x1 (x3 x4)"
// CHECK:         %[[O:.*]] = vitrail.linear %[[Z]], %{{.*}}
// CHECK:         return %[[Q]], %[[O]]
func.func @heads(%x: tensor<2x5x12xf32>, %y: tensor<2x3x5x4xf32>) -> (tensor<2x3x5x4xf32>, tensor<2x5x12xf32>) {
  %w = vitrail.weight "w" matrix fan_in = 12 : tensor<12x3x4xf32>
  %b = vitrail.weight "b" bias : tensor<3x1x4xf32>
  // expected-remark@below {{as a linear of 12 to 12 features}}
  %0 = vitrail.einsum "bnc,chd->bhnd" %x, %w : (tensor<2x5x12xf32>, tensor<12x3x4xf32>) -> tensor<2x3x5x4xf32>
  %1 = vitrail.binary add %0, %b : (tensor<2x3x5x4xf32>, tensor<3x1x4xf32>) -> tensor<2x3x5x4xf32>
  // expected-remark@below {{as a linear of 12 to 12 features}}
  %2 = vitrail.einsum "bhnd,chd->bnc" %y, %w : (tensor<2x3x5x4xf32>, tensor<12x3x4xf32>) -> tensor<2x5x12xf32>
  return %1, %2 : tensor<2x3x5x4xf32>, tensor<2x5x12xf32>
}

// -----

// A summand that differs by row, is not complete or has company is no bias.

// CHECK-LABEL: func @no_bias(
// CHECK-COUNT-3: vitrail.linear %{{[^,]*}}, %{{[^,]*}} :
func.func @no_bias(%x: tensor<5x16xf32>) -> (tensor<5x8xf32>, tensor<5x8xf32>, tensor<5x8xf32>, tensor<5x8xf32>) {
  %w = vitrail.weight "w" matrix fan_in = 16 : tensor<8x16xf32>
  %p = vitrail.weight "p" position : tensor<5x8xf32>
  %s = vitrail.weight "s" bias : tensor<1xf32>
  %b = vitrail.weight "b" bias : tensor<8xf32>
  // expected-remark@below {{as a linear}}
  %0 = vitrail.einsum "nc,dc->nd" %x, %w : (tensor<5x16xf32>, tensor<8x16xf32>) -> tensor<5x8xf32>
  %1 = vitrail.binary add %0, %p : (tensor<5x8xf32>, tensor<5x8xf32>) -> tensor<5x8xf32>
  // expected-remark@below {{as a linear}}
  %2 = vitrail.einsum "nc,dc->nd" %x, %w : (tensor<5x16xf32>, tensor<8x16xf32>) -> tensor<5x8xf32>
  %3 = vitrail.binary add %2, %s : (tensor<5x8xf32>, tensor<1xf32>) -> tensor<5x8xf32>
  // expected-remark@below {{as a linear}}
  %4 = vitrail.einsum "nc,dc->nd" %x, %w : (tensor<5x16xf32>, tensor<8x16xf32>) -> tensor<5x8xf32>
  %5 = vitrail.binary add %4, %b : (tensor<5x8xf32>, tensor<8xf32>) -> tensor<5x8xf32>
  return %1, %3, %4, %5 : tensor<5x8xf32>, tensor<5x8xf32>, tensor<5x8xf32>, tensor<5x8xf32>
}

// -----

// What is no linear, and why.

// CHECK-LABEL: func @not(
// CHECK-NOT:     vitrail.linear
// CHECK-COUNT-6: vitrail.einsum
func.func @not(%x: tensor<2x5x16xf32>) -> (tensor<2x7x16xf32>, tensor<2x5x16xf32>, tensor<2x5xf32>, tensor<2x8xf32>, tensor<2x5x16x8xf32>, tensor<2x5x5xf32>) {
  %w = vitrail.weight "w" matrix fan_in = 5 : tensor<7x5xf32>
  %c = vitrail.weight "c" gain : tensor<16xf32>
  %d = vitrail.weight "d" matrix fan_in = 16 : tensor<8x16xf32>
  %e = vitrail.weight "e" bias : tensor<8xf32>
  // expected-remark@below {{[Missed] raise-linears | Category:simplify | Function=not | Reason="the weight sums index 'n', axis 1 of [2, 5, 16], not the last axis"}}
  %0 = vitrail.einsum "mn,bnc->bmc" %w, %x : (tensor<7x5xf32>, tensor<2x5x16xf32>) -> tensor<2x7x16xf32>
  // expected-remark@below {{index 'c' of weight and input stays: a weight for each value of it}}
  %1 = vitrail.einsum "bnc,c->bnc" %x, %c : (tensor<2x5x16xf32>, tensor<16xf32>) -> tensor<2x5x16xf32>
  // expected-remark@below {{the weight has no index of the result}}
  %2 = vitrail.einsum "bnc,c->bn" %x, %c : (tensor<2x5x16xf32>, tensor<16xf32>) -> tensor<2x5xf32>
  // expected-remark@below {{index 'n' of the input alone is summed}}
  %3 = vitrail.einsum "bnc,dc->bd" %x, %d : (tensor<2x5x16xf32>, tensor<8x16xf32>) -> tensor<2x8xf32>
  // expected-remark@below {{no index of the weight is summed}}
  %4 = vitrail.einsum "bnc,d->bncd" %x, %e : (tensor<2x5x16xf32>, tensor<8xf32>) -> tensor<2x5x16x8xf32>
  // Two activations are no concern of this pass.
  %5 = vitrail.einsum "bnc,bmc->bnm" %x, %x : (tensor<2x5x16xf32>, tensor<2x5x16xf32>) -> tensor<2x5x5xf32>
  return %0, %1, %2, %3, %4, %5 : tensor<2x7x16xf32>, tensor<2x5x16xf32>, tensor<2x5xf32>, tensor<2x8xf32>, tensor<2x5x16x8xf32>, tensor<2x5x5xf32>
}
