// RUN: vitrail-opt %s --canonicalize | FileCheck %s

//===----------------------------------------------------------------------===//
// Neutral elements
//===----------------------------------------------------------------------===//

// CHECK-LABEL: func @neutral
// CHECK-SAME: (%[[X:.*]]: tensor<2x4xf32>
func.func @neutral(%x: tensor<2x4xf32>) -> tensor<2x4xf32> {
  // CHECK-NEXT: return %[[X]]
  %zero = arith.constant dense<0.0> : tensor<2x4xf32>
  %row = arith.constant dense<0.0> : tensor<4xf32>
  %one = arith.constant dense<1.0> : tensor<1x1xf32>
  %0 = vitrail.binary add %x, %zero : (tensor<2x4xf32>, tensor<2x4xf32>) -> tensor<2x4xf32>
  %1 = vitrail.binary add %row, %0 : (tensor<4xf32>, tensor<2x4xf32>) -> tensor<2x4xf32>
  %2 = vitrail.binary sub %1, %zero : (tensor<2x4xf32>, tensor<2x4xf32>) -> tensor<2x4xf32>
  %3 = vitrail.binary mul %2, %one : (tensor<2x4xf32>, tensor<1x1xf32>) -> tensor<2x4xf32>
  %4 = vitrail.binary mul %one, %3 : (tensor<1x1xf32>, tensor<2x4xf32>) -> tensor<2x4xf32>
  %5 = vitrail.binary div %4, %one : (tensor<2x4xf32>, tensor<1x1xf32>) -> tensor<2x4xf32>
  return %5 : tensor<2x4xf32>
}

// The constant broadcasts the other operand.
// CHECK-LABEL: func @neutral_that_broadcasts
func.func @neutral_that_broadcasts(%x: tensor<4xf32>) -> tensor<2x4xf32> {
  // CHECK: vitrail.binary add
  %zero = arith.constant dense<0.0> : tensor<2x4xf32>
  %0 = vitrail.binary add %x, %zero : (tensor<4xf32>, tensor<2x4xf32>) -> tensor<2x4xf32>
  return %0 : tensor<2x4xf32>
}

// CHECK-LABEL: func @not_neutral
func.func @not_neutral(%x: tensor<4xf32>) -> tensor<4xf32> {
  %zero = arith.constant dense<0.0> : tensor<4xf32>
  %one = arith.constant dense<1.0> : tensor<4xf32>
  %mixed = arith.constant dense<[0.0, 0.0, 0.0, 1.0]> : tensor<4xf32>
  // CHECK: vitrail.binary sub
  %0 = vitrail.binary sub %zero, %x : (tensor<4xf32>, tensor<4xf32>) -> tensor<4xf32>
  // CHECK: vitrail.binary div
  %1 = vitrail.binary div %one, %0 : (tensor<4xf32>, tensor<4xf32>) -> tensor<4xf32>
  // CHECK: vitrail.binary add
  %2 = vitrail.binary add %1, %mixed : (tensor<4xf32>, tensor<4xf32>) -> tensor<4xf32>
  // CHECK: vitrail.binary add
  %3 = vitrail.binary add %2, %one : (tensor<4xf32>, tensor<4xf32>) -> tensor<4xf32>
  // CHECK: vitrail.binary mul
  %4 = vitrail.binary mul %3, %zero : (tensor<4xf32>, tensor<4xf32>) -> tensor<4xf32>
  // CHECK: vitrail.binary max
  %5 = vitrail.binary max %4, %zero : (tensor<4xf32>, tensor<4xf32>) -> tensor<4xf32>
  return %5 : tensor<4xf32>
}

//===----------------------------------------------------------------------===//
// Shape ops that do nothing
//===----------------------------------------------------------------------===//

// CHECK-LABEL: func @identities
// CHECK-SAME: (%[[X:.*]]: tensor<2x4xf32>
func.func @identities(%x: tensor<2x4xf32>) -> tensor<2x4xf32> {
  // CHECK-NEXT: return %[[X]]
  %0 = vitrail.rearrange %x "a (b c) -> a (b c)" sizes = {b = 2 : i64} : (tensor<2x4xf32>) -> tensor<2x4xf32>
  %1 = vitrail.concat %0 axis = 1 : (tensor<2x4xf32>) -> tensor<2x4xf32>
  %2 = vitrail.slice %1 offsets = [0, 0] sizes = [2, 4] : (tensor<2x4xf32>) -> tensor<2x4xf32>
  %3 = vitrail.broadcast %2 shape = [2, 4] : (tensor<2x4xf32>) -> tensor<2x4xf32>
  return %3 : tensor<2x4xf32>
}

