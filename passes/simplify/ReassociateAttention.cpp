//===- ReassociateAttention.cpp - Attention on what keys are made of ------===//
//
// Part of Vitrail, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "passes/simplify/LinearWeights.h"
#include "passes/simplify/Passes.h"
#include "passes/simplify/Report.h"

namespace vitrail {
#define GEN_PASS_DEF_REASSOCIATEATTENTION
#include "passes/simplify/Passes.h.inc"
} // namespace vitrail

using namespace mlir;
using namespace vitrail;

constexpr StringLiteral remarkName = "reassociate-attention";

namespace {

/// One mixer with H heads whose keys are X Wkᵀ and whose values are Y Wvᵀ, and
/// the mixer with one head on X and Y that can take its place.
class Reassociation {
public:
  Reassociation(MixerOpInterface mixer, WeightSide &weights)
      : mixer(mixer), weights(weights),
        key(mixer.getKeyOperand().get().getDefiningOp<LinearOp>()),
        value(mixer.getValueOperand().get().getDefiningOp<LinearOp>()) {}

  /// Why the mixer cannot be replaced; empty if it can.
  std::string obstacle() {
    if (!key || !value)
      return "keys and values are not both the results of linears";
    if (!canRewriteWeights(weights, key, query()) ||
        !canRewriteWeights(weights, value, query()))
      return "the weights of keys and values are computed at run time or of "
             "another element type";
    if (!mixer.isRowStochastic())
      return "rows of scores do not sum to one";
    // A single causal query is the last one and sees all keys.
    if (mixer.getMaskKind() != MaskKind::None && queries() != 1)
      return "the mask tells queries apart, which become rows of all heads";
    return {};
  }

  /// Multiply-accumulates of the mixer and of what only it reads.
  int64_t costNow() {
    auto own = [&](LinearOp linear) {
      bool spared = !weights.isFrozen(linear.getResult()) &&
                    llvm::all_of(linear->getUsers(), [&](Operation *user) {
                      return user == mixer;
                    });
      return spared ? linear.getMacs() : 0;
    };
    int64_t cost = cast<CostOpInterface>(*mixer).getMacs() + own(key);
    if (value != key)
      cost += own(value);
    return cost;
  }

  /// Multiply-accumulates of what takes its place.
  int64_t costThen() {
    int64_t rows = ShapedType::getNumElements(query().getType().getShape());
    rows /= query().getType().getShape().back();
    int64_t perRow = (key.getInputFeatures() + value.getInputFeatures()) *
                         mixer.getHeadCount() * keys() +
                     value.getInputFeatures() * value.getOutputFeatures();
    if (!weights.isFrozen(query()))
      perRow += key.getInputFeatures() * key.getOutputFeatures();
    return rows * perRow;
  }

  MixerOpInterface apply();

private:
  using Tensor = TypedValue<RankedTensorType>;

  Tensor query() { return cast<Tensor>(mixer.getQueryOperand().get()); }
  int64_t rank() { return query().getType().getRank(); }
  int64_t queries() { return query().getType().getDimSize(rank() - 2); }
  int64_t keys() { return key.getType().getDimSize(rank() - 2); }

  /// Sizes of the axes in patterns that a shape leaves open.
  DictionaryAttr sizes(Builder &builder) {
    NamedAttrList list;
    list.append("h", builder.getI64IntegerAttr(mixer.getHeadCount()));
    list.append("m", builder.getI64IntegerAttr(queries()));
    for (auto [axis, size] :
         llvm::enumerate(query().getType().getShape().drop_back(2)))
      list.append("x" + std::to_string(axis), builder.getI64IntegerAttr(size));
    return list.getDictionary(builder.getContext());
  }

  Value rearrange(OpBuilder &builder, Value value, const Twine &pattern) {
    return RearrangeOp::create(builder, mixer.getLoc(), value, pattern.str(),
                               sizes(builder));
  }

  /// The weight of a linear whose features are those of heads, as a matrix for
  /// each head. `axes` says which, with the features d and the inputs c.
  Value byHeads(OpBuilder &builder, LinearOp linear, StringRef axes) {
    StringRef stored = linear.getTransposed() ? "c (h d)" : "(h d) c";
    return RearrangeOp::create(
        builder, linear.getLoc(), linear.getWeight(),
        (stored + " -> h " + axes).str(),
        builder.getDictionaryAttr(builder.getNamedAttr(
            "h", builder.getI64IntegerAttr(mixer.getHeadCount()))));
  }

  MixerOpInterface mixer;
  WeightSide &weights;
  LinearOp key, value;
};

} // namespace

