// RUN: vitrail-opt %s --split-input-file --verify-diagnostics \
// RUN:   --pass-pipeline='builtin.module(func.func(vitrail-split-mixer-bias))' \
// RUN:   --remarks-filter=simplify --remark-policy=all --remark-format=emitRemark \
// RUN:   | FileCheck %s

// Three by three shifted windows of Swin: four share the relative positions, two
// have a mask for columns, two one for rows, and one both. Each mixer reads a table
// for one window; what scales all of it scales these.

// CHECK-LABEL: func @shifted(
// CHECK-SAME:      %[[Q:.*]]: tensor<2x3x3x4x16xf32>, %[[K:.*]]: tensor<2x3x3x4x16xf32>, %[[V:.*]]: tensor<2x3x3x4x16xf32>)
// CHECK-DAG:     %[[B:.*]] = vitrail.weight "b"
// CHECK-DAG:     %[[M:.*]] = vitrail.weight "m"
// CHECK-DAG:     %[[N:.*]] = vitrail.weight "n"
// CHECK-DAG:     %[[C:.*]] = vitrail.weight "c"
// CHECK:         %[[B0:.*]] = vitrail.binary mul %[[B]], %[[C]] : (tensor<2x4x4xf32>, tensor<f32>)
// CHECK:         %[[BM:.*]] = vitrail.binary add %[[B]], %[[M]] : (tensor<2x4x4xf32>, tensor<4x4xf32>)
// CHECK:         %[[B1:.*]] = vitrail.binary mul %[[BM]], %[[C]] : (tensor<2x4x4xf32>, tensor<f32>)
// CHECK:         %[[Q0:.*]] = vitrail.slice %[[Q]] offsets = [0, 0, 0, 0, 0] sizes = [2, 2, 2, 4, 16]
// CHECK:         %[[K0:.*]] = vitrail.slice %[[K]] offsets = [0, 0, 0, 0, 0] sizes = [2, 2, 2, 4, 16]
// CHECK:         %[[V0:.*]] = vitrail.slice %[[V]] offsets = [0, 0, 0, 0, 0] sizes = [2, 2, 2, 4, 16]
// CHECK:         %[[A0:.*]] = vitrail.attention %[[Q0]], %[[K0]], %[[V0]] bias %[[B0]] heads = 2 scale = 1.000000e+00 base2 : {{.*}} -> tensor<2x2x2x4x16xf32>
// CHECK:         %[[Q1:.*]] = vitrail.slice %[[Q]] offsets = [0, 0, 2, 0, 0] sizes = [2, 2, 1, 4, 16]
// CHECK:         %[[A1:.*]] = vitrail.attention %[[Q1]], %{{.*}}, %{{.*}} bias %[[B1]] {{.*}} -> tensor<2x2x1x4x16xf32>
// CHECK:         %[[Q2:.*]] = vitrail.slice %[[Q]] offsets = [0, 2, 0, 0, 0] sizes = [2, 1, 2, 4, 16]
// CHECK:         %[[A2:.*]] = vitrail.attention %[[Q2]], {{.*}} -> tensor<2x1x2x4x16xf32>
// CHECK:         %[[Q3:.*]] = vitrail.slice %[[Q]] offsets = [0, 2, 2, 0, 0] sizes = [2, 1, 1, 4, 16]
// CHECK:         %[[A3:.*]] = vitrail.attention %[[Q3]], {{.*}} -> tensor<2x1x1x4x16xf32>
// CHECK:         %[[UP:.*]] = vitrail.concat %[[A0]], %[[A1]] axis = 2
// CHECK:         %[[DOWN:.*]] = vitrail.concat %[[A2]], %[[A3]] axis = 2
// CHECK:         %[[Y:.*]] = vitrail.concat %[[UP]], %[[DOWN]] axis = 1
// CHECK:         return %[[Y]]
func.func @shifted(%q: tensor<2x3x3x4x16xf32>, %k: tensor<2x3x3x4x16xf32>, %v: tensor<2x3x3x4x16xf32>) -> tensor<2x3x3x4x16xf32> {
  %b = vitrail.weight "b" position : tensor<2x4x4xf32>
  %m = vitrail.weight "m" position : tensor<4x4xf32>
  %n = vitrail.weight "n" position : tensor<4x4xf32>
  %c = vitrail.weight "c" layer_scale : tensor<f32>
  %inner = vitrail.broadcast %b shape = [2, 2, 4, 4] : (tensor<2x4x4xf32>) -> tensor<2x2x4x4xf32>
  %bm = vitrail.binary add %b, %m : (tensor<2x4x4xf32>, tensor<4x4xf32>) -> tensor<2x4x4xf32>
  %outer = vitrail.broadcast %bm shape = [1, 2, 4, 4] : (tensor<2x4x4xf32>) -> tensor<1x2x4x4xf32>
  %row = vitrail.concat %inner, %outer axis = 0 : (tensor<2x2x4x4xf32>, tensor<1x2x4x4xf32>) -> tensor<3x2x4x4xf32>
  %last = vitrail.binary add %row, %n : (tensor<3x2x4x4xf32>, tensor<4x4xf32>) -> tensor<3x2x4x4xf32>
  %up = vitrail.broadcast %row shape = [2, 3, 2, 4, 4] : (tensor<3x2x4x4xf32>) -> tensor<2x3x2x4x4xf32>
  %down = vitrail.broadcast %last shape = [1, 3, 2, 4, 4] : (tensor<3x2x4x4xf32>) -> tensor<1x3x2x4x4xf32>
  %all = vitrail.concat %up, %down axis = 0 : (tensor<2x3x2x4x4xf32>, tensor<1x3x2x4x4xf32>) -> tensor<3x3x2x4x4xf32>
  %scaled = vitrail.binary mul %all, %c : (tensor<3x3x2x4x4xf32>, tensor<f32>) -> tensor<3x3x2x4x4xf32>
  // expected-remark@below {{4 mixers, each with what is added to its own scores", bytes_saved=640}}
  %y = vitrail.attention %q, %k, %v bias %scaled heads = 2 scale = 1.0 base2 : (tensor<2x3x3x4x16xf32>, tensor<2x3x3x4x16xf32>, tensor<2x3x3x4x16xf32>, tensor<3x3x2x4x4xf32>) -> tensor<2x3x3x4x16xf32>
  return %y : tensor<2x3x3x4x16xf32>
}

