//===- LineNorm.cpp - Norms of some lines side by side --------------------===//
//
// Part of Vitrail, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "passes/lower/LineNorm.h"

using namespace mlir;
using namespace vitrail;

LineNorm::LineNorm(Emitter &e, NormOp norm, size_t count, int64_t extent,
                   Walk walk, Total total)
    : norm(norm) {
  if (!norm.getRms())
    findMeans(e, count, extent, walk, total);
  findFactors(e, count, extent, walk, total);
}

Value LineNorm::apply(Emitter &e, Value x, size_t line) const {
  if (means.empty())
    return e.mulf(x, factors[line]);
  return e.fma(e.subf(x, means[line]), factors[line], shifts[line]);
}

void LineNorm::findMeans(Emitter &e, size_t count, int64_t extent, Walk walk,
                         Total total) {
  Values start(count, e.splat(0.0));
  means = walk(start, [&](const Step &step, ValueRange sums) {
    Values next;
    for (size_t i = 0; i < count; ++i)
      next.push_back(e.addf(sums[i], step.keep(step.load(i))));
    return next;
  });
  // Rounded: what subtracts the mean once would contract with this product,
  // what subtracts it twice would not, and rows are computed by code of both
  // kinds.
  for (Value &mean : means)
    mean = arith::MulFOp::create(e, total(mean), e.splat(1.0 / extent));
}

void LineNorm::findFactors(Emitter &e, size_t count, int64_t extent, Walk walk,
                           Total total) {
  bool centered = !means.empty();
  // Sums of squares, then sums.
  Values start(count * (centered ? 2 : 1), e.splat(0.0));
  Values sums = walk(start, [&](const Step &step, ValueRange carried) {
    Values next(carried);
    for (size_t i = 0; i < count; ++i) {
      Value x = step.load(i);
      if (centered)
        x = e.subf(x, means[i]);
      x = step.keep(x);
      next[i] = e.fma(x, x, next[i]);
      if (centered)
        next[count + i] = e.addf(next[count + i], x);
    }
    return next;
  });
  double free = extent - int64_t(norm.getDdof());
  double eps = norm.getEps().convertToDouble();
  for (size_t i = 0; i < count; ++i) {
    Value square = total(sums[i]), error;
    if (centered) {
      Value sum = total(sums[count + i]);
      error = e.mulf(sum, e.splat(1.0 / extent));
      square = e.subf(square, e.mulf(sum, error));
    }
    Value variance = e.mulf(square, e.splat(1.0 / free));
    Value deviation =
        norm.getEpsOutside()
            ? e.addf(math::SqrtOp::create(e, variance), e.splat(eps))
            : Value(math::SqrtOp::create(e, e.addf(variance, e.splat(eps))));
    factors.push_back(e.divf(e.splat(1.0), deviation));
    if (centered)
      shifts.push_back(arith::NegFOp::create(e, e.mulf(error, factors.back())));
  }
}
