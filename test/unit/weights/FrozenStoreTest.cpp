//===- FrozenStoreTest.cpp - Deduplication and memory in place ------------===//
//
// Part of Vitrail, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "compiler/weights/FrozenStore.h"
#include "TestFiles.h"
#include <fcntl.h>
#include <unistd.h>

using namespace llvm;
using namespace vitrail;
using namespace vitrail::test;

namespace {

class FrozenStoreTest : public testing::Test {
protected:
  void SetUp() override { store = make(); }

  std::unique_ptr<FrozenStore> make() {
    auto created = FrozenStore::create(folder.path());
    EXPECT_TRUE(bool(created)) << messageOf(created.takeError());
    return std::move(*created);
  }
  uint64_t add(ArrayRef<uint8_t> blob) { return cantFail(store->add(blob)); }
  std::vector<uint8_t> content() {
    std::vector<uint8_t> bytes(store->bytes());
    EXPECT_EQ(messageOf(store->read(0, bytes)), "");
    return bytes;
  }

  TestFolder folder;
  std::unique_ptr<FrozenStore> store;
};

TEST_F(FrozenStoreTest, AlignsAndPads) {
  EXPECT_EQ(store->bytes(), 0u);
  EXPECT_EQ(add({1, 2, 3}), 0u);
  EXPECT_EQ(add({4}), 64u);
  EXPECT_EQ(cantFail(store->add(ArrayRef<float>({1.0f, 2.0f}))), 128u);
  EXPECT_EQ(store->bytes(), 192u);
  std::vector<uint8_t> expected(192);
  expected[0] = 1, expected[1] = 2, expected[2] = 3, expected[64] = 4;
  expected[130] = 0x80, expected[131] = 0x3f, expected[135] = 0x40;
  EXPECT_EQ(content(), expected);
}

TEST_F(FrozenStoreTest, KeepsEqualContentsOnce) {
  EXPECT_EQ(add({1, 2, 3}), 0u);
  EXPECT_EQ(add({1, 2}), 64u);
  EXPECT_EQ(add({1, 2, 3}), 0u);
  // Not the same: the length differs.
  EXPECT_EQ(add({1, 2, 3, 0}), 128u);
  EXPECT_EQ(store->sharedBytes(), 3u);
  EXPECT_EQ(add({}), 0u);
  EXPECT_EQ(store->bytes(), 192u);

  auto reservation = cantFail(store->reserve(2));
  reservation.bytes()[0] = 1;
  reservation.bytes()[1] = 2;
  EXPECT_EQ(cantFail(store->commit(std::move(reservation))), 64u);
  EXPECT_EQ(store->bytes(), 192u);
}

TEST_F(FrozenStoreTest, ReservesMemoryInPlace) {
  add({9});
  auto first = cantFail(store->reserve(100000));
  auto second = cantFail(store->reserve(8));
  EXPECT_EQ(first.bytes().size(), 100000u);
  EXPECT_EQ(first.bytes()[99999], 0);
  first.bytes()[99999] = 7;
  second.floats()[1] = 1.0f;
  // In any order; the place is the reservation's.
  EXPECT_EQ(cantFail(store->commit(std::move(second))), 64u + 100032u);
  EXPECT_EQ(cantFail(store->commit(std::move(first))), 64u);
  std::vector<uint8_t> bytes = content();
  EXPECT_EQ(bytes[64 + 99999], 7);
  EXPECT_EQ(bytes[64 + 100032 + 7], 0x3f);
}

TEST_F(FrozenStoreTest, ReusesWhatIsGivenUp) {
  add({9});
  {
    auto dropped = cantFail(store->reserve(64));
    auto other = cantFail(store->reserve(64));
    auto kept = cantFail(store->reserve(1));
    dropped.bytes()[3] = 1;
    other.bytes()[3] = 1;
    kept.bytes()[0] = 5;
    EXPECT_EQ(cantFail(store->commit(std::move(kept))), 192u);
  }
  // The two gaps are one now, and clean.
  auto again = cantFail(store->reserve(100));
  for (uint8_t byte : again.bytes())
    EXPECT_EQ(byte, 0);
  again.bytes()[0] = 6;
  EXPECT_EQ(cantFail(store->commit(std::move(again))), 64u);
  EXPECT_EQ(store->bytes(), 256u);
  // A gap at the end is no gap.
  {
    auto dropped = cantFail(store->reserve(1 << 20));
  }
  EXPECT_EQ(store->bytes(), 256u);
  EXPECT_EQ(add({8}), 256u);
}

TEST_F(FrozenStoreTest, HashesContentsAndPlaces) {
  auto hashOf = [&](ArrayRef<std::vector<uint8_t>> blobs) {
    auto other = make();
    for (const auto &blob : blobs)
      cantFail(other->add(blob).takeError());
    return other->hash();
  };
  EXPECT_EQ(hashOf({{1}, {2}}), hashOf({{1}, {2}, {1}}));
  EXPECT_NE(hashOf({{1}, {2}}), hashOf({{2}, {1}}));
  EXPECT_NE(hashOf({{1}, {2}}), hashOf({{1}, {2, 0}}));
  EXPECT_NE(hashOf({{1}}), hashOf({}));
}

TEST_F(FrozenStoreTest, CopiesItself) {
  std::vector<uint8_t> big(3000000, 3);
  add({1});
  add(big);
  std::string path = folder.write("copy", "");
  int file = ::open(path.c_str(), O_WRONLY);
  ASSERT_EQ(::write(file, "head", 4), 4);
  EXPECT_EQ(messageOf(store->copyTo(file)), "");
  ::close(file);
  std::vector<uint8_t> bytes = content();
  EXPECT_EQ(folder.read("copy"),
            "head" + std::string(bytes.begin(), bytes.end()));

  // Through a pipe, where the system cannot copy by itself.
  int ends[2];
  ASSERT_EQ(::pipe(ends), 0);
  auto small = make();
  cantFail(small->add(ArrayRef<uint8_t>({5, 6})).takeError());
  EXPECT_EQ(messageOf(small->copyTo(ends[1])), "");
  uint8_t received[64];
  EXPECT_EQ(::read(ends[0], received, 64), 64);
  EXPECT_EQ(received[1], 6);
  ::close(ends[0]);
  ::close(ends[1]);
}

TEST_F(FrozenStoreTest, LeavesNothingBehind) {
  add({1});
  EXPECT_TRUE(folder.list().empty());
}

TEST_F(FrozenStoreTest, ReportsFailures) {
  EXPECT_HAS(messageOf(FrozenStore::create(folder.path("none"))), "none");
  uint8_t byte;
  EXPECT_HAS(messageOf(store->read(0, byte)), "outside");
  EXPECT_HAS(messageOf(store->reserve(UINT64_MAX)), "grow");
  EXPECT_HAS(messageOf(store->reserve(uint64_t(1) << 62)), "grow");
}

} // namespace
