//===- Header.h - The C header of a compiled library ------------*- C++ -*-===//
//
// Part of Vitrail, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef VITRAIL_COMPILER_LINK_HEADER_H
#define VITRAIL_COMPILER_LINK_HEADER_H

#include "compiler/link/Descriptor.h"

namespace vitrail {

/// The text of NAME.h: what emitProgram(ProgramKind::Library) defines, with the
/// shapes, for C and C++.
std::string headerText(const ProgramDescription &program);

/// Writes it to `path`, complete or not at all.
llvm::Error writeHeader(const ProgramDescription &program,
                        llvm::StringRef path);

} // namespace vitrail

#endif // VITRAIL_COMPILER_LINK_HEADER_H
