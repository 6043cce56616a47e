//===- Reporter.h - Places and messages of a description --------*- C++ -*-===//
//
// Part of Vitrail, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef VITRAIL_COMPILER_FRONTEND_REPORTER_H
#define VITRAIL_COMPILER_FRONTEND_REPORTER_H

#include "mlir/IR/Diagnostics.h"
#include "llvm/ADT/StringRef.h"
#include "llvm/Support/SourceMgr.h"

namespace vitrail::frontend {

/// Turns places in source buffers into MLIR locations, and reports there. What
/// is reported goes through MLIR's diagnostic engine: who prints it (with the
/// line and a caret: mlir::SourceMgrDiagnosticHandler) is the caller's choice.
class Reporter {
public:
  Reporter(mlir::MLIRContext &context, llvm::SourceMgr &sources)
      : context(context), sources(sources) {}

  mlir::Location locate(llvm::SMLoc loc) const;
  mlir::InFlightDiagnostic error(llvm::SMLoc loc) const {
    return mlir::emitError(locate(loc));
  }
  /// Whether `loc` lies in buffer `id`.
  bool inBuffer(llvm::SMLoc loc, unsigned id) const {
    return sources.FindBufferContainingLoc(loc) == id;
  }

private:
  mlir::MLIRContext &context;
  llvm::SourceMgr &sources;
};

/// "; did you mean 'x'?" for the candidate nearest to `name`, or nothing if
/// none is near.
std::string didYouMean(llvm::StringRef name,
                       llvm::ArrayRef<llvm::StringRef> candidates);

} // namespace vitrail::frontend

#endif // VITRAIL_COMPILER_FRONTEND_REPORTER_H
