//===- LayerOutputs.h - The values that leave a model's layers --*- C++ -*-===//
//
// Part of Vitrail, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef VITRAIL_COMPILER_INSPECT_LAYEROUTPUTS_H
#define VITRAIL_COMPILER_INSPECT_LAYEROUTPUTS_H

#include "dialects/vitrail/VitrailDialect.h"
#include <string>
#include <vector>

namespace vitrail {

/// What a layer gives to the rest of the model.
struct LayerOutput {
  std::string name; ///< The layer's scope, and "-1", "-2", ... if it has many.
  mlir::Value value;
};

/// The outputs of the layers of a model as described, before any pass, in the
/// order of the program.
///
/// A layer is a scope that an op has: `vit.encoder.layer.0`, but not
/// `vit.encoder`, which is but a part of names. To it belong the ops of that
/// scope and of those inside it, as far as they depend on inputs; its outputs
/// are the values of these that are used outside of it. Thus they are what a
/// framework's module of that name returns, if the scopes are its modules.
std::vector<LayerOutput> layerOutputs(mlir::func::FuncOp function);

} // namespace vitrail

#endif // VITRAIL_COMPILER_INSPECT_LAYEROUTPUTS_H
