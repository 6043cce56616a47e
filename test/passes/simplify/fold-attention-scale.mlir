// RUN: vitrail-opt %s --split-input-file --verify-diagnostics \
// RUN:   --pass-pipeline='builtin.module(func.func(vitrail-fold-attention-scale))' \
// RUN:   --remarks-filter=simplify --remark-policy=all --remark-format=emitRemark \
// RUN:   | FileCheck %s

// 0.25·log2(e) is no f32: it is the sum of its nearest f32 and two corrections.

// CHECK-LABEL: func @scale(
// CHECK-SAME:      %[[X:.*]]: tensor<1x4x16xf32>)
// CHECK-DAG:     %[[W:.*]] = vitrail.weight "w"
// CHECK-DAG:     %[[B:.*]] = vitrail.weight "b"
// CHECK:         %[[C0:.*]] = arith.constant dense<0.360673755> : tensor<f32>
// CHECK:         %[[C1:.*]] = arith.constant dense<4.81490758E-9> : tensor<f32>
// CHECK:         %[[S1:.*]] = vitrail.binary add %[[C0]], %[[C1]]
// CHECK:         %[[C2:.*]] = arith.constant dense<-1.11022302E-16> : tensor<f32>
// CHECK:         %[[F:.*]] = vitrail.binary add %[[S1]], %[[C2]] : (tensor<f32>, tensor<f32>) -> tensor<f32>
// CHECK:         %[[W1:.*]] = vitrail.binary mul %[[W]], %[[F]] : (tensor<16x16xf32>, tensor<f32>) -> tensor<16x16xf32>
// CHECK:         %[[B1:.*]] = vitrail.binary mul %[[B]], %[[F]] : (tensor<16xf32>, tensor<f32>) -> tensor<16xf32>
// CHECK:         %[[Q:.*]] = vitrail.linear %[[X]], %[[W1]], %[[B1]]
// CHECK:         %[[R:.*]] = vitrail.slice %[[Q]]
// CHECK:         vitrail.attention %[[R]], %[[X]], %[[X]] heads = 2 scale = 1.000000e+00 base2
func.func @scale(%x: tensor<1x4x16xf32>) -> tensor<1x2x16xf32> {
  %w = vitrail.weight "w" matrix fan_in = 16 : tensor<16x16xf32>
  %b = vitrail.weight "b" bias : tensor<16xf32>
  %q = vitrail.linear %x, %w, %b : (tensor<1x4x16xf32>, tensor<16x16xf32>, tensor<16xf32>) -> tensor<1x4x16xf32>
  %s = vitrail.slice %q offsets = [0, 0, 0] sizes = [1, 2, 16] : (tensor<1x4x16xf32>) -> tensor<1x2x16xf32>
  // expected-remark@below {{scale and log2(e) folded into the query's linear", ops_saved=16}}
  %a = vitrail.attention %s, %x, %x heads = 2 scale = 0.25 : (tensor<1x2x16xf32>, tensor<1x4x16xf32>, tensor<1x4x16xf32>) -> tensor<1x2x16xf32>
  return %a : tensor<1x2x16xf32>
}

// -----

// A frozen table of scores is multiplied by log2(e); one that is computed at run
// time keeps the base at e, and the scale alone is folded.

// CHECK-LABEL: func @tables(
// CHECK-SAME:      %[[X:.*]]: tensor<1x4x16xf32>, %[[U:.*]]: tensor<2x4x4xf32>)
// CHECK:         %[[T:.*]] = vitrail.weight "t"
// CHECK:         %[[T1:.*]] = vitrail.binary mul %[[T]], %{{.*}} : (tensor<2x4x4xf32>, tensor<f32>) -> tensor<2x4x4xf32>
// CHECK:         vitrail.attention %{{.*}} bias %[[T1]] heads = 2 scale = 1.000000e+00 base2
// CHECK:         %[[C:.*]] = arith.constant dense<2.500000e-01>
// CHECK:         %[[W1:.*]] = vitrail.binary mul %{{.*}}, %[[C]]
// CHECK:         %[[P:.*]] = vitrail.linear %[[X]], %[[W1]] :
// CHECK:         vitrail.attention %[[P]], %{{.*}} bias %[[U]] heads = 2 scale = 1.000000e+00 :
func.func @tables(%x: tensor<1x4x16xf32>, %u: tensor<2x4x4xf32>) -> (tensor<1x4x16xf32>, tensor<1x4x16xf32>) {
  %w = vitrail.weight "w" matrix fan_in = 16 : tensor<16x16xf32>
  %t = vitrail.weight "t" position : tensor<2x4x4xf32>
  %q = vitrail.linear %x, %w : (tensor<1x4x16xf32>, tensor<16x16xf32>) -> tensor<1x4x16xf32>
  // expected-remark@below {{scale and log2(e) folded}}
  %a = vitrail.attention %q, %x, %x bias %t heads = 2 scale = 0.25 : (tensor<1x4x16xf32>, tensor<1x4x16xf32>, tensor<1x4x16xf32>, tensor<2x4x4xf32>) -> tensor<1x4x16xf32>
  %p = vitrail.linear %x, %w : (tensor<1x4x16xf32>, tensor<16x16xf32>) -> tensor<1x4x16xf32>
  // expected-remark@below {{Remark="scale folded into the query's linear"}}
  %b = vitrail.attention %p, %x, %x bias %u heads = 2 scale = 0.25 : (tensor<1x4x16xf32>, tensor<1x4x16xf32>, tensor<1x4x16xf32>, tensor<2x4x4xf32>) -> tensor<1x4x16xf32>
  return %a, %b : tensor<1x4x16xf32>, tensor<1x4x16xf32>
}

