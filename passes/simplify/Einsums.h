//===- Einsums.h - Einsums by their indices ---------------------*- C++ -*-===//
//
// Part of Vitrail, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef VITRAIL_PASSES_SIMPLIFY_EINSUMS_H
#define VITRAIL_PASSES_SIMPLIFY_EINSUMS_H

#include "dialects/vitrail/Einops.h"
#include "dialects/vitrail/VitrailDialect.h"

namespace vitrail {

/// Numbers of indices, as `Contraction` has them.
using Indices = llvm::SmallVector<int64_t>;

/// `op`'s equation resolved against its operands.
Contraction contractionOf(EinsumOp op);
/// The letter that `op`'s equation has for `index`.
char letterOf(EinsumOp op, int64_t index);

Indices join(llvm::ArrayRef<int64_t> first, llvm::ArrayRef<int64_t> second);
/// A group of its own for each index.
llvm::SmallVector<Indices> apart(llvm::ArrayRef<int64_t> indices);

/// A rearrangement of `value`, whose axes are `from`, to the axes `to`: each is
/// the row-major merger of some indices, of size one without any. `extents` are
/// those of the indices. The value itself if nothing changes.
mlir::Value rearrangeIndices(mlir::OpBuilder &builder, mlir::Location loc,
                             mlir::Value value, llvm::ArrayRef<Indices> from,
                             llvm::ArrayRef<Indices> to,
                             llvm::ArrayRef<int64_t> extents);

} // namespace vitrail

#endif // VITRAIL_PASSES_SIMPLIFY_EINSUMS_H
