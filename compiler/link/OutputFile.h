//===- OutputFile.h - Files appear complete or not at all -------*- C++ -*-===//
//
// Part of Vitrail, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef VITRAIL_COMPILER_LINK_OUTPUTFILE_H
#define VITRAIL_COMPILER_LINK_OUTPUTFILE_H

#include "llvm/ADT/STLFunctionalExtras.h"
#include "llvm/ADT/StringRef.h"
#include "llvm/Support/Error.h"
#include <cstdint>
#include <string>
#include <vector>

namespace vitrail {

/// Checks that a file can be made at `path`, so that a typing error is reported
/// before an hour of work. Devices and pipes are refused: output replaces what
/// it is renamed onto.
llvm::Error checkWritable(llvm::StringRef path);

/// A file that is being written from its beginning to its end. Unbuffered, so
/// that others may write to the descriptor in between.
class OutputStream {
public:
  explicit OutputStream(int descriptor) : file(descriptor) {}

  llvm::Error write(llvm::StringRef bytes);
  llvm::Error writeZeros(uint64_t count);
  int descriptor() const { return file; }

private:
  int file;
};

/// Writes `path` through `write`: into a temporary file beside it, renamed when
/// all is well and removed when not.
llvm::Error
writeOutputFile(llvm::StringRef path,
                llvm::function_ref<llvm::Error(OutputStream &)> write);

/// Names for intermediate files beside an output (which is on a disk with room
/// for them, and lets the last one be renamed). All are removed at the end, and
/// when the compiler is interrupted.
class ScratchFiles {
public:
  explicit ScratchFiles(llvm::StringRef output) : output(output) {}
  ~ScratchFiles();
  ScratchFiles(const ScratchFiles &) = delete;
  ScratchFiles &operator=(const ScratchFiles &) = delete;

  /// Makes a new empty file whose name ends in `suffix`.
  llvm::Expected<std::string> make(llvm::StringRef suffix);

private:
  std::string output;
  std::vector<std::string> files;
};

} // namespace vitrail

#endif // VITRAIL_COMPILER_LINK_OUTPUTFILE_H
