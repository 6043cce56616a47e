// RUN: vitrail-opt %s --split-input-file \
// RUN:   --pass-pipeline='builtin.module(func.func(vitrail-form-regions))' \
// RUN:   --remarks-filter=schedule --remark-policy=all --remark-format=emitRemark \
// RUN:   2>%t.remarks | FileCheck %s
// RUN: FileCheck %s --check-prefix=REMARK <%t.remarks

// REMARK:     [Passed] norm {{.*}}"taken of unfolded rows where the linear gathers them
// REMARK:     [Missed] copy {{.*}}"rearrange is neither a view nor the addressing
// REMARK:     [Missed] copy {{.*}}"roll is neither a view nor the addressing
// REMARK:     [Missed] copy {{.*}}"unfold is neither a view nor the addressing
// REMARK:     [Missed] copy {{.*}}"roll is neither a view nor the addressing
// REMARK:     [Missed] copy {{.*}}"rearrange is neither a view nor the addressing
// REMARK:     [Missed] copy {{.*}}"broadcast is neither a view nor the addressing
// REMARK:     [Missed] copy {{.*}}"rearrange is neither a view nor the addressing
// REMARK-NOT: [Missed]

// A convolution reads an image with its channels first: nothing is moved before.

// CHECK-LABEL: func.func @main(%arg0: tensor<1x3x8x8xf32>
// CHECK:       %[[Y:.*]] = vitrail.region "linear"(%[[X:.*]] = %arg0 :
// CHECK-NEXT:    %[[M:.*]] = vitrail.rearrange %[[X]]
// CHECK-NEXT:    %[[U:.*]] = vitrail.unfold %[[M]]
// CHECK-NEXT:    vitrail.linear %[[U]]
// CHECK:       return %[[Y]]
func.func @main(%x: tensor<1x3x8x8xf32>) -> tensor<1x4x4x16xf32> {
  %w = vitrail.weight "w" matrix fan_in = 27 : tensor<16x27xf32>
  %0 = vitrail.rearrange %x "b c h w -> b h w c" : (tensor<1x3x8x8xf32>) -> tensor<1x8x8x3xf32>
  %1 = vitrail.unfold %0 kernel = [3, 3] strides = [2, 2] pads = [1, 1, 1, 1] : (tensor<1x8x8x3xf32>) -> tensor<1x4x4x27xf32>
  %2 = vitrail.linear %1, %w : (tensor<1x4x4x27xf32>, tensor<16x27xf32>) -> tensor<1x4x4x16xf32>
  return %2 : tensor<1x4x4x16xf32>
}

// -----

// Shifted windows, and the way back.

// CHECK-LABEL: func.func @main(%arg0: tensor<1x8x8x32xf32>
// CHECK:       %[[A:.*]] = vitrail.region "linear"(%[[X:.*]] = %arg0 :
// CHECK-NEXT:    %[[R:.*]] = vitrail.roll %[[X]]
// CHECK-NEXT:    %[[W:.*]] = vitrail.rearrange %[[R]]
// CHECK-NEXT:    vitrail.linear %[[W]]
// CHECK:       vitrail.region "linear"(%[[Y:.*]] = %[[A]] :
// CHECK-NEXT:    %[[B:.*]] = vitrail.rearrange %[[Y]]
// CHECK-NEXT:    %[[S:.*]] = vitrail.roll %[[B]]
// CHECK-NEXT:    vitrail.linear %[[S]]
func.func @main(%x: tensor<1x8x8x32xf32>) -> tensor<1x8x8x32xf32> {
  %w = vitrail.weight "w" matrix fan_in = 32 : tensor<32x32xf32>
  %v = vitrail.weight "v" matrix fan_in = 32 : tensor<32x32xf32>
  %0 = vitrail.roll %x shifts = [0, -2, -2, 0] : tensor<1x8x8x32xf32>
  %1 = vitrail.rearrange %0 "b (h p) (w q) c -> b h w (p q) c" sizes = {p = 4 : i64, q = 4 : i64} : (tensor<1x8x8x32xf32>) -> tensor<1x2x2x16x32xf32>
  %2 = vitrail.linear %1, %w : (tensor<1x2x2x16x32xf32>, tensor<32x32xf32>) -> tensor<1x2x2x16x32xf32>
  %3 = vitrail.rearrange %2 "b h w (p q) c -> b (h p) (w q) c" sizes = {p = 4 : i64} : (tensor<1x2x2x16x32xf32>) -> tensor<1x8x8x32xf32>
  %4 = vitrail.roll %3 shifts = [0, 2, 2, 0] : tensor<1x8x8x32xf32>
  %5 = vitrail.linear %4, %v : (tensor<1x8x8x32xf32>, tensor<32x32xf32>) -> tensor<1x8x8x32xf32>
  return %5 : tensor<1x8x8x32xf32>
}

