//===- MicroKernel.h - The register-tiled inner loop ------------*- C++ -*-===//
//
// Part of Vitrail, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef VITRAIL_PASSES_LOWER_MICROKERNEL_H
#define VITRAIL_PASSES_LOWER_MICROKERNEL_H

#include "passes/lower/Emitter.h"
#include "passes/lower/TileShape.h"
#include <functional>

namespace vitrail {

/// Where the inner loop finds its operands. Depth is walked in panels of 16:
/// step k is lane `lane` of panel `panel`.
struct MicroOperands {
  /// The scalar of row `row` (0 to rows - 1 of the tile) at a step.
  std::function<mlir::Value(int64_t row, mlir::Value panel, mlir::Value lane)>
      left;
  /// Vector `vector` of the columns at a step.
  std::function<mlir::Value(int64_t vector, mlir::Value panel,
                            mlir::Value lane)>
      right;
  /// What is done beside the steps of a panel, or nothing.
  std::function<void(mlir::Value panel)> beside = {};
};

/// Adds `depth` outer products to the accumulators (rows × vectors of them, row
/// by row) and returns them. The accumulators stay in registers throughout.
llvm::SmallVector<mlir::Value> emitMicroKernel(Emitter &e, TileShape tile,
                                               int64_t depth,
                                               mlir::ValueRange accumulators,
                                               const MicroOperands &operands);

} // namespace vitrail

#endif // VITRAIL_PASSES_LOWER_MICROKERNEL_H
