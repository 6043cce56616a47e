//===- FrozenTable.h - What the compiler computes of weights ----*- C++ -*-===//
//
// Part of Vitrail, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef VITRAIL_PASSES_SCHEDULE_FROZENTABLE_H
#define VITRAIL_PASSES_SCHEDULE_FROZENTABLE_H

#include "passes/schedule/Views.h"
#include "llvm/ADT/MapVector.h"

namespace vitrail {

/// The frozen tensors of all entries, packed as kernels read them.
class FrozenTable {
public:
  /// The number of the frozen tensor that holds `value` in `panels`.
  int64_t number(mlir::Value value, Panels panels);

  /// Moves what the tensors need of `entries` into `@freeze`, made before
  /// `before`. Entries have their weight side each; what is equal in them
  /// becomes one.
  void buildFreeze(llvm::ArrayRef<mlir::func::FuncOp> entries,
                   mlir::Operation *before);

  /// The result of `@freeze` that is the tensor of this number.
  int64_t resultOf(int64_t number) const { return results[number]; }

private:
  /// By value, and axis and width of the panels.
  llvm::MapVector<std::pair<mlir::Value, std::pair<int64_t, int64_t>>, int64_t>
      numbers;
  llvm::SmallVector<int64_t> results; // of each number
};

} // namespace vitrail

#endif // VITRAIL_PASSES_SCHEDULE_FROZENTABLE_H
