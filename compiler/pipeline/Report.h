//===- Report.h - Which optimizations applied -------------------*- C++ -*-===//
//
// Part of Vitrail, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef VITRAIL_COMPILER_PIPELINE_REPORT_H
#define VITRAIL_COMPILER_PIPELINE_REPORT_H

#include "mlir/IR/MLIRContext.h"
#include "llvm/Support/raw_ostream.h"
#include <memory>
#include <string>
#include <vector>

namespace vitrail {

/// Collects the remarks of all passes: what applied, with its saving, and what
/// did not, with the reason.
class Report {
public:
  /// Attaches to `context`, which must outlive the compilation alone.
  static std::shared_ptr<Report> attach(mlir::MLIRContext &context);

  struct Entry {
    bool applied;
    std::string category, name, message, place;
  };
  std::vector<Entry> entries;

  /// Prints entries of one kind and text as one line with all their places.
  void print(llvm::raw_ostream &os) const;
};

} // namespace vitrail

#endif // VITRAIL_COMPILER_PIPELINE_REPORT_H
