//===- Transpose.h - Rows of an operand as lanes ----------------*- C++ -*-===//
//
// Part of Vitrail, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef VITRAIL_PASSES_LOWER_TRANSPOSE_H
#define VITRAIL_PASSES_LOWER_TRANSPOSE_H

#include "passes/lower/Access.h"

namespace vitrail {

/// The transpose of a square of vectors: log2(width) rounds of two-vector
/// shuffles.
llvm::SmallVector<mlir::Value> emitTranspose(Emitter &e,
                                             llvm::ArrayRef<mlir::Value> rows);

/// Sixteen rows of an operand that become the lanes of a panel.
struct TransposedPanel {
  const Access &source;
  /// The coordinates of row `i` (0 to 15) of the panel.
  llvm::function_ref<llvm::SmallVector<mlir::Value>(int64_t i)> rowAt;
  /// Rows that exist; the lanes of the others become zero.
  int64_t rows = panelWidth;
  /// Columns to transpose, from the first lane of panel `firstPanel` on.
  mlir::Value firstPanel;
  int64_t columns = 0;
};

/// Hands over each column of `panel` as vectors of its lanes: vector `lane`
/// (the first of its lanes) of column `column`, counted from the first one.
/// Columns come up to the end of their panel, those that do not exist with
/// anything.
void emitTransposedPanel(
    Emitter &e, const TransposedPanel &panel,
    llvm::function_ref<void(mlir::Value vector, mlir::Value column,
                            int64_t lane)>
        store);

} // namespace vitrail

#endif // VITRAIL_PASSES_LOWER_TRANSPOSE_H
