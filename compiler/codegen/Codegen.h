//===- Codegen.h - From vector code to objects ------------------*- C++ -*-===//
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

/// An entry of the model and the symbol that its code gets.
struct EntrySymbol {
  std::string entry;
  std::string symbol;
};

/// Translates the LLVM dialect to an LLVM module for `target` in which each
/// entry is a function of type `vitrail_code` (runtime's program.h). Kernels
/// keep their names, followed by the target's, as local symbols.
llvm::Expected<std::unique_ptr<llvm::Module>>
translateToLLVM(mlir::ModuleOp module, llvm::LLVMContext &context,
                const Target &target, llvm::ArrayRef<EntrySymbol> entries);

/// An empty module for `target`.
std::unique_ptr<llvm::Module> makeModule(llvm::LLVMContext &context,
                                         const Target &target);

/// Runs LLVM's -O3 pipeline for `target`.
void optimize(llvm::Module &module, const Target &target);

/// Emits machine code, as an ELF object or as assembler text.
llvm::Expected<llvm::SmallVector<char, 0>>
emitMachineCode(llvm::Module &module, const Target &target, bool asText);

} // namespace vitrail

#endif // VITRAIL_COMPILER_CODEGEN_CODEGEN_H
