//===- RaiseLinears.cpp - Einsums with weights as linears -----------------===//
//
// Part of Vitrail, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "passes/simplify/Einsums.h"
#include "passes/simplify/Passes.h"
#include "passes/simplify/Report.h"
#include "passes/simplify/WeightSide.h"
#include "llvm/ADT/SmallSet.h"

namespace vitrail {
#define GEN_PASS_DEF_RAISELINEARS
#include "passes/simplify/Passes.h.inc"
} // namespace vitrail

using namespace mlir;
using namespace vitrail;

constexpr StringLiteral remarkName = "raise-linears";

namespace {

/// An einsum of an input and a weight, by the parts that indices play.
struct WeightProduct {
  EinsumOp op;
  Contraction map;
  Value input, weight;
  ArrayRef<int64_t> inputIndices, weightIndices;
  Indices rows;            // of the input and the result, in its order
  Indices inputs, outputs; // summed features, features of the result
  std::string whyNot;      // the reason why it is no linear, if it is none

  WeightProduct(EinsumOp op, bool weightIsFirst)
      : op(op), map(contractionOf(op)), input(op.getInputs()[weightIsFirst]),
        weight(op.getInputs()[!weightIsFirst]),
        inputIndices(map.operandIndices[weightIsFirst]),
        weightIndices(map.operandIndices[!weightIsFirst]) {
    classify();
  }

  Indices result() const {
    return llvm::to_vector(llvm::seq<int64_t>(0, map.resultRank));
  }

private:
  std::string name(int64_t index) {
    return std::string("'") + letterOf(op, index) + "'";
  }

  void classify() {
    auto twice = [](ArrayRef<int64_t> indices) {
      return llvm::SmallSet<int64_t, 8>(indices.begin(), indices.end())
                 .size() != indices.size();
    };
    if (twice(inputIndices) || twice(weightIndices)) {
      whyNot = "an index stands twice in an operand: a diagonal";
      return;
    }
    for (int64_t index : inputIndices) {
      bool inWeight = llvm::is_contained(weightIndices, index);
      bool inResult = index < map.resultRank;
      if (inWeight && inResult)
        whyNot = "index " + name(index) +
                 " of weight and input stays: a weight for each value of it";
      else if (!inWeight && !inResult)
        whyNot = "index " + name(index) + " of the input alone is summed";
      (inWeight ? inputs : rows).push_back(index);
    }
    for (int64_t index = 0; index < map.resultRank; ++index)
      if (!llvm::is_contained(inputIndices, index))
        outputs.push_back(index);
    for (int64_t index : weightIndices)
      if (index >= map.resultRank && !llvm::is_contained(inputIndices, index))
        whyNot = "index " + name(index) + " of the weight alone is summed";
    if (!whyNot.empty())
      return;
    if (inputs.empty())
      whyNot = "no index of the weight is summed";
    else if (outputs.empty())
      whyNot = "the weight has no index of the result";
    else if (!llvm::is_contained(inputs, inputIndices.back()))
      whyNot = "the weight sums index " + name(inputs.back()) + ", axis " +
               std::to_string(llvm::find(inputIndices, inputs.back()) -
                              inputIndices.begin()) +
               " of " + shapeString(input.getType()) + ", not the last axis";
  }
};

/// The frozen summand of the only reader of `product`, if it is the same for
/// all rows and complete: a bias. With its indices.
struct Bias {
  BinaryOp sum;
  Value value;
  Indices indices;
};

std::optional<Bias> findBias(WeightProduct &product, WeightSide &weights) {
  EinsumOp op = product.op;
  auto sum =
      op->hasOneUse() ? dyn_cast<BinaryOp>(*op->user_begin()) : BinaryOp();
  if (!sum || sum.getKind() != BinaryKind::Add ||
      sum.getType() != op.getType() || sum.getLhs() == sum.getRhs())
    return std::nullopt;
  Value value = sum.getLhs() == op.getResult() ? sum.getRhs() : sum.getLhs();
  auto type = cast<RankedTensorType>(value.getType());
  if (!weights.isFrozen(value))
    return std::nullopt;
  int64_t first = product.map.resultRank - type.getRank();
  Indices indices;
  for (auto [axis, size] : llvm::enumerate(type.getShape())) {
    bool isOutput = llvm::is_contained(product.outputs, first + int64_t(axis));
    if (isOutput)
      indices.push_back(first + axis);
    if (size != (isOutput ? product.map.extents[first + axis] : 1))
      return std::nullopt;
  }
  if (indices.size() != product.outputs.size())
    return std::nullopt;
  return Bias{sum, value, indices};
}

} // namespace

static void raise(WeightProduct &product, WeightSide &weights) {
  std::optional<Bias> bias = findBias(product, weights);
  Operation *replaced = bias ? bias->sum.getOperation() : product.op;
  OpBuilder builder(replaced);
  Location loc = product.op.getLoc();
  auto rearrange = [&](Value value, ArrayRef<Indices> from,
                       ArrayRef<Indices> to) {
    return rearrangeIndices(builder, loc, value, from, to, product.map.extents);
  };
  auto withLast = [](ArrayRef<int64_t> rows, const Indices &last) {
    SmallVector<Indices> axes = apart(rows);
    axes.push_back(last);
    return axes;
  };

  Value input = rearrange(product.input, apart(product.inputIndices),
                          withLast(product.rows, product.inputs));
  // [out, in], or [in, out] as it is.
  bool transposed = product.weightIndices ==
                        ArrayRef(join(product.inputs, product.outputs)) &&
                    product.weightIndices.size() == 2;
  Value weight = product.weight;
  if (!transposed)
    weight = rearrange(weight, apart(product.weightIndices),
                       {product.outputs, product.inputs});
  Value shift;
  if (bias) {
    SmallVector<Indices> axes;
    int64_t rank = cast<RankedTensorType>(bias->value.getType()).getRank();
    for (int64_t index = product.map.resultRank - rank;
         index < product.map.resultRank; ++index)
      axes.push_back(llvm::is_contained(bias->indices, index) ? Indices{index}
                                                              : Indices{});
    shift = rearrange(bias->value, axes, {product.outputs});
  }
  auto linear =
      LinearOp::create(builder, loc, input, weight, shift, transposed);
  Value result = rearrange(linear, withLast(product.rows, product.outputs),
                           apart(product.result()));
  reportApplied(linear, remarkName) << remark::add(
      "\"{0}\" as a linear of {1} to {2} features", product.op.getEquation(),
      linear.getInputFeatures(), linear.getOutputFeatures());
  replaced->replaceAllUsesWith(ValueRange{result});
  weights.erase(replaced);
}

namespace {
struct RaiseLinears : vitrail::impl::RaiseLinearsBase<RaiseLinears> {
  void runOnOperation() override {
    auto &weights = getAnalysis<WeightSide>();
    SmallVector<EinsumOp> einsums;
    getOperation().walk([&](EinsumOp op) { einsums.push_back(op); });
    for (EinsumOp op : einsums) {
      if (weights.isFrozen(op.getResult()) || op.getInputs().size() != 2)
        continue;
      bool first = weights.isFrozen(op.getInputs()[0]);
      if (!first && !weights.isFrozen(op.getInputs()[1]))
        continue;
      WeightProduct product(op, first);
      if (product.whyNot.empty())
        raise(product, weights);
      else
        reportMissed(op, remarkName) << remark::reason("{0}", product.whyNot);
    }
  }
};
} // namespace
