//===- PadHeads.cpp - Widens heads to whole panels
//----------------------------===//
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

/// Pads a frozen tensor's axis of `heads · size` features to `heads · padded`.
Value padHeads(OpBuilder &builder, Location loc, Value value, int64_t axis,
               int64_t heads, int64_t padded) {
  auto type = cast<RankedTensorType>(value.getType());
  // "a (h d) c -> a h d c" and back, with the names of the other axes.
  std::string split, merged;
  for (int64_t dim = 0; dim < type.getRank(); ++dim) {
    std::string name = "x" + std::to_string(dim);
    StringRef gap = dim ? " " : "";
    split += (gap + (dim == axis ? "h d" : name)).str();
    merged += (gap + (dim == axis ? "(h d)" : name)).str();
  }
  auto sizes = builder.getDictionaryAttr(
      builder.getNamedAttr("h", builder.getI64IntegerAttr(heads)));
  Value apart =
      RearrangeOp::create(builder, loc, value, merged + " -> " + split, sizes);
  SmallVector<int64_t> shape(
      cast<RankedTensorType>(apart.getType()).getShape());
  shape[axis + 1] = padded - shape[axis + 1];
  auto zeroType = type.clone(shape);
  Value zeros = arith::ConstantOp::create(
      builder, loc,
      DenseElementsAttr::get(zeroType,
                             builder.getFloatAttr(type.getElementType(), 0.0)));
  Value wide =
      ConcatOp::create(builder, loc, ValueRange{apart, zeros}, axis + 1);
  return RearrangeOp::create(builder, loc, wide, split + " -> " + merged,
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
  static int64_t headSize(OpOperand &operand, int64_t heads) {
    return cast<RankedTensorType>(operand.get().getType()).getShape().back() /
           heads;
  }

  void pad(MixerOpInterface mixer, WeightSide &weightSide) {
    int64_t heads = mixer.getHeadCount();
    OpOperand *features[] = {&mixer.getQueryOperand(), &mixer.getKeyOperand(),
                             &mixer.getValueOperand()};
    int64_t narrow = 0; // the size of heads that are no whole panels
    for (OpOperand *operand : features)
      if (int64_t size = headSize(*operand, heads); size % panelWidth != 0)
        narrow = size;
    if (!narrow)
      return;
    Value result = mixer->getResult(0);
    auto output = result.hasOneUse() ? dyn_cast<LinearOp>(*result.user_begin())
                                     : LinearOp();
    if (!output || output.getInput() != result ||
        !llvm::all_of(features, [&](OpOperand *operand) {
          return soleLinear(*operand, weightSide);
        })) {
      mixer.emitError("heads of ")
          << narrow << " features are no whole panels of " << panelWidth
          << ", and cannot be widened: query, key, value and result must be "
             "those of linears of their own";
      return signalPassFailure();
    }
    for (OpOperand *operand : features)
      widenOutput(soleLinear(*operand, weightSide), heads);
    OpBuilder builder(output);
    int64_t size = headSize(*features[2], heads);
    SmallVector<int64_t> shape(
        cast<RankedTensorType>(result.getType()).getShape());
    int64_t before = shape.back() / heads;
    shape.back() = size * heads;
    result.setType(cast<RankedTensorType>(result.getType()).clone(shape));
    if (before != size)
      output.getWeightMutable().assign(
          padHeads(builder, output.getLoc(), output.getWeight(),
                   output.getTransposed() ? 0 : 1, heads, size));
    remark::passed(mixer.getLoc(), remark::RemarkOpts::name("pad-heads")
                                       .category("schedule")
                                       .function(getOperation().getName()))
        << ("heads of " + Twine(narrow) + " features widened to " +
            Twine(llvm::alignTo(narrow, panelWidth)))
               .str();
  }

  void widenOutput(LinearOp linear, int64_t heads) {
    int64_t size = linear.getOutputFeatures() / heads;
    int64_t padded = llvm::alignTo(size, panelWidth);
    if (size == padded)
      return;
    OpBuilder builder(linear);
    linear.getWeightMutable().assign(
        padHeads(builder, linear.getLoc(), linear.getWeight(),
                 linear.getTransposed() ? 1 : 0, heads, padded));
    if (linear.getBias())
      linear.getBiasMutable().assign(padHeads(
          builder, linear.getLoc(), linear.getBias(), 0, heads, padded));
    RankedTensorType type = linear.getType();
    SmallVector<int64_t> shape(type.getShape());
    shape.back() = heads * padded;
    linear.getResult().setType(type.clone(shape));
  }
};

} // namespace
