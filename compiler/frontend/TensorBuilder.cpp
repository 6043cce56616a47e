//===- TensorBuilder.cpp - Per-sample tensor ops into the dialect ---------===//
//
// Part of Vitrail, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "compiler/frontend/TensorBuilder.h"
#include "dialects/vitrail/Einops.h"
#include "mlir/IR/BuiltinAttributes.h"
#include "mlir/IR/Diagnostics.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/Support/MathExtras.h"
#include <cmath>

using namespace mlir;
using namespace vitrail;
using namespace vitrail::frontend;

llvm::Error frontend::makeError(const llvm::Twine &message) {
  return llvm::createStringError(message);
}

llvm::Error frontend::checkShape(ArrayRef<int64_t> shape) {
  int64_t elements = 1;
  for (int64_t size : shape) {
    if (size <= 0)
      return makeError("sizes must be positive, got " + shapeString(shape));
    if (llvm::MulOverflow(elements, size, elements) || elements > maxElements)
      return makeError("a tensor " + shapeString(shape) +
                       " is too large: the limit is 2^36 elements");
  }
  return llvm::Error::success();
}

RankedTensorType TensorBuilder::tensorType(ArrayRef<int64_t> shape) {
  return RankedTensorType::get(shape, builder.getF32Type());
}

RankedTensorType TensorBuilder::batchedType(ArrayRef<int64_t> shape) {
  SmallVector<int64_t> full = {batch};
  llvm::append_range(full, shape);
  return tensorType(full);
}

TensorBuilder::Result TensorBuilder::create(
    OperationState &state, bool batched,
    llvm::function_ref<LogicalResult(SmallVectorImpl<Type> &)> inferTypes) {
  constexpr int64_t maxOps = 1 << 18;
  if (++opCount > maxOps)
    return makeError("the model has more than " + llvm::Twine(maxOps) +
                     " operations");
  SmallVector<Type> types;
  std::string message;
  {
    ScopedDiagnosticHandler capture(state.getContext(), [&](Diagnostic &diag) {
      message = diag.str();
      return success();
    });
    if (failed(inferTypes(types)))
      return makeError(message);
  }
  if (llvm::Error error =
          checkShape(cast<RankedTensorType>(types.front()).getShape()))
    return std::move(error);
  state.types.assign(types.begin(), types.end());
  return Tensor{builder.create(state)->getResult(0), batched};
}

llvm::Expected<int64_t>
TensorBuilder::resolveAxis(StringRef op, const Tensor &x, int64_t axis) {
  if (axis < -x.rank() || axis >= x.rank())
    return makeError(op + ": axis " + llvm::Twine(axis) +
                     " is not an axis of " + shapeString(x.shape()));
  return (axis < 0 ? axis + x.rank() : axis) + x.batched;
}

/// A pattern from the names of axes on its two sides.
static std::string makePattern(ArrayRef<std::string> before,
                               ArrayRef<std::string> after) {
  return llvm::join(before, " ") + " -> " + llvm::join(after, " ");
}

static std::string axisName(int64_t axis) { return "x" + std::to_string(axis); }

TensorBuilder::Result TensorBuilder::alignRank(Location loc, Tensor x,
                                               int64_t rank) {
  if (!x.batched || x.rank() >= rank)
    return x;
  SmallVector<std::string> before = {"b"}, after = {"b"};
  after.append(rank - x.rank(), "1");
  for (int64_t axis = 0; axis < x.rank(); ++axis) {
    before.push_back(axisName(axis));
    after.push_back(axisName(axis));
  }
  return create<RearrangeOp>(loc, true, x.value, makePattern(before, after),
                             builder.getDictionaryAttr({}));
}

TensorBuilder::Result TensorBuilder::withBatch(Location loc, Tensor x) {
  if (x.batched)
    return x;
  return create<BroadcastOp>(loc, true, x.value,
                             batchedType(x.shape()).getShape());
}

//===----------------------------------------------------------------------===//
// Elementwise
//===----------------------------------------------------------------------===//

