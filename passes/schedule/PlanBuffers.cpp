//===- PlanBuffers.cpp - Places for tensors, kernels for regions ----------===//
//
// Part of Vitrail, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "dialects/vitrail/Entries.h"
#include "dialects/vitrail/Panels.h"
#include "passes/schedule/Arena.h"
#include "passes/schedule/Bands.h"
#include "passes/schedule/FrozenTable.h"
#include "passes/schedule/InPlace.h"
#include "passes/schedule/KernelTable.h"
#include "passes/schedule/Passes.h"
#include "passes/schedule/Work.h"
#include "passes/simplify/WeightSide.h"

namespace vitrail {
#define GEN_PASS_DEF_PLANBUFFERSPASS
#include "passes/schedule/Passes.h.inc"
} // namespace vitrail

using namespace mlir;
using namespace vitrail;

namespace {

int64_t countBytes(const Launch &launch) {
  RegionOp region = launch.region;
  SmallVector<Value> values(region.getInputs());
  values.push_back(region.getResult());
  int64_t bytes = 0;
  for (auto [value, place] : llvm::zip_equal(values, launch.places))
    bytes += cast<RankedTensorType>(value.getType()).getNumElements() *
             place.elementBytes();
  return bytes;
}

/// Plans one entry. Kernels and frozen tensors are those of all entries.
class EntryPlanner {
public:
  EntryPlanner(func::FuncOp entry, int64_t weightWidth, KernelTable &kernels,
               FrozenTable &frozen)
      : entry(entry), weightWidth(weightWidth), builder(entry.getContext()),
        weightSide(entry), kernels(kernels), frozen(frozen) {}

  /// Decides where everything lies.
  LogicalResult plan() {
    collectReturns();
    for (RegionOp region : entry.getOps<RegionOp>())
      if (failed(plan(region)))
        return failure();
    extendOverSegments();
    arena = planArena(intervals);
    return success();
  }

  /// Of its buffers, and then of the counters of its launches.
  int64_t arenaBytes() const { return counterOffset(counters); }

  /// Replaces the function by launches, once `@freeze` is built.
  void rewrite() {
    auto program = func::FuncOp::create(entry.getLoc(), entry.getName(),
                                        builder.getFunctionType({}, {}));
    describePorts(program);
    Block *block = program.addEntryBlock();
    builder.setInsertionPointToStart(block);
    int64_t taken = 0;
    for (Launch &launch : launches) {
      SmallVector<Value> buffers;
      Location loc = launch.region.getLoc();
      for (auto [place, type] : llvm::zip_equal(launch.places, launch.types)) {
        int64_t index = place.index;
        int64_t offset = place.offset * place.elementBytes();
        if (place.space == BufferSpace::Arena) {
          index = 0;
          offset += arena.offsets[place.index];
        } else if (place.space == BufferSpace::Frozen) {
          index = frozen.resultOf(place.index);
        }
        buffers.push_back(
            BufferOp::create(builder, loc, type, place.space, index, offset));
      }
      auto op = LaunchOp::create(builder, loc, launch.kernel.getName(),
                                 launch.region.getName(), buffers, launch.flops,
                                 launch.bytes);
      if (Attribute bands = launch.region->getAttr(plan::bands))
        op->setAttr(plan::bands, bands);
      if (!hasCounter(launch))
        continue;
      launch.kernel->setAttr(plan::counter, builder.getUnitAttr());
      op->setAttr(plan::counter,
                  builder.getI64IntegerAttr(counterOffset(taken++)));
    }
    func::ReturnOp::create(builder, entry.getLoc());
    entry->getBlock()->getOperations().insert(Block::iterator(entry), program);
    entry.erase();
  }

private:
  /// Counters lie behind the buffers, each in a cache line of its own.
  int64_t counterOffset(int64_t number) const {
    constexpr int64_t lineBytes = 64;
    if (counters == 0)
      return arena.bytes;
    return llvm::alignTo(arena.bytes, lineBytes) + number * lineBytes;
  }

  void collectReturns() {
    Operation *ret = entry.getBody().front().getTerminator();
    for (OpOperand &operand : ret->getOpOperands())
      returned.try_emplace(operand.get(), operand.getOperandNumber());
  }

