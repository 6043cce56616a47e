//===- Target.cpp - The processor code is made for ------------------------===//
//
// Part of Vitrail, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "compiler/codegen/Target.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/MC/MCSubtargetInfo.h"
#include "llvm/MC/TargetRegistry.h"
#include "llvm/Support/TargetSelect.h"
#include "llvm/TargetParser/Host.h"
#include "llvm/TargetParser/X86TargetParser.h"

using namespace llvm;
using namespace vitrail;

/// Instruction sets that code generation may use where the processor has them.
static constexpr StringLiteral usedFeatures[] = {
    "sse4.2",     "popcnt",       "avx",
    "f16c",       "fma",          "bmi",
    "avx2",       "bmi2",         "lzcnt",
    "movbe",      "avx512f",      "avx512dq",
    "avx512cd",   "avx512bw",     "avx512vl",
    "avx512ifma", "avx512vbmi",   "avx512vbmi2",
    "avx512vnni", "avx512bitalg", "avx512vpopcntdq",
    "avx512bf16", "gfni",         "avxvnni",
};

static void initializeOnce() {
  static bool done = [] {
    LLVMInitializeX86TargetInfo();
    LLVMInitializeX86Target();
    LLVMInitializeX86TargetMC();
    LLVMInitializeX86AsmPrinter();
    LLVMInitializeX86AsmParser();
    return true;
  }();
  (void)done;
}

/// The features of this machine, as LLVM lists them.
static std::string hostFeatures() {
  std::string list;
  for (const auto &feature : sys::getHostCPUFeatures())
    list += (list.empty() ? "" : ",") +
            std::string(feature.getValue() ? "+" : "-") +
            feature.getKey().str();
  return list;
}

static bool has(const vitrail::Target &target, StringRef feature) {
  return target.machine->getMCSubtargetInfo()->checkFeatures(
      ("+" + feature).str());
}

/// The processor `cpu` as LLVM sees it, without what follows from that.
static Expected<vitrail::Target> makeTarget(std::string cpu,
                                            std::string features) {
  initializeOnce();
  vitrail::Target target;
  target.cpu = std::move(cpu);
  target.features = std::move(features);
  std::string error;
  Triple triple("x86_64-unknown-linux-gnu");
  const llvm::Target *llvmTarget = TargetRegistry::lookupTarget(triple, error);
  if (!llvmTarget)
    return createStringError(error);
  target.machine.reset(llvmTarget->createTargetMachine(
      triple, target.cpu, target.features, TargetOptions(), Reloc::PIC_,
      CodeModel::Small, CodeGenOptLevel::Aggressive));
  return std::move(target);
}

Expected<vitrail::Target> vitrail::baselineTarget() {
  return makeTarget("x86-64", "");
}

Expected<vitrail::Target> vitrail::resolveTarget(StringRef name) {
  bool host = name == "host";
  if (!host && X86::parseArchX86(name, /*Only64Bit=*/true) == X86::CK_None)
    return createStringError("--target: no x86-64 processor is called '" +
                             name +
                             "'; use host, x86-64-v3, x86-64-v4 or a name such "
                             "as haswell, znver4, sapphirerapids");
  auto made = host ? makeTarget(sys::getHostCPUName().str(), hostFeatures())
                   : makeTarget(name.str(), "");
  if (!made)
    return made.takeError();
  vitrail::Target target = std::move(*made);
  for (StringRef needed : {"avx2", "fma"})
    if (!has(target, needed))
      return createStringError("--target " + name + ": the processor has no " +
                               needed.upper() +
                               ", the least that code is generated for is AVX2 "
                               "with FMA (x86-64-v3)");
  if (all_of(ArrayRef<StringRef>{"avx512f", "avx512vl", "avx512bw", "avx512dq"},
             [&](StringRef feature) { return has(target, feature); })) {
    target.vectorWidth = 16;
    target.vectorRegisters = 32;
  }
  SmallVector<StringRef> required;
  for (StringRef feature : usedFeatures)
    if (has(target, feature))
      required.push_back(feature);
  target.requiredFeatures = join(required, " ");
  return std::move(target);
}

static bool isLessDemanding(const vitrail::Target &a,
                            const vitrail::Target &b) {
  auto demand = [](const vitrail::Target &target) {
    return std::pair(target.vectorWidth,
                     StringRef(target.requiredFeatures).count(' '));
  };
  return demand(a) < demand(b);
}

Expected<SmallVector<vitrail::Target, 1>>
vitrail::resolveTargets(StringRef names) {
  SmallVector<vitrail::Target, 1> targets;
  for (StringRef name : split(names, ',')) {
    auto target = resolveTarget(name);
    if (!target)
      return target.takeError();
    if (any_of(targets, [&](const vitrail::Target &other) {
          return other.cpu == target->cpu;
        }))
      return createStringError("--target " + names + ": " + target->cpu +
                               " is in it twice; name each processor once");
    auto place = upper_bound(targets, *target, isLessDemanding);
    targets.insert(place, std::move(*target));
  }
  return std::move(targets);
}

//===----------------------------------------------------------------------===//
// Element types
//===----------------------------------------------------------------------===//

namespace {
/// An element type of the arithmetic, as --dtype names it.
struct DType {
  StringLiteral name;
  /// Instruction sets one of which it needs; none: every target has it.
  ArrayRef<StringLiteral> features;
  bool implemented;
};
} // namespace

static constexpr StringLiteral bf16Features[] = {"avx512bf16"};
static constexpr StringLiteral int8Features[] = {"avx512vnni", "avxvnni"};
static const DType dtypes[] = {{"f32", {}, true},
                               {"bf16", bf16Features, false},
                               {"int8", int8Features, false}};

Error vitrail::checkDType(StringRef name, ArrayRef<vitrail::Target> targets) {
  const DType *dtype =
      find_if(dtypes, [&](const DType &known) { return known.name == name; });
  if (dtype == std::end(dtypes))
    return createStringError("--dtype " + name +
                             ": the types are f32, bf16 and int8");
  std::string lacking;
  for (const vitrail::Target &target : targets)
    if (!dtype->features.empty() &&
        none_of(dtype->features,
                [&](StringRef feature) { return has(target, feature); }))
      lacking += (lacking.empty() ? "" : ", ") + target.cpu;
  std::string reason;
  if (!dtype->implemented)
    reason = "this compiler makes f32 programs";
  if (!lacking.empty())
    reason += (reason.empty() ? "" : "; besides, ") + name.str() + " needs " +
              join(dtype->features, " or ") +
              ", which is missing of: " + lacking;
  if (reason.empty())
    return Error::success();
  return createStringError("--dtype " + name + ": " + reason);
}
