//===- RunLLD.h - lld as a function -----------------------------*- C++ -*-===//
//
// Part of Vitrail, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef VITRAIL_COMPILER_LINK_RUNLLD_H
#define VITRAIL_COMPILER_LINK_RUNLLD_H

#include "llvm/ADT/ArrayRef.h"
#include "llvm/ADT/StringRef.h"
#include "llvm/Support/Error.h"
#include <string>

namespace vitrail {

/// Runs lld's ELF linker on `arguments` (without the program's name). Its
/// messages become one line about `output`.
llvm::Error runLLD(llvm::ArrayRef<std::string> arguments,
                   llvm::StringRef output);

} // namespace vitrail

#endif // VITRAIL_COMPILER_LINK_RUNLLD_H
