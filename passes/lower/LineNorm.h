//===- LineNorm.h - Norms of some lines side by side ------------*- C++ -*-===//
//
// Part of Vitrail, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef VITRAIL_PASSES_LOWER_LINENORM_H
#define VITRAIL_PASSES_LOWER_LINENORM_H

#include "passes/lower/Emitter.h"

namespace vitrail {

/// What a norm makes of some lines (rows, or what else is normalized), whose
/// sums are in flight together. Gain and bias are not its matter.
class LineNorm {
public:
  using Values = llvm::SmallVector<mlir::Value>;
  /// A vector of every line.
  struct Step {
    llvm::function_ref<mlir::Value(size_t line)> load;
    /// Zero in lanes that are no part of the line.
    llvm::function_ref<mlir::Value(mlir::Value)> keep;
  };
  using Body = llvm::function_ref<Values(const Step &, mlir::ValueRange sums)>;
  /// Walks all steps of the lines, carrying sums.
  using Walk = llvm::function_ref<Values(mlir::ValueRange sums, Body body)>;
  /// The sum over a line, in every lane that is its own.
  using Total = llvm::function_ref<mlir::Value(mlir::Value)>;

  /// Emits the statistics of `count` lines of `extent` elements each.
  LineNorm(Emitter &e, NormOp norm, size_t count, int64_t extent, Walk walk,
           Total total);

  /// A vector of a line, normalized.
  mlir::Value apply(Emitter &e, mlir::Value x, size_t line) const;

private:
  void findMeans(Emitter &e, size_t count, int64_t extent, Walk walk,
                 Total total);
  void findFactors(Emitter &e, size_t count, int64_t extent, Walk walk,
                   Total total);

  NormOp norm;
  Values means;   // none for an RMS norm
  Values factors; // 1 / deviation
  /// What is added for the error of the mean: a mean far from zero is rounded
  /// coarsely, and what it is off by is the mean of what is left after it is
  /// subtracted.
  Values shifts;
};

} // namespace vitrail

#endif // VITRAIL_PASSES_LOWER_LINENORM_H