// -----

// What is unfolded may be moved.

// CHECK-LABEL: func.func @main(%arg0: tensor<1x8x8x16xf32>
// CHECK:       vitrail.region "linear"(%[[X:.*]] = %arg0 :
// CHECK-NEXT:    %[[U:.*]] = vitrail.unfold %[[X]]
// CHECK-NEXT:    %[[R:.*]] = vitrail.rearrange %[[U]]
// CHECK-NEXT:    vitrail.linear %[[R]]
func.func @main(%x: tensor<1x8x8x16xf32>) -> tensor<1x16x32xf32> {
  %w = vitrail.weight "w" matrix fan_in = 144 : tensor<32x144xf32>
  %0 = vitrail.unfold %x kernel = [3, 3] strides = [2, 2] pads = [1, 1, 1, 1] : (tensor<1x8x8x16xf32>) -> tensor<1x4x4x144xf32>
  %1 = vitrail.rearrange %0 "b h w c -> b (h w) c" : (tensor<1x4x4x144xf32>) -> tensor<1x16x144xf32>
  %2 = vitrail.linear %1, %w : (tensor<1x16x144xf32>, tensor<32x144xf32>) -> tensor<1x16x32xf32>
  return %2 : tensor<1x16x32xf32>
}

// -----

// A norm of unfolded rows is taken by the linear that gathers them.

// CHECK-LABEL: func.func @main(%arg0: tensor<1x8x8x16xf32>
// CHECK:       vitrail.region "linear"(%[[X:.*]] = %arg0 :
// CHECK-NEXT:    %[[U:.*]] = vitrail.unfold %[[X]]
// CHECK-NEXT:    %[[N:.*]] = vitrail.norm %[[U]]
// CHECK-NEXT:    %[[R:.*]] = vitrail.rearrange %[[N]]
// CHECK-NEXT:    %[[L:.*]] = vitrail.linear %[[R]]
// CHECK-NEXT:    %[[G:.*]] = vitrail.unary gelu %[[L]]
// CHECK-NEXT:    vitrail.yield %[[G]]
// CHECK-NOT:   vitrail.region
func.func @main(%x: tensor<1x8x8x16xf32>) -> tensor<1x16x32xf32> {
  %w = vitrail.weight "w" matrix fan_in = 144 : tensor<32x144xf32>
  %0 = vitrail.unfold %x kernel = [3, 3] strides = [2, 2] pads = [1, 1, 1, 1] : (tensor<1x8x8x16xf32>) -> tensor<1x4x4x144xf32>
  %1 = vitrail.norm %0 axis = 3 eps = 1.0e-5 : (tensor<1x4x4x144xf32>) -> tensor<1x4x4x144xf32>
  %2 = vitrail.rearrange %1 "b h w c -> b (h w) c" : (tensor<1x4x4x144xf32>) -> tensor<1x16x144xf32>
  %3 = vitrail.linear %2, %w : (tensor<1x16x144xf32>, tensor<32x144xf32>) -> tensor<1x16x32xf32>
  %4 = vitrail.unary gelu %3 : tensor<1x16x32xf32>
  return %4 : tensor<1x16x32xf32>
}

// -----

// A norm that others read as well, and one of rows that are not unfolded, are
// regions of their own.

// CHECK-LABEL: func.func @main(%arg0: tensor<1x8x8x16xf32>
// CHECK:       %[[N:.*]] = vitrail.region "norm"
// CHECK-NEXT:    vitrail.unfold
// CHECK-NEXT:    vitrail.norm
// CHECK-NEXT:    vitrail.yield
// CHECK:       vitrail.region "linear"(%{{.*}} = %[[N]] :
// CHECK:       vitrail.region "norm"
// CHECK-NEXT:    vitrail.norm
// CHECK-NEXT:    vitrail.yield
// CHECK:       vitrail.region "linear"
func.func @main(%x: tensor<1x8x8x16xf32>) -> (tensor<1x4x4x144xf32>, tensor<1x4x4x32xf32>, tensor<1x8x8x32xf32>) {
  %w = vitrail.weight "w" matrix fan_in = 144 : tensor<32x144xf32>
  %v = vitrail.weight "v" matrix fan_in = 16 : tensor<32x16xf32>
  %0 = vitrail.unfold %x kernel = [3, 3] strides = [2, 2] pads = [1, 1, 1, 1] : (tensor<1x8x8x16xf32>) -> tensor<1x4x4x144xf32>
  %1 = vitrail.norm %0 axis = 3 eps = 1.0e-5 : (tensor<1x4x4x144xf32>) -> tensor<1x4x4x144xf32>
  %2 = vitrail.linear %1, %w : (tensor<1x4x4x144xf32>, tensor<32x144xf32>) -> tensor<1x4x4x32xf32>
  %3 = vitrail.norm %x axis = 3 eps = 1.0e-5 : (tensor<1x8x8x16xf32>) -> tensor<1x8x8x16xf32>
  %4 = vitrail.linear %3, %v : (tensor<1x8x8x16xf32>, tensor<32x16xf32>) -> tensor<1x8x8x32xf32>
  return %1, %2, %4 : tensor<1x4x4x144xf32>, tensor<1x4x4x32xf32>, tensor<1x8x8x32xf32>
}

