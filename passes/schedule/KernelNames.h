//===- KernelNames.h - What kernels are called ------------------*- C++ -*-===//
//
// Part of Vitrail, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef VITRAIL_PASSES_SCHEDULE_KERNELNAMES_H
#define VITRAIL_PASSES_SCHEDULE_KERNELNAMES_H

#include "dialects/vitrail/VitrailDialect.h"

namespace vitrail {

/// What a kernel computes, in order: "linear", "gelu", "add". A rearrangement
/// counts where there is nothing else, and a kernel without ops is a "copy".
llvm::SmallVector<llvm::StringRef> kernelOps(mlir::func::FuncOp kernel);

/// The shape of the tensor that a kernel writes.
llvm::ArrayRef<int64_t> kernelResult(mlir::func::FuncOp kernel);

/// The location of a region: that of its first op, whose scope names it, and
/// that of its last op, which computes its result.
mlir::Location regionLocation(mlir::Operation *first, mlir::Operation *last);
/// The second of these, of a region or its launch.
mlir::Location resultLocation(mlir::Location region);

/// Gives all kernels of a planned module the names under which debuggers and
/// profilers show them: what they compute, the shape of the result and their
/// number, as `linear_gelu_1x197x3072_4`; and sees to it that they stay
/// functions.
void nameKernels(mlir::ModuleOp module);

} // namespace vitrail

#endif // VITRAIL_PASSES_SCHEDULE_KERNELNAMES_H
