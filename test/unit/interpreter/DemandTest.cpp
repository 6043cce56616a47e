//===- DemandTest.cpp - Any box of a result can be computed alone ---------===//
//
// Part of Vitrail, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// For random ops and boxes: the op on the boxes of its operands that it demands
// gives the box of the op's result. Dead-token elimination rests on this.
//
//===----------------------------------------------------------------------===//

#include "mlir/IR/Verifier.h"
#include "test/unit/interpreter/Program.h"
#include <random>

using namespace mlir;
using namespace vitrail;
using namespace vitrail::test;

namespace {

class DemandTest : public testing::TestWithParam<const char *> {
protected:
  DemandTest() : builder(&context) {
    context
        .loadDialect<VitrailDialect, func::FuncDialect, arith::ArithDialect>();
  }

  int64_t upTo(int64_t last) { return random() % (last + 1); }
  int64_t size() { return 1 + upTo(3); }
  bool maybe() { return random() % 2; }

  /// A new argument of the function under construction.
  Value input(ArrayRef<int64_t> shape) {
    Block &block = function->front();
    return block.addArgument(RankedTensorType::get(shape, builder.getF32Type()),
                             builder.getUnknownLoc());
  }
  /// `shape` with some axes of size 1 and perhaps some leading ones dropped.
  SmallVector<int64_t> broadcastable(ArrayRef<int64_t> shape) {
    SmallVector<int64_t> result(shape.drop_front(upTo(shape.size() - 1)));
    for (int64_t &extent : result)
      extent = maybe() ? extent : 1;
    return result;
  }
  SmallVector<int64_t> anyShape(int64_t rank) {
    SmallVector<int64_t> shape;
    for (int64_t i = 0; i < rank; ++i)
      shape.push_back(size());
    return shape;
  }

  Value build(StringRef name);
  Value buildAttention(bool cross);
  Value buildEinsum();
  Value buildRearrange();
  Value buildWindow(StringRef name);

  OwningOpRef<func::FuncOp> newFunction() {
    auto result = func::FuncOp::create(builder.getUnknownLoc(), "main",
                                       builder.getFunctionType({}, {}));
    result.addEntryBlock();
    return OwningOpRef<func::FuncOp>(result);
  }
  void finish(func::FuncOp function, Value result) {
    func::ReturnOp::create(builder, builder.getUnknownLoc(), result);
    function.setType(builder.getFunctionType(
        function.front().getArgumentTypes(), result.getType()));
  }

  MLIRContext context;
  OpBuilder builder;
  std::mt19937 random;
  OwningOpRef<func::FuncOp> function;
};

} // namespace

Value DemandTest::buildAttention(bool cross) {
  int64_t heads = 1 + upTo(1), depth = size(), width = size();
  int64_t queries = size(), keys = size();
  SmallVector<int64_t> batch = anyShape(upTo(2));
  auto with = [&](int64_t tokens, int64_t features) {
    SmallVector<int64_t> shape(batch);
    shape.append({tokens, heads * features});
    return input(shape);
  };
  Value query = with(queries, depth), key = with(keys, depth),
        value = with(keys, width), bias;
  SmallVector<int64_t> scores(batch);
  scores.append({heads, queries, keys});
  if (maybe())
    bias = input(broadcastable(scores));
  MaskKind mask = maybe() ? MaskKind::Causal : MaskKind::None;
  APFloat scale(0.5);
  Location loc = builder.getUnknownLoc();
  if (cross)
    return CrossAttentionOp::create(builder, loc, query, key, value, bias,
                                    heads, scale, mask, maybe());
  return AttentionOp::create(builder, loc, query, key, value, bias, heads,
                             scale, mask, maybe());
}

