//===- LowerProgram.cpp - Launches to calls, buffers to addresses ---------===//
//
// Part of Vitrail, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "dialects/vitrail/Entries.h"
#include "passes/lower/Passes.h"
#include "passes/schedule/Passes.h"

namespace vitrail {
#define GEN_PASS_DEF_LOWERPROGRAMPASS
#include "passes/lower/Passes.h.inc"
} // namespace vitrail

using namespace mlir;
using namespace vitrail;

namespace {

/// Lowers one entry.
class EntryLowering {
public:
  EntryLowering(func::FuncOp entry, ArrayRef<int64_t> frozenOffsets)
      : entry(entry), offsets(frozenOffsets) {}

  void run() {
    addArguments();
    SmallVector<Operation *> ops;
    for (Operation &op : entry.getBody().front())
      ops.push_back(&op);
    clearCounters();
    int64_t number = 0;
    for (Operation *op : ops) {
      OpBuilder builder(op);
      if (auto launch = dyn_cast<LaunchOp>(op)) {
        lower(builder, launch, number++);
      } else if (isa<BarrierOp>(op)) {
        wait(builder, op->getLoc());
        op->erase();
      }
    }
    for (BufferOp buffer : llvm::make_early_inc_range(entry.getOps<BufferOp>()))
      buffer.erase();
  }

private:
  void addArguments() {
    auto module = entry->getParentOfType<ModuleOp>();
    Builder builder(entry.getContext());
    Block &body = entry.getBody().front();
    Location loc = entry.getLoc();
    auto bytesType = [&](int64_t bytes) {
      return MemRefType::get({std::max<int64_t>(bytes, 1)},
                             builder.getI8Type());
    };
    auto addPorts = [&](StringRef name, SmallVector<Value> &ports) {
      for (auto port :
           entry->getAttrOfType<ArrayAttr>(name).getAsRange<DictionaryAttr>()) {
        auto type =
            cast<RankedTensorType>(port.getAs<TypeAttr>("type").getValue());
        int64_t elementBytes = type.getElementTypeBitWidth() / 8;
        ports.push_back(body.addArgument(
            bytesType(type.getNumElements() * elementBytes), loc));
      }
    };
    addPorts(plan::inputs, inputs);
    addPorts(plan::outputs, outputs);
    auto bytes = [&](StringRef name) {
      auto attr = module->getAttrOfType<IntegerAttr>(name);
      return bytesType(attr ? attr.getInt() : 0);
    };
    arena = body.addArgument(bytes(plan::arenaBytes), loc);
    scratch = body.addArgument(bytes(plan::scratchBytes), loc);
    frozen = body.addArgument(bytes(plan::frozenBytes), loc);
    thread = body.addArgument(builder.getIndexType(), loc);
    threads = body.addArgument(builder.getIndexType(), loc);
    team =
        body.addArgument(LLVM::LLVMPointerType::get(entry.getContext()), loc);
    entry.setFunctionType(builder.getFunctionType(body.getArgumentTypes(), {}));
  }

  /// The typed view of `bytes` (a byte buffer) at `offset`.
  static Value view(OpBuilder &builder, Location loc, Value bytes,
                    int64_t offset, MemRefType type) {
    Value shift = arith::ConstantIndexOp::create(builder, loc, offset);
    if (type.getLayout().isIdentity())
      return memref::ViewOp::create(builder, loc, type, bytes, shift,
                                    ValueRange());
    // A strided view: a dense line of all it spans, then its own shape on that.
    auto [strides, unused] = type.getStridesAndOffset();
    int64_t span = 1;
    for (auto [size, stride] : llvm::zip_equal(type.getShape(), strides))
      span += (size - 1) * stride;
    auto lineType = MemRefType::get({span}, type.getElementType());
    Value line = memref::ViewOp::create(builder, loc, lineType, bytes, shift,
                                        ValueRange());
    return memref::ReinterpretCastOp::create(builder, loc, type, line,
                                             /*offset=*/int64_t(0),
                                             type.getShape(), strides);
  }

