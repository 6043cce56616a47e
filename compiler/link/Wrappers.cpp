//===- Wrappers.cpp - The functions that a user calls ---------------------===//
//
// Part of Vitrail, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "compiler/link/Wrappers.h"
#include "llvm/ADT/STLExtras.h"
#include "llvm/IR/IRBuilder.h"
#include "llvm/Transforms/Utils/ModuleUtils.h"

using namespace llvm;

namespace vitrail {
namespace {

/// Adds functions whose body is one call of the runtime.
class WrapperBuilder {
public:
  explicit WrapperBuilder(Module &module)
      : module(module), builder(module.getContext()) {}

  /// Begins a function that the user calls.
  Function *begin(const Twine &name, Type *result,
                  ArrayRef<Type *> parameters) {
    auto *function =
        Function::Create(FunctionType::get(result, parameters, false),
                         GlobalValue::ExternalLinkage, name, module);
    function->setDoesNotThrow();
    // Profilers and debuggers of the user's unwind through it.
    function->setUWTableKind(UWTableKind::Default);
    builder.SetInsertPoint(
        BasicBlock::Create(module.getContext(), "entry", function));
    return function;
  }

  /// Ends it with a call of the runtime's `name`, whose result it returns.
  void finish(StringRef name, ArrayRef<Value *> arguments) {
    Function *function = builder.GetInsertBlock()->getParent();
    SmallVector<Type *> types;
    for (Value *argument : arguments)
      types.push_back(argument->getType());
    FunctionCallee callee = module.getOrInsertFunction(
        name, FunctionType::get(function->getReturnType(), types, false));
    if (auto *declaration = dyn_cast<Function>(callee.getCallee()))
      declaration->setVisibility(GlobalValue::HiddenVisibility);
    CallInst *call = builder.CreateCall(callee, arguments);
    if (call->getType()->isVoidTy())
      builder.CreateRetVoid();
    else
      builder.CreateRet(call);
  }

  Module &module;
  IRBuilder<> builder;
};

/// Adds the handle by which the C library knows a program or a shared library;
/// pthread_atfork and atexit refer to it. A C compiler's crtbegin.o defines it;
/// we link none, and lld's own stands at the beginning of the image, which code
/// cannot reach across 2 GB of weights. Weak: in somebody's program theirs
/// wins.
GlobalVariable *emitHandle(Module &module) {
  auto *pointer = PointerType::get(module.getContext(), 0);
  auto *handle = new GlobalVariable(module, pointer, /*isConstant=*/false,
                                    GlobalValue::WeakAnyLinkage,
                                    /*Initializer=*/nullptr, "__dso_handle");
  handle->setVisibility(GlobalValue::HiddenVisibility);
  // Some pass its address on and some its value: they are the same.
  handle->setInitializer(handle);
  return handle;
}

/// Adds crtbegin.o's other duty: when the library is unloaded, handlers that
/// were registered with its handle go with it. Otherwise the next fork() of the
/// process would call into nothing.
void emitFinalizer(WrapperBuilder &wrapper, GlobalVariable *handle,
                   StringRef prefix) {
  Function *function =
      wrapper.begin(prefix + "_finalize", wrapper.builder.getVoidTy(), {});
  function->setLinkage(GlobalValue::InternalLinkage);
  FunctionCallee finalize = wrapper.module.getOrInsertFunction(
      "__cxa_finalize", wrapper.builder.getVoidTy(), handle->getType());
  wrapper.builder.CreateCall(finalize, {handle});
  wrapper.builder.CreateRetVoid();
  // Not as llvm.global_dtors, which becomes .dtors, a section that nobody runs
  // any more, unless the target's options say otherwise.
  auto *slot =
      new GlobalVariable(wrapper.module, function->getType(),
                         /*isConstant=*/true, GlobalValue::InternalLinkage,
                         function, prefix + "_finalizers");
  slot->setSection(".fini_array");
  appendToUsed(wrapper.module, slot);
}

} // namespace

void emitMain(GlobalVariable &constant, const ProgramDescription &program) {
  WrapperBuilder wrapper(*constant.getParent());
  Type *i32 = wrapper.builder.getInt32Ty();
  Type *pointer = wrapper.builder.getPtrTy();
  Function *function = wrapper.begin("main", i32, {i32, pointer});
  const bool readsImages =
      any_of(program.entries.front().inputs, [](const PortDescription &port) {
        return port.kind == VITRAIL_IMAGE;
      });
  wrapper.finish(readsImages ? "vitrail_image_main" : "vitrail_main",
                 {function->getArg(0), function->getArg(1), &constant});
  emitHandle(wrapper.module);
}

void emitLibraryFunctions(GlobalVariable &constant,
                          const ProgramDescription &program) {
  WrapperBuilder wrapper(*constant.getParent());
  IRBuilder<> &builder = wrapper.builder;
  Type *i32 = builder.getInt32Ty();
  Type *pointer = builder.getPtrTy();
  Type *nothing = builder.getVoidTy();
  const std::string prefix = program.symbolPrefix();

  wrapper.begin(prefix + "_abi_version", i32, {});
  builder.CreateRet(builder.getInt32(VITRAIL_ABI_VERSION));

  Function *create = wrapper.begin(prefix + "_create", pointer, {i32});
  wrapper.finish("vitrail_create_simple", {&constant, create->getArg(0)});

  // One argument per port; the runtime wants them in an array.
  for (auto [number, entry] : enumerate(program.entries)) {
    const size_t ports = entry.inputs.size() + entry.outputs.size();
    SmallVector<Type *> parameters(1 + ports, pointer);
    Function *run = wrapper.begin(program.runSymbol(number), i32, parameters);
    auto *arrayType = ArrayType::get(pointer, ports);
    Value *array = builder.CreateAlloca(arrayType);
    for (size_t i = 0; i < ports; ++i)
      builder.CreateStore(
          run->getArg(1 + i),
          builder.CreateConstInBoundsGEP2_64(arrayType, array, 0, i));
    wrapper.finish("vitrail_run",
                   {run->getArg(0), builder.getInt32(number), array});
  }

  Function *destroy = wrapper.begin(prefix + "_destroy", nothing, {pointer});
  wrapper.finish("vitrail_destroy", {destroy->getArg(0)});

  wrapper.begin(prefix + "_error", pointer, {});
  wrapper.finish("vitrail_error", {});

  Function *lastError = wrapper.begin(prefix + "_last_error", pointer, pointer);
  wrapper.finish("vitrail_last_error", {lastError->getArg(0)});

  emitFinalizer(wrapper, emitHandle(wrapper.module), prefix);
}

std::vector<std::string> exportedSymbols(const ProgramDescription &program) {
  std::vector<std::string> symbols;
  for (StringRef suffix :
       {"abi_version", "create", "destroy", "error", "last_error"})
    symbols.push_back(program.symbolPrefix() + "_" + suffix.str());
  for (size_t entry = 0; entry < program.entries.size(); ++entry)
    symbols.push_back(program.runSymbol(entry));
  return symbols;
}

} // namespace vitrail
