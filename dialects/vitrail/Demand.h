//===- Demand.h - Boxes of tensors ------------------------------*- C++ -*-===//
//
// Part of Vitrail, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef VITRAIL_DIALECTS_VITRAIL_DEMAND_H
#define VITRAIL_DIALECTS_VITRAIL_DEMAND_H

#include "mlir/IR/Builders.h"
#include "mlir/IR/BuiltinTypes.h"
#include "llvm/ADT/SmallVector.h"

namespace vitrail {

/// An axis-aligned box of a tensor: `sizes[i]` elements from `offsets[i]`.
struct Box {
  llvm::SmallVector<int64_t> offsets;
  llvm::SmallVector<int64_t> sizes;

  /// The whole of a tensor.
  static Box all(mlir::RankedTensorType type);
  /// No element of a tensor.
  static Box none(mlir::RankedTensorType type);

  bool empty() const { return llvm::is_contained(sizes, 0); }
  bool covers(mlir::RankedTensorType type) const;
  /// The smallest box that contains both.
  Box unite(const Box &other) const;
  bool operator==(const Box &other) const {
    return offsets == other.offsets && sizes == other.sizes;
  }
};

/// `value` itself if `box` is all of it, or a `vitrail.slice` of it.
mlir::Value extractBox(mlir::OpBuilder &builder, mlir::Location loc,
                       mlir::Value value, const Box &box);

namespace detail {
Box defaultOperandDemand(mlir::Operation *op, unsigned operand,
                         const Box &demand);
mlir::Value defaultBuildBox(mlir::Operation *op, mlir::OpBuilder &builder,
                            const Box &demand, mlir::ValueRange operands);
} // namespace detail

} // namespace vitrail

#endif // VITRAIL_DIALECTS_VITRAIL_DEMAND_H