  /// Keeps what arguments and results said about ports, and the mark of a
  /// further entry.
  void describePorts(func::FuncOp program) {
    auto describe = [&](DictionaryAttr attrs, Type type) -> Attribute {
      NamedAttrList list(attrs ? attrs : builder.getDictionaryAttr({}));
      list.set("type", TypeAttr::get(type));
      return list.getDictionary(builder.getContext());
    };
    SmallVector<Attribute> inputs, outputs;
    for (auto [i, type] : llvm::enumerate(entry.getArgumentTypes()))
      inputs.push_back(describe(entry.getArgAttrDict(i), type));
    for (auto [i, type] : llvm::enumerate(entry.getResultTypes()))
      outputs.push_back(describe(entry.getResultAttrDict(i), type));
    program->setAttr(plan::inputs, builder.getArrayAttr(inputs));
    program->setAttr(plan::outputs, builder.getArrayAttr(outputs));
    if (Attribute mark = entry->getAttr(entryMark))
      program->setAttr(entryMark, mark);
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
    if (auto pixels = value.getDefiningOp<FromU8Op>())
      return placeOf(pixels.getInput());
    if (auto slice = value.getDefiningOp<SliceOp>())
      return placeOf(slice.getInput()).slice(slice.getOffsets());
    if (auto rearrange = value.getDefiningOp<RearrangeOp>();
        rearrange && isView(rearrange))
      return placeOf(rearrange.getInput())
          .rearrange(rearrangementOf(rearrange));
    if (auto found = returned.find(value); found != returned.end())
      return Place::dense(BufferSpace::Output, found->second, type,
                          /*rows=*/true);
    for (OpOperand &use : value.getUses()) {
      if (auto concat = dyn_cast<ConcatOp>(use.getOwner()))
        return partOf(concat, use.getOperandNumber());
      if (auto rearrange = dyn_cast<RearrangeOp>(use.getOwner());
          rearrange && isWrittenThrough(rearrange))
        return placeOf(rearrange.getResult())
            .rearrange(inverse(rearrangementOf(rearrange)));
    }
    if (Value overwritten = overwrittenBy(value)) {
      Place place = placeOf(overwritten);
      owners[place.index] = value;
      return place;
    }
    intervals.push_back({panelElements(type) * 4});
    owners.push_back(value);
    return Place::dense(BufferSpace::Arena, intervals.size() - 1, type,
                        /*rows=*/false);
  }

  /// The operand in whose buffer `value` can be written, or null: it has one of
  /// its own. A library writes its sums where the result will be, and threads
  /// with units of their own are not where others are.
  Value overwrittenBy(Value value) {
    auto region = value.getDefiningOp<RegionOp>();
    if (!region || region->hasAttr(plan::bands) || weightWidth != panelWidth)
      return {};
    Value operand = overwritableOperand(region);
    if (!operand)
      return {};
    Place place = placeOf(operand);
    bool owns =
        place.space == BufferSpace::Arena && owners[place.index] == operand;
    return owns ? operand : Value();
  }

  /// Where operand `number` of a concat lies in the concat's own place.
  Place partOf(ConcatOp concat, unsigned number) {
    SmallVector<int64_t> offsets(concat.getType().getRank(), 0);
    for (Value before : concat.getInputs().take_front(number))
      offsets[concat.getAxis()] +=
          cast<RankedTensorType>(before.getType()).getDimSize(concat.getAxis());
    return placeOf(concat.getResult()).slice(offsets);
  }

