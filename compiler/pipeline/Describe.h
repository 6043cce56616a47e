//===- Describe.h - What a program says of itself
//-----------------------------===//
//
// Part of Vitrail, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef VITRAIL_COMPILER_PIPELINE_DESCRIBE_H
#define VITRAIL_COMPILER_PIPELINE_DESCRIBE_H

#include "compiler/codegen/Target.h"
#include "compiler/link/Descriptor.h"
#include "compiler/pipeline/Options.h"
#include "mlir/IR/BuiltinOps.h"

namespace vitrail {

/// Adds the launches of a planned module, in order, as regions.
void describeRegions(mlir::ModuleOp module, ProgramDescription &program);

/// Adds what is known of a lowered module: ports, memory, processor, options.
/// The weights' size and hash are left to the caller.
void describeProgram(mlir::ModuleOp module, const CompileOptions &options,
                     const Target &target, ProgramDescription &program);

} // namespace vitrail

#endif // VITRAIL_COMPILER_PIPELINE_DESCRIBE_H
