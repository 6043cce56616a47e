//===- LinkInputs.h - What a link takes from the machine --------*- C++ -*-===//
//
// Part of Vitrail, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef VITRAIL_COMPILER_LINK_LINKINPUTS_H
#define VITRAIL_COMPILER_LINK_LINKINPUTS_H

#include "llvm/ADT/ArrayRef.h"
#include "llvm/ADT/StringRef.h"
#include "llvm/Support/Error.h"
#include <string>
#include <vector>

namespace vitrail {

/// The C library as a linker sees it.
struct CLibrary {
  std::vector<std::string> folders; ///< For -L.
  std::string scrt1, crti, crtn;    ///< The beginning and end of executables.
  std::string loader;               ///< What starts the program.
};

/// Finds the C library's development files among `folders`, which default to
/// where distributions put them.
llvm::Expected<CLibrary>
findCLibrary(llvm::ArrayRef<llvm::StringRef> folders = {});

/// Checks that the development file of the shared library `name` ("dnnl"), of
/// Debian's package `package`, is in one of `folders`, which default as above.
llvm::Error checkSharedLibrary(llvm::StringRef name, llvm::StringRef package,
                               llvm::ArrayRef<llvm::StringRef> folders = {});

/// The runtime's archives in `folder`. An executable gets all archives there
/// (the command line and the image libraries behind it), a library the core
/// alone, and what calls oneDNN if it is used.
llvm::Expected<std::vector<std::string>>
findRuntime(llvm::StringRef folder, bool forExecutable, bool usesOneDNN);

} // namespace vitrail

#endif // VITRAIL_COMPILER_LINK_LINKINPUTS_H
