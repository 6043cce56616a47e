//===- FeatureUses.h - Who reads the last axis of a value ----- -*- C++ -*-===//
//
// Part of Vitrail, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef VITRAIL_PASSES_SIMPLIFY_FEATUREUSES_H
#define VITRAIL_PASSES_SIMPLIFY_FEATUREUSES_H

#include "dialects/vitrail/VitrailDialect.h"

namespace vitrail {

/// Whether `op` only selects or reorders tokens: slices, rolls and rearranges
/// that leave the last axis whole and in its place.
bool movesTokens(mlir::Operation *op);

/// The uses of `value` behind the ops that move its tokens. A function of the
/// features alone (an affine map, a constant added to each row) commutes with
/// those, so what matters to it are the uses returned here.
llvm::SmallVector<mlir::OpOperand *> featureUses(mlir::Value value);

/// The op whose result reaches `value` through such ops, or null.
mlir::Operation *producer(mlir::Value value);

/// Linears are what most folds end in: the op whose input `use` is, or null.
LinearOp linearInput(mlir::OpOperand &use);

} // namespace vitrail

#endif // VITRAIL_PASSES_SIMPLIFY_FEATUREUSES_H
