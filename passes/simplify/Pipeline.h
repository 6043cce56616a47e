//===- Pipeline.h - The order of the simplify stage ----------- -*- C++ -*-===//
//
// Part of Vitrail, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef VITRAIL_PASSES_SIMPLIFY_PIPELINE_H
#define VITRAIL_PASSES_SIMPLIFY_PIPELINE_H

#include "mlir/Pass/PassManager.h"

namespace vitrail {

/// Which optimizations run. All are exact in real arithmetic; one is switched
/// off to measure it, or to find out whether an error is its own.
struct SimplifyOptions {
  bool raiseLinears = true;
  bool raiseSoftmax = true;
  bool raiseMixers = true;
  bool deadTokens = true;
  bool poolDifference = true;
  bool foldNormScale = true;
  bool foldNormAffine = true;
  bool mergeBranches = true;
  bool mergeSums = true;
  bool foldOutputAffine = true;
  bool foldAttentionBias = true;
  bool foldAttentionScale = true;
  bool reassociateAttention = true;
  bool foldEmbedding = true;
  bool mergeLinears = true;
  bool splitMixerBias = true;
  bool sinkSampleAffine = true;
  bool addU8Entry = true;
  bool foldInputAffine = true;
  bool gatherInOrder = true;
  bool winograd = true;

  /// Switches the optimization called `name` off; false if there is none.
  bool disable(llvm::StringRef name);
  /// All names, separated by commas.
  static std::string names();
  /// As the pipeline `vitrail-simplify` reads it: "dead-tokens=1 ...".
  void print(llvm::raw_ostream &os) const;
};

/// Adds what comes before everything else, which knows named ops only: einsums
/// and elementwise ops that spell a linear, a softmax or a mixer become one.
void buildRaisePipeline(mlir::OpPassManager &manager,
                        const SimplifyOptions &options);
/// Adds the stage to the pass manager of a module.
void buildSimplifyPipeline(mlir::OpPassManager &manager,
                           const SimplifyOptions &options);

/// Makes passes and pipeline known to `vitrail-opt`.
void registerSimplify();

} // namespace vitrail

#endif // VITRAIL_PASSES_SIMPLIFY_PIPELINE_H
