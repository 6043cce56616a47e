//===- MixerOps.cpp - Token mixers ----------------------------------------===//
//
// Part of Vitrail, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "dialects/vitrail/VitrailDialect.h"

using namespace mlir;
using namespace vitrail;

/// The shape rule of both attentions.
template <typename Adaptor>
static LogicalResult inferAttention(std::optional<Location> loc, StringRef name,
                                    Adaptor op,
                                    SmallVectorImpl<Type> &results) {
  auto query = cast<RankedTensorType>(op.getQuery().getType());
  auto key = cast<RankedTensorType>(op.getKey().getType());
  auto value = cast<RankedTensorType>(op.getValue().getType());
  int64_t rank = query.getRank(), heads = op.getHeads();
  if (rank < 2 || key.getRank() != rank || value.getRank() != rank)
    return emitOptionalError(
        loc, name,
        ": query, key and value must be [batch, tokens, features], got ",
        shapeString(query), ", ", shapeString(key), " and ",
        shapeString(value));
  if (heads <= 0)
    return emitOptionalError(
        loc, name, ": the number of heads must be positive, got ", heads);
  for (RankedTensorType type : {query, key, value})
    if (type.getShape().back() % heads)
      return emitOptionalError(loc, name, ": ", heads, " heads do not divide ",
                               type.getShape().back(), " features of ",
                               shapeString(type));
  if (query.getShape().back() != key.getShape().back())
    return emitOptionalError(
        loc, name, ": query ", shapeString(query), " and key ",
        shapeString(key), " must have the same features, got ",
        query.getShape().back(), " and ", key.getShape().back());
  if (key.getDimSize(rank - 2) != value.getDimSize(rank - 2))
    return emitOptionalError(
        loc, name, ": key ", shapeString(key), " and value ",
        shapeString(value), " must have the same tokens, got ",
        key.getDimSize(rank - 2), " and ", value.getDimSize(rank - 2));
  ArrayRef<int64_t> batch = query.getShape().drop_back(2);
  if (key.getShape().drop_back(2) != batch ||
      value.getShape().drop_back(2) != batch)
    return emitOptionalError(loc, name, ": query ", shapeString(query),
                             ", key ", shapeString(key), " and value ",
                             shapeString(value), " must have the same batch");
  int64_t queries = query.getDimSize(rank - 2), keys = key.getDimSize(rank - 2);
  if (op.getBias()) {
    auto bias = cast<RankedTensorType>(op.getBias().getType());
    SmallVector<int64_t> scores(batch);
    scores.append({heads, queries, keys});
    bool fits = bias.getRank() <= int64_t(scores.size());
    for (auto [have, want] :
         llvm::zip(llvm::reverse(bias.getShape()), llvm::reverse(scores)))
      fits &= have == want || have == 1;
    if (!fits)
      return emitOptionalError(loc, name, ": the bias ", shapeString(bias),
                               " does not broadcast to the scores ",
                               shapeString(scores),
                               ": aligned at the last axis, sizes of the bias "
                               "must be equal or 1");
  }
  SmallVector<int64_t> shape(query.getShape());
  shape.back() = value.getShape().back();
  results.push_back(query.clone(shape));
  return success();
}

/// Queries are independent: rows of the query and the bias follow the result;
/// keys and values are needed whole (apart from the batch).
template <typename Op>
static std::optional<int64_t> attentionResultDim(Op op, unsigned operand,
                                                 unsigned dim) {
  int64_t rank = op.getQuery().getType().getRank();
  // A causal query's keys depend on its number: see `attentionDemand`.
  bool masked = op.getMask() != MaskKind::None;
  if (operand == 3) {
    // Bias [batch..., heads, M, N], aligned at the end; size-1 axes repeat.
    RankedTensorType bias = op.getBias().getType();
    int64_t fromEnd = bias.getRank() - 1 - dim;
    if (bias.getDimSize(dim) == 1 || fromEnd == 0 || fromEnd == 2)
      return std::nullopt;
    if (fromEnd == 1)
      return masked ? std::nullopt : std::optional<int64_t>(rank - 2);
    return rank - fromEnd;
  }
  if (int64_t(dim) == rank - 1 ||
      (int64_t(dim) == rank - 2 && (operand != 0 || masked)))
    return std::nullopt;
  return dim;
}

