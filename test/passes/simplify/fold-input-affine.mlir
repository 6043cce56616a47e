// RUN: vitrail-opt %s --split-input-file --verify-diagnostics \
// RUN:   --pass-pipeline='builtin.module(func.func(vitrail-fold-input-affine))' \
// RUN:   --remarks-filter=simplify --remark-policy=all --remark-format=emitRemark \
// RUN:   | FileCheck %s

// The summand first, for it is multiplied by the weight as it was; then the
// factor. What the rearrangements make of the tables is the same in all rows:
// that of the first is taken.

// CHECK-LABEL: func @patches(
// CHECK-SAME:    %[[X:.*]]: tensor<1x4x4x3xf32>
// CHECK-DAG:     %[[G:.*]] = vitrail.weight "g"
// CHECK-DAG:     %[[S:.*]] = vitrail.weight "s"
// CHECK-DAG:     %[[W:.*]] = vitrail.weight "w"
// CHECK-DAG:     %[[B:.*]] = vitrail.weight "b"
// CHECK:         %[[IMAGE:.*]] = vitrail.rearrange %[[X]] "b h w c -> b c h w"
// CHECK:         %[[ROWS:.*]] = vitrail.rearrange %[[IMAGE]] "b c (h p) (w q) -> b (h w) (c p q)"
// CHECK:         %[[S0:.*]] = vitrail.broadcast %[[S]] shape = [1, 4, 4, 3] : (tensor<3xf32>) -> tensor<1x4x4x3xf32>
// CHECK:         %[[S1:.*]] = vitrail.rearrange %[[S0]] "b h w c -> b c h w"
// CHECK:         %[[S2:.*]] = vitrail.rearrange %[[S1]] "b c (h p) (w q) -> b (h w) (c p q)"
// CHECK:         %[[S3:.*]] = vitrail.slice %[[S2]] offsets = [0, 0, 0] sizes = [1, 1, 12]
// CHECK:         %[[SK:.*]] = vitrail.rearrange %[[S3]] "1 1 n -> n"
// CHECK:         %[[WS:.*]] = vitrail.einsum "nk,k->n" %[[W]], %[[SK]]
// CHECK:         %[[B1:.*]] = vitrail.binary add %[[B]], %[[WS]]
// CHECK:         %[[G0:.*]] = vitrail.broadcast %[[G]]
// CHECK:         %[[GK:.*]] = vitrail.rearrange %{{.*}} "1 1 n -> n"
// CHECK:         %[[W1:.*]] = vitrail.binary mul %[[W]], %[[GK]]
// CHECK:         %[[Y:.*]] = vitrail.linear %[[ROWS]], %[[W1]], %[[B1]]
// CHECK:         return %[[Y]]
func.func @patches(%x: tensor<1x4x4x3xf32>) -> tensor<1x4x8xf32> {
  %g = vitrail.weight "g" gain : tensor<3xf32>
  %s = vitrail.weight "s" bias : tensor<3xf32>
  %w = vitrail.weight "w" matrix fan_in = 12 : tensor<8x12xf32>
  %b = vitrail.weight "b" bias : tensor<8xf32>
  // expected-remark@below {{factors folded into the weights of linears", linears=1, ops_saved=48}}
  %0 = vitrail.binary mul %x, %g : (tensor<1x4x4x3xf32>, tensor<3xf32>) -> tensor<1x4x4x3xf32>
  // expected-remark@below {{summands folded into the weights of linears", linears=1, ops_saved=48}}
  %1 = vitrail.binary add %0, %s : (tensor<1x4x4x3xf32>, tensor<3xf32>) -> tensor<1x4x4x3xf32>
  %2 = vitrail.rearrange %1 "b h w c -> b c h w" : (tensor<1x4x4x3xf32>) -> tensor<1x3x4x4xf32>
  %3 = vitrail.rearrange %2 "b c (h p) (w q) -> b (h w) (c p q)" sizes = {p = 2 : i64, q = 2 : i64} : (tensor<1x3x4x4xf32>) -> tensor<1x4x12xf32>
  %4 = vitrail.linear %3, %w, %b : (tensor<1x4x12xf32>, tensor<8x12xf32>, tensor<8xf32>) -> tensor<1x4x8xf32>
  return %4 : tensor<1x4x8xf32>
}

