//===- Datum.cpp - Values of the description language ---------------------===//
//
// Part of Vitrail, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "compiler/frontend/Datum.h"
#include "compiler/frontend/Ast.h"
#include "dialects/vitrail/VitrailDialect.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/Support/Format.h"
#include "llvm/Support/raw_ostream.h"

using namespace vitrail;
using namespace vitrail::frontend;

static constexpr llvm::StringLiteral typeNames[] = {
    "none", "bool", "int", "float", "string", "list", "tensor", "block"};

llvm::StringRef frontend::typeName(DatumType type) {
  return typeNames[size_t(type)];
}

std::optional<DatumType> frontend::typeByName(llvm::StringRef name) {
  for (auto [i, known] : llvm::enumerate(typeNames))
    if (known == name && DatumType(i) != DatumType::None)
      return DatumType(i);
  return std::nullopt;
}

std::string frontend::show(const Datum &datum) {
  std::string text;
  llvm::raw_string_ostream os(text);
  switch (datum.type()) {
  case DatumType::None:
    os << "none";
    break;
  case DatumType::Bool:
    os << (datum.boolean() ? "true" : "false");
    break;
  case DatumType::Int:
    os << datum.integer();
    break;
  case DatumType::Float:
    os << llvm::format("%g", datum.real());
    break;
  case DatumType::String:
    os << '"' << datum.string() << '"';
    break;
  case DatumType::List: {
    constexpr size_t shown = 8;
    os << '[';
    for (auto [i, element] : llvm::enumerate(datum.list())) {
      os << (i ? ", " : "");
      if (i == shown) {
        os << "...";
        break;
      }
      os << (element.is(DatumType::List) ? "[...]" : show(element));
    }
    os << ']';
    break;
  }
  case DatumType::Tensor:
    os << "a tensor " << shapeString(datum.tensor().shape());
    break;
  case DatumType::Block:
    os << "block '" << datum.callable().block->name << "'";
    break;
  }
  return text;
}

std::optional<bool> frontend::equal(const Datum &a, const Datum &b) {
  if (a.isNumber() && b.isNumber()) {
    if (a.is(DatumType::Int) && b.is(DatumType::Int))
      return a.integer() == b.integer();
    return a.real() == b.real();
  }
  if (a.is(DatumType::None) || b.is(DatumType::None))
    return a.type() == b.type();
  if (a.is(DatumType::Bool) && b.is(DatumType::Bool))
    return a.boolean() == b.boolean();
  if (a.is(DatumType::String) && b.is(DatumType::String))
    return a.string() == b.string();
  return std::nullopt;
}
