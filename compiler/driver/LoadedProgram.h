//===- LoadedProgram.h - A compiled library, loaded
//---------------------------===//
//
// Part of Vitrail, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef VITRAIL_COMPILER_DRIVER_LOADEDPROGRAM_H
#define VITRAIL_COMPILER_DRIVER_LOADEDPROGRAM_H

#include "llvm/ADT/StringRef.h"
#include "llvm/Support/Error.h"
#include <vector>

namespace vitrail {

/// A shared library that this compiler made, loaded into this process through
/// its C interface: NAME_create, NAME_run, NAME_destroy.
class LoadedProgram {
public:
  static llvm::Expected<LoadedProgram> open(llvm::StringRef path,
                                            llvm::StringRef name, int threads);
  LoadedProgram(LoadedProgram &&other);
  ~LoadedProgram();

  /// Runs one inference on the inputs and outputs, in the order of the header.
  llvm::Error run(std::vector<std::vector<float>> &ports);

private:
  LoadedProgram() = default;

  void *library = nullptr, *context = nullptr;
  void *runFunction = nullptr, *destroyFunction = nullptr,
       *errorFunction = nullptr;
};

} // namespace vitrail

#endif // VITRAIL_COMPILER_DRIVER_LOADEDPROGRAM_H
