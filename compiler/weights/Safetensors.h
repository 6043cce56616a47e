//===- Safetensors.h - One .safetensors file --------------------*- C++ -*-===//
//
// Part of Vitrail, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// A safetensors file is an 8-byte little-endian header length, that many bytes
// of JSON, and the data:
//
//   {"__metadata__": {"format": "pt"},
//    "classifier.bias": {"dtype": "F32", "shape": [1000],
//                        "data_offsets": [0, 4000]}, ...}
//
// Files come from strangers: everything is validated when the file is opened,
// and values are read through the file descriptor, never through a mapping, so
// that a file that shrinks meanwhile is an error rather than a SIGBUS,
// alignment does not matter, and reading a 2.5 GB checkpoint leaves no pages
// with us.
//
//===----------------------------------------------------------------------===//

#ifndef VITRAIL_COMPILER_WEIGHTS_SAFETENSORS_H
#define VITRAIL_COMPILER_WEIGHTS_SAFETENSORS_H

#include "compiler/weights/WeightSource.h"
#include "llvm/ADT/ArrayRef.h"
#include "llvm/ADT/SmallVector.h"
#include "llvm/ADT/StringMap.h"
#include "llvm/Support/Error.h"
#include "llvm/Support/FileSystem.h"
#include <memory>
#include <string>

namespace vitrail {

class SafetensorsFile {
public:
  struct Tensor {
    std::string dtype;
    llvm::SmallVector<int64_t, 4> shape;
    /// Where the values stand, from the beginning of the file.
    uint64_t offset = 0;
    uint64_t bytes = 0;
  };

  /// Opens and validates `path`.
  static llvm::Expected<std::unique_ptr<SafetensorsFile>>
  open(llvm::StringRef path);

  ~SafetensorsFile();
  SafetensorsFile(const SafetensorsFile &) = delete;
  SafetensorsFile &operator=(const SafetensorsFile &) = delete;

  const std::string &path() const { return filePath; }
  const llvm::StringMap<Tensor> &tensors() const { return entries; }

  /// Fills `out` with the values of `tensor`, which is an F32 tensor of this
  /// file, or with those of a part of it; that has as many elements.
  llvm::Error read(const WeightPlace &place, const Tensor &tensor,
                   llvm::MutableArrayRef<float> out) const;

private:
  SafetensorsFile(llvm::StringRef path, llvm::sys::fs::file_t file)
      : filePath(path), file(file) {}

  llvm::Error readHeader();
  llvm::Error parseHeader(llvm::StringRef header, uint64_t dataBegin,
                          uint64_t dataBytes);
  /// Checks that the tensors cover the data, each byte once.
  llvm::Error checkLayout(uint64_t dataBegin, uint64_t dataBytes) const;
  llvm::Error readBytes(uint64_t offset, llvm::MutableArrayRef<char> out) const;
  /// "'FILE' is no valid safetensors file: WHAT"
  llvm::Error invalid(const llvm::Twine &what) const;

  std::string filePath;
  llvm::sys::fs::file_t file;
  llvm::StringMap<Tensor> entries;
};

} // namespace vitrail

#endif // VITRAIL_COMPILER_WEIGHTS_SAFETENSORS_H
