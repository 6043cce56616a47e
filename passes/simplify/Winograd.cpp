//===- Winograd.cpp - Convolutions that multiply less ---------------------===//
//
// Part of Vitrail, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "dialects/vitrail/Winograd.h"
#include "dialects/vitrail/VitrailDialect.h"
#include "passes/simplify/Passes.h"
#include "passes/simplify/Report.h"
#include "passes/simplify/WeightSide.h"

namespace vitrail {
#define GEN_PASS_DEF_WINOGRAD
#include "passes/simplify/Passes.h.inc"
} // namespace vitrail

using namespace mlir;
using namespace vitrail;

constexpr StringLiteral remarkName = "winograd";

/// Whether windows of 3 x 3 stand at every place.
static bool isEverywhere(const Window &window) {
  auto are = [](ArrayRef<int64_t> sizes, int64_t size) {
    return llvm::all_of(sizes, [=](int64_t each) { return each == size; });
  };
  return window.rank() == 2 && are(window.kernel, winograd::taps) &&
         are(window.strides, 1) && are(window.dilations, 1);
}

/// The multiply-adds that a convolution is spared, less what it costs them
/// otherwise: for each channel and feature of a tile 64 vector operations that
/// add and move, which are as long as twice as many multiply-adds, and for each
/// weight that there is more, which comes from memory, what a core multiplies
/// meanwhile.
static int64_t gainOf(WinogradConvOp conv) {
  constexpr int64_t ofMoved = 128, ofWeight = 30;
  RankedTensorType filter = typeOf(conv.getFilter());
  int64_t channels = filter.getDimSize(1), features = filter.getDimSize(2);
  int64_t product = channels * features;
  int64_t tiles = conv.getMacs() / (product * winograd::products);
  int64_t places = conv.getType().getNumElements() / features;
  constexpr int64_t all = winograd::taps * winograd::taps;
  return places * all * product - conv.getMacs() -
         ofMoved * tiles * (channels + features) -
         ofWeight * (winograd::products - all) * product;
}

/// G g Gᵀ of a linear's weight behind an unfold: [16, C, N].
static Value transformFilter(OpBuilder &builder, LinearOp linear) {
  Location loc = linear.getLoc();
  constexpr int64_t all = winograd::taps * winograd::taps;
  SmallVector<float> matrix;
  for (const auto &vertical : winograd::factors)
    for (const auto &horizontal : winograd::factors)
      for (double y : vertical)
        for (double x : horizontal)
          matrix.push_back(float(y * x));
  auto type =
      RankedTensorType::get({winograd::products, all}, builder.getF32Type());
  Value factors = arith::ConstantOp::create(
      builder, loc, DenseElementsAttr::get(type, ArrayRef<float>(matrix)));
  Value taps = RearrangeOp::create(
      builder, loc, linear.getWeight(),
      linear.getTransposed() ? "(t c) n -> t c n" : "n (t c) -> t c n",
      builder.getDictionaryAttr(
          builder.getNamedAttr("t", builder.getI64IntegerAttr(all))));
  return EinsumOp::create(builder, loc, "ut,tcn->ucn",
                          ValueRange{factors, taps});
}

static void rewrite(LinearOp linear, WeightSide &weights) {
  auto unfold = linear.getInput().getDefiningOp<UnfoldOp>();
  if (!unfold || !isEverywhere(unfold.getWindow()) ||
      weights.isFrozen(linear.getInput()) ||
      !weights.isFrozen(linear.getWeight()) ||
      !weights.isFrozenOrAbsent(linear.getBias()) ||
      !linear.getType().getElementType().isF32() ||
      !haveOneElementType(linear->getOperands()))
    return;
  OpBuilder builder(linear);
  auto conv = WinogradConvOp::create(
      builder, linear.getLoc(), unfold.getInput(),
      transformFilter(builder, linear), linear.getBias(), unfold.getPads());
  int64_t gain = gainOf(conv);
  if (gain <= 0) {
    reportMissed(linear, remarkName)
        << remark::reason("sums and weights cost {0} multiply-adds more than "
                          "products are saved",
                          -gain);
    return weights.erase(conv);
  }
  reportApplied(linear, remarkName)
      << remark::add("16 products for four places in place of 36")
      << remark::metric("macs_saved", linear.getMacs() - conv.getMacs());
  linear.replaceAllUsesWith(conv.getResult());
  weights.erase(linear);
}

namespace {
struct Winograd : vitrail::impl::WinogradBase<Winograd> {
  void runOnOperation() override {
    auto &weights = getAnalysis<WeightSide>();
    getOperation().walk([&](LinearOp op) { rewrite(op, weights); });
  }
};
} // namespace
