//===- Options.cpp - What a compilation is asked for ----------------------===//
//
// Part of Vitrail, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "compiler/pipeline/Options.h"
#include "llvm/ADT/StringSwitch.h"
#include "llvm/Support/Path.h"
#include "llvm/Support/raw_ostream.h"

using namespace vitrail;

llvm::StringRef vitrail::compilerVersion() { return VITRAIL_VERSION; }

EmitKind vitrail::emitKindOf(llvm::StringRef output) {
  return llvm::StringSwitch<EmitKind>(llvm::sys::path::extension(output))
      .Case(".so", EmitKind::Shared)
      .Case(".a", EmitKind::Static)
      .Case(".o", EmitKind::Object)
      .Case(".s", EmitKind::Assembly)
      .Case(".ll", EmitKind::LLVM)
      .Case(".mlir", EmitKind::MLIR)
      .Default(EmitKind::Executable);
}

llvm::json::Object CompileOptions::toJSON() const {
  llvm::json::Object parameters;
  for (const auto &[name, value] : definitions)
    parameters[name] = value;
  std::string switches;
  llvm::raw_string_ostream os(switches);
  simplify.print(os);
  return llvm::json::Object{
      {"model", llvm::sys::path::filename(model)},
      {"definitions", std::move(parameters)},
      {"target", target},
      {"dtype", "f32"},
      {"matmul", matmul == MatmulKind::OneDNN ? "onednn" : "codegen"},
      {"batch", batch},
      {"tune", tune},
      {"simplify", switches},
  };
}
