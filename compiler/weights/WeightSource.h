//===- WeightSource.h - Where a program's weights come from -----*- C++ -*-===//
//
// Part of Vitrail, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Weights never become IR attributes: the dialect names them, and freezing asks
// a WeightSource for the values of one tensor at a time. A source is a
// checkpoint (Checkpoint.h) or a rule (RandomWeights.h).
//
//===----------------------------------------------------------------------===//

#ifndef VITRAIL_COMPILER_WEIGHTS_WEIGHTSOURCE_H
#define VITRAIL_COMPILER_WEIGHTS_WEIGHTSOURCE_H

#include "llvm/ADT/ArrayRef.h"
#include "llvm/ADT/SmallVector.h"
#include "llvm/ADT/StringRef.h"
#include "llvm/Support/Error.h"
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace vitrail {

/// What a weight is used for. It decides the scale of random values and nothing
/// else.
enum class RandomRole {
  Matrix, ///< Matrix or filter; its scale follows WeightRequest::fanIn.
  Bias,
  Token,
  Position,
  Gain, ///< Factor of a normalization.
  RunningMean,
  RunningVariance,
  LayerScale,
};

/// The name of `role` in messages and reports: "matrix", "layer scale".
llvm::StringRef stringifyRandomRole(RandomRole role);

/// One weight as the program wants it.
struct WeightRequest {
  /// The tensor's primary name. Random values depend on it alone, never on
  /// which alias a checkpoint happens to use.
  std::string name;
  /// Other names that checkpoints give the same tensor, best first.
  llvm::SmallVector<std::string, 1> aliases;
  llvm::SmallVector<int64_t, 4> shape;
  RandomRole role = RandomRole::Matrix;
  /// Matrices only: how many inputs one output sums over.
  int64_t fanIn = 0;
};

/// One tensor as a source has it.
struct TensorInfo {
  std::string dtype; ///< As safetensors spells it: "F32", "BF16".
  llvm::SmallVector<int64_t, 4> shape;
  std::string origin; ///< The file that holds it, for messages.
};

/// A tensor of a source, or one of `parts` equal parts of it along its first
/// axis, as an alias "attn.qkv.weight[1/3]" names it.
struct WeightPlace {
  llvm::StringRef name;
  int64_t part = 0, parts = 1;

  static WeightPlace parse(llvm::StringRef alias);
};

class WeightSource {
public:
  virtual ~WeightSource();

  /// Says what the source has under exactly this name.
  virtual std::optional<TensorInfo> lookup(llvm::StringRef name) const = 0;

  /// Checks that the source can fill `request`: that the tensor exists under
  /// its name or an alias, has exactly this shape and a type that is supported.
  /// Reads no values, so that a program is refused before any long work.
  virtual llvm::Error check(const WeightRequest &request) const;

  /// Checks `request` and fills `out`, row-major, with exactly as many elements
  /// as the shape has.
  llvm::Error read(const WeightRequest &request,
                   llvm::MutableArrayRef<float> out) const;

  /// All tensor names, sorted; empty for a source that has every name. A caller
  /// can report what a program leaves unread.
  virtual std::vector<llvm::StringRef> names() const = 0;

  /// Where the weights come from, for messages and reports: a path, or
  /// "random:7".
  virtual std::string describe() const = 0;

protected:
  /// The first of the request's name and aliases that the source has; the name
  /// itself if it has none.
  WeightPlace resolve(const WeightRequest &request) const;

  /// Fills `out` from `place`, which check() accepted for `request`.
  virtual llvm::Error readTensor(const WeightPlace &place,
                                 const WeightRequest &request,
                                 llvm::MutableArrayRef<float> out) const = 0;
};

} // namespace vitrail

#endif // VITRAIL_COMPILER_WEIGHTS_WEIGHTSOURCE_H
