//===- CheckpointTest.cpp - Aliases, shapes, shards -----------------------===//
//
// Part of Vitrail, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "compiler/weights/Checkpoint.h"
#include "TestFiles.h"
#include "llvm/Support/Endian.h"

using namespace llvm;
using namespace vitrail;
using namespace vitrail::test;

namespace {

/// A file of tensors with two elements each, that are `first` and `first` + 1.
std::string fileOf(ArrayRef<StringRef> names, float first,
                   StringRef dtype = "F32", StringRef shape = "[1,2]") {
  std::string header = "{", data;
  size_t width = dtype == "F32" ? 4 : 2;
  for (StringRef name : names) {
    header += (header.size() > 1 ? "," : "") + ("\"" + name).str() +
              "\":{\"dtype\":\"" + dtype.str() + "\",\"shape\":" + shape.str() +
              ",\"data_offsets\":[" + std::to_string(data.size()) + "," +
              std::to_string(data.size() + 2 * width) + "]}";
    float values[] = {first, first + 1};
    data.append(reinterpret_cast<char *>(values), 2 * width);
  }
  header += "}";
  char length[8];
  support::endian::write64le(length, header.size());
  return std::string(length, 8) + header + data;
}

WeightRequest request(StringRef name, ArrayRef<std::string> aliases = {}) {
  WeightRequest request;
  request.name = name.str();
  request.aliases.assign(aliases.begin(), aliases.end());
  request.shape = {1, 2};
  return request;
}

class CheckpointTest : public testing::Test {
protected:
  std::unique_ptr<WeightSource> open(StringRef name) {
    Expected<std::unique_ptr<WeightSource>> source =
        openWeights(folder.path(name));
    if (!source) {
      ADD_FAILURE() << messageOf(source.takeError());
      return nullptr;
    }
    return std::move(*source);
  }
  std::string refusal(StringRef name = "") {
    return messageOf(openWeights(folder.path(name)));
  }
  float firstOf(const WeightSource &source, const WeightRequest &request) {
    float out[2] = {};
    EXPECT_EQ(messageOf(source.read(request, out)), "");
    EXPECT_EQ(out[1], out[0] + 1);
    return out[0];
  }