Value DemandTest::buildEinsum() {
  static constexpr StringRef equations[] = {
      "ab,bc->ac", "abc,abd->acd", "ab,b->ab", "aab->ab",
      "abc->ca",   "ab,bc,cd->ad", "a,b->ba",  "ab->a"};
  StringRef equation = equations[upTo(std::size(equations) - 1)];
  std::map<char, int64_t> sizes;
  SmallVector<StringRef> terms;
  equation.split("->").first.split(terms, ',');
  SmallVector<Value> inputs;
  for (StringRef term : terms) {
    SmallVector<int64_t> shape;
    for (char letter : term)
      shape.push_back(sizes.try_emplace(letter, size()).first->second);
    inputs.push_back(input(shape));
  }
  return EinsumOp::create(builder, builder.getUnknownLoc(), equation, inputs);
}

Value DemandTest::buildRearrange() {
  int64_t a = size(), b = size(), c = size(), d = size();
  std::pair<StringRef, SmallVector<int64_t>> cases[] = {
      {"a (b c) d -> b a (c d)", {a, b * c, d}},
      {"a b (c d) -> (c a) d b", {a, b, c * d}},
      {"(a b) c d -> d c (b a)", {a * b, c, d}},
      {"a 1 (b c) d -> d 1 c b a 1", {a, 1, b * c, d}},
  };
  auto &[pattern, shape] = cases[upTo(std::size(cases) - 1)];
  SmallVector<NamedAttribute> sizes;
  for (auto [axis, extent] :
       {std::pair("a", a), std::pair("b", b), std::pair("c", c)})
    sizes.push_back(
        builder.getNamedAttr(axis, builder.getI64IntegerAttr(extent)));
  return RearrangeOp::create(builder, builder.getUnknownLoc(), input(shape),
                             pattern, builder.getDictionaryAttr(sizes));
}

/// A map, perhaps with axes in front that no window covers, and a window that
/// fits it. Every window of a pool has an element of the map.
Value DemandTest::buildWindow(StringRef name) {
  SmallVector<int64_t> map = anyShape(upTo(1));
  SmallVector<int64_t> kernel, strides, dilations, before, behind;
  for (int64_t axis = upTo(1); axis >= 0; --axis) {
    kernel.push_back(1 + upTo(2));
    strides.push_back(1 + upTo(2));
    dilations.push_back(name == "pool" ? 1 : 1 + upTo(1));
    int64_t reach = (kernel.back() - 1) * dilations.back() + 1;
    before.push_back(upTo(reach - 1));
    behind.push_back(upTo(reach - 1));
    int64_t least = std::max<int64_t>(reach - before.back() - behind.back(), 1);
    map.push_back(least + upTo(4));
  }
  SmallVector<int64_t> pads(before);
  llvm::append_range(pads, behind);
  map.push_back(size());
  Value x = input(map);
  Location loc = builder.getUnknownLoc();
  if (name == "unfold")
    return UnfoldOp::create(builder, loc, x, kernel, strides, pads, dilations);
  if (name == "pool") {
    auto kind = ReduceKind(upTo(3));
    return PoolOp::create(builder, loc, kind, x, kernel, strides, pads,
                          dilations, kind == ReduceKind::Mean && maybe());
  }
  kernel.push_back(map.back());
  Value filter = input(kernel);
  return DepthwiseConvOp::create(builder, loc, x, filter,
                                 maybe() ? input(map.back()) : Value(), strides,
                                 pads, dilations);
}

