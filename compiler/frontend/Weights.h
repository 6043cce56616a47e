//===- Weights.h - The named tensors of a model -----------------*- C++ -*-===//
//
// Part of Vitrail, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef VITRAIL_COMPILER_FRONTEND_WEIGHTS_H
#define VITRAIL_COMPILER_FRONTEND_WEIGHTS_H

#include "compiler/frontend/Ast.h"
#include "compiler/frontend/TensorBuilder.h"
#include "llvm/ADT/StringMap.h"

namespace vitrail::frontend {

/// Names under which other generations of a checkpoint keep the same tensors.
/// Each `alias { ... }` of a model is one generation, and its first rule whose
/// pattern matches a whole name gives the other name. In a pattern, `*` stands
/// for one component of a name, a final `**` for one or more.
class AliasTable {
public:
  void add(const AliasStmt &generation) { generations.push_back(&generation); }
  std::vector<std::string> aliasesOf(llvm::StringRef name) const;

private:
  std::vector<const AliasStmt *> generations;
};

/// A weight as a description declares it.
struct WeightDecl {
  std::string name;
  std::vector<int64_t> shape;
  WeightRole role;
  int64_t fanIn = 0;
};

/// One op per tensor: the second use of a name is the same value.
class WeightTable {
public:
  struct Entry {
    WeightOp op;
    llvm::SMLoc loc; // where the user's text first names it
  };

  const Entry *find(llvm::StringRef name) const {
    auto found = entries.find(name);
    return found == entries.end() ? nullptr : &found->second;
  }
  Tensor declare(TensorBuilder &tensors, mlir::Location where, llvm::SMLoc loc,
                 const WeightDecl &decl);
  void setAliases(const AliasTable &aliases);

private:
  llvm::StringMap<Entry> entries;
};

} // namespace vitrail::frontend

#endif // VITRAIL_COMPILER_FRONTEND_WEIGHTS_H
