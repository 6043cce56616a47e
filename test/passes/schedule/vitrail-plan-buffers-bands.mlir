// RUN: vitrail-opt %s --vitrail-plan-buffers | FileCheck %s

// What a segment touches stays until it ends: where "a" reads, threads that are
// behind may still read while others are with "c". Of values in a row, two places
// would do otherwise, as behind the segment.

// CHECK:       func private @unary_1({{.*}} attributes {vitrail.kernel, vitrail.units = 4 : i64}
// CHECK:       func private @unary_2({{.*}} attributes {vitrail.kernel}
// CHECK:       %[[T:.*]] = vitrail.buffer arena[0] : memref<1x8x16xf32>
// CHECK-NEXT:  vitrail.launch @unary_0 "start"(%{{.*}}, %[[T]])
// CHECK:       %[[A:.*]] = vitrail.buffer arena[0] offset = 512
// CHECK-NEXT:  vitrail.launch @unary_1 "a"(%{{.*}}, %[[A]]) {{.*}} {vitrail.bands = {own = array<i64: 0>, segment = 0 : i64, units = 4 : i64}}
// CHECK:       %[[B:.*]] = vitrail.buffer arena[0] offset = 1024
// CHECK-NEXT:  vitrail.launch @unary_1 "b"(%{{.*}}, %[[B]])
// CHECK:       %[[C:.*]] = vitrail.buffer arena[0] offset = 1536
// CHECK-NEXT:  vitrail.launch @unary_1 "c"(%{{.*}}, %[[C]])
// CHECK:       %[[D:.*]] = vitrail.buffer arena[0] : memref<1x8x16xf32>
// CHECK-NEXT:  vitrail.launch @unary_2 "d"(%{{.*}}, %[[D]])
func.func @main(%x: tensor<8x16xf32> {vitrail.name = "x"}) -> (tensor<8x16xf32> {vitrail.name = "y"}) {
  %t = vitrail.region "start"(%i = %x : tensor<8x16xf32>) -> tensor<8x16xf32> {
    %0 = vitrail.unary neg %i : tensor<8x16xf32>
    vitrail.yield %0 : tensor<8x16xf32>
  }
  %a = vitrail.region "a"(%i = %t : tensor<8x16xf32>) -> tensor<8x16xf32> {
    %0 = vitrail.unary relu %i : tensor<8x16xf32>
    vitrail.yield %0 : tensor<8x16xf32>
  } {vitrail.bands = {segment = 0 : i64, units = 4 : i64, own = array<i64: 0>}}
  %b = vitrail.region "b"(%i = %a : tensor<8x16xf32>) -> tensor<8x16xf32> {
    %0 = vitrail.unary relu %i : tensor<8x16xf32>
    vitrail.yield %0 : tensor<8x16xf32>
  } {vitrail.bands = {segment = 0 : i64, units = 4 : i64, own = array<i64: 0>}}
  %c = vitrail.region "c"(%i = %b : tensor<8x16xf32>) -> tensor<8x16xf32> {
    %0 = vitrail.unary relu %i : tensor<8x16xf32>
    vitrail.yield %0 : tensor<8x16xf32>
  } {vitrail.bands = {segment = 0 : i64, units = 4 : i64, own = array<i64: 0>}}
  %d = vitrail.region "d"(%i = %c : tensor<8x16xf32>) -> tensor<8x16xf32> {
    %0 = vitrail.unary relu %i : tensor<8x16xf32>
    vitrail.yield %0 : tensor<8x16xf32>
  }
  %y = vitrail.region "end"(%i = %d : tensor<8x16xf32>) -> tensor<8x16xf32> {
    %0 = vitrail.unary neg %i : tensor<8x16xf32>
    vitrail.yield %0 : tensor<8x16xf32>
  }
  return %y : tensor<8x16xf32>
}
