//===- EmitKernels.cpp - Writes each kernel as vector code ----------------===//
//
// Part of Vitrail, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "mlir/IR/IRMapping.h"
#include "passes/lower/Kernel.h"
#include "passes/schedule/Addressing.h"
#include "passes/schedule/Passes.h"

namespace vitrail {
#define GEN_PASS_DEF_EMITKERNELSPASS
#include "passes/lower/Passes.h.inc"
} // namespace vitrail

using namespace mlir;
using namespace vitrail;

//===----------------------------------------------------------------------===//
// Kernel
//===----------------------------------------------------------------------===//

Kernel::Kernel(func::FuncOp func) : func(func), tiling(Tiling::of(func)) {
  auto given = func->getAttrOfType<IntegerAttr>(plan::units);
  units = given ? given.getInt() : 0;
  for (Operation &op : func.getBody().front()) {
    if (auto read = dyn_cast<ReadOp>(op))
      reads.push_back(read);
    else if (auto writeOp = dyn_cast<WriteOp>(op))
      write = writeOp;
    else if (isa<VitrailDialect>(op.getDialect()))
      ops.push_back(&op);
  }
}

SmallVector<Value> Kernel::memory() {
  SmallVector<Value> arguments;
  for (BlockArgument argument : func.getArguments()) {
    if (argument.getType().isIndex())
      break;
    arguments.push_back(argument);
  }
  return arguments;
}

SmallVector<ReadOp> Kernel::readsBut(ValueRange tensors) {
  SmallVector<ReadOp> rest;
  llvm::copy_if(reads, std::back_inserter(rest), [&](ReadOp read) {
    return !llvm::is_contained(tensors, read.getResult());
  });
  return rest;
}

SmallVector<Value> Kernel::addArguments(TypeRange types) {
  SmallVector<Value> arguments;
  for (Type type : types)
    arguments.push_back(
        func.getBody().front().addArgument(type, func.getLoc()));
  func.setFunctionType(FunctionType::get(
      func.getContext(), func.getBody().front().getArgumentTypes(), {}));
  return arguments;
}

Kernel Kernel::cloneAs(const Twine &name) {
  OpBuilder builder(func);
  SmallVector<Type> types;
  for (Value argument : memory())
    types.push_back(argument.getType());
  auto copy = func::FuncOp::create(builder, func.getLoc(), name.str(),
                                   builder.getFunctionType(types, {}));
  copy.setPrivate();
  copy->setAttr("passthrough",
                builder.getArrayAttr(builder.getStringAttr("noinline")));
  for (StringRef attribute : {plan::tiling, plan::units})
    if (func->hasAttr(attribute))
      copy->setAttr(attribute, func->getAttr(attribute));
  Block *block = copy.addEntryBlock();
  builder.setInsertionPointToStart(block);
  IRMapping mapping;
  for (auto [from, to] : llvm::zip(func.getArguments(), block->getArguments()))
    mapping.map(from, to);
  for (Operation &op : func.getBody().front())
    if (isa<VitrailDialect>(op.getDialect()) ||
        op.hasTrait<OpTrait::ConstantLike>())
      builder.clone(op, mapping);
  func::ReturnOp::create(builder, func.getLoc());
  return Kernel(copy);
}

void Kernel::callPart(
    Emitter &e, const Twine &kind, ArrayRef<Value> position,
    llvm::function_ref<void(Emitter &, Kernel, ArrayRef<Value>)> emitBody) {
  std::string name = (func.getName() + "_" + kind).str();
  auto part = SymbolTable::lookupNearestSymbolFrom<func::FuncOp>(
      func, StringAttr::get(func.getContext(), name));
  if (!part) {
    Kernel copy = cloneAs(name);
    part = copy.func;
    Emitter inside(part.getLoc(), copy.end(), e.target);
    inside.scratch = part.getArguments().back();
    SmallVector<Type> types(position.size(), IndexType::get(part.getContext()));
    emitBody(inside, copy, copy.addArguments(types));
    copy.eraseTensors();
  }
  SmallVector<Value> arguments(memory());
  llvm::append_range(arguments, position);
  func::CallOp::create(e, part, arguments);
}

void Kernel::eraseTensors() {
  write.erase();
  for (Operation *op : llvm::reverse(ops))
    op->erase();
  for (ReadOp read : reads)
    read.erase();
}

//===----------------------------------------------------------------------===//
// The pass
//===----------------------------------------------------------------------===//

/// Whether a read lies in panels that only a library takes.
static bool readsLibraryPanels(Kernel &kernel) {
  return llvm::any_of(kernel.reads, [](ReadOp read) {
    return int64_t(read.getWidth()) != panelWidth;
  });
}

