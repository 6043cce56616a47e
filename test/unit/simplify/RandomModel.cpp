//===- RandomModel.cpp - Random models for differential tests -------------===//
//
// Part of Vitrail, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "test/unit/simplify/RandomModel.h"

using namespace mlir;
using namespace vitrail;
using namespace vitrail::test;

Value RandomModel::input(Shape shape) {
  return function.front().addArgument(
      RankedTensorType::get(shape, builder.getF32Type()), loc());
}

/// A new weight, or one that there is: tied.
Value RandomModel::weight(Shape shape, WeightRole role) {
  auto type = RankedTensorType::get(shape, builder.getF32Type());
  for (Value old : weights)
    if (old.getType() == type && maybe(10))
      return old;
  std::string name = "w" + std::to_string(weights.size());
  int64_t fanIn = role == WeightRole::Matrix ? shape.back() : 0;
  weights.push_back(WeightOp::create(builder, loc(), type, name, role, fanIn,
                                     builder.getStrArrayAttr({})));
  return weights.back();
}

/// What can be combined with a value of `shape`; rarely an input instead of a
/// weight, sometimes repeated along some axes.
Value RandomModel::table(Shape shape) {
  SmallVector<int64_t> small(shape.drop_front(upTo(shape.size())));
  for (int64_t &size : small)
    size = maybe(75) ? size : 1;
  if (maybe(10))
    return input(small);
  Value value = weight(small);
  return maybe(20) ? BroadcastOp::create(builder, loc(), value, shape) : value;
}

Value RandomModel::linear(Value x, int64_t out) {
  bool transposed = maybe(30);
  int64_t in = features(x);
  SmallVector<int64_t> shape = {transposed ? in : out, transposed ? out : in};
  Value matrix = maybe(95) ? weight(shape, WeightRole::Matrix) : input(shape);
  Value bias;
  if (maybe(75))
    bias = maybe(95) ? weight(out) : input(out);
  if (maybe(4)) {
    std::string rows = std::string("abcd").substr(0, typeOf(x).getRank() - 1);
    Value y = EinsumOp::create(builder, loc(),
                               rows + "k," + (transposed ? "kn" : "nk") + "->" +
                                   rows + "n",
                               ValueRange{x, matrix});
    return bias ? BinaryOp::create(builder, loc(), BinaryKind::Add, y, bias)
                : y;
  }
  return LinearOp::create(builder, loc(), x, matrix, bias, transposed);
}

Value RandomModel::norm(Value x) {
  int64_t last = typeOf(x).getRank() - 1;
  int64_t axis = maybe(90) ? last : upTo(last);
  int64_t size = typeOf(x).getDimSize(axis);
  Value gain = maybe(80) ? weight(size, WeightRole::Gain) : Value();
  Value bias = maybe(80) ? weight(size) : Value();
  return NormOp::create(builder, loc(), x, gain, bias, axis,
                        APFloat(choose({0.01, 0.1})), maybe(20), /*ddof=*/0,
                        maybe(20));
}

Value RandomModel::number(double value) {
  auto type = RankedTensorType::get({}, builder.getF32Type());
  return arith::ConstantOp::create(builder, loc(),
                                   DenseElementsAttr::get(type, float(value)));
}

/// Attention without its op; sometimes it is no attention, because the
/// activated scores have another reader, or heads are mixed.
Value RandomModel::writtenOut(Value query, Value key, Value value, Value bias,
                              int64_t heads, double scale) {
  std::string batch = std::string("ab").substr(0, typeOf(query).getRank() - 2);
  std::string axes;
  for (char letter : batch)
    axes += std::string(1, letter) + " ";
  std::string merged = axes + "n (h d)", apart = axes + "h n d";
  auto einsum = [&](std::string a, std::string b, std::string c, Value lhs,
                    Value rhs) -> Value {
    return EinsumOp::create(builder, loc(),
                            batch + a + "," + batch + b + "->" + batch + c,
                            ValueRange{lhs, rhs});
  };
  auto split = [&](Value x) -> Value {
    if (maybe(20))
      x = BinaryOp::create(builder, loc(), BinaryKind::Mul, x, number(0.5));
    return RearrangeOp::create(builder, loc(), x, merged + " -> " + apart,
                               builder.getDictionaryAttr(builder.getNamedAttr(
                                   "h", builder.getI64IntegerAttr(heads))));
  };
  Value scores = einsum("hnd", "hmd", "hnm", split(query), split(key));
  scores =
      BinaryOp::create(builder, loc(), BinaryKind::Mul, scores, number(scale));
  if (bias)
    scores = BinaryOp::create(builder, loc(), BinaryKind::Add, scores, bias);
  int64_t axis = typeOf(scores).getRank() - 1;
  Value maps;
  if (maybe(40)) {
    maps = SoftmaxOp::create(builder, loc(), scores, axis);
  } else {
    Value top = ReduceOp::create(builder, loc(), ReduceKind::Max, scores, axis,
                                 /*keepDims=*/true);
    if (maybe())
      scores = BinaryOp::create(builder, loc(), BinaryKind::Sub, scores, top);
    Value powers = UnaryOp::create(builder, loc(), UnaryKind::Exp, scores);
    Value sum = ReduceOp::create(builder, loc(), ReduceKind::Sum, powers, axis,
                                 /*keepDims=*/true);
    maps = BinaryOp::create(builder, loc(), BinaryKind::Div, powers, sum);
  }
  if (maybe(10))
    results.push_back(maps);
  if (maybe(10))
    maps = EinsumOp::create(builder, loc(),
                            "gh," + batch + "hnm->" + batch + "gnm",
                            ValueRange{weight({heads, heads}), maps});
  Value mixed = einsum("hnm", "hmd", "hnd", maps, split(value));
  return RearrangeOp::create(builder, loc(), mixed, apart + " -> " + merged,
                             builder.getDictionaryAttr({}));
}

