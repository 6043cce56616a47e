//===- ConvChain.h - Convolutions that one kernel computes ------*- C++ -*-===//
//
// Part of Vitrail, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef VITRAIL_PASSES_SCHEDULE_CONVCHAIN_H
#define VITRAIL_PASSES_SCHEDULE_CONVCHAIN_H

#include "dialects/vitrail/VitrailDialect.h"
#include "dialects/vitrail/Window.h"

namespace vitrail {

/// A linear over the places of a map and the depthwise convolutions behind it,
/// each with its elementwise ops. What a panel of the last map's channels
/// depends on is one panel of each map before: a block of rows of the last is
/// computed from the linear on, while the rows that it needs of the maps
/// between stay in L2 and never go through memory.
///
/// Blocks that follow each other need some of the same rows of the maps
/// between, their halo, and both compute them. With one block there is none.
class ConvChain {
public:
  /// What makes one of the maps.
  struct Step {
    mlir::Operation *anchor; // the linear, or a depthwise convolution
    llvm::SmallVector<mlir::Operation *> epilogue;

    mlir::Value result() const {
      return (epilogue.empty() ? anchor : epilogue.back())->getResult(0);
    }
  };
  /// Rows of a map: [begin, end).
  struct Rows {
    int64_t begin = 0, end = 0;
    int64_t count() const { return end - begin; }
  };

  /// Whether a panel of the linear's weights stays in L1 while it is used.
  /// Others walk their depth in blocks, by a kernel of their own.
  static bool canBegin(LinearOp linear);
  /// Whether `conv` can follow what `value` is the result of.
  static bool canFollow(mlir::Value value, DepthwiseConvOp conv);

  /// `ops` in program order, from the linear on; blocks that suit an L2 of
  /// `l2Bytes`.
  ConvChain(llvm::ArrayRef<mlir::Operation *> ops, int64_t l2Bytes);

  llvm::SmallVector<Step> steps;
  int64_t blockRows = 1; // of the last map

  int64_t rows(size_t step) const { return shape(step).end()[-3]; }
  int64_t columns(size_t step) const { return shape(step).end()[-2]; }
  int64_t channels() const { return shape(0).back(); }
  /// Sizes of the axes before the spatial ones.
  llvm::ArrayRef<int64_t> lead() const { return shape(0).drop_back(3); }
  Window window(size_t step) const;

  /// The most rows of each map that a block has.
  llvm::SmallVector<int64_t> rowsOfBlock() const;
  /// The rows of each map that a block has, which are those of the last map
  /// from `first` on.
  llvm::SmallVector<Rows> rowsFrom(int64_t first) const;
  /// f32 elements of the maps between that a block needs.
  int64_t scratchElements() const;

  /// Bytes that do not go through memory, and multiply-adds that more than one
  /// block computes.
  int64_t savedBytes() const;
  int64_t repeatedMacs() const;
  /// What is gained over kernels of their own, in times of a multiply-add.
  int64_t gain() const;

private:
  llvm::ArrayRef<int64_t> shape(size_t step) const;
  void chooseBlock(int64_t l2Bytes);
  int64_t blockBytes() const;
  int64_t macsOfRow(size_t step) const;
};

} // namespace vitrail

#endif // VITRAIL_PASSES_SCHEDULE_CONVCHAIN_H