Tensor TensorBuilder::number(Location loc, double value, const Tensor &other) {
  RankedTensorType type = tensorType({});
  if (!other.batched && double(float(value)) != value)
    return {RangeOp::create(builder, loc, type, llvm::APFloat(value),
                            llvm::APFloat(0.0)),
            false};
  return {
      arith::ConstantOp::create(
          builder, loc, type,
          DenseElementsAttr::get(type, llvm::ArrayRef<float>(float(value)))),
      false};
}

TensorBuilder::Result TensorBuilder::range(Location loc, int64_t count,
                                           double start, double step) {
  if (llvm::Error error = checkShape(count))
    return std::move(error);
  if (!std::isfinite(start) || !std::isfinite(step))
    return makeError("range: start and step must be finite numbers");
  return Tensor{RangeOp::create(builder, loc, tensorType(count),
                                llvm::APFloat(start), llvm::APFloat(step)),
                false};
}

TensorBuilder::Result TensorBuilder::unary(Location loc, UnaryKind kind,
                                           Tensor x) {
  return create<UnaryOp>(loc, x.batched, kind, x.value);
}

TensorBuilder::Result TensorBuilder::binary(Location loc, BinaryKind kind,
                                            Tensor lhs, Tensor rhs) {
  int64_t rank = std::max(lhs.rank(), rhs.rank());
  Result left = alignRank(loc, lhs, rank);
  if (!left)
    return left;
  Result right = alignRank(loc, rhs, rank);
  if (!right)
    return right;
  return create<BinaryOp>(loc, lhs.batched || rhs.batched, kind, left->value,
                          right->value);
}

//===----------------------------------------------------------------------===//
// Products
//===----------------------------------------------------------------------===//

static Value valueOrNull(const std::optional<Tensor> &tensor) {
  return tensor ? tensor->value : Value();
}

TensorBuilder::Result TensorBuilder::affine(Location loc, Tensor x,
                                            Tensor weight,
                                            std::optional<Tensor> bias,
                                            bool transposed) {
  return create<LinearOp>(loc, x.batched, x.value, weight.value,
                          valueOrNull(bias), transposed);
}

TensorBuilder::Result TensorBuilder::patchEmbed(Location loc, Tensor image,
                                                Tensor filter,
                                                std::optional<Tensor> bias) {
  Result batched = withBatch(loc, image);
  if (!batched)
    return batched;
  return create<PatchEmbedOp>(loc, true, batched->value, filter.value,
                              valueOrNull(bias));
}

TensorBuilder::Result TensorBuilder::einsum(Location loc, StringRef equation,
                                            ArrayRef<Tensor> operands) {
  SmallVector<Value> values;
  SmallVector<ArrayRef<int64_t>> shapes;
  for (const Tensor &operand : operands) {
    values.push_back(operand.value);
    shapes.push_back(operand.shape());
  }
  // Objections are to the equation as it was written, without the batch.
  auto contraction = parseEinsum(equation, shapes);
  if (!contraction)
    return makeError("einsum: " + llvm::toString(contraction.takeError()));
  int64_t products = batch * int64_t(operands.size());
  for (int64_t extent : contraction->extents)
    if (llvm::MulOverflow(products, extent, products))
      return makeError("einsum: \"" + equation + "\" takes too many products");

  char letter = 'a';
  while (letter < 'z' && equation.contains(letter))
    ++letter;
  auto withIndex = [&](StringRef term, bool batched) {
    return (batched ? std::string(1, letter) : "") + term.trim().str();
  };
  auto [left, right] = equation.split("->");
  SmallVector<StringRef> terms;
  left.split(terms, ',');
  SmallVector<std::string> fullTerms;
  bool batched = false;
  for (auto [term, operand] : llvm::zip_equal(terms, operands)) {
    fullTerms.push_back(withIndex(term, operand.batched));
    batched |= operand.batched;
  }
  std::string full =
      llvm::join(fullTerms, ",") + "->" + withIndex(right, batched);
  return create<EinsumOp>(loc, batched, full, values);
}

