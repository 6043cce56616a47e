//===- Entries.h - The ways to call a model ---------------------*- C++ -*-===//
//
// Part of Vitrail, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef VITRAIL_DIALECTS_VITRAIL_ENTRIES_H
#define VITRAIL_DIALECTS_VITRAIL_ENTRIES_H

#include "dialects/vitrail/VitrailDialect.h"

namespace vitrail {

/// Marks a function as a further entry of the model, beside `@main`: the same
/// model over the same weights, for other shapes or element types. Its name is
/// that of the entry.
constexpr llvm::StringLiteral entryMark = "vitrail.entry";

bool isEntry(mlir::func::FuncOp function);

/// The entries of a module: `@main`, then the others in their order. Empty if
/// there is no `@main`.
llvm::SmallVector<mlir::func::FuncOp> entriesOf(mlir::ModuleOp module);

} // namespace vitrail

#endif // VITRAIL_DIALECTS_VITRAIL_ENTRIES_H
