//===- LowerPatchEmbed.cpp - Patch embeddings as linears ------------------===//
//
// Part of Vitrail, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "dialects/vitrail/VitrailDialect.h"
#include "passes/simplify/Passes.h"
#include "passes/simplify/Report.h"

namespace vitrail {
#define GEN_PASS_DEF_LOWERPATCHEMBED
#include "passes/simplify/Passes.h.inc"
} // namespace vitrail

using namespace mlir;
using namespace vitrail;

static void lower(PatchEmbedOp op) {
  OpBuilder builder(op);
  Location loc = op.getLoc();
  RankedTensorType filter = op.getWeight().getType();
  // The filter is row-major [D, C, p, q]: patches in the order (c p q) make its
  // reshaping a view.
  auto sizes = builder.getDictionaryAttr(
      {builder.getNamedAttr("p",
                            builder.getI64IntegerAttr(filter.getDimSize(2))),
       builder.getNamedAttr("q",
                            builder.getI64IntegerAttr(filter.getDimSize(3)))});
  Value patches = RearrangeOp::create(
      builder, loc, op.getImage(), "b c (h p) (w q) -> b (h w) (c p q)", sizes);
  Value matrix =
      RearrangeOp::create(builder, loc, op.getWeight(), "d c p q -> d (c p q)",
                          builder.getDictionaryAttr({}));
  auto linear = LinearOp::create(builder, loc, patches, matrix, op.getBias());
  reportApplied(linear, "lower-patch-embed") << remark::add(
      "patches of {0} x {1} as a linear of {2} features", filter.getDimSize(2),
      filter.getDimSize(3), linear.getInputFeatures());
  op.replaceAllUsesWith(linear.getResult());
  op.erase();
}

namespace {
struct LowerPatchEmbed : vitrail::impl::LowerPatchEmbedBase<LowerPatchEmbed> {
  void runOnOperation() override { getOperation().walk(lower); }
};
} // namespace
