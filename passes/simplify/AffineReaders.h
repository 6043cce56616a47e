//===- AffineReaders.h - Who takes factors and summands over --- -*- C++-*-===//
//
// Part of Vitrail, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef VITRAIL_PASSES_SIMPLIFY_AFFINEREADERS_H
#define VITRAIL_PASSES_SIMPLIFY_AFFINEREADERS_H

#include "passes/simplify/LinearWeights.h"

namespace vitrail {

/// The linears and depthwise convolutions that alone read a value, directly or
/// behind ops that factors and summands pass: rearrangements, slices, rolls,
/// unfolding, means over places. What is multiplied or added to the value then
/// goes into their weights.
class AffineReaders {
public:
  AffineReaders(mlir::Value value, WeightSide &weights);

  /// Whether there is one.
  bool any() const { return !readers.empty(); }
  int64_t size() const { return readers.size(); }
  /// What reads the value and is none, or null.
  mlir::Operation *otherReader() const { return other; }

  /// Why a frozen table, which broadcasts to the value, cannot be taken over by
  /// all of them: nothing if it can. `kind` is one of add, sub, mul, div.
  std::optional<std::string> obstacle(BinaryKind kind, mlir::Value table);
  /// Gives it to all of them; the caller drops the operation.
  void absorb(BinaryKind kind, mlir::Value table);

private:
  struct Reader {
    AffineOp op;
    llvm::SmallVector<mlir::Operation *> path;
  };

  void collect(mlir::Value from, llvm::SmallVector<mlir::Operation *> path);
  mlir::Value tableOf(const Reader &reader, mlir::Value table);

  mlir::Value value;
  WeightSide &weights;
  llvm::SmallVector<Reader> readers;
  mlir::Operation *other = nullptr;
};

} // namespace vitrail

#endif // VITRAIL_PASSES_SIMPLIFY_AFFINEREADERS_H