// The type alone does not tell.
// CHECK-LABEL: func @transposition
func.func @transposition(%x: tensor<4x4xf32>) -> tensor<4x4xf32> {
  // CHECK: vitrail.rearrange
  %0 = vitrail.rearrange %x "a b -> b a" : (tensor<4x4xf32>) -> tensor<4x4xf32>
  return %0 : tensor<4x4xf32>
}

// CHECK-LABEL: func @reshape
func.func @reshape(%x: tensor<4x4xf32>) -> tensor<16xf32> {
  // CHECK: vitrail.rearrange
  %0 = vitrail.rearrange %x "a b -> (a b)" : (tensor<4x4xf32>) -> tensor<16xf32>
  return %0 : tensor<16xf32>
}

//===----------------------------------------------------------------------===//
// Slices
//===----------------------------------------------------------------------===//

// CHECK-LABEL: func @slice_of_slice
// CHECK-SAME: (%[[X:.*]]: tensor<8x8xf32>
func.func @slice_of_slice(%x: tensor<8x8xf32>) -> tensor<2x1xf32> {
  // CHECK-NEXT: %[[S:.*]] = vitrail.slice %[[X]] offsets = [3, 5] sizes = [2, 1] : (tensor<8x8xf32>) -> tensor<2x1xf32>
  // CHECK-NEXT: return %[[S]]
  %0 = vitrail.slice %x offsets = [1, 2] sizes = [5, 6] : (tensor<8x8xf32>) -> tensor<5x6xf32>
  %1 = vitrail.slice %0 offsets = [2, 3] sizes = [2, 1] : (tensor<5x6xf32>) -> tensor<2x1xf32>
  return %1 : tensor<2x1xf32>
}

// CHECK-LABEL: func @slice_of_concat
// CHECK-SAME: (%[[X:.*]]: tensor<1x4xf32>, %[[Y:.*]]: tensor<3x4xf32>
func.func @slice_of_concat(%x: tensor<1x4xf32>, %y: tensor<3x4xf32>) -> (tensor<1x4xf32>, tensor<2x2xf32>) {
  // CHECK-NEXT: %[[S:.*]] = vitrail.slice %[[Y]] offsets = [1, 2] sizes = [2, 2] : (tensor<3x4xf32>) -> tensor<2x2xf32>
  // CHECK-NEXT: return %[[X]], %[[S]]
  %0 = vitrail.concat %x, %y axis = 0 : (tensor<1x4xf32>, tensor<3x4xf32>) -> tensor<4x4xf32>
  %1 = vitrail.slice %0 offsets = [0, 0] sizes = [1, 4] : (tensor<4x4xf32>) -> tensor<1x4xf32>
  %2 = vitrail.slice %0 offsets = [2, 2] sizes = [2, 2] : (tensor<4x4xf32>) -> tensor<2x2xf32>
  return %1, %2 : tensor<1x4xf32>, tensor<2x2xf32>
}

// CHECK-LABEL: func @slice_across_a_concat
func.func @slice_across_a_concat(%x: tensor<2x4xf32>, %y: tensor<3x4xf32>) -> tensor<2x4xf32> {
  // CHECK: vitrail.concat
  // CHECK-NEXT: vitrail.slice %{{.*}} offsets = [1, 0] sizes = [2, 4]
  %0 = vitrail.concat %x, %y axis = 0 : (tensor<2x4xf32>, tensor<3x4xf32>) -> tensor<5x4xf32>
  %1 = vitrail.slice %0 offsets = [1, 0] sizes = [2, 4] : (tensor<5x4xf32>) -> tensor<2x4xf32>
  return %1 : tensor<2x4xf32>
}

//===----------------------------------------------------------------------===//
// Interpolation
//===----------------------------------------------------------------------===//

// CHECK-LABEL: func @resize_to_the_same_size
// CHECK-SAME: (%[[X:.*]]: tensor<4x5xf32>
func.func @resize_to_the_same_size(%x: tensor<4x5xf32>) -> tensor<4x5xf32> {
  // CHECK-NEXT: return %[[X]]
  %0 = vitrail.resize cubic %x axes = [0, 1] sizes = [4, 5] coefficient = -0.5 antialias : (tensor<4x5xf32>) -> tensor<4x5xf32>
  return %0 : tensor<4x5xf32>
}

