//===- FrozenStore.cpp - The weights that a program carries ---------------===//
//
// Part of Vitrail, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "compiler/weights/FrozenStore.h"
#include "compiler/weights/Messages.h"
#include "llvm/Support/Endian.h"
#include "llvm/Support/MathExtras.h"
#include "llvm/Support/Path.h"
#include "llvm/Support/xxhash.h"
#include <cerrno>
#include <cstring>
#include <fcntl.h>
#include <limits>
#include <unistd.h>

using namespace llvm;

namespace vitrail {

/// How much is read at a time where data must pass through this process.
constexpr size_t chunkBytes = 1 << 20;

//===----------------------------------------------------------------------===//
// Reservation
//===----------------------------------------------------------------------===//

FrozenStore::Reservation::Reservation(Reservation &&other)
    : store(std::exchange(other.store, nullptr)), offset(other.offset),
      size(other.size), region(std::move(other.region)) {}

FrozenStore::Reservation::~Reservation() {
  if (!store)
    return;
  if (size)
    std::memset(bytes().data(), 0, size);
  region = sys::fs::mapped_file_region();
  store->release(offset, size);
}

MutableArrayRef<uint8_t> FrozenStore::Reservation::bytes() const {
  if (!size)
    return {};
  // The mapping begins at a page, the blob somewhere in it.
  uint64_t inPage = offset % sys::fs::mapped_file_region::alignment();
  return {reinterpret_cast<uint8_t *>(region.data()) + inPage, size};
}

MutableArrayRef<float> FrozenStore::Reservation::floats() const {
  assert(size % sizeof(float) == 0 && "not a sequence of floats");
  return {reinterpret_cast<float *>(bytes().data()), size / sizeof(float)};
}

//===----------------------------------------------------------------------===//
// FrozenStore
//===----------------------------------------------------------------------===//

Expected<std::unique_ptr<FrozenStore>>
FrozenStore::create(StringRef directory) {
  SmallString<256> path(directory);
  if (path.empty())
    sys::path::system_temp_directory(/*ErasedOnReboot=*/true, path);
  std::string where = path.str().str();
  sys::path::append(path, ".vitrail-weights-%%%%%%%%");
  int descriptor = -1;
  SmallString<256> file;
  if (std::error_code code =
          sys::fs::createUniqueFile(path, descriptor, file, sys::fs::OF_None,
                                    sys::fs::owner_read | sys::fs::owner_write))
    return createStringError("cannot create a temporary file for the weights "
                             "in " +
                             quoted(where) + ": " + code.message());
  // From here on the file is ours alone and vanishes with the descriptor.
  sys::fs::remove(file);
  return std::unique_ptr<FrozenStore>(new FrozenStore(descriptor, where));
}

FrozenStore::~FrozenStore() { ::close(descriptor); }

Error FrozenStore::failed(StringRef action, int code) const {
  std::string message = "cannot " + action.str() +
                        " the temporary file for the weights in " +
                        quoted(directory) + ": " + std::strerror(code);
  if (code == ENOSPC)
    message +=
        "; the weights need " + std::to_string(end) + " bytes there and more";
  return createStringError(message);
}

Expected<uint64_t> FrozenStore::allocate(uint64_t size) {
  constexpr uint64_t largest = std::numeric_limits<off_t>::max();
  if (size > largest - alignment || end > largest - alignTo(size, alignment))
    return failed("grow", EFBIG);
  size = alignTo(size, alignment);
  for (auto gap = gaps.begin(); gap != gaps.end(); ++gap) {
    auto [offset, room] = *gap;
    if (room < size)
      continue;
    gaps.erase(gap);
    if (room > size)
      gaps.emplace(offset + size, room - size);
    return offset;
  }
  // Real blocks, not a hole: a full disk is an error here, but a SIGBUS when a
  // mapping of a hole is written.
  if (size)
    if (int code = ::posix_fallocate(descriptor, end, size))
      return failed("grow", code);
  return std::exchange(end, end + size);
}

void FrozenStore::release(uint64_t offset, uint64_t size) {
  size = alignTo(size, alignment);
  if (!size)
    return;
  gaps.emplace(offset, size);
  // Neighbouring gaps become one, so that larger blobs fit as well.
  auto gap = gaps.find(offset);
  if (auto next = std::next(gap);
      next != gaps.end() && gap->first + gap->second == next->first) {
    gap->second += next->second;
    gaps.erase(next);
  }
  if (gap != gaps.begin()) {
    auto before = std::prev(gap);
    if (before->first + before->second == gap->first) {
      before->second += gap->second;
      gaps.erase(gap);
      gap = before;
    }
  }
  if (gap->first + gap->second == end) {
    end = gap->first;
    gaps.erase(gap);
    // Should this fail, the file is longer than the store, which is harmless:
    // its bytes there are zero, and only `end` bytes are ever copied.
    (void)!::ftruncate(descriptor, end);
  }
}

Expected<std::optional<uint64_t>> FrozenStore::find(ArrayRef<uint8_t> blob,
                                                    uint64_t hash) const {
  auto found = offsetsByHash.find({hash, blob.size()});
  if (found == offsetsByHash.end())
    return std::nullopt;
  std::vector<uint8_t> chunk(std::min(blob.size(), chunkBytes));
  for (uint64_t offset : found->second) {
    bool equal = true;
    for (size_t done = 0; equal && done < blob.size(); done += chunk.size()) {
      size_t count = std::min(chunk.size(), blob.size() - done);
      if (Error error =
              read(offset + done, MutableArrayRef(chunk).take_front(count)))
        return std::move(error);
      equal = std::memcmp(chunk.data(), blob.data() + done, count) == 0;
    }
    if (equal)
      return offset;
  }
  return std::nullopt;
}

void FrozenStore::remember(uint64_t offset, uint64_t size, uint64_t hash) {
  blobs.emplace(offset, Blob{size, hash});
  offsetsByHash[{hash, size}].push_back(offset);
}

Expected<uint64_t> FrozenStore::add(ArrayRef<uint8_t> blob) {
  if (blob.empty())
    return 0;
  uint64_t hash = xxh3_64bits(blob);
  Expected<std::optional<uint64_t>> known = find(blob, hash);
  if (!known)
    return known.takeError();
  if (*known) {
    shared += blob.size();
    return **known;
  }
  Expected<uint64_t> offset = allocate(blob.size());
  if (!offset)
    return offset.takeError();
  for (size_t done = 0; done < blob.size();) {
    ssize_t count = ::pwrite(descriptor, blob.data() + done, blob.size() - done,
                             *offset + done);
    if (count < 0 && errno == EINTR)
      continue;
    // The room stays lost: after a failed write there is no program anyway.
    if (count <= 0)
      return failed("write", count < 0 ? errno : EIO);
    done += count;
  }
  remember(*offset, blob.size(), hash);
  return offset;
}

Expected<uint64_t> FrozenStore::add(ArrayRef<float> blob) {
  return add(ArrayRef(reinterpret_cast<const uint8_t *>(blob.data()),
                      blob.size() * sizeof(float)));
}

Expected<FrozenStore::Reservation> FrozenStore::reserve(uint64_t size) {
  Expected<uint64_t> offset = allocate(size);
  if (!offset)
    return offset.takeError();
  uint64_t inPage = *offset % sys::fs::mapped_file_region::alignment();
  std::error_code code;
  sys::fs::mapped_file_region region;
  if (size)
    region = sys::fs::mapped_file_region(descriptor,
                                         sys::fs::mapped_file_region::readwrite,
                                         size + inPage, *offset - inPage, code);
  if (code) {
    release(*offset, size);
    return failed("map", code.value());
  }
  Reservation reservation(*this, *offset, size);
  reservation.region = std::move(region);
  return std::move(reservation);
}

Expected<uint64_t> FrozenStore::commit(Reservation reservation) {
  assert(reservation.store == this && "a reservation of another store");
  if (!reservation.size)
    return 0;
  uint64_t hash = xxh3_64bits(reservation.bytes());
  Expected<std::optional<uint64_t>> known = find(reservation.bytes(), hash);
  if (!known)
    return known.takeError();
  if (*known) {
    shared += reservation.size;
    return **known;
  }
  reservation.store = nullptr;
  remember(reservation.offset, reservation.size, hash);
  return reservation.offset;
}

uint64_t FrozenStore::hash() const {
  std::vector<uint8_t> words(blobs.size() * 24);
  uint8_t *word = words.data();
  for (const auto &[offset, blob] : blobs) {
    support::endian::write64le(word, offset);
    support::endian::write64le(word + 8, blob.size);
    support::endian::write64le(word + 16, blob.hash);
    word += 24;
  }
  return xxh3_64bits(words);
}

Error FrozenStore::read(uint64_t offset, MutableArrayRef<uint8_t> out) const {
  if (offset > end || out.size() > end - offset)
    return createStringError("internal error: " + std::to_string(out.size()) +
                             " bytes at " + std::to_string(offset) +
                             " lie outside of the frozen weights, which have " +
                             std::to_string(end) + " bytes");
  while (!out.empty()) {
    ssize_t count = ::pread(descriptor, out.data(), out.size(), offset);
    if (count < 0 && errno == EINTR)
      continue;
    if (count <= 0)
      return failed("read", count < 0 ? errno : EIO);
    offset += count;
    out = out.drop_front(count);
  }
  return Error::success();
}

Error FrozenStore::copyTo(int target) const {
  // What is written at once stays together in the page cache, if the file
  // system can: a program's mapping then consists of huge pages.
  constexpr uint64_t atOnce = 8 * hugePageBytes;
  const uint64_t begin = std::max<off_t>(::lseek(target, 0, SEEK_CUR), 0);
  std::vector<uint8_t> chunk(std::min(end, atOnce));
  uint64_t position = 0;
  while (position < end) {
    uint64_t size = atOnce - (begin + position) % hugePageBytes;
    MutableArrayRef<uint8_t> part =
        MutableArrayRef(chunk).take_front(std::min(size, end - position));
    if (Error error = read(position, part))
      return error;
    position += part.size();
    while (!part.empty()) {
      ssize_t count = ::write(target, part.data(), part.size());
      if (count < 0 && errno == EINTR)
        continue;
      if (count <= 0)
        return createStringError("cannot write the weights: " +
                                 std::string(std::strerror(errno)));
      part = part.drop_front(count);
    }
  }
  return Error::success();
}

} // namespace vitrail
