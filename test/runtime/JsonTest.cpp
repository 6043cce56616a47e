//===- JsonTest.cpp - Reading --info's facts ------------------------------===//
//
// Part of Vitrail, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "json.h"

#include <gtest/gtest.h>

#include <string>

namespace {

/// "key=value;" of each member, then "!" where the text is broken.
std::string members(const char *text) {
  std::string result;
  vitrail_json_member m;
  int status;
  while ((status = vitrail_json_next(&text, &m)) == 1)
    result += std::string(m.key, m.key_length) + "=" +
              std::string(m.value, m.value_length) + ";";
  return status ? result + "!" : result;
}

TEST(Json, StepsThroughMembers) {
  EXPECT_EQ(members("{}"), "");
  EXPECT_EQ(members(" { } "), "");
  EXPECT_EQ(members("{\"a\": 1, \"b\" : \"x\\\"}\" ,\"c\":[1,{\"d\":[]}]}"),
            "a=1;b=\"x\\\"}\";c=[1,{\"d\":[]}];");
  EXPECT_EQ(members("{\"a\":{\"s\":\"}]\"},\"b\":true}"),
            "a={\"s\":\"}]\"};b=true;");
}

TEST(Json, StopsAtBrokenText) {
  for (const char *text :
       {"", "x", "[", "{", "{\"", "{\"a", "{\"a\"", "{\"a\":", "{\"a\":}",
        "{\"a\":\"x", "{\"a\":\"x\\", "{\"a\":[1", "{\"a\":[\"x", "{a:1}"})
    EXPECT_EQ(members(text), "!") << text;
  EXPECT_EQ(members("{\"a\":1"), "!");
  EXPECT_EQ(members("{\"a\":1 "), "a=1;!");
}

TEST(Json, FindsStrings) {
  char value[8];
  EXPECT_TRUE(vitrail_json_find_string("{\"x\":1,\"y\":\"why\"}", "y", value,
                                       sizeof(value)));
  EXPECT_STREQ(value, "why");
  EXPECT_FALSE(
      vitrail_json_find_string("{\"x\":1}", "x", value, sizeof(value)));
  EXPECT_FALSE(vitrail_json_find_string("{}", "x", value, sizeof(value)));
  EXPECT_TRUE(vitrail_json_find_string("{\"x\":\"longer than it fits\"}", "x",
                                       value, sizeof(value)));
  EXPECT_STREQ(value, "longer ");
}

} // namespace
