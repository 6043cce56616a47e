//===- Weights.cpp - The named tensors of a model -------------------------===//
//
// Part of Vitrail, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "compiler/frontend/Weights.h"
#include "llvm/ADT/StringExtras.h"

using namespace mlir;
using namespace vitrail;
using namespace vitrail::frontend;

/// What the wildcards of `pattern` stand for in `name`, if it matches.
static std::optional<SmallVector<std::string>> match(StringRef pattern,
                                                     StringRef name) {
  SmallVector<StringRef> wanted, given;
  pattern.split(wanted, '.');
  name.split(given, '.');
  bool open = wanted.back() == "**";
  if (open ? given.size() < wanted.size() : given.size() != wanted.size())
    return std::nullopt;
  SmallVector<std::string> captures;
  for (auto [i, component] : llvm::enumerate(wanted)) {
    if (component == "**")
      captures.push_back(llvm::join(ArrayRef(given).drop_front(i), "."));
    else if (component == "*")
      captures.push_back(given[i].str());
    else if (component != given[i])
      return std::nullopt;
  }
  return captures;
}

static std::string substitute(StringRef pattern,
                              ArrayRef<std::string> captures) {
  SmallVector<StringRef> components;
  pattern.split(components, '.');
  SmallVector<std::string> result;
  for (StringRef component : components) {
    bool wildcard = component == "*" || component == "**";
    result.push_back(wildcard ? captures.front() : component.str());
    captures = captures.drop_front(wildcard);
  }
  return llvm::join(result, ".");
}

std::vector<std::string> AliasTable::aliasesOf(StringRef name) const {
  std::vector<std::string> names;
  for (const AliasStmt *generation : generations)
    for (const AliasRule &rule : generation->rules)
      if (auto captures = match(rule.from, name)) {
        names.push_back(substitute(rule.to, *captures) + rule.part);
        break;
      }
  return names;
}

Tensor WeightTable::declare(TensorBuilder &tensors, Location where,
                            llvm::SMLoc loc, const WeightDecl &decl) {
  auto [entry, added] = entries.try_emplace(decl.name);
  if (added)
    entry->second = {WeightOp::create(tensors.builder, where,
                                      tensors.tensorType(decl.shape), decl.name,
                                      decl.role, decl.fanIn),
                     loc};
  return {entry->second.op.getResult(), false};
}

void WeightTable::setAliases(const AliasTable &aliases) {
  for (auto &entry : entries) {
    std::vector<std::string> names = aliases.aliasesOf(entry.getKey());
    if (names.empty())
      continue;
    WeightOp op = entry.second.op;
    SmallVector<StringRef> views(names.begin(), names.end());
    op.setAliasesAttr(Builder(op.getContext()).getStrArrayAttr(views));
  }
}
