//===- NpyTest.cpp - NumPy files, also hostile ones -----------------------===//
//
// Part of Vitrail, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "npy.h"

#include "TestFiles.h"
#include "error.h"

#include <gtest/gtest.h>

#include <vector>

namespace {

vitrail_port portOf(std::vector<int64_t> shape) {
  vitrail_port port = {};
  port.name = "x";
  port.rank = static_cast<int32_t>(shape.size());
  std::copy(shape.begin(), shape.end(), port.shape);
  return port;
}

/// A file of version `version` with this dictionary and `count` floats 0, 1...
std::string file(const std::string &dictionary, size_t count, int version = 1) {
  std::string text = "\x93NUMPY";
  text += static_cast<char>(version);
  text += '\0';
  size_t length = dictionary.size();
  for (int i = 0; i < (version == 1 ? 2 : 4); ++i)
    text += static_cast<char>(length >> (8 * i) & 0xff);
  text += dictionary;
  for (size_t i = 0; i < count; ++i) {
    float value = static_cast<float>(i);
    text.append(reinterpret_cast<char *>(&value), 4);
  }
  return text;
}

std::string dictionary(const std::string &dtype, const std::string &shape,
                       const std::string &order = "False") {
  return "{'descr': '" + dtype + "', 'fortran_order': " + order +
         ", 'shape': " + shape + ", }\n";
}

/// The message without the path before it, "" on success.
std::string read(const std::string &text, const vitrail_port &port,
                 std::vector<float> *data = nullptr) {
  TestFolder folder;
  std::string path = folder.write("x.npy", text);
  std::vector<float> values(1000);
  char error[VITRAIL_ERROR_SIZE] = "";
  int status = vitrail_npy_read(path.c_str(), &port, values.data(), error);
  EXPECT_EQ(status == VITRAIL_OK, error[0] == '\0');
  if (data)
    *data = values;
  std::string message = error;
  return message.rfind(path + ": ", 0) == 0 ? message.substr(path.size() + 2)
                                            : message;
}

TEST(Npy, ReadsAllVersions) {
  for (int version : {1, 2, 3}) {
    std::vector<float> data;
    EXPECT_EQ(read(file(dictionary("<f4", "(2, 3)"), 6, version),
                   portOf({2, 3}), &data),
              "");
    EXPECT_EQ(data[5], 5.0f);
  }
  EXPECT_EQ(read(file(dictionary("<f4", "(3,)"), 3), portOf({3})), "");
  EXPECT_EQ(read(file(dictionary("<f4", "()"), 1), portOf({})), "");
  EXPECT_EQ(read(file("{\"shape\": (3,), \"descr\": \"<f4\", "
                      "\"fortran_order\": False}",
                      3),
                 portOf({3})),
            "");
}

TEST(Npy, SaysWhatDoesNotFit) {
  EXPECT_EQ(read(file(dictionary("<f8", "(2, 3)"), 12), portOf({2, 3})),
            "dtype '<f8', input 'x' takes '<f4' (float32); convert it with "
            "x.astype(numpy.float32)");
  EXPECT_EQ(read(file(dictionary("<f4", "(3, 2)"), 6), portOf({2, 3})),
            "shape [3, 2], input 'x' takes [2, 3]; reshape or crop it");
  EXPECT_EQ(read(file(dictionary("<f4", "(2, 3)"), 6), portOf({1, 2, 3})),
            "shape [2, 3], input 'x' takes [1, 2, 3]; add the batch dimension "
            "with x[None]");
  EXPECT_EQ(read(file(dictionary("<f4", "(2, 3)", "True"), 6), portOf({2, 3})),
            "Fortran order, input 'x' takes C order; convert it with "
            "numpy.ascontiguousarray(x)");
  EXPECT_EQ(read(file(dictionary("<f4", "(2, 3)"), 5), portOf({2, 3})),
            "truncated, 20 of 24 bytes of data; write the file again with "
            "numpy.save");
  EXPECT_EQ(read(file("{'descr': [('a', '<f4')], 'fortran_order': False, "
                      "'shape': (3,), }",
                      3),
                 portOf({3}))
                .rfind("dtype 'structured'", 0),
            0u);
  EXPECT_EQ(read("P5 no array at all", portOf({3})),
            "no NumPy file; write it with numpy.save");
  EXPECT_EQ(read("", portOf({3})), "no NumPy file; write it with numpy.save");
  EXPECT_EQ(read(file(dictionary("<f4", "(3,)"), 3, 9), portOf({3})),
            "NumPy format version 9, known are 1 to 3; write the file again "
            "with numpy.save");
  char error[VITRAIL_ERROR_SIZE];
  vitrail_port port = portOf({3});
  EXPECT_NE(vitrail_npy_read("/nowhere/x.npy", &port, nullptr, error), 0);
  EXPECT_STREQ(error,
               "cannot open '/nowhere/x.npy': No such file or directory");
}

TEST(Npy, HostileHeadersAreRefused) {
  std::string good = dictionary("<f4", "(2, 3)");
  std::string many = "(";
  for (int i = 0; i < 100; ++i)
    many += "1, ";
  for (const std::string &text :
       {std::string(""),
        std::string("{"),
        std::string("{}"),
        std::string("{'descr'"),
        std::string("{'descr':"),
        std::string("{'descr': '<f4"),
        std::string("'descr'"),
        std::string(
            "{'descr': '<f4', 'fortran_order': Maybe, 'shape': (2, 3)}"),
        std::string("{'descr': '<f4', 'shape': (2, 3)}"),
        std::string("{'a' * 99: 1}"),
        dictionary("<f4", "(2, 3"),
        dictionary("<f4", "(-2, 3)"),
        dictionary("<f4", "(,)"),
        dictionary("<f4", "(99999999999999999999999999, 3)"),
        dictionary("<f4", many + ")"),
        dictionary("<f4", many),
        dictionary(std::string(500, 'f'), "3"),
        std::string(300, '{'),
        std::string(64, '\0'),
        "{'" + std::string(500, 'k') + "': 1}"})
    EXPECT_NE(read(file(text, 6), portOf({2, 3})), "") << text;
  // Every header cut short or with one byte changed; no reading beyond it.
  for (size_t size = 0; size < good.size() - 2; ++size)
    EXPECT_NE(read(file(good.substr(0, size), 0), portOf({2, 3})), "");
  char error[VITRAIL_ERROR_SIZE];
  vitrail_npy header;
  for (size_t i = 0; i < good.size(); ++i)
    for (int value = 0; value < 256; ++value) {
      std::vector<char> text(good.begin(), good.end());
      text[i] = static_cast<char>(value);
      (void)vitrail_npy_parse(text.data(), text.size(), "x", &header, error);
    }
  // A length beyond the file, and the greatest that there is.
  EXPECT_NE(read(std::string("\x93NUMPY\1\0\xff\xff{", 11), portOf({3})), "");
  EXPECT_NE(
      read(std::string("\x93NUMPY\2\0\xff\xff\xff\xff{", 13), portOf({3})), "");
}

TEST(Npy, WritesWhatItReads) {
  for (std::vector<int64_t> shape :
       {std::vector<int64_t>{2, 3}, {6}, {1, 1, 6}, {}}) {
    TestFolder folder;
    std::vector<float> data = {1, 2, 3, 4, 5, 6.5}, back(6);
    FILE *stream = fopen(folder.path("y.npy").c_str(), "wb");
    int rank = static_cast<int>(shape.size());
    EXPECT_EQ(vitrail_npy_write(stream, shape.data(), rank, data.data()), 0);
    fclose(stream);
    vitrail_port port = portOf(shape);
    char error[VITRAIL_ERROR_SIZE] = "";
    EXPECT_EQ(vitrail_npy_read(folder.path("y.npy").c_str(), &port, back.data(),
                               error),
              0)
        << error;
    size_t count = shape.empty() ? 1 : 6;
    data.resize(count);
    back.resize(count);
    EXPECT_EQ(back, data);
    std::string text = folder.read("y.npy");
    EXPECT_EQ((text.size() - 4 * count) % 64, 0u);
    EXPECT_EQ(text[text.size() - 4 * count - 1], '\n');
  }
}

TEST(Npy, FormatsShapes) {
  char text[12];
  int64_t shape[] = {1, 3, 224, 224};
  vitrail_format_shape(shape, 2, text, sizeof(text));
  EXPECT_STREQ(text, "[1, 3]");
  vitrail_format_shape(shape, 0, text, sizeof(text));
  EXPECT_STREQ(text, "[]");
  vitrail_format_shape(shape, 4, text, sizeof(text));
  EXPECT_STREQ(text, "[1, 3, 224,");
}

} // namespace
