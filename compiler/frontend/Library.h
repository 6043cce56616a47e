//===- Library.h - The library of the description language ------*- C++ -*-===//
//
// Part of Vitrail, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef VITRAIL_COMPILER_FRONTEND_LIBRARY_H
#define VITRAIL_COMPILER_FRONTEND_LIBRARY_H

#include "llvm/ADT/StringRef.h"

namespace vitrail::frontend {

/// The text of library.vtr, which the compiler carries with it.
llvm::StringRef libraryText();

} // namespace vitrail::frontend

#endif // VITRAIL_COMPILER_FRONTEND_LIBRARY_H
