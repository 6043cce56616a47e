//===- Describe.h - What a program says of itself ---------------*- C++ -*-===//
//
// Part of Vitrail, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef VITRAIL_COMPILER_PIPELINE_DESCRIBE_H
#define VITRAIL_COMPILER_PIPELINE_DESCRIBE_H

#include "compiler/codegen/Target.h"
#include "compiler/inspect/LayerTable.h"
#include "compiler/link/Descriptor.h"
#include "compiler/pipeline/Options.h"
#include "mlir/IR/BuiltinOps.h"

namespace vitrail {

/// What is known of a planned module: names, entries with their ports and, as
/// regions, their launches in order, memory, options. Code and weights are left
/// to the caller. `layers` are those of the model as described.
ProgramDescription describeProgram(mlir::ModuleOp module,
                                   const LayerTable &layers,
                                   const CompileOptions &options);

/// What is known of a module that was lowered for `target`.
VariantDescription describeVariant(mlir::ModuleOp module, const Target &target);

/// The matrix products of a lowered module that a library computes; they are
/// the same for all processors.
std::vector<MatmulDescription> describeMatmuls(mlir::ModuleOp module);

} // namespace vitrail

#endif // VITRAIL_COMPILER_PIPELINE_DESCRIBE_H
