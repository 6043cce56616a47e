//===- SimplifyPass.td - What all passes of the stage are ------*- tablegen -*-===//
//
// Part of Vitrail, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef VITRAIL_PASSES_SIMPLIFY_SIMPLIFYPASS_TD
#define VITRAIL_PASSES_SIMPLIFY_SIMPLIFYPASS_TD

include "mlir/Pass/PassBase.td"

class Vitrail_SimplifyPass<string name>
    : Pass<"vitrail-" # name, "::mlir::func::FuncOp"> {
  let dependentDialects = ["::vitrail::VitrailDialect"];
}

#endif // VITRAIL_PASSES_SIMPLIFY_SIMPLIFYPASS_TD
