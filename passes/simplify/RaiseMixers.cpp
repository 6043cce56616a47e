//===- RaiseMixers.cpp - Attention written out ----------------------------===//
//
// Part of Vitrail, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "passes/simplify/Einsums.h"
#include "passes/simplify/Passes.h"
#include "passes/simplify/Report.h"
#include "passes/simplify/Scores.h"
#include "passes/simplify/WeightSide.h"

namespace vitrail {
#define GEN_PASS_DEF_RAISEMIXERS
#include "passes/simplify/Passes.h.inc"
} // namespace vitrail

using namespace mlir;
using namespace vitrail;

constexpr StringLiteral remarkName = "raise-mixers";

namespace {

/// The reason why something is no mixer.
using Reason = std::string;

std::string quoted(EinsumOp op) { return "\"" + op.getEquation().str() + "\""; }

/// The first value that `value` is computed from by linears and rearrangements.
Value rootOf(Value value) {
  while (Operation *op = value.getDefiningOp()) {
    if (!isa<LinearOp, RearrangeOp, SliceOp>(op))
      break;
    value = op->getOperand(0);
  }
  return value;
}

/// Attention spelled by two einsums, with numbers for its indices: those of the
/// activated scores are their axes, further ones come behind.
class Attention {
public:
  Attention(EinsumOp values, WeightSide &weights)
      : values(values), weights(weights), builder(values) {}

  /// Finds the parts, or says why they are none of a mixer.
  std::optional<Reason> match();
  /// Replaces the einsum.
  void raise();

private:
  /// The indices of an einsum's operand in numbers of this class.
  std::optional<Reason> matchScores(EinsumOp product);
  std::optional<Reason> matchFactors();
  std::optional<Reason> matchValues(const Contraction &map,
                                    int64_t probability);
  int64_t headOf(Value operand, ArrayRef<int64_t> indices, int64_t feature);
  Value withFeatures(Value operand, ArrayRef<int64_t> indices, int64_t tokens,
                     int64_t feature);
  Value stripFactor(Value value);
  Value arrangeFactor(Value value);
  Value scaledByFactors(Value query);
  Value scoreBias();
  Value arrangeSummand(Value value);
  int64_t newIndex(int64_t extent) {
    extents.push_back(extent);
    return extents.size() - 1;
  }
  char letter(int64_t index) {
    Contraction map = contractionOf(values);
    return letterOf(values, map.operandIndices[probabilityOperand][index]);
  }

  EinsumOp values;
  WeightSide &weights;
  OpBuilder builder;
  int64_t probabilityOperand = -1;
  SoftmaxOp softmax;
  Scores scores;
  Value query, key, value;
  Indices queryIndices, keyIndices, valueIndices, resultIndices;
  SmallVector<int64_t> extents;
  int64_t queryToken = -1, keyToken = -1, depth = -1, feature = -1;
  int64_t head = -1; // or -1
  Indices batch;
};

} // namespace

std::optional<Reason> Attention::match() {
  for (auto [number, input] : llvm::enumerate(values.getInputs()))
    if (auto op = input.getDefiningOp<SoftmaxOp>()) {
      softmax = op;
      probabilityOperand = number;
    }
  if (!softmax)
    return "neither operand is the result of a softmax";
  if (!softmax->hasOneUse())
    return "the activated scores are not read by this product alone";
  std::optional<Scores> traced = traceScores(softmax.getInput(), weights);
  if (!traced)
    return "what softmax activates is no product of queries and keys";
  scores = *traced;
  extents.assign(softmax.getType().getShape().begin(),
                 softmax.getType().getShape().end());
  keyToken = softmax.getAxis();
  if (auto reason = matchScores(scores.product))
    return reason;
  if (auto reason = matchFactors())
    return reason;
  return matchValues(contractionOf(values), probabilityOperand);
}

