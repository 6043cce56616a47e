//===- PlanBuffers.cpp - Places for tensors, kernels for regions
//--------------===//
//
// Part of Vitrail, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "dialects/vitrail/Panels.h"
#include "mlir/IR/IRMapping.h"
#include "passes/schedule/Arena.h"
#include "passes/schedule/Passes.h"
#include "passes/schedule/Views.h"
#include "passes/simplify/WeightSide.h"
#include "llvm/ADT/MapVector.h"
#include "llvm/ADT/StringMap.h"

namespace vitrail {
#define GEN_PASS_DEF_PLANBUFFERSPASS
#include "passes/schedule/Passes.h.inc"
} // namespace vitrail

using namespace mlir;
using namespace vitrail;

namespace {

/// The axis along which a kernel wants a frozen tensor in panels: that of the
/// columns it computes in vectors.
int64_t frozenPanelAxis(BlockArgument argument) {
  int64_t last = cast<RankedTensorType>(argument.getType()).getRank() - 1;
  for (OpOperand &use : argument.getUses())
    if (auto linear = dyn_cast<LinearOp>(use.getOwner());
        linear && use.get() == linear.getWeight())
      return linear.getTransposed() ? 1 : 0;
  return last;
}

/// Multiply-accumulates count twice, everything elementwise once.
int64_t countFlops(RegionOp region) {
  int64_t flops = 0;
  for (Operation &op : region.getBody().front().without_terminator()) {
    if (auto cost = dyn_cast<CostOpInterface>(op))
      flops += 2 * cost.getMacs();
    else if (!isa<arith::ConstantOp, RearrangeOp>(op))
      flops +=
          cast<RankedTensorType>(op.getResult(0).getType()).getNumElements();
  }
  return flops;
}

int64_t countBytes(RegionOp region) {
  int64_t elements = region.getType().getNumElements();
  for (Value input : region.getInputs())
    elements += cast<RankedTensorType>(input.getType()).getNumElements();
  return elements * 4;
}

class Planner {
public:
  explicit Planner(ModuleOp module)
      : module(module), main(module.lookupSymbol<func::FuncOp>(entryName)),
        builder(module.getContext()), weightSide(main) {}

  LogicalResult run() {
    collectReturns();
    describePorts();
    SmallVector<RegionOp> regions(main.getOps<RegionOp>());
    for (RegionOp region : regions)
      if (failed(plan(region)))
        return failure();
    ArenaPlan arena = planArena(intervals);
    rewriteMain(arena);
    buildFreeze();
    return success();
  }

private:
  /// One launch to be: its kernel and where its operands lie.
  struct Launch {
    RegionOp region;
    func::FuncOp kernel;
    SmallVector<Place> places;
    SmallVector<MemRefType> types;
  };

  void collectReturns() {
    Operation *ret = main.getBody().front().getTerminator();
    for (OpOperand &operand : ret->getOpOperands())
      returned.try_emplace(operand.get(), operand.getOperandNumber());
  }

  /// Keeps what arguments and results said about ports on the module.
  void describePorts() {
    auto describe = [&](DictionaryAttr attrs, Type type) -> Attribute {
      NamedAttrList list(attrs ? attrs : builder.getDictionaryAttr({}));
      list.set("type", TypeAttr::get(type));
      return list.getDictionary(builder.getContext());
    };
    SmallVector<Attribute> inputs, outputs;
    for (auto [i, type] : llvm::enumerate(main.getArgumentTypes()))
      inputs.push_back(describe(main.getArgAttrDict(i), type));
    for (auto [i, type] : llvm::enumerate(main.getResultTypes()))
      outputs.push_back(describe(main.getResultAttrDict(i), type));
    module->setAttr(plan::inputs, builder.getArrayAttr(inputs));
    module->setAttr(plan::outputs, builder.getArrayAttr(outputs));
  }

  /// The place of a run-time tensor, decided on first demand.
  Place placeOf(Value value) {
    if (auto found = places.find(value); found != places.end())
      return found->second;
    Place place = decide(value);
    places.insert({value, place});
    return place;
  }

