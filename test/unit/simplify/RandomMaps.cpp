//===- RandomMaps.cpp - Feature maps of random models ---------------------===//
//
// Part of Vitrail, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "test/unit/simplify/RandomModel.h"

using namespace mlir;
using namespace vitrail;
using namespace vitrail::test;

Value RandomModel::combine(BinaryKind kind, Value a, Value b) {
  return BinaryOp::create(builder, loc(), kind, a, b);
}

int64_t RandomModel::padChoice(Value x, int64_t kernel) {
  ArrayRef<int64_t> shape = typeOf(x).getShape();
  bool fits = shape[1] >= kernel && shape[2] >= kernel;
  return fits ? upTo(11) : 1 + upTo(10);
}

/// Mostly as wide as the map was; sometimes without what is beyond its edge, or
/// off its centre.
static SmallVector<int64_t> padsOf(int64_t kernel, int64_t choice) {
  int64_t half = kernel / 2;
  if (choice == 0)
    return {};
  if (choice == 1 && kernel > 1)
    return {kernel - 1, half, 0, half};
  return {half, half, half, half};
}

Value RandomModel::conv(Value x, int64_t out, int64_t kernel, int64_t stride) {
  if (kernel == 1 && stride == 1 && maybe())
    return linear(x, out);
  int64_t choice = padChoice(x, kernel);
  int64_t dilation = kernel > 1 && choice > 1 && maybe(10) ? 2 : 1;
  SmallVector<int64_t> pads = padsOf(kernel, choice);
  for (int64_t &pad : pads)
    pad *= dilation;
  Value rows = UnfoldOp::create(builder, loc(), x, {kernel, kernel},
                                {stride, stride}, pads, {dilation, dilation});
  return linear(rows, out);
}

Value RandomModel::depthwise(Value x, int64_t kernel, int64_t stride) {
  Value filter = weight({kernel, kernel, features(x)}, WeightRole::Matrix);
  return DepthwiseConvOp::create(
      builder, loc(), x, filter, maybe() ? weight(features(x)) : Value(),
      {stride, stride}, padsOf(kernel, padChoice(x, kernel)), {1, 1});
}

Value RandomModel::batchNorm(Value x) {
  Value scale = weight(features(x), WeightRole::Gain);
  x = combine(maybe(90) ? BinaryKind::Mul : BinaryKind::Div, x, scale);
  Value shift = combine(BinaryKind::Mul, weight(features(x)), scale);
  return combine(maybe(90) ? BinaryKind::Add : BinaryKind::Sub, x, shift);
}

/// A sum of several views of one map, of one size.
Value RandomModel::branches(Value x) {
  int64_t stride = maybe(75) ? 1 : 2;
  bool dense = maybe();
  Value sum;
  for (int64_t i = 1 + upTo(3); i >= 0; --i) {
    int64_t kernel = choose<int64_t>({1, 3, 3, 5});
    Value y = maybe(25)            ? x
              : dense == maybe(95) ? conv(x, features(x), kernel, stride)
                                   : depthwise(x, kernel, stride);
    if (maybe(30))
      y = batchNorm(y);
    if (sum && sum.getType() != y.getType())
      continue; // of another size
    sum = !sum        ? y
          : maybe(80) ? combine(BinaryKind::Add, sum, y)
                      : combine(BinaryKind::Add, y, sum);
  }
  return maybe(30) ? batchNorm(sum) : sum;
}

/// Group normalization with one group, without gain and bias.
Value RandomModel::sampleNorm(Value x) {
  auto mean = [&](Value value) -> Value {
    return ReduceOp::create(builder, loc(), ReduceKind::Mean, value,
                            ArrayRef<int64_t>{1, 2, 3}, /*keepDims=*/true);
  };
  Value y = combine(BinaryKind::Sub, x, mean(x));
  Value variance = mean(combine(BinaryKind::Mul, y, y));
  variance = combine(BinaryKind::Add, variance, number(0.01));
  if (maybe(20))
    return combine(BinaryKind::Div, y, variance);
  Value factor = UnaryOp::create(builder, loc(), UnaryKind::Rsqrt, variance);
  return maybe() ? combine(BinaryKind::Mul, y, factor)
                 : combine(BinaryKind::Mul, factor, y);
}

