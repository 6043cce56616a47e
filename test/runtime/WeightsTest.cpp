//===- WeightsTest.cpp - External weights ---------------------------------===//
//
// Part of Vitrail, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Mock.h"
#include "TestFiles.h"

#include "vitrail/weights_file.h"
#include "weights.h"

#include <gtest/gtest.h>

#include <cstring>
#include <dlfcn.h>
#include <thread>

namespace {

std::string storeOf(uint64_t hash, uint32_t version = 1) {
  vitrail_weights_header header = {};
  memcpy(header.magic, VITRAIL_WEIGHTS_MAGIC, 8);
  header.version = version;
  header.hash = hash;
  header.bytes = sizeof(mock_weights);
  std::string text(reinterpret_cast<char *>(&header), sizeof(header));
  text.resize(VITRAIL_WEIGHTS_OFFSET);
  text.append(reinterpret_cast<const char *>(mock_weights),
              sizeof(mock_weights));
  return text;
}

std::string goodStore() { return storeOf(mock_external.weights_hash); }

std::string errorFor(const std::string &file) {
  vitrail_options options = {};
  options.threads = 1;
  options.weights_file = file.c_str();
  vitrail_context *context =
      vitrail_create(&mock_external, &options, nullptr, 0);
  EXPECT_EQ(context, nullptr);
  vitrail_destroy(context);
  EXPECT_EQ(vitrail_weights_mappings(), 0);
  return vitrail_error();
}

TEST(Weights, ContextsOfTwoThreadsShareOneMapping) {
  TestFolder folder;
  std::string file = folder.write("w", goodStore());
  vitrail_options options = {};
  options.threads = 2;
  options.weights_file = file.c_str();
  std::vector<float> images(MOCK_BATCH * MOCK_SAMPLE, 0.5f), expected(14);
  mock_reference(images.data(), expected.data());
  {
    vitrail_context *contexts[2];
    auto create = [&](int i) {
      contexts[i] = vitrail_create(&mock_external, &options, nullptr, 0);
    };
    std::thread first(create, 0), second(create, 1);
    first.join();
    second.join();
    ASSERT_NE(contexts[0], nullptr);
    ASSERT_NE(contexts[1], nullptr);
    EXPECT_EQ(vitrail_weights_mappings(), 1);
    vitrail_destroy(contexts[0]);
    EXPECT_EQ(vitrail_weights_mappings(), 1);
    std::vector<float> scores(14);
    void *ports[] = {images.data(), scores.data()};
    EXPECT_EQ(vitrail_run(contexts[1], 0, ports), VITRAIL_OK);
    EXPECT_EQ(scores, expected);
    vitrail_destroy(contexts[1]);
  }
  EXPECT_EQ(vitrail_weights_mappings(), 0);
}

TEST(Weights, MissingFileSaysWhereItWasSought) {
  EXPECT_EQ(vitrail_create_simple(&mock_external, 1), nullptr);
  std::string error = vitrail_error();
  EXPECT_EQ(error.rfind("weights file 'mock.weights' not found, neither as "
                        "given nor in '/",
                        0),
            0u)
      << error;
  EXPECT_EQ(errorFor("/nowhere/w"), "cannot open weights file '/nowhere/w': "
                                    "No such file or directory");
}

TEST(Weights, BrokenFilesAreRefused) {
  TestFolder folder;
  std::string good = goodStore();
  std::string path = folder.write("w", good.substr(0, good.size() - 1));
  EXPECT_EQ(errorFor(path), "weights file '" + path +
                                "' is truncated: 4127 of 4128 bytes; copy it "
                                "again");
  for (size_t size : {0, 7, 31}) {
    path = folder.write("w", good.substr(0, size));
    EXPECT_NE(errorFor(path).find("is no Vitrail weights file"),
              std::string::npos);
  }
  path = folder.write("w", std::string(5000, 'x'));
  EXPECT_NE(errorFor(path).find("is no Vitrail weights file"),
            std::string::npos);
  EXPECT_NE(errorFor(folder.path("")).find("is no regular file"),
            std::string::npos);
}

TEST(Weights, OtherFilesAreRefused) {
  TestFolder folder;
  std::string path = folder.write("w", storeOf(42));
  EXPECT_EQ(errorFor(path),
            "weights file '" + path +
                "' belongs to another program: hash 000000000000002a with 32 "
                "bytes, expected 0123456789abcdef with 32; take the file that "
                "was compiled with this program");
  path = folder.write("w", storeOf(mock_external.weights_hash, 2));
  EXPECT_NE(errorFor(path).find("has version 2"), std::string::npos);
}

TEST(Weights, ProgramWithoutAnyIsRefused) {
  vitrail_program program = mock_external;
  program.weights_file = nullptr;
  EXPECT_EQ(vitrail_create_simple(&program, 1), nullptr);
  EXPECT_NE(strstr(vitrail_error(), "neither weights nor"), nullptr);
}

// A library finds its weights beside itself, wherever the process comes from.
TEST(Weights, LibraryFindsThemBesideItself) {
  TestFolder folder;
  std::string library = folder.copy(MOCK_LIBRARY, "libmock.so");
  folder.write("mock.weights", goodStore());
  void *handle = dlopen(library.c_str(), RTLD_NOW | RTLD_LOCAL);
  ASSERT_NE(handle, nullptr) << dlerror();
  auto create = reinterpret_cast<void *(*)(int)>(dlsym(handle, "mock_create"));
  auto run = reinterpret_cast<int (*)(void *, const float *, float *)>(
      dlsym(handle, "mock_run"));
  auto error = reinterpret_cast<const char *(*)()>(dlsym(handle, "mock_error"));
  auto destroy =
      reinterpret_cast<void (*)(void *)>(dlsym(handle, "mock_destroy"));
  EXPECT_EQ(dlsym(handle, "vitrail_barrier"), nullptr);
  EXPECT_EQ(dlsym(handle, "vitrail_run"), nullptr);
  void *context = create(2);
  ASSERT_NE(context, nullptr) << error();
  std::vector<float> images(MOCK_BATCH * MOCK_SAMPLE, 1), scores(14),
      expected(14);
  mock_reference(images.data(), expected.data());
  EXPECT_EQ(run(context, images.data(), scores.data()), 0);
  EXPECT_EQ(scores, expected);
  EXPECT_NE(run(nullptr, images.data(), scores.data()), 0);
  EXPECT_STREQ(error(), "the context is NULL");
  destroy(context);
  dlclose(handle);
}

} // namespace