TensorBuilder::Result
TensorBuilder::attention(Location loc, Tensor query, Tensor key, Tensor value,
                         const AttentionOptions &options) {
  bool batched = query.batched || key.batched || value.batched;
  for (Tensor *operand : {&query, &key, &value}) {
    if (!batched)
      break;
    Result full = withBatch(loc, *operand);
    if (!full)
      return full;
    *operand = *full;
  }
  // The scores are the one large thing that is not a tensor of the program.
  int64_t scores = std::max(options.heads, int64_t(1));
  for (const Tensor &operand : {query, key})
    if (operand.rank() >= 2 &&
        (llvm::MulOverflow(scores, operand.shape().drop_back().back(),
                           scores) ||
         scores > maxElements))
      return makeError("attention: " + llvm::Twine(options.heads) +
                       " heads between " + shapeString(query.shape()) +
                       " and " + shapeString(key.shape()) +
                       " have too many scores: the limit is 2^36");
  std::optional<Tensor> bias = options.bias;
  if (bias) {
    Result aligned = alignRank(loc, *bias, query.rank() + 1);
    if (!aligned)
      return aligned;
    bias = *aligned;
  }
  // Where heads do not divide features, the op says so.
  double features = query.rank() ? double(query.shape().back()) : 1.0;
  llvm::APFloat scale(options.scale.value_or(
      options.heads > 0 ? 1.0 / std::sqrt(features / options.heads) : 1.0));
  if (options.cross)
    return create<CrossAttentionOp>(loc, batched, query.value, key.value,
                                    value.value, valueOrNull(bias),
                                    options.heads, scale, options.mask, false);
  return create<AttentionOp>(loc, batched, query.value, key.value, value.value,
                             valueOrNull(bias), options.heads, scale,
                             options.mask, false);
}

//===----------------------------------------------------------------------===//
// Norms and reductions
//===----------------------------------------------------------------------===//

TensorBuilder::Result TensorBuilder::normalize(Location loc, Tensor x,
                                               const NormOptions &options) {
  llvm::Expected<int64_t> axis = resolveAxis("normalize", x, options.axis);
  if (!axis)
    return axis.takeError();
  return create<NormOp>(loc, x.batched, x.value, valueOrNull(options.gain),
                        valueOrNull(options.bias), *axis,
                        llvm::APFloat(options.eps), options.rms, options.ddof,
                        options.epsOutside);
}

TensorBuilder::Result TensorBuilder::softmax(Location loc, Tensor x,
                                             int64_t axis) {
  llvm::Expected<int64_t> resolved = resolveAxis("softmax", x, axis);
  if (!resolved)
    return resolved.takeError();
  return create<SoftmaxOp>(loc, x.batched, x.value, *resolved);
}

TensorBuilder::Result TensorBuilder::reduce(Location loc, ReduceKind kind,
                                            Tensor x, ArrayRef<int64_t> axes,
                                            bool keepDims) {
  SmallVector<int64_t> resolved;
  for (int64_t axis : axes) {
    llvm::Expected<int64_t> one =
        resolveAxis(stringifyReduceKind(kind), x, axis);
    if (!one)
      return one.takeError();
    resolved.push_back(*one);
  }
  llvm::sort(resolved);
  return create<ReduceOp>(loc, x.batched, kind, x.value, resolved, keepDims);
}

//===----------------------------------------------------------------------===//
// Shapes
//===----------------------------------------------------------------------===//

TensorBuilder::Result
TensorBuilder::rearrange(Location loc, Tensor x, StringRef pattern,
                         ArrayRef<std::pair<std::string, int64_t>> sizes) {
  int64_t product = 1;
  SmallVector<NamedAttribute> attributes;
  for (const auto &[axis, size] : sizes) {
    if (size <= 0 || llvm::MulOverflow(product, size, product) ||
        product > maxElements)
      return makeError("rearrange: axis '" + axis + "' cannot have size " +
                       llvm::Twine(size));
    attributes.push_back(
        builder.getNamedAttr(axis, builder.getI64IntegerAttr(size)));
  }
  DictionaryAttr sizesAttr = builder.getDictionaryAttr(attributes);
  // Objections are to the pattern as it was written, without the batch.
  if (auto parsed = parseRearrange(pattern, x.shape(), sizesAttr); !parsed)
    return makeError("rearrange: " + llvm::toString(parsed.takeError()));
  std::string full = pattern.str();
  if (x.batched) {
    auto [left, right] = pattern.split("->");
    std::string name = "b";
    while (pattern.contains(name))
      name += "_";
    full = name + " " + left.trim().str() + " -> " + name + " " +
           right.trim().str();
  }
  return create<RearrangeOp>(loc, x.batched, x.value, full, sizesAttr);
}