Value RandomModel::attention(Value x, Value context) {
  int64_t heads = choose<int64_t>({1, 2, 4});
  int64_t depth = choose<int64_t>({16, 32}), width = choose<int64_t>({16, 32});
  Value query = maybe(95) ? linear(x, depth) : x;
  depth = features(query);
  Value key = linear(context, depth), value = linear(context, width);
  if (maybe(10))
    value = key;
  if (maybe(10))
    key = select(key);
  int64_t tokens = typeOf(query).getRank() - 2;
  if (typeOf(key).getShape().drop_back() !=
      typeOf(value).getShape().drop_back())
    value = linear(key, width);
  if (typeOf(key).getShape().drop_back(2) !=
      typeOf(query).getShape().drop_back(2))
    key = value = query; // a part of the batch was selected
  SmallVector<int64_t> scores(typeOf(query).getShape().drop_back(2));
  int64_t queries = typeOf(query).getDimSize(tokens);
  int64_t keys = typeOf(key).getDimSize(tokens);
  scores.append({heads, queries, keys});
  Value bias = maybe(30) ? table(scores) : Value();
  // Every query sees a key, or its row of scores would have no sum.
  auto mask = keys >= queries && maybe(30) ? MaskKind::Causal : MaskKind::None;
  APFloat scale(choose({0.25, 0.3, 1.0}));
  if (mask == MaskKind::None && maybe(40))
    return writtenOut(query, key, value, bias, heads, scale.convertToDouble());
  if (x == context)
    return AttentionOp::create(builder, loc(), query, key, value, bias, heads,
                               scale, mask, maybe(10));
  return CrossAttentionOp::create(builder, loc(), query, key, value, bias,
                                  heads, scale, mask, maybe(10));
}

/// Patches of an image, or rows, with tokens and positions around them.
Value RandomModel::embed() {
  int64_t batch = 1 + upTo(1), dim = choose<int64_t>({16, 32});
  if (maybe(20)) // without a batch
    return BinaryOp::create(builder, loc(), BinaryKind::Add,
                            linear(input({1 + upTo(4), 8}), dim), weight(dim));
  Value x;
  if (maybe())
    x = PatchEmbedOp::create(builder, loc(), input({batch, 2, 4, 6}),
                             weight({dim, 2, 2, 3}, WeightRole::Matrix),
                             maybe() ? weight(dim) : Value());
  else
    x = linear(input({batch, 1 + upTo(4), 8}), dim);
  if (maybe(30))
    x = BinaryOp::create(builder, loc(), BinaryKind::Add, x,
                         table(typeOf(x).getShape()));
  if (maybe(80)) {
    Value token = weight({1, 1, dim}, WeightRole::Token);
    token = BroadcastOp::create(builder, loc(), token,
                                ArrayRef<int64_t>{batch, 1, dim});
    SmallVector<Value> parts = {token, x};
    if (maybe(30))
      parts.push_back(linear(input({batch, 2, 8}), dim));
    x = ConcatOp::create(builder, loc(), parts, 1);
  }
  ArrayRef<int64_t> shape = typeOf(x).getShape();
  Value position = weight(shape.drop_front(maybe()), WeightRole::Position);
  return BinaryOp::create(builder, loc(),
                          maybe(85) ? BinaryKind::Add : BinaryKind::Mul, x,
                          position);
}