  /// The panels of a frozen operand lie along the axis of the columns that its
  /// kernel computes in vectors.
  Panels frozenPanels(BlockArgument argument) const {
    for (OpOperand &use : argument.getUses())
      if (auto linear = dyn_cast<LinearOp>(use.getOwner());
          linear && use.get() == linear.getWeight())
        return {linear.getTransposed() ? 1 : 0, weightWidth};
    return {cast<RankedTensorType>(argument.getType()).getRank() - 1};
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
    if (failed(check(region)) || failed(Bands::verify(region)))
      return failure();
    int64_t step = launches.size();
    Launch launch;
    launch.region = region;
    auto addRunTime = [&](Value value) {
      Place place = placeOf(value);
      auto type = cast<RankedTensorType>(value.getType());
      if (place.space == BufferSpace::Arena)
        intervals[place.index].extend(step);
      launch.types.push_back(place.bufferType(type));
      launch.places.push_back(std::move(place));
      launch.panels.push_back({type.getRank() - 1});
    };
    for (auto [input, argument] :
         llvm::zip_equal(region.getInputs(), region.getBody().getArguments())) {
      if (!weightSide.isFrozen(input)) {
        addRunTime(input);
        continue;
      }
      auto type = cast<RankedTensorType>(input.getType());
      Panels panels = frozenPanels(argument);
      Place place;
      place.space = BufferSpace::Frozen;
      place.index = frozen.number(input, panels);
      launch.places.push_back(place);
      launch.types.push_back(MemRefType::get(
          panelShape(type.getShape(), panels.axis, panels.width),
          type.getElementType()));
      launch.panels.push_back(panels);
    }
    addRunTime(region.getResult());
    launch.kernel = kernels.kernelFor(launch);
    launch.flops = countFlops(region);
    launch.bytes = countBytes(launch);
    counters += hasCounter(launch);
    launches.push_back(std::move(launch));
    return success();
  }

  static bool hasCounter(const Launch &launch) {
    return !launch.region->hasAttr(plan::bands) &&
           isTaken(launch.flops, launch.bytes);
  }

  /// What launches of a segment touch is there until the last of them, for
  /// threads that are behind.
  void extendOverSegments() {
    DenseMap<int64_t, int64_t> lasts;
    auto forLaunches = [&](llvm::function_ref<void(int64_t, int64_t)> body) {
      for (auto [step, launch] : llvm::enumerate(launches))
        if (std::optional<Bands> bands = Bands::of(launch.region))
          body(step, bands->segment);
    };
    forLaunches([&](int64_t step, int64_t segment) { lasts[segment] = step; });
    forLaunches([&](int64_t step, int64_t segment) {
      for (const Place &place : launches[step].places)
        if (place.space == BufferSpace::Arena)
          intervals[place.index].extend(lasts[segment]);
    });
  }

  func::FuncOp entry;
  int64_t weightWidth; // of the panels of linears' weights
  OpBuilder builder;
  WeightSide weightSide;
  KernelTable &kernels;
  FrozenTable &frozen;
  DenseMap<Value, int64_t> returned;
  DenseMap<Value, Place> places;
  SmallVector<Interval> intervals;
  SmallVector<Value> owners; // what each interval holds, the last if several
  std::vector<Launch> launches;
  int64_t counters = 0; // of launches whose work is taken range by range
  ArenaPlan arena;
};

class PlanBuffersPass
    : public vitrail::impl::PlanBuffersPassBase<PlanBuffersPass> {
public:
  using PlanBuffersPassBase::PlanBuffersPassBase;

  void runOnOperation() override {
    ModuleOp module = getOperation();
    SmallVector<func::FuncOp> entries = entriesOf(module);
    if (entries.empty()) {
      module.emitError("no function @") << entryName << " to plan";
      return signalPassFailure();
    }
    if (weightWidth < panelWidth || weightWidth % panelWidth) {
      module.emitError("weight-width is a positive multiple of ")
          << panelWidth << ", got " << int64_t(weightWidth);
      return signalPassFailure();
    }
    KernelTable kernels(entries.front());
    FrozenTable frozen;
    std::vector<EntryPlanner> planners;
    planners.reserve(entries.size());
    int64_t arenaBytes = 0;
    for (func::FuncOp entry : entries) {
      planners.emplace_back(entry, weightWidth, kernels, frozen);
      if (failed(planners.back().plan()))
        return signalPassFailure();
      arenaBytes = std::max(arenaBytes, planners.back().arenaBytes());
    }
    frozen.buildFreeze(entries, entries.front());
    for (EntryPlanner &planner : planners)
      planner.rewrite();
    module->setAttr(plan::arenaBytes,
                    OpBuilder(module).getI64IntegerAttr(arenaBytes));
  }
};

} // namespace
