//===- WeightsObject.cpp - The frozen store as a file ---------------------===//
//
// Part of Vitrail, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "compiler/link/WeightsObject.h"
#include "compiler/link/OutputFile.h"
#include "compiler/weights/Messages.h"
#include "runtime/include/vitrail/weights_file.h"
#include "llvm/BinaryFormat/ELF.h"
#include "llvm/Support/Endian.h"
#include "llvm/Support/MathExtras.h"
#include <cstring>

using namespace llvm;

namespace vitrail {
namespace {

static_assert(sys::IsLittleEndianHost, "ELF structures are written as they "
                                       "stand");

/// Where the store begins in both kinds of files: a mapping aligns it.
constexpr uint64_t pageBytes = 4096;

/// A string table under construction: begins with the empty string.
class StringTable {
public:
  uint32_t add(StringRef text) {
    uint32_t offset = data.size();
    data += text;
    data += '\0';
    return offset;
  }
  const std::string &bytes() const { return data; }

private:
  std::string data = std::string(1, '\0');
};

template <typename T> StringRef bytesOf(const T &value) {
  return StringRef(reinterpret_cast<const char *>(&value), sizeof(value));
}

/// An ELF object around the weights.
struct ObjectParts {
  std::string header;  ///< What stands before them.
  std::string trailer; ///< What stands behind them, or behind the header.
};

ObjectParts buildObject(uint64_t bytes, StringRef symbol, bool isPlaceholder) {
  enum { Null, Weights, SymbolTable, Strings, Names, Stack, NumSections };
  StringTable strings, names;

  ELF::Elf64_Sym symbols[2] = {};
  symbols[1].st_name = strings.add(symbol);
  symbols[1].setBindingAndType(ELF::STB_GLOBAL, ELF::STT_OBJECT);
  symbols[1].st_other = ELF::STV_HIDDEN;
  symbols[1].st_shndx = Weights;
  symbols[1].st_size = bytes;

  ELF::Elf64_Shdr sections[NumSections] = {};
  auto section = [&](unsigned index, StringRef name, uint32_t type,
                     uint64_t flags, uint64_t align) -> ELF::Elf64_Shdr & {
    ELF::Elf64_Shdr &header = sections[index];
    header.sh_name = names.add(name);
    header.sh_type = type;
    header.sh_flags = flags;
    header.sh_addralign = align;
    return header;
  };
  section(Weights, weightsSection,
          isPlaceholder ? ELF::SHT_NOBITS : ELF::SHT_PROGBITS,
          ELF::SHF_ALLOC | ELF::SHF_X86_64_LARGE, pageBytes);
  ELF::Elf64_Shdr &table = section(SymbolTable, ".symtab", ELF::SHT_SYMTAB, 0,
                                   /*align=*/8);
  table.sh_link = Strings;
  table.sh_info = 1; // The first global symbol.
  table.sh_entsize = sizeof(ELF::Elf64_Sym);
  section(Strings, ".strtab", ELF::SHT_STRTAB, 0, 1);
  section(Names, ".shstrtab", ELF::SHT_STRTAB, 0, 1);
  // Without it, GNU ld makes the program's stack executable.
  section(Stack, ".note.GNU-stack", ELF::SHT_PROGBITS, 0, 1);

  // What follows the store; its size is a multiple of 64, so that the symbol
  // table is aligned.
  std::string trailer;
  const uint64_t trailerBegin = pageBytes + (isPlaceholder ? 0 : bytes);
  auto place = [&](unsigned index, StringRef content) {
    sections[index].sh_offset = trailerBegin + trailer.size();
    sections[index].sh_size = content.size();
    trailer += content;
  };
  sections[Weights].sh_offset = pageBytes;
  sections[Weights].sh_size = bytes;
  place(SymbolTable, bytesOf(symbols));
  place(Strings, strings.bytes());
  place(Names, names.bytes());
  place(Stack, "");
  trailer.resize(alignTo(trailer.size(), 8));

  ELF::Elf64_Ehdr header = {};
  std::memcpy(header.e_ident, ELF::ElfMagic, 4);
  header.e_ident[ELF::EI_CLASS] = ELF::ELFCLASS64;
  header.e_ident[ELF::EI_DATA] = ELF::ELFDATA2LSB;
  header.e_ident[ELF::EI_VERSION] = ELF::EV_CURRENT;
  header.e_type = ELF::ET_REL;
  header.e_machine = ELF::EM_X86_64;
  header.e_version = ELF::EV_CURRENT;
  header.e_shoff = trailerBegin + trailer.size();
  header.e_ehsize = sizeof(header);
  header.e_shentsize = sizeof(ELF::Elf64_Shdr);
  header.e_shnum = NumSections;
  header.e_shstrndx = Names;
  trailer += bytesOf(sections);
  std::string page = bytesOf(header).str();
  page.resize(pageBytes);
  return {std::move(page), std::move(trailer)};
}

} // namespace

Error writeWeightsObject(const FrozenStore &store, StringRef symbol,
                         StringRef path) {
  ObjectParts parts = buildObject(store.bytes(), symbol, false);
  return writeOutputFile(path, [&](OutputStream &stream) -> Error {
    if (Error error = stream.write(parts.header))
      return error;
    if (Error error = store.copyTo(stream.descriptor()))
      return error;
    return stream.write(parts.trailer);
  });
}

Error writeWeightsPlaceholder(const FrozenStore &store, StringRef symbol,
                              StringRef path) {
  ObjectParts parts = buildObject(store.bytes(), symbol, true);
  return writeOutputFile(path, [&](OutputStream &stream) {
    return stream.write(parts.header + parts.trailer);
  });
}

Error writeExternalWeights(const FrozenStore &store, StringRef path) {
  if (Error error = checkWritable(path))
    return error;
  vitrail_weights_header fields = {};
  std::memcpy(fields.magic, VITRAIL_WEIGHTS_MAGIC, sizeof(fields.magic));
  fields.version = VITRAIL_WEIGHTS_VERSION;
  fields.hash = store.hash();
  fields.bytes = store.bytes();
  static_assert(sys::IsLittleEndianHost, "the header is written as it stands");
  std::string header(VITRAIL_WEIGHTS_OFFSET, '\0');
  std::memcpy(&header[0], &fields, sizeof(fields));
  return writeOutputFile(path, [&](OutputStream &stream) -> Error {
    if (Error error = stream.write(header))
      return error;
    return store.copyTo(stream.descriptor());
  });
}

} // namespace vitrail
