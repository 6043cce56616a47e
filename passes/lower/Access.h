//===- Access.h - How kernels address tensors -------------------*- C++ -*-===//
//
// Part of Vitrail, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef VITRAIL_PASSES_LOWER_ACCESS_H
#define VITRAIL_PASSES_LOWER_ACCESS_H

#include "passes/lower/Emitter.h"

namespace vitrail {

/// The rows over which a kernel iterates: the axes of its result but the last,
/// those of size one dropped and those that are dense in every operand merged.
/// There is at least one axis; the last is the one that is tiled.
struct RowDomain {
  llvm::SmallVector<int64_t> sizes;

  int64_t outer() const {
    return llvm::product_of(llvm::ArrayRef(sizes).drop_back());
  }
  int64_t inner() const { return sizes.back(); }
};

/// A buffer as seen from a row domain: element vectors by row and column. Axes
/// along which the tensor is broadcast are not indexed.
class Access {
public:
  Access() = default;

  /// The access of a tensor by its own axes: a row is one index for each of
  /// them but the last; those of size one are ignored.
  static Access ofTensor(ReadOp read);
  /// The access of a buffer of panels [panels, rows, 16] by the number of the
  /// row.
  static Access ofPanels(mlir::Value buffer);
  /// The access of a part of a tensor that lies in a buffer of panels
  /// [panels, ..., 16]: of the indices of a row, those of `axes` are counted
  /// from `origin`, and panels from `firstPanel`.
  static Access ofPart(mlir::Value buffer, mlir::Value firstPanel,
                       llvm::ArrayRef<int64_t> axes, mlir::ValueRange origin);
  /// The access of a row-major buffer [rows, columns] by the number of the row.
  static Access ofRows(mlir::Value buffer);

  int64_t columns() const { return type.getShape().back(); }
  mlir::RankedTensorType getType() const { return type; }

  /// The vector at `column` of `row` (one index an axis of the domain).
  mlir::Value load(Emitter &e, mlir::ValueRange row, Column column) const;
  /// The same where the panel may be the row's last: what lies behind the row's
  /// end is not touched.
  mlir::Value loadWithin(Emitter &e, mlir::ValueRange row, Column column) const;
  /// The vector at `column` of a row that has each element `times` times in
  /// turn, a part of a panel as often as one panel holds it.
  mlir::Value loadRepeated(Emitter &e, mlir::ValueRange row, Column column,
                           int64_t times) const;
  /// The element at column `panel · 16 + lane`.
  mlir::Value loadScalar(Emitter &e, mlir::ValueRange row, mlir::Value panel,
                         mlir::Value lane) const;
  /// The vector from lane `lane` of panel `panel` of `row`, in panels.
  mlir::Value loadPanel(Emitter &e, mlir::ValueRange row, mlir::Value panel,
                        mlir::Value lane) const;
  /// The element at `column` of `row`, or, of a row-major buffer, the vector
  /// from there.
  mlir::Value loadElements(Emitter &e, mlir::ValueRange row, mlir::Value column,
                           bool vector) const;
  /// Of a row-major buffer, the `count` elements from `column` of `row` on, as
  /// a vector. They may reach into the rows behind if the last `merged` axes
  /// are dense.
  mlir::Value loadRun(Emitter &e, mlir::ValueRange row, mlir::Value column,
                      int64_t count, int64_t merged) const;
  /// The number of last axes, the columns among them, that are dense in a
  /// row-major buffer.
  int64_t denseAxes() const;
  bool isRowMajor() const { return rows; }
  /// Whether the tensor has elements of its own for each row.
  bool varies() const { return !axes.empty(); }
  /// Starts to bring a panel of `row` near.
  void prefetch(Emitter &e, mlir::ValueRange row, mlir::Value panel,
                Nearness nearness = Nearness::L1) const;
  void store(Emitter &e, mlir::Value vector, mlir::ValueRange row,
             Column column) const;
  /// Stores a scalar, or a vector of columns that all exist, at column
  /// `panel · 16 + lane`.
  void storeElements(Emitter &e, mlir::Value value, mlir::ValueRange row,
                     mlir::Value panel, mlir::Value lane) const;

private:
  friend class KernelAccesses;
  llvm::SmallVector<mlir::Value> index(Emitter &e, mlir::ValueRange row,
                                       mlir::Value panel,
                                       mlir::Value lane) const;
  mlir::Value loadVector(Emitter &e, mlir::Value from, mlir::ValueRange at,
                         int64_t count, mlir::Value mask = {}) const;

  mlir::RankedTensorType type;
  mlir::Value buffer; // [panels,] domain axes that vary, 16 lanes or columns
  llvm::SmallVector<int64_t> axes; // domain axis of each buffer axis in between
  bool rows = false;
  // Of a part, its first panel and the first index of each axis in between.
  mlir::Value firstPanel;
  llvm::SmallVector<mlir::Value> origin;
};

/// All accesses of a kernel whose operands follow its result's rows, over the
/// domain they share.
class KernelAccesses {
public:
  /// `reads` are the operands that broadcast to the result (in all axes but
  /// possibly the last). Without `merge`, the domain has an axis for each of
  /// the result's but the last.
  KernelAccesses(Emitter &e, llvm::ArrayRef<ReadOp> reads, WriteOp write,
                 bool merge = true);
  /// Where the result, of type `result`, lies in no buffer of the kernel.
  KernelAccesses(Emitter &e, llvm::ArrayRef<ReadOp> reads,
                 mlir::RankedTensorType result, bool merge);

  RowDomain domain;
  /// By the tensor that a `vitrail.read` makes.
  llvm::DenseMap<mlir::Value, Access> reads;
  Access result;

private:
  struct Geometry;
  void address(Emitter &e, llvm::ArrayRef<Geometry> all,
               llvm::ArrayRef<int64_t> leading, bool merge);
};

} // namespace vitrail

#endif // VITRAIL_PASSES_LOWER_ACCESS_H
