//===- ContextTest.cpp - Contexts and the C interface ---------------------===//
//
// Part of Vitrail, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Mock.h"

#include "error.h"

#include <gtest/gtest.h>

#include <atomic>
#include <cstring>
#include <sched.h>
#include <sys/wait.h>
#include <thread>
#include <unistd.h>
#include <vector>

namespace {

struct Tensors {
  Tensors() : images(MOCK_BATCH * MOCK_SAMPLE), scores(MOCK_BATCH * 7) {
    for (size_t i = 0; i < images.size(); ++i)
      images[i] = static_cast<float>(i % 11) - 5;
    expected.resize(scores.size());
    mock_reference(images.data(), expected.data());
    ports[0] = images.data();
    ports[1] = scores.data();
  }
  std::vector<float> images, scores, expected;
  void *ports[2];
};

TEST(Context, SameResultsWithAnyNumberOfThreads) {
  for (int threads : {1, 2, 3, 8}) {
    vitrail_context *context = vitrail_create_simple(&mock_classes, threads);
    ASSERT_NE(context, nullptr) << vitrail_error();
    EXPECT_STREQ(vitrail_error(), "");
    EXPECT_EQ(vitrail_threads(context), threads);
    for (int run = 0; run < 50; ++run) {
      Tensors t;
      ASSERT_EQ(vitrail_run(context, 0, t.ports), VITRAIL_OK);
      ASSERT_EQ(t.scores, t.expected);
    }
    vitrail_destroy(context);
  }
}

// As the command line does it: each in a thread of its own.
TEST(Context, SeveralRunAtTheSameTime) {
  vitrail_options options = {};
  options.pin = 1;
  options.contexts = 3;
  std::atomic<int> wrong{0};
  std::vector<std::thread> threads;
  for (int number = 0; number < 3; ++number)
    threads.emplace_back([&, number] {
      vitrail_options own = options;
      own.number = number;
      vitrail_context *context =
          vitrail_create(&mock_classes, &own, nullptr, 0);
      for (int run = 0; run < 100; ++run) {
        Tensors t;
        wrong += !context || vitrail_run(context, 0, t.ports) != VITRAIL_OK ||
                 t.scores != t.expected;
      }
      vitrail_destroy(context);
    });
  for (std::thread &thread : threads)
    thread.join();
  EXPECT_EQ(wrong, 0);
}

TEST(Context, NumbersOfContextsAreInRange) {
  vitrail_options options = {};
  for (auto [number, contexts] : {std::pair<int, int>{3, 3}, {-1, 3}, {1, 0}}) {
    options.number = number;
    options.contexts = contexts;
    EXPECT_EQ(vitrail_create(&mock_classes, &options, nullptr, 0), nullptr);
    EXPECT_EQ(vitrail_error(), "context " + std::to_string(number) + " of " +
                                   std::to_string(contexts) +
                                   "; they are counted from 0");
  }
}

TEST(Context, DefaultsToWhatTheProgramCanUse) {
  vitrail_context *context = vitrail_create_simple(&mock_add, 0);
  ASSERT_NE(context, nullptr);
  EXPECT_EQ(vitrail_threads(context), 1);
  vitrail_destroy(context);
  context = vitrail_create(&mock_classes, nullptr, nullptr, 0);
  ASSERT_NE(context, nullptr);
  EXPECT_GE(vitrail_threads(context), 1);
  EXPECT_LE(vitrail_threads(context), 4);
  vitrail_destroy(context);
}

TEST(Context, LeavesTheAffinityOfItsCaller) {
  cpu_set_t before, after;
  sched_getaffinity(0, sizeof(before), &before);
  vitrail_context *context = vitrail_create_simple(&mock_classes, 0);
  sched_getaffinity(0, sizeof(after), &after);
  EXPECT_TRUE(CPU_EQUAL(&before, &after));
  vitrail_destroy(context);
}

TEST(Context, OnePerThreadRunsInParallel) {
  std::atomic<int> wrong{0};
  auto work = [&] {
    vitrail_context *context = vitrail_create_simple(&mock_classes, 2);
    for (int run = 0; run < 100; ++run) {
      Tensors t;
      if (vitrail_run(context, 0, t.ports) || t.scores != t.expected)
        ++wrong;
    }
    vitrail_destroy(context);
  };
  std::thread first(work), second(work);
  first.join();
  second.join();
  EXPECT_EQ(wrong, 0);
}

TEST(Context, RefusesAnotherAbi) {
  vitrail_program program = mock_classes;
  program.abi_version = 99;
  char error[256];
  EXPECT_EQ(vitrail_create(&program, nullptr, error, sizeof(error)), nullptr);
  EXPECT_STREQ(error, "program has ABI version 99, the runtime has 4; link the "
                      "runtime of the compiler that made the program");
  EXPECT_STREQ(vitrail_error(), error);
}

TEST(Context, RefusesBadThreadCounts) {
  EXPECT_EQ(vitrail_create_simple(&mock_classes, -1), nullptr);
  EXPECT_STREQ(vitrail_error(), "-1 threads asked for; give 1 to 1024, or 0 "
                                "for as many as there are cores");
  EXPECT_EQ(vitrail_create_simple(&mock_classes, 1025), nullptr);
  EXPECT_EQ(vitrail_create_simple(nullptr, 1), nullptr);
}

TEST(Context, RefusesACpuWithoutTheInstructions) {
  char error[64]; // cut, but terminated
  EXPECT_EQ(vitrail_create(&mock_unsupported, nullptr, error, sizeof(error)),
            nullptr);
  EXPECT_EQ(strlen(error), sizeof(error) - 1);
  EXPECT_STREQ(vitrail_error(),
               "this CPU lacks instructions that the program was compiled for: "
               "quantum512; compile it for this CPU (--target)");
}

/// What the context that `options` make of mock_variants runs, or why there is
/// none.
std::string targetOf(const char *wanted) {
  vitrail_options options = {};
  options.threads = 2;
  options.target = wanted;
  vitrail_context *context =
      vitrail_create(&mock_variants, &options, nullptr, 0);
  if (!context)
    return vitrail_error();
  std::string target = vitrail_variant_of(context)->target;
  Tensors t;
  EXPECT_EQ(vitrail_run(context, 0, t.ports), VITRAIL_OK);
  for (float &score : t.expected)
    score += target == "taller" ? 1 : 0;
  EXPECT_EQ(t.scores, t.expected);
  vitrail_destroy(context);
  return target;
}

/// Sets a variable of the environment for a scope.
struct Environment {
  Environment(const char *name, const char *value) : name(name) {
    setenv(name, value, 1);
  }
  ~Environment() { unsetenv(name); }
  const char *name;
};

TEST(Context, RunsTheLastVariantThatTheCpuHasInstructionsFor) {
  EXPECT_EQ(targetOf(nullptr), "taller");
  EXPECT_EQ(targetOf("plain"), "plain");
  EXPECT_EQ(targetOf("taller"), "taller");
  EXPECT_EQ(targetOf("future"),
            "this CPU lacks instructions of the code for future: quantum512");
  EXPECT_EQ(targetOf("past"), "the program has no code for 'past'; it has code "
                              "for plain, taller, future");
}

TEST(Context, RunsTheVariantThatTheEnvironmentNames) {
  Environment target("VITRAIL_TARGET", "plain");
  EXPECT_EQ(targetOf(nullptr), "plain");
  EXPECT_EQ(targetOf("taller"), "taller");
  setenv("VITRAIL_TARGET", "", 1);
  EXPECT_EQ(targetOf(nullptr), "taller");
  setenv("VITRAIL_TARGET", "past", 1);
  EXPECT_EQ(targetOf(nullptr),
            "VITRAIL_TARGET: the program has no code for 'past'; it has code "
            "for plain, taller, future");
}

TEST(Context, RunsALesserVariantOnALesserCpu) {
  Environment hidden("VITRAIL_HIDE_CPU_FEATURES", "avx2, cx16");
  EXPECT_EQ(targetOf(nullptr), "plain");
  setenv("VITRAIL_HIDE_CPU_FEATURES", "sse2 cx16", 1);
  EXPECT_EQ(targetOf(nullptr),
            "this CPU lacks instructions of all 3 variants of the program, "
            "even of plain: sse2; compile it for this CPU (--target)");
}

TEST(Context, RefusesAnEntryThatThereIsNot) {
  vitrail_context *context = vitrail_create_simple(&mock_classes, 1);
  Tensors t;
  EXPECT_EQ(vitrail_run(context, 1, t.ports), VITRAIL_INVALID_ARGUMENT);
  EXPECT_STREQ(vitrail_last_error(context),
               "the program has no entry 1, only 1 of them");
  vitrail_destroy(context);
}

TEST(Context, RefusesMoreMemoryThanThereIs) {
  vitrail_program program = mock_classes;
  program.arena_bytes = uint64_t(1) << 60;
  EXPECT_EQ(vitrail_create_simple(&program, 2), nullptr);
  EXPECT_NE(strstr(vitrail_error(), "no memory for 1152921504606846976 bytes "
                                    "of arena"),
            nullptr);
  program = mock_classes;
  vitrail_variant variant = program.variants[0];
  variant.scratch_bytes = UINT64_MAX;
  program.variants = &variant;
  EXPECT_EQ(vitrail_create_simple(&program, 2), nullptr);
}

TEST(Context, NamesThePortThatIsNull) {
  vitrail_context *context = vitrail_create_simple(&mock_classes, 1);
  Tensors t;
  t.ports[1] = nullptr;
  EXPECT_EQ(vitrail_run(context, 0, t.ports), VITRAIL_INVALID_ARGUMENT);
  EXPECT_STREQ(vitrail_last_error(context), "output 'logits' is NULL");
  EXPECT_STREQ(vitrail_error(), "output 'logits' is NULL");
  EXPECT_EQ(vitrail_run(context, 0, nullptr), VITRAIL_INVALID_ARGUMENT);
  t.ports[1] = t.scores.data();
  EXPECT_EQ(vitrail_run(context, 0, t.ports), VITRAIL_OK);
  EXPECT_STREQ(vitrail_last_error(context), "");
  vitrail_destroy(context);
  vitrail_destroy(nullptr);
  EXPECT_EQ(vitrail_run(nullptr, 0, t.ports), VITRAIL_INVALID_ARGUMENT);
}

vitrail_context *reentered;
int reentrantStatus;

void reenter(void *const *ports, void *, void *, const void *, int64_t thread,
             int64_t, vitrail_team *) {
  if (thread == 0)
    reentrantStatus = vitrail_run(reentered, 0, ports);
}

TEST(Context, RefusesToRunTwiceAtOnce) {
  vitrail_program program = mock_classes;
  vitrail_variant variant = program.variants[0];
  const vitrail_code code[] = {reenter};
  variant.code = code;
  program.variants = &variant;
  reentered = vitrail_create_simple(&program, 2);
  Tensors t;
  EXPECT_EQ(vitrail_run(reentered, 0, t.ports), VITRAIL_OK);
  EXPECT_EQ(reentrantStatus, VITRAIL_BUSY);
  vitrail_destroy(reentered);
}

// ThreadSanitizer itself refuses to start threads after fork().
#if defined(__SANITIZE_THREAD__)
#define HAS_THREAD_SANITIZER 1
#elif defined(__has_feature)
#if __has_feature(thread_sanitizer)
#define HAS_THREAD_SANITIZER 1
#endif
#endif

#ifndef HAS_THREAD_SANITIZER
TEST(Context, RefusesToRunInAForkedProcess) {
  vitrail_context *context = vitrail_create_simple(&mock_classes, 2);
  Tensors t;
  pid_t child = fork();
  if (child == 0) {
    int status = vitrail_run(context, 0, t.ports);
    vitrail_destroy(context); // must not wait for threads that are not here
    vitrail_context *fresh = vitrail_create_simple(&mock_classes, 2);
    int freshStatus = vitrail_run(fresh, 0, t.ports);
    vitrail_destroy(fresh);
    _exit(status == VITRAIL_FORKED && freshStatus == VITRAIL_OK ? 0 : 1);
  }
  int status = -1;
  waitpid(child, &status, 0);
  EXPECT_TRUE(WIFEXITED(status));
  EXPECT_EQ(WEXITSTATUS(status), 0);
  EXPECT_EQ(vitrail_run(context, 0, t.ports), VITRAIL_OK);
  vitrail_destroy(context);
}
#endif

} // namespace
