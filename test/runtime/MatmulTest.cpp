//===- MatmulTest.cpp - Matrix products by oneDNN ---------------*- C++ -*-===//
//
// Part of Vitrail, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "matmul.h"
#include "team.h"

#include <gtest/gtest.h>

#include <cmath>
#include <cstdlib>
#include <dlfcn.h>
#include <sys/mman.h>
#include <vector>

namespace {

constexpr int64_t columns = VITRAIL_MATMUL_COLUMNS;

/// Blocks as a ViT has them, one row, and depths that are no multiple of 16.
const vitrail_matmul_shape shapes[] = {{99, 768}, {98, 768}, {1, 64},
                                       {57, 20},  {3, 1},    {112, 100}};
constexpr int numShapes = sizeof(shapes) / sizeof(shapes[0]);

/// A program that is nothing but its products.
vitrail_program productsAlone() {
  vitrail_program program = {};
  program.matmul_library = &vitrail_onednn;
  program.matmuls = shapes;
  program.num_matmuls = numShapes;
  return program;
}

/// Read-only memory, as weights inside a program are.
class ReadOnly {
public:
  explicit ReadOnly(const std::vector<float> &values)
      : bytes(values.size() * sizeof(float)),
        memory(mmap(nullptr, bytes, PROT_READ | PROT_WRITE,
                    MAP_PRIVATE | MAP_ANONYMOUS, -1, 0)) {
    std::copy(values.begin(), values.end(), static_cast<float *>(memory));
    mprotect(memory, bytes, PROT_READ);
  }
  ~ReadOnly() { munmap(memory, bytes); }
  const float *data() const { return static_cast<const float *>(memory); }

private:
  size_t bytes;
  void *memory;
};

std::vector<float> values(int64_t count, int seed) {
  std::vector<float> result(count);
  for (int64_t i = 0; i < count; ++i)
    result[i] = float((i * 37 + seed * 11) % 101 - 50) / 50;
  return result;
}

/// A team whose jobs may multiply.
struct MatmulTeam {
  explicit MatmulTeam(int threads) : program(productsAlone()) {
    char error[1024] = "";
    team = vitrail_team_create(threads, threads, nullptr, error);
    EXPECT_NE(team, nullptr) << error;
    EXPECT_EQ(vitrail_onednn.create(&program, threads, &state, error),
              VITRAIL_OK)
        << error;
    vitrail_team_set_matmuls(team, state);
  }
  ~MatmulTeam() {
    vitrail_team_destroy(team);
    vitrail_onednn.destroy(state);
  }

  vitrail_program program;
  vitrail_team *team = nullptr;
  void *state = nullptr;
};

struct Products {
  vitrail_team *team;
  std::vector<double> worst; // a thread's largest error
};

/// Every thread computes all products with values of its own, each twice.
void multiplyAll(void *argument, int thread) {
  auto &products = *static_cast<Products *>(argument);
  for (int number = 0; number < 2 * numShapes; ++number) {
    auto [rows, depth] = shapes[number % numShapes];
    std::vector<float> left = values(rows * depth, thread + number);
    std::vector<float> right = values(depth * columns, thread - number);
    std::vector<float> result(rows * columns, NAN);
    ReadOnly weights(right);
    vitrail_matmul(products.team, thread, rows, depth, left.data(),
                   weights.data(), result.data());
    for (int64_t i = 0; i < rows; ++i)
      for (int64_t j = 0; j < columns; ++j) {
        double sum = 0;
        for (int64_t k = 0; k < depth; ++k)
          sum += double(left[i * depth + k]) * right[k * columns + j];
        double error = std::abs(sum - result[i * columns + j]);
        // A NaN is the worst of all.
        if (!(error <= products.worst[thread]))
          products.worst[thread] = error;
      }
  }
}

TEST(MatmulTest, AgreesOnAllThreads) {
  constexpr int threads = 3;
  MatmulTeam team(threads);
  Products products{team.team, std::vector<double>(threads, 0)};
  vitrail_team_run(team.team, multiplyAll, &products);
  for (double worst : products.worst)
    EXPECT_LT(worst, 1e-3); // sums of 768 products up to 1
  char error[1024] = "";
  EXPECT_EQ(vitrail_onednn.check(team.state, error), VITRAIL_OK) << error;
}

TEST(MatmulTest, LeavesTheCallersOpenMPAlone) {
  auto get =
      reinterpret_cast<int (*)()>(dlsym(RTLD_DEFAULT, "omp_get_max_threads"));
  auto set = reinterpret_cast<void (*)(int)>(
      dlsym(RTLD_DEFAULT, "omp_set_num_threads"));
  if (!get || !set)
    GTEST_SKIP() << "this oneDNN has no threads of OpenMP";
  int before = get();
  set(5);
  {
    MatmulTeam team(1);
    EXPECT_EQ(get(), 5);
    Products products{team.team, std::vector<double>(1, 0)};
    vitrail_team_run(team.team, multiplyAll, &products);
    EXPECT_EQ(get(), 5);
  }
  set(before);
}

TEST(MatmulTest, Version) {
  char text[64];
  vitrail_onednn.describe(text, sizeof(text));
  EXPECT_EQ(std::string(text).rfind("oneDNN 2.", 0), 0u) << text;
}

TEST(MatmulTest, DestroysNothing) { vitrail_onednn.destroy(nullptr); }

} // namespace
