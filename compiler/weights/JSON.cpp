//===- JSON.cpp - Parsing JSON that strangers wrote -----------------------===//
//
// Part of Vitrail, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "compiler/weights/JSON.h"

using namespace llvm;

namespace vitrail {

constexpr unsigned maxNesting = 64;

/// The deepest nesting of brackets outside of strings. Where the text stops
/// being JSON the count may be wrong, but there the parser stops as well.
static unsigned nestingDepth(StringRef text) {
  unsigned depth = 0, deepest = 0;
  bool inString = false;
  for (size_t i = 0; i < text.size(); ++i) {
    char c = text[i];
    if (inString) {
      if (c == '\\')
        ++i;
      else if (c == '"')
        inString = false;
    } else if (c == '"') {
      inString = true;
    } else if (c == '[' || c == '{') {
      deepest = std::max(deepest, ++depth);
    } else if ((c == ']' || c == '}') && depth > 0) {
      --depth;
    }
  }
  return deepest;
}

Expected<json::Value> parseForeignJSON(StringRef text) {
  if (unsigned depth = nestingDepth(text); depth > maxNesting)
    return createStringError("values are nested " + Twine(depth) +
                             " levels deep, more than " + Twine(maxNesting));
  return json::parse(text);
}

} // namespace vitrail