std::optional<Reason> Attention::matchScores(EinsumOp product) {
  Contraction map = contractionOf(product);
  Indices summed;
  for (int64_t index = map.resultRank; index < int64_t(map.extents.size());
       ++index)
    summed.push_back(newIndex(map.extents[index]));
  if (summed.size() != 1)
    return "queries and keys are multiplied over " +
           std::to_string(summed.size()) +
           " indices, not one: " + quoted(product);
  depth = summed.front();
  SmallVector<Indices> operands(2);
  for (auto [indices, own] : llvm::zip_equal(map.operandIndices, operands))
    for (int64_t index : indices)
      own.push_back(index < map.resultRank ? index : depth);
  bool keyIsFirst = llvm::is_contained(operands[0], keyToken);
  if (keyIsFirst == llvm::is_contained(operands[1], keyToken))
    return "softmax runs along an index of both operands of " + quoted(product);
  queryIndices = operands[keyIsFirst];
  keyIndices = operands[!keyIsFirst];
  query = product.getInputs()[keyIsFirst];
  key = product.getInputs()[!keyIsFirst];
  Indices alone; // of queries or keys, but for the softmax's axis
  std::string names;
  for (int64_t axis = 0; axis < map.resultRank; ++axis) {
    bool inQuery = llvm::is_contained(queryIndices, axis);
    if (axis == keyToken)
      continue;
    if (inQuery && llvm::is_contained(keyIndices, axis)) {
      batch.push_back(axis);
      continue;
    }
    names += std::string(names.empty() ? "'" : ", '") +
             letterOf(product, axis) + "'";
    alone.push_back(axis);
  }
  if (alone.size() != 1 || !llvm::is_contained(queryIndices, alone.front()))
    return "queries of " + quoted(product) +
           (alone.empty() ? " have no index of their own"
                          : " and keys do not share " + names +
                                ": heads with one key, or more than one axis "
                                "of tokens");
  queryToken = alone.front();
  if (queryIndices.size() != batch.size() + 2 ||
      keyIndices.size() != batch.size() + 2)
    return "an operand of " + quoted(product) + " has an index twice";
  return std::nullopt;
}

/// A factor of scores is one of queries where all keys have the same.
std::optional<Reason> Attention::matchFactors() {
  for (auto [factor, kind] : scores.factors) {
    auto type = cast<RankedTensorType>(factor.getType());
    int64_t axis = keyToken - softmax.getType().getRank() + type.getRank();
    if (axis >= 0 && type.getDimSize(axis) != 1)
      return "the factor " + shapeString(type) +
             " of the scores varies from key to key";
  }
  return std::nullopt;
}

std::optional<Reason> Attention::matchValues(const Contraction &map,
                                             int64_t probability) {
  ArrayRef<int64_t> scoreNumbers = map.operandIndices[probability];
  auto ownNumber = [&](int64_t index) -> int64_t {
    auto found = llvm::find(scoreNumbers, index);
    return found == scoreNumbers.end() ? feature : found - scoreNumbers.begin();
  };
  value = values.getInputs()[1 - probability];
  int64_t rank = cast<RankedTensorType>(value.getType()).getRank();
  for (int64_t index : map.operandIndices[1 - probability]) {
    if (!llvm::is_contained(scoreNumbers, index)) {
      if (feature >= 0 || index >= map.resultRank)
        return "the values have more indices of their own than one: " +
               quoted(values);
      feature = newIndex(map.extents[index]);
    }
    valueIndices.push_back(ownNumber(index));
  }
  if (feature < 0)
    return "the values have no index of their own: " + quoted(values);
  for (auto [axis, index] : llvm::enumerate(scoreNumbers)) {
    int64_t number = axis;
    bool inValue = llvm::is_contained(valueIndices, number);
    bool stays = index < map.resultRank;
    if (number == keyToken ? !inValue || stays
                           : !stays || inValue == (number == queryToken))
      return std::string("index '") + letter(number) + "' of the scores is " +
             (stays ? "not" : "") + (stays ? " summed by " : "summed by ") +
             quoted(values) + ", which a mixer does " +
             (number == keyToken ? "with keys" : "with keys alone");
  }
  if (rank != int64_t(batch.size()) + 2)
    return "the values have an index twice: " + quoted(values);
  for (int64_t index = 0; index < map.resultRank; ++index)
    resultIndices.push_back(ownNumber(index));
  return std::nullopt;
}

/// The index that counts heads, if features of `operand` were split into it and
/// `feature`.
int64_t Attention::headOf(Value operand, ArrayRef<int64_t> indices,
                          int64_t feature) {
  double factor;
  while (Value inner = withoutFactor(operand, factor))
    operand = inner;
  auto op = operand.getDefiningOp<RearrangeOp>();
  if (!op)
    return -1;
  Rearrangement map = llvm::cantFail(parseRearrange(
      op.getPattern(), op.getInput().getType().getShape(), op.getSizes()));
  auto axisOf = [&](int64_t place) -> int64_t {
    auto [begin, end] = map.resultAxes[place];
    return end - begin == 1 ? map.permutation[begin] : -1;
  };
  int64_t last = axisOf(llvm::find(indices, feature) - indices.begin());
  auto [begin, end] = map.operandAxes.back();
  if (last != end - 1 || last - 1 < begin)
    return -1;
  for (auto [place, index] : llvm::enumerate(indices))
    if (llvm::is_contained(batch, index) && axisOf(place) == last - 1)
      return index;
  return -1;
}

