//===- Gather.h - Rows as a linear takes them -------------------*- C++ -*-===//
//
// Part of Vitrail, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef VITRAIL_PASSES_LOWER_GATHER_H
#define VITRAIL_PASSES_LOWER_GATHER_H

#include "passes/lower/Kernel.h"

namespace vitrail {

/// The ops that move elements between a tensor that a kernel reads and one that
/// it takes row by row: `passes/schedule/Addressing.h` says which chains there
/// are.
class Gather {
public:
  /// What makes `tensor` inside a kernel; nothing, if it is read.
  explicit Gather(mlir::Value tensor);

  bool empty() const { return ops.empty(); }
  size_t size() const { return ops.size(); }
  /// The tensor that is read.
  mlir::Value source() const { return read; }
  mlir::RankedTensorType type() const { return made; }
  /// The unfolding at the end, or null.
  UnfoldOp unfold() const;
  /// The gather without its last op.
  Gather withoutLast() const;
  /// Whether rows of the source are moved as they are.
  bool movesWholeRows() const;

  /// Where row `at` (an index for each axis but the last) of the tensor lies in
  /// the source. Only where whole rows move.
  llvm::SmallVector<mlir::Value> sourceRow(Emitter &e,
                                           mlir::ValueRange at) const;

  /// Hands row `at` to `store` in scalars, or in vectors that stay within a
  /// panel, at its columns.
  using Store = llvm::function_ref<void(mlir::Value value, mlir::Value panel,
                                        mlir::Value lane)>;
  void emitRow(Emitter &e, const Access &from, mlir::ValueRange at,
               Store store) const;
  /// The same with rows `rowAt(i)` for `i` from `begin` to `end`, in the order
  /// in which memory is read best.
  using RowAt = llvm::function_ref<llvm::SmallVector<mlir::Value>(mlir::Value)>;
  using RowStore = llvm::function_ref<void(
      mlir::Value i, mlir::Value value, mlir::Value panel, mlir::Value lane)>;
  void emitRows(Emitter &e, const Access &from, mlir::Value begin,
                mlir::Value end, RowAt rowAt, RowStore store) const;

private:
  Gather() = default;
  /// Rows that are made of runs of others.
  void emitMixedRows(Emitter &e, const Access &from, mlir::Value begin,
                     mlir::Value end, RowAt rowAt, RowStore store) const;
  void emitUnfoldedRow(Emitter &e, const Access &from, mlir::ValueRange at,
                       Store store) const;

  llvm::SmallVector<mlir::Operation *> ops; // from the source on
  mlir::Value read;
  mlir::RankedTensorType made;
};

} // namespace vitrail

#endif // VITRAIL_PASSES_LOWER_GATHER_H
