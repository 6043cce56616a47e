//===- Wrappers.h - The functions that a user calls -------------*- C++ -*-===//
//
// Part of Vitrail, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef VITRAIL_COMPILER_LINK_WRAPPERS_H
#define VITRAIL_COMPILER_LINK_WRAPPERS_H

#include "compiler/link/Descriptor.h"

namespace vitrail {

/// Adds `int main(int argc, char **argv)`, which is the runtime's vitrail_main
/// on the constant `constant`, or vitrail_image_main if an input is an image.
void emitMain(llvm::GlobalVariable &constant,
              const ProgramDescription &program);

/// Adds the functions that Header.h declares, as calls of the runtime's.
void emitLibraryFunctions(llvm::GlobalVariable &constant,
                          const ProgramDescription &program);

} // namespace vitrail

#endif // VITRAIL_COMPILER_LINK_WRAPPERS_H
