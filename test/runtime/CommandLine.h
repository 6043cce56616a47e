//===- CommandLine.h - Running a program in its own folder ------*- C++ -*-===//
//
// Part of Vitrail, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef VITRAIL_TEST_COMMANDLINE_H
#define VITRAIL_TEST_COMMANDLINE_H

#include "Mock.h"

#include "TestFiles.h"
#include "TestImages.h"
#include "json.h"
#include "npy.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <sys/wait.h>
#include <unistd.h>

struct Result {
  int status;
  std::string out, err;
};

class CommandLine : public testing::Test {
protected:
  Result run(const std::string &program, const std::string &arguments) {
    std::string command = "cd '" + folder.path("") + "' && '" + program +
                          "' >'" + logs.path("out") + "' 2>'" +
                          logs.path("err") + "' " + arguments;
    int status = system(command.c_str());
    return {WIFEXITED(status) ? WEXITSTATUS(status) : -1, logs.read("out"),
            logs.read("err")};
  }

  /// A failure leaves one line, which says who speaks, and nothing else.
  void expectFailure(const std::string &program, const std::string &arguments,
                     int status, const std::string &message) {
    Result result = run(program, arguments);
    EXPECT_EQ(result.status, status) << arguments;
    EXPECT_EQ(result.out, "");
    std::string name = program.substr(program.rfind('/') + 1);
    EXPECT_EQ(result.err, name + ": " + message + "\n");
  }

  void writeTensor(const std::string &name, std::vector<int64_t> shape,
                   const std::vector<float> &data) {
    FILE *stream = fopen(folder.path(name).c_str(), "wb");
    vitrail_npy_write(stream, shape.data(), static_cast<int>(shape.size()),
                      data.data());
    fclose(stream);
  }

  std::vector<float> readTensor(const std::string &name,
                                std::vector<int64_t> shape) {
    vitrail_port port = {};
    port.name = "y";
    port.rank = static_cast<int32_t>(shape.size());
    std::copy(shape.begin(), shape.end(), port.shape);
    size_t count = 1;
    for (int64_t size : shape)
      count *= static_cast<size_t>(size);
    std::vector<float> data(count);
    char error[1024] = "";
    EXPECT_EQ(
        vitrail_npy_read(folder.path(name).c_str(), &port, data.data(), error),
        0)
        << error;
    return data;
  }

  void writeImage(const std::string &name, int width, int height) {
    folder.write(name, encodePng(testPixels(width, height), width, height));
  }

  TestFolder folder, logs;
};

/// The text of each member of an object, by its key; empty if it is no object.
inline std::string member(const std::string &text, const std::string &key) {
  const char *rest = text.c_str();
  vitrail_json_member m;
  while (vitrail_json_next(&rest, &m) == 1)
    if (std::string(m.key, m.key_length) == key)
      return std::string(m.value, m.value_length);
  return "";
}

#endif // VITRAIL_TEST_COMMANDLINE_H
