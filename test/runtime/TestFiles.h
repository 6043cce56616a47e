//===- TestFiles.h - Files of a test ----------------------------*- C++ -*-===//
//
// Part of Vitrail, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef VITRAIL_TEST_TESTFILES_H
#define VITRAIL_TEST_TESTFILES_H

#include <filesystem>
#include <fstream>
#include <sstream>
#include <stdlib.h>
#include <string>

/// A folder that is there for one test.
class TestFolder {
public:
  TestFolder() {
    std::string name =
        (std::filesystem::temp_directory_path() / "vitrail-XXXXXX").string();
    root = mkdtemp(name.data());
  }
  ~TestFolder() {
    std::error_code ignored;
    std::filesystem::remove_all(root, ignored);
  }
  TestFolder(const TestFolder &) = delete;

  std::string path(const std::string &name) const { return root + "/" + name; }

  std::string write(const std::string &name, const std::string &text) const {
    std::filesystem::create_directories(
        std::filesystem::path(path(name)).parent_path());
    std::ofstream(path(name), std::ios::binary) << text;
    return path(name);
  }

  std::string copy(const std::string &file, const std::string &name) const {
    std::filesystem::copy_file(file, path(name));
    return path(name);
  }

  bool has(const std::string &name) const {
    return std::filesystem::exists(path(name));
  }

  std::string read(const std::string &name) const {
    std::ifstream file(path(name), std::ios::binary);
    std::stringstream text;
    text << file.rdbuf();
    return text.str();
  }

  /// Number of files, to find what was left behind.
  size_t count() const {
    auto begin = std::filesystem::directory_iterator(root);
    return static_cast<size_t>(std::distance(begin, {}));
  }

private:
  std::string root;
};

#endif // VITRAIL_TEST_TESTFILES_H
