//===- Identifiers.cpp - Names that C accepts -----------------------------===//
//
// Part of Vitrail, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "compiler/link/Identifiers.h"
#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/ADT/StringSet.h"

using namespace llvm;

namespace vitrail {

/// Words of C23 and C++23 that are no names, and macros of <stdbool.h> and
/// <complex.h>.
static constexpr StringLiteral keywords[] = {
    "alignas",      "alignof",
    "and",          "and_eq",
    "asm",          "auto",
    "bitand",       "bitor",
    "bool",         "break",
    "case",         "catch",
    "char",         "char16_t",
    "char32_t",     "char8_t",
    "class",        "co_await",
    "co_return",    "co_yield",
    "compl",        "complex",
    "concept",      "const",
    "const_cast",   "consteval",
    "constexpr",    "constinit",
    "continue",     "decltype",
    "default",      "delete",
    "do",           "double",
    "dynamic_cast", "else",
    "enum",         "explicit",
    "export",       "extern",
    "false",        "float",
    "for",          "friend",
    "goto",         "if",
    "imaginary",    "inline",
    "int",          "long",
    "mutable",      "namespace",
    "new",          "noexcept",
    "noreturn",     "not",
    "not_eq",       "nullptr",
    "operator",     "or",
    "or_eq",        "private",
    "protected",    "public",
    "register",     "reinterpret_cast",
    "requires",     "restrict",
    "return",       "short",
    "signed",       "sizeof",
    "static",       "static_assert",
    "static_cast",  "struct",
    "switch",       "template",
    "this",         "thread_local",
    "throw",        "true",
    "try",          "typedef",
    "typeid",       "typename",
    "typeof",       "typeof_unqual",
    "union",        "unsigned",
    "using",        "virtual",
    "void",         "volatile",
    "wchar_t",      "while",
    "xor",          "xor_eq",
};

static std::string replaceOthers(StringRef name) {
  std::string result;
  for (char c : name)
    result += isAlnum(c) ? c : '_';
  return result;
}

std::string cIdentifier(StringRef name) {
  std::string result = replaceOthers(name);
  // A leading underscore is the C library's at file scope, and vitrail_create
  // is the runtime's.
  if (result.empty() || isDigit(result[0]) || result[0] == '_' ||
      result == "vitrail")
    return "model_" + result;
  return result;
}

std::vector<std::string> parameterNames(ArrayRef<std::string> names,
                                        ArrayRef<StringRef> taken) {
  // Macros are made of the names in capitals: 'x' and 'X' meet as well.
  StringSet<> seen;
  for (StringRef name : taken)
    seen.insert(name.upper());
  std::vector<std::string> result;
  for (const std::string &name : names) {
    std::string identifier = replaceOthers(name);
    if (identifier.empty() || isDigit(identifier[0]) || identifier[0] == '_')
      identifier = "tensor_" + identifier;
    if (is_contained(keywords, StringRef(identifier)))
      identifier += "_";
    std::string unique = identifier;
    for (unsigned i = 2; !seen.insert(StringRef(unique).upper()).second; ++i)
      unique = identifier + "_" + std::to_string(i);
    result.push_back(unique);
  }
  return result;
}

} // namespace vitrail