/// With a causal mask, query i sees the keys up to `i + N - M`. Queries from o
/// to o + m therefore need the first n = o + m + N - M keys, and of these n,
/// the m queries see what the mask says: the box is an attention of the same
/// kind.
template <typename Op>
static Box attentionDemand(Op op, unsigned operand, const Box &demand) {
  Box box = vitrail::detail::defaultOperandDemand(op, operand, demand);
  int64_t rows = op.getQuery().getType().getRank() - 2;
  int64_t queries = op.getQuery().getType().getDimSize(rows);
  int64_t keys = op.getKey().getType().getDimSize(rows);
  // A query before the first key makes rows that no box of them can express.
  if (box.empty() || op.getMask() != MaskKind::Causal || keys < queries)
    return box;
  int64_t seen = demand.offsets[rows] + demand.sizes[rows] + keys - queries;
  auto cut = [&](int64_t fromEnd, int64_t offset, int64_t size) {
    int64_t dim = int64_t(box.sizes.size()) - 1 - fromEnd;
    if (dim < 0 || (operand == 3 && box.sizes[dim] == 1))
      return; // an axis of the bias that repeats
    box.offsets[dim] = offset;
    box.sizes[dim] = size;
  };
  if (operand == 0 || operand == 3)
    cut(1, demand.offsets[rows], demand.sizes[rows]);
  if (operand == 1 || operand == 2)
    cut(1, 0, seen);
  if (operand == 3)
    cut(0, 0, seen);
  return box;
}

template <typename Op> static int64_t attentionMacs(Op op) {
  RankedTensorType query = op.getQuery().getType();
  int64_t keys = op.getKey().getType().getDimSize(query.getRank() - 2);
  int64_t features =
      query.getShape().back() + op.getValue().getType().getShape().back();
  return ShapedType::getNumElements(query.getShape().drop_back()) * keys *
         features;
}

#define VITRAIL_ATTENTION(OP, NAME)                                            \
  LogicalResult OP::inferReturnTypes(MLIRContext *,                            \
                                     std::optional<Location> loc, Adaptor op,  \
                                     SmallVectorImpl<Type> &results) {         \
    return inferAttention(loc, NAME, op, results);                             \
  }                                                                            \
  std::optional<int64_t> OP::getResultDim(unsigned operand, unsigned dim) {    \
    return attentionResultDim(*this, operand, dim);                            \
  }                                                                            \
  Box OP::getOperandDemand(unsigned operand, const Box &demand) {              \
    return attentionDemand(*this, operand, demand);                            \
  }                                                                            \
  int64_t OP::getMacs() { return attentionMacs(*this); }                       \
  OpOperand &OP::getQueryOperand() { return getQueryMutable(); }               \
  OpOperand &OP::getKeyOperand() { return getKeyMutable(); }                   \
  OpOperand &OP::getValueOperand() { return getValueMutable(); }               \
  OpOperand *OP::getScoreBiasOperand() {                                       \
    return getBias() ? &getOperation()->getOpOperand(3) : nullptr;             \
  }                                                                            \
  int64_t OP::getHeadCount() { return getHeads(); }                            \
  bool OP::isRowStochastic() { return true; }                                  \
  double OP::getScoreScale() { return getScale().convertToDouble(); }          \
  bool OP::isBase2() { return getBase2(); }                                    \
  void OP::dropScoreScale(bool base2) {                                        \
    setScaleAttr(Builder(getContext()).getF64FloatAttr(1.0));                  \
    setBase2(getBase2() || base2);                                             \
  }

VITRAIL_ATTENTION(AttentionOp, "attention")
VITRAIL_ATTENTION(CrossAttentionOp, "cross_attention")
