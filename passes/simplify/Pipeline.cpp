//===- Pipeline.cpp - The order of the simplify stage ---------------------===//
//
// Part of Vitrail, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "passes/simplify/Pipeline.h"
#include "mlir/Transforms/Passes.h"
#include "passes/simplify/Passes.h"
#include "llvm/ADT/StringExtras.h"

using namespace mlir;
using namespace vitrail;

/// The switches by the names of their passes.
static constexpr std::pair<StringLiteral, bool SimplifyOptions::*> switches[] =
    {{"raise-linears", &SimplifyOptions::raiseLinears},
     {"raise-softmax", &SimplifyOptions::raiseSoftmax},
     {"raise-mixers", &SimplifyOptions::raiseMixers},
     {"dead-tokens", &SimplifyOptions::deadTokens},
     {"pool-difference", &SimplifyOptions::poolDifference},
     {"fold-norm-scale", &SimplifyOptions::foldNormScale},
     {"fold-norm-affine", &SimplifyOptions::foldNormAffine},
     {"merge-branches", &SimplifyOptions::mergeBranches},
     {"merge-sums", &SimplifyOptions::mergeSums},
     {"fold-output-affine", &SimplifyOptions::foldOutputAffine},
     {"fold-attention-bias", &SimplifyOptions::foldAttentionBias},
     {"fold-attention-scale", &SimplifyOptions::foldAttentionScale},
     {"reassociate-attention", &SimplifyOptions::reassociateAttention},
     {"fold-embedding", &SimplifyOptions::foldEmbedding},
     {"merge-linears", &SimplifyOptions::mergeLinears},
     {"split-mixer-bias", &SimplifyOptions::splitMixerBias},
     {"sink-sample-affine", &SimplifyOptions::sinkSampleAffine},
     {"add-u8-entry", &SimplifyOptions::addU8Entry},
     {"fold-input-affine", &SimplifyOptions::foldInputAffine},
     {"gather-in-order", &SimplifyOptions::gatherInOrder},
     {"winograd", &SimplifyOptions::winograd}};

bool SimplifyOptions::disable(StringRef name) {
  for (auto [known, flag] : switches)
    if (known == name) {
      this->*flag = false;
      return true;
    }
  return false;
}

std::string SimplifyOptions::names() {
  return llvm::join(llvm::make_first_range(switches), ", ");
}

void SimplifyOptions::print(llvm::raw_ostream &os) const {
  llvm::interleave(
      switches, os,
      [&](const auto &entry) {
        os << entry.first << '=' << int(this->*entry.second);
      },
      " ");
}

static void cleanUp(OpPassManager &passes) {
  passes.addPass(createCanonicalizerPass());
  passes.addPass(createCSEPass());
}

void vitrail::buildRaisePipeline(OpPassManager &manager,
                                 const SimplifyOptions &options) {
  OpPassManager &passes = manager.nest<func::FuncOp>();
  // Constants and repeated expressions are one value, as patterns expect.
  cleanUp(passes);
  // Linears first: what a mixer looks for behind its operands are the heads
  // that a linear's features were split into.
  if (options.raiseLinears)
    passes.addPass(createRaiseLinears());
  if (options.raiseSoftmax)
    passes.addPass(createRaiseSoftmax());
  if (options.raiseMixers)
    passes.addPass(createRaiseMixers());
  // Rearrangements that cancel each other go.
  cleanUp(passes);
}

