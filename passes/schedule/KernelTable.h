//===- KernelTable.h - Kernels of regions -----------------------*- C++ -*-===//
//
// Part of Vitrail, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef VITRAIL_PASSES_SCHEDULE_KERNELTABLE_H
#define VITRAIL_PASSES_SCHEDULE_KERNELTABLE_H

#include "passes/schedule/Views.h"
#include "llvm/ADT/StringMap.h"

namespace vitrail {

/// One launch to be: its region, and of each operand and then the result where
/// it lies, its buffer's type and its panels.
struct Launch {
  RegionOp region;
  int64_t flops = 0, bytes = 0; // that it computes and moves
  mlir::func::FuncOp kernel;
  llvm::SmallVector<Place> places;
  llvm::SmallVector<mlir::MemRefType> types;
  llvm::SmallVector<Panels> panels;
};

/// The kernels of a module: one function for all regions with the same body on
/// the same layouts, cut into the same bands, twelve layers of an encoder among
/// them, whichever entry they belong to.
class KernelTable {
public:
  /// Kernels are made before the function `before`.
  explicit KernelTable(mlir::func::FuncOp before) : before(before) {}

  /// The kernel of `launch`; made on first use.
  mlir::func::FuncOp kernelFor(const Launch &launch);

private:
  mlir::func::FuncOp before;
  llvm::StringMap<mlir::func::FuncOp> kernels;
};

} // namespace vitrail

#endif // VITRAIL_PASSES_SCHEDULE_KERNELTABLE_H
