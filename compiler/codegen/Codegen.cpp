//===- Codegen.cpp - From the LLVM dialect to objects ---------------------===//
//
// Part of Vitrail, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "compiler/codegen/Codegen.h"
#include "dialects/vitrail/VitrailDialect.h"
#include "mlir/Target/LLVMIR/Dialect/All.h"
#include "mlir/Target/LLVMIR/Export.h"
#include "passes/schedule/Passes.h"
#include "llvm/IR/IRBuilder.h"
#include "llvm/IR/LegacyPassManager.h"
#include "llvm/Passes/PassBuilder.h"

using namespace llvm;
using namespace vitrail;

/// Adds the function that the runtime calls: it takes the ports apart.
static void emitCode(Module &module, Function &program, StringRef name) {
  LLVMContext &context = module.getContext();
  auto *pointer = PointerType::getUnqual(context);
  auto *i64 = Type::getInt64Ty(context);
  // As vitrail_code in program.h: ports, arena, scratch, weights, thread,
  // threads, team. The program takes each port by itself.
  auto *type = FunctionType::get(
      Type::getVoidTy(context),
      {pointer, pointer, pointer, pointer, i64, i64, pointer}, false);
  Function *entry =
      Function::Create(type, GlobalValue::ExternalLinkage, name, module);
  IRBuilder<> builder(BasicBlock::Create(context, "", entry));
  SmallVector<Value *> arguments;
  unsigned ports = program.arg_size() - (type->getNumParams() - 1);
  for (unsigned i = 0; i < ports; ++i)
    arguments.push_back(builder.CreateLoad(
        pointer, builder.CreateConstGEP1_32(pointer, entry->getArg(0), i)));
  for (Argument &argument : drop_begin(entry->args()))
    arguments.push_back(&argument);
  builder.CreateCall(&program, arguments);
  builder.CreateRetVoid();
}

Expected<std::unique_ptr<Module>>
vitrail::translateToLLVM(mlir::ModuleOp module, LLVMContext &context,
                         const Target &target, ArrayRef<EntrySymbol> entries) {
  mlir::registerBuiltinDialectTranslation(*module.getContext());
  mlir::registerLLVMDialectTranslation(*module.getContext());
  std::unique_ptr<Module> result =
      mlir::translateModuleToLLVMIR(module, context);
  if (!result)
    return createStringError("translation to LLVM IR failed");
  result->setTargetTriple(target.machine->getTargetTriple());
  result->setDataLayout(target.machine->createDataLayout());
  // What profilers and debuggers show of kernels, of which each target has its
  // own.
  for (Function &function : *result)
    if (function.hasInternalLinkage())
      function.setName(function.getName() + "." + target.cpu);
  for (const EntrySymbol &entry : entries) {
    Function *program = result->getFunction(entry.entry);
    program->setName(entry.entry + "." + target.cpu);
    program->setLinkage(GlobalValue::InternalLinkage);
    emitCode(*result, *program, entry.symbol);
  }
  for (Function &function : *result) {
    if (function.isDeclaration())
      continue;
    function.addFnAttr("target-cpu", target.cpu);
    if (!target.features.empty())
      function.addFnAttr("target-features", target.features);
    // Vectors are as wide as the schedule decided, whatever the processor's
    // own preference.
    function.addFnAttr("prefer-vector-width",
                       std::to_string(target.vectorWidth * 32));
    function.addFnAttr(Attribute::NoUnwind);
    // Debuggers and profilers walk the stack from anywhere in a kernel.
    function.setUWTableKind(UWTableKind::Async);
  }
  return result;
}

std::unique_ptr<Module> vitrail::makeModule(LLVMContext &context,
                                            const Target &target) {
  auto module = std::make_unique<Module>("program", context);
  module->setTargetTriple(target.machine->getTargetTriple());
  module->setDataLayout(target.machine->createDataLayout());
  return module;
}

void vitrail::optimize(Module &module, const Target &target) {
  LoopAnalysisManager loops;
  FunctionAnalysisManager functions;
  CGSCCAnalysisManager graphs;
  ModuleAnalysisManager modules;
  PipelineTuningOptions tuning;
  // Kernels are vector code already; copies and tails stay small.
  tuning.LoopVectorization = false;
  tuning.SLPVectorization = false;
  PassBuilder builder(target.machine.get(), tuning);
  builder.registerModuleAnalyses(modules);
  builder.registerCGSCCAnalyses(graphs);
  builder.registerFunctionAnalyses(functions);
  builder.registerLoopAnalyses(loops);
  builder.crossRegisterProxies(loops, functions, graphs, modules);
  builder.buildPerModuleDefaultPipeline(OptimizationLevel::O3)
      .run(module, modules);
}

Expected<SmallVector<char, 0>>
vitrail::emitMachineCode(Module &module, const Target &target, bool asText) {
  SmallVector<char, 0> bytes;
  raw_svector_ostream os(bytes);
  legacy::PassManager passes;
  if (target.machine->addPassesToEmitFile(passes, os, nullptr,
                                          asText ? CodeGenFileType::AssemblyFile
                                                 : CodeGenFileType::ObjectFile))
    return createStringError("the target cannot emit this kind of file");
  passes.run(module);
  return bytes;
}
