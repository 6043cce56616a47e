//===- Ops.cpp - Ops that the compiler implements -------------------------===//
//
// Part of Vitrail, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// One function an `op` of library.vtr, which declares parameters, types and
// defaults. Adding an op to the language is a line there and a function here.
//
//===----------------------------------------------------------------------===//

#include "compiler/frontend/Ops.h"
#include "compiler/frontend/Arithmetic.h"
#include <cmath>

using namespace mlir;
using namespace vitrail;
using namespace vitrail::frontend;

using Outcome = llvm::Expected<Datum>;

namespace {
/// The bound arguments of a call.
struct OpCall {
  TensorBuilder &tensors;
  Location loc;
  const Frame &frame;

  const Datum &operator[](StringRef name) const {
    return frame.names.find(name)->second.value;
  }
  const Tensor &tensor(StringRef name) const { return (*this)[name].tensor(); }
  std::optional<Tensor> optional(StringRef name) const {
    const Datum &datum = (*this)[name];
    return datum.is(DatumType::None) ? std::nullopt
                                     : std::optional(datum.tensor());
  }
};
} // namespace

static Outcome wrap(TensorBuilder::Result result) {
  if (!result)
    return result.takeError();
  return Datum(*result);
}

llvm::Expected<std::vector<int64_t>> frontend::integersOf(const List &list,
                                                          StringRef what) {
  std::vector<int64_t> integers;
  for (const Datum &element : list) {
    if (!element.is(DatumType::Int))
      return makeError(what + " must be integers, got " + show(element));
    integers.push_back(element.integer());
  }
  return integers;
}

//===----------------------------------------------------------------------===//
// Elementwise functions and reductions
//===----------------------------------------------------------------------===//

static Outcome runUnary(const OpCall &call) {
  UnaryKind kind = *symbolizeUnaryKind(call.frame.block->name);
  const Datum &x = call["x"];
  if (x.is(DatumType::Tensor))
    return wrap(call.tensors.unary(call.loc, kind, x.tensor()));
  if (x.isNumber())
    return compute(kind, x);
  return makeError("'" + call.frame.block->name +
                   "' needs a tensor or a number, got " + show(x));
}

static Outcome runReduce(const OpCall &call) {
  ReduceKind kind = *symbolizeReduceKind(call.frame.block->name);
  const Datum &axis = call["axis"];
  std::vector<int64_t> axes;
  if (axis.is(DatumType::Int)) {
    axes.push_back(axis.integer());
  } else if (axis.is(DatumType::List)) {
    auto list = integersOf(axis.list(), "axes");
    if (!list)
      return list.takeError();
    axes = std::move(*list);
  } else {
    return makeError("'" + call.frame.block->name +
                     "' reduces along an axis, as in 'axis = 0', got " +
                     show(axis));
  }
  return wrap(call.tensors.reduce(call.loc, kind, call.tensor("x"), axes,
                                  call["keep"].boolean()));
}

/// `max(a, b)` of numbers and tensors, `max(x, axis = 0)` of a tensor.
static Outcome runExtremum(const OpCall &call) {
  const Datum &x = call["x"], &y = call["y"];
  bool isMax = call.frame.block->name == "max";
  if (y.is(DatumType::None) && x.is(DatumType::Tensor))
    return runReduce(call);
  if (x.isNumber() && y.isNumber())
    return ((x.real() < y.real()) == isMax) ? y : x;
  bool usable = (x.isNumber() || x.is(DatumType::Tensor)) &&
                (y.isNumber() || y.is(DatumType::Tensor));
  if (!usable)
    return makeError("'" + call.frame.block->name +
                     "' needs two numbers or tensors, or one tensor and an "
                     "axis, got " +
                     show(x) + " and " + show(y));
  auto toTensor = [&](const Datum &datum, const Datum &other) {
    return datum.is(DatumType::Tensor)
               ? datum.tensor()
               : call.tensors.number(call.loc, datum.real(), other.tensor());
  };
  Tensor lhs = toTensor(x, y), rhs = toTensor(y, x);
  return wrap(call.tensors.binary(
      call.loc, isMax ? BinaryKind::Max : BinaryKind::Min, lhs, rhs));
}

/// Of a number an integer, of a tensor a tensor.
static Outcome runRound(const OpCall &call) {
  if (!call["x"].isNumber())
    return runUnary(call);
  double x = call["x"].real();
  double whole =
      call.frame.block->name == "floor" ? std::floor(x) : std::ceil(x);
  constexpr double limit = 9.0e18; // within 64 bits
  if (std::fabs(whole) > limit)
    return makeError(show(call["x"]) + " does not fit into 64 bits");
  return Datum(int64_t(whole));
}

