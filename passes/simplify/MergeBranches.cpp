//===- MergeBranches.cpp - One filter for a sum of branches ---------------===//
//
// Part of Vitrail, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "passes/simplify/LinearWeights.h"
#include "passes/simplify/Passes.h"
#include "passes/simplify/Report.h"
#include "llvm/ADT/Sequence.h"
#include "llvm/ADT/StringExtras.h"

namespace vitrail {
#define GEN_PASS_DEF_MERGEBRANCHES
#include "passes/simplify/Passes.h.inc"
} // namespace vitrail

using namespace mlir;
using namespace vitrail;

namespace {

constexpr StringLiteral remarkName = "merge-branches";

/// A term of a sum as a filter over `source`: a convolution, dense or
/// depthwise, a linear, or the value itself, maybe with factors.
struct Branch {
  Value term, source;
  AffineOp op;                  // null: the value itself
  Value factor;                 // of the value itself, frozen; or null
  std::optional<Window> window; // absent: each place is its own window
  bool tried = false;           // as what others merge into

  int64_t taps() const { return window ? window->taps() : 1; }
};

/// Taps of zeros around a smaller filter that make it a larger one.
struct Margins {
  SmallVector<int64_t, 2> before, behind;
};

/// Where the taps of `part` lie among those of `whole`, if all do.
std::optional<Margins> marginsOf(const Window &whole, const Branch &part) {
  Margins margins;
  for (int64_t axis = 0; axis < whole.rank(); ++axis) {
    int64_t kernel = part.window ? part.window->kernel[axis] : 1;
    int64_t stride = part.window ? part.window->strides[axis] : 1;
    int64_t dilation = part.window ? part.window->dilations[axis] : 1;
    int64_t pad = part.window ? part.window->padBefore(axis) : 0;
    int64_t step = whole.dilations[axis];
    int64_t shift = whole.padBefore(axis) - pad;
    int64_t behind = whole.kernel[axis] - kernel - shift / step;
    if (stride != whole.strides[axis] || (kernel > 1 && dilation != step) ||
        shift < 0 || shift % step != 0 || behind < 0)
      return std::nullopt;
    margins.before.push_back(shift / step);
    margins.behind.push_back(behind);
  }
  return margins;
}

/// One sum, flattened.
class Merge {
public:
  Merge(BinaryOp root, WeightSide &weights) : root(root), weights(weights) {}

  void run() {
    addTerms(root.getLhs());
    addTerms(root.getRhs());
    // The largest filters first: the others find their taps in them.
    SmallVector<Branch *> bases;
    for (Branch &branch : branches)
      if (branch.op)
        bases.push_back(&branch);
    llvm::stable_sort(
        bases, [](Branch *a, Branch *b) { return a->taps() > b->taps(); });
    for (Branch *base : bases) {
      base->tried = true;
      if (base->term)
        mergeInto(*base);
    }
    if (merged)
      rebuild();
  }

private:
  /// The terms of `value`, through sums that nothing else reads.
  void addTerms(Value value) {
    auto sum = value.getDefiningOp<BinaryOp>();
    if (sum && sum.getKind() == BinaryKind::Add && value.hasOneUse() &&
        !weights.isFrozen(value) && sum.getType() == root.getType()) {
      addTerms(sum.getLhs());
      addTerms(sum.getRhs());
      return;
    }
    branches.push_back(parse(value));
  }

  Branch parse(Value value) {
    Branch branch;
    branch.term = branch.source = value;
    if (weights.isFrozen(value) || value.getType() != root.getType()) {
      branch.source = {};
      return branch;
    }
    if (!value.hasOneUse())
      return branch;
    if (AffineOp op = AffineOp::from(value.getDefiningOp())) {
      branch.op = op;
      branch.source = op.getInput();
      if (DepthwiseConvOp conv = op.asDepthwise())
        branch.window = conv.getWindow();
      else if (auto unfold = op.getInput().getDefiningOp<UnfoldOp>()) {
        branch.source = unfold.getInput();
        branch.window = unfold.getWindow();
      }
      return branch;
    }
    auto product = value.getDefiningOp<BinaryOp>();
    if (!product || product.getKind() != BinaryKind::Mul)
      return branch;
    bool left = weights.isFrozen(product.getLhs());
    Value factor = left ? product.getLhs() : product.getRhs();
    Value source = left ? product.getRhs() : product.getLhs();
    if (weights.isFrozen(factor) && variesByFeature(typeOf(factor)) &&
        source.getType() == value.getType()) {
      branch.source = source;
      branch.factor = factor;
    }
    return branch;
  }

