//===- Scores.h - What is done to scores before their activation ----------===//
//
// Part of Vitrail, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef VITRAIL_PASSES_SIMPLIFY_SCORES_H
#define VITRAIL_PASSES_SIMPLIFY_SCORES_H

#include "dialects/vitrail/VitrailDialect.h"
#include "passes/simplify/WeightSide.h"

namespace vitrail {

/// Scores before their activation: scale · product + Σ factor · summand, where
/// the product may be multiplied by frozen tensors, or divided by them.
struct Scores {
  EinsumOp product;
  double scale = 1;
  llvm::SmallVector<std::pair<mlir::Value, BinaryKind>> factors;
  llvm::SmallVector<std::pair<mlir::Value, double>> summands;
};

/// Whether both operands are computed when the program runs.
bool isRunTimeProduct(EinsumOp op, WeightSide &weights);

/// Where `value` is another one of the same shape times a number: that one.
mlir::Value withoutFactor(mlir::Value value, double &factor);

/// Follows what is done to scores, from the activation up.
std::optional<Scores> traceScores(mlir::Value value, WeightSide &weights);

} // namespace vitrail

#endif // VITRAIL_PASSES_SIMPLIFY_SCORES_H
