//===- InsertWeights.cpp - Weights enter a linked program -----------------===//
//
// Part of Vitrail, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "compiler/link/InsertWeights.h"
#include "compiler/link/OutputFile.h"
#include "compiler/link/WeightsObject.h"
#include "compiler/weights/Messages.h"
#include "llvm/BinaryFormat/ELF.h"
#include "llvm/Support/MathExtras.h"
#include "llvm/Support/MemoryBuffer.h"
#include <cstring>

using namespace llvm;

namespace vitrail {
namespace {

constexpr uint64_t pageBytes = 4096;

/// A linked file in memory, without the weights: the linker's own output, so
/// that a structure that is not as expected is our mistake, not the user's.
class LinkedFile {
public:
  LinkedFile(StringRef path, StringRef content)
      : path(path), bytes(content.str()) {}

  /// Finds the placeholder and makes room for `size` bytes of contents.
  Error makeRoom(uint64_t size);

  /// What stands before and behind the weights, and zeros between.
  StringRef head() const { return StringRef(bytes).take_front(split); }
  StringRef tail() const { return StringRef(bytes).drop_front(split); }
  uint64_t zerosBefore = 0;
  uint64_t zerosBehind = 0;

private:
  Error unexpected(StringRef what) const {
    return createStringError("internal error: " + quoted(path) + " " +
                             what.str());
  }
  /// The `count` structures at `offset`; null if they are not all there.
  template <typename T> T *at(uint64_t offset, uint64_t count = 1) {
    if (offset > bytes.size() || count > (bytes.size() - offset) / sizeof(T) ||
        offset % alignof(T))
      return nullptr;
    return reinterpret_cast<T *>(&bytes[0] + offset);
  }
  void insertAtEnd(ELF::Elf64_Shdr &placeholder);
  Error insertIntoSegment(ELF::Elf64_Shdr &placeholder, uint64_t size);

  StringRef path;
  std::string bytes;
  uint64_t split = 0;
  ELF::Elf64_Ehdr *header = nullptr;
  MutableArrayRef<ELF::Elf64_Shdr> sections;
  MutableArrayRef<ELF::Elf64_Phdr> segments;
};

Error LinkedFile::makeRoom(uint64_t size) {
  header = at<ELF::Elf64_Ehdr>(0);
  if (!header || !header->checkMagic())
    return unexpected("is no ELF file");
  auto *sectionTable = at<ELF::Elf64_Shdr>(header->e_shoff, header->e_shnum);
  auto *segmentTable = at<ELF::Elf64_Phdr>(header->e_phoff, header->e_phnum);
  if (!sectionTable || !segmentTable || header->e_shstrndx >= header->e_shnum)
    return unexpected("has no section and segment headers");
  sections = {sectionTable, header->e_shnum};
  segments = {segmentTable, header->e_phnum};
  const ELF::Elf64_Shdr &names = sections[header->e_shstrndx];
  if (names.sh_offset > bytes.size() ||
      names.sh_size > bytes.size() - names.sh_offset)
    return unexpected("has no section names");
  StringRef nameTable = StringRef(bytes).substr(names.sh_offset, names.sh_size);

  ELF::Elf64_Shdr *placeholder = nullptr;
  for (ELF::Elf64_Shdr &section : sections) {
    StringRef name = nameTable.substr(section.sh_name);
    name = name.take_until([](char c) { return c == '\0'; });
    if ((name == weightsSection || name == ".lrodata") &&
        section.sh_type == ELF::SHT_NOBITS && section.sh_size == size)
      placeholder = &section;
  }
  if (!placeholder)
    return unexpected("has no place for the weights");
  placeholder->sh_type = ELF::SHT_PROGBITS;
  if (header->e_type != ELF::ET_REL)
    return insertIntoSegment(*placeholder, size);
  insertAtEnd(*placeholder);
  return Error::success();
}

void LinkedFile::insertAtEnd(ELF::Elf64_Shdr &placeholder) {
  split = bytes.size();
  placeholder.sh_offset = alignTo(split, pageBytes);
  zerosBefore = placeholder.sh_offset - split;
}

Error LinkedFile::insertIntoSegment(ELF::Elf64_Shdr &placeholder,
                                    uint64_t size) {
  ELF::Elf64_Phdr *segment = nullptr;
  for (ELF::Elf64_Phdr &candidate : segments)
    if (candidate.p_type == ELF::PT_LOAD &&
        candidate.p_vaddr <= placeholder.sh_addr &&
        candidate.p_vaddr + candidate.p_memsz == placeholder.sh_addr + size)
      segment = &candidate;
  if (!segment || placeholder.sh_addr % pageBytes ||
      segment->p_offset % pageBytes != segment->p_vaddr % pageBytes)
    return unexpected("has no segment that ends with the weights");
  split = segment->p_offset + segment->p_filesz;
  const uint64_t begin =
      segment->p_offset + (placeholder.sh_addr - segment->p_vaddr);
  if (begin < split || split > bytes.size())
    return unexpected("has contents where the weights should be");
  // Whole pages, so that every segment stays congruent to its address.
  const uint64_t shift = alignTo(begin + size - split, pageBytes);
  zerosBefore = begin - split;
  zerosBehind = split + shift - (begin + size);

  // Headers first: the tables themselves may move with the rest.
  for (ELF::Elf64_Phdr &other : segments)
    if (&other != segment && other.p_offset >= split)
      other.p_offset += shift;
  segment->p_filesz = segment->p_memsz;
  // Where the page cache has huge pages of the file, it is mapped by them.
  if (size >= hugePageBytes &&
      segment->p_offset % hugePageBytes == segment->p_vaddr % hugePageBytes)
    segment->p_align = hugePageBytes;
  for (ELF::Elf64_Shdr &section : sections)
    if (&section != &placeholder && section.sh_offset >= split)
      section.sh_offset += shift;
  placeholder.sh_offset = begin;
  if (header->e_shoff >= split)
    header->e_shoff += shift;
  return Error::success();
}

} // namespace

Error insertWeights(StringRef from, const FrozenStore &store, StringRef to) {
  ErrorOr<std::unique_ptr<MemoryBuffer>> buffer = MemoryBuffer::getFile(
      from, /*IsText=*/false, /*RequiresNullTerminator=*/false);
  if (!buffer)
    return createStringError("cannot read " + quoted(from) + ": " +
                             buffer.getError().message());
  LinkedFile file(from, (*buffer)->getBuffer());
  if (Error error = file.makeRoom(store.bytes()))
    return error;
  if (Error error = writeOutputFile(to, [&](OutputStream &stream) -> Error {
        if (Error error = stream.write(file.head()))
          return error;
        if (Error error = stream.writeZeros(file.zerosBefore))
          return error;
        if (Error error = store.copyTo(stream.descriptor()))
          return error;
        if (Error error = stream.writeZeros(file.zerosBehind))
          return error;
        return stream.write(file.tail());
      }))
    return error;
  // Executable as the linker made it.
  ErrorOr<sys::fs::perms> permissions = sys::fs::getPermissions(from);
  std::error_code code = permissions ? sys::fs::setPermissions(to, *permissions)
                                     : permissions.getError();
  if (code)
    return createStringError("cannot write " + quoted(to) + ": " +
                             code.message());
  return Error::success();
}

} // namespace vitrail
