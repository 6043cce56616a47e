//===- Identifiers.h - Names that C accepts ---------------------*- C++ -*-===//
//
// Part of Vitrail, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef VITRAIL_COMPILER_LINK_IDENTIFIERS_H
#define VITRAIL_COMPILER_LINK_IDENTIFIERS_H

#include "llvm/ADT/ArrayRef.h"
#include "llvm/ADT/StringRef.h"
#include <string>
#include <vector>

namespace vitrail {

/// `name` as an identifier of C and C++: other characters become '_', and names
/// that would begin with a digit or meet the runtime's get "model_" in front.
std::string cIdentifier(llvm::StringRef name);

/// `names` as parameter names of one C or C++ function: identifiers, no
/// keyword, none twice, and none of `taken`.
std::vector<std::string> parameterNames(llvm::ArrayRef<std::string> names,
                                        llvm::ArrayRef<llvm::StringRef> taken);

} // namespace vitrail

#endif // VITRAIL_COMPILER_LINK_IDENTIFIERS_H
