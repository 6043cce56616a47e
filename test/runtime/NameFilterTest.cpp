//===- NameFilterTest.cpp - Choosing tensors by name ----------------------===//
//
// Part of Vitrail, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "error.h"
#include "name_filter.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace {

/// The message about a filter that chooses nothing, or "".
std::string check(const char *filter, std::vector<const char *> names) {
  char error[VITRAIL_ERROR_SIZE] = "";
  int status = vitrail_filter_check(filter, names.data(), names.size(), error);
  EXPECT_EQ(status != VITRAIL_OK, error[0] != '\0');
  return error;
}

TEST(NameFilter, ChoosesPartsAndPatterns) {
  const char *name = "layer.10.output";
  EXPECT_TRUE(vitrail_filter_chooses(nullptr, name));
  EXPECT_TRUE(vitrail_filter_chooses("10.out", name));
  EXPECT_FALSE(vitrail_filter_chooses("11", name));
  EXPECT_TRUE(vitrail_filter_chooses("layer.*.output", name));
  EXPECT_TRUE(vitrail_filter_chooses("*.1?.*", name));
  EXPECT_FALSE(vitrail_filter_chooses("layer.?.output", name));
  // A pattern is of the whole name.
  EXPECT_FALSE(vitrail_filter_chooses("1?.output", name));
  EXPECT_TRUE(vitrail_filter_chooses("*[0-9].output", name));
}

TEST(NameFilter, NamesWhatIsNearest) {
  EXPECT_EQ(check(nullptr, {}), "");
  EXPECT_EQ(check("b", {"abc", "xyz"}), "");
  // Any part of a name counts; of equally near ones, the first.
  EXPECT_EQ(check("outptu", {"input", "a.output.b", "layer", "out"}),
            "--dump-filter 'outptu' chooses none of the 4 tensors; the nearest "
            "are a.output.b, out, input, layer");
  EXPECT_EQ(check("x", {"a", "b", "c", "d", "e", "f", "g"}),
            "--dump-filter 'x' chooses none of the 7 tensors; the nearest are "
            "a, b, c, d, e");
  EXPECT_EQ(check("x", {}), "--dump-filter 'x' chooses none of the 0 tensors");
}

TEST(NameFilter, TakesLongTexts) {
  std::string text(5000, 'x'), name(5000, 'y');
  std::string error = check(text.c_str(), {name.c_str()});
  EXPECT_LT(error.size(), size_t(VITRAIL_ERROR_SIZE));
  EXPECT_EQ(error.rfind("--dump-filter 'xxx", 0), 0u);
}

} // namespace
