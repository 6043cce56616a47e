// RUN: vitrail-opt %s -split-input-file -verify-diagnostics

func.func @f(%x: tensor<4xf32>) {
  // expected-error@+1 {{'vitrail.region' op body's arguments must have the types of the operands, ('tensor<4xf32>'), got ('tensor<5xf32>')}}
  %0 = "vitrail.region"(%x) <{name = "r"}> ({
  ^bb0(%a: tensor<5xf32>):
    vitrail.yield %a : tensor<5xf32>
  }) : (tensor<4xf32>) -> tensor<5xf32>
  return
}

// -----

func.func @f(%x: tensor<4xf32>) {
  %0 = vitrail.region "r"(%a = %x : tensor<4xf32>) -> tensor<5xf32> {
    // expected-error@+1 {{'vitrail.yield' op must yield the region's result of type 'tensor<5xf32>', got 'tensor<4xf32>'}}
    vitrail.yield %a : tensor<4xf32>
  }
  return
}

// -----

func.func @f(%x: tensor<4xf32>) {
  %0 = vitrail.region "r"(%a = %x : tensor<4xf32>) -> tensor<4xf32> {
    // expected-error@+1 {{'vitrail.yield' op must yield the region's result of type 'tensor<4xf32>', got nothing}}
    vitrail.yield
  }
  return
}

// -----

func.func @f(%x: tensor<4xf32>) {
  // expected-note@+1 {{required by region isolation constraints}}
  %0 = vitrail.region "r"(%a = %x : tensor<4xf32>) -> tensor<4xf32> {
    // expected-error@+1 {{'vitrail.unary' op using value defined outside the region}}
    %1 = vitrail.unary relu %x : tensor<4xf32>
    vitrail.yield %1 : tensor<4xf32>
  }
  return
}

// -----

func.func @f(%x: tensor<4xf32>) {
  // expected-error@+1 {{'vitrail.region' op expects a non-empty block}}
  %0 = vitrail.region "r"(%a = %x : tensor<4xf32>) -> tensor<4xf32> {
  }
  return
}

// -----

func.func @f() {
  // expected-error@+1 {{custom op 'vitrail.buffer' expected string or keyword containing one of the following enum values for attribute 'space' [arena, frozen, input, output]}}
  %0 = vitrail.buffer stack[0] : memref<4xf32>
  return
}

// -----

func.func @f(%b: memref<2x2x16xf32>) {
  // expected-error@+1 {{'vitrail.read' op axis 2 is not an axis of [2, 20]; axes count from 0 to 1}}
  %0 = vitrail.read %b axis = 2 : memref<2x2x16xf32> -> tensor<2x20xf32>
  return
}

// -----

func.func @f(%b: memref<3x2x16xf32>) {
  // expected-error@+1 {{'vitrail.read' op a tensor [2, 20] lies in a buffer of [2, 2, 16], got [3, 2, 16]}}
  %0 = vitrail.read %b axis = 1 : memref<3x2x16xf32> -> tensor<2x20xf32>
  return
}

// -----

func.func @f(%b: memref<2x2x16xf32>) {
  // expected-error@+1 {{'vitrail.read' op a tensor [2, 20] lies in a buffer of [1, 2, 64], got [2, 2, 16]}}
  %0 = vitrail.read %b axis = 1 width = 64 : memref<2x2x16xf32> -> tensor<2x20xf32>
  return
}

// -----

func.func @f(%b: memref<2x2x16xf32>) {
  // expected-error@+1 {{'vitrail.read' op width must be at least 1, got 0}}
  %0 = vitrail.read %b axis = 1 width = 0 : memref<2x2x16xf32> -> tensor<2x20xf32>
  return
}

// -----

func.func @f(%b: memref<2x20xf32>) {
  // expected-error@+1 {{'vitrail.read' op a row-major buffer has no panels; got width = 64}}
  %0 = vitrail.read %b axis = 1 rows width = 64 : memref<2x20xf32> -> tensor<2x20xf32>
  return
}

// -----

func.func @f(%x: tensor<2x20xf32>, %b: memref<2x2x16xf32>) {
  // expected-error@+1 {{'vitrail.write' op a tensor [2, 20] lies in a buffer of [2, 20], got [2, 2, 16]}}
  vitrail.write %x, %b axis = 1 rows : tensor<2x20xf32> -> memref<2x2x16xf32>
  return
}

// -----

func.func @f(%b: memref<2x20xf64>) {
  // expected-error@+1 {{'vitrail.read' op a tensor of 'f32' lies in a buffer of 'f32' or is read of one of i8, got 'f64'}}
  %0 = vitrail.read %b axis = 1 rows : memref<2x20xf64> -> tensor<2x20xf32>
  return
}

// -----

func.func @f(%x: tensor<2x20xf32>, %b: memref<2x20xi8>) {
  // expected-error@+1 {{'vitrail.write' op a tensor of 'f32' lies in a buffer of 'f32', got 'i8'}}
  vitrail.write %x, %b axis = 1 rows : tensor<2x20xf32> -> memref<2x20xi8>
  return
}
