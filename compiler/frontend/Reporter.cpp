//===- Reporter.cpp - Places and messages of a description ----------------===//
//
// Part of Vitrail, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "compiler/frontend/Reporter.h"
#include "mlir/IR/Location.h"

using namespace vitrail::frontend;

mlir::Location Reporter::locate(llvm::SMLoc loc) const {
  unsigned id = sources.FindBufferContainingLoc(loc);
  if (!id)
    return mlir::UnknownLoc::get(&context);
  auto [line, column] = sources.getLineAndColumn(loc, id);
  return mlir::FileLineColLoc::get(
      &context, sources.getMemoryBuffer(id)->getBufferIdentifier(), line,
      column);
}

std::string
vitrail::frontend::didYouMean(llvm::StringRef name,
                              llvm::ArrayRef<llvm::StringRef> candidates) {
  // A third of the letters may be wrong, two exchanged ones among four.
  llvm::StringRef best;
  unsigned nearest = name.size() < 3 ? name.size() : (name.size() + 2) / 3 + 1;
  for (llvm::StringRef candidate : candidates) {
    unsigned distance = name.edit_distance_insensitive(
        candidate, /*AllowReplacements=*/true, nearest);
    if (distance < nearest) {
      nearest = distance;
      best = candidate;
    }
  }
  return best.empty() ? std::string() : "; did you mean '" + best.str() + "'?";
}