static std::unique_ptr<KernelEmitter> makeEmitter(Kernel kernel,
                                                  VectorTarget target) {
  if (kernel.ops.empty())
    return makeRowsEmitter(kernel, target);
  Operation *first = kernel.ops.front();
  const auto *anchor = llvm::find_if_not(kernel.ops, isAddressingKind);
  if (anchor != kernel.ops.end())
    first = *anchor;
  bool isLinear = llvm::any_of(kernel.ops, llvm::IsaPred<LinearOp>);
  if (readsLibraryPanels(kernel))
    return isLinear ? makeMatmulEmitter(kernel) : nullptr;
  if (isLinear && llvm::any_of(kernel.ops, llvm::IsaPred<DepthwiseConvOp>))
    return makeChainEmitter(kernel, target);
  if (isLinear)
    return makeLinearEmitter(kernel, target);
  if (isa<MixerOpInterface>(first))
    return makeAttentionEmitter(kernel, target);
  if (isa<EinsumOp>(first))
    return makeEinsumEmitter(kernel, target);
  if (isa<UnaryOp, BinaryOp, NormOp, SoftmaxOp>(first))
    return makeRowsEmitter(kernel, target);
  if (isa<ReduceOp>(first))
    return makeReduceEmitter(kernel, target);
  if (isa<DepthwiseConvOp, PoolOp>(first))
    return makeStencilEmitter(kernel, target);
  if (isa<WinogradConvOp>(first))
    return makeWinogradEmitter(kernel, target);
  if (isAddressingKind(first) || isa<SliceOp, ConcatOp>(first))
    return makeCopyEmitter(kernel, target);
  return nullptr;
}

LogicalResult vitrail::verifyTiling(func::FuncOp func, VectorTarget target) {
  if (!func->hasAttr(plan::tiling))
    return success();
  if (failed(Tiling::verify(func, target)))
    return failure();
  Kernel kernel(func);
  std::unique_ptr<KernelEmitter> emitter = makeEmitter(kernel, target);
  int64_t blocks = emitter ? emitter->blocks() : 0;
  if (kernel.tiling->blocks == blocks)
    return success();
  if (blocks == 0)
    return func->emitError()
           << plan::tiling << " is for products, and this kernel computes none";
  return func->emitError() << plan::tiling << " asks for "
                           << kernel.tiling->blocks
                           << " blocks, into which this kernel cannot be cut; "
                           << blocks << " are possible";
}

SmallVector<Tiling> vitrail::tilingsOf(func::FuncOp func, VectorTarget target) {
  OwningOpRef<func::FuncOp> copy(func.clone());
  (*copy)->removeAttr(plan::tiling);
  Kernel kernel(*copy);
  std::unique_ptr<KernelEmitter> emitter = makeEmitter(kernel, target);
  if (!emitter)
    return {};
  Emitter e(func.getLoc(), kernel.end(), target);
  return emitter->tilings(e);
}

namespace {

class EmitKernelsPass
    : public vitrail::impl::EmitKernelsPassBase<EmitKernelsPass> {
public:
  using EmitKernelsPassBase::EmitKernelsPassBase;

  void runOnOperation() override {
    ModuleOp module = getOperation();
    VectorTarget target{vectorWidth, registers};
    SmallVector<func::FuncOp> kernels;
    for (auto func : module.getOps<func::FuncOp>())
      if (func->hasAttr(plan::kernel))
        kernels.push_back(func);
    int64_t scratchElements = 0;
    for (func::FuncOp func : kernels) {
      std::optional<int64_t> elements = emit(func, target);
      if (!elements)
        return signalPassFailure();
      scratchElements = std::max(scratchElements, *elements);
    }
    module->setAttr(plan::scratchBytes,
                    OpBuilder(module).getI64IntegerAttr(scratchElements * 4));
  }

private:
  static void reportMissing(Operation *op) {
    InFlightDiagnostic error = op->emitError("no kernel computes ");
    error << op->getName().stripDialect();
    if (auto einsum = dyn_cast<EinsumOp>(op))
      error << " \"" << einsum.getEquation()
            << "\" as it is; vitrail-decompose-einsum rewrites it";
    else
      error << " yet";
  }

  /// Writes one kernel; gives the elements of scratch it needs.
  std::optional<int64_t> emit(func::FuncOp func, VectorTarget target) {
    if (failed(verifyTiling(func, target)))
      return std::nullopt;
    Kernel kernel(func);
    std::unique_ptr<KernelEmitter> emitter = makeEmitter(kernel, target);
    if (!emitter) {
      reportMissing(kernel.ops.front());
      return std::nullopt;
    }
    if (func->hasAttr(plan::units) &&
        (kernel.units < 1 || !emitter->keepsUnits(kernel.units))) {
      func.emitError() << plan::units << " = " << func->getAttr(plan::units)
                       << ": threads cannot keep so many parts of this kernel; "
                          "give a divisor of the windows or samples that it "
                          "computes one by one, or no more than it has rows";
      return std::nullopt;
    }
    // At least one element, so that the argument is there for every kernel.
    int64_t elements = std::max<int64_t>(emitter->scratchElements(), 1);
    auto index = IndexType::get(&getContext());
    auto scratch = MemRefType::get({elements}, Float32Type::get(&getContext()));
    SmallVector<Type> types{scratch, index, index};
    // A library's products are shared in a way of their own.
    if (emitter->callsRuntime())
      func->removeAttr(plan::counter);
    bool hasCounter = func->hasAttr(plan::counter);
    if (emitter->callsRuntime())
      types.push_back(LLVM::LLVMPointerType::get(&getContext()));
    if (hasCounter)
      types.push_back(
          MemRefType::get({1}, IntegerType::get(&getContext(), 64)));
    SmallVector<Value> arguments = kernel.addArguments(types);
    Emitter e(func.getLoc(), kernel.end(), target);
    e.scratch = arguments[0];
    e.thread = arguments[1];
    e.threads = arguments[2];
    e.units = kernel.units;
    if (emitter->callsRuntime())
      e.team = arguments.back();
    if (hasCounter)
      e.counter = arguments.back();
    emitter->emit(e);
    kernel.eraseTensors();
    return elements;
  }
};

} // namespace