// CHECK-LABEL: func @resize_one_axis
func.func @resize_one_axis(%x: tensor<4x5xf32>) -> tensor<4x6xf32> {
  // CHECK: vitrail.resize linear %{{.*}} axes = [0, 1] sizes = [4, 6]
  %0 = vitrail.resize linear %x axes = [0, 1] sizes = [4, 6] : (tensor<4x5xf32>) -> tensor<4x6xf32>
  return %0 : tensor<4x6xf32>
}

//===----------------------------------------------------------------------===//
// What nobody reads
//===----------------------------------------------------------------------===//

// CHECK-LABEL: func @dead
func.func @dead(%x: tensor<4xf32>) -> tensor<4xf32> {
  // CHECK-NEXT: return
  %w = vitrail.weight "w" bias : tensor<4xf32>
  %0 = vitrail.region "r"(%a = %x : tensor<4xf32>) -> tensor<4xf32> {
    %1 = vitrail.unary relu %a : tensor<4xf32>
    vitrail.yield %1 : tensor<4xf32>
  }
  return %x : tensor<4xf32>
}

// A rearrangement of one that nothing else reads is one of its operand; where
// they cancel, none is left.

// CHECK-LABEL: func @rearrange_twice(
// CHECK-SAME:      %[[X:.*]]: tensor<2x6x20xf32>)
// CHECK-NEXT:    %[[Y:.*]] = vitrail.rearrange %[[X]] "x0 x1 (x2 x3) -> (x2 x0) x1 x3" sizes = {x3 = 5 : i64} : (tensor<2x6x20xf32>) -> tensor<8x6x5xf32>
// CHECK-NEXT:    %[[Z:.*]] = vitrail.rearrange %[[X]] "x0 (x1 x2) x3 -> x0 x2 x1 1 x3" sizes = {x2 = 2 : i64} : (tensor<2x6x20xf32>) -> tensor<2x2x3x1x20xf32>
// CHECK-NEXT:    return %[[X]], %[[Y]], %[[Z]]
func.func @rearrange_twice(%x: tensor<2x6x20xf32>) -> (tensor<2x6x20xf32>, tensor<8x6x5xf32>, tensor<2x2x3x1x20xf32>) {
  %0 = vitrail.rearrange %x "b n (h d) -> b h n d" sizes = {h = 4 : i64} : (tensor<2x6x20xf32>) -> tensor<2x4x6x5xf32>
  %1 = vitrail.rearrange %0 "b h n d -> b n (h d)" : (tensor<2x4x6x5xf32>) -> tensor<2x6x20xf32>
  %2 = vitrail.rearrange %x "b n (h d) -> b h n d" sizes = {h = 4 : i64} : (tensor<2x6x20xf32>) -> tensor<2x4x6x5xf32>
  %3 = vitrail.rearrange %2 "b h n d -> (h b) n d" : (tensor<2x4x6x5xf32>) -> tensor<8x6x5xf32>
  %4 = vitrail.rearrange %x "b (p q) c -> b q p c" sizes = {p = 3 : i64} : (tensor<2x6x20xf32>) -> tensor<2x2x3x20xf32>
  %5 = vitrail.rearrange %4 "b q p c -> b q p 1 c" : (tensor<2x2x3x20xf32>) -> tensor<2x2x3x1x20xf32>
  return %1, %3, %5 : tensor<2x6x20xf32>, tensor<8x6x5xf32>, tensor<2x2x3x1x20xf32>
}

// A split across what was merged, and one with another reader, stay.

// CHECK-LABEL: func @rearrange_stays(
// CHECK-COUNT-4: vitrail.rearrange
func.func @rearrange_stays(%x: tensor<2x3x5xf32>) -> (tensor<3x2x5xf32>, tensor<5x3x2xf32>, tensor<2x5x3xf32>) {
  %0 = vitrail.rearrange %x "a b c -> (a b) c" : (tensor<2x3x5xf32>) -> tensor<6x5xf32>
  %1 = vitrail.rearrange %0 "(p q) c -> p q c" sizes = {p = 3 : i64} : (tensor<6x5xf32>) -> tensor<3x2x5xf32>
  %2 = vitrail.rearrange %x "a b c -> a c b" : (tensor<2x3x5xf32>) -> tensor<2x5x3xf32>
  %3 = vitrail.rearrange %2 "a c b -> c b a" : (tensor<2x5x3xf32>) -> tensor<5x3x2xf32>
  return %1, %3, %2 : tensor<3x2x5xf32>, tensor<5x3x2xf32>, tensor<2x5x3xf32>
}

