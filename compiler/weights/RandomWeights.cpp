//===- RandomWeights.cpp - Weights made by rule ---------------------------===//
//
// Part of Vitrail, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The build turns contraction off for this file: a fused multiply-add would
// round differently, and the rule is exact.
//
//===----------------------------------------------------------------------===//

#include "compiler/weights/RandomWeights.h"
#include "compiler/weights/Messages.h"
#include "llvm/Support/ErrorHandling.h"
#include <cassert>
#include <cmath>

using namespace llvm;

namespace vitrail {
namespace {

constexpr uint64_t goldenGamma = 0x9E3779B97F4A7C15;

struct Scale {
  double center;
  double amplitude;
};

Scale scaleOf(RandomRole role, int64_t fanIn) {
  switch (role) {
  case RandomRole::Matrix:
    return {0.0, std::sqrt(3.0 / static_cast<double>(fanIn))};
  case RandomRole::Bias:
  case RandomRole::Token:
  case RandomRole::Position:
  case RandomRole::RunningMean:
    return {0.0, 0.1};
  case RandomRole::Gain:
    return {1.0, 0.2};
  case RandomRole::RunningVariance:
    return {1.0, 0.25};
  case RandomRole::LayerScale:
    return {0.5, 0.25};
  }
  llvm_unreachable("all roles have a scale");
}

uint64_t fnv1a(StringRef text) {
  uint64_t hash = 0xCBF29CE484222325;
  for (char c : text)
    hash = (hash ^ static_cast<unsigned char>(c)) * 0x100000001B3;
  return hash;
}

} // namespace

void fillRandomWeights(uint64_t seed, StringRef name, RandomRole role,
                       int64_t fanIn, MutableArrayRef<float> out,
                       uint64_t first) {
  assert((role != RandomRole::Matrix || fanIn > 0) && "no fan-in");
  const Scale scale = scaleOf(role, fanIn);
  const uint64_t state =
      (fnv1a(name) ^ (seed * goldenGamma)) + first * goldenGamma;
  float *data = out.data();
  // Iterations are independent, so that the processor overlaps the two
  // multiplications of many.
  for (size_t i = 0, e = out.size(); i < e; ++i) {
    uint64_t z = state + (i + 1) * goldenGamma;
    z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9;
    z = (z ^ (z >> 27)) * 0x94D049BB133111EB;
    z = z ^ (z >> 31);
    // 24 bits: through int32_t, which every vector unit converts.
    double u = static_cast<double>(static_cast<int32_t>(z >> 40)) * 0x1p-24;
    data[i] =
        static_cast<float>(scale.center + scale.amplitude * (2.0 * u - 1.0));
  }
}

std::optional<TensorInfo> RandomWeights::lookup(StringRef) const {
  // Every tensor is here, but none with a shape of its own.
  return std::nullopt;
}

Error RandomWeights::check(const WeightRequest &request) const {
  if (!numElements(request.shape))
    return createStringError("tensor " + quoted(request.name) + " has shape " +
                             formatShape(request.shape) +
                             ", which has a negative dimension or too many "
                             "elements to address");
  if (request.role == RandomRole::Matrix && request.fanIn <= 0)
    return createStringError(
        "random values for the matrix " + quoted(request.name) +
        " need a positive fan-in, not " + std::to_string(request.fanIn));
  return Error::success();
}

std::string RandomWeights::describe() const {
  return "random:" + std::to_string(seed);
}

Error RandomWeights::readTensor(const WeightPlace &,
                                const WeightRequest &request,
                                MutableArrayRef<float> out) const {
  fillRandomWeights(seed, request.name, request.role, request.fanIn, out);
  return Error::success();
}

} // namespace vitrail
