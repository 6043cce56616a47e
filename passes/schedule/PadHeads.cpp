//===- PadHeads.cpp - Widens heads to whole panels ------------------------===//
//
// Part of Vitrail, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "mlir/IR/Remarks.h"
#include "passes/schedule/Passes.h"
#include "passes/simplify/WeightSide.h"
#include "llvm/Support/MathExtras.h"

namespace vitrail {
#define GEN_PASS_DEF_PADHEADSPASS
#include "passes/schedule/Passes.h.inc"
} // namespace vitrail

using namespace mlir;
using namespace vitrail;

namespace {

/// The patterns of `axis` of `value` with heads and their features merged and
/// apart: "x0 (h d)" and "x0 h d".
std::pair<std::string, std::string> headPatterns(Value value, int64_t axis) {
  std::string merged, split;
  int64_t rank = cast<RankedTensorType>(value.getType()).getRank();
  for (int64_t dim = 0; dim < rank; ++dim) {
    std::string name = "x" + std::to_string(dim);
    StringRef gap = dim ? " " : "";
    merged += (gap + (dim == axis ? "(h d)" : name)).str();
    split += (gap + (dim == axis ? "h d" : name)).str();
  }
  return {merged, split};
}

/// Gives each of `heads` heads along `axis` of `value` `size` features: zeros
/// are added, or the last ones left out.
Value resizeHeads(OpBuilder &builder, Location loc, Value value, int64_t axis,
                  int64_t heads, int64_t size) {
  auto type = cast<RankedTensorType>(value.getType());
  auto [merged, split] = headPatterns(value, axis);
  auto sizes = builder.getDictionaryAttr(
      builder.getNamedAttr("h", builder.getI64IntegerAttr(heads)));
  Value apart =
      RearrangeOp::create(builder, loc, value, merged + " -> " + split, sizes);
  SmallVector<int64_t> shape(
      cast<RankedTensorType>(apart.getType()).getShape());
  int64_t missing = size - shape[axis + 1];
  if (missing < 0) {
    shape[axis + 1] = size;
    apart = SliceOp::create(builder, loc, apart,
                            SmallVector<int64_t>(shape.size(), 0), shape);
  } else {
    shape[axis + 1] = missing;
    Value zeros = arith::ConstantOp::create(
        builder, loc,
        DenseElementsAttr::get(
            type.clone(shape),
            builder.getFloatAttr(type.getElementType(), 0.0)));
    apart = ConcatOp::create(builder, loc, ValueRange{apart, zeros}, axis + 1);
  }
  return RearrangeOp::create(builder, loc, apart, split + " -> " + merged,
                             builder.getDictionaryAttr({}));
}

/// The linear with frozen weights whose result only `operand` reads.
LinearOp soleLinear(OpOperand &operand, WeightSide &weightSide) {
  auto linear = operand.get().getDefiningOp<LinearOp>();
  return linear && linear->hasOneUse() &&
                 weightSide.isFrozen(linear.getWeight())
             ? linear
             : nullptr;
}

class PadHeadsPass : public vitrail::impl::PadHeadsPassBase<PadHeadsPass> {
public:
  using PadHeadsPassBase::PadHeadsPassBase;

  void runOnOperation() override {
    SmallVector<MixerOpInterface> mixers;
    getOperation().walk([&](MixerOpInterface op) { mixers.push_back(op); });
    WeightSide weightSide(getOperation());
    for (MixerOpInterface mixer : mixers)
      pad(mixer, weightSide);
  }

private:
  static int64_t headSize(Value value, int64_t heads) {
    return cast<RankedTensorType>(value.getType()).getShape().back() / heads;
  }

  /// The type of `value` with another number of features.
  static RankedTensorType withFeatures(Value value, int64_t features) {
    auto type = cast<RankedTensorType>(value.getType());
    SmallVector<int64_t> shape(type.getShape());
    shape.back() = features;
    return type.clone(shape);
  }

  void pad(MixerOpInterface mixer, WeightSide &weightSide) {
    int64_t heads = mixer.getHeadCount();
    OpOperand *features[] = {&mixer.getQueryOperand(), &mixer.getKeyOperand(),
                             &mixer.getValueOperand()};
    int64_t odd = 0; // the size of heads that are no whole panels
    for (OpOperand *operand : features)
      if (int64_t size = headSize(operand->get(), heads);
          size % panelWidth != 0)
        odd = size;
    if (!odd)
      return;
    Value result = mixer->getResult(0);
    bool copies = false;
    for (OpOperand *operand : features)
      copies |= widen(*operand, heads, weightSide);
    int64_t before = headSize(result, heads);
    int64_t size = headSize(features[2]->get(), heads);
    result.setType(withFeatures(result, heads * size));
    if (before != size)
      copies |= narrow(result, heads, before, size);
    std::string text = ("heads of " + Twine(odd) + " features widened to " +
                        Twine(llvm::alignTo(odd, panelWidth)))
                           .str();
    auto options = remark::RemarkOpts::name("pad-heads")
                       .category("schedule")
                       .function(getOperation().getName());
    if (copies)
      remark::missed(mixer.getLoc(), options)
          << (text + " by copies: query, key, value and result are not all "
                     "those of linears of their own");
    else
      remark::passed(mixer.getLoc(), options) << text;
  }

  /// Widens the heads of an operand; whether that takes a copy.
  bool widen(OpOperand &operand, int64_t heads, WeightSide &weightSide) {
    int64_t size = headSize(operand.get(), heads);
    int64_t padded = llvm::alignTo(size, panelWidth);
    if (size == padded)
      return false;
    if (LinearOp linear = soleLinear(operand, weightSide)) {
      widenOutput(linear, heads, padded);
      return false;
    }
    OpBuilder builder(operand.getOwner());
    Value value = operand.get();
    int64_t last = cast<RankedTensorType>(value.getType()).getRank() - 1;
    operand.set(resizeHeads(builder, operand.getOwner()->getLoc(), value, last,
                            heads, padded));
    return !weightSide.isFrozen(value);
  }

  /// Makes up for a result whose heads have `size` features instead of `before`
  /// that its users know; whether that takes a copy.
  bool narrow(Value result, int64_t heads, int64_t before, int64_t size) {
    OpBuilder builder(result.getContext());
    builder.setInsertionPointAfterValue(result);
    auto output = result.hasOneUse() ? dyn_cast<LinearOp>(*result.user_begin())
                                     : LinearOp();
    if (output && output.getInput() == result) {
      builder.setInsertionPoint(output);
      output.getWeightMutable().assign(
          resizeHeads(builder, output.getLoc(), output.getWeight(),
                      output.getTransposed() ? 0 : 1, heads, size));
      return false;
    }
    SmallVector<OpOperand *> uses(llvm::make_pointer_range(result.getUses()));
    int64_t last = cast<RankedTensorType>(result.getType()).getRank() - 1;
    Value known =
        resizeHeads(builder, result.getLoc(), result, last, heads, before);
    for (OpOperand *use : uses)
      use->set(known);
    return true;
  }

  void widenOutput(LinearOp linear, int64_t heads, int64_t padded) {
    OpBuilder builder(linear);
    linear.getWeightMutable().assign(
        resizeHeads(builder, linear.getLoc(), linear.getWeight(),
                    linear.getTransposed() ? 1 : 0, heads, padded));
    if (linear.getBias())
      linear.getBiasMutable().assign(resizeHeads(
          builder, linear.getLoc(), linear.getBias(), 0, heads, padded));
    linear.getResult().setType(withFeatures(linear, heads * padded));
  }
};

} // namespace