//===----------------------------------------------------------------------===//
// Windows
//===----------------------------------------------------------------------===//

// A window of one element at every place is the map; windows that cut it into
// pieces rearrange it.

// CHECK-LABEL: func @unfold(
// CHECK-SAME:      %[[X:.*]]: tensor<2x4x6x3xf32>)
func.func @unfold(%x: tensor<2x4x6x3xf32>) -> (tensor<2x4x6x3xf32>, tensor<2x2x2x18xf32>, tensor<2x4x2x9xf32>) {
  // CHECK-DAG: %[[P:.*]] = vitrail.rearrange %[[X]] "x0 (x1 k0) (x2 k1) c -> x0 x1 x2 (k0 k1 c)" sizes = {k0 = 2 : i64, k1 = 3 : i64}
  // CHECK-DAG: %[[Q:.*]] = vitrail.rearrange %[[X]] "x0 x1 (x2 k0) c -> x0 x1 x2 (k0 c)" sizes = {k0 = 3 : i64}
  // CHECK: return %[[X]], %[[P]], %[[Q]]
  %0 = vitrail.unfold %x kernel = [1, 1] dilations = [2, 2] : (tensor<2x4x6x3xf32>) -> tensor<2x4x6x3xf32>
  %1 = vitrail.unfold %x kernel = [2, 3] strides = [2, 3] : (tensor<2x4x6x3xf32>) -> tensor<2x2x2x18xf32>
  %2 = vitrail.unfold %x kernel = [3] strides = [3] : (tensor<2x4x6x3xf32>) -> tensor<2x4x2x9xf32>
  return %0, %1, %2 : tensor<2x4x6x3xf32>, tensor<2x2x2x18xf32>, tensor<2x4x2x9xf32>
}

// Pieces with a rest, around the edge, apart, or overlapping.

// CHECK-LABEL: func @no_pieces(
// CHECK-COUNT-4: vitrail.unfold
func.func @no_pieces(%x: tensor<1x5x5x3xf32>) -> (tensor<1x2x2x12xf32>, tensor<1x3x3x12xf32>, tensor<1x2x2x12xf32>, tensor<1x4x4x12xf32>) {
  %0 = vitrail.unfold %x kernel = [2, 2] strides = [2, 2] : (tensor<1x5x5x3xf32>) -> tensor<1x2x2x12xf32>
  %1 = vitrail.unfold %x kernel = [2, 2] strides = [2, 2] pads = [1, 1, 0, 0] : (tensor<1x5x5x3xf32>) -> tensor<1x3x3x12xf32>
  %2 = vitrail.unfold %x kernel = [2, 2] strides = [2, 2] dilations = [2, 2] : (tensor<1x5x5x3xf32>) -> tensor<1x2x2x12xf32>
  %3 = vitrail.unfold %x kernel = [2, 2] : (tensor<1x5x5x3xf32>) -> tensor<1x4x4x12xf32>
  return %0, %1, %2, %3 : tensor<1x2x2x12xf32>, tensor<1x3x3x12xf32>, tensor<1x2x2x12xf32>, tensor<1x4x4x12xf32>
}

//===----------------------------------------------------------------------===//
// Rolls
//===----------------------------------------------------------------------===//

// Whole turns are none; one after the other is their sum, and there and back again
// is nothing.

// CHECK-LABEL: func @roll(
// CHECK-SAME:      %[[X:.*]]: tensor<2x4xf32>)
func.func @roll(%x: tensor<2x4xf32>) -> (tensor<2x4xf32>, tensor<2x4xf32>, tensor<2x4xf32>) {
  // CHECK-NEXT: %[[R:.*]] = vitrail.roll %[[X]] shifts = [1, 3]
  // CHECK-NEXT: return %[[X]], %[[R]], %[[X]]
  %0 = vitrail.roll %x shifts = [2, -4] : tensor<2x4xf32>
  %1 = vitrail.roll %x shifts = [0, 1] : tensor<2x4xf32>
  %2 = vitrail.roll %1 shifts = [1, 2] : tensor<2x4xf32>
  %3 = vitrail.roll %x shifts = [1, -1] : tensor<2x4xf32>
  %4 = vitrail.roll %3 shifts = [-1, 1] : tensor<2x4xf32>
  return %0, %2, %4 : tensor<2x4xf32>, tensor<2x4xf32>, tensor<2x4xf32>
}
