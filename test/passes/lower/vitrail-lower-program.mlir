// RUN: vitrail-opt %s --split-input-file --verify-diagnostics \
// RUN:   --pass-pipeline='builtin.module(vitrail-lower-program)' | FileCheck %s

// Ports, arena, scratch and frozen store are bytes; buffers are views at constant
// offsets, strided ones shapes on a dense line. Frozen results begin at multiples
// of 64 bytes. Kernels are internal.

// CHECK:       module attributes
// CHECK-SAME:    vitrail.frozen_bytes = 384
// CHECK-SAME:    vitrail.frozen_offsets = array<i64: 0, 320>
// CHECK-NOT:   vitrail.weight
// CHECK:       func private @vitrail_barrier(!llvm.ptr)
// CHECK:       func private @copy({{.*}} attributes {llvm.linkage = #llvm.linkage<internal>
// CHECK-NOT:   @freeze
// CHECK:       func @main(%[[X:.*]]: memref<128xi8>, %[[Y:.*]]: memref<128xi8>, %[[ARENA:.*]]: memref<768xi8>, %[[SCRATCH:.*]]: memref<64xi8>, %[[FROZEN:.*]]: memref<384xi8>, %[[THREAD:.*]]: index, %[[THREADS:.*]]: index, %[[TEAM:.*]]: !llvm.ptr)

// Every thread tells a profile when it begins a launch.
// CHECK:         %[[FLAG:.*]] = llvm.load %[[TEAM]]
// CHECK:         %[[PROFILING:.*]] = arith.cmpi ne, %[[FLAG]]
// CHECK:         scf.if %[[PROFILING]] {
// CHECK:           %[[NUMBER:.*]] = arith.constant 0 : i64
// CHECK:           call @vitrail_profile_region(%[[TEAM]], %[[NUMBER]])
// CHECK:         %[[VX:.*]] = memref.view %[[X]][%c0{{.*}}][] : memref<128xi8> to memref<2x16xf32>
// CHECK:         %[[LINE:.*]] = memref.view %[[ARENA]][%c64{{.*}}][] : memref<768xi8> to memref<48xf32>
// CHECK:         %[[VA:.*]] = memref.reinterpret_cast %[[LINE]] to offset: [0], sizes: [2, 16], strides: [32, 1]
// CHECK:         %[[VS:.*]] = memref.view %[[SCRATCH]][%{{.*}}][] : memref<64xi8> to memref<16xf32>
// CHECK:         call @copy(%[[VX]], %[[VA]], %[[VS]], %[[THREAD]], %[[THREADS]])
// CHECK-NEXT:    call @vitrail_barrier(%[[TEAM]])
// CHECK:         arith.constant 1 : i64
// CHECK:         %[[VW:.*]] = memref.view %[[FROZEN]][%c320{{.*}}][] : memref<384xi8> to memref<1x16xf32>
// CHECK:         %[[VY:.*]] = memref.view %[[Y]]
// CHECK:         call @add(%{{.*}}, %[[VW]], %[[VY]], %{{.*}}, %[[THREAD]], %[[THREADS]])
// CHECK-NEXT:    return
module attributes {vitrail.arena_bytes = 768 : i64, vitrail.scratch_bytes = 64 : i64} {
  func.func private @copy(%a: memref<2x16xf32>, %b: memref<2x16xf32, strided<[32, 1]>>, %s: memref<16xf32>, %thread: index, %threads: index) attributes {vitrail.kernel} {
    return
  }
  func.func private @add(%a: memref<2x16xf32, strided<[32, 1]>>, %w: memref<1x16xf32>, %b: memref<2x16xf32>, %s: memref<1xf32>, %thread: index, %threads: index) attributes {vitrail.kernel} {
    return
  }
  func.func @freeze() -> (tensor<1x5x16xf32>, tensor<1x16xf32>) {
    %0 = vitrail.weight "v" position : tensor<5x16xf32>
    %1 = vitrail.pack %0 axis = 1 : (tensor<5x16xf32>) -> tensor<1x5x16xf32>
    %2 = vitrail.weight "w" bias : tensor<16xf32>
    %3 = vitrail.pack %2 axis = 0 : (tensor<16xf32>) -> tensor<1x16xf32>
    return %1, %3 : tensor<1x5x16xf32>, tensor<1x16xf32>
  }
  func.func @main() attributes {vitrail.inputs = [{type = tensor<2x16xf32>}], vitrail.outputs = [{type = tensor<2x16xf32>}]} {
    %x = vitrail.buffer input[0] : memref<2x16xf32>
    %a = vitrail.buffer arena[0] offset = 64 : memref<2x16xf32, strided<[32, 1]>>
    vitrail.launch @copy "copy"(%x, %a) flops = 0 bytes = 256 : memref<2x16xf32>, memref<2x16xf32, strided<[32, 1]>>
    vitrail.barrier
    %w = vitrail.buffer frozen[1] : memref<1x16xf32>
    %y = vitrail.buffer output[0] : memref<2x16xf32>
    vitrail.launch @add "add"(%a, %w, %y) flops = 32 bytes = 320 : memref<2x16xf32, strided<[32, 1]>>, memref<1x16xf32>, memref<2x16xf32>
    return
  }
}