  Value address(OpBuilder &builder, BufferOp buffer) {
    int64_t offset = buffer.getOffset();
    auto at = [&](Value bytes) {
      return view(builder, buffer.getLoc(), bytes, offset, buffer.getType());
    };
    switch (buffer.getSpace()) {
    case BufferSpace::Arena:
      return at(arena);
    case BufferSpace::Frozen:
      offset += offsets[buffer.getIndex()];
      return at(frozen);
    case BufferSpace::Input:
      return at(inputs[buffer.getIndex()]);
    case BufferSpace::Output:
      return at(outputs[buffer.getIndex()]);
    }
    llvm_unreachable("unknown space");
  }

  void wait(OpBuilder &builder, Location loc) {
    func::CallOp::create(builder, loc, "vitrail_barrier", TypeRange(), team);
  }

  /// Where the threads of a launch count the ranges that they take.
  Value counterOf(OpBuilder &builder, LaunchOp launch) {
    auto offset = launch->getAttrOfType<IntegerAttr>(plan::counter);
    auto type = MemRefType::get({1}, builder.getI64Type());
    return view(builder, launch.getLoc(), arena, offset.getInt(), type);
  }

  /// Before any thread counts, thread 0 clears the counters of the inference
  /// before.
  void clearCounters() {
    auto launches = llvm::to_vector(
        llvm::make_filter_range(entry.getOps<LaunchOp>(), [](LaunchOp launch) {
          return launch->hasAttr(plan::counter);
        }));
    if (launches.empty())
      return;
    Location loc = entry.getLoc();
    auto builder = OpBuilder::atBlockBegin(&entry.getBody().front());
    Value zero = arith::ConstantIndexOp::create(builder, loc, 0);
    Value isFirst = arith::CmpIOp::create(
        builder, loc, arith::CmpIPredicate::eq, thread, zero);
    auto choice =
        scf::IfOp::create(builder, loc, isFirst, /*withElseRegion=*/false);
    OpBuilder inside = choice.getThenBodyBuilder();
    Value none =
        arith::ConstantOp::create(inside, loc, inside.getI64IntegerAttr(0));
    for (LaunchOp launch : launches)
      memref::StoreOp::create(inside, loc, none, counterOf(inside, launch),
                              zero);
    wait(builder, loc);
  }

  void lower(OpBuilder &builder, LaunchOp launch, int64_t number) {
    Location loc = launch.getLoc();
    emitProfileHook(builder, loc, number);
    SmallVector<Value> arguments;
    for (Value buffer : launch.getBuffers())
      arguments.push_back(address(builder, buffer.getDefiningOp<BufferOp>()));
    auto kernel = SymbolTable::lookupNearestSymbolFrom<func::FuncOp>(
        launch, launch.getKernelAttr());
    auto scratchType =
        cast<MemRefType>(kernel.getArgumentTypes()[arguments.size()]);
    arguments.push_back(view(builder, loc, scratch, 0, scratchType));
    arguments.append({thread, threads});
    if (kernel->hasAttr(plan::counter))
      arguments.push_back(counterOf(builder, launch));
    else if (kernel.getNumArguments() > arguments.size())
      arguments.push_back(team);
    func::CallOp::create(builder, loc, kernel, arguments);
    launch.erase();
  }

  /// `if (team->profiling) vitrail_profile_region(team, number)`.
  void emitProfileHook(OpBuilder &builder, Location loc, int64_t number) {
    Value flag = LLVM::LoadOp::create(builder, loc, builder.getI32Type(), team);
    Value zero =
        arith::ConstantOp::create(builder, loc, builder.getI32IntegerAttr(0));
    Value profiling = arith::CmpIOp::create(
        builder, loc, arith::CmpIPredicate::ne, flag, zero);
    auto hook =
        scf::IfOp::create(builder, loc, profiling, /*withElseRegion=*/false);
    OpBuilder inside = OpBuilder::atBlockBegin(hook.thenBlock());
    Value index = arith::ConstantOp::create(inside, loc,
                                            inside.getI64IntegerAttr(number));
    func::CallOp::create(inside, loc, "vitrail_profile_region", TypeRange(),
                         ValueRange{team, index});
  }

