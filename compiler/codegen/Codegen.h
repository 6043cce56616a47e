//===- Codegen.h - From vector code to objects
//--------------------------------===//
//
// Part of Vitrail, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef VITRAIL_COMPILER_CODEGEN_CODEGEN_H
#define VITRAIL_COMPILER_CODEGEN_CODEGEN_H

#include "compiler/codegen/Target.h"
#include "mlir/IR/BuiltinOps.h"
#include "mlir/Pass/PassManager.h"
#include "llvm/IR/Module.h"

namespace vitrail {

/// Adds the passes from vector code (after `vitrail-lower-program`) to MLIR's
/// LLVM dialect.
void buildLLVMPipeline(mlir::OpPassManager &manager);

/// Translates the LLVM dialect to an LLVM module for `target` in which the
/// program is the function `entry` of type `vitrail_entry` (runtime's
/// program.h).
llvm::Expected<std::unique_ptr<llvm::Module>>
translateToLLVM(mlir::ModuleOp module, llvm::LLVMContext &context,
                const Target &target, llvm::StringRef entry);

/// Runs LLVM's -O3 pipeline for `target`.
void optimize(llvm::Module &module, const Target &target);

/// Emits machine code, as an ELF object or as assembler text.
llvm::Expected<llvm::SmallVector<char, 0>>
emitMachineCode(llvm::Module &module, const Target &target, bool asText);

} // namespace vitrail

#endif // VITRAIL_COMPILER_CODEGEN_CODEGEN_H
