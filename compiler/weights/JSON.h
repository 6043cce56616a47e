//===- JSON.h - Parsing JSON that strangers wrote ---------------*- C++ -*-===//
//
// Part of Vitrail, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef VITRAIL_COMPILER_WEIGHTS_JSON_H
#define VITRAIL_COMPILER_WEIGHTS_JSON_H

#include "llvm/Support/JSON.h"

namespace vitrail {

/// As llvm::json::parse, whose parser recurses once per nesting level and so
/// lets a file of brackets overflow the stack: deeper nesting than any format
/// we read has is refused first. Messages are one line.
llvm::Expected<llvm::json::Value> parseForeignJSON(llvm::StringRef text);

} // namespace vitrail

#endif // VITRAIL_COMPILER_WEIGHTS_JSON_H
