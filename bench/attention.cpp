//===- attention.cpp - Attention as oneDNN computes it --------------------===//
//
// Part of Vitrail, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// attention QUERIES KEYS HEADS SIZE SECONDS   runs matmul, softmax and matmul
// on tensors [heads, tokens, size] of f32 for a while, by oneDNN's own threads,
// and prints the median of a run in milliseconds and oneDNN's version as JSON.
//
//===----------------------------------------------------------------------===//

#include <algorithm>
#include <chrono>
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <oneapi/dnnl/dnnl.hpp>
#include <random>
#include <vector>

using namespace dnnl;

int main(int argc, char **argv) {
  if (argc != 6) {
    std::fprintf(stderr, "usage: attention QUERIES KEYS HEADS SIZE SECONDS\n");
    return 2;
  }
  memory::dim queries = std::atol(argv[1]), keys = std::atol(argv[2]);
  memory::dim heads = std::atol(argv[3]), size = std::atol(argv[4]);
  double seconds = std::atof(argv[5]);

  engine cpu(engine::kind::cpu, 0);
  stream line(cpu);
  std::mt19937 source(0);
  std::normal_distribution<float> normal;
  auto make = [&](memory::dim rows, memory::dim columns) {
    memory tensor({{heads, rows, columns},
                   memory::data_type::f32,
                   memory::format_tag::abc},
                  cpu);
    auto *data = static_cast<float *>(tensor.get_data_handle());
    std::generate_n(data, heads * rows * columns,
                    [&] { return normal(source); });
    return tensor;
  };
  memory query = make(queries, size), key = make(keys, size);
  memory value = make(keys, size), result = make(queries, size);
  memory scores = make(queries, keys);

  // The keys as columns, without moving them.
  memory::desc columns({heads, size, keys}, memory::data_type::f32,
                       {keys * size, 1, size});
  memory transposed(columns, cpu, key.get_data_handle());
  primitive_attr scaled;
  scaled.set_output_scales(0, {1 / std::sqrt(float(size))});
  matmul multiply(
      {{query.get_desc(), columns, scores.get_desc()}, scaled, cpu});
  softmax_forward normalize(
      {{prop_kind::forward_inference, scores.get_desc(), 2}, cpu});
  matmul weight(
      {{scores.get_desc(), value.get_desc(), result.get_desc()}, cpu});

  using Clock = std::chrono::steady_clock;
  auto elapsed = [](Clock::time_point since) {
    return std::chrono::duration<double>(Clock::now() - since).count();
  };
  auto run = [&] {
    auto start = Clock::now();
    multiply.execute(line, {{DNNL_ARG_SRC, query},
                            {DNNL_ARG_WEIGHTS, transposed},
                            {DNNL_ARG_DST, scores}});
    normalize.execute(line, {{DNNL_ARG_SRC, scores}, {DNNL_ARG_DST, scores}});
    weight.execute(line, {{DNNL_ARG_SRC, scores},
                          {DNNL_ARG_WEIGHTS, value},
                          {DNNL_ARG_DST, result}});
    line.wait();
    return elapsed(start) * 1e3;
  };
  for (int i = 0; i < 5; ++i)
    run();
  std::vector<double> times;
  for (auto start = Clock::now(); times.size() < 5 || elapsed(start) < seconds;)
    times.push_back(run());
  std::nth_element(times.begin(), times.begin() + times.size() / 2,
                   times.end());
  const version_t *version = dnnl::version();
  std::printf("{\"median_ms\": %.6f, \"version\": \"%d.%d.%d\"}\n",
              times[times.size() / 2], version->major, version->minor,
              version->patch);
}