/// Scores q_h · (X Wk_hᵀ) are (q_h Wk_h) · X, and results P_h (Y Wv_hᵀ) are
/// (P_h Y) Wv_hᵀ: all heads meet the same X and Y, as queries of one head.
MixerOpInterface Reassociation::apply() {
  OpBuilder builder(mixer);
  Location loc = mixer.getLoc();
  std::string batch;
  for (int64_t axis = 0; axis < rank() - 2; ++axis)
    batch += "x" + std::to_string(axis) + " ";
  std::string rows = "(" + batch + "m)", tokens = batch + "m",
              all = batch + "(m h) c";

  Value apart =
      rearrange(builder, query(), tokens + " (h d) -> " + rows + " h d");
  Value turned =
      EinsumOp::create(builder, loc, "rhd,hdc->rhc",
                       ValueRange{apart, byHeads(builder, key, "d c")});
  Value query = rearrange(builder, turned, rows + " h c -> " + all);

  Value bias = mixer.getScoreBias();
  if (bias) {
    // [..., H or 1, M or 1, N or 1] becomes [..., 1, M · H, N or 1].
    auto type = cast<RankedTensorType>(bias.getType());
    SmallVector<int64_t> shape(type.getShape());
    shape.insert(shape.begin(), std::max<int64_t>(3 - type.getRank(), 0), 1);
    int64_t heads = shape.size() - 3;
    shape[heads] = mixer.getHeadCount();
    shape[heads + 1] = queries();
    std::string before;
    for (int64_t axis = 0; axis < heads; ++axis)
      before += "y" + std::to_string(axis) + " ";
    bias = BroadcastOp::create(builder, loc, bias, shape);
    bias = RearrangeOp::create(builder, loc, bias,
                               before + "h m n -> " + before + "1 (m h) n",
                               builder.getDictionaryAttr({}));
  }
  auto mixed = CrossAttentionOp::create(
      builder, loc, query, key.getInput(), value.getInput(), bias,
      /*heads=*/1, APFloat(mixer.getScoreScale()), MaskKind::None,
      mixer.isBase2());

  Value weighted =
      rearrange(builder, mixed.getResult(), all + " -> " + rows + " h c");
  Value out =
      EinsumOp::create(builder, loc, "rhc,hcd->rhd",
                       ValueRange{weighted, byHeads(builder, value, "c d")});
  out = rearrange(builder, out, rows + " h d -> " + tokens + " (h d)");
  // A bias of keys adds the same to all scores of a row, which the activation
  // ignores; one of values arrives as it is.
  if (value.getBias())
    out = BinaryOp::create(builder, loc, BinaryKind::Add, out, value.getBias());
  mixer->getResult(0).replaceAllUsesWith(out);
  weights.erase(mixer);
  return mixed;
}

namespace {
struct ReassociateAttention
    : vitrail::impl::ReassociateAttentionBase<ReassociateAttention> {
  void runOnOperation() override {
    auto &weights = getAnalysis<WeightSide>();
    SmallVector<MixerOpInterface> mixers;
    int64_t before = runtimeMacs(getOperation()), saved = 0;
    getOperation().walk(
        [&](MixerOpInterface mixer) { mixers.push_back(mixer); });
    for (MixerOpInterface mixer : mixers)
      saved += run(mixer, weights);
    if (saved > 0)
      reportApplied(getOperation(), remarkName)
          << remark::add("saves {0:N} of {1:N} multiply-accumulates ({2:F2} %)",
                         saved, before, 100.0 * saved / before)
          << remark::metric("macs_saved", saved);
  }

private:
  /// Replaces one mixer where that saves work; gives the saved.
  static int64_t run(MixerOpInterface mixer, WeightSide &weights) {
    Reassociation reassociation(mixer, weights);
    std::string obstacle = reassociation.obstacle();
    if (!obstacle.empty()) {
      reportMissed(mixer, remarkName) << remark::reason("{0}", obstacle);
      return 0;
    }
    int64_t now = reassociation.costNow(), then = reassociation.costThen();
    if (then >= now) {
      reportMissed(mixer, remarkName) << remark::reason(
          "on what keys and values are made of it would take {0:N} "
          "multiply-accumulates, with them {1:N}",
          then, now);
      return 0;
    }
    MixerOpInterface mixed = reassociation.apply();
    reportApplied(mixed, remarkName)
        << remark::add("attends to what keys and values are made of: {0:N} "
                       "multiply-accumulates instead of {1:N}",
                       then, now)
        << remark::metric("macs_saved", now - then);
    return now - then;
  }
};
} // namespace