TensorBuilder::Result
TensorBuilder::concat(Location loc, ArrayRef<Tensor> parts, int64_t axis) {
  if (parts.empty())
    return makeError("concat: needs at least one tensor");
  llvm::Expected<int64_t> resolved = resolveAxis("concat", parts.front(), axis);
  if (!resolved)
    return resolved.takeError();
  bool batched = llvm::any_of(parts, [](auto &x) { return x.batched; });
  if (batched && !parts.front().batched)
    ++*resolved;
  SmallVector<Value> values;
  for (Tensor part : parts) {
    if (batched) {
      Result full = withBatch(loc, part);
      if (!full)
        return full;
      part = *full;
    }
    values.push_back(part.value);
  }
  return create<ConcatOp>(loc, batched, values, *resolved);
}

TensorBuilder::Result TensorBuilder::slice(Location loc, Tensor x,
                                           ArrayRef<AxisRange> ranges) {
  SmallVector<int64_t> offsets(x.batched, 0), sizes(x.batched, batch);
  SmallVector<std::string> before(x.batched, "b"), after(x.batched, "b");
  for (auto [axis, range] : llvm::enumerate(ranges)) {
    offsets.push_back(range.offset);
    sizes.push_back(range.size);
    before.push_back(range.dropAxis ? "1" : axisName(axis));
    if (!range.dropAxis)
      after.push_back(axisName(axis));
  }
  Result result = x;
  if (ArrayRef<int64_t>(sizes) != x.type().getShape())
    result = create<SliceOp>(loc, x.batched, x.value, offsets, sizes);
  if (!result || before == after)
    return result;
  return create<RearrangeOp>(loc, x.batched, result->value,
                             makePattern(before, after),
                             builder.getDictionaryAttr({}));
}

TensorBuilder::Result TensorBuilder::broadcast(Location loc, Tensor x,
                                               ArrayRef<int64_t> shape) {
  if (llvm::Error error = checkShape(shape))
    return std::move(error);
  if (!x.batched)
    return create<BroadcastOp>(loc, false, x.value, shape);
  Result aligned = alignRank(loc, x, shape.size());
  if (!aligned)
    return aligned;
  return create<BroadcastOp>(loc, true, aligned->value,
                             batchedType(shape).getShape());
}

TensorBuilder::Result TensorBuilder::resize(Location loc, Tensor x,
                                            ArrayRef<int64_t> axes,
                                            ArrayRef<int64_t> sizes,
                                            const ResizeOptions &options) {
  if (x.batched)
    return makeError("resize: interpolates while compiling, and this tensor " +
                     shapeString(x.shape()) + " depends on an input");
  if (axes.size() != sizes.size())
    return makeError("resize: needs a size for each axis, got " +
                     llvm::Twine(axes.size()) + " axes and " +
                     llvm::Twine(sizes.size()) + " sizes");
  SmallVector<std::pair<int64_t, int64_t>> pairs;
  for (auto [axis, size] : llvm::zip_equal(axes, sizes)) {
    llvm::Expected<int64_t> resolved = resolveAxis("resize", x, axis);
    if (!resolved)
      return resolved.takeError();
    pairs.emplace_back(*resolved, size);
  }
  llvm::sort(pairs);
  SmallVector<int64_t> sortedAxes(llvm::make_first_range(pairs));
  SmallVector<int64_t> sortedSizes(llvm::make_second_range(pairs));
  bool softer = options.kind == ResizeKind::Cubic && options.antialias;
  double coefficient = options.coefficient.value_or(softer ? -0.5 : -0.75);
  return create<ResizeOp>(loc, false, options.kind, x.value, sortedAxes,
                          sortedSizes, llvm::APFloat(coefficient),
                          options.antialias, options.alignCorners);
}
