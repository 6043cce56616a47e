//===- CpuTest.cpp - Counting CPUs, naming their features -----------------===//
//
// Part of Vitrail, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "cpu.h"

#include "TestFiles.h"

#include <gtest/gtest.h>

namespace {

TEST(Cpu, QuotaOfVersion2) {
  EXPECT_EQ(vitrail_parse_cpu_max("max 100000\n"), 0);
  EXPECT_EQ(vitrail_parse_cpu_max("200000 100000\n"), 2);
  EXPECT_EQ(vitrail_parse_cpu_max("250000 100000"), 2);
  EXPECT_EQ(vitrail_parse_cpu_max("50000 100000"), 1);
  EXPECT_EQ(vitrail_parse_cpu_max(""), 0);
  EXPECT_EQ(vitrail_parse_cpu_max("garbage"), 0);
  EXPECT_EQ(vitrail_parse_cpu_max("100000"), 0);
  EXPECT_EQ(vitrail_parse_cpu_max("100000 0"), 0);
  EXPECT_EQ(vitrail_parse_cpu_max("-1 100000"), 0);
  EXPECT_EQ(vitrail_parse_cpu_max("999999999999999999 1"), 2147483647);
}

TEST(Cpu, StrictestQuotaOnTheWayToTheRoot) {
  TestFolder root;
  std::string groups = root.write("cgroup", "0::/a/b\n");
  EXPECT_EQ(vitrail_cgroup_cpus(groups.c_str(), root.path("").c_str()), 0);
  root.write("a/b/cpu.max", "800000 100000\n");
  root.write("a/cpu.max", "300000 100000\n");
  std::string mount = root.path("a").substr(0, root.path("a").size() - 2);
  EXPECT_EQ(vitrail_cgroup_cpus(groups.c_str(), mount.c_str()), 3);
  root.write("cpu.max", "200000 100000\n");
  EXPECT_EQ(vitrail_cgroup_cpus(groups.c_str(), mount.c_str()), 2);
}

// In a container the group's own path is often not to be seen.
TEST(Cpu, QuotaOfTheRootWhereTheGroupIsHidden) {
  TestFolder root;
  std::string groups = root.write("cgroup", "0::/docker/0123\n");
  root.write("cpu.max", "400000 100000\n");
  std::string mount = root.path("x").substr(0, root.path("x").size() - 2);
  EXPECT_EQ(vitrail_cgroup_cpus(groups.c_str(), mount.c_str()), 4);
}

TEST(Cpu, QuotaOfVersion1) {
  TestFolder root;
  std::string groups = root.write(
      "cgroup", "12:memory:/m\n4:cpu,cpuacct:/a\n3:cpuset:/s\nnonsense\n");
  root.write("cpu,cpuacct/a/cpu.cfs_quota_us", "600000\n");
  root.write("cpu,cpuacct/a/cpu.cfs_period_us", "100000\n");
  root.write("cpu,cpuacct/cpu.cfs_quota_us", "-1\n");
  root.write("cpu,cpuacct/cpu.cfs_period_us", "100000\n");
  std::string mount = root.path("x").substr(0, root.path("x").size() - 2);
  EXPECT_EQ(vitrail_cgroup_cpus(groups.c_str(), mount.c_str()), 6);
  EXPECT_EQ(vitrail_cgroup_cpus("/nowhere", mount.c_str()), 0);
}

// Groups within groups, some of which a container does not see.
TEST(Cpu, StrictestQuotaOfVersion1) {
  TestFolder root;
  std::string groups = root.write("cgroup", "7:cpuacct,cpu:/a/b/c\n0::/x\n");
  auto quota = [&](const std::string &group, const std::string &text) {
    root.write("cpu" + group + "/cpu.cfs_quota_us", text);
    root.write("cpu" + group + "/cpu.cfs_period_us", "100000\n");
  };
  std::string mount = root.path("x").substr(0, root.path("x").size() - 2);
  auto cpus = [&] {
    return vitrail_cgroup_cpus(groups.c_str(), mount.c_str());
  };
  quota("/a", "-1\n");
  EXPECT_EQ(cpus(), 0);
  quota("", "900000\n");
  EXPECT_EQ(cpus(), 9);
  quota("/a", "350000\n");
  EXPECT_EQ(cpus(), 3);
  quota("/a/b", "700000\n");
  EXPECT_EQ(cpus(), 3);
  quota("/a/b/c", "100000\n");
  EXPECT_EQ(cpus(), 1);
  // The other version's hierarchy counts beside it.
  quota("/a/b/c", "500000\n");
  root.write("x/cpu.max", "200000 100000\n");
  EXPECT_EQ(cpus(), 2);
}

TEST(Cpu, FirstOfAList) {
  EXPECT_EQ(vitrail_parse_first_cpu("0,32\n"), 0);
  EXPECT_EQ(vitrail_parse_first_cpu("6-7\n"), 6);
  EXPECT_EQ(vitrail_parse_first_cpu(""), -1);
  EXPECT_EQ(vitrail_parse_first_cpu("x"), -1);
}

TEST(Cpu, ThreadsFollowCoresQuotaAndProgram) {
  vitrail_cpus cpus = {};
  cpus.count = 16;
  cpus.cores = 8;
  EXPECT_EQ(vitrail_default_threads(&cpus, 1, 0), 8);
  EXPECT_EQ(vitrail_default_threads(&cpus, 1, 3), 3);
  EXPECT_EQ(vitrail_default_threads(&cpus, 2, 0), 4);
  EXPECT_EQ(vitrail_default_threads(&cpus, 3, 0), 2);
  EXPECT_EQ(vitrail_default_threads(&cpus, 2, 3), 3);
  EXPECT_EQ(vitrail_default_threads(&cpus, 9, 0), 1);
  EXPECT_EQ(vitrail_available_threads(&cpus), 16);
  cpus.quota = 2;
  EXPECT_EQ(vitrail_default_threads(&cpus, 1, 3), 2);
  EXPECT_EQ(vitrail_available_threads(&cpus), 2);
}

TEST(Cpu, FindsThisMachine) {
  vitrail_cpus cpus;
  vitrail_find_cpus(&cpus);
  EXPECT_GE(cpus.cores, 1);
  EXPECT_GE(cpus.count, cpus.cores);
}

std::string missing(const char *features) {
  char text[512];
  vitrail_missing_cpu_features(features, text, sizeof(text));
  return text;
}

TEST(Cpu, NamesMissingFeatures) {
  EXPECT_EQ(missing(nullptr), "");
  EXPECT_EQ(missing(""), "");
  EXPECT_EQ(missing("  zeta   eta9 "), "zeta eta9");
  char text[8];
  EXPECT_EQ(vitrail_missing_cpu_features("zeta eta9", text, sizeof(text)), 2);
  EXPECT_STREQ(text, "zeta et");
  EXPECT_EQ(vitrail_missing_cpu_features("zeta eta9 theta", text, 8), 3);
}

#if defined(__x86_64__)
// The compiler's builtin is the authority on names and on the system's part.
TEST(Cpu, AgreesWithTheCompilersBuiltin) {
#define AGREES(NAME)                                                           \
  EXPECT_EQ(missing(NAME).empty(), !!__builtin_cpu_supports(NAME)) << NAME
  AGREES("sse2");
  AGREES("sse4.2");
  AGREES("popcnt");
  AGREES("avx");
  AGREES("avx2");
  AGREES("fma");
  AGREES("f16c");
  AGREES("bmi");
  AGREES("bmi2");
  AGREES("lzcnt");
  AGREES("avx512f");
  AGREES("avx512bw");
  AGREES("avx512cd");
  AGREES("avx512dq");
  AGREES("avx512vl");
  AGREES("avx512ifma");
  AGREES("avx512vbmi");
  AGREES("avx512vbmi2");
  AGREES("avx512vnni");
  AGREES("avx512bitalg");
  AGREES("avx512vpopcntdq");
  AGREES("avx512bf16");
  AGREES("avx512fp16");
  AGREES("avxvnni");
  AGREES("gfni");
  AGREES("vaes");
  AGREES("fma4");
  AGREES("xop");
#undef AGREES
}
#endif

} // namespace