// -----

// A table of all pixels differs from patch to patch.

// CHECK-LABEL: func @per_pixel(
// CHECK:         vitrail.binary add
func.func @per_pixel(%x: tensor<1x4x4x3xf32>) -> tensor<1x4x8xf32> {
  %s = vitrail.weight "s" position : tensor<4x4x3xf32>
  %w = vitrail.weight "w" matrix fan_in = 12 : tensor<8x12xf32>
  // expected-remark@below {{the table is not the same for all rows of a linear}}
  %0 = vitrail.binary add %x, %s : (tensor<1x4x4x3xf32>, tensor<4x4x3xf32>) -> tensor<1x4x4x3xf32>
  %1 = vitrail.rearrange %0 "b (h p) (w q) c -> b (h w) (p q c)" sizes = {p = 2 : i64, q = 2 : i64} : (tensor<1x4x4x3xf32>) -> tensor<1x4x12xf32>
  %2 = vitrail.linear %1, %w : (tensor<1x4x12xf32>, tensor<8x12xf32>) -> tensor<1x4x8xf32>
  return %2 : tensor<1x4x8xf32>
}

// -----

// Somebody else wants the normalized image.

// CHECK-LABEL: func @read_twice(
// CHECK:         vitrail.binary mul %{{.*}}, %{{.*}} : (tensor<1x4x4x3xf32>, tensor<3xf32>)
func.func @read_twice(%x: tensor<1x4x4x3xf32>) -> (tensor<1x4x8xf32>, tensor<1x4x12xf32>) {
  %g = vitrail.weight "g" gain : tensor<3xf32>
  %w = vitrail.weight "w" matrix fan_in = 12 : tensor<8x12xf32>
  // expected-remark@below {{the value is also read by}}
  %0 = vitrail.binary mul %x, %g : (tensor<1x4x4x3xf32>, tensor<3xf32>) -> tensor<1x4x4x3xf32>
  %1 = vitrail.rearrange %0 "b (h p) (w q) c -> b (h w) (p q c)" sizes = {p = 2 : i64, q = 2 : i64} : (tensor<1x4x4x3xf32>) -> tensor<1x4x12xf32>
  %2 = vitrail.linear %1, %w : (tensor<1x4x12xf32>, tensor<8x12xf32>) -> tensor<1x4x8xf32>
  %3 = vitrail.unary relu %1 : tensor<1x4x12xf32>
  return %2, %3 : tensor<1x4x8xf32>, tensor<1x4x12xf32>
}

// -----

// No linear reads it: nothing to say.

// CHECK-LABEL: func @others(
// CHECK:         vitrail.binary add
// CHECK:         vitrail.binary mul
func.func @others(%x: tensor<1x4x16xf32>) -> tensor<1x4x8xf32> {
  %s = vitrail.weight "s" bias : tensor<16xf32>
  %w = vitrail.weight "w" matrix fan_in = 16 : tensor<8x16xf32>
  %0 = vitrail.binary add %x, %s : (tensor<1x4x16xf32>, tensor<16xf32>) -> tensor<1x4x16xf32>
  %1 = vitrail.binary mul %0, %0 : (tensor<1x4x16xf32>, tensor<1x4x16xf32>) -> tensor<1x4x16xf32>
  %2 = vitrail.linear %1, %w : (tensor<1x4x16xf32>, tensor<8x16xf32>) -> tensor<1x4x8xf32>
  return %2 : tensor<1x4x8xf32>
}

// -----