/// Some of the tokens, or all of them in another order.
Value RandomModel::select(Value x) {
  if (typeOf(x).getRank() == 3 && maybe(30)) {
    Value turned = RearrangeOp::create(builder, loc(), x, "b n c -> n b c",
                                       builder.getDictionaryAttr({}));
    return turned;
  }
  Box box = Box::all(typeOf(x));
  for (size_t axis = 0; axis + 1 < box.sizes.size(); ++axis) {
    box.offsets[axis] = upTo(box.sizes[axis] - 1);
    box.sizes[axis] = 1 + upTo(box.sizes[axis] - box.offsets[axis] - 1);
  }
  return extractBox(builder, loc(), x, box);
}

/// Something between the ops of a block that a pass must notice or may fold.
Value RandomModel::disturb(Value x) {
  if (maybe(10))
    results.push_back(x);
  if (maybe(10))
    x = BinaryOp::create(builder, loc(), BinaryKind::Mul, x,
                         weight(features(x), WeightRole::LayerScale));
  if (maybe(10))
    x = BinaryOp::create(builder, loc(),
                         maybe() ? BinaryKind::Add : BinaryKind::Mul, x,
                         table(typeOf(x).getShape()));
  return x;
}

Value RandomModel::block(Value x) {
  bool post = maybe(30);
  Value y = post ? x : norm(x);
  Value context = y;
  if (maybe(40) && typeOf(x).getRank() == 3)
    context = linear(input({typeOf(x).getDimSize(0), 6 + upTo(10), 8}), 16);
  y = disturb(attention(disturb(y), context));
  if (typeOf(y).getShape().drop_back() != typeOf(x).getShape().drop_back())
    return y;
  y = disturb(linear(y, features(x)));
  x = BinaryOp::create(builder, loc(), BinaryKind::Add, x, y);
  x = post ? norm(x) : x;
  y = post ? x : norm(x);
  auto kind = choose({UnaryKind::Gelu, UnaryKind::Relu, UnaryKind::Tanh});
  y = UnaryOp::create(builder, loc(), kind, disturb(linear(y, 32)));
  if (maybe(20)) // gated
    y = BinaryOp::create(builder, loc(), BinaryKind::Mul, y, linear(x, 32));
  y = linear(y, features(x));
  x = BinaryOp::create(builder, loc(), BinaryKind::Add, x, y);
  return post ? norm(x) : x;
}

/// A linear, or the mean of two that read neighbouring tokens.
Value RandomModel::head(Value x, int64_t out) {
  int64_t tokens = typeOf(x).getRank() - 2;
  int64_t size = tokens < 0 ? 0 : typeOf(x).getDimSize(tokens) / 2;
  if (size == 0 || maybe(10))
    return linear(x, out);
  Box box = Box::all(typeOf(x));
  box.sizes[tokens] = size;
  Value sum;
  bool flat = maybe() && size == 1 && tokens == 1;
  for (int64_t part : {0, 1}) {
    box.offsets[tokens] = part * size;
    Value tokensOf = extractBox(builder, loc(), x, box);
    if (flat)
      tokensOf = RearrangeOp::create(builder, loc(), tokensOf, "b 1 c -> b c",
                                     builder.getDictionaryAttr({}));
    Value y = linear(tokensOf, out);
    sum = sum ? BinaryOp::create(builder, loc(), BinaryKind::Add, sum, y) : y;
  }
  return BinaryOp::create(builder, loc(), BinaryKind::Div, disturb(sum),
                          weight(maybe() ? 1 : out, WeightRole::Gain));
}

OwningOpRef<ModuleOp> RandomModel::build() {
  auto module = ModuleOp::create(loc());
  builder.setInsertionPointToEnd(module.getBody());
  function = func::FuncOp::create(builder, loc(), entryName,
                                  builder.getFunctionType({}, {}));
  builder.setInsertionPointToEnd(function.addEntryBlock());
  Value x = maybe(50) ? maps() : embed();
  for (int64_t i = upTo(2); i >= 0; --i)
    x = block(x);
  if (maybe(70))
    x = norm(x);
  if (maybe(80))
    x = select(x);
  if (maybe(80))
    x = head(x, choose<int64_t>({10, 16}));
  if (maybe(20))
    x = SoftmaxOp::create(builder, loc(), x, typeOf(x).getRank() - 1);
  results.push_back(x);
  func::ReturnOp::create(builder, loc(), results);
  function.setType(builder.getFunctionType(function.front().getArgumentTypes(),
                                           ValueRange(results).getTypes()));
  return module;
}
