//===- MergeLinears.cpp - One linear for those that read one value --------===//
//
// Part of Vitrail, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "dialects/vitrail/VitrailDialect.h"
#include "passes/simplify/LinearWeights.h"
#include "passes/simplify/Passes.h"
#include "passes/simplify/Report.h"
#include "llvm/ADT/MapVector.h"

namespace vitrail {
#define GEN_PASS_DEF_MERGELINEARS
#include "passes/simplify/Passes.h.inc"
} // namespace vitrail

using namespace mlir;
using namespace vitrail;

constexpr StringLiteral remarkName = "merge-linears";

/// Whether `linear` can join others; a remark says why not.
static bool canJoin(LinearOp linear, LinearOp first, WeightSide &weights) {
  auto missed = [&] { return reportMissed(linear, remarkName); };
  if (!canRewriteWeights(weights, linear, first.getWeight())) {
    missed() << remark::reason(
        "the weight is computed at run time or of another element type");
    return false;
  }
  // A part of a result has no epilogue of its own.
  if (linear.getResult().hasOneUse() &&
      isa<UnaryOp>(*linear.getResult().user_begin())) {
    missed() << remark::reason(
        "alone, it computes the function behind it as well");
    return false;
  }
  // Results are laid out in panels: only whole panels can be read in place.
  if (linear.getOutputFeatures() % panelWidth) {
    missed() << remark::reason("{0} output features are no multiple of {1}, so "
                               "that the parts would have to be copied",
                               linear.getOutputFeatures(), panelWidth);
    return false;
  }
  return true;
}

static Value concatBiases(OpBuilder &builder, Location loc,
                          ArrayRef<LinearOp> parts) {
  if (llvm::none_of(parts, [](LinearOp part) { return part.getBias(); }))
    return {};
  SmallVector<Value> biases;
  for (LinearOp part : parts) {
    Value bias = part.getBias();
    if (!bias) {
      Value zero = buildScalar(
          builder, loc, part.getWeight().getType().getElementType(), 0.0);
      bias = BroadcastOp::create(builder, loc, zero, part.getOutputFeatures());
    }
    biases.push_back(bias);
  }
  return ConcatOp::create(builder, loc, biases, 0);
}

static void merge(ArrayRef<LinearOp> parts, WeightSide &weights) {
  LinearOp first = parts.front();
  OpBuilder builder(first);
  SmallVector<Location> locations;
  SmallVector<Value> matrices;
  for (LinearOp part : parts) {
    // Weights may be declared later than the first part; nothing but weights
    // stands before them.
    weights.hoist(part.getWeight(), first);
    if (part.getBias())
      weights.hoist(part.getBias(), first);
    locations.push_back(part.getLoc());
    Value matrix = part.getWeight();
    if (part.getTransposed() != first.getTransposed())
      matrix = RearrangeOp::create(builder, part.getLoc(), matrix, "a b -> b a",
                                   builder.getDictionaryAttr({}));
    matrices.push_back(matrix);
  }
  Location loc = builder.getFusedLoc(locations);
  Value weight =
      ConcatOp::create(builder, loc, matrices, first.getTransposed() ? 1 : 0);
  auto merged = LinearOp::create(builder, loc, first.getInput(), weight,
                                 concatBiases(builder, loc, parts),
                                 first.getTransposed());
  Box box = Box::all(merged.getResult().getType());
  box.sizes.back() = 0;
  for (LinearOp part : parts) {
    box.offsets.back() += box.sizes.back();
    box.sizes.back() = part.getOutputFeatures();
    part.replaceAllUsesWith(
        extractBox(builder, part.getLoc(), merged.getResult(), box));
  }
  auto input = cast<RankedTensorType>(first.getInput().getType());
  int64_t bytes = input.getNumElements() * input.getElementTypeBitWidth() / 8;
  reportApplied(merged, remarkName)
      << remark::add("{0} linears that read one value are one of {1} features",
                     parts.size(), merged.getOutputFeatures())
      << remark::metric("bytes_saved", int64_t(parts.size() - 1) * bytes);
  for (LinearOp part : parts)
    weights.erase(part);
}

namespace {
struct MergeLinears : vitrail::impl::MergeLinearsBase<MergeLinears> {
  void runOnOperation() override {
    auto &weights = getAnalysis<WeightSide>();
    using Key = std::pair<Block *, Value>;
    llvm::MapVector<Key, SmallVector<LinearOp>> groups;
    getOperation().walk([&](LinearOp linear) {
      if (!weights.isFrozen(linear.getInput()))
        groups[{linear->getBlock(), linear.getInput()}].push_back(linear);
    });
    for (auto &[key, group] : groups) {
      if (group.size() < 2)
        continue;
      LinearOp first = group.front();
      llvm::erase_if(group, [&](LinearOp linear) {
        return !canJoin(linear, first, weights);
      });
      if (group.size() >= 2)
        merge(group, weights);
    }
  }
};
} // namespace
