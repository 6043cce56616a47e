//===- VectorMath.h - Elementwise functions on vectors ----------*- C++ -*-===//
//
// Part of Vitrail, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef VITRAIL_PASSES_LOWER_VECTORMATH_H
#define VITRAIL_PASSES_LOWER_VECTORMATH_H

#include "passes/lower/Access.h"

namespace vitrail {

/// 2^x to 2.6 ulp; 0x1p-126 below -126, 0x1p127 above 127, NaN for NaN. Where
/// `mayBeLarge` is false, x is at most 127.
mlir::Value emitExp2(Emitter &e, mlir::Value x, bool mayBeLarge = true);
mlir::Value emitUnary(Emitter &e, UnaryKind kind, mlir::Value x);
mlir::Value emitBinary(Emitter &e, BinaryKind kind, mlir::Value lhs,
                       mlir::Value rhs);

/// What a reduction starts from; that of a mean, a sum to be divided.
double neutralElement(ReduceKind kind);
mlir::Value emitReduce(Emitter &e, ReduceKind kind, mlir::Value sum,
                       mlir::Value x);

/// The elementwise ops that a kernel applies to what its anchor computes.
class Epilogue {
public:
  /// `ops` in program order; `anchor` is the tensor they start from (null where
  /// they start from operands alone), `result` the tensor the kernel writes.
  Epilogue(llvm::SmallVector<mlir::Operation *> ops, mlir::Value anchor,
           mlir::Value result, const KernelAccesses &accesses)
      : ops(std::move(ops)), anchor(anchor), result(result),
        accesses(accesses) {}

  /// Whether it takes more than a few instructions a vector.
  bool isLong() const;
  /// The result's vector at `row` and `column`, given the anchor's.
  mlir::Value evaluate(Emitter &e, mlir::Value value, mlir::ValueRange row,
                       Column column) const;

private:
  llvm::SmallVector<mlir::Operation *> ops;
  mlir::Value anchor, result;
  const KernelAccesses &accesses;
};

} // namespace vitrail

#endif // VITRAIL_PASSES_LOWER_VECTORMATH_H