  Place decide(Value value) {
    auto type = cast<RankedTensorType>(value.getType());
    if (auto argument = dyn_cast<BlockArgument>(value))
      return Place::dense(BufferSpace::Input, argument.getArgNumber(), type,
                          /*rows=*/true);
    if (auto slice = value.getDefiningOp<SliceOp>())
      return placeOf(slice.getInput()).slice(slice.getOffsets());
    if (auto rearrange = value.getDefiningOp<RearrangeOp>())
      return placeOf(rearrange.getInput()).rearrange(rearrange);
    if (auto found = returned.find(value); found != returned.end())
      return Place::dense(BufferSpace::Output, found->second, type,
                          /*rows=*/true);
    for (OpOperand &use : value.getUses())
      if (auto concat = dyn_cast<ConcatOp>(use.getOwner()))
        return partOf(concat, use.getOperandNumber());
    intervals.push_back({panelElements(type) * 4});
    return Place::dense(BufferSpace::Arena, intervals.size() - 1, type,
                        /*rows=*/false);
  }

  /// Where operand `number` of a concat lies in the concat's own place.
  Place partOf(ConcatOp concat, unsigned number) {
    SmallVector<int64_t> offsets(concat.getType().getRank(), 0);
    for (Value before : concat.getInputs().take_front(number))
      offsets[concat.getAxis()] +=
          cast<RankedTensorType>(before.getType()).getDimSize(concat.getAxis());
    return placeOf(concat.getResult()).slice(offsets);
  }

  /// The number of the frozen result that holds `value` packed along `axis`.
  int64_t frozenIndex(Value value, int64_t axis) {
    auto [entry, added] =
        frozen.insert({{value, axis}, int64_t(frozen.size())});
    return entry->second;
  }

  static LogicalResult check(RegionOp region) {
    SmallVector<Value> values(region.getInputs());
    values.push_back(region.getResult());
    for (Value value : values) {
      auto type = cast<RankedTensorType>(value.getType());
      if (type.getRank() == 0)
        return region.emitError(
            "a scalar cannot be laid out in panels; give it "
            "an axis of size 1");
      if (!type.getElementType().isF32())
        return region.emitError("no kernel computes with ")
               << type.getElementType() << "; only f32 can be compiled";
    }
    return success();
  }

  LogicalResult plan(RegionOp region) {
    if (failed(check(region)))
      return failure();
    int64_t step = launches.size();
    Launch launch;
    launch.region = region;
    SmallVector<int64_t> axes;
    auto addRunTime = [&](Value value) {
      Place place = placeOf(value);
      auto type = cast<RankedTensorType>(value.getType());
      if (place.space == BufferSpace::Arena)
        intervals[place.index].extend(step);
      launch.types.push_back(place.bufferType(type));
      launch.places.push_back(std::move(place));
      axes.push_back(type.getRank() - 1);
    };
    for (auto [input, argument] :
         llvm::zip_equal(region.getInputs(), region.getBody().getArguments())) {
      if (!weightSide.isFrozen(input)) {
        addRunTime(input);
        continue;
      }
      auto type = cast<RankedTensorType>(input.getType());
      int64_t axis = frozenPanelAxis(argument);
      Place place;
      place.space = BufferSpace::Frozen;
      place.index = frozenIndex(input, axis);
      launch.places.push_back(place);
      launch.types.push_back(MemRefType::get(panelShape(type.getShape(), axis),
                                             type.getElementType()));
      axes.push_back(axis);
    }
    addRunTime(region.getResult());
    launch.kernel = kernelFor(launch, axes);
    launches.push_back(std::move(launch));
    return success();
  }