// -----

// Parts of parts are made in memory, those that are next to the source.

// CHECK-LABEL: func.func @main(%arg0: tensor<1x8x8x6xf32>
// CHECK:       %[[A:.*]] = vitrail.region "rearrange"(%{{.*}} = %arg0 :
// CHECK:       vitrail.region "linear"(%[[X:.*]] = %[[A]] :
// CHECK-NEXT:    vitrail.roll %[[X]]
// CHECK-NEXT:    vitrail.rearrange
// CHECK-NEXT:    vitrail.linear
func.func @main(%x: tensor<1x8x8x6xf32>) -> tensor<1x4x24x32xf32> {
  %w = vitrail.weight "w" matrix fan_in = 4 : tensor<32x4xf32>
  %0 = vitrail.rearrange %x "b h (w q) (c d) -> b h (w c) (q d)" sizes = {c = 3 : i64, q = 4 : i64} : (tensor<1x8x8x6xf32>) -> tensor<1x8x6x8xf32>
  %1 = vitrail.roll %0 shifts = [0, 1, 0, 0] : tensor<1x8x6x8xf32>
  %2 = vitrail.rearrange %1 "b (h p) w (c d) -> b h (w p c) d" sizes = {d = 4 : i64, p = 2 : i64} : (tensor<1x8x6x8xf32>) -> tensor<1x4x24x4xf32>
  %3 = vitrail.linear %2, %w : (tensor<1x4x24x4xf32>, tensor<32x4xf32>) -> tensor<1x4x24x32xf32>
  return %3 : tensor<1x4x24x32xf32>
}

// -----

// What others read as well is made in memory, and so is an unfolding that no
// linear reads.

// CHECK-LABEL: func.func @main(%arg0: tensor<1x8x8x16xf32>
// CHECK:       vitrail.region "roll"(
// CHECK:       vitrail.region "unfold"(
// CHECK:       vitrail.region "softmax"(
func.func @main(%x: tensor<1x8x8x16xf32>) -> (tensor<1x8x8x32xf32>, tensor<1x8x8x144xf32>) {
  %w = vitrail.weight "w" matrix fan_in = 16 : tensor<32x16xf32>
  %0 = vitrail.roll %x shifts = [0, 1, 0, 0] : tensor<1x8x8x16xf32>
  %1 = vitrail.linear %0, %w : (tensor<1x8x8x16xf32>, tensor<32x16xf32>) -> tensor<1x8x8x32xf32>
  %2 = vitrail.unfold %0 kernel = [3, 3] pads = [1, 1, 1, 1] : (tensor<1x8x8x16xf32>) -> tensor<1x8x8x144xf32>
  %3 = vitrail.softmax %2 axis = 3 : tensor<1x8x8x144xf32>
  return %1, %3 : tensor<1x8x8x32xf32>, tensor<1x8x8x144xf32>
}

// -----

// The first elementwise op of a region gathers one operand, and reads the source
// once more where it lies. What is not the first has its operand made in memory.

