//===- Relocatable.h - Closing an object file -------------------*- C++ -*-===//
//
// Part of Vitrail, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef VITRAIL_COMPILER_LINK_RELOCATABLE_H
#define VITRAIL_COMPILER_LINK_RELOCATABLE_H

#include "llvm/ADT/ArrayRef.h"
#include "llvm/ADT/StringRef.h"
#include "llvm/Support/Error.h"
#include <string>

namespace vitrail {

/// Rewrites the relocatable object `path` so that, of the symbols it defines,
/// only `exported` remain visible to other objects. Two static libraries can
/// then carry a runtime each.
llvm::Error localizeSymbols(llvm::StringRef path,
                            llvm::ArrayRef<std::string> exported);

} // namespace vitrail

#endif // VITRAIL_COMPILER_LINK_RELOCATABLE_H
