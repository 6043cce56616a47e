//===- CommandLineTest.cpp - A program's own command line -----------------===//
//
// Part of Vitrail, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "CommandLine.h"

namespace {

TEST_F(CommandLine, ShowsTheBestFiveClasses) {
  writeImage("cat.png", 9, 5);
  Result result = run(MOCK_CLASSES, "cat.png");
  EXPECT_EQ(result.status, 0);
  EXPECT_EQ(result.err, "");
  // One line a class, "  93.21%  name", best first.
  std::stringstream lines(result.out);
  std::string line;
  double last = 100;
  int count = 0, named = 0;
  for (; std::getline(lines, line); ++count) {
    double percent = std::stod(line);
    EXPECT_LE(percent, last);
    last = percent;
    std::string name = line.substr(line.find("%  ") + 3);
    named += name == "tabby, tabby cat" || name == "goldfish" || name == "hen";
    EXPECT_TRUE(name.rfind("class ", 0) == 0 || named > 0) << line;
  }
  EXPECT_EQ(count, 5);
}

TEST_F(CommandLine, SoftmaxAndOrderAreRight) {
  std::vector<float> images(MOCK_BATCH * MOCK_SAMPLE), scores(14);
  for (size_t i = 0; i < images.size(); ++i)
    images[i] = 0.05f * static_cast<float>(i * i % 13);
  mock_reference(images.data(), scores.data());
  writeTensor("x.npy", {2, 3, 4, 4}, images);
  Result result = run(MOCK_CLASSES, "x.npy");
  EXPECT_EQ(result.status, 0) << result.err;
  std::vector<int> order = {0, 1, 2, 3, 4, 5, 6};
  const char *names[] = {"tabby, tabby cat", "goldfish", "hen",    "class 3",
                         "class 4",          "class 5",  "class 6"};
  std::string expected;
  for (int b = 0; b < 2; ++b) {
    const float *row = &scores[b * 7];
    std::sort(order.begin(), order.end(),
              [&](int x, int y) { return row[x] > row[y]; });
    double sum = 0;
    for (int k = 0; k < 7; ++k)
      sum += std::exp(row[k]);
    expected += "sample " + std::to_string(b) + "\n";
    for (int i = 0; i < 5; ++i) {
      char line[64];
      snprintf(line, sizeof(line), "%8.2f%%  %s\n",
               100 * std::exp(row[order[i]]) / sum, names[order[i]]);
      expected += line;
    }
    std::sort(order.begin(), order.end());
  }
  EXPECT_EQ(result.out, expected);
}

TEST_F(CommandLine, WarnsOfThreadsThatHaveNothingToDo) {
  writeImage("a.png", 9, 5);
  const std::string name = "vitrail-mock-classes: warning: ";
  for (const std::string mode :
       {"a.png", "--bench --runs 1", "--profile t.json"})
    EXPECT_EQ(run(MOCK_CLASSES, mode + " --threads 5").err,
              name + "--threads 5, but the program has work for no more than "
                     "4; the others wait\n");
  Result result = run(MOCK_CLASSES, "--bench --throughput --contexts 700 "
                                    "--threads 2 --runs 700 --warmup 0");
  EXPECT_EQ(result.status, 0);
  EXPECT_EQ(result.err.rfind(name + "1400 threads, but affinity and cgroup "
                                    "quota leave ",
                             0),
            0u)
      << result.err;
  EXPECT_EQ(run(MOCK_CLASSES, "a.png a.png a.png").err, "");
}

TEST_F(CommandLine, NotFiniteScoresAreAnError) {
  std::vector<float> images(MOCK_BATCH * MOCK_SAMPLE, NAN);
  writeTensor("x.npy", {2, 3, 4, 4}, images);
  EXPECT_EQ(run(MOCK_CLASSES, "x.npy").status, 1);
}

TEST_F(CommandLine, WrongUsageIsTwo) {
  writeImage("a.png", 2, 2);
  const std::string input =
      "input 'pixel_values' is missing; give an image or --input "
      "pixel_values=FILE.npy, see --help";
  expectFailure(MOCK_CLASSES, "", 2, input);
  expectFailure(MOCK_CLASSES, "--threads 2", 2, input);
  expectFailure(MOCK_CLASSES, "--frobnicate", 2,
                "unknown option '--frobnicate'; see --help");
  expectFailure(MOCK_CLASSES, "-x", 2, "unknown option '-x'; see --help");
  expectFailure(MOCK_CLASSES, "--infos", 2,
                "unknown option '--infos'; see --help");
  expectFailure(MOCK_CLASSES, "--runs", 2,
                "a value must follow '--runs'; see --help");
  expectFailure(MOCK_CLASSES, "--bench --runs zero", 2,
                "--runs takes a number from 1 to 1000000, not 'zero'");
  expectFailure(MOCK_CLASSES, "--bench --threads=0", 2,
                "--threads takes a number from 1 to 1024, not '0'");
  expectFailure(MOCK_CLASSES, "--info --bench", 2,
                "--info and --bench do not go together; see --help");
  expectFailure(MOCK_CLASSES, "a.png --json", 2,
                "--json goes with --info or --bench; see --help");
  expectFailure(MOCK_CLASSES, "a.png --runs 2", 2,
                "--runs and --warmup go with --bench or --profile; see --help");
  expectFailure(MOCK_CLASSES, "--bench --output y.npy", 2,
                "--output does not go with --bench; see --help");
  expectFailure(MOCK_CLASSES, "a.png --output=logits=x --output=x", 2,
                "output 'logits' is given twice");
  expectFailure(MOCK_CLASSES, "--input=nothing=x.npy", 2,
                "--input takes NAME=FILE, not 'nothing=x.npy'; the inputs are: "
                "pixel_values");
  expectFailure(MOCK_ADD, "--input x.npy", 2,
                "--input takes NAME=FILE, not 'x.npy'; the inputs are: a, b");
  expectFailure(MOCK_ADD, "x.npy", 2,
                "give every input by name (--input NAME=FILE), not 'x.npy'; "
                "see --help");
  expectFailure(MOCK_ADD, "--input a=x.npy --input a=y.npy", 2,
                "input 'a' is given twice; several files go without --input");
  expectFailure(MOCK_CLASSES, "a.png --throughput", 2,
                "--throughput goes with --bench; see --help");
  expectFailure(MOCK_CLASSES, "--bench --contexts 2", 2,
                "--contexts goes with files or --bench --throughput; see "
                "--help");
  expectFailure(MOCK_CLASSES, "--info a.png", 2,
                "--info takes no files, such as 'a.png'; see --help");
  expectFailure(MOCK_CLASSES, "--bench a.png a.png a.png", 2,
                "the files hold 3 samples, and one batch of 2 is what is "
                "measured; give fewer");
}

TEST_F(CommandLine, InfoAsText) {
  Result result = run(MOCK_CLASSES, "--info");
  EXPECT_EQ(result.status, 0);
  for (const char *line :
       {"model         mock\n",
        "inputs        pixel_values: f32 [2, 3, 4, 4] (image)\n",
        "outputs       logits: f32 [2, 7] (classes)\n",
        "weights       32 bytes, inside the program\n",
        "memory        384 bytes, and 256 bytes for each thread\n",
        "compiler      vitrail 0.1.0\n", "target        x86-64\n"})
    EXPECT_NE(result.out.find(line), std::string::npos) << line << result.out;
}

// It answers on every CPU and without the weights.
TEST_F(CommandLine, InfoAsJson) {
  for (const char *program : {MOCK_CLASSES, MOCK_EXTERNAL, MOCK_UNSUPPORTED}) {
    Result result = run(program, "--info --json");
    EXPECT_EQ(result.status, 0);
    EXPECT_EQ(member(result.out, "name"), "\"mock\"");
    EXPECT_EQ(member(result.out, "compiler"), "\"vitrail 0.1.0\"");
    EXPECT_EQ(member(result.out, "options"),
              "{\"batch\": 2, \"names\": [\"a}\", \"b\"]}");
    EXPECT_EQ(member(member(result.out, "memory"), "arena_bytes"), "384");
    EXPECT_EQ(member(member(result.out, "weights"), "bytes"), "32");
    EXPECT_EQ(member(member(result.out, "weights"), "hash"),
              "\"0123456789abcdef\"");
    EXPECT_NE(member(result.out, "inputs").find("\"shape\": [2, 3, 4, 4]"),
              std::string::npos);
  }
  EXPECT_EQ(member(run(MOCK_UNSUPPORTED, "--info --json").out,
                   "missing_cpu_features"),
            "\"quantum512\"");
}

// Those of the libraries that are inside, and no others.
TEST_F(CommandLine, Licenses) {
  Result result = run(MOCK_CLASSES, "--info --licenses");
  EXPECT_EQ(result.status, 0);
  for (const char *text :
       {"---- Vitrail's runtime ----\n", "LLVM Exceptions",
        "---- libjpeg-turbo 2", "Independent JPEG Group", "---- libpng 1.6",
        "PNG Reference Library", "---- zlib 1.", "Jean-loup Gailly"})
    EXPECT_NE(result.out.find(text), std::string::npos) << text;
  EXPECT_EQ(result.out.find('\0'), std::string::npos);
  std::string list =
      member(run(MOCK_CLASSES, "--info --licenses --json").out, "licenses");
  size_t count = 0, at = 0;
  for (; (at = list.find("{\"name\": ", at)) != std::string::npos; ++at)
    ++count;
  EXPECT_EQ(count, 4u);
  result = run(MOCK_ADD, "--info --licenses");
  EXPECT_NE(result.out.find("LLVM Exceptions"), std::string::npos);
  for (const char *text : {"libjpeg", "libpng", "zlib"})
    EXPECT_EQ(result.out.find(text), std::string::npos) << text;
  expectFailure(MOCK_ADD, "--licenses", 2,
                "--licenses goes with --info; see --help");
}

TEST_F(CommandLine, HelpAndVersion) {
  Result result = run(MOCK_CLASSES, "--help");
  EXPECT_EQ(result.status, 0);
  EXPECT_NE(result.out.find("--bench"), std::string::npos);
  EXPECT_EQ(result.err, "");
  result = run(MOCK_CLASSES, "--version");
  EXPECT_EQ(result.status, 0);
  EXPECT_EQ(result.out, "mock (compiled by vitrail 0.1.0)\n");
}

TEST_F(CommandLine, Bench) {
  Result result =
      run(MOCK_CLASSES, "--bench --runs 30 --warmup 2 --threads 2 --json");
  EXPECT_EQ(result.status, 0) << result.err;
  EXPECT_EQ(member(result.out, "runs"), "30");
  EXPECT_EQ(member(result.out, "threads"), "2");
  double median = std::stod(member(result.out, "median_ms"));
  EXPECT_LE(std::stod(member(result.out, "p10_ms")), median);
  EXPECT_GE(std::stod(member(result.out, "p90_ms")), median);
  EXPECT_NEAR(std::stod(member(result.out, "gflops")), 1440 / median * 1e-6,
              1e-3 / median);
  result = run(MOCK_CLASSES, "--bench --runs 3");
  EXPECT_EQ(result.out.rfind("median ", 0), 0u);
  EXPECT_NE(result.out.find("(3 runs, "), std::string::npos);
  writeImage("a.png", 2, 2);
  EXPECT_EQ(run(MOCK_CLASSES, "--bench --runs 3 a.png").status, 0);
}

TEST_F(CommandLine, Throughput) {
  Result result = run(MOCK_CLASSES, "--bench --throughput --contexts 3 "
                                    "--threads 2 --runs 60 --json");
  EXPECT_EQ(result.status, 0) << result.err;
  EXPECT_EQ(member(result.out, "runs"), "60");
  EXPECT_EQ(member(result.out, "threads"), "2");
  EXPECT_EQ(member(result.out, "contexts"), "3");
  double images = std::stod(member(result.out, "images_per_second"));
  EXPECT_NEAR(std::stod(member(result.out, "gflops")),
              images / MOCK_BATCH * 1440e-9, 1e-5 * images);
  result = run(MOCK_CLASSES, "--bench --throughput --runs 4");
  EXPECT_NE(result.out.find(" images/s in "), std::string::npos);
  EXPECT_NE(result.out.find("(4 runs, 1 thread each)"), std::string::npos);
}

TEST_F(CommandLine, Profile) {
  Result result = run(MOCK_CLASSES, "--profile trace.json --threads 2");
  EXPECT_EQ(result.status, 0) << result.err;
  for (const char *text : {"GFLOP/s", "mock: double", "mock: \"scores\"",
                           "outside of regions", "total"})
    EXPECT_NE(result.out.find(text), std::string::npos) << text;
  std::string trace = folder.read("trace.json");
  std::string events = member(trace, "traceEvents");
  EXPECT_NE(events.find("\"name\": \"mock: \\\"scores\\\"\""),
            std::string::npos);
  EXPECT_NE(events.find("\"flops\": 1344"), std::string::npos);
  EXPECT_EQ(folder.count(), 1u);
  expectFailure(MOCK_CLASSES, "--profile no/trace.json", 1,
                "cannot write 'no/trace.json': No such file or directory");
}

TEST_F(CommandLine, RefusesThisCpu) {
  writeImage("a.png", 2, 2);
  expectFailure(MOCK_UNSUPPORTED, "a.png a.png a.png a.png", 1,
                "this CPU lacks instructions that the program was compiled "
                "for: quantum512; compile it for this CPU (--target)");
  expectFailure(MOCK_UNSUPPORTED, "a.png", 1,
                "this CPU lacks instructions that the program was compiled "
                "for: quantum512; compile it for this CPU (--target)");
}

TEST_F(CommandLine, WeightsElsewhere) {
  writeImage("a.png", 2, 2);
  Result result = run(MOCK_EXTERNAL, "a.png");
  EXPECT_EQ(result.status, 1);
  EXPECT_NE(result.err.find("weights file 'mock.weights' not found"),
            std::string::npos);
  expectFailure(MOCK_EXTERNAL, "a.png --weights a.png", 1,
                "'a.png' is no Vitrail weights file; name the one that the "
                "compiler wrote with this program");
}

} // namespace
