//===- DecomposeAttention.cpp - Attention as products and a softmax -------===//
//
// Part of Vitrail, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "mlir/IR/Remarks.h"
#include "passes/schedule/Passes.h"
#include "llvm/Support/MathExtras.h"

namespace vitrail {
#define GEN_PASS_DEF_DECOMPOSEATTENTIONPASS
#include "passes/schedule/Passes.h.inc"
} // namespace vitrail

using namespace mlir;
using namespace vitrail;

/// Up to so many queries are one or two tiles of the kernel of mixers.
constexpr int64_t fewQueries = 16;
/// Fewer multiply-adds are done before a second thread has met the first.
constexpr int64_t worthSharing = 1 << 17;
/// Letters for axes of the batch: those that no other axis has.
constexpr StringLiteral batchLetters = "abcfgijklopqrstuvwxyz";

namespace {

class DecomposeAttentionPass
    : public vitrail::impl::DecomposeAttentionPassBase<DecomposeAttentionPass> {
public:
  using DecomposeAttentionPassBase::DecomposeAttentionPassBase;

  void runOnOperation() override {
    SmallVector<MixerOpInterface> mixers;
    getOperation().walk([&](MixerOpInterface op) { mixers.push_back(op); });
    for (MixerOpInterface mixer : mixers) {
      std::string reason = reasonFor(mixer);
      if (reason.empty())
        continue;
      remark::passed(mixer.getLoc(),
                     remark::RemarkOpts::name("decompose-attention")
                         .category("schedule")
                         .function(getOperation().getName()))
          << reason;
      decompose(mixer);
    }
  }

private:
  static RankedTensorType typeOf(OpOperand &operand) {
    return cast<RankedTensorType>(operand.get().getType());
  }

  /// Why `mixer` should not be one kernel; empty if it should.
  static std::string reasonFor(MixerOpInterface mixer) {
    RankedTensorType query = typeOf(mixer.getQueryOperand());
    int64_t leading = query.getRank() - 2, heads = mixer.getHeadCount();
    if (!mixer.isRowStochastic() || mixer.getMaskKind() != MaskKind::None ||
        leading > int64_t(batchLetters.size()))
      return {};
    int64_t size = query.getShape().back() / heads;
    int64_t valueSize =
        typeOf(mixer.getValueOperand()).getShape().back() / heads;
    if (size % panelWidth || valueSize % panelWidth)
      return llvm::formatv("heads of {0} and {1} features are no whole panels "
                           "of {2}: products and a softmax",
                           size, valueSize, panelWidth);
    int64_t queries = query.getDimSize(leading);
    int64_t batch = llvm::product_of(query.getShape().take_front(leading));
    int64_t keys = typeOf(mixer.getKeyOperand()).getDimSize(leading);
    if (batch * heads == 1 && queries <= fewQueries &&
        queries * keys * (size + valueSize) >= worthSharing)
      return llvm::formatv("{0} queries of one head are too few for the "
                           "threads to share: products and a softmax",
                           queries);
    return {};
  }

  static Value multiply(OpBuilder &builder, Location loc, Value value,
                        double factor) {
    if (factor == 1.0)
      return value;
    Type element = cast<RankedTensorType>(value.getType()).getElementType();
    auto number = DenseElementsAttr::get(RankedTensorType::get({}, element),
                                         builder.getFloatAttr(element, factor));
    return BinaryOp::create(builder, loc, BinaryKind::Mul, value,
                            arith::ConstantOp::create(builder, loc, number));
  }

  static void decompose(MixerOpInterface mixer) {
    OpBuilder builder(mixer);
    Location loc = mixer.getLoc();
    int64_t leading = typeOf(mixer.getQueryOperand()).getRank() - 2;
    std::string letters = batchLetters.take_front(leading).str(), names;
    for (char letter : letters)
      names += std::string(1, letter) + " ";
    auto byHeads = [&](OpOperand &operand) -> Value {
      return RearrangeOp::create(
          builder, loc, operand.get(), names + "n (h d) -> " + names + "n h d",
          builder.getDictionaryAttr(builder.getNamedAttr(
              "h", builder.getI64IntegerAttr(mixer.getHeadCount()))));
    };
    auto product = [&](Value left, StringRef leftAxes, Value right,
                       StringRef rightAxes, StringRef axes) -> Value {
      std::string equation = letters + leftAxes.str() + "," + letters +
                             rightAxes.str() + "->" + letters + axes.str();
      return EinsumOp::create(builder, loc, equation, ValueRange{left, right});
    };

    Value scores = product(byHeads(mixer.getQueryOperand()), "mhd",
                           byHeads(mixer.getKeyOperand()), "nhd", "hmn");
    // A softmax raises e: 2^x = e^(x · ln 2).
    double factor = mixer.isBase2() ? llvm::numbers::ln2 : 1.0;
    scores = multiply(builder, loc, scores, mixer.getScoreScale() * factor);
    if (Value bias = mixer.getScoreBias())
      scores = BinaryOp::create(builder, loc, BinaryKind::Add, scores,
                                multiply(builder, loc, bias, factor));
    Value weights = SoftmaxOp::create(builder, loc, scores, leading + 2);
    Value result =
        product(weights, "hmn", byHeads(mixer.getValueOperand()), "nhe", "mhe");
    mixer->getResult(0).replaceAllUsesWith(RearrangeOp::create(
        builder, loc, result, names + "m h e -> " + names + "m (h e)",
        builder.getDictionaryAttr({})));
    mixer.erase();
  }
};

} // namespace
