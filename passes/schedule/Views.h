//===- Views.h - Places of tensors in memory --------------------*- C++ -*-===//
//
// Part of Vitrail, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef VITRAIL_PASSES_SCHEDULE_VIEWS_H
#define VITRAIL_PASSES_SCHEDULE_VIEWS_H

#include "dialects/vitrail/Einops.h"
#include "dialects/vitrail/VitrailDialect.h"

namespace vitrail {

/// Where a tensor `[d0, ..., C]` lies: either in panels of 16 along its last
/// axis (element c at `c / 16 · panelStride + c % 16`), or row-major (`rows`).
/// Strides and offset count elements.
struct Place {
  BufferSpace space = BufferSpace::Arena;
  /// Number of the port, of the frozen result, or of the arena's buffer.
  int64_t index = 0;
  int64_t offset = 0;
  bool rows = false;
  /// Unsigned bytes, which kernels convert as they read them.
  bool pixels = false;
  int64_t panelStride = 0;
  /// Of all axes but the last.
  llvm::SmallVector<int64_t> strides;

  /// A dense place for `type` of its own.
  static Place dense(BufferSpace space, int64_t index,
                     mlir::RankedTensorType type, bool rows);
  /// The part of this place that holds `offsets` onwards.
  Place slice(llvm::ArrayRef<int64_t> offsets) const;
  /// The place of what `map`, a view, makes of a tensor at this place.
  Place rearrange(const Rearrangement &map) const;
  int64_t elementBytes() const { return pixels ? 1 : 4; }
  /// The type of a buffer at this place that holds `type`.
  mlir::MemRefType bufferType(mlir::RankedTensorType type) const;
};

/// How a tensor lies in a buffer of panels: of `width`, along `axis`.
struct Panels {
  int64_t axis = 0;
  int64_t width = panelWidth;
};

/// Elements that `type` occupies in panels along its last axis.
int64_t panelElements(mlir::RankedTensorType type);

/// `op`'s pattern resolved against its operand, and the way back.
Rearrangement rearrangementOf(RearrangeOp op);
Rearrangement inverse(const Rearrangement &map);

/// Whether the op's result is a view of its operand in panels: a slice that
/// begins at a panel; any order of the axes before the last, of their parts,
/// and of parts of the last that are whole panels (the heads of features).
bool isView(SliceOp op);
bool isView(const Rearrangement &map);
bool isView(RearrangeOp op);
/// Whether, instead, the operand is a view of the op's result, so that it can
/// be written in place: heads that are merged to features.
bool isWrittenThrough(RearrangeOp op);
/// Whether every operand of the concat begins at a panel of the result.
bool isView(ConcatOp op);

} // namespace vitrail

#endif // VITRAIL_PASSES_SCHEDULE_VIEWS_H