  TestFolder folder;
};

TEST_F(CheckpointTest, ReadsOneFile) {
  folder.write("a.safetensors", fileOf({"x", "y"}, 3));
  auto source = open("a.safetensors");
  ASSERT_TRUE(source);
  EXPECT_EQ(source->names(), std::vector<StringRef>({"x", "y"}));
  EXPECT_EQ(firstOf(*source, request("y")), 3);
  EXPECT_FALSE(source->lookup("z"));
  EXPECT_EQ(source->lookup("x")->dtype, "F32");
}

TEST_F(CheckpointTest, FollowsAliasesInOrder) {
  folder.write("a.safetensors", fileOf({"old", "older"}, 3));
  auto source = open("a.safetensors");
  ASSERT_TRUE(source);
  EXPECT_EQ(messageOf(source->check(request("new", {"newer", "old"}))), "");
  EXPECT_EQ(firstOf(*source, request("new", {"newer", "older"})), 3);
  EXPECT_HAS(messageOf(source->check(request("new", {"newer"}))),
             "'new' (or 'newer') of shape [1, 2]");
}

TEST_F(CheckpointTest, ReadsPartsOfATensor) {
  folder.write("a.safetensors", fileOf({"joined", "a[1/2"}, 3, "F32", "[2,1]"));
  auto source = open("a.safetensors");
  ASSERT_TRUE(source);
  auto read = [&](StringRef alias, ArrayRef<int64_t> shape, float &out) {
    WeightRequest part = request("x", {alias.str()});
    part.shape.assign(shape.begin(), shape.end());
    return messageOf(source->read(part, out));
  };
  float out = 0;
  EXPECT_EQ(read("joined[0/2]", {1, 1}, out), "");
  EXPECT_EQ(out, 3);
  EXPECT_EQ(read("joined[1/2]", {1, 1}, out), "");
  EXPECT_EQ(out, 4);
  // Shapes are those of the whole.
  EXPECT_HAS(read("joined[1/3]", {1, 1}, out), "'joined' with shape [3, 1]");
  EXPECT_HAS(read("joined[1/2]", {1}, out), "'joined' with shape [2]");
  EXPECT_HAS(read("joined[1/2]", {}, out), "'joined' with shape []");
  EXPECT_HAS(read("joined[1/9223372036854775807]", {2, 1}, out), "shape");
  // What is no part is a name.
  EXPECT_HAS(read("joined[2/2]", {1, 1}, out), "'joined[2/2]'");
  EXPECT_HAS(read("joined[-1/2]", {1, 1}, out), "has none");
  EXPECT_HAS(read("joined[1]", {1, 1}, out), "has none");
  EXPECT_HAS(read("a[1/2", {1, 1}, out), "'a[1/2' with shape [1, 1]");
}

TEST_F(CheckpointTest, SuggestsTheNearestName) {
  folder.write("a.safetensors",
               fileOf({"encoder.layer.0.weight", "encoder.layer.1.weight"}, 3));
  auto source = open("a.safetensors");
  ASSERT_TRUE(source);
  EXPECT_HAS(messageOf(source->check(request("encoder.layer.1.wieght"))),
             "did you mean 'encoder.layer.1.weight'?");
  EXPECT_HAS(messageOf(source->check(request("vit.encoder.layer.0.weight"))),
             "did you mean 'encoder.layer.0.weight'?");
  std::string far = messageOf(source->check(request("classifier.bias")));
  EXPECT_EQ(far.find("did you mean"), std::string::npos) << far;
  EXPECT_HAS(far, "a.safetensors");
}

TEST_F(CheckpointTest, NamesBothShapes) {
  folder.write("a.safetensors", fileOf({"x"}, 3));
  auto source = open("a.safetensors");
  ASSERT_TRUE(source);
  WeightRequest wrong = request("x");
  wrong.shape = {2, 1};
  std::string message = messageOf(source->check(wrong));
  EXPECT_HAS(message, "[2, 1]");
  EXPECT_HAS(message, "[1, 2]");
  float out[2];
  EXPECT_EQ(messageOf(source->read(wrong, out)), message);
}

TEST_F(CheckpointTest, RefusesOtherTypesWhenAsked) {
  folder.write("a.safetensors", fileOf({"x"}, 3, "BF16"));
  auto source = open("a.safetensors");
  ASSERT_TRUE(source);
  std::string message = messageOf(source->check(request("x")));
  EXPECT_HAS(message, "'x'");
  EXPECT_HAS(message, "'BF16'");
  EXPECT_HAS(message, "convert");
}

TEST_F(CheckpointTest, ReadsFolders) {
  folder.write("b.safetensors", fileOf({"y"}, 5));
  folder.write("a.safetensors", fileOf({"x"}, 3));
  folder.write("config.json", "{}");
  auto source = open("");
  ASSERT_TRUE(source);
  EXPECT_EQ(firstOf(*source, request("x")), 3);
  EXPECT_EQ(firstOf(*source, request("y")), 5);

  folder.write("model.safetensors", fileOf({"x"}, 7));
  source = open("");
  ASSERT_TRUE(source);
  EXPECT_EQ(firstOf(*source, request("x")), 7);
}

TEST_F(CheckpointTest, RefusesDoubtfulFolders) {
  EXPECT_HAS(refusal(), "no .safetensors file");
  EXPECT_HAS(refusal("none"), "cannot open");
  folder.write("b.safetensors", fileOf({"x"}, 5));
  folder.write("a.safetensors", fileOf({"x"}, 3));
  EXPECT_HAS(refusal(), "'x' stands in both");
}

TEST_F(CheckpointTest, FollowsAnIndex) {
  folder.write("one.safetensors", fileOf({"x"}, 3));
  folder.write("two.safetensors", fileOf({"y"}, 5));
  folder.write("other.safetensors", fileOf({"x"}, 7));
  folder.write("model.safetensors.index.json",
               "{\"metadata\":{},\"weight_map\":{\"x\":\"one.safetensors\","
               "\"y\":\"two.safetensors\"}}");
  for (StringRef name : {"", "model.safetensors.index.json"}) {
    auto source = open(name);
    ASSERT_TRUE(source);
    EXPECT_EQ(firstOf(*source, request("x")), 3);
    EXPECT_EQ(firstOf(*source, request("y")), 5);
  }
}

TEST_F(CheckpointTest, RefusesBadIndexes) {
  auto index = [&](StringRef content) {
    folder.write("model.safetensors.index.json", content);
    return refusal();
  };
  folder.write("one.safetensors", fileOf({"x"}, 3));
  folder.write("two.safetensors", fileOf({"z"}, 3));
  EXPECT_HAS(index("["), "no valid index");
  EXPECT_HAS(index(std::string(1 << 20, '[')), "levels deep");
  EXPECT_HAS(index("[]"), "weight_map");
  EXPECT_HAS(index("{\"weight_map\":3}"), "weight_map");
  EXPECT_HAS(index("{\"weight_map\":{\"x\":3}}"), "'x' is in no");
  EXPECT_HAS(index("{\"weight_map\":{\"x\":\"../one.safetensors\"}}"),
             "beside the index");
  EXPECT_HAS(index("{\"weight_map\":{\"x\":\"/one.safetensors\"}}"),
             "beside the index");
  EXPECT_HAS(index("{\"weight_map\":{\"x\":\"none.safetensors\"}}"),
             "cannot open");
  EXPECT_HAS(index("{\"weight_map\":{\"y\":\"one.safetensors\"}}"),
             "'y' is not in 'one.safetensors'");
  EXPECT_HAS(index("{\"weight_map\":{\"x\":\"two.safetensors\","
                   "\"z\":\"one.safetensors\"}}"),
             "is not in");
}

TEST_F(CheckpointTest, ParsesTheOption) {
  auto source = parseWeightsOption("random:18446744073709551615");
  ASSERT_TRUE(bool(source)) << messageOf(std::move(source));
  EXPECT_EQ((*source)->describe(), "random:18446744073709551615");
  for (StringRef wrong : {"random:", "random:x", "random:-1", "random:1.5",
                          "random: 1", "random:18446744073709551616"})
    EXPECT_HAS(messageOf(parseWeightsOption(wrong)), "needs a seed");
  EXPECT_HAS(messageOf(parseWeightsOption("randm")), "cannot open");
  EXPECT_HAS(messageOf(parseWeightsOption("")), "cannot open");
}

} // namespace