// -----

// Base 2 with a scale loses the scale only; without one there is nothing to do.

// CHECK-LABEL: func @base2(
// CHECK:         %[[C:.*]] = arith.constant dense<2.500000e-01>
// CHECK:         vitrail.binary mul %{{.*}}, %[[C]]
// CHECK:         vitrail.attention %{{.*}} scale = 1.000000e+00 base2
// CHECK:         vitrail.attention %{{.*}} scale = 1.000000e+00 base2
func.func @base2(%x: tensor<1x4x16xf32>) -> tensor<1x4x16xf32> {
  %w = vitrail.weight "w" matrix fan_in = 16 : tensor<16x16xf32>
  %q = vitrail.linear %x, %w : (tensor<1x4x16xf32>, tensor<16x16xf32>) -> tensor<1x4x16xf32>
  // expected-remark@below {{Remark="scale folded into the query's linear"}}
  %a = vitrail.attention %q, %x, %x heads = 2 scale = 0.25 base2 : (tensor<1x4x16xf32>, tensor<1x4x16xf32>, tensor<1x4x16xf32>) -> tensor<1x4x16xf32>
  %p = vitrail.linear %a, %w : (tensor<1x4x16xf32>, tensor<16x16xf32>) -> tensor<1x4x16xf32>
  %b = vitrail.attention %p, %x, %x heads = 2 scale = 1.0 base2 : (tensor<1x4x16xf32>, tensor<1x4x16xf32>, tensor<1x4x16xf32>) -> tensor<1x4x16xf32>
  return %b : tensor<1x4x16xf32>
}

// -----

// A depthwise convolution makes the query, as in EfficientViT (arXiv 2305.07027).

// CHECK-LABEL: func @depthwise(
// CHECK-DAG:     %[[F:.*]] = vitrail.weight "f"
// CHECK-DAG:     %[[B:.*]] = vitrail.weight "b"
// CHECK:         %[[F1:.*]] = vitrail.binary mul %[[F]], %[[C:.*]] : (tensor<3x3x16xf32>, tensor<f32>)
// CHECK:         %[[B1:.*]] = vitrail.binary mul %[[B]], %[[C]]
// CHECK:         vitrail.depthwise_conv %{{.*}}, %[[F1]], %[[B1]]
// CHECK:         vitrail.attention {{.*}} scale = 1.000000e+00 base2
func.func @depthwise(%x: tensor<1x2x2x16xf32>) -> tensor<1x4x16xf32> {
  %f = vitrail.weight "f" matrix fan_in = 9 : tensor<3x3x16xf32>
  %b = vitrail.weight "b" bias : tensor<16xf32>
  %c = vitrail.depthwise_conv %x, %f, %b pads = [1, 1, 1, 1] : (tensor<1x2x2x16xf32>, tensor<3x3x16xf32>, tensor<16xf32>) -> tensor<1x2x2x16xf32>
  %q = vitrail.rearrange %c "b h w c -> b (h w) c" : (tensor<1x2x2x16xf32>) -> tensor<1x4x16xf32>
  %k = vitrail.rearrange %x "b h w c -> b (h w) c" : (tensor<1x2x2x16xf32>) -> tensor<1x4x16xf32>
  // expected-remark@below {{scale and log2(e) folded into the query's linear}}
  %a = vitrail.attention %q, %k, %k heads = 1 scale = 0.25 : (tensor<1x4x16xf32>, tensor<1x4x16xf32>, tensor<1x4x16xf32>) -> tensor<1x4x16xf32>
  return %a : tensor<1x4x16xf32>
}

// -----

// CHECK-LABEL: func @not(
// CHECK-COUNT-3: scale = 2.500000e-01 :
func.func @not(%x: tensor<1x4x16xf32>, %m: tensor<16x16xf32>) -> (tensor<1x4x16xf32>, tensor<1x4x16xf32>, tensor<1x4x16xf32>) {
  %w = vitrail.weight "w" matrix fan_in = 16 : tensor<16x16xf32>
  %q = vitrail.linear %x, %w : (tensor<1x4x16xf32>, tensor<16x16xf32>) -> tensor<1x4x16xf32>
  // expected-remark@below {{the linear of the query is not read by this mixer alone}}
  %a = vitrail.attention %q, %q, %x heads = 2 scale = 0.25 : (tensor<1x4x16xf32>, tensor<1x4x16xf32>, tensor<1x4x16xf32>) -> tensor<1x4x16xf32>
  // expected-remark@below {{[Missed] fold-attention-scale | Category:simplify | Function=not | Reason="the query is not the result of a linear"}}
  %b = vitrail.attention %x, %x, %x heads = 2 scale = 0.25 : (tensor<1x4x16xf32>, tensor<1x4x16xf32>, tensor<1x4x16xf32>) -> tensor<1x4x16xf32>
  %p = vitrail.linear %x, %m : (tensor<1x4x16xf32>, tensor<16x16xf32>) -> tensor<1x4x16xf32>
  // expected-remark@below {{the weight of the query's linear is computed at run time}}
  %c = vitrail.attention %p, %x, %x heads = 2 scale = 0.25 : (tensor<1x4x16xf32>, tensor<1x4x16xf32>, tensor<1x4x16xf32>) -> tensor<1x4x16xf32>
  return %a, %b, %c : tensor<1x4x16xf32>, tensor<1x4x16xf32>, tensor<1x4x16xf32>
}
