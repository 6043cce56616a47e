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

/// An op that is affine in its input, with a weight and maybe a bias of the
/// result's features: a linear, which behind an unfold is a convolution, or a
/// depthwise convolution. Or none.
class AffineOp {
public:
  AffineOp() = default;
  AffineOp(LinearOp linear) : op(linear) {}
  AffineOp(DepthwiseConvOp conv) : op(conv) {}
  /// `op` if it is one; may be null.
  static AffineOp from(mlir::Operation *op);
  /// The one whose input `use` is.
  static AffineOp reading(mlir::OpOperand &use);

  explicit operator bool() const { return op; }
  mlir::Operation *operator->() const { return op; }
  operator mlir::Operation *() const { return op; }
  LinearOp asLinear() const;
  DepthwiseConvOp asDepthwise() const;

  mlir::Value getInput() const { return op->getOperand(0); }
  mlir::Value getWeight() const { return op->getOperand(1); }
  mlir::Value getBias() const;
  void setWeight(mlir::Value weight) const { op->setOperand(1, weight); }
  void setBias(mlir::Value bias) const;
  mlir::RankedTensorType getType() const;
  int64_t getOutputFeatures() const { return getType().getShape().back(); }

  /// Whether a summand of the input is one of the result. Zeros beyond the edge
  /// of a map have no summand.
  bool takesInputShift() const;

private:
  mlir::Operation *op = nullptr;
};

/// Whether weight and bias are frozen, and of one element type with `others`
/// that are to be combined with them.
bool canRewriteWeights(WeightSide &weights, AffineOp op,
                       mlir::ValueRange others = {});

/// Each of the following changes one op in place, by new expressions before it.

/// The input loses a factor or divisor `gain` [K]: W' = W · diag(gain).
void absorbInputGain(AffineOp op, mlir::Value gain,
                     BinaryKind kind = BinaryKind::Mul);
/// The input loses a summand `shift` [K]: b' = b + W · shift.
void absorbInputShift(AffineOp op, mlir::Value shift);
/// The result is multiplied or divided by a factor [N], [1] or []:
/// W' = diag(factor) · W, b' = factor · b.
void scaleResult(AffineOp op, mlir::Value factor,
                 BinaryKind kind = BinaryKind::Mul);
/// A summand [N], [1] or [] is added to the result or subtracted: b' = b + s.
void shiftResult(AffineOp op, mlir::Value summand,
                 BinaryKind kind = BinaryKind::Add);

/// A table with one element for all or one for each feature, [..1, N], as a
/// vector [N] or [1], or [] if it is that.
mlir::Value asVector(mlir::OpBuilder &builder, mlir::Value table);
/// Whether a table has at most one element for each feature.
bool variesByFeature(mlir::RankedTensorType table);

} // namespace vitrail

#endif // VITRAIL_PASSES_SIMPLIFY_LINEARWEIGHTS_H
