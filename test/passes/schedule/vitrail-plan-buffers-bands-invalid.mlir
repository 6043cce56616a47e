// RUN: vitrail-opt %s --verify-diagnostics --vitrail-plan-buffers

func.func @main(%x: tensor<8x16xf32> {vitrail.name = "x"}) -> (tensor<8x16xf32> {vitrail.name = "y"}) {
  // expected-error @below {{vitrail.bands must have the numbers segment, at least 0, and units, at least 1, and the array own, not {own = array<i64: 0>, segment = 0 : i64, units = 0 : i64}}}
  %y = vitrail.region "a"(%i = %x : tensor<8x16xf32>) -> tensor<8x16xf32> {
    %0 = vitrail.unary relu %i : tensor<8x16xf32>
    vitrail.yield %0 : tensor<8x16xf32>
  } {vitrail.bands = {segment = 0 : i64, units = 0 : i64, own = array<i64: 0>}}
  return %y : tensor<8x16xf32>
}