/// A norm, and the mean of neighbours less each element.
Value RandomModel::poolMixer(Value x) {
  Value y = sampleNorm(x);
  y = batchNorm(y);
  if (maybe(10))
    y = combine(BinaryKind::Add, y, weight({1, features(x)}));
  if (maybe(5))
    results.push_back(y);
  Value pool = PoolOp::create(
      builder, loc(), maybe(90) ? ReduceKind::Mean : ReduceKind::Max, y, {3, 3},
      {1, 1}, {1, 1, 1, 1}, {1, 1}, /*countPads=*/false);
  if (auto op = pool.getDefiningOp<PoolOp>();
      op.getKind() == ReduceKind::Mean && maybe(20))
    op.setCountPads(true);
  Value mixed = maybe() ? combine(BinaryKind::Sub, pool, y)
                        : combine(BinaryKind::Sub, y, pool);
  return combine(BinaryKind::Add, x, disturb(mixed));
}

/// A norm of what was multiplied by numbers or moved by them.
Value RandomModel::normed(Value x) {
  while (maybe(60)) {
    Value factor = number(choose({0.5, 2.0, 3.0, -1.0}));
    auto kind = choose(
        {BinaryKind::Mul, BinaryKind::Div, BinaryKind::Add, BinaryKind::Sub});
    bool commutes = kind == BinaryKind::Mul || kind == BinaryKind::Add;
    x = commutes && maybe() ? combine(kind, factor, x)
                            : combine(kind, x, factor);
  }
  return norm(x);
}

/// Attention within windows [batch, rows, columns, tokens, channels], with a
/// table that some of them share.
Value RandomModel::windows(Value x) {
  RankedTensorType map = typeOf(x);
  int64_t height = map.getDimSize(1), width = map.getDimSize(2);
  if (height % 2 || width % 2)
    return x;
  NamedAttrList two;
  two.set("p", builder.getI64IntegerAttr(2));
  two.set("q", builder.getI64IntegerAttr(2));
  DictionaryAttr sizes = two.getDictionary(builder.getContext());
  Value rows = RearrangeOp::create(builder, loc(), x,
                                   "b (h p) (w q) c -> b h w (p q) c", sizes);
  int64_t heads = choose<int64_t>({1, 2});
  int64_t down = height / 2, right = width / 2;
  Value shared = weight({heads, 4, 4}, WeightRole::Position);
  auto repeat = [&](Value table, ArrayRef<int64_t> shape) -> Value {
    if (maybe(10))
      return weight(shape, WeightRole::Position);
    if (maybe())
      table = combine(BinaryKind::Add, table, weight({4, 4}));
    return BroadcastOp::create(builder, loc(), table, shape);
  };
  Value row = repeat(shared, {right, heads, 4, 4});
  if (right > 1)
    row = ConcatOp::create(builder, loc(),
                           ValueRange{repeat(shared, {right - 1, heads, 4, 4}),
                                      repeat(shared, {1, heads, 4, 4})},
                           0);
  Value table = BroadcastOp::create(
      builder, loc(), row, ArrayRef<int64_t>{down, right, heads, 4, 4});
  if (down > 1 && maybe(70))
    table = ConcatOp::create(
        builder, loc(),
        ValueRange{BroadcastOp::create(
                       builder, loc(), row,
                       ArrayRef<int64_t>{down - 1, right, heads, 4, 4}),
                   repeat(shared, {1, right, heads, 4, 4})},
        0);
  if (maybe(20))
    table = combine(BinaryKind::Mul, table, number(0.5));
  if (maybe(10))
    table = input(typeOf(table).getShape());
  int64_t width16 = 16;
  Value mixed = AttentionOp::create(
      builder, loc(), linear(rows, width16), linear(rows, width16),
      linear(rows, width16), table, heads, APFloat(0.25), MaskKind::None,
      /*base2=*/maybe(20));
  mixed = linear(mixed, features(x));
  mixed = RearrangeOp::create(builder, loc(), mixed,
                              "b h w (p q) c -> b (h p) (w q) c", sizes);
  return combine(BinaryKind::Add, x, mixed);
}