void vitrail::buildSimplifyPipeline(OpPassManager &manager,
                                    const SimplifyOptions &options) {
  OpPassManager &passes = manager.nest<func::FuncOp>();

  // One value for each weight and each repeated expression: folds ask who else
  // reads a value.
  cleanUp(passes);

  // Not an option: everything after it knows linears only, also the demand of
  // single patches.
  passes.addPass(createLowerPatchEmbed());

  // First of all optimizations, because it takes users away: the query of the
  // last block no longer reads what its keys read, and folds look at the users
  // that remain. Its slices then separate what may merge from what may not.
  if (options.deadTokens) {
    passes.addPass(createDeadTokens());
    cleanUp(passes);
  }

  // As long as the norm in front of the pool is written out.
  if (options.poolDifference)
    passes.addPass(createPoolDifference());
  // What is affine goes back into the weights that made it, where it has no
  // conditions on what is beyond the edge of a map; and what then is left, on
  // into those behind. Of the affine part of a norm come biases of keys and
  // values, which the folds of mixers drop or move on.
  if (options.foldOutputAffine)
    passes.addPass(createFoldOutputAffine());
  if (options.foldNormScale)
    passes.addPass(createFoldNormScale());
  if (options.foldNormAffine)
    passes.addPass(createFoldNormAffine());
  if (options.foldInputAffine)
    passes.addPass(createFoldInputAffine());
  // Batch norms are gone from the branches: they are filters alone.
  if (options.mergeBranches)
    passes.addPass(createMergeBranches());
  // Behind the fold of norms, which looks for linears of single tokens.
  if (options.mergeSums)
    passes.addPass(createMergeSums());
  // Sums are linears now. The folds of mixers look for linears, too.
  if (options.foldOutputAffine)
    passes.addPass(createFoldOutputAffine());
  if (options.foldAttentionBias)
    passes.addPass(createFoldAttentionBias());
  // Before merging, as long as the query has a linear of its own.
  if (options.foldAttentionScale)
    passes.addPass(createFoldAttentionScale());
  // Behind the folds, which look for the linears of keys and values, and before
  // merging makes one linear of them.
  if (options.reassociateAttention)
    passes.addPass(createReassociateAttention());
  // After all that changes biases: they join the tables behind them.
  if (options.foldEmbedding)
    passes.addPass(createFoldEmbedding());
  // Last: what reads a merged linear is a slice, no longer a linear's result.
  if (options.mergeLinears)
    passes.addPass(createMergeLinears());
  // Behind all that looks for the linears of queries, keys and values: they are
  // sliced.
  if (options.splitMixerBias)
    passes.addPass(createSplitMixerBias());
  // Behind all that looks for linears, and does not look through what this puts
  // behind them.
  if (options.sinkSampleAffine)
    passes.addPass(createSinkSampleAffine());
  cleanUp(passes);

  // Not before `@main` is what it will be: the entries share whatever is equal.
  if (options.addU8Entry)
    manager.addPass(createAddU8Entry());
  OpPassManager &entries = manager.nest<func::FuncOp>();
  // The normalization is behind the pixels, and with it gone, nothing stands
  // between them and the gathering.
  if (options.foldInputAffine)
    entries.addPass(createFoldInputAffine());
  cleanUp(entries);
  // Behind the clean-up, which makes one rearrangement of two.
  if (options.gatherInOrder)
    entries.addPass(createGatherInOrder());
  // Last: what folds into linears does not know what this makes of them.
  if (options.winograd)
    entries.addPass(createWinograd());
  cleanUp(entries);
}

namespace {
struct CommandLine : PassPipelineOptions<CommandLine> {
  CommandLine() {
    SimplifyOptions defaults;
    for (auto [name, member] : switches)
      values.push_back(std::make_unique<Option<bool>>(
          *this, name, llvm::cl::desc("whether the pass of this name runs"),
          llvm::cl::init(defaults.*member)));
  }

  SimplifyOptions options() const {
    SimplifyOptions options;
    for (auto [entry, value] : llvm::zip_equal(switches, values))
      options.*entry.second = *value;
    return options;
  }

  std::vector<std::unique_ptr<Option<bool>>> values;
};
} // namespace

void vitrail::registerSimplify() {
  registerSimplifyPasses();
  PassPipelineRegistration<CommandLine>(
      "vitrail-simplify", "The simplify stage: exact algebra on a model",
      [](OpPassManager &manager, const CommandLine &commandLine) {
        buildSimplifyPipeline(manager, commandLine.options());
      });
  PassPipelineRegistration<CommandLine>(
      "vitrail-raise", "Linears and mixers that are written out get their ops",
      [](OpPassManager &manager, const CommandLine &commandLine) {
        buildRaisePipeline(manager, commandLine.options());
      });
}
