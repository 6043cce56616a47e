//===- Report.h - What the simplify stage did and did not do -- -*- C++ -*-===//
//
// Part of Vitrail, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef VITRAIL_PASSES_SIMPLIFY_REPORT_H
#define VITRAIL_PASSES_SIMPLIFY_REPORT_H

#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/IR/Remarks.h"

namespace vitrail {

/// The remark of an optimization at `op`. Names are literals: remarks keep a
/// reference.
inline mlir::remark::RemarkOpts remarkOptions(mlir::Operation *op,
                                              llvm::StringLiteral name) {
  auto function = llvm::dyn_cast<mlir::func::FuncOp>(op);
  if (!function)
    function = op->getParentOfType<mlir::func::FuncOp>();
  return mlir::remark::RemarkOpts::name(name)
      .category("simplify")
      .function(function ? function.getSymName() : llvm::StringRef());
}

inline mlir::remark::detail::InFlightRemark
reportApplied(mlir::Operation *op, llvm::StringLiteral name) {
  return mlir::remark::passed(op->getLoc(), remarkOptions(op, name));
}

inline mlir::remark::detail::InFlightRemark
reportMissed(mlir::Operation *op, llvm::StringLiteral name) {
  return mlir::remark::missed(op->getLoc(), remarkOptions(op, name));
}

} // namespace vitrail

#endif // VITRAIL_PASSES_SIMPLIFY_REPORT_H
