//===- Checkpoint.h - Weights from files ------------------------*- C++ -*-===//
//
// Part of Vitrail, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// What a user passes to --weights.
//
//===----------------------------------------------------------------------===//

#ifndef VITRAIL_COMPILER_WEIGHTS_CHECKPOINT_H
#define VITRAIL_COMPILER_WEIGHTS_CHECKPOINT_H

#include "compiler/weights/WeightSource.h"

namespace vitrail {

/// Opens and validates a checkpoint:
/// - one .safetensors file;
/// - an index (model.safetensors.index.json) with the files it names beside it;
/// - a folder: its index if it has one, else model.safetensors if it has that,
///   else all its .safetensors files, in which no tensor stands twice.
llvm::Expected<std::unique_ptr<WeightSource>> openWeights(llvm::StringRef path);

/// The value of --weights: "random:SEED", or else a path for openWeights().
llvm::Expected<std::unique_ptr<WeightSource>>
parseWeightsOption(llvm::StringRef option);

} // namespace vitrail

#endif // VITRAIL_COMPILER_WEIGHTS_CHECKPOINT_H
