//===- EinsumForm.h - Einsums as matrix products ----------------*- C++ -*-===//
//
// Part of Vitrail, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef VITRAIL_PASSES_SCHEDULE_EINSUMFORM_H
#define VITRAIL_PASSES_SCHEDULE_EINSUMFORM_H

#include "passes/simplify/Einsums.h"

namespace vitrail {

/// The form of einsums that have a kernel: matrix products of a left and a
/// right operand for each value of the other indices. The result's last index,
/// along which the kernel computes in vectors, is one of the right operand
/// alone, whose last axis it is, unless that one is summed. Numbers are those
/// of `Contraction`: an index of the result is the axis it has there.
struct EinsumForm {
  Contraction map;
  int64_t lane; // the result's last index
  /// The index of the left operand alone that counts the rows of a product (the
  /// largest), or -1.
  int64_t row = -1;
  /// Further indices of the result: of the left operand alone, and of the right
  /// one (or both).
  llvm::SmallVector<int64_t> leftOuter, rightOuter;
  /// What is summed; the last one is walked in the inner loop.
  llvm::SmallVector<int64_t> depth;

  /// Whether vectors of the right operand run along the depth, not the lanes.
  bool isTransposed() const { return right().back() != lane; }
  llvm::ArrayRef<int64_t> left() const { return map.operandIndices[0]; }
  llvm::ArrayRef<int64_t> right() const { return map.operandIndices[1]; }
  int64_t extent(int64_t index) const { return map.extents[index]; }
  /// The extents of some indices.
  llvm::SmallVector<int64_t> extents(llvm::ArrayRef<int64_t> indices) const;

  /// The form of `op`, unless it has another one.
  static std::optional<EinsumForm> of(EinsumOp op);
};

} // namespace vitrail

#endif // VITRAIL_PASSES_SCHEDULE_EINSUMFORM_H
