//===- Describe.cpp - What a program says of itself -----------------------===//
//
// Part of Vitrail, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "compiler/pipeline/Describe.h"
#include "compiler/link/Identifiers.h"
#include "dialects/vitrail/Entries.h"
#include "passes/lower/Passes.h"
#include "passes/schedule/KernelNames.h"
#include "passes/schedule/Passes.h"
#include "llvm/ADT/StringSwitch.h"
#include "llvm/Support/FormatVariadic.h"
#include "llvm/Support/Path.h"

using namespace mlir;
using namespace vitrail;

static PortDescription describePort(DictionaryAttr attrs,
                                    std::string fallback) {
  PortDescription result;
  auto name = attrs.getAs<StringAttr>(port::name);
  result.name = name ? name.str() : std::move(fallback);
  auto type = cast<RankedTensorType>(attrs.getAs<TypeAttr>("type").getValue());
  result.shape.assign(type.getShape().begin(), type.getShape().end());
  if (type.getElementType().isUnsignedInteger(8))
    result.dtype = VITRAIL_U8;
  if (auto kind = attrs.getAs<StringAttr>(port::kind))
    result.kind = llvm::StringSwitch<vitrail_kind>(kind.getValue())
                      .Case("image", VITRAIL_IMAGE)
                      .Case("tokens", VITRAIL_TOKENS)
                      .Case("classes", VITRAIL_CLASSES)
                      .Case("probabilities", VITRAIL_PROBABILITIES)
                      .Default(VITRAIL_TENSOR);
  auto numbers = [&](StringRef key, SmallVector<float, 4> &out) {
    if (auto array = attrs.getAs<DenseF32ArrayAttr>(key))
      out.assign(array.asArrayRef().begin(), array.asArrayRef().end());
  };
  numbers(port::mean, result.mean);
  numbers(port::std, result.std);
  if (auto labels = attrs.getAs<ArrayAttr>(port::labels))
    for (Attribute label : labels)
      result.labels.push_back(cast<StringAttr>(label).str());
  return result;
}

static uint64_t bytesOf(ModuleOp module, StringRef key) {
  auto attr = module->getAttrOfType<IntegerAttr>(key);
  return attr ? attr.getInt() : 0;
}

static TensorDescription describeResult(LaunchOp launch, func::FuncOp kernel) {
  auto buffer = launch.getDestination().getDefiningOp<BufferOp>();
  TensorDescription tensor;
  bool isOutput = buffer.getSpace() == BufferSpace::Output;
  tensor.space = isOutput ? VITRAIL_OUTPUT : VITRAIL_ARENA;
  tensor.port = buffer.getIndex();
  tensor.offset = buffer.getOffset();
  auto write = *kernel.getOps<WriteOp>().begin();
  tensor.panels = !write.getRows();
  tensor.shape = kernelResult(kernel);
  auto strides = buffer.getType().getStridesAndOffset().first;
  if (tensor.panels) {
    // [panels, ..., 16]: the last axis is panels of elements.
    tensor.strides.assign(strides.begin() + 1, strides.end() - 1);
    tensor.strides.push_back(strides.front());
  } else {
    tensor.strides.assign(strides.begin(), strides.end());
  }
  return tensor;
}

/// Names the results of regions by their scopes, and by numbers where a scope
/// has several.
static void nameTensors(func::FuncOp function, EntryDescription &entry) {
  llvm::StringMap<unsigned> count, number;
  for (LaunchOp launch : function.getOps<LaunchOp>())
    ++count[launch.getName()];
  for (auto [launch, region] :
       llvm::zip_equal(function.getOps<LaunchOp>(), entry.regions)) {
    StringRef name = launch.getName();
    region.tensor = name.str();
    if (count[name] > 1)
      region.tensor += "-" + std::to_string(++number[name]);
  }
}

static EntryDescription describeEntry(func::FuncOp function,
                                      const LayerTable &layers) {
  EntryDescription entry;
  entry.name = function.getName().str();
  auto describe = [&](StringRef key, StringRef fallback,
                      std::vector<PortDescription> &ports) {
    for (auto attrs :
         function->getAttrOfType<ArrayAttr>(key).getAsRange<DictionaryAttr>())
      ports.push_back(
          describePort(attrs, (fallback + Twine(ports.size())).str()));
  };
  describe(plan::inputs, "input", entry.inputs);
  describe(plan::outputs, "output", entry.outputs);
  function.walk([&](LaunchOp launch) {
    RegionDescription region;
    auto kernel = SymbolTable::lookupNearestSymbolFrom<func::FuncOp>(
        launch, launch.getKernelAttr());
    region.name =
        (launch.getName() + ": " + llvm::join(kernelOps(kernel), "+")).str();
    region.flops = launch.getFlops();
    region.bytes = launch.getBytes();
    region.facts =
        llvm::formatv("{0}", llvm::json::Value(layers.describe(launch)));
    region.facts = StringRef(region.facts).drop_front().drop_back().str();
    region.result = describeResult(launch, kernel);
    entry.flops += region.flops;
    entry.regions.push_back(std::move(region));
  });
  nameTensors(function, entry);
  // Less work than this a thread costs more to hand out than to do.
  constexpr double flopsPerThread = 4e6;
  entry.maxThreads =
      std::max<int64_t>(1, int64_t(entry.flops / flopsPerThread));
  return entry;
}

ProgramDescription vitrail::describeProgram(ModuleOp module,
                                            const LayerTable &layers,
                                            const CompileOptions &options) {
  ProgramDescription program;
  auto model = module->getAttrOfType<StringAttr>("vitrail.model");
  program.name =
      model ? model.str() : llvm::sys::path::stem(options.model).str();
  StringRef stem = llvm::sys::path::stem(options.output);
  if (options.emit != EmitKind::Executable)
    stem.consume_front("lib");
  program.prefix = cIdentifier(stem);
  for (func::FuncOp entry : entriesOf(module))
    program.entries.push_back(describeEntry(entry, layers));
  program.arenaBytes = bytesOf(module, plan::arenaBytes);
  llvm::json::Object info = options.toJSON();
  info["compiler"] = "vitrail " + compilerVersion().str();
  program.infoJson = llvm::formatv("{0}", llvm::json::Value(std::move(info)));
  return program;
}

VariantDescription vitrail::describeVariant(ModuleOp module,
                                            const Target &target) {
  VariantDescription variant;
  variant.target = target.cpu;
  variant.cpuFeatures = target.requiredFeatures;
  variant.vectorBits = target.vectorWidth * 32;
  variant.scratchBytes = bytesOf(module, plan::scratchBytes);
  return variant;
}

std::vector<MatmulDescription> vitrail::describeMatmuls(ModuleOp module) {
  std::vector<MatmulDescription> matmuls;
  if (auto shapes = module->getAttrOfType<ArrayAttr>(plan::matmuls))
    for (auto shape : shapes.getAsRange<DenseI64ArrayAttr>())
      matmuls.push_back({shape[0], shape[1]});
  return matmuls;
}
