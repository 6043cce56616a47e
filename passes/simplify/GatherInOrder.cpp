//===- GatherInOrder.cpp - Linears read their input as it lies ------------===//
//
// Part of Vitrail, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "dialects/vitrail/Einops.h"
#include "passes/simplify/LinearWeights.h"
#include "passes/simplify/Passes.h"
#include "passes/simplify/Report.h"

namespace vitrail {
#define GEN_PASS_DEF_GATHERINORDER
#include "passes/simplify/Passes.h.inc"
} // namespace vitrail

using namespace mlir;
using namespace vitrail;

static Rearrangement resolve(RearrangeOp op) {
  return llvm::cantFail(parseRearrange(
      op.getPattern(), op.getInput().getType().getShape(), op.getSizes()));
}

namespace {

std::string group(const Rearrangement &map, ArrayRef<int64_t> axes) {
  std::string text = "(";
  for (int64_t axis : axes)
    text += (text.size() > 1 ? " " : "") + map.names[axis];
  return text + ")";
}

/// One side of a pattern: the axes of each dimension.
std::string side(const Rearrangement &map,
                 ArrayRef<std::pair<int64_t, int64_t>> dims,
                 ArrayRef<int64_t> axes) {
  std::string text;
  for (auto [begin, end] : dims)
    text +=
        (text.empty() ? "" : " ") + group(map, axes.slice(begin, end - begin));
  return text;
}

void reorder(LinearOp linear, WeightSide &weights) {
  auto rearrange = linear.getInput().getDefiningOp<RearrangeOp>();
  if (!rearrange || weights.isFrozen(rearrange) ||
      !weights.isFrozen(linear.getWeight()))
    return;
  Rearrangement map = resolve(rearrange);
  // Axes are numbered as they lie in memory.
  SmallVector<int64_t> sorted(map.permutation);
  int64_t first = map.resultAxes.back().first;
  llvm::sort(llvm::drop_begin(sorted, first));
  if (sorted == map.permutation)
    return;
  ArrayRef<int64_t> before = ArrayRef(map.permutation).drop_front(first);
  ArrayRef<int64_t> depth = ArrayRef(sorted).drop_front(first);

  OpBuilder builder(linear);
  Location loc = rearrange.getLoc();
  NamedAttrList sizes, depthSizes;
  for (auto [name, size] : llvm::zip_equal(map.names, map.splitShape))
    sizes.set(name, builder.getI64IntegerAttr(size));
  auto inOrder = llvm::to_vector(llvm::seq<int64_t>(0, map.names.size()));
  Value rows =
      RearrangeOp::create(builder, loc, rearrange.getInput(),
                          side(map, map.operandAxes, inOrder) + " -> " +
                              side(map, map.resultAxes, sorted),
                          sizes.getDictionary(builder.getContext()));
  linear.getInputMutable().assign(rows);
  for (int64_t axis : depth)
    depthSizes.set(map.names[axis], sizes.get(map.names[axis]));
  auto columns = [&](ArrayRef<int64_t> axes) {
    std::string text = group(map, axes);
    return linear.getTransposed() ? text + " n_" : "n_ " + text;
  };
  linear.getWeightMutable().assign(
      RearrangeOp::create(builder, loc, linear.getWeight(),
                          columns(before) + " -> " + columns(depth),
                          depthSizes.getDictionary(builder.getContext())));
  if (rearrange->use_empty())
    weights.erase(rearrange);
  reportApplied(linear, "gather-in-order")
      << remark::add("its depth is summed in the order {0} of what it gathers",
                     group(map, depth));
}

struct GatherInOrder : vitrail::impl::GatherInOrderBase<GatherInOrder> {
  void runOnOperation() override {
    auto &weights = getAnalysis<WeightSide>();
    getOperation().walk([&](LinearOp linear) { reorder(linear, weights); });
  }
};
} // namespace
