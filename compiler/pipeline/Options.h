//===- Options.h - What a compilation is asked for --------------*- C++ -*-===//
//
// Part of Vitrail, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef VITRAIL_COMPILER_PIPELINE_OPTIONS_H
#define VITRAIL_COMPILER_PIPELINE_OPTIONS_H

#include "passes/simplify/Pipeline.h"
#include "llvm/Support/JSON.h"
#include <string>
#include <utility>
#include <vector>

namespace vitrail {

/// The forms a compilation can end in.
enum class EmitKind {
  Executable,
  Shared,
  Static,
  Object,
  Assembly,
  LLVM,
  MLIR
};

/// Where the matrix products of linears come from.
enum class MatmulKind {
  Codegen, // generated, like all other code
  OneDNN,  // calls of oneDNN, which the program then needs
};

/// All that decides a compilation; recorded in the program (`--info`).
struct CompileOptions {
  std::string model;
  std::vector<std::pair<std::string, std::string>> definitions;
  std::string output;
  EmitKind emit = EmitKind::Executable;
  std::string weights; // a file or folder, "random:SEED", or empty
  std::string externalWeights;
  std::string target = "host";
  int64_t batch = 1;
  /// What multiplies the matrices of linears.
  MatmulKind matmul = MatmulKind::Codegen;
  /// Whether tilings are measured on this machine.
  bool tune = false;
  SimplifyOptions simplify;
  /// Stage after which the IR is printed on standard output, or empty.
  std::string printAfter;
  /// Where the runtime's archives lie.
  std::string runtimeDirectory;

  llvm::json::Object toJSON() const;
};

/// The kind that a file's ending asks for: .so, .a, .o, .s, .ll, .mlir;
/// otherwise an executable.
EmitKind emitKindOf(llvm::StringRef output);

/// The version of this compiler.
llvm::StringRef compilerVersion();

} // namespace vitrail

#endif // VITRAIL_COMPILER_PIPELINE_OPTIONS_H