// CHECK-LABEL: func.func @main(%arg0: tensor<1x4x4x32xf32>
// CHECK:       %[[R:.*]] = vitrail.region "roll"(%{{.*}} = %arg0 :
// CHECK:       %[[L:.*]] = vitrail.region "linear"(%{{.*}} = %arg0 : {{.*}}, %{{.*}} = %[[R]] :
// CHECK-NEXT:    vitrail.linear
// CHECK-NEXT:    vitrail.binary add
// CHECK:       vitrail.region "binary"(%[[X:.*]] = %[[L]] : {{.*}}, %[[AGAIN:.*]] = %[[L]] :
// CHECK-NEXT:    %[[S:.*]] = vitrail.roll %[[X]]
// CHECK-NEXT:    %[[A:.*]] = vitrail.binary sub %[[AGAIN]], %[[S]]
// CHECK-NEXT:    vitrail.unary relu %[[A]]
func.func @main(%x: tensor<1x4x4x32xf32>) -> tensor<1x4x4x32xf32> {
  %w = vitrail.weight "w" matrix fan_in = 32 : tensor<32x32xf32>
  %0 = vitrail.roll %x shifts = [0, 1, 0, 0] : tensor<1x4x4x32xf32>
  %1 = vitrail.linear %x, %w : (tensor<1x4x4x32xf32>, tensor<32x32xf32>) -> tensor<1x4x4x32xf32>
  %2 = vitrail.binary add %1, %0 : (tensor<1x4x4x32xf32>, tensor<1x4x4x32xf32>) -> tensor<1x4x4x32xf32>
  %3 = vitrail.roll %2 shifts = [0, 0, 1, 0] : tensor<1x4x4x32xf32>
  %4 = vitrail.binary sub %2, %3 : (tensor<1x4x4x32xf32>, tensor<1x4x4x32xf32>) -> tensor<1x4x4x32xf32>
  %5 = vitrail.unary relu %4 : tensor<1x4x4x32xf32>
  return %5 : tensor<1x4x4x32xf32>
}

// -----

// Several filters for each channel: a depthwise convolution repeats channels by
// itself.

// CHECK-LABEL: func.func @main(%arg0: tensor<1x4x4x10xf32>
// CHECK:       vitrail.region "depthwise_conv"(%[[X:.*]] = %arg0 :
// CHECK-NEXT:    %[[S:.*]] = vitrail.rearrange %[[X]]
// CHECK-NEXT:    %[[B:.*]] = vitrail.broadcast %[[S]]
// CHECK-NEXT:    %[[R:.*]] = vitrail.rearrange %[[B]]
// CHECK-NEXT:    vitrail.depthwise_conv %[[R]]
func.func @main(%x: tensor<1x4x4x10xf32>) -> tensor<1x4x4x20xf32> {
  %w = vitrail.weight "w" matrix fan_in = 9 : tensor<3x3x20xf32>
  %0 = vitrail.rearrange %x "b h w c -> b h w c 1" : (tensor<1x4x4x10xf32>) -> tensor<1x4x4x10x1xf32>
  %1 = vitrail.broadcast %0 shape = [1, 4, 4, 10, 2] : (tensor<1x4x4x10x1xf32>) -> tensor<1x4x4x10x2xf32>
  %2 = vitrail.rearrange %1 "b h w c n -> b h w (c n)" : (tensor<1x4x4x10x2xf32>) -> tensor<1x4x4x20xf32>
  %3 = vitrail.depthwise_conv %2, %w pads = [1, 1, 1, 1] : (tensor<1x4x4x20xf32>, tensor<3x3x20xf32>) -> tensor<1x4x4x20xf32>
  return %3 : tensor<1x4x4x20xf32>
}

// -----

// Not three times: panels hold no whole channels then.

// CHECK-LABEL: func.func @main(%arg0: tensor<1x4x4x10xf32>
// CHECK:       vitrail.region "rearrange"
// CHECK:       vitrail.region "broadcast"
// CHECK:       vitrail.region "rearrange"
// CHECK:       vitrail.region "depthwise_conv"
// CHECK-NEXT:    vitrail.depthwise_conv
func.func @main(%x: tensor<1x4x4x10xf32>) -> tensor<1x4x4x30xf32> {
  %w = vitrail.weight "w" matrix fan_in = 9 : tensor<3x3x30xf32>
  %0 = vitrail.rearrange %x "b h w c -> b h w c 1" : (tensor<1x4x4x10xf32>) -> tensor<1x4x4x10x1xf32>
  %1 = vitrail.broadcast %0 shape = [1, 4, 4, 10, 3] : (tensor<1x4x4x10x1xf32>) -> tensor<1x4x4x10x3xf32>
  %2 = vitrail.rearrange %1 "b h w c n -> b h w (c n)" : (tensor<1x4x4x10x3xf32>) -> tensor<1x4x4x30xf32>
  %3 = vitrail.depthwise_conv %2, %w pads = [1, 1, 1, 1] : (tensor<1x4x4x30xf32>, tensor<3x3x30xf32>) -> tensor<1x4x4x30xf32>
  return %3 : tensor<1x4x4x30xf32>
}
