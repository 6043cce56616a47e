//===- MockProgram.h - A model and a runtime for link tests -----*- C++ -*-===//
//
// Part of Vitrail, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef VITRAIL_TEST_UNIT_LINK_MOCKPROGRAM_H
#define VITRAIL_TEST_UNIT_LINK_MOCKPROGRAM_H

#include "compiler/link/Descriptor.h"
#include "compiler/weights/FrozenStore.h"
#include "test/unit/weights/TestFiles.h"

namespace vitrail::test {

/// Compiles LLVM assembly to an object for this machine.
std::string compileText(llvm::StringRef assembly);

/// A program with one input and one output of two floats: out[0] is in[0] plus
/// the first weight, out[1] is in[1]. Its weights are `store`'s.
ProgramDescription mockDescription(llvm::StringRef name,
                                   const FrozenStore &store);

/// Its object, with the descriptor and the functions of `kind`.
std::string compileProgram(const ProgramDescription &program, ProgramKind kind);

/// A store of one blob, `value` as a float.
std::unique_ptr<FrozenStore> mockStore(float value);

/// Writes runtime archives into `folder` that know no threads: a context is the
/// program itself, forks are watched, and vitrail_main runs it on {argc, 0} and
/// returns out[0], plus what cos(argc) is as an integer.
void writeMockRuntime(const TestFolder &folder);

/// The exit status of a program.
int runProgram(llvm::StringRef path,
               llvm::ArrayRef<llvm::StringRef> arguments = {});

} // namespace vitrail::test

#endif // VITRAIL_TEST_UNIT_LINK_MOCKPROGRAM_H
