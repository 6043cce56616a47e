//===- Linker.h - From objects to what the user asked for -------*- C++ -*-===//
//
// Part of Vitrail, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Links executables and libraries with lld inside this process: no compiler
// driver, no binutils. What must be on the machine is the C library's
// development files (for executables and shared libraries), and the runtime
// archives beside the compiler.
//
//===----------------------------------------------------------------------===//

#ifndef VITRAIL_COMPILER_LINK_LINKER_H
#define VITRAIL_COMPILER_LINK_LINKER_H

#include "compiler/weights/FrozenStore.h"
#include "llvm/ADT/StringRef.h"
#include "llvm/Support/Error.h"
#include "llvm/Support/MemoryBufferRef.h"
#include <string>
#include <vector>

namespace vitrail {

enum class OutputKind {
  Executable,    ///< Position independent; needs libc and libm alone.
  SharedLibrary, ///< Exports its functions alone; needs libc, libm.
  StaticLibrary, ///< One .a with runtime and weights.
  Object,        ///< The same as one .o.
};

struct LinkRequest {
  OutputKind kind = OutputKind::Executable;
  /// ProgramDescription::symbolPrefix().
  std::string prefix;
  /// What a library exports: exportedSymbols().
  std::vector<std::string> exports;
  /// The file to make; it appears complete or not at all.
  std::string output;
  /// The model: ELF objects for x86-64, position independent.
  std::vector<llvm::MemoryBufferRef> objects;
  /// The embedded weights, or null.
  const FrozenStore *weights = nullptr;
  /// Where libvitrail_rt.a and libvitrail_cli.a lie: runtimeDirectory().
  std::string runtimeDirectory;
  /// Whether the program multiplies matrices with oneDNN: then it needs libdnnl
  /// too; a static library leaves it to its user to link.
  bool usesOneDNN = false;
};

/// `<folder of the compiler's binary>/../lib/vitrail`, which is the same in the
/// build tree and when installed.
std::string runtimeDirectory(llvm::StringRef compilerBinary);

/// Checks before any long work that the output can be written and that all is
/// there that link() will need besides the objects.
llvm::Error checkLink(OutputKind kind, llvm::StringRef output,
                      llvm::StringRef runtimeDirectory,
                      bool usesOneDNN = false);

/// Makes the output. Not thread-safe: lld is not.
llvm::Error link(const LinkRequest &request);

} // namespace vitrail

#endif // VITRAIL_COMPILER_LINK_LINKER_H
