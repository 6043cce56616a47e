//===- TestFiles.h - Temporary folders for unit tests -----------*- C++ -*-===//
//
// Part of Vitrail, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef VITRAIL_TEST_UNIT_WEIGHTS_TESTFILES_H
#define VITRAIL_TEST_UNIT_WEIGHTS_TESTFILES_H

#include "llvm/ADT/SmallString.h"
#include "llvm/Support/Error.h"
#include "llvm/Support/FileSystem.h"
#include "llvm/Support/MemoryBuffer.h"
#include "llvm/Support/Path.h"
#include "llvm/Support/raw_ostream.h"
#include "gtest/gtest.h"

namespace vitrail::test {

/// A folder that lives as long as the test.
class TestFolder {
public:
  TestFolder() {
    llvm::SmallString<128> made;
    EXPECT_FALSE(llvm::sys::fs::createUniqueDirectory("vitrail-test", made));
    root = made.str().str();
  }
  ~TestFolder() { llvm::sys::fs::remove_directories(root); }

  std::string path(llvm::StringRef name = "") const {
    llvm::SmallString<128> result(root);
    llvm::sys::path::append(result, name);
    return result.str().str();
  }

  std::string write(llvm::StringRef name, llvm::StringRef content) const {
    std::error_code code;
    llvm::raw_fd_ostream stream(path(name), code);
    EXPECT_FALSE(code) << code.message();
    stream << content;
    return path(name);
  }

  std::string read(llvm::StringRef name) const {
    auto buffer = llvm::MemoryBuffer::getFile(path(name));
    EXPECT_TRUE(buffer) << name.str();
    return buffer ? (*buffer)->getBuffer().str() : "";
  }

  /// The names of all that lies in the folder, hidden files too.
  std::vector<std::string> list() const {
    std::vector<std::string> names;
    std::error_code code;
    for (llvm::sys::fs::directory_iterator it(root, code), end;
         it != end && !code; it.increment(code))
      names.push_back(llvm::sys::path::filename(it->path()).str());
    std::sort(names.begin(), names.end());
    return names;
  }

private:
  std::string root;
};

/// The message of an error; "" for success.
inline std::string messageOf(llvm::Error error) {
  std::string message = llvm::toString(std::move(error));
  EXPECT_EQ(message.find('\n'), std::string::npos) << message;
  return message;
}
template <typename T> std::string messageOf(llvm::Expected<T> value) {
  return value ? "" : messageOf(value.takeError());
}

#define EXPECT_HAS(text, part)                                                 \
  EXPECT_NE(std::string(text).find(part), std::string::npos) << text

} // namespace vitrail::test

#endif // VITRAIL_TEST_UNIT_WEIGHTS_TESTFILES_H
