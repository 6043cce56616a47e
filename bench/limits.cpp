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
// L3 (GB/s), and prints them as one JSON object. Each is measured many times, a
// time ending with the thread that takes longest, as a kernel's does: the
// median is what a kernel's median compares with, and the best is what the
// machine does when nobody else has a part of its cores.
//
//===----------------------------------------------------------------------===//

#include <algorithm>
#include <barrier>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <functional>
#include <immintrin.h>
#include <numeric>
#include <sched.h>
#include <thread>
#include <vector>

namespace {

constexpr int accumulators = 12; // more than latency times issue rate
constexpr long fmaSteps = 1'000'000;
constexpr int fmaTimes = 101, memoryTimes = 9; // some 2 and 20 ms each
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

struct Rates {
  double median, best; // per second
};

/// Runs `work(thread)`, which returns what it did, on a thread for each CPU;
/// all start together, `times` times.
Rates measure(const std::vector<int> &cpus, int times,
              const std::function<double(size_t)> &work) {
  std::vector<double> amounts(cpus.size()), rates;
  // Each time all meet, which lets the last one note the rate, and start.
  auto begin = std::chrono::steady_clock::now();
  std::barrier together(std::ptrdiff_t(cpus.size()), [&]() noexcept {
    auto now = std::chrono::steady_clock::now();
    std::chrono::duration<double> seconds = now - begin;
    rates.push_back(std::accumulate(amounts.begin(), amounts.end(), 0.0) /
                    seconds.count());
    begin = std::chrono::steady_clock::now();
  });
  std::vector<std::thread> threads;
  for (size_t i = 0; i < cpus.size(); ++i)
    threads.emplace_back([&, i] {
      cpu_set_t set;
      CPU_ZERO(&set);
      CPU_SET(cpus[i], &set);
      sched_setaffinity(0, sizeof set, &set);
      together.arrive_and_wait();
      for (int time = 0; time < times; ++time) {
        amounts[i] = work(i);
        together.arrive_and_wait();
      }
    });
  for (std::thread &thread : threads)
    thread.join();
  rates.erase(rates.begin()); // of the start
  std::sort(rates.begin(), rates.end());
  return {rates[rates.size() / 2], rates.back()};
}

void print(const char *name, Rates rates) {
  std::printf("\"%s\": %.1f, \"best_%s\": %.1f", name, rates.median / 1e9, name,
              rates.best / 1e9);
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
  auto readingRates = [&](size_t bytes) {
    std::vector<std::vector<long>> buffers(cpus.size());
    for (std::vector<long> &buffer : buffers)
      buffer.assign(bytes / sizeof(long), 1);
    return measure(cpus, memoryTimes, [&](size_t i) {
      return readAll(buffers[i], memoryBytes / bytes);
    });
  };
  std::printf("{");
  print("gflops", measure(cpus, fmaTimes, [&](size_t) {
          return wide ? multiplyAdd512() : multiplyAdd256();
        }));
  std::printf(", ");
  print("gbytes", readingRates(memoryBytes));
  std::printf(", ");
  print("cache_gbytes", readingRates(cacheBytes));
  std::printf("}\n");
}
