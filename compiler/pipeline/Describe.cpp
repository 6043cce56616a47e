//===- Describe.cpp - What a program says of itself
//---------------------------===//
//
// Part of Vitrail, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "compiler/pipeline/Describe.h"
#include "compiler/link/Identifiers.h"
#include "passes/lower/Passes.h"
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

void vitrail::describeRegions(ModuleOp module, ProgramDescription &program) {
  module.walk([&](LaunchOp launch) {
    RegionDescription region;
    StringRef kind = launch.getKernel().rsplit('_').first;
    region.name = (launch.getName() + ": " + kind).str();
    region.flops = launch.getFlops();
    region.bytes = launch.getBytes();
    program.flops += region.flops;
    program.regions.push_back(std::move(region));
  });
}

void vitrail::describeProgram(ModuleOp module, const CompileOptions &options,
                              const Target &target,
                              ProgramDescription &program) {
  auto model = module->getAttrOfType<StringAttr>("vitrail.model");
  program.name =
      model ? model.str() : llvm::sys::path::stem(options.model).str();
  StringRef stem = llvm::sys::path::stem(options.output);
  if (options.emit != EmitKind::Executable)
    stem.consume_front("lib");
  program.prefix = cIdentifier(stem);
  auto describe = [&](StringRef key, StringRef fallback,
                      std::vector<PortDescription> &ports) {
    for (auto attrs :
         module->getAttrOfType<ArrayAttr>(key).getAsRange<DictionaryAttr>())
      ports.push_back(
          describePort(attrs, (fallback + Twine(ports.size())).str()));
  };
  describe(plan::inputs, "input", program.inputs);
  describe(plan::outputs, "output", program.outputs);
  program.entry = program.symbolPrefix() + "_entry";
  auto bytes = [&](StringRef key) -> uint64_t {
    auto attr = module->getAttrOfType<IntegerAttr>(key);
    return attr ? attr.getInt() : 0;
  };
  program.arenaBytes = bytes(plan::arenaBytes);
  program.scratchBytes = bytes(plan::scratchBytes);
  program.cpuFeatures = target.requiredFeatures;

  llvm::json::Object info = options.toJSON();
  info["compiler"] = "vitrail " + compilerVersion().str();
  info["cpu"] = target.cpu;
  info["vector_bits"] = target.vectorWidth * 32;
  program.infoJson = llvm::formatv("{0}", llvm::json::Value(std::move(info)));
  // Less work than this a thread costs more to hand out than to do.
  constexpr double flopsPerThread = 4e6;
  program.maxThreads =
      std::max<int64_t>(1, int64_t(program.flops / flopsPerThread));
}