// A batch norm in front of a 1x1 convolution and, through the mean of all places,
// of a classifier. Its tables have one element a channel, and stay so.

// CHECK-LABEL: func @batch_norm(
// CHECK-SAME:      %[[X:.*]]: tensor<1x4x4x8xf32>)
// CHECK-DAG:     %[[G:.*]] = vitrail.weight "g"
// CHECK-DAG:     %[[S:.*]] = vitrail.weight "s"
// CHECK-DAG:     %[[W:.*]] = vitrail.weight "w"
// CHECK-DAG:     %[[V:.*]] = vitrail.weight "v"
// CHECK:         %[[WS:.*]] = vitrail.einsum "nk,k->n" %[[W]], %[[S]]
// CHECK:         %[[W1:.*]] = vitrail.binary mul %[[W]], %[[G]]
// CHECK:         %[[Y:.*]] = vitrail.linear %[[X]], %[[W1]], %[[WS]]
// CHECK:         %[[M:.*]] = vitrail.reduce mean %[[X]] axes = [1, 2]
// CHECK:         %[[VS:.*]] = vitrail.einsum "nk,k->n" %[[V]], %[[S]]
// CHECK:         %[[V1:.*]] = vitrail.binary mul %[[V]], %[[G]]
// CHECK:         %[[Z:.*]] = vitrail.linear %[[M]], %[[V1]], %[[VS]]
// CHECK:         return %[[Y]], %[[Z]]
func.func @batch_norm(%x: tensor<1x4x4x8xf32>) -> (tensor<1x4x4x16xf32>, tensor<1x10xf32>) {
  %g = vitrail.weight "g" gain : tensor<8xf32>
  %s = vitrail.weight "s" bias : tensor<8xf32>
  %w = vitrail.weight "w" matrix fan_in = 8 : tensor<16x8xf32>
  %v = vitrail.weight "v" matrix fan_in = 8 : tensor<10x8xf32>
  // expected-remark@below {{factors folded into the weights of linears", linears=2, ops_saved=128}}
  %0 = vitrail.binary mul %x, %g : (tensor<1x4x4x8xf32>, tensor<8xf32>) -> tensor<1x4x4x8xf32>
  // expected-remark@below {{summands folded into the weights of linears", linears=2, ops_saved=128}}
  %1 = vitrail.binary add %0, %s : (tensor<1x4x4x8xf32>, tensor<8xf32>) -> tensor<1x4x4x8xf32>
  %y = vitrail.linear %1, %w : (tensor<1x4x4x8xf32>, tensor<16x8xf32>) -> tensor<1x4x4x16xf32>
  %m = vitrail.reduce mean %1 axes = [1, 2] : (tensor<1x4x4x8xf32>) -> tensor<1x8xf32>
  %z = vitrail.linear %m, %v : (tensor<1x8xf32>, tensor<10x8xf32>) -> tensor<1x10xf32>
  return %y, %z : tensor<1x4x4x16xf32>, tensor<1x10xf32>
}

// -----

// Zeros beyond the edge are zeros whatever the factor; each channel's is that of
// all its taps. A depthwise convolution takes what is in the map alone; where it
// does not look beyond, it also takes a summand, once for each tap.