  /// The kernel of a region: one function for all regions with the same body on
  /// the same layouts, twelve layers of an encoder among them.
  func::FuncOp kernelFor(const Launch &launch, ArrayRef<int64_t> axes) {
    RegionOp region = launch.region;
    std::string key;
    llvm::raw_string_ostream os(key);
    for (auto [type, place, axis] :
         llvm::zip_equal(launch.types, launch.places, axes))
      os << type << (place.rows ? " rows " : " ") << axis << ' ';
    OpPrintingFlags flags;
    flags.useLocalScope();
    for (Operation &op : region.getBody().front())
      op.print(os, flags);
    func::FuncOp &kernel = kernels[key];
    if (kernel)
      return kernel;

    Operation *first = &region.getBody().front().front();
    for (Operation &op : region.getBody().front().without_terminator())
      if (!isa<arith::ConstantOp, RearrangeOp>(op)) {
        first = &op;
        break;
      }
    StringRef anchor =
        isa<YieldOp>(first) ? "copy" : first->getName().stripDialect();
    std::string name = (anchor + "_" + Twine(kernels.size() - 1)).str();
    builder.setInsertionPoint(main);
    SmallVector<Type> types(launch.types.begin(), launch.types.end());
    kernel = func::FuncOp::create(builder, region.getLoc(), name,
                                  builder.getFunctionType(types, {}));
    kernel.setPrivate();
    kernel->setAttr(plan::kernel, builder.getUnitAttr());
    Block *block = kernel.addEntryBlock();
    builder.setInsertionPointToStart(block);
    IRMapping mapping;
    Block &body = region.getBody().front();
    for (auto [i, argument] : llvm::enumerate(body.getArguments()))
      mapping.map(argument,
                  ReadOp::create(builder, region.getLoc(), argument.getType(),
                                 block->getArgument(i), axes[i],
                                 launch.places[i].rows));
    for (Operation &op : body.without_terminator())
      builder.clone(op, mapping);
    Value result = cast<YieldOp>(body.getTerminator()).getResult();
    WriteOp::create(builder, region.getLoc(), mapping.lookup(result),
                    block->getArguments().back(), axes.back(),
                    launch.places.back().rows);
    func::ReturnOp::create(builder, region.getLoc());
    return kernel;
  }

  void rewriteMain(const ArenaPlan &arena) {
    auto program = func::FuncOp::create(main.getLoc(), "program",
                                        builder.getFunctionType({}, {}));
    Block *block = program.addEntryBlock();
    builder.setInsertionPointToStart(block);
    for (Launch &launch : launches) {
      SmallVector<Value> buffers;
      Location loc = launch.region.getLoc();
      for (auto [place, type] : llvm::zip_equal(launch.places, launch.types)) {
        bool inArena = place.space == BufferSpace::Arena;
        int64_t offset =
            place.offset * 4 + (inArena ? arena.offsets[place.index] : 0);
        buffers.push_back(BufferOp::create(builder, loc, type, place.space,
                                           inArena ? 0 : place.index, offset));
      }
      LaunchOp::create(builder, loc, launch.kernel.getName(),
                       launch.region.getName(), buffers,
                       countFlops(launch.region), countBytes(launch.region));
    }
    func::ReturnOp::create(builder, main.getLoc());
    module->setAttr(plan::arenaBytes, builder.getI64IntegerAttr(arena.bytes));
    main->getParentRegion()->front().getOperations().insert(
        Block::iterator(main), program);
    model = main;
    main = program;
  }

  /// Clones what the frozen results need into `@freeze`.
  void buildFreeze() {
    SmallVector<Type> types;
    builder.setInsertionPoint(main);
    auto freeze = func::FuncOp::create(builder, main.getLoc(), freezeName,
                                       builder.getFunctionType({}, {}));
    Block *block = freeze.addEntryBlock();
    builder.setInsertionPointToStart(block);
    IRMapping mapping;
    SmallVector<Value> results;
    for (Operation &op : model.getBody().front())
      if (op.getNumResults() == 1 && weightSide.isFrozen(op.getResult(0)))
        builder.clone(op, mapping);
    for (auto &[key, index] : frozen) {
      Value value = mapping.lookup(key.first);
      results.push_back(
          PackOp::create(builder, value.getLoc(), value, key.second));
      types.push_back(results.back().getType());
    }
    func::ReturnOp::create(builder, main.getLoc(), results);
    freeze.setFunctionType(builder.getFunctionType({}, types));
    model.erase();
    main.setName(entryName);
  }

  ModuleOp module;
  func::FuncOp main;  // the program
  func::FuncOp model; // the function it replaces
  OpBuilder builder;
  WeightSide weightSide;
  DenseMap<Value, int64_t> returned;
  DenseMap<Value, Place> places;
  SmallVector<Interval> intervals;
  llvm::MapVector<std::pair<Value, int64_t>, int64_t> frozen;
  llvm::StringMap<func::FuncOp> kernels;
  SmallVector<Launch> launches;
};

class PlanBuffersPass
    : public vitrail::impl::PlanBuffersPassBase<PlanBuffersPass> {
public:
  using PlanBuffersPassBase::PlanBuffersPassBase;

  void runOnOperation() override {
    if (!getOperation().lookupSymbol<func::FuncOp>(entryName)) {
      getOperation().emitError("no function @") << entryName << " to plan";
      return signalPassFailure();
    }
    if (failed(Planner(getOperation()).run()))
      signalPassFailure();
  }
};

} // namespace