  /// Whether `part` can be a part of `base`, a different term of the sum.
  std::optional<Margins> fits(const Branch &base, const Branch &part) {
    if (!part.term || part.tried || part.source != base.source)
      return std::nullopt;
    auto missed = [&](StringRef reason) {
      if (part.op)
        reportMissed(part.op, remarkName) << remark::reason("{0}", reason);
      return std::nullopt;
    };
    bool isDepthwise = bool(base.op.asDepthwise());
    if (part.op && bool(part.op.asDepthwise()) != isDepthwise)
      return missed("one branch is depthwise and another is not");
    if (!canRewriteWeights(weights, base.op) ||
        (part.op &&
         !canRewriteWeights(weights, part.op, base.op.getWeight())) ||
        !haveOneElementType(
            {base.op.getWeight(), part.factor, root.getResult()}))
      return missed("the weight of a branch is computed at run time or of "
                    "another element type");
    if (!base.window)
      return part.window ? std::nullopt : std::optional(Margins());
    if (part.window && part.window->rank() != base.window->rank())
      return missed("windows slide along different axes");
    auto margins = marginsOf(*base.window, part);
    if (!margins)
      return missed("the taps of the smaller window are none of the larger: "
                    "strides, centres or dilations differ");
    return margins;
  }

  void mergeInto(Branch &base) {
    SmallVector<std::pair<Branch *, Margins>> parts;
    for (Branch &part : branches)
      if (&part != &base)
        if (auto margins = fits(base, part))
          parts.push_back({&part, *margins});
    if (parts.empty())
      return;
    OpBuilder builder(root);
    SmallVector<Location> locations = {base.op->getLoc()};
    for (auto &[part, margins] : parts)
      locations.push_back(part->term.getLoc());
    Location loc = builder.getFusedLoc(locations);
    Value filter = filterOf(builder, loc, base, base.op);
    Value bias = base.op.getBias();
    int64_t macs = 0;
    for (auto &[part, margins] : parts) {
      Value small = filterOf(builder, loc, *part, base.op);
      for (auto [axis, count] : llvm::enumerate(margins.before))
        small = pad(builder, loc, small, filterAxis(base.op) + axis, count,
                    margins.behind[axis]);
      filter = BinaryOp::create(builder, loc, BinaryKind::Add, filter, small);
      if (!part->op)
        continue;
      macs +=
          cast<CostOpInterface>(static_cast<Operation *>(part->op)).getMacs();
      Value other = part->op.getBias();
      bias = bias && other ? Value(BinaryOp::create(
                                 builder, loc, BinaryKind::Add, bias, other))
                           : (bias ? bias : other);
    }
    Value result;
    if (DepthwiseConvOp conv = base.op.asDepthwise()) {
      result = DepthwiseConvOp::create(builder, loc, conv.getInput(), filter,
                                       bias, conv.getStrides(), conv.getPads(),
                                       conv.getDilations());
    } else {
      filter = RearrangeOp::create(builder, loc, filter,
                                   "n " + tapNames(base) + "c -> n (" +
                                       tapNames(base) + "c)",
                                   builder.getDictionaryAttr({}));
      result = LinearOp::create(builder, loc, base.op.getInput(), filter, bias);
    }
    std::string size =
        base.window ? shapeString(base.window->kernel) : std::string("[1]");
    reportApplied(result.getDefiningOp(), remarkName)
        << remark::add("{0} branches are one filter of {1}", parts.size() + 1,
                       size)
        << remark::metric("macs_saved", macs)
        << remark::metric("ops_saved", int64_t(parts.size()) *
                                           root.getType().getNumElements());
    for (auto &[part, margins] : parts)
      part->term = {};
    base.term = result;
    base.op = {};
    base.source = {};
    merged = true;
  }

  /// The first axis of taps in a filter [taps.., C], or [N, taps.., C].
  static int64_t filterAxis(AffineOp base) {
    return base.asDepthwise() ? 0 : 1;
  }

  static std::string tapNames(const Branch &branch) {
    std::string names;
    for (int64_t axis = 0; branch.window && axis < branch.window->rank();
         ++axis)
      names += "k" + std::to_string(axis) + " ";
    return names;
  }