/// An operand as the mixer takes it: [batch, tokens, head · feature].
Value Attention::withFeatures(Value operand, ArrayRef<int64_t> indices,
                              int64_t tokens, int64_t feature) {
  SmallVector<Indices> axes = apart(batch);
  axes.push_back({tokens});
  axes.push_back(head < 0 ? Indices{feature} : Indices{head, feature});
  return rearrangeIndices(builder, values.getLoc(), operand, apart(indices),
                          axes, extents);
}

/// `value` without factors of all its elements, which become the scores'.
Value Attention::stripFactor(Value value) {
  double factor;
  if (Value inner = withoutFactor(value, factor)) {
    scores.scale *= factor;
    return stripFactor(inner);
  }
  auto op = value.getDefiningOp<RearrangeOp>();
  Value inner = op ? stripFactor(op.getInput()) : Value();
  if (!op || inner == op.getInput())
    return value;
  return RearrangeOp::create(builder, op.getLoc(), inner, op.getPattern(),
                             op.getSizes());
}

/// A summand of the scores with the axes [batch, heads, queries, keys].
Value Attention::arrangeSummand(Value value) {
  auto type = cast<RankedTensorType>(value.getType());
  int64_t rank = type.getRank(), first = softmax.getType().getRank() - rank;
  SmallVector<Indices> from, to;
  for (int64_t axis = 0; axis < rank; ++axis)
    from.push_back(type.getDimSize(axis) == 1 ? Indices{}
                                              : Indices{first + axis});
  Indices order = batch;
  order.append({head, queryToken, keyToken});
  for (int64_t index : order) {
    bool present = index >= first && type.getDimSize(index - first) != 1;
    if (present || !to.empty())
      to.push_back(present ? Indices{index} : Indices{});
  }
  // Axes of size one in front are the same with and without.
  auto leading = [](ArrayRef<Indices> axes) {
    return axes.drop_while([](ArrayRef<int64_t> axis) { return axis.empty(); });
  };
  if (leading(from) == leading(to) && rank <= int64_t(order.size()))
    return value;
  return rearrangeIndices(builder, values.getLoc(), value, from, to, extents);
}

/// A factor of the scores for queries as the mixer takes them: [batch, tokens,
/// head · feature], or ones in place of these.
Value Attention::arrangeFactor(Value value) {
  auto type = cast<RankedTensorType>(value.getType());
  int64_t first = softmax.getType().getRank() - type.getRank();
  auto varies = [&](int64_t index) {
    return index >= first && type.getDimSize(index - first) != 1;
  };
  auto axis = [&](int64_t index) {
    return varies(index) ? Indices{index} : Indices{};
  };
  SmallVector<Indices> from, to;
  for (int64_t index = first; index < softmax.getType().getRank(); ++index)
    from.push_back(axis(index));
  for (int64_t index : batch)
    to.push_back(axis(index));
  to.push_back(axis(queryToken));
  to.push_back(axis(head));
  if (!varies(head))
    return rearrangeIndices(builder, values.getLoc(), value, from, to, extents);
  // All features of a head have its factor.
  to.push_back({});
  value = rearrangeIndices(builder, values.getLoc(), value, from, to, extents);
  SmallVector<int64_t> shape(
      cast<RankedTensorType>(value.getType()).getShape());
  shape.back() = extents[depth];
  value = BroadcastOp::create(builder, values.getLoc(), value, shape);
  to.back() = {depth};
  SmallVector<Indices> merged(ArrayRef(to).drop_back());
  merged.back().push_back(depth);
  return rearrangeIndices(builder, values.getLoc(), value, to, merged, extents);
}

Value Attention::scaledByFactors(Value query) {
  for (auto [factor, kind] : scores.factors)
    query = BinaryOp::create(builder, values.getLoc(), kind, query,
                             arrangeFactor(factor));
  return query;
}

Value Attention::scoreBias() {
  Value bias;
  for (auto [summand, factor] : scores.summands) {
    Location loc = summand.getLoc();
    Value arranged = arrangeSummand(summand);
    auto type = cast<RankedTensorType>(arranged.getType());
    if (factor != 1)
      arranged = BinaryOp::create(
          builder, loc, BinaryKind::Mul, arranged,
          buildScalar(builder, loc, type.getElementType(), factor));
    bias = bias
               ? BinaryOp::create(builder, loc, BinaryKind::Add, bias, arranged)
               : arranged;
  }
  return bias;
}

