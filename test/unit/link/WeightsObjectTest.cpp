//===- WeightsObjectTest.cpp - The store as object and as file ------------===//
//
// Part of Vitrail, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "compiler/link/WeightsObject.h"
#include "MockProgram.h"
#include "llvm/Object/ELFObjectFile.h"
#include "llvm/Support/Endian.h"

using namespace llvm;
using namespace vitrail;
using namespace vitrail::test;

namespace {

std::string contentOf(const FrozenStore &store) {
  std::vector<uint8_t> bytes(store.bytes());
  EXPECT_EQ(messageOf(store.read(0, bytes)), "");
  return std::string(bytes.begin(), bytes.end());
}

TEST(WeightsObject, IsAnELFObject) {
  TestFolder folder;
  std::unique_ptr<FrozenStore> store = mockStore(1);
  std::vector<uint8_t> big(1000001, 7);
  cantFail(store->add(big).takeError());
  ASSERT_EQ(
      messageOf(writeWeightsObject(*store, "net_weights", folder.path("w.o"))),
      "");
  EXPECT_EQ(folder.list(), std::vector<std::string>{"w.o"});

  auto file = object::ObjectFile::createObjectFile(folder.path("w.o"));
  ASSERT_TRUE(bool(file)) << messageOf(file.takeError());
  auto *elf = cast<object::ELF64LEObjectFile>(file->getBinary());
  EXPECT_EQ(elf->getArch(), Triple::x86_64);
  unsigned symbols = 0;
  for (const object::ELFSymbolRef symbol : elf->symbols()) {
    ++symbols;
    EXPECT_EQ(cantFail(symbol.getName()), "net_weights");
    EXPECT_EQ(symbol.getBinding(), ELF::STB_GLOBAL);
    EXPECT_EQ(symbol.getELFType(), ELF::STT_OBJECT);
    EXPECT_EQ(symbol.getOther(), ELF::STV_HIDDEN);
    EXPECT_EQ(symbol.getSize(), store->bytes());
    EXPECT_EQ(cantFail(symbol.getValue()), 0u);
    object::ELFSectionRef section = *cantFail(symbol.getSection());
    EXPECT_EQ(cantFail(section.getName()), ".lrodata.vitrail");
    EXPECT_EQ(section.getFlags(),
              uint64_t(ELF::SHF_ALLOC | ELF::SHF_X86_64_LARGE));
    EXPECT_EQ(section.getAlignment(), Align(4096));
    EXPECT_EQ(section.getOffset() % 4096, 0u);
    EXPECT_TRUE(cantFail(section.getContents()) == contentOf(*store));
  }
  EXPECT_EQ(symbols, 1u);
}

TEST(WeightsObject, ExternalFilesHaveAHeader) {
  TestFolder folder;
  std::unique_ptr<FrozenStore> store = mockStore(1);
  ASSERT_EQ(messageOf(writeExternalWeights(*store, folder.path("w.bin"))), "");
  EXPECT_EQ(folder.list(), std::vector<std::string>{"w.bin"});
  std::string content = folder.read("w.bin");
  ASSERT_EQ(content.size(), 4096 + store->bytes());
  const char *bytes = content.data();
  EXPECT_EQ(content.substr(0, 8), "VITRAILW");
  EXPECT_EQ(support::endian::read32le(bytes + 8), 1u);
  EXPECT_EQ(support::endian::read32le(bytes + 12), 0u);
  EXPECT_EQ(support::endian::read64le(bytes + 16), store->hash());
  EXPECT_EQ(support::endian::read64le(bytes + 24), store->bytes());
  EXPECT_EQ(content.substr(32, 4096 - 32), std::string(4096 - 32, '\0'));
  EXPECT_EQ(content.substr(4096), contentOf(*store));
}

TEST(WeightsObject, RefusesBadPlaces) {
  TestFolder folder;
  std::unique_ptr<FrozenStore> store = mockStore(1);
  EXPECT_HAS(messageOf(writeExternalWeights(*store, folder.path("a/w.bin"))),
             "does not exist");
  EXPECT_HAS(messageOf(writeExternalWeights(*store, "/dev/null")),
             "no regular file");
  EXPECT_HAS(messageOf(writeWeightsObject(*store, "w", folder.path("a/w.o"))),
             "cannot write");
  EXPECT_TRUE(folder.list().empty());
}

} // namespace
