//===- Summary.h - The layer table of a model -------------------*- C++ -*-===//
//
// Part of Vitrail, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef VITRAIL_COMPILER_SUMMARY_SUMMARY_H
#define VITRAIL_COMPILER_SUMMARY_SUMMARY_H

#include "mlir/IR/BuiltinOps.h"
#include "llvm/Support/JSON.h"
#include <string>
#include <vector>

namespace vitrail {

/// What one scope of the description contributes.
struct Layer {
  std::string name;
  /// Of the scope's last value, the batch included.
  std::vector<int64_t> shape;
  /// Elements of the weights that this layer is the first to use.
  int64_t parameters = 0;
  /// Multiply-accumulates of one inference of the whole batch.
  int64_t macs = 0;
};

struct ModelSummary {
  std::string model;
  /// The scopes that have parameters or cost anything, in program order.
  std::vector<Layer> layers;
  int64_t parameters = 0;
  int64_t macs = 0;
};

/// Counts parameters (every tensor once; running statistics are none) and
/// multiply-accumulates of a model-level module.
ModelSummary summarize(mlir::ModuleOp module);

void printTable(const ModelSummary &summary, llvm::raw_ostream &os);
llvm::json::Value toJSON(const ModelSummary &summary);

} // namespace vitrail

#endif // VITRAIL_COMPILER_SUMMARY_SUMMARY_H
