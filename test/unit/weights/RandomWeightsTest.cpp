//===- RandomWeightsTest.cpp - Known answers of the rule ------------------===//
//
// Part of Vitrail, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "compiler/weights/RandomWeights.h"
#include "TestFiles.h"
#include "llvm/Support/JSON.h"
#include <cstring>

using namespace llvm;
using namespace vitrail;
using namespace vitrail::test;

namespace {

uint32_t bitsOf(float value) {
  uint32_t bits;
  std::memcpy(&bits, &value, sizeof(bits));
  return bits;
}

float element(uint64_t seed, StringRef name, RandomRole role, int64_t fanIn,
              uint64_t index) {
  float value;
  fillRandomWeights(seed, name, role, fanIn, value, index);
  return value;
}

struct KnownAnswer {
  const char *name;
  uint64_t seed;
  RandomRole role;
  uint32_t bits[4]; ///< Of elements 0, 1, 2 and 1000003.
};

// Computed with Python's integers and floats; matrices have 768 inputs.
const KnownAnswer knownAnswers[] = {
    {"classifier.weight",
     1u,
     RandomRole::Matrix,
     {0xbc1ced20, 0xbd2b7ccc, 0x3b9d2280, 0xbd4b7296}},
    {"classifier.weight",
     1u,
     RandomRole::Bias,
     {0xbc7b1500, 0xbd8930a3, 0x3bfb6a66, 0xbda2c212}},
    {"classifier.weight",
     1u,
     RandomRole::Token,
     {0xbc7b1500, 0xbd8930a3, 0x3bfb6a66, 0xbda2c212}},
    {"classifier.weight",
     1u,
     RandomRole::Position,
     {0xbc7b1500, 0xbd8930a3, 0x3bfb6a66, 0xbda2c212}},
    {"classifier.weight",
     1u,
     RandomRole::Gain,
     {0x3f782758, 0x3f5db3d7, 0x3f81f6d5, 0x3f574f7c}},
    {"classifier.weight",
     1u,
     RandomRole::RunningMean,
     {0xbc7b1500, 0xbd8930a3, 0x3bfb6a66, 0xbda2c212}},
    {"classifier.weight",
     1u,
     RandomRole::RunningVariance,
     {0x3f76312e, 0x3f5520cd, 0x3f82748a, 0x3f4d235a}},
    {"classifier.weight",
     1u,
     RandomRole::LayerScale,
     {0x3eec625c, 0x3eaa419a, 0x3f04e914, 0x3e9a46b5}},
    {"größe",
     18446744073709551613u,
     RandomRole::Matrix,
     {0x3cb02138, 0x3c4cabc8, 0xbd0d211c, 0xbd720068}},
    {"größe",
     18446744073709551613u,
     RandomRole::Bias,
     {0x3d0ce760, 0x3ca3bca0, 0xbd61ce93, 0xbdc199ed}},
    {"größe",
     18446744073709551613u,
     RandomRole::Token,
     {0x3d0ce760, 0x3ca3bca0, 0xbd61ce93, 0xbdc199ed}},
    {"größe",
     18446744073709551613u,
     RandomRole::Position,
     {0x3d0ce760, 0x3ca3bca0, 0xbd61ce93, 0xbdc199ed}},
    {"größe",
     18446744073709551613u,
     RandomRole::Gain,
     {0x3f88ce76, 0x3f851de5, 0x3f63c62e, 0x3f4f9985}},
    {"größe",
     18446744073709551613u,
     RandomRole::RunningMean,
     {0x3d0ce760, 0x3ca3bca0, 0xbd61ce93, 0xbdc199ed}},
    {"größe",
     18446744073709551613u,
     RandomRole::RunningVariance,
     {0x3f8b0214, 0x3f86655e, 0x3f5cb7b9, 0x3f437fe6}},
    {"größe",
     18446744073709551613u,
     RandomRole::LayerScale,
     {0x3f160427, 0x3f0ccabc, 0x3eb96f72, 0x3e86ffcc}},
    {"",
     0u,
     RandomRole::Matrix,
     {0x3d0702f8, 0xbd5fe64c, 0xbcacf16c, 0x3d6529c6}},
    {"",
     0u,
     RandomRole::Bias,
     {0x3d5804c0, 0xbdb31ea3, 0xbd0a5abd, 0x3db7549e}},
    {"",
     0u,
     RandomRole::Token,
     {0x3d5804c0, 0xbdb31ea3, 0xbd0a5abd, 0x3db7549e}},
    {"",
     0u,
     RandomRole::Position,
     {0x3d5804c0, 0xbdb31ea3, 0xbd0a5abd, 0x3db7549e}},
    {"",
     0u,
     RandomRole::Gain,
     {0x3f8d804c, 0x3f533857, 0x3f6eb4a8, 0x3f96ea94}},
    {"",
     0u,
     RandomRole::RunningMean,
     {0x3d5804c0, 0xbdb31ea3, 0xbd0a5abd, 0x3db7549e}},
    {"",
     0u,
     RandomRole::RunningVariance,
     {0x3f90e05f, 0x3f48066d, 0x3f6a61d2, 0x3f9ca539}},
    {"",
     0u,
     RandomRole::LayerScale,
     {0x3f21c0be, 0x3e900cda, 0x3ed4c3a5, 0x3f394a72}},
};

TEST(RandomWeights, KnownAnswers) {
  for (const KnownAnswer &known : knownAnswers) {
    float first[3];
    fillRandomWeights(known.seed, known.name, known.role, 768, first);
    for (int i = 0; i < 3; ++i)
      EXPECT_EQ(bitsOf(first[i]), known.bits[i]) << known.name << " " << i;
    EXPECT_EQ(bitsOf(element(known.seed, known.name, known.role, 768, 1000003)),
              known.bits[3])
        << known.name;
  }
}

/// The values of the second implementation, in Python.
TEST(RandomWeights, AgreesWithThePythonRule) {
  auto buffer = MemoryBuffer::getFile(VITRAIL_GOLDEN_RANDOM_WEIGHTS);
  if (!buffer)
    GTEST_SKIP() << "no golden data";
  Expected<json::Value> golden = json::parse((*buffer)->getBuffer());
  ASSERT_TRUE(bool(golden)) << messageOf(std::move(golden));
  const std::pair<StringRef, RandomRole> roles[] = {
      {"matrix", RandomRole::Matrix},
      {"bias", RandomRole::Bias},
      {"token", RandomRole::Token},
      {"position", RandomRole::Position},
      {"gain", RandomRole::Gain},
      {"running_mean", RandomRole::RunningMean},
      {"running_variance", RandomRole::RunningVariance},
      {"layer_scale", RandomRole::LayerScale}};
  unsigned compared = 0;
  for (const json::Value &value : *golden->getAsArray()) {
    const json::Object &entry = *value.getAsObject();
    const json::Object &bitsOfRole = *entry.getObject("float32_bits");
    const json::Array &indices = *entry.getArray("indices");
    for (auto [name, role] : roles)
      if (const json::Array *bits = bitsOfRole.getArray(name))
        for (size_t i = 0; i < bits->size(); ++i, ++compared) {
          uint32_t expected = 0;
          ASSERT_FALSE((*bits)[i].getAsString()->getAsInteger(16, expected));
          EXPECT_EQ(bitsOf(element(*entry.getInteger("seed"),
                                   *entry.getString("name"), role,
                                   *entry.getInteger("fan_in"),
                                   *indices[i].getAsInteger())),
                    expected);
        }
  }
  EXPECT_GT(compared, 0u);
}

TEST(RandomWeights, FillsRequestsByPrimaryName) {
  RandomWeights source(1);
  WeightRequest request;
  request.name = "classifier.weight";
  request.aliases = {"head.weight"};
  request.shape = {1, 3};
  request.fanIn = 768;
  float out[3], expected[3];
  EXPECT_EQ(messageOf(source.read(request, out)), "");
  fillRandomWeights(1, request.name, request.role, 768, expected);
  EXPECT_EQ(ArrayRef(out), ArrayRef(expected));
}

TEST(RandomWeights, RefusesWhatHasNoValues) {
  RandomWeights source(1);
  WeightRequest request;
  request.name = "w";
  request.shape = {2};
  EXPECT_HAS(messageOf(source.check(request)), "fan-in");
  request.fanIn = 2;
  EXPECT_EQ(messageOf(source.check(request)), "");
  request.shape = {-1};
  EXPECT_HAS(messageOf(source.check(request)), "[-1]");
  request.shape = {INT64_MAX, INT64_MAX};
  EXPECT_HAS(messageOf(source.check(request)), "too many");
  request.shape = {2};
  float out[3];
  EXPECT_HAS(messageOf(source.read(request, out)), "internal error");
}

} // namespace