// CHECK-LABEL: func @windows(
// CHECK-SAME:      %[[X:.*]]: tensor<1x4x4x8xf32>)
// CHECK-DAG:     %[[G:.*]] = vitrail.weight "g"
// CHECK-DAG:     %[[S:.*]] = vitrail.weight "s"
// CHECK-DAG:     %[[W:.*]] = vitrail.weight "w"
// CHECK-DAG:     %[[F:.*]] = vitrail.weight "f"
// CHECK:         %[[U:.*]] = vitrail.unfold %[[X]]
// CHECK:         %[[T:.*]] = vitrail.broadcast %[[G]] shape = [9, 8]
// CHECK:         %[[GT:.*]] = vitrail.rearrange %[[T]] "t c -> (t c)"
// CHECK:         %[[W1:.*]] = vitrail.binary mul %[[W]], %[[GT]]
// CHECK:         vitrail.linear %[[U]], %[[W1]] :
// CHECK:         %[[F1:.*]] = vitrail.binary mul %[[F]], %[[G]] : (tensor<3x3x8xf32>, tensor<8xf32>)
// CHECK:         vitrail.depthwise_conv %[[X]], %[[F1]] pads
// CHECK:         %[[FS:.*]] = vitrail.einsum "dec,c->c" %[[F]], %[[S]]
// CHECK:         vitrail.depthwise_conv %[[X]], %[[F]], %[[FS]] :
func.func @windows(%x: tensor<1x4x4x8xf32>) -> (tensor<1x4x4x16xf32>, tensor<1x4x4x8xf32>, tensor<1x2x2x8xf32>) {
  %g = vitrail.weight "g" gain : tensor<8xf32>
  %s = vitrail.weight "s" bias : tensor<8xf32>
  %w = vitrail.weight "w" matrix fan_in = 72 : tensor<16x72xf32>
  %f = vitrail.weight "f" matrix fan_in = 9 : tensor<3x3x8xf32>
  // expected-remark@below {{factors folded into the weights of linears", linears=2}}
  %0 = vitrail.binary mul %x, %g : (tensor<1x4x4x8xf32>, tensor<8xf32>) -> tensor<1x4x4x8xf32>
  %u = vitrail.unfold %0 kernel = [3, 3] pads = [1, 1, 1, 1] : (tensor<1x4x4x8xf32>) -> tensor<1x4x4x72xf32>
  %y = vitrail.linear %u, %w : (tensor<1x4x4x72xf32>, tensor<16x72xf32>) -> tensor<1x4x4x16xf32>
  %z = vitrail.depthwise_conv %0, %f pads = [1, 1, 1, 1] : (tensor<1x4x4x8xf32>, tensor<3x3x8xf32>) -> tensor<1x4x4x8xf32>
  // expected-remark@below {{summands folded into the weights of linears", linears=1}}
  %1 = vitrail.binary add %x, %s : (tensor<1x4x4x8xf32>, tensor<8xf32>) -> tensor<1x4x4x8xf32>
  %v = vitrail.depthwise_conv %1, %f : (tensor<1x4x4x8xf32>, tensor<3x3x8xf32>) -> tensor<1x2x2x8xf32>
  return %y, %z, %v : tensor<1x4x4x16xf32>, tensor<1x4x4x8xf32>, tensor<1x2x2x8xf32>
}

// -----

// A summand is not added to zeros beyond the edge; a maximum is not that of
// products, if a factor is negative.

