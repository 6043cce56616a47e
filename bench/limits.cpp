//===- limits.cpp - What the machine can do at most -----------------------===//
//
// Part of Vitrail, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// limits CPU...   measures, with one thread bound to each CPU that is named,
// the rate of f32 multiply-adds whose operands are registers (GFLOP/s) and the
// rates of reading 256 MiB a thread, from memory, and 3 MiB over and over, from
// L3 (GB/s), each the best of a few short rounds, and prints them as one JSON
// object.
//
//===----------------------------------------------------------------------===//

#include <algorithm>
#include <atomic>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <functional>
#include <immintrin.h>
#include <sched.h>
#include <thread>
#include <vector>

namespace {

constexpr int accumulators = 12; // more than latency times issue rate
constexpr int rounds = 5;
constexpr long fmaSteps = 4'000'000;
constexpr size_t memoryBytes = size_t(256) << 20;
constexpr size_t cacheBytes = size_t(3) << 20;

/// `fmaSteps` rounds of `accumulators` multiply-adds; returns the operations.
__attribute__((target("avx512f"))) double multiplyAdd512() {
  __m512 sums[accumulators], factor = _mm512_set1_ps(0.999f);
  for (__m512 &sum : sums)
    sum = factor;
  for (long step = 0; step < fmaSteps; ++step)
    for (__m512 &sum : sums) {
      sum = _mm512_fmadd_ps(sum, factor, factor);
      asm volatile("" : "+v"(sum));
    }
  return 2.0 * 16 * accumulators * fmaSteps;
}

__attribute__((target("avx2,fma"))) double multiplyAdd256() {
  __m256 sums[accumulators], factor = _mm256_set1_ps(0.999f);
  for (__m256 &sum : sums)
    sum = factor;
  for (long step = 0; step < fmaSteps; ++step)
    for (__m256 &sum : sums) {
      sum = _mm256_fmadd_ps(sum, factor, factor);
      asm volatile("" : "+x"(sum));
    }
  return 2.0 * 8 * accumulators * fmaSteps;
}

/// Reads the buffer `times` times, at some places at once as products do;
/// returns the bytes that were read.
__attribute__((target("avx2"))) double readAll(const std::vector<long> &buffer,
                                               size_t times) {
  constexpr size_t places = 4, lanes = 4;
  size_t part = buffer.size() / places;
  long sums[places][lanes] = {};
  for (size_t time = 0; time < times; ++time) {
    for (size_t i = 0; i < part; i += lanes)
      for (size_t place = 0; place < places; ++place)
        for (size_t j = 0; j < lanes; ++j)
          sums[place][j] += buffer[place * part + i + j];
    asm volatile("" : "+m"(sums)::"memory");
  }
  return double(times * buffer.size() * sizeof(long));
}

/// Runs `work(thread)` on a thread for each CPU, all starting together; returns
/// the sum of the results per second, the best of the rounds.
double bestRate(const std::vector<int> &cpus,
                const std::function<double(size_t)> &work) {
  double best = 0;
  for (int round = 0; round < rounds; ++round) {
    std::atomic<size_t> ready{0};
    std::vector<double> amounts(cpus.size()), seconds(cpus.size());
    std::vector<std::thread> threads;
    for (size_t i = 0; i < cpus.size(); ++i)
      threads.emplace_back([&, i] {
        cpu_set_t set;
        CPU_ZERO(&set);
        CPU_SET(cpus[i], &set);
        sched_setaffinity(0, sizeof set, &set);
        ++ready;
        while (ready < cpus.size())
          ;
        auto start = std::chrono::steady_clock::now();
        amounts[i] = work(i);
        std::chrono::duration<double> time =
            std::chrono::steady_clock::now() - start;
        seconds[i] = time.count();
      });
    for (std::thread &thread : threads)
      thread.join();
    double total = 0;
    for (double amount : amounts)
      total += amount;
    best = std::max(best,
                    total / *std::max_element(seconds.begin(), seconds.end()));
  }
  return best;
}

} // namespace

int main(int argc, char **argv) {
  std::vector<int> cpus;
  for (int i = 1; i < argc; ++i)
    cpus.push_back(std::atoi(argv[i]));
  if (cpus.empty()) {
    std::fprintf(stderr, "usage: limits CPU...\n");
    return 2;
  }
  bool wide = __builtin_cpu_supports("avx512f");
  double flops = bestRate(
      cpus, [&](size_t) { return wide ? multiplyAdd512() : multiplyAdd256(); });
  auto readingRate = [&](size_t bytes) {
    std::vector<std::vector<long>> buffers(cpus.size());
    for (std::vector<long> &buffer : buffers)
      buffer.assign(bytes / sizeof(long), 1);
    return bestRate(cpus, [&](size_t i) {
      return readAll(buffers[i], memoryBytes / bytes);
    });
  };
  std::printf("{\"gflops\": %.1f, \"gbytes\": %.1f, \"cache_gbytes\": "
              "%.1f}\n",
              flops / 1e9, readingRate(memoryBytes) / 1e9,
              readingRate(cacheBytes) / 1e9);
}
