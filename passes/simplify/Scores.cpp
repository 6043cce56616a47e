//===- Scores.cpp - What is done to scores before their activation --------===//
//
// Part of Vitrail, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "passes/simplify/Scores.h"

using namespace mlir;
using namespace vitrail;

Value vitrail::withoutFactor(Value value, double &factor) {
  auto op = value.getDefiningOp<BinaryOp>();
  if (!op)
    return {};
  std::optional<double> right = numberOf(op.getRhs());
  if (right && op.getLhs().getType() == value.getType()) {
    if (op.getKind() == BinaryKind::Mul || op.getKind() == BinaryKind::Div) {
      factor = op.getKind() == BinaryKind::Mul ? *right : 1 / *right;
      return op.getLhs();
    }
  }
  std::optional<double> left = numberOf(op.getLhs());
  if (left && op.getRhs().getType() == value.getType() &&
      op.getKind() == BinaryKind::Mul) {
    factor = *left;
    return op.getRhs();
  }
  return {};
}

bool vitrail::isRunTimeProduct(EinsumOp op, WeightSide &weights) {
  return op && op.getInputs().size() == 2 &&
         llvm::none_of(op.getInputs(),
                       [&](Value input) { return weights.isFrozen(input); });
}

/// Where `op` multiplies or divides a value of its own shape by a frozen one:
/// that value and the factor.
static std::pair<Value, Value> frozenFactor(BinaryOp op, WeightSide &weights) {
  if (op.getKind() != BinaryKind::Mul && op.getKind() != BinaryKind::Div)
    return {};
  Value inner = op.getLhs(), factor = op.getRhs();
  if (op.getKind() == BinaryKind::Mul && weights.isFrozen(inner))
    std::swap(inner, factor);
  if (inner.getType() != op.getType() || weights.isFrozen(inner) ||
      !weights.isFrozen(factor))
    return {};
  return {inner, factor};
}

std::optional<Scores> vitrail::traceScores(Value value, WeightSide &weights) {
  auto einsum = value.getDefiningOp<EinsumOp>();
  if (isRunTimeProduct(einsum, weights))
    return Scores{einsum, 1, {}, {}};
  double factor;
  if (Value inner = withoutFactor(value, factor)) {
    std::optional<Scores> scores = traceScores(inner, weights);
    if (scores) {
      scores->scale *= factor;
      for (auto &summand : scores->summands)
        summand.second *= factor;
    }
    return scores;
  }
  auto op = value.getDefiningOp<BinaryOp>();
  if (!op)
    return std::nullopt;
  if (auto [inner, tensor] = frozenFactor(op, weights); inner) {
    std::optional<Scores> scores = traceScores(inner, weights);
    // It would be one of the summands, too.
    if (!scores || !scores->summands.empty())
      return std::nullopt;
    scores->factors.push_back({tensor, op.getKind()});
    return scores;
  }
  if (op.getKind() != BinaryKind::Add && op.getKind() != BinaryKind::Sub)
    return std::nullopt;
  for (auto [inner, other] : {std::pair(op.getLhs(), op.getRhs()),
                              std::pair(op.getRhs(), op.getLhs())}) {
    bool negated = op.getKind() == BinaryKind::Sub;
    if (inner.getType() != value.getType() || (negated && inner == op.getRhs()))
      continue;
    std::optional<Scores> scores = traceScores(inner, weights);
    if (!scores)
      continue;
    scores->summands.push_back({other, negated ? -1.0 : 1.0});
    return scores;
  }
  return std::nullopt;
}
