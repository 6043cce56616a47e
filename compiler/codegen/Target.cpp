//===- Target.cpp - The processor code is made for
//----------------------------===//
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

Expected<vitrail::Target> vitrail::resolveTarget(StringRef name) {
  initializeOnce();
  vitrail::Target target;
  if (name.contains(','))
    return createStringError("--target " + name +
                             ": a program is for one processor; name one");
  bool host = name == "host";
  target.cpu = host ? sys::getHostCPUName().str() : name.str();
  if (host)
    target.features = hostFeatures();
  if (!host && X86::parseArchX86(name, /*Only64Bit=*/true) == X86::CK_None)
    return createStringError("--target: no x86-64 processor is called '" +
                             name +
                             "'; use host, x86-64-v3, x86-64-v4 or a name such "
                             "as haswell, znver4, sapphirerapids");

  std::string error;
  Triple triple("x86_64-unknown-linux-gnu");
  const llvm::Target *llvmTarget = TargetRegistry::lookupTarget(triple, error);
  if (!llvmTarget)
    return createStringError(error);
  target.machine.reset(llvmTarget->createTargetMachine(
      triple, target.cpu, target.features, TargetOptions(), Reloc::PIC_,
      CodeModel::Small, CodeGenOptLevel::Aggressive));
  const MCSubtargetInfo &subtarget = *target.machine->getMCSubtargetInfo();
  auto has = [&](StringRef feature) {
    return subtarget.checkFeatures(("+" + feature).str());
  };
  for (StringRef needed : {"avx2", "fma"})
    if (!has(needed))
      return createStringError("--target " + name + ": the processor has no " +
                               needed.upper() +
                               ", the least that code is generated for is AVX2 "
                               "with FMA (x86-64-v3)");
  if (has("avx512f") && has("avx512vl") && has("avx512bw") && has("avx512dq")) {
    target.vectorWidth = 16;
    target.vectorRegisters = 32;
  }
  SmallVector<StringRef> required;
  for (StringRef feature : usedFeatures)
    if (has(feature))
      required.push_back(feature);
  target.requiredFeatures = join(required, " ");
  return target;
}