/// Places weight each other by maps that a matrix has mixed and a batch norm
/// of heads has scaled.
Value RandomModel::headsMixed(Value x) {
  NamedAttrList two;
  two.set("d", builder.getI64IntegerAttr(features(x) / 2));
  Value heads =
      RearrangeOp::create(builder, loc(), x, "b h w (g d) -> b g (h w) d",
                          two.getDictionary(builder.getContext()));
  Value scores = EinsumOp::create(builder, loc(), "bgnd,bgmd->bgnm",
                                  ValueRange{heads, heads});
  Value maps = SoftmaxOp::create(builder, loc(), scores, 3);
  maps = EinsumOp::create(builder, loc(), "hg,bgnm->bhnm",
                          ValueRange{weight({2, 2}), maps});
  if (maybe())
    maps = combine(BinaryKind::Add, maps, weight({2, 1, 1}));
  if (maybe(10))
    results.push_back(maps);
  maps = combine(BinaryKind::Mul, maps, weight({2, 1, 1}));
  maps = combine(BinaryKind::Add, maps, weight({2, 1, 1}));
  Value mixed = EinsumOp::create(builder, loc(), "bgnm,bgmd->bgnd",
                                 ValueRange{maps, heads});
  NamedAttrList height;
  height.set("h", builder.getI64IntegerAttr(typeOf(x).getDimSize(1)));
  mixed =
      RearrangeOp::create(builder, loc(), mixed, "b g (h w) d -> b h w (g d)",
                          height.getDictionary(builder.getContext()));
  return combine(BinaryKind::Add, x, mixed);
}

/// Some layers on a map, which becomes tokens in the end.
Value RandomModel::maps() {
  int64_t height = choose<int64_t>({4, 5, 6});
  Value x = input({1 + upTo(1), height, choose<int64_t>({4, 6}), 4});
  if (maybe())
    x = batchNorm(x);
  x = conv(x, 16, 3, 1);
  for (int64_t i = 3 + upTo(2); i > 0; --i) {
    if (maybe(40))
      x = batchNorm(x);
    switch (upTo(4)) {
    case 0:
      x = branches(disturb(x));
      break;
    case 1:
      x = typeOf(x).getDimSize(1) < 3 ? x : poolMixer(x);
      break;
    case 2:
      x = windows(maybe() ? norm(x) : x);
      break;
    case 3:
      x = headsMixed(x);
      break;
    default:
      x = combine(BinaryKind::Add, x,
                  linear(maybe() ? sampleNorm(x) : normed(x), features(x)));
    }
    if (maybe(40))
      x = UnaryOp::create(builder, loc(), UnaryKind::Tanh, x);
    if (typeOf(x).getDimSize(1) > 2 && typeOf(x).getDimSize(2) > 2 && maybe(30))
      x = maybe() ? conv(batchNorm(x), 16, choose<int64_t>({1, 3}), 1)
                  : depthwise(x, 3, 1);
  }
  if (maybe(30))
    x = RollOp::create(builder, loc(), x, {0, 1, -1, 0});
  if (maybe(30)) {
    x = ReduceOp::create(builder, loc(), ReduceKind::Mean, batchNorm(x),
                         ArrayRef<int64_t>{1}, /*keepDims=*/maybe());
    if (typeOf(x).getRank() == 3)
      return norm(linear(x, 16));
  }
  // Normalized, lest exponentials of what follows overflow.
  return norm(RearrangeOp::create(builder, loc(), x, "b h w c -> b (h w) c",
                                  builder.getDictionaryAttr({})));
}
