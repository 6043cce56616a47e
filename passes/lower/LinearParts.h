//===- LinearParts.h - What all kernels of linears are made of --*- C++ -*-===//
//
// Part of Vitrail, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef VITRAIL_PASSES_LOWER_LINEARPARTS_H
#define VITRAIL_PASSES_LOWER_LINEARPARTS_H

#include "passes/lower/Gather.h"
#include "passes/lower/WeightPanels.h"

namespace vitrail {

/// A kernel of one linear: its operands, and the epilogue behind it.
struct LinearParts {
  Kernel kernel;
  LinearOp linear;
  NormOp norm;   // of the rows that are gathered, or null
  Gather gather; // the addressing of the linear's input, or of the norm's
  DepthBlocks depthBlocks;

  explicit LinearParts(Kernel kernel);

  int64_t depth() { return linear.getInputFeatures(); }
  int64_t columns() { return linear.getOutputFeatures(); }
  /// Operands that are addressed by the result's rows.
  llvm::SmallVector<ReadOp> domainReads();
  /// What the kernel does behind the linear.
  Epilogue epilogue(const KernelAccesses &accesses);
  /// Takes the norm of `rows` gathered rows, if there is one, in their place.
  void
  normalize(Emitter &e, int64_t rows,
            llvm::function_ref<mlir::Value(int64_t row, Column)> load,
            llvm::function_ref<void(int64_t row, Column, mlir::Value)> store);
  WeightPanels weights(Emitter &e) {
    return {e, kernel.readOf(linear.getWeight()).getBuffer()};
  }
  /// Brings the lines that the epilogue of a tile reads and writes near, those
  /// of some rows beside panel `panel` of the `panels` of its steps: all at
  /// once, they would stand in the way of what the tile itself loads.
  void bringRows(Emitter &e, const Tile &tile, const KernelAccesses &accesses,
                 mlir::Value panel, int64_t panels);
  /// What the accumulators of a tile start from in its visit: the sums of the
  /// blocks before, or the bias, or zero.
  llvm::SmallVector<mlir::Value> initial(Emitter &e, const Tile &tile);
  /// Keeps the accumulators of a tile for the next visit, or puts them through
  /// the epilogue into the result.
  void finish(Emitter &e, const Tile &tile, llvm::ArrayRef<mlir::Value> sums,
              const KernelAccesses &accesses);
  /// Says how the product is computed.
  void report(const ProductTiles &tiles, int64_t width, int64_t rows,
              llvm::StringRef how);

private:
  llvm::SmallVector<mlir::Value> bias(Emitter &e, const Tile &tile);
};

std::unique_ptr<KernelEmitter> makeConvEmitter(LinearParts parts, VectorTarget);

} // namespace vitrail

#endif // VITRAIL_PASSES_LOWER_LINEARPARTS_H
