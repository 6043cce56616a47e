//===- Passes.td - From kernels to vector code -----------------*- tablegen -*-===//
//
// Part of Vitrail, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef VITRAIL_PASSES_LOWER_PASSES
#define VITRAIL_PASSES_LOWER_PASSES

include "mlir/Pass/PassBase.td"

def EmitKernelsPass : Pass<"vitrail-emit-kernels", "::mlir::ModuleOp"> {
  let summary = "Writes each kernel as loops over register tiles of vectors";
  let description = [{
    Replaces the tensor ops of a kernel by loops, vector loads, fused multiply-adds
    and stores on its buffers: linears, einsums and mixers by the register-tiled
    micro-kernel (exact tiles of two neighbouring heights, weights in panels), norms,
    reductions and elementwise chains by passes over rows or columns, depthwise
    convolutions and pooling by tiles of neighbouring places, a linear and the
    depthwise convolutions behind it by blocks of rows. The tile grid is partitioned
    over `thread` of `threads` when the program runs.

    A linear whose weights lie in panels of 64 (`weight-width` of
    vitrail-plan-buffers) is multiplied by calls of the runtime's `vitrail_matmul`;
    its epilogue is generated. `vitrail.matmuls` lists the rows and depths of all
    calls.

    A kernel of a product that has the attribute `vitrail.tiling = {rows = 6,
    vectors = 2, blocks = 3}` is cut so, and not as the cost model says: tiles of at
    most so many rows and vectors, and blocks in which the reduction is walked.

    Kernels gain three arguments: thread-private scratch, `thread`, `threads`; those
    that call the runtime a fourth, the team; others that have the attribute
    `vitrail.counter` a counter. Their threads take the tile grid range by range,
    smaller and smaller ones, each by adding one to the counter, unless what they
    would do again for every range costs too much.
  }];
  let options = [
    Option<"vectorWidth", "vector-width", "int64_t", "16",
           "f32 lanes of a vector register: 16 (AVX-512) or 8 (AVX2)">,
    Option<"registers", "registers", "int64_t", "32", "vector registers">,
  ];
  let dependentDialects = [
    "::mlir::arith::ArithDialect", "::mlir::math::MathDialect",
    "::mlir::memref::MemRefDialect", "::mlir::scf::SCFDialect",
    "::mlir::vector::VectorDialect", "::mlir::LLVM::LLVMDialect"];
}

def LowerProgramPass : Pass<"vitrail-lower-program", "::mlir::ModuleOp"> {
  let summary = "Turns launches and buffers into calls and addresses";
  let description = [{
    `@main`, and each further entry, takes the ports, the arena, this thread's scratch, the frozen store, the
    thread's number, the number of threads and the team; buffers become views at
    constant offsets, launches calls, barriers calls of the runtime. Offsets of
    frozen results come from the module's `vitrail.frozen_offsets` (bytes), or are
    laid out one after the other. Counters of ranges are words of the arena; thread 0
    clears them before anything runs.
  }];
  let dependentDialects = [
    "::mlir::arith::ArithDialect", "::mlir::memref::MemRefDialect",
    "::mlir::scf::SCFDialect", "::mlir::LLVM::LLVMDialect"];
}

#endif // VITRAIL_PASSES_LOWER_PASSES
