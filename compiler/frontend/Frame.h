//===- Frame.h - Names that are known while a block runs --------*- C++ -*-===//
//
// Part of Vitrail, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef VITRAIL_COMPILER_FRONTEND_FRAME_H
#define VITRAIL_COMPILER_FRONTEND_FRAME_H

#include "compiler/frontend/Ast.h"
#include "llvm/ADT/StringMap.h"

namespace vitrail::frontend {

struct Binding {
  Datum value;
  llvm::SMLoc loc;
  /// Why the name keeps its value ("is a parameter of the model"), or empty.
  llvm::StringRef fixed;
};

/// One execution of a block, of the model, of a file.
struct Frame {
  const BlockStmt *block = nullptr;
  Frame *home = nullptr;   // whose names this one sees, too
  Frame *caller = nullptr; // null below the model
  llvm::SMLoc call;        // where `caller` called
  /// The last call that stands in the user's text.
  llvm::SMLoc userCall;
  llvm::StringMap<Binding> names;
  /// Arguments beyond the parameters, for an op that takes any number.
  std::vector<std::pair<llvm::StringRef, Datum>> rest;

  const Binding *find(llvm::StringRef name) const {
    for (const Frame *frame = this; frame; frame = frame->home)
      if (auto found = frame->names.find(name); found != frame->names.end())
        return &found->second;
    return nullptr;
  }
};

} // namespace vitrail::frontend

#endif // VITRAIL_COMPILER_FRONTEND_FRAME_H
