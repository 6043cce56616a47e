//===- Messages.cpp - Names and shapes in messages ------------------------===//
//
// Part of Vitrail, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "compiler/weights/Messages.h"
#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/Support/MathExtras.h"
#include <algorithm>

using namespace llvm;

namespace vitrail {

std::optional<int64_t> numElements(ArrayRef<int64_t> shape) {
  // Zero times anything is zero, but a negative dimension is wrong everywhere.
  if (any_of(shape, [](int64_t dim) { return dim < 0; }))
    return std::nullopt;
  if (is_contained(shape, 0))
    return 0;
  int64_t product = 1;
  for (int64_t dim : shape)
    if (MulOverflow(product, dim, product))
      return std::nullopt;
  return product;
}

std::string formatShape(ArrayRef<int64_t> shape) {
  std::string text = "[";
  for (auto [index, dim] : enumerate(shape))
    text += (index ? ", " : "") + std::to_string(dim);
  return text + "]";
}

std::string quoted(StringRef text) {
  constexpr size_t longest = 200;
  std::string result = "'";
  for (char c : text.take_front(longest)) {
    unsigned char byte = static_cast<unsigned char>(c);
    if (byte < 0x20 || byte == 0x7f)
      result += "\\x" + utohexstr(byte, /*LowerCase=*/true, /*Width=*/2);
    else
      result += c;
  }
  return result + (text.size() > longest ? "...'" : "'");
}

StringRef nearestName(StringRef name, ArrayRef<StringRef> names) {
  // More than a third of the letters wrong is another name, not a misspelling.
  unsigned best = name.size() / 3 + 1;
  StringRef nearest;
  for (StringRef candidate : names) {
    size_t longer = std::max(candidate.size(), name.size());
    size_t shorter = std::min(candidate.size(), name.size());
    if (longer - shorter >= best)
      continue;
    unsigned distance = name.edit_distance(
        candidate, /*AllowReplacements=*/true, /*MaxEditDistance=*/best);
    if (distance < best) {
      best = distance;
      nearest = candidate;
    }
  }
  if (!nearest.empty())
    return nearest;
  // Checkpoints of the same model often differ in the outermost scope only.
  for (StringRef candidate : names)
    if (!candidate.empty() && (candidate.ends_with(("." + name).str()) ||
                               name.ends_with(("." + candidate).str())))
      return candidate;
  return {};
}

} // namespace vitrail