Value DemandTest::build(StringRef name) {
  Location loc = builder.getUnknownLoc();
  SmallVector<int64_t> shape = anyShape(1 + upTo(2));
  int64_t rank = shape.size(), axis = upTo(rank - 1);
  if (name == "linear") {
    int64_t in = shape.back(), out = size();
    bool transposed = maybe();
    Value x = input(shape), w = input(transposed ? ArrayRef<int64_t>{in, out}
                                                 : ArrayRef<int64_t>{out, in});
    return LinearOp::create(builder, loc, x, w, maybe() ? input(out) : Value(),
                            transposed);
  }
  if (name == "patch_embed") {
    int64_t channels = size(), p = 1 + upTo(1), q = 1 + upTo(1), out = size();
    Value image = input({size(), channels, p * size(), q * size()});
    Value weight = input({out, channels, p, q});
    return PatchEmbedOp::create(builder, loc, image, weight,
                                maybe() ? input(out) : Value());
  }
  if (name == "einsum")
    return buildEinsum();
  if (name == "attention" || name == "cross_attention")
    return buildAttention(name == "cross_attention");
  if (name == "norm") {
    shape[axis] += 1; // one more than ddof
    Value x = input(shape), gain, bias;
    if (maybe())
      gain = input(shape[axis]);
    if (maybe())
      bias = input(shape[axis]);
    return NormOp::create(builder, loc, x, gain, bias, axis, APFloat(0.5),
                          /*rms=*/maybe(), /*ddof=*/upTo(1),
                          /*eps_outside=*/maybe());
  }
  if (name == "softmax")
    return SoftmaxOp::create(builder, loc, input(shape), axis);
  if (name == "reduce") {
    SmallVector<int64_t> axes;
    for (int64_t dim = 0; dim < rank; ++dim)
      if (maybe())
        axes.push_back(dim);
    return ReduceOp::create(builder, loc, ReduceKind::Mean, input(shape), axes,
                            /*keep_dims=*/maybe());
  }
  if (name == "unary")
    return UnaryOp::create(builder, loc, UnaryKind::Gelu, input(shape));
  if (name == "binary") {
    SmallVector<int64_t> other = broadcastable(shape);
    if (maybe())
      std::swap(shape, other);
    Value lhs = input(shape), rhs = input(other);
    return BinaryOp::create(builder, loc, BinaryKind::Sub, lhs, rhs);
  }
  if (name == "rearrange")
    return buildRearrange();
  if (name == "concat") {
    SmallVector<Value> inputs;
    for (int64_t i = 0, count = size(); i < count; ++i) {
      shape[axis] = size();
      inputs.push_back(input(shape));
    }
    return ConcatOp::create(builder, loc, inputs, axis);
  }
  if (name == "slice") {
    SmallVector<int64_t> offsets, sizes;
    for (int64_t extent : shape) {
      offsets.push_back(upTo(extent - 1));
      sizes.push_back(1 + upTo(extent - offsets.back() - 1));
    }
    return SliceOp::create(builder, loc, input(shape), offsets, sizes);
  }
  if (name == "unfold" || name == "depthwise_conv" || name == "pool")
    return buildWindow(name);
  if (name == "winograd_conv") {
    SmallVector<int64_t> map = anyShape(upTo(1));
    map.append({2 + upTo(3), 2 + upTo(3), size()});
    int64_t features = size();
    Value x = input(map), filter = input({16, map.back(), features});
    Value bias = maybe() ? input(features) : Value();
    int64_t top = upTo(1), left = upTo(1);
    return WinogradConvOp::create(builder, loc, x, filter, bias,
                                  ArrayRef<int64_t>{top, left, 1, 1});
  }
  if (name == "roll") {
    SmallVector<int64_t> shifts;
    for (int64_t i = 0; i < rank; ++i)
      shifts.push_back(maybe() ? 0 : upTo(8) - 4);
    return RollOp::create(builder, loc, input(shape), shifts);
  }
  if (name == "resize")
    return ResizeOp::create(builder, loc,
                            maybe() ? ResizeKind::Linear : ResizeKind::Cubic,
                            input(shape), axis, size(), APFloat(-0.75),
                            /*antialias=*/maybe(), /*align_corners=*/maybe());
  assert(name == "broadcast" && "a builder for every op");
  return BroadcastOp::create(builder, loc, input(broadcastable(shape)), shape);
}