// -----

// All windows have a table of their own; all windows have one table; and a table
// that comes in is unknown.

// CHECK-LABEL: func @not(
// CHECK-COUNT-3: vitrail.attention {{.*}} -> tensor<2x4x16xf32>
func.func @not(%x: tensor<2x4x16xf32>, %t: tensor<1x1x4x4xf32>) -> (tensor<2x4x16xf32>, tensor<2x4x16xf32>, tensor<2x4x16xf32>) {
  %a = vitrail.weight "a" position : tensor<1x1x4x4xf32>
  %b = vitrail.weight "b" position : tensor<1x1x4x4xf32>
  %ab = vitrail.concat %a, %b axis = 0 : (tensor<1x1x4x4xf32>, tensor<1x1x4x4xf32>) -> tensor<2x1x4x4xf32>
  // expected-remark@below {{of 2 parts of what is added to the scores, none is repeated}}
  %0 = vitrail.attention %x, %x, %x bias %ab heads = 1 scale = 1.0 : (tensor<2x4x16xf32>, tensor<2x4x16xf32>, tensor<2x4x16xf32>, tensor<2x1x4x4xf32>) -> tensor<2x4x16xf32>
  %1 = vitrail.attention %x, %x, %x bias %a heads = 1 scale = 1.0 : (tensor<2x4x16xf32>, tensor<2x4x16xf32>, tensor<2x4x16xf32>, tensor<1x1x4x4xf32>) -> tensor<2x4x16xf32>
  %at = vitrail.concat %a, %t axis = 0 : (tensor<1x1x4x4xf32>, tensor<1x1x4x4xf32>) -> tensor<2x1x4x4xf32>
  %2 = vitrail.attention %x, %x, %x bias %at heads = 1 scale = 1.0 : (tensor<2x4x16xf32>, tensor<2x4x16xf32>, tensor<2x4x16xf32>, tensor<2x1x4x4xf32>) -> tensor<2x4x16xf32>
  return %0, %1, %2 : tensor<2x4x16xf32>, tensor<2x4x16xf32>, tensor<2x4x16xf32>
}
