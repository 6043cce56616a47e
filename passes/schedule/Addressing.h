//===- Addressing.h - Ops that become the addressing of others --*- C++ -*-===//
//
// Part of Vitrail, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// What moves elements on their way into a linear, a norm or an elementwise op
// need not happen in memory: the kernel gathers its rows through it. Windows,
// rolls, patches, the unfolding of convolutions and chains of them are
// therefore part of its region. So is what repeats the channels of a map that a
// depthwise convolution reads.
//
//===----------------------------------------------------------------------===//

#ifndef VITRAIL_PASSES_SCHEDULE_ADDRESSING_H
#define VITRAIL_PASSES_SCHEDULE_ADDRESSING_H

#include "dialects/vitrail/VitrailDialect.h"
#include "llvm/ADT/DenseSet.h"

namespace vitrail {

/// Whether `op` only moves elements in a way that can be addressing.
bool isAddressingKind(mlir::Operation *op);

/// Whether the rows of `op`'s result (along the last axis) are rows of its
/// operand: rolls and rearrangements that leave the last axis alone.
bool movesRows(mlir::Operation *op);

/// The operand whose rows `op` gathers, if it does: the input of a linear, and
/// of a norm along the last axis; of an elementwise op, the first one of the
/// result's shape that something moves.
mlir::OpOperand *gatheredOperand(mlir::Operation *op);

/// The norm that `linear` takes of its rows while it gathers them, or null: one
/// that only the linear reads, without gain and bias, of rows that unfold a map
/// and so have its elements several times. Between both, the rows keep their
/// order.
NormOp gatheredNorm(LinearOp linear);

/// Channels of a map that come several times in turn.
struct RepeatedChannels {
  mlir::Value source;
  int64_t times = 1;
  llvm::SmallVector<mlir::Operation *> ops; // between the source and the map
};

/// What `map` repeats, as often as a depthwise convolution can by itself: it is
/// the source itself if there is nothing such.
RepeatedChannels repeatedChannels(mlir::Value map);

/// Which ops of a function are the addressing of all ops that they reach.
///
/// From what is read to what gathers, a chain may move rows any number of
/// times, make rows of parts of others once, unfold them, and move what is
/// unfolded. Views at its beginning are left to planning.
class AddressingOps {
public:
  using Predicate = llvm::function_ref<bool(mlir::Operation *)>;
  /// `isView` says what planning makes a view, if nothing is in the way, and
  /// `isFirst` which elementwise ops are the first of their region.
  AddressingOps(mlir::func::FuncOp func, Predicate isRunTime, Predicate isView,
                Predicate isFirst);

  bool contains(mlir::Operation *op) const {
    // What was made in the place of an erased op is of another kind.
    return isAddressingKind(op) && ops.contains(op);
  }
  /// The chain that ends in the gathered operand of `op`, in program order.
  llvm::SmallVector<mlir::Operation *> chainOf(mlir::Operation *op) const;

private:
  mlir::OpOperand *operandOf(mlir::Operation *op) const;
  void addRepetition(DepthwiseConvOp conv, Predicate isRunTime);

  llvm::DenseSet<mlir::Operation *> ops;
  /// Elementwise ops that gather, and which operand.
  llvm::DenseMap<mlir::Operation *, mlir::OpOperand *> elementwise;
};

} // namespace vitrail

#endif // VITRAIL_PASSES_SCHEDULE_ADDRESSING_H
