// RUN: vitrail-opt %s --split-input-file --pass-pipeline='builtin.module(func.func(vitrail-decompose-einsum))' -o %t
// RUN: FileCheck %s < %t
// RUN: vitrail-opt %t --split-input-file --pass-pipeline='builtin.module(func.func(vitrail-decompose-einsum))' | diff %t -

// Products of two operands whose result ends in an index of one of them alone
// stay, whichever way that one lies; the operand becomes the right one.

// CHECK-LABEL: func.func @products(
// CHECK-SAME:    %[[Q:.*]]: tensor<2x5x16xf32>, %[[K:.*]]: tensor<2x6x16xf32>
// CHECK-NEXT:    %[[S:.*]] = vitrail.einsum "bnd,bmd->bnm" %[[Q]], %[[K]]
// CHECK-NEXT:    %[[V:.*]] = vitrail.einsum "bnm,bmd->bnd" %[[S]], %[[K]]
// CHECK-NEXT:    %[[T:.*]] = vitrail.einsum "bmd,bnd->bmn" %[[K]], %[[Q]]
// CHECK-NEXT:    return %[[S]], %[[V]], %[[T]]
// CHECK-LABEL: func.func @swapped(
// CHECK-SAME:    %[[Q:.*]]: tensor<2x5x16xf32>, %[[K:.*]]: tensor<2x6x16xf32>
// CHECK-NEXT:    vitrail.einsum "abd,acd->abc" %[[K]], %[[Q]]
func.func @products(%q: tensor<2x5x16xf32>, %k: tensor<2x6x16xf32>) -> (tensor<2x5x6xf32>, tensor<2x5x16xf32>, tensor<2x6x5xf32>) {
  %0 = vitrail.einsum "bnd,bmd->bnm" %q, %k : (tensor<2x5x16xf32>, tensor<2x6x16xf32>) -> tensor<2x5x6xf32>
  %1 = vitrail.einsum "bnm,bmd->bnd" %0, %k : (tensor<2x5x6xf32>, tensor<2x6x16xf32>) -> tensor<2x5x16xf32>
  %2 = vitrail.einsum "bmd,bnd->bmn" %k, %q : (tensor<2x6x16xf32>, tensor<2x5x16xf32>) -> tensor<2x6x5xf32>
  return %0, %1, %2 : tensor<2x5x6xf32>, tensor<2x5x16xf32>, tensor<2x6x5xf32>
}

func.func @swapped(%q: tensor<2x5x16xf32>, %k: tensor<2x6x16xf32>) -> tensor<2x6x5xf32> {
  %0 = vitrail.einsum "bnd,bmd->bmn" %q, %k : (tensor<2x5x16xf32>, tensor<2x6x16xf32>) -> tensor<2x6x5xf32>
  return %0 : tensor<2x6x5xf32>
}

// -----

// A frozen operand gets the order that suits the kernel: depth by columns on the
// right, rows by depth on the left.

// CHECK-LABEL: func.func @frozen(
// CHECK-SAME:    %[[X:.*]]: tensor<2x5x20xf32>
// CHECK:         %[[W:.*]] = vitrail.weight "w"
// CHECK:         %[[U:.*]] = vitrail.weight "u"
// CHECK:         vitrail.einsum "bd,adc->abc" %[[W]], %[[X]]
// CHECK:         %[[T:.*]] = vitrail.rearrange %[[U]] "x2 x3 -> x3 x2"
// CHECK:         vitrail.einsum "abd,dc->abc" %[[X]], %[[T]]
// CHECK:         vitrail.einsum "bd,acd->abc" %[[U]], %[[X]]
func.func @frozen(%x: tensor<2x5x20xf32>) -> (tensor<2x7x20xf32>, tensor<2x5x7xf32>, tensor<2x7x5xf32>) {
  %w = vitrail.weight "w" matrix fan_in = 5 : tensor<7x5xf32>
  %u = vitrail.weight "u" matrix fan_in = 5 : tensor<7x20xf32>
  %0 = vitrail.einsum "mn,bnc->bmc" %w, %x : (tensor<7x5xf32>, tensor<2x5x20xf32>) -> tensor<2x7x20xf32>
  %1 = vitrail.einsum "bnc,mc->bnm" %x, %u : (tensor<2x5x20xf32>, tensor<7x20xf32>) -> tensor<2x5x7xf32>
  %2 = vitrail.einsum "bnc,mc->bmn" %x, %u : (tensor<2x5x20xf32>, tensor<7x20xf32>) -> tensor<2x7x5xf32>
  return %0, %1, %2 : tensor<2x7x20xf32>, tensor<2x5x7xf32>, tensor<2x7x5xf32>
}

