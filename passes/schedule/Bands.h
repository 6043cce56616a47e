//===- Bands.h - What threads keep from launch to launch ---*- C++ -*-===//
//
// Part of Vitrail, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef VITRAIL_PASSES_SCHEDULE_BANDS_H
#define VITRAIL_PASSES_SCHEDULE_BANDS_H

#include "mlir/IR/Operation.h"

namespace vitrail {

/// How a launch is shared by bands. What it computes is cut into `units` parts,
/// which are independent of one another, as windows, samples and queries are:
/// equal ones, or, of rows, the first have one more. Each thread has a band of
/// consecutive ones. In the launches of one segment a thread has the same band,
/// and where it reads only what it made itself it waits for nobody. One unit is
/// one thread's.
///
/// On a region and a launch that is the attribute
///
///   vitrail.bands = {segment = 0, units = 4, own = array<i64: 0>}
///
/// and on a kernel, whose code depends on it, `vitrail.units = 4`.
struct Bands {
  int64_t segment = 0;
  int64_t units = 1;
  /// Operands of which a band reads nothing but its own units.
  llvm::SmallVector<int64_t> own;

  /// Whether the attribute, if there is one, is well formed; else reports an
  /// error.
  static llvm::LogicalResult verify(mlir::Operation *op);
  /// Of a region or a launch that has them, well formed.
  static std::optional<Bands> of(mlir::Operation *op);
  mlir::DictionaryAttr toAttribute(mlir::MLIRContext *context) const;
};

} // namespace vitrail

#endif // VITRAIL_PASSES_SCHEDULE_BANDS_H
