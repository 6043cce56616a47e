//===- LayerTable.h - Which layer's output a region computes ----*- C++ -*-===//
//
// Part of Vitrail, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef VITRAIL_COMPILER_INSPECT_LAYERTABLE_H
#define VITRAIL_COMPILER_INSPECT_LAYERTABLE_H

#include "dialects/vitrail/VitrailDialect.h"
#include "llvm/ADT/DenseMap.h"
#include "llvm/Support/JSON.h"
#include <string>
#include <vector>

namespace vitrail {

/// The layers of a model as described, to compare with the regions that they
/// became.
class LayerTable {
public:
  /// Takes down the layers of `model`, before any pass.
  explicit LayerTable(mlir::func::FuncOp model);

  /// What the index of `--dump` says of the result of `launch`, in a planned
  /// module: `ops`, `kernel`, `layers` (whose output it is) and `differs` (in
  /// which respects it is not quite that).
  llvm::json::Object describe(LaunchOp launch) const;

private:
  /// An output of layers: of several, if one ends with another.
  struct Output {
    std::vector<std::string> layers;
    std::string op;
    llvm::SmallVector<int64_t> shape;
    bool hasAffine = false; ///< A norm with gain or bias.
  };

  /// By the location of the op, scope and calls included: what is left of its
  /// identity when passes are through with it. Where several ops have the same,
  /// none of them is here.
  llvm::DenseMap<mlir::Location, Output> outputs;
};

} // namespace vitrail

#endif // VITRAIL_COMPILER_INSPECT_LAYERTABLE_H