// -----

// What depends on weights alone is the interpreter's and stays.

// CHECK-LABEL: func.func @weights(
// CHECK:         vitrail.einsum "nk,k->n"
// CHECK-NOT:     vitrail.rearrange
func.func @weights(%x: tensor<4xf32>) -> tensor<4xf32> {
  %w = vitrail.weight "w" matrix fan_in = 5 : tensor<4x5xf32>
  %b = vitrail.weight "b" bias : tensor<5xf32>
  %0 = vitrail.einsum "nk,k->n" %w, %b : (tensor<4x5xf32>, tensor<5xf32>) -> tensor<4xf32>
  %1 = vitrail.binary add %x, %0 : (tensor<4xf32>, tensor<4xf32>) -> tensor<4xf32>
  return %1 : tensor<4xf32>
}

// -----

// Of three operands the cheapest pair comes first.

// CHECK-LABEL: func.func @three(
// CHECK-SAME:    %[[P:.*]]: tensor<2x5x6x4xf32>, %[[Q:.*]]: tensor<2x5x6x7xf32>, %[[R:.*]]: tensor<7xf32>
// CHECK-NEXT:    %[[QR:.*]] = vitrail.einsum "e,adbe->adb" %[[R]], %[[Q]]
// CHECK-NEXT:    vitrail.einsum "adb,adbc->abc" %[[QR]], %[[P]]
func.func @three(%p: tensor<2x5x6x4xf32>, %q: tensor<2x5x6x7xf32>, %r: tensor<7xf32>) -> tensor<2x6x4xf32> {
  %0 = vitrail.einsum "bnhd,bnhe,e->bhd" %p, %q, %r : (tensor<2x5x6x4xf32>, tensor<2x5x6x7xf32>, tensor<7xf32>) -> tensor<2x6x4xf32>
  return %0 : tensor<2x6x4xf32>
}

// -----

// Vectors cannot run along an index of both operands: the result has another
// order first.

// CHECK-LABEL: func.func @heads_last(
// CHECK-NEXT:    %[[S:.*]] = vitrail.einsum "abde,acde->adbc"
// CHECK-NEXT:    vitrail.rearrange %[[S]] "x0 x3 x1 x2 -> x0 x1 x2 x3" : (tensor<2x3x5x6xf32>) -> tensor<2x5x6x3xf32>
func.func @heads_last(%q: tensor<2x5x3x16xf32>, %k: tensor<2x6x3x16xf32>) -> tensor<2x5x6x3xf32> {
  %0 = vitrail.einsum "bnhd,bmhd->bnmh" %q, %k : (tensor<2x5x3x16xf32>, tensor<2x6x3x16xf32>) -> tensor<2x5x6x3xf32>
  return %0 : tensor<2x5x6x3xf32>
}

// -----

// Without an index of its own, an operand is multiplied element by element.

// CHECK-LABEL: func.func @elementwise(
// CHECK-SAME:    %[[X:.*]]: tensor<2x5x8xf32>, %[[Y:.*]]: tensor<2x5xf32>
// CHECK-NEXT:    %[[Y1:.*]] = vitrail.rearrange %[[Y]] "x0 x1 -> x0 x1 1"
// CHECK-NEXT:    %[[XY:.*]] = vitrail.binary mul %[[X]], %[[Y1]]
// CHECK-NEXT:    %[[XX:.*]] = vitrail.binary mul %[[X]], %[[X]]
// CHECK-NEXT:    %[[N:.*]] = vitrail.reduce sum %[[XX]] axes = [2]
// CHECK-NEXT:    return %[[XY]], %[[N]]
func.func @elementwise(%x: tensor<2x5x8xf32>, %y: tensor<2x5xf32>) -> (tensor<2x5x8xf32>, tensor<2x5xf32>) {
  %0 = vitrail.einsum "bnd,bn->bnd" %x, %y : (tensor<2x5x8xf32>, tensor<2x5xf32>) -> tensor<2x5x8xf32>
  %1 = vitrail.einsum "bnd,bnd->bn" %x, %x : (tensor<2x5x8xf32>, tensor<2x5x8xf32>) -> tensor<2x5xf32>
  return %0, %1 : tensor<2x5x8xf32>, tensor<2x5xf32>
}

