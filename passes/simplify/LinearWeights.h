//===- LinearWeights.h - Linears rewritten on the weight side - -*- C++ -*-===//
//
// Part of Vitrail, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef VITRAIL_PASSES_SIMPLIFY_LINEARWEIGHTS_H
#define VITRAIL_PASSES_SIMPLIFY_LINEARWEIGHTS_H

#include "dialects/vitrail/VitrailDialect.h"
#include "passes/simplify/WeightSide.h"

namespace vitrail {

/// Whether weight and bias are frozen, and of one element type with `others`
/// that are to be combined with them.
bool canRewriteWeights(WeightSide &weights, LinearOp linear,
                       mlir::ValueRange others = {});

/// Each of the following changes one linear in place, by new expressions before
/// it.

/// The input loses a factor `gain` [K]: W' = W · diag(gain).
void absorbInputGain(LinearOp linear, mlir::Value gain);
/// The input loses a summand `shift` [K]: b' = b + W · shift.
void absorbInputShift(LinearOp linear, mlir::Value shift);
/// The result is multiplied or divided by a factor [N], [1] or []:
/// W' = diag(factor) · W, b' = factor · b.
void scaleResult(LinearOp linear, mlir::Value factor,
                 BinaryKind kind = BinaryKind::Mul);

} // namespace vitrail

#endif // VITRAIL_PASSES_SIMPLIFY_LINEARWEIGHTS_H