  /// The filter of a branch that is to be added to that of `base`: taps and
  /// channels, for dense ones with an axis of results in front.
  Value filterOf(OpBuilder &builder, Location loc, const Branch &branch,
                 AffineOp base) {
    std::string ones;
    for (int64_t axis = 0; axis < baseRank(base); ++axis)
      ones += "1 ";
    if (!branch.op)
      return identityFilter(builder, loc, branch, base, ones);
    LinearOp linear = branch.op.asLinear();
    if (!linear)
      return branch.op.getWeight();
    NamedAttrList sizes;
    if (branch.window)
      for (auto [axis, size] : llvm::enumerate(branch.window->kernel))
        sizes.set("k" + std::to_string(axis), builder.getI64IntegerAttr(size));
    std::string taps = tapNames(branch), inputs = "(" + taps + "c)";
    return RearrangeOp::create(
        builder, loc, linear.getWeight(),
        (linear.getTransposed() ? inputs + " n" : "n " + inputs) + " -> n " +
            (branch.window ? taps : ones) + "c",
        sizes.getDictionary(builder.getContext()));
  }

  /// Ones, or the factors, at the only tap: for each channel, or for each
  /// result at its own channel.
  Value identityFilter(OpBuilder &builder, Location loc, const Branch &branch,
                       AffineOp base, const std::string &ones) {
    DictionaryAttr none = builder.getDictionaryAttr({});
    int64_t channels = base.getOutputFeatures();
    Type type = base.getType().getElementType();
    Value factors = branch.factor ? asVector(builder, branch.factor)
                                  : buildScalar(builder, loc, type, 1);
    if (base.asDepthwise()) {
      Value row = BroadcastOp::create(builder, loc, factors, channels);
      return RearrangeOp::create(builder, loc, row, "c -> " + ones + "c", none);
    }
    Value numbers =
        RangeOp::create(builder, loc, RankedTensorType::get(channels, type),
                        APFloat(0.0), APFloat(1.0));
    Value column = RearrangeOp::create(builder, loc, numbers, "n -> n 1", none);
    Value filter =
        BinaryOp::create(builder, loc, BinaryKind::Eq, column, numbers);
    if (branch.factor)
      filter = BinaryOp::create(builder, loc, BinaryKind::Mul, filter, factors);
    return RearrangeOp::create(builder, loc, filter, "n c -> n " + ones + "c",
                               none);
  }

  /// Spatial axes of the base's window.
  static int64_t baseRank(AffineOp base) {
    if (DepthwiseConvOp conv = base.asDepthwise())
      return conv.getWindow().rank();
    auto unfold = base.getInput().getDefiningOp<UnfoldOp>();
    return unfold ? unfold.getWindow().rank() : 0;
  }

  static Value pad(OpBuilder &builder, Location loc, Value filter, int64_t axis,
                   int64_t before, int64_t behind) {
    SmallVector<Value> parts;
    auto zeros = [&](int64_t count) {
      if (count == 0)
        return;
      SmallVector<int64_t> shape(typeOf(filter).getShape());
      shape[axis] = count;
      Value zero =
          buildScalar(builder, loc, typeOf(filter).getElementType(), 0);
      parts.push_back(BroadcastOp::create(builder, loc, zero, shape));
    };
    zeros(before);
    parts.push_back(filter);
    zeros(behind);
    return parts.size() == 1
               ? filter
               : Value(ConcatOp::create(builder, loc, parts, axis));
  }

  /// The sum of what is left.
  void rebuild() {
    OpBuilder builder(root);
    Value sum;
    for (Branch &branch : branches) {
      if (!branch.term)
        continue;
      sum = sum ? Value(BinaryOp::create(builder, root.getLoc(),
                                         BinaryKind::Add, sum, branch.term))
                : branch.term;
    }
    root.replaceAllUsesWith(sum);
    weights.erase(root);
  }

  BinaryOp root;
  WeightSide &weights;
  SmallVector<Branch> branches;
  bool merged = false;
};

struct MergeBranches : vitrail::impl::MergeBranchesBase<MergeBranches> {
  void runOnOperation() override {
    auto &weights = getAnalysis<WeightSide>();
    // Only whole sums: their last op, on which no other of them ends.
    SmallVector<BinaryOp> sums;
    getOperation().walk([&](BinaryOp op) {
      if (op.getKind() == BinaryKind::Add && !weights.isFrozen(op.getResult()))
        sums.push_back(op);
    });
    llvm::erase_if(sums, [](BinaryOp op) {
      if (!op->hasOneUse())
        return false;
      auto user = dyn_cast<BinaryOp>(*op->user_begin());
      return user && user.getKind() == BinaryKind::Add &&
             user.getType() == op.getType();
    });
    for (BinaryOp sum : sums)
      Merge(sum, weights).run();
  }
};

} // namespace