static Outcome runLength(const OpCall &call) {
  return Datum(int64_t(call["list"].list().size()));
}

static Outcome runSoftmax(const OpCall &call) {
  return wrap(
      call.tensors.softmax(call.loc, call.tensor("x"), call["axis"].integer()));
}

//===----------------------------------------------------------------------===//
// Products, norms, mixers
//===----------------------------------------------------------------------===//

static Outcome runAffine(const OpCall &call) {
  return wrap(call.tensors.affine(call.loc, call.tensor("x"),
                                  call.tensor("weight"), call.optional("bias"),
                                  call["transposed"].boolean()));
}

static Outcome runPatches(const OpCall &call) {
  return wrap(call.tensors.patchEmbed(call.loc, call.tensor("image"),
                                      call.tensor("filter"),
                                      call.optional("bias")));
}

static Outcome runNormalize(const OpCall &call) {
  NormOptions options;
  options.gain = call.optional("gain");
  options.bias = call.optional("bias");
  options.axis = call["axis"].integer();
  options.eps = call["eps"].real();
  options.rms = call["rms"].boolean();
  options.epsOutside = call["eps_outside"].boolean();
  options.ddof = call["ddof"].integer();
  return wrap(call.tensors.normalize(call.loc, call.tensor("x"), options));
}

static Outcome runAttention(const OpCall &call) {
  AttentionOptions options;
  options.heads = call["heads"].integer();
  if (!call["scale"].is(DatumType::None))
    options.scale = call["scale"].real();
  options.bias = call.optional("bias");
  options.cross = call.frame.block->name == "cross_attention";
  const std::string &mask = call["mask"].string();
  std::optional<MaskKind> kind = symbolizeMaskKind(mask);
  if (!kind)
    return makeError("the mask is \"none\" or \"causal\", got \"" + mask +
                     "\"");
  options.mask = *kind;
  return wrap(call.tensors.attention(call.loc, call.tensor("query"),
                                     call.tensor("key"), call.tensor("value"),
                                     options));
}

static Outcome runEinsum(const OpCall &call) {
  std::vector<Tensor> operands;
  for (const auto &[name, datum] : call.frame.rest) {
    if (!name.empty() || !datum.is(DatumType::Tensor))
      return makeError("einsum: takes an equation and tensors, got " +
                       show(datum));
    operands.push_back(datum.tensor());
  }
  return wrap(
      call.tensors.einsum(call.loc, call["equation"].string(), operands));
}

//===----------------------------------------------------------------------===//
// Shapes
//===----------------------------------------------------------------------===//

static Outcome runRearrange(const OpCall &call) {
  std::vector<std::pair<std::string, int64_t>> sizes;
  for (const auto &[name, datum] : call.frame.rest) {
    if (name.empty() || !datum.is(DatumType::Int))
      return makeError("rearrange: sizes of axes are named integers, as in "
                       "'p = 4', got " +
                       show(datum));
    sizes.emplace_back(name, datum.integer());
  }
  return wrap(call.tensors.rearrange(call.loc, call.tensor("x"),
                                     call["pattern"].string(), sizes));
}

static Outcome runConcat(const OpCall &call) {
  std::vector<Tensor> parts;
  for (const Datum &part : call["parts"].list()) {
    if (!part.is(DatumType::Tensor))
      return makeError("concat: joins tensors, got " + show(part));
    parts.push_back(part.tensor());
  }
  return wrap(call.tensors.concat(call.loc, parts, call["axis"].integer()));
}

static Outcome runBroadcast(const OpCall &call) {
  auto shape = integersOf(call["shape"].list(), "sizes");
  if (!shape)
    return shape.takeError();
  return wrap(call.tensors.broadcast(call.loc, call.tensor("x"), *shape));
}

static Outcome runRange(const OpCall &call) {
  return wrap(call.tensors.range(call.loc, call["n"].integer(),
                                 call["start"].real(), call["step"].real()));
}

