//===- RandomWeights.h - Weights made by rule -------------------*- C++ -*-===//
//
// Part of Vitrail, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Random weights for benchmarks, tests and untrained architectures. This is the
// exact rule; a second implementation in Python stands beside the scripts that
// make the golden data, and fills the independent implementations with the same
// values.
//
// Element i (row-major, from 0) of the tensor whose primary name is NAME, for
// the 64-bit seed SEED, all integers modulo 2^64:
//
//   h     = FNV-1a-64 of the UTF-8 bytes of NAME
//           (start 0xCBF29CE484222325; h = (h XOR byte) * 0x100000001B3)
//   state = h XOR (SEED * 0x9E3779B97F4A7C15)
//   z     = state + (i + 1) * 0x9E3779B97F4A7C15
//   z     = (z XOR (z >> 30)) * 0xBF58476D1CE4E5B9
//   z     = (z XOR (z >> 27)) * 0x94D049BB133111EB
//   z     = z XOR (z >> 31)                            (SplitMix64's output)
//   u     = (z >> 40) * 2^-24                          (in [0, 1), 24 bits)
//   v     = 2 u - 1                                    (in [-1, 1), exact)
//   value = float(center + amplitude * v)
//
// where the last line is computed in double precision, product and sum rounded
// one after the other, and rounded once to single precision. The role gives
//
//   role              center  amplitude
//   Matrix            0       sqrt(3.0 / fanIn)   (so that its variance is
//   Bias              0       0.1                  1 / fanIn)
//   Token             0       0.1
//   Position          0       0.1
//   RunningMean       0       0.1
//   Gain              1       0.2
//   RunningVariance   1       0.25
//   LayerScale        0.5     0.25
//
// Each value depends on its name and index alone: tensors can be filled in any
// order, and a larger model has a smaller one's values where names agree.
//
//===----------------------------------------------------------------------===//

#ifndef VITRAIL_COMPILER_WEIGHTS_RANDOMWEIGHTS_H
#define VITRAIL_COMPILER_WEIGHTS_RANDOMWEIGHTS_H

#include "compiler/weights/WeightSource.h"

namespace vitrail {

/// Fills `out` by the rule above with elements `first`, `first` + 1, ...
/// `fanIn` is used for matrices only and must be positive there.
void fillRandomWeights(uint64_t seed, llvm::StringRef name, RandomRole role,
                       int64_t fanIn, llvm::MutableArrayRef<float> out,
                       uint64_t first = 0);

/// A source that has every tensor, in every shape.
class RandomWeights : public WeightSource {
public:
  explicit RandomWeights(uint64_t seed) : seed(seed) {}

  std::optional<TensorInfo> lookup(llvm::StringRef name) const override;
  llvm::Error check(const WeightRequest &request) const override;
  std::vector<llvm::StringRef> names() const override { return {}; }
  std::string describe() const override;

protected:
  llvm::Error readTensor(const WeightPlace &place, const WeightRequest &request,
                         llvm::MutableArrayRef<float> out) const override;

private:
  uint64_t seed;
};

} // namespace vitrail

#endif // VITRAIL_COMPILER_WEIGHTS_RANDOMWEIGHTS_H
