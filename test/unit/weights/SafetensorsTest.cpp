//===- SafetensorsTest.cpp - Hostile and honest files ---------------------===//
//
// Part of Vitrail, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "compiler/weights/Safetensors.h"
#include "TestFiles.h"
#include "llvm/Support/Endian.h"

using namespace llvm;
using namespace vitrail;
using namespace vitrail::test;

namespace {

std::string withLength(uint64_t length, StringRef rest) {
  char bytes[8];
  support::endian::write64le(bytes, length);
  return std::string(bytes, 8) + rest.str();
}

std::string file(StringRef header, StringRef data = "") {
  return withLength(header.size(), (header + data).str());
}

/// The message with which a file is refused; "" if it is accepted.
std::string open(StringRef content) {
  TestFolder folder;
  return messageOf(
      SafetensorsFile::open(folder.write("x.safetensors", content)));
}

/// The same for a header of one tensor "t" over eight bytes of data.
std::string openTensor(StringRef fields) {
  return open(file(("{\"t\": " + fields + "}").str(), "01234567"));
}

TEST(Safetensors, ReadsUnalignedValues) {
  TestFolder folder;
  // A header of odd length: the data are not aligned.
  float values[] = {1.5f, -2.0f};
  std::string content =
      file("{\"t\":{\"dtype\":\"F32\",\"shape\":[2,1],\"data_offsets\":[0,8]},"
           "\"__metadata__\":{\"format\":\"pt\"}} ",
           StringRef(reinterpret_cast<char *>(values), 8));
  auto opened = SafetensorsFile::open(folder.write("x.safetensors", content));
  ASSERT_TRUE(bool(opened)) << messageOf(std::move(opened));
  ASSERT_EQ((*opened)->tensors().size(), 1u);
  const SafetensorsFile::Tensor &tensor = (*opened)->tensors().at("t");
  EXPECT_EQ(tensor.dtype, "F32");
  EXPECT_EQ(ArrayRef(tensor.shape), ArrayRef<int64_t>({2, 1}));
  float out[2];
  EXPECT_EQ(messageOf((*opened)->read({"t"}, tensor, out)), "");
  EXPECT_EQ(out[0], 1.5f);
  EXPECT_EQ(out[1], -2.0f);
}

TEST(Safetensors, ReportsAFileThatShrinks) {
  TestFolder folder;
  std::string path = folder.write(
      "x.safetensors",
      file("{\"t\":{\"dtype\":\"F32\",\"shape\":[2],\"data_offsets\":[0,8]}}",
           "01234567"));
  auto opened = SafetensorsFile::open(path);
  ASSERT_TRUE(bool(opened)) << messageOf(std::move(opened));
  folder.write("x.safetensors", "short");
  float out[2];
  EXPECT_HAS(
      messageOf((*opened)->read({"t"}, (*opened)->tensors().at("t"), out)),
      "before its data");
}

TEST(Safetensors, AcceptsEmptyTensorsAndForeignTypes) {
  EXPECT_EQ(open(file("{}")), "");
  EXPECT_EQ(open(file("{\"t\":{\"dtype\":\"F32\",\"shape\":[0, 3],"
                      "\"data_offsets\":[0,0]}}")),
            "");
  EXPECT_EQ(open(file("{\"t\":{\"dtype\":\"F32\","
                      "\"shape\":[9223372036854775807, 0],"
                      "\"data_offsets\":[0,0]}}")),
            "");
  EXPECT_EQ(openTensor("{\"dtype\":\"I64\",\"shape\":[],"
                       "\"data_offsets\":[0,8]}"),
            "");
  EXPECT_EQ(openTensor("{\"dtype\":\"F4\",\"shape\":[16],"
                       "\"data_offsets\":[0,8]}"),
            "");
}

TEST(Safetensors, RefusesBytesOfNoTensor) {
  EXPECT_HAS(openTensor("{\"dtype\":\"F32\",\"shape\":[1],"
                        "\"data_offsets\":[0,4]}"),
             "4 bytes behind the last tensor");
  EXPECT_HAS(openTensor("{\"dtype\":\"F32\",\"shape\":[1],"
                        "\"data_offsets\":[4,8]}"),
             "4 bytes before tensor 't'");
}

TEST(Safetensors, RefusesBadLengths) {
  EXPECT_HAS(open(""), "0 bytes");
  EXPECT_HAS(open("1234567"), "7 bytes");
  EXPECT_HAS(open(withLength(3, "{}")), "claims 3 bytes, but only 2 follow");
  EXPECT_HAS(open(withLength(~0ull, "{}")), "limit");
  EXPECT_HAS(open(withLength(100000001, "{}")), "limit");
  EXPECT_HAS(open(withLength(1ull << 63, "{}")), "limit");
}

TEST(Safetensors, RefusesBadHeaders) {
  EXPECT_HAS(open(file("")), "no JSON");
  EXPECT_HAS(open(file("{\"t\": ")), "no JSON");
  EXPECT_HAS(open(file("{} x")), "no JSON");
  EXPECT_HAS(open(file("\xff\xfe")), "no JSON");
  EXPECT_HAS(open(file(StringRef("{}\0", 3))), "no JSON");
  EXPECT_HAS(open(file("[]")), "no JSON object");
  EXPECT_HAS(open(file("7")), "no JSON object");
  EXPECT_HAS(open(file(std::string(1 << 20, '['))), "levels deep");
  EXPECT_HAS(
      open(file("{\"t\": \"\\\"[\", \"u\":" + std::string(1 << 20, '{'))),
      "levels deep");
}

TEST(Safetensors, RefusesBadTensors) {
  EXPECT_HAS(openTensor("3"), "'t' is described by no JSON object");
  EXPECT_HAS(openTensor("{}"), "dtype");
  EXPECT_HAS(openTensor("{\"dtype\":7,\"shape\":[2],\"data_offsets\":[0,8]}"),
             "dtype");
  EXPECT_HAS(openTensor("{\"dtype\":\"F32\",\"data_offsets\":[0,8]}"), "shape");
  EXPECT_HAS(
      openTensor("{\"dtype\":\"F32\",\"shape\":2,\"data_offsets\":[0,8]}"),
      "shape");
  EXPECT_HAS(
      openTensor("{\"dtype\":\"F32\",\"shape\":[-2],\"data_offsets\":[0,8]}"),
      "dimension");
  EXPECT_HAS(
      openTensor("{\"dtype\":\"F32\",\"shape\":[1.5],\"data_offsets\":[0,8]}"),
      "dimension");
  EXPECT_HAS(openTensor("{\"dtype\":\"F32\",\"shape\":[18446744073709551615],"
                        "\"data_offsets\":[0,8]}"),
             "dimension");
  EXPECT_HAS(openTensor("{\"dtype\":\"F32\",\"shape\":[4294967296,4294967296],"
                        "\"data_offsets\":[0,8]}"),
             "64 bits");
  // The elements fit in 64 bits, their bytes do not.
  EXPECT_HAS(openTensor("{\"dtype\":\"F32\",\"shape\":[4611686018427387906],"
                        "\"data_offsets\":[0,8]}"),
             "bytes");
  EXPECT_HAS(openTensor("{\"dtype\":\"F32\",\"shape\":[" +
                        std::string(2 * 40, '1').replace(1, 1, ",") +
                        "],\"data_offsets\":[0,8]}"),
             "dimension");
  std::string ones = "1";
  for (int i = 0; i < 40; ++i)
    ones += ",1";
  EXPECT_HAS(openTensor("{\"dtype\":\"F32\",\"shape\":[" + ones +
                        "],\"data_offsets\":[0,4]}"),
             "41 dimensions");
}

TEST(Safetensors, RefusesBadOffsets) {
  auto offsets = [](StringRef text) {
    return openTensor(
        ("{\"dtype\":\"F32\",\"shape\":[2],\"data_offsets\":" + text + "}")
            .str());
  };
  EXPECT_EQ(offsets("[0,8]"), "");
  EXPECT_HAS(offsets("[0]"), "two numbers");
  EXPECT_HAS(offsets("[0,8,9]"), "two numbers");
  EXPECT_HAS(offsets("8"), "two numbers");
  EXPECT_HAS(offsets("[8,0]"), "ascending");
  EXPECT_HAS(offsets("[-8,0]"), "ascending");
  EXPECT_HAS(offsets("[\"0\",8]"), "ascending");
  EXPECT_HAS(offsets("[4,12]"), "ends at byte 12");
  EXPECT_HAS(offsets("[9223372036854775799,9223372036854775807]"), "ends at");
  EXPECT_HAS(offsets("[18446744073709551608,18446744073709551615]"),
             "ascending");
  EXPECT_HAS(offsets("[0,4]"), "8 bytes), but its data has 4 bytes");
}

TEST(Safetensors, RefusesOverlap) {
  EXPECT_HAS(
      open(file("{\"a\":{\"dtype\":\"F32\",\"shape\":[2],\"data_offsets\":[0,8]"
                "},\"b\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":"
                "[4,8]}}",
                "01234567")),
      "'a' and 'b' overlap");
}

TEST(Safetensors, RefusesWhatIsNoFile) {
  TestFolder folder;
  EXPECT_HAS(messageOf(SafetensorsFile::open(folder.path("none"))),
             "cannot open");
  EXPECT_HAS(messageOf(SafetensorsFile::open(folder.path())), "regular file");
  EXPECT_HAS(messageOf(SafetensorsFile::open("/dev/zero")), "regular file");
}

TEST(Safetensors, MessagesStayOneLine) {
  EXPECT_HAS(open(file("{\"a\\nb\\u001b[2J\": 3}")), "'a\\x0ab\\x1b[2J'");
  EXPECT_LT(open(file("{\"" + std::string(100000, 'x') + "\": 3}")).size(),
            1000u);
}

} // namespace