static Outcome runResize(const OpCall &call) {
  auto axes = integersOf(call["axes"].list(), "axes");
  if (!axes)
    return axes.takeError();
  auto sizes = integersOf(call["sizes"].list(), "sizes");
  if (!sizes)
    return sizes.takeError();
  const std::string &mode = call["mode"].string();
  if (mode != "bilinear" && mode != "bicubic")
    return makeError("the mode is \"bilinear\" or \"bicubic\", got \"" + mode +
                     "\"");
  ResizeOptions options;
  options.kind = mode == "bicubic" ? ResizeKind::Cubic : ResizeKind::Linear;
  if (!call["coefficient"].is(DatumType::None))
    options.coefficient = call["coefficient"].real();
  options.antialias = call["antialias"].boolean();
  options.alignCorners = call["align_corners"].boolean();
  return wrap(
      call.tensors.resize(call.loc, call.tensor("x"), *axes, *sizes, options));
}

static Outcome runGather(const OpCall &call) {
  return wrap(call.tensors.gather(call.loc, call.tensor("table"),
                                  call.tensor("indices"),
                                  call["axis"].integer()));
}

static Outcome runRoll(const OpCall &call) {
  auto shifts = integersOf(call["shifts"].list(), "shifts");
  if (!shifts)
    return shifts.takeError();
  auto axes = integersOf(call["axes"].list(), "axes");
  if (!axes)
    return axes.takeError();
  return wrap(call.tensors.roll(call.loc, call.tensor("x"), *shifts, *axes));
}

//===----------------------------------------------------------------------===//
// Windows
//===----------------------------------------------------------------------===//

/// The window of a call, of which some ops have a `kernel` and others a filter.
static llvm::Expected<WindowOptions> windowOf(const OpCall &call) {
  WindowOptions window;
  const std::pair<StringRef, std::vector<int64_t> *> lists[] = {
      {"kernel", &window.kernel},
      {"stride", &window.strides},
      {"padding", &window.pads},
      {"dilation", &window.dilations}};
  for (auto [name, list] : lists) {
    auto found = call.frame.names.find(name);
    if (found == call.frame.names.end())
      continue;
    auto integers = integersOf(found->second.value.list(),
                               ("the values of '" + name + "'").str());
    if (!integers)
      return integers.takeError();
    *list = std::move(*integers);
  }
  return window;
}

static Outcome runUnfold(const OpCall &call) {
  auto window = windowOf(call);
  if (!window)
    return window.takeError();
  return wrap(call.tensors.unfold(call.loc, call.tensor("x"), *window));
}

static Outcome runDepthwise(const OpCall &call) {
  auto window = windowOf(call);
  if (!window)
    return window.takeError();
  Tensor filter = call.tensor("filter");
  window->kernel.assign(filter.shape().begin(), filter.shape().end());
  if (!window->kernel.empty())
    window->kernel.pop_back(); // the channels
  return wrap(call.tensors.depthwise(call.loc, call.tensor("x"), filter,
                                     call.optional("bias"), *window));
}

static Outcome runPool(const OpCall &call) {
  auto window = windowOf(call);
  if (!window)
    return window.takeError();
  const std::string &name = call["kind"].string();
  std::optional<ReduceKind> kind = symbolizeReduceKind(name);
  if (!kind)
    return makeError("pool: the kind is \"max\", \"mean\", \"min\" or "
                     "\"sum\", got \"" +
                     name + "\"");
  return wrap(call.tensors.pool(call.loc, *kind, call.tensor("x"), *window,
                                call["count_padding"].boolean()));
}

//===----------------------------------------------------------------------===//
// The table
//===----------------------------------------------------------------------===//

using OpFunction = Outcome (*)(const OpCall &);

static OpFunction findOp(StringRef name) {
  static const std::pair<StringRef, OpFunction> table[] = {
      {"affine", runAffine},
      {"attention", runAttention},
      {"broadcast", runBroadcast},
      {"ceil", runRound},
      {"concat", runConcat},
      {"cross_attention", runAttention},
      {"depthwise", runDepthwise},
      {"einsum", runEinsum},
      {"embed_patches", runPatches},
      {"floor", runRound},
      {"gather", runGather},
      {"len", runLength},
      {"max", runExtremum},
      {"mean", runReduce},
      {"min", runExtremum},
      {"normalize", runNormalize},
      {"pool", runPool},
      {"range", runRange},
      {"rearrange", runRearrange},
      {"resize", runResize},
      {"roll", runRoll},
      {"softmax", runSoftmax},
      {"sum", runReduce},
      {"unfold", runUnfold},
  };
  for (const auto &[known, function] : table)
    if (known == name)
      return function;
  return runUnary;
}

Outcome frontend::runOp(TensorBuilder &tensors, Location loc,
                        const Frame &frame) {
  return findOp(frame.block->name)({tensors, loc, frame});
}