// -----

// Offsets of a frozen store come from the module.

// CHECK:       vitrail.frozen_bytes = 4096
// CHECK:       %[[AT:.*]] = arith.constant 1024 : index
// CHECK:       memref.view %{{.*}}[%[[AT]]][] : memref<4096xi8> to memref<1x16xf32>
module attributes {vitrail.arena_bytes = 0 : i64, vitrail.frozen_bytes = 4096 : i64, vitrail.frozen_offsets = array<i64: 1024>} {
  func.func private @copy(%w: memref<1x16xf32>, %y: memref<16xf32>, %s: memref<1xf32>, %thread: index, %threads: index) attributes {vitrail.kernel} {
    return
  }
  func.func @freeze() -> tensor<1x16xf32> {
    %0 = vitrail.weight "w" bias : tensor<16xf32>
    %1 = vitrail.pack %0 axis = 0 : (tensor<16xf32>) -> tensor<1x16xf32>
    return %1 : tensor<1x16xf32>
  }
  func.func @main() attributes {vitrail.inputs = [], vitrail.outputs = [{type = tensor<16xf32>}]} {
    %w = vitrail.buffer frozen[0] : memref<1x16xf32>
    %y = vitrail.buffer output[0] : memref<16xf32>
    vitrail.launch @copy "copy"(%w, %y) flops = 0 bytes = 128 : memref<1x16xf32>, memref<16xf32>
    return
  }
}

// -----

// expected-error@below {{no planned @main; run vitrail-plan-buffers before}}
module {
  func.func @main() {
    return
  }
}

// -----

// Where threads take their work range by range, thread 0 clears the counter of
// the inference before, and nobody counts before that.

// CHECK:       func @main(%{{.*}}: memref<64xi8>, %{{.*}}: memref<64xi8>, %[[ARENA:.*]]: memref<128xi8>, %[[SCRATCH:.*]]: memref<64xi8>, %[[FROZEN:.*]]: memref<1xi8>, %[[THREAD:.*]]: index, %[[THREADS:.*]]: index, %[[TEAM:.*]]: !llvm.ptr)
// CHECK:         %[[FIRST:.*]] = arith.cmpi eq, %[[THREAD]], %c0
// CHECK:         scf.if %[[FIRST]] {
// CHECK:           %[[COUNTER:.*]] = memref.view %[[ARENA]][%c64{{.*}}][] : memref<128xi8> to memref<1xi64>
// CHECK:           memref.store %c0_i64, %[[COUNTER]]
// CHECK:         }
// CHECK-NEXT:    call @vitrail_barrier(%[[TEAM]])
// CHECK:         %[[AGAIN:.*]] = memref.view %[[ARENA]][%c64{{.*}}][] : memref<128xi8> to memref<1xi64>
// CHECK:         call @copy({{.*}}, %[[THREAD]], %[[THREADS]], %[[AGAIN]])
module attributes {vitrail.arena_bytes = 128 : i64, vitrail.scratch_bytes = 64 : i64} {
  func.func private @copy(%x: memref<16xf32>, %y: memref<16xf32>, %s: memref<1xf32>, %thread: index, %threads: index, %counter: memref<1xi64>) attributes {vitrail.kernel, vitrail.counter} {
    return
  }
  func.func @main() attributes {vitrail.inputs = [{type = tensor<16xf32>}], vitrail.outputs = [{type = tensor<16xf32>}]} {
    %x = vitrail.buffer input[0] : memref<16xf32>
    %y = vitrail.buffer output[0] : memref<16xf32>
    vitrail.launch @copy "copy"(%x, %y) flops = 10000000 bytes = 128 {vitrail.counter = 64 : i64} : memref<16xf32>, memref<16xf32>
    return
  }
}

// -----

module attributes {vitrail.arena_bytes = 128 : i64, vitrail.scratch_bytes = 64 : i64} {
  func.func private @copy(%x: memref<16xf32>, %y: memref<16xf32>, %s: memref<1xf32>, %thread: index, %threads: index, %counter: memref<1xi64>) attributes {vitrail.kernel, vitrail.counter} {
    return
  }
  func.func @main() attributes {vitrail.inputs = [{type = tensor<16xf32>}], vitrail.outputs = [{type = tensor<16xf32>}]} {
    %x = vitrail.buffer input[0] : memref<16xf32>
    %y = vitrail.buffer output[0] : memref<16xf32>
    // expected-error@+1 {{threads of @copy count the ranges that they take; vitrail.counter must say where in the arena}}
    vitrail.launch @copy "copy"(%x, %y) flops = 0 bytes = 128 : memref<16xf32>, memref<16xf32>
    return
  }
}
