//===- LoadedProgram.h - A compiled library, loaded -------------*- C++ -*-===//
//
// Part of Vitrail, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef VITRAIL_COMPILER_DRIVER_LOADEDPROGRAM_H
#define VITRAIL_COMPILER_DRIVER_LOADEDPROGRAM_H

#include "llvm/ADT/ArrayRef.h"
#include "llvm/ADT/StringRef.h"
#include "llvm/Support/Error.h"
#include <vector>

namespace vitrail {

/// A shared library that this compiler made, loaded into this process through
/// its C interface: NAME_create, NAME_run, NAME_destroy.
class LoadedProgram {
public:
  /// `entry` is "main", or what else the library has a NAME_run_<entry> of.
  static llvm::Expected<LoadedProgram> open(llvm::StringRef path,
                                            llvm::StringRef name,
                                            llvm::StringRef entry, int threads);
  LoadedProgram(LoadedProgram &&other);
  ~LoadedProgram();

  /// Runs one inference on the inputs and outputs, in the order of the header.
  llvm::Error run(llvm::ArrayRef<void *> ports);

private:
  LoadedProgram() = default;

  void *library = nullptr, *context = nullptr;
  void *runFunction = nullptr, *destroyFunction = nullptr,
       *errorFunction = nullptr;
};

} // namespace vitrail

#endif // VITRAIL_COMPILER_DRIVER_LOADEDPROGRAM_H
