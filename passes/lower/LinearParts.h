//===- LinearParts.h - What all kernels of linears are made of --*- C++ -*-===//
//
// Part of Vitrail, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef VITRAIL_PASSES_LOWER_LINEARPARTS_H
#define VITRAIL_PASSES_LOWER_LINEARPARTS_H

#include "passes/lower/Gather.h"
#include "passes/lower/ProductTiles.h"

namespace vitrail {

/// A kernel of one linear: its operands, and the epilogue behind it.
struct LinearParts {
  Kernel kernel;
  LinearOp linear;
  Gather gather; // the addressing of the linear's input

  explicit LinearParts(Kernel kernel);

  int64_t depth() { return linear.getInputFeatures(); }
  int64_t columns() { return linear.getOutputFeatures(); }
  /// Operands that are addressed by the result's rows.
  llvm::SmallVector<ReadOp> domainReads();
  /// The weights of vector `j` of a tile at step `k` in depth.
  mlir::Value weight(Emitter &e, const Tile &tile, int64_t j, mlir::Value k);
  /// What the accumulators of a tile start from: the bias or zero.
  llvm::SmallVector<mlir::Value> initial(Emitter &e, const Tile &tile);
  /// Puts the accumulators of a tile through the epilogue into the result.
  void finish(Emitter &e, const Tile &tile, llvm::ArrayRef<mlir::Value> sums,
              const KernelAccesses &accesses);
  /// Says how the product is computed.
  void report(const ProductTiles &tiles, int64_t width, int64_t rows,
              llvm::StringRef how);
};

std::unique_ptr<KernelEmitter> makeConvEmitter(LinearParts parts, VectorTarget);

} // namespace vitrail

#endif // VITRAIL_PASSES_LOWER_LINEARPARTS_H