void Attention::raise() {
  for (auto [operand, indices, last] :
       {std::tuple(query, ArrayRef(queryIndices), depth),
        std::tuple(key, ArrayRef(keyIndices), depth),
        std::tuple(value, ArrayRef(valueIndices), feature)})
    if (head < 0)
      head = headOf(operand, indices, last);
  llvm::erase(batch, head);
  query = withFeatures(stripFactor(query), queryIndices, queryToken, depth);
  key = withFeatures(stripFactor(key), keyIndices, keyToken, depth);
  value = withFeatures(value, valueIndices, keyToken, feature);
  int64_t heads = head < 0 ? 1 : extents[head];
  Value bias = scoreBias();
  APFloat scale(scores.scale);
  Location loc = values.getLoc();
  bool isSelf = rootOf(query) == rootOf(key);
  query = scaledByFactors(query);
  Value mixer =
      isSelf ? AttentionOp::create(builder, loc, query, key, value, bias, heads,
                                   scale, MaskKind::None, /*base2=*/false)
                   .getResult()
             : CrossAttentionOp::create(builder, loc, query, key, value, bias,
                                        heads, scale, MaskKind::None,
                                        /*base2=*/false)
                   .getResult();
  SmallVector<Indices> axes = apart(batch);
  axes.push_back({queryToken});
  axes.push_back(head < 0 ? Indices{feature} : Indices{head, feature});
  Value result = rearrangeIndices(builder, loc, mixer, axes,
                                  apart(resultIndices), extents);
  reportApplied(mixer.getDefiningOp(), remarkName) << remark::add(
      "{0} and {1} as {2} heads of {3} features", quoted(scores.product),
      quoted(values), heads, extents[depth]);
  values.replaceAllUsesWith(result);
  weights.erase(values);
}

/// Why a product that reads what a softmax made, by way of something else, is
/// none of a mixer; nothing if there is no softmax.
static std::optional<Reason> whyNotValues(EinsumOp product,
                                          WeightSide &weights) {
  for (Value input : product.getInputs()) {
    std::string between;
    while (Operation *op = input.getDefiningOp()) {
      if (isa<SoftmaxOp>(op))
        return between + " between softmax and values";
      auto einsum = dyn_cast<EinsumOp>(op);
      if (!isa<NormOp, UnaryOp, BinaryOp>(op) &&
          (!einsum || isRunTimeProduct(einsum, weights)))
        break;
      between = einsum ? "scores are mixed by " + quoted(einsum)
                       : "scores pass " + op->getName().getStringRef().str();
      auto operand = llvm::find_if(op->getOperands(), [&](Value value) {
        return !weights.isFrozen(value);
      });
      input = *operand;
    }
  }
  return std::nullopt;
}

/// Why a product that no mixer came of is none, seen from what reads it.
static Reason whyNotScores(EinsumOp product, WeightSide &weights) {
  Operation *reader = product;
  std::string mixed;
  while (reader->hasOneUse()) {
    reader = *reader->user_begin();
    if (auto softmax = dyn_cast<SoftmaxOp>(reader)) {
      if (!mixed.empty())
        return mixed + " before softmax activates them";
      if (!softmax->hasOneUse())
        return "the activated scores have several readers";
      Operation *next = *softmax->user_begin();
      auto einsum = dyn_cast<EinsumOp>(next);
      if (isRunTimeProduct(einsum, weights))
        return *Attention(einsum, weights).match();
      return (einsum ? "scores are mixed by " + quoted(einsum)
                     : "scores are read by " +
                           next->getName().getStringRef().str()) +
             " between softmax and values";
    }
    if (auto einsum = dyn_cast<EinsumOp>(reader);
        einsum && !isRunTimeProduct(einsum, weights))
      mixed = "scores are mixed by " + quoted(einsum);
    else if (!isa<UnaryOp, BinaryOp>(reader))
      break;
  }
  return whyNotValues(product, weights)
      .value_or("no softmax activates what it computes");
}

namespace {
struct RaiseMixers : vitrail::impl::RaiseMixersBase<RaiseMixers> {
  void runOnOperation() override {
    auto &weights = getAnalysis<WeightSide>();
    auto products = [&] {
      SmallVector<EinsumOp> found;
      getOperation().walk([&](EinsumOp op) {
        if (isRunTimeProduct(op, weights))
          found.push_back(op);
      });
      return found;
    };
    for (EinsumOp op : products())
      if (Attention attention(op, weights); !attention.match())
        attention.raise();
    for (EinsumOp op : products()) {
      bool weightsValues = llvm::any_of(op.getInputs(), [](Value input) {
        return bool(input.getDefiningOp<SoftmaxOp>());
      });
      reportMissed(op, remarkName) << remark::reason(
          "{0}", weightsValues ? *Attention(op, weights).match()
                               : whyNotScores(op, weights));
    }
  }
};
} // namespace
