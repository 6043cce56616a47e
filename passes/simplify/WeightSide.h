//===- WeightSide.h - What depends on weights alone ----------- -*- C++ -*-===//
//
// Part of Vitrail, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef VITRAIL_PASSES_SIMPLIFY_WEIGHTSIDE_H
#define VITRAIL_PASSES_SIMPLIFY_WEIGHTSIDE_H

#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/IR/Builders.h"
#include "llvm/ADT/DenseMap.h"

namespace vitrail {

/// The weight side of a function: the values that derive from weights and
/// constants only. Freezing computes them while compiling, so work that a pass
/// moves here costs nothing when the program runs.
///
/// An analysis with a cache. Passes that erase ops while they still ask must
/// erase through it, because a later op may take the place of an erased one.
class WeightSide {
public:
  /// Asks on demand.
  WeightSide() = default;
  /// Knows all values of a function from the start.
  explicit WeightSide(mlir::Operation *function);

  bool isFrozen(mlir::Value value);
  /// Whether an optional operand is absent or frozen.
  bool isFrozenOrAbsent(mlir::Value value) { return !value || isFrozen(value); }

  /// Moves the definition of a frozen value before `point`, where it is not.
  void hoist(mlir::Value frozen, mlir::Operation *point);

  /// Erases `op`, which has no users, and what only it used.
  void erase(mlir::Operation *op);

private:
  bool compute(mlir::Operation *op);

  llvm::DenseMap<mlir::Operation *, bool> frozen;
};

/// The same for who asks once, without a cache to keep.
bool isFrozen(mlir::Value value);

/// The multiply-accumulates of one inference: those of weight-side ops are
/// spent while compiling.
int64_t runtimeMacs(mlir::func::FuncOp function);

/// Whether all values (null ones apart) are tensors of one element type.
bool haveOneElementType(mlir::ValueRange values);

/// A scalar on the weight side. Freezing computes in double precision, so a
/// factor that the element type cannot hold is written as an exact sum.
mlir::Value buildScalar(mlir::OpBuilder &builder, mlir::Location loc,
                        mlir::Type elementType, double value);

/// The number that all elements of `value` are: written in the model, not in a
/// checkpoint. Or nothing.
std::optional<double> numberOf(mlir::Value value);

} // namespace vitrail

#endif // VITRAIL_PASSES_SIMPLIFY_WEIGHTSIDE_H
