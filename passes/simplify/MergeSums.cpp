//===- MergeSums.cpp - One linear for a sum of two ------------------------===//
//
// Part of Vitrail, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "dialects/vitrail/Einops.h"
#include "passes/simplify/LinearWeights.h"
#include "passes/simplify/Passes.h"
#include "passes/simplify/Report.h"
#include "llvm/ADT/Sequence.h"
#include "llvm/ADT/StringExtras.h"

namespace vitrail {
#define GEN_PASS_DEF_MERGESUMS
#include "passes/simplify/Passes.h.inc"
} // namespace vitrail

using namespace mlir;
using namespace vitrail;

constexpr StringLiteral remarkName = "merge-sums";

namespace {

/// The input of a linear as a part of another value: a slice, and possibly a
/// rearrangement of it.
struct Part {
  SliceOp slice;
  RearrangeOp rearrange;

  static Part of(Value value) {
    Part part;
    part.rearrange = value.getDefiningOp<RearrangeOp>();
    part.slice = (part.rearrange ? part.rearrange.getInput() : value)
                     .getDefiningOp<SliceOp>();
    return part;
  }

  /// The map from the slice to the value.
  Rearrangement map() {
    ArrayRef<int64_t> shape = slice.getType().getShape();
    if (rearrange)
      return llvm::cantFail(
          parseRearrange(rearrange.getPattern(), shape, rearrange.getSizes()));
    std::string axes;
    for (size_t axis = 0; axis < shape.size(); ++axis)
      axes += " x" + std::to_string(axis);
    return llvm::cantFail(parseRearrange(
        axes + " -> " + axes, shape, DictionaryAttr::get(slice.getContext())));
  }
};

} // namespace

/// The axis along which `second` begins where `first` ends, both of one size.
static std::optional<int64_t> adjacentAxis(SliceOp first, SliceOp second) {
  if (first.getInput() != second.getInput() ||
      first.getSizes() != second.getSizes())
    return std::nullopt;
  std::optional<int64_t> found;
  for (auto [axis, size] : llvm::enumerate(first.getSizes())) {
    int64_t step = second.getOffsets()[axis] - first.getOffsets()[axis];
    if (step == 0)
      continue;
    if (found || step != size)
      return std::nullopt;
    found = axis;
  }
  return found;
}

/// Reads both parts at once: the features of the first, then of the second.
static Value readBoth(OpBuilder &builder, Location loc, Part first,
                      int64_t axis) {
  Box box{SmallVector<int64_t>(first.slice.getOffsets()),
          SmallVector<int64_t>(first.slice.getSizes())};
  box.sizes[axis] *= 2;
  Value both = extractBox(builder, loc, first.slice.getInput(), box);
  // The pattern of the first part with a new axis "both" on either side.
  Rearrangement map = first.map();
  NamedAttrList sizes;
  sizes.append("both", builder.getI64IntegerAttr(2));
  auto name = [](int64_t split) { return "x" + std::to_string(split); };
  for (auto [split, size] : llvm::enumerate(map.splitShape))
    sizes.append(name(split), builder.getI64IntegerAttr(size));
  SmallVector<std::string> from, to;
  auto group = [&](ArrayRef<int64_t> splits, bool isBoth) {
    SmallVector<std::string> names;
    if (isBoth)
      names.push_back("both");
    for (int64_t split : splits)
      names.push_back(name(split));
    if (names.empty())
      return std::string("1");
    std::string joined = llvm::join(names, " ");
    return names.size() == 1 ? joined : "(" + joined + ")";
  };
  auto inOrder = llvm::to_vector(llvm::seq<int64_t>(0, map.splitShape.size()));
  for (auto [dim, axes] : llvm::enumerate(map.operandAxes))
    from.push_back(
        group(ArrayRef(inOrder).slice(axes.first, axes.second - axes.first),
              int64_t(dim) == axis));
  for (auto [dim, axes] : llvm::enumerate(map.resultAxes))
    to.push_back(group(
        ArrayRef(map.permutation).slice(axes.first, axes.second - axes.first),
        dim + 1 == map.resultAxes.size()));
  return RearrangeOp::create(
      builder, loc, both, llvm::join(from, " ") + " -> " + llvm::join(to, " "),
      sizes.getDictionary(builder.getContext()));
}

static void merge(BinaryOp sum, WeightSide &weights) {
  auto first = sum.getLhs().getDefiningOp<LinearOp>();
  auto second = sum.getRhs().getDefiningOp<LinearOp>();
  if (sum.getKind() != BinaryKind::Add || !first || !second ||
      first == second || weights.isFrozen(sum.getResult()) ||
      first.getType() != second.getType())
    return;
  auto missed = [&] { return reportMissed(sum, remarkName); };
  if (!first->hasOneUse() || !second->hasOneUse()) {
    missed() << remark::reason("one of the linears is read by others too");
    return;
  }
  if (!canRewriteWeights(weights, first, second.getWeight()) ||
      !canRewriteWeights(weights, second, first.getWeight())) {
    missed() << remark::reason("the weight of a linear is computed at run time "
                               "or of another element type");
    return;
  }
  Part left = Part::of(first.getInput()), right = Part::of(second.getInput());
  std::optional<int64_t> axis;
  if (left.slice && right.slice) {
    axis = adjacentAxis(left.slice, right.slice);
    if (!axis && (axis = adjacentAxis(right.slice, left.slice))) {
      std::swap(left, right);
      std::swap(first, second);
    }
  }
  auto sameMap = [&] {
    Rearrangement a = left.map(), b = right.map();
    return a.splitShape == b.splitShape && a.permutation == b.permutation &&
           a.operandAxes == b.operandAxes && a.resultAxes == b.resultAxes;
  };
  if (!axis || !sameMap()) {
    missed() << remark::reason(
        "the linears do not read neighbouring parts of one value");
    return;
  }

  OpBuilder builder(sum);
  Location loc = builder.getFusedLoc({first.getLoc(), second.getLoc()});
  Value weight = second.getWeight();
  if (second.getTransposed() != first.getTransposed())
    weight = RearrangeOp::create(builder, loc, weight, "a b -> b a",
                                 builder.getDictionaryAttr({}));
  weight = ConcatOp::create(builder, loc, ValueRange{first.getWeight(), weight},
                            first.getTransposed() ? 0 : 1);
  Value bias = first.getBias() ? first.getBias() : second.getBias();
  if (first.getBias() && second.getBias())
    bias = BinaryOp::create(builder, loc, BinaryKind::Add, first.getBias(),
                            second.getBias());
  auto merged =
      LinearOp::create(builder, loc, readBoth(builder, loc, left, *axis),
                       weight, bias, first.getTransposed());
  reportApplied(merged, remarkName)
      << remark::add("a sum of two linears on parts of one value is one linear "
                     "of {0} inputs",
                     merged.getInputFeatures())
      << remark::metric("ops_saved", sum.getType().getNumElements());
  sum.replaceAllUsesWith(merged.getResult());
  weights.erase(sum);
}

namespace {
struct MergeSums : vitrail::impl::MergeSumsBase<MergeSums> {
  void runOnOperation() override {
    auto &weights = getAnalysis<WeightSide>();
    getOperation().walk([&](BinaryOp sum) { merge(sum, weights); });
  }
};
} // namespace
