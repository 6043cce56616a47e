//===- Target.h - The processor code is made for ----------------*- C++ -*-===//
//
// Part of Vitrail, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef VITRAIL_COMPILER_CODEGEN_TARGET_H
#define VITRAIL_COMPILER_CODEGEN_TARGET_H

#include "llvm/ADT/SmallVector.h"
#include "llvm/ADT/StringRef.h"
#include "llvm/Support/Error.h"
#include "llvm/Target/TargetMachine.h"
#include <memory>
#include <string>

namespace vitrail {

/// An x86-64 processor as the user named it.
struct Target {
  std::string cpu;      // LLVM's name
  std::string features; // LLVM's feature list; empty for a named processor
  int64_t vectorWidth = 8;
  int64_t vectorRegisters = 16;
  /// What the code may use, as the runtime checks it: "avx2 fma ...".
  std::string requiredFeatures;
  std::unique_ptr<llvm::TargetMachine> machine;
};

/// Resolves `host` or the name of a processor or level ("znver4", "x86-64-v3").
/// Errors name the processor and what it lacks: AVX2 and FMA are the least that
/// code is generated for.
llvm::Expected<Target> resolveTarget(llvm::StringRef name);

/// Resolves a list of such names, separated by commas. The order of the result
/// is that in which a program prefers them, the most demanding last: by the
/// width of vectors, then by the number of instruction sets, then as listed.
llvm::Expected<llvm::SmallVector<Target, 1>>
resolveTargets(llvm::StringRef names);

/// The least that any x86-64 processor has: for code that runs before the
/// program knows where it is.
llvm::Expected<Target> baselineTarget();

/// Whether programs of `dtype` can be made for `targets`; the error names those
/// that lack it.
llvm::Error checkDType(llvm::StringRef dtype, llvm::ArrayRef<Target> targets);

} // namespace vitrail

#endif // VITRAIL_COMPILER_CODEGEN_TARGET_H
