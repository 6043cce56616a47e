//===- ProfileProgramTest.cpp ---------------------------------------------===//
//
// Part of Vitrail, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "compiler/tune/ProfileProgram.h"
#include "gtest/gtest.h"

using namespace vitrail;

namespace {

std::string message(llvm::StringRef trace) {
  auto profile = parseTrace(trace);
  return profile ? "" : llvm::toString(profile.takeError());
}

TEST(ParseTrace, TakesTheSlowestThreadOfEachLaunch) {
  auto profile = parseTrace(R"({"displayTimeUnit": "ms", "traceEvents": [
    {"ph": "M", "pid": 1, "tid": 1, "name": "thread_name", "args": {}},
    {"ph": "X", "tid": 1, "ts": 0, "dur": 30.5, "cat": "inference"},
    {"ph": "X", "tid": 1, "ts": 0, "dur": 10, "cat": "region", "name": "a"},
    {"ph": "X", "tid": 1, "ts": 10, "dur": 9, "cat": "barrier"},
    {"ph": "X", "tid": 1, "ts": 19, "dur": 4, "cat": "region", "name": "a"},
    {"ph": "X", "tid": 2, "ts": 1, "dur": 7, "cat": "region", "name": "a"},
    {"ph": "X", "tid": 2, "ts": 19, "dur": 5.25, "cat": "region", "name": "a"}
  ]})");
  ASSERT_TRUE(bool(profile));
  EXPECT_EQ(profile->inference, 30.5);
  EXPECT_EQ(profile->launches, std::vector<double>({10, 5.25}));
}

TEST(ParseTrace, RefusesOthers) {
  EXPECT_NE(message("{"), "");
  EXPECT_EQ(message("[]"), "the trace has no events");
  EXPECT_EQ(message(R"({"traceEvents": [
    {"tid": 1, "dur": 1, "cat": "region"}, {"tid": 1, "dur": 1, "cat": "region"},
    {"tid": 2, "dur": 1, "cat": "region"}]})"),
            "the trace's threads run different launches");
  EXPECT_EQ(message(R"({"traceEvents": [7, {"cat": "region"}]})"), "");
}

} // namespace
