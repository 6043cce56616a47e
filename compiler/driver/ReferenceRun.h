//===- ReferenceRun.h - The reference interpreter on a model ----*- C++ -*-===//
//
// Part of Vitrail, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef VITRAIL_COMPILER_DRIVER_REFERENCERUN_H
#define VITRAIL_COMPILER_DRIVER_REFERENCERUN_H

#include "compiler/interpreter/HostTensor.h"
#include "dialects/vitrail/VitrailDialect.h"
#include "llvm/Support/Error.h"
#include <string>
#include <vector>

namespace vitrail {

/// What `verify` runs the reference interpreter on and keeps of it.
struct ReferenceOptions {
  std::string weights;             ///< As for `--weights`.
  std::vector<std::string> inputs; ///< "NAME=FILE", or "FILE" for the only one.
  std::string dump;                ///< A folder for tensors, or empty.
  std::string dumpFilter;
};

/// The name that a port has or, by its number, gets.
std::string portName(mlir::func::FuncOp main, bool isInput, unsigned number);

/// The inputs of `main`: from the files that `options` name, and else of random
/// values as normalized inputs have.
llvm::Expected<std::vector<std::vector<float>>>
referenceInputs(mlir::func::FuncOp main, const ReferenceOptions &options);

/// The outputs of `main`, the model as described, before any pass. Writes the
/// outputs of its layers if `options` say so.
llvm::Expected<llvm::SmallVector<HostTensor>>
runReference(mlir::func::FuncOp main, llvm::ArrayRef<std::vector<float>> inputs,
             const ReferenceOptions &options);

} // namespace vitrail

#endif // VITRAIL_COMPILER_DRIVER_REFERENCERUN_H