  func::FuncOp entry;
  ArrayRef<int64_t> offsets; // of the frozen results
  SmallVector<Value> inputs, outputs;
  Value arena, scratch, frozen, thread, threads, team;
};

class LowerProgramPass
    : public vitrail::impl::LowerProgramPassBase<LowerProgramPass> {
public:
  using LowerProgramPassBase::LowerProgramPassBase;

  void runOnOperation() override {
    ModuleOp module = getOperation();
    SmallVector<func::FuncOp> entries = entriesOf(module);
    if (entries.empty() || llvm::any_of(entries, [](func::FuncOp entry) {
          return !entry->hasAttr(plan::inputs);
        })) {
      module.emitError("no planned @")
          << entryName << "; run vitrail-plan-buffers before";
      return signalPassFailure();
    }
    for (func::FuncOp entry : entries)
      for (LaunchOp launch : entry.getOps<LaunchOp>())
        if (failed(checkCounter(launch)))
          return signalPassFailure();
    SmallVector<int64_t> offsets;
    if (auto freeze = module.lookupSymbol<func::FuncOp>(freezeName)) {
      offsets = layOutFrozen(module, freeze);
      freeze.erase();
    }
    declareRuntime(module);
    for (func::FuncOp entry : entries)
      EntryLowering(entry, offsets).run();
    // Only entries are called from outside.
    for (auto func : module.getOps<func::FuncOp>())
      if (func.isPrivate() && !func.isDeclaration())
        func->setAttr(
            "llvm.linkage",
            LLVM::LinkageAttr::get(&getContext(), LLVM::Linkage::Internal));
  }

private:
  static LogicalResult checkCounter(LaunchOp launch) {
    auto kernel = SymbolTable::lookupNearestSymbolFrom<func::FuncOp>(
        launch, launch.getKernelAttr());
    if (kernel->hasAttr(plan::counter) &&
        !launch->getAttrOfType<IntegerAttr>(plan::counter))
      return launch.emitError("threads of @")
             << kernel.getName() << " count the ranges that they take; "
             << plan::counter << " must say where in the arena";
    return success();
  }

  /// Without offsets from a frozen store, results follow one another.
  SmallVector<int64_t> layOutFrozen(ModuleOp module, func::FuncOp freeze) {
    if (auto given =
            module->getAttrOfType<DenseI64ArrayAttr>(plan::frozenOffsets))
      return SmallVector<int64_t>(given.asArrayRef());
    Builder builder(&getContext());
    SmallVector<int64_t> offsets;
    int64_t bytes = 0;
    for (Type type : freeze.getResultTypes()) {
      offsets.push_back(bytes);
      bytes = llvm::alignTo(bytes + cast<ShapedType>(type).getNumElements() * 4,
                            64);
    }
    module->setAttr(plan::frozenOffsets, builder.getDenseI64ArrayAttr(offsets));
    module->setAttr(plan::frozenBytes, builder.getI64IntegerAttr(bytes));
    return offsets;
  }

  void declareRuntime(ModuleOp module) {
    OpBuilder builder = OpBuilder::atBlockBegin(module.getBody());
    auto declare = [&](StringRef name, TypeRange types) {
      auto func = func::FuncOp::create(builder, module.getLoc(), name,
                                       builder.getFunctionType(types, {}));
      func.setPrivate();
    };
    Type pointer = LLVM::LLVMPointerType::get(&getContext());
    declare("vitrail_barrier", pointer);
    declare("vitrail_profile_region", {pointer, builder.getI64Type()});
  }
};

} // namespace
