//===- FrozenStore.h - The weights that a program carries -------*- C++ -*-===//
//
// Part of Vitrail, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// What freezing computes goes into one content-addressed store: a sequence of
// blobs, each aligned to 64 bytes, equal contents kept once. It lives in an
// unlinked temporary file rather than in memory, so that the compiler stays
// small whatever the model's size, and goes from there straight into the object
// file (compiler/link/WeightsObject.h).
//
// The same calls in the same order give the same bytes. Not thread-safe.
//
//===----------------------------------------------------------------------===//

#ifndef VITRAIL_COMPILER_WEIGHTS_FROZENSTORE_H
#define VITRAIL_COMPILER_WEIGHTS_FROZENSTORE_H

#include "llvm/ADT/ArrayRef.h"
#include "llvm/ADT/SmallVector.h"
#include "llvm/ADT/StringRef.h"
#include "llvm/Support/Error.h"
#include "llvm/Support/FileSystem.h"
#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <utility>

namespace vitrail {

/// What x86-64 maps as one page, where Linux has a file in such pieces.
constexpr uint64_t hugePageBytes = uint64_t(2) << 20;

class FrozenStore {
public:
  /// Every blob begins at a multiple of this.
  static constexpr uint64_t alignment = 64;

  /// Writable memory inside the store for one blob, zero at first. Handing it
  /// to commit() makes it a blob; destroying it gives it up.
  class Reservation {
  public:
    Reservation(Reservation &&other);
    Reservation &operator=(Reservation &&) = delete;
    ~Reservation();

    llvm::MutableArrayRef<uint8_t> bytes() const;
    /// The same memory as floats; the size is a multiple of four.
    llvm::MutableArrayRef<float> floats() const;

  private:
    friend class FrozenStore;
    Reservation(FrozenStore &store, uint64_t offset, uint64_t size)
        : store(&store), offset(offset), size(size) {}

    FrozenStore *store;
    uint64_t offset;
    uint64_t size;
    llvm::sys::fs::mapped_file_region region;
  };

  /// An empty store whose file lies in `directory`: best the output's, which is
  /// on a disk that has room for the weights anyway. Default: the system's
  /// directory for temporary files. Nothing remains there, whatever happens.
  static llvm::Expected<std::unique_ptr<FrozenStore>>
  create(llvm::StringRef directory = "");

  ~FrozenStore();
  FrozenStore(const FrozenStore &) = delete;
  FrozenStore &operator=(const FrozenStore &) = delete;

  /// Adds a blob; returns its offset in the store.
  llvm::Expected<uint64_t> add(llvm::ArrayRef<uint8_t> blob);
  llvm::Expected<uint64_t> add(llvm::ArrayRef<float> blob);

  /// Memory for a blob of `size` bytes that is computed in place. Any number
  /// may be open at a time; the store must outlive them.
  llvm::Expected<Reservation> reserve(uint64_t size);
  /// Turns a reservation into a blob; returns its offset in the store, which is
  /// an earlier blob's if the contents are equal.
  llvm::Expected<uint64_t> commit(Reservation reservation);

  /// The size of the store, a multiple of `alignment`.
  uint64_t bytes() const { return end; }
  /// Bytes that were added but found to be there already.
  uint64_t sharedBytes() const { return shared; }
  /// A hash of all blobs' places and contents.
  uint64_t hash() const;

  /// Reads back `out.size()` bytes at `offset`.
  llvm::Error read(uint64_t offset, llvm::MutableArrayRef<uint8_t> out) const;
  /// Writes the whole store to the file descriptor `descriptor` at its current
  /// position, without passing the data through this process where the system
  /// can.
  llvm::Error copyTo(int descriptor) const;

private:
  explicit FrozenStore(int descriptor, std::string directory)
      : descriptor(descriptor), directory(std::move(directory)) {}

  /// Finds room for `size` bytes, which are zero, and makes it the store's.
  llvm::Expected<uint64_t> allocate(uint64_t size);
  /// Gives room back that allocate() returned; it is zero already unless it is
  /// the store's end.
  void release(uint64_t offset, uint64_t size);
  /// The offset of a blob that equals `blob`, whose hash is `hash`.
  llvm::Expected<std::optional<uint64_t>> find(llvm::ArrayRef<uint8_t> blob,
                                               uint64_t hash) const;
  void remember(uint64_t offset, uint64_t size, uint64_t hash);
  llvm::Error failed(llvm::StringRef action, int code) const;

  struct Blob {
    uint64_t size;
    uint64_t hash;
  };

  int descriptor;
  std::string directory;
  uint64_t end = 0;
  uint64_t shared = 0;
  std::map<uint64_t, Blob> blobs; ///< By offset.
  std::map<std::pair<uint64_t, uint64_t>, llvm::SmallVector<uint64_t, 1>>
      offsetsByHash;                 ///< By hash and size.
  std::map<uint64_t, uint64_t> gaps; ///< Sizes of free ranges by offset.
};

} // namespace vitrail

#endif // VITRAIL_COMPILER_WEIGHTS_FROZENSTORE_H