// -----

// An index of one operand alone is summed before.

// CHECK-LABEL: func.func @alone(
// CHECK-SAME:    %[[X:.*]]: tensor<2x5x8xf32>, %[[Y:.*]]: tensor<6x7xf32>
// CHECK-NEXT:    %[[SX:.*]] = vitrail.reduce sum %[[X]] axes = [2]
// CHECK-NEXT:    %[[SY:.*]] = vitrail.reduce sum %[[Y]] axes = [0, 1] keep_dims
// CHECK-NEXT:    %[[N:.*]] = vitrail.rearrange %[[SY]] "1 1 -> 1"
// CHECK-NEXT:    vitrail.binary mul %[[SX]], %[[N]]
func.func @alone(%x: tensor<2x5x8xf32>, %y: tensor<6x7xf32>) -> tensor<2x5xf32> {
  %0 = vitrail.einsum "bnd,mk->bn" %x, %y : (tensor<2x5x8xf32>, tensor<6x7xf32>) -> tensor<2x5xf32>
  return %0 : tensor<2x5xf32>
}

// -----

// A diagonal is the first column of the elements in rows that are longer by one.

// CHECK-LABEL: func.func @diagonal(
// CHECK:         vitrail.concat %{{.*}} axis = 0 : (tensor<25x2xf32>, tensor<5x2xf32>) -> tensor<30x2xf32>
// CHECK:         vitrail.slice %{{.*}} offsets = [0, 0, 0] sizes = [5, 1, 2] : (tensor<5x6x2xf32>) -> tensor<5x1x2xf32>
func.func @diagonal(%x: tensor<2x5x5xf32>) -> tensor<2x5xf32> {
  %0 = vitrail.einsum "bnn->bn" %x : (tensor<2x5x5xf32>) -> tensor<2x5xf32>
  return %0 : tensor<2x5xf32>
}

// -----

// A linear whose weight or bias is computed at run time is an einsum and a sum.

// CHECK-LABEL: func.func @linear(
// CHECK-SAME:    %[[X:.*]]: tensor<2x5x16xf32>, %[[W:.*]]: tensor<8x16xf32>, %[[B:.*]]: tensor<8xf32>
// CHECK-NEXT:    %[[Y:.*]] = vitrail.einsum "cda,ba->cdb" %[[X]], %[[W]]
// CHECK-NEXT:    vitrail.binary add %[[Y]], %[[B]]
// CHECK-LABEL: func.func @bias(
// CHECK:         %[[Y:.*]] = vitrail.linear %{{.*}}, %{{.*}} :
// CHECK:         vitrail.binary add %[[Y]]
func.func @linear(%x: tensor<2x5x16xf32>, %w: tensor<8x16xf32>, %b: tensor<8xf32>) -> tensor<2x5x8xf32> {
  %0 = vitrail.linear %x, %w, %b : (tensor<2x5x16xf32>, tensor<8x16xf32>, tensor<8xf32>) -> tensor<2x5x8xf32>
  return %0 : tensor<2x5x8xf32>
}

func.func @bias(%x: tensor<5x16xf32>, %b: tensor<8xf32>) -> tensor<5x8xf32> {
  %w = vitrail.weight "w" matrix fan_in = 16 : tensor<8x16xf32>
  %0 = vitrail.linear %x, %w, %b : (tensor<5x16xf32>, tensor<8x16xf32>, tensor<8xf32>) -> tensor<5x8xf32>
  return %0 : tensor<5x8xf32>
}
