//===- Passes.h - From kernels to vector code -------------------*- C++ -*-===//
//
// Part of Vitrail, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef VITRAIL_PASSES_LOWER_PASSES_H
#define VITRAIL_PASSES_LOWER_PASSES_H

#include "dialects/vitrail/VitrailDialect.h"
#include "mlir/Dialect/LLVMIR/LLVMDialect.h"
#include "mlir/Dialect/Math/IR/Math.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/Dialect/Vector/IR/VectorOps.h"
#include "mlir/Pass/Pass.h"

namespace vitrail {
#define GEN_PASS_DECL
#define GEN_PASS_REGISTRATION
#include "passes/lower/Passes.h.inc"

namespace plan {
/// Byte offsets of the frozen results in the store, and the store's size.
constexpr llvm::StringLiteral frozenOffsets = "vitrail.frozen_offsets";
constexpr llvm::StringLiteral frozenBytes = "vitrail.frozen_bytes";
/// Bytes of scratch of one thread, known once kernels are emitted.
constexpr llvm::StringLiteral scratchBytes = "vitrail.scratch_bytes";
/// Of a kernel of a product: how it is cut, where not the cost model decides
/// (Tiling.h).
constexpr llvm::StringLiteral tiling = "vitrail.tiling";
/// What the kernels call vitrail_matmul for: arrays of rows and depth. Absent
/// where no library multiplies.
constexpr llvm::StringLiteral matmuls = "vitrail.matmuls";
} // namespace plan

} // namespace vitrail

#endif // VITRAIL_PASSES_LOWER_PASSES_H