TEST_P(DemandTest, BoxesComputeAlone) {
  for (int trial = 0; trial < 300; ++trial) {
    function = newFunction();
    builder.setInsertionPointToStart(&function->front());
    Value result = build(GetParam());
    finish(*function, result);
    auto op = cast<DemandOpInterface>(result.getDefiningOp());
    auto type = cast<RankedTensorType>(result.getType());
    Box demand = Box::all(type);
    for (auto [offset, extent] : llvm::zip_equal(demand.offsets, demand.sizes))
      if (maybe()) {
        offset = upTo(extent - 1);
        extent = 1 + upTo(extent - offset - 1);
      }

    OwningOpRef<func::FuncOp> cut = newFunction();
    builder.setInsertionPointToStart(&cut->front());
    SmallVector<Value> boxes;
    for (auto [number, operand] : llvm::enumerate(op->getOperands())) {
      Value argument = cut->front().addArgument(operand.getType(), op.getLoc());
      Box box = op.getOperandDemand(number, demand);
      boxes.push_back(box.empty()
                          ? Value()
                          : extractBox(builder, op.getLoc(), argument, box));
    }
    Value part = op.buildBox(builder, demand, boxes);
    finish(*cut, part);
    std::string text;
    llvm::raw_string_ostream stream(text);
    stream << *function << "\n" << *cut << "\n";
    ASSERT_TRUE(succeeded(verify(*cut))) << text;
    ASSERT_EQ(part.getType(), type.clone(demand.sizes)) << text;

    SmallVector<HostTensor> inputs;
    for (Type input : function->getArgumentTypes())
      inputs.push_back(
          rampTensor(cast<RankedTensorType>(input).getShape(), inputs.size()));
    // The box of the whole result.
    builder.setInsertionPointAfterValue(result);
    function->front().getTerminator()->setOperand(
        0, extractBox(builder, op.getLoc(), result, demand));
    Interpreter interpreter({}, 1);
    auto expected = interpreter.run(*function, inputs);
    auto actual = interpreter.run(*cut, inputs);
    ASSERT_TRUE(bool(expected)) << llvm::toString(expected.takeError());
    ASSERT_TRUE(bool(actual)) << llvm::toString(actual.takeError()) << text;
    ASSERT_LT(compare(expected->front(), actual->front().getValues()).maxAbs,
              1e-12)
        << text;
  }
}

INSTANTIATE_TEST_SUITE_P(
    Ops, DemandTest,
    testing::Values("linear", "patch_embed", "einsum", "attention",
                    "cross_attention", "norm", "softmax", "reduce", "unary",
                    "binary", "rearrange", "concat", "slice", "broadcast",
                    "resize", "unfold", "depthwise_conv", "pool",
                    "winograd_conv", "roll"),
    [](const auto &info) { return std::string(info.param); });

TEST(DemandOfCausalAttentionTest, TheLastQueryNeedsNoOther) {
  Program program(programText({"1x4x2xf32", "1x6x2xf32", "1x6x2xf32"}, R"(
    %y = vitrail.attention %arg0, %arg1, %arg2 heads = 1 scale = 1.0 mask = causal
      : (tensor<1x4x2xf32>, tensor<1x6x2xf32>, tensor<1x6x2xf32>) -> tensor<1x4x2xf32>)",
                              "1x4x2xf32"));
  auto op = cast<DemandOpInterface>(
      program.getMain().front().getTerminator()->getOperand(0).getDefiningOp());
  Box last{{0, 3, 0}, {1, 1, 2}}, second{{0, 1, 0}, {1, 1, 2}};
  EXPECT_EQ(op.getOperandDemand(0, last), last);
  EXPECT_EQ(op.getOperandDemand(1, last), (Box{{0, 0, 0}, {1, 6, 2}}));
  EXPECT_EQ(op.getOperandDemand(0, second), second);
  EXPECT_EQ(op.getOperandDemand(1, second), (Box{{0, 0, 0}, {1, 4, 2}}));
}
