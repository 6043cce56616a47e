//===- Messages.h - Names and shapes in messages ----------------*- C++ -*-===//
//
// Part of Vitrail, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef VITRAIL_COMPILER_WEIGHTS_MESSAGES_H
#define VITRAIL_COMPILER_WEIGHTS_MESSAGES_H

#include "llvm/ADT/ArrayRef.h"
#include "llvm/ADT/StringRef.h"
#include <cstdint>
#include <optional>
#include <string>

namespace vitrail {

/// The number of elements of `shape`; nullopt if a dimension is negative or the
/// product exceeds what an int64_t holds.
std::optional<int64_t> numElements(llvm::ArrayRef<int64_t> shape);

/// "[768, 3, 16, 16]"
std::string formatShape(llvm::ArrayRef<int64_t> shape);

/// `text` in quotes, safe in a one-line message whatever a hostile file put
/// into it: control characters are escaped and long texts cut.
std::string quoted(llvm::StringRef text);

/// The element of `names` that resembles `name` most; empty if none is close.
llvm::StringRef nearestName(llvm::StringRef name,
                            llvm::ArrayRef<llvm::StringRef> names);

} // namespace vitrail

#endif // VITRAIL_COMPILER_WEIGHTS_MESSAGES_H