// CHECK-LABEL: func @beyond(
// CHECK-COUNT-2: vitrail.binary add
// CHECK:         vitrail.binary mul
func.func @beyond(%x: tensor<1x4x4x8xf32>) -> (tensor<1x4x4x16xf32>, tensor<1x4x4x8xf32>, tensor<1x2x2x16xf32>) {
  %s = vitrail.weight "s" bias : tensor<8xf32>
  %w = vitrail.weight "w" matrix fan_in = 72 : tensor<16x72xf32>
  %v = vitrail.weight "v" matrix fan_in = 8 : tensor<16x8xf32>
  %f = vitrail.weight "f" matrix fan_in = 9 : tensor<3x3x8xf32>
  // expected-remark@below {{windows reach beyond the edge of the map, where nothing is added to the zeros}}
  %0 = vitrail.binary add %x, %s : (tensor<1x4x4x8xf32>, tensor<8xf32>) -> tensor<1x4x4x8xf32>
  %u = vitrail.unfold %0 kernel = [3, 3] pads = [1, 1, 1, 1] : (tensor<1x4x4x8xf32>) -> tensor<1x4x4x72xf32>
  %y = vitrail.linear %u, %w : (tensor<1x4x4x72xf32>, tensor<16x72xf32>) -> tensor<1x4x4x16xf32>
  // expected-remark@below {{windows reach beyond the edge of the map}}
  %1 = vitrail.binary add %s, %x : (tensor<8xf32>, tensor<1x4x4x8xf32>) -> tensor<1x4x4x8xf32>
  %z = vitrail.depthwise_conv %1, %f pads = [1, 1, 1, 1] : (tensor<1x4x4x8xf32>, tensor<3x3x8xf32>) -> tensor<1x4x4x8xf32>
  // expected-remark@below {{it does not commute with the pooling behind it}}
  %2 = vitrail.binary mul %x, %s : (tensor<1x4x4x8xf32>, tensor<8xf32>) -> tensor<1x4x4x8xf32>
  %p = vitrail.pool max %2 kernel = [3, 3] : (tensor<1x4x4x8xf32>) -> tensor<1x2x2x8xf32>
  %a = vitrail.linear %p, %v : (tensor<1x2x2x8xf32>, tensor<16x8xf32>) -> tensor<1x2x2x16xf32>
  return %y, %z, %a : tensor<1x4x4x16xf32>, tensor<1x4x4x8xf32>, tensor<1x2x2x16xf32>
}

// -----

// A part of the features has a part of the table; a positional table has a mean.

// CHECK-LABEL: func @parts(
// CHECK-DAG:     %[[G:.*]] = vitrail.weight "g"
// CHECK-DAG:     %[[P:.*]] = vitrail.weight "p"
// CHECK:         %[[G0:.*]] = vitrail.broadcast %[[G]] shape = [1, 4, 8]
// CHECK:         %[[G1:.*]] = vitrail.slice %[[G0]] offsets = [0, 0, 2] sizes = [1, 4, 4]
// CHECK:         %[[G2:.*]] = vitrail.slice %[[G1]] offsets = [0, 0, 0] sizes = [1, 1, 4]
// CHECK:         vitrail.rearrange %[[G2]] "1 1 n -> n"
// CHECK:         %[[P0:.*]] = vitrail.broadcast %[[P]] shape = [1, 4, 8]
// CHECK:         %[[P1:.*]] = vitrail.reduce mean %[[P0]] axes = [1]
func.func @parts(%x: tensor<1x4x8xf32>) -> (tensor<1x4x16xf32>, tensor<1x10xf32>) {
  %g = vitrail.weight "g" gain : tensor<8xf32>
  %p = vitrail.weight "p" position : tensor<4x8xf32>
  %w = vitrail.weight "w" matrix fan_in = 4 : tensor<16x4xf32>
  %v = vitrail.weight "v" matrix fan_in = 8 : tensor<10x8xf32>
  // expected-remark@below {{factors folded}}
  %0 = vitrail.binary div %x, %g : (tensor<1x4x8xf32>, tensor<8xf32>) -> tensor<1x4x8xf32>
  %1 = vitrail.slice %0 offsets = [0, 0, 2] sizes = [1, 4, 4] : (tensor<1x4x8xf32>) -> tensor<1x4x4xf32>
  %y = vitrail.linear %1, %w : (tensor<1x4x4xf32>, tensor<16x4xf32>) -> tensor<1x4x16xf32>
  // expected-remark@below {{summands folded}}
  %2 = vitrail.binary add %x, %p : (tensor<1x4x8xf32>, tensor<4x8xf32>) -> tensor<1x4x8xf32>
  %m = vitrail.reduce mean %2 axes = [1] : (tensor<1x4x8xf32>) -> tensor<1x8xf32>
  %z = vitrail.linear %m, %v : (tensor<1x8xf32>, tensor<10x8xf32>) -> tensor<1x10xf32>
  return %y, %z : tensor<1x4x16xf32>, tensor<1x10xf32>
}
