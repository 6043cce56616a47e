//===- DecomposeEinsum.cpp - Einsums as ops that have a kernel ------------===//
//
// Part of Vitrail, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "passes/schedule/EinsumForm.h"
#include "passes/schedule/Passes.h"
#include "passes/simplify/WeightSide.h"

namespace vitrail {
#define GEN_PASS_DEF_DECOMPOSEEINSUMPASS
#include "passes/schedule/Passes.h.inc"
} // namespace vitrail

using namespace mlir;
using namespace vitrail;

namespace {

/// A tensor with an index for each axis.
struct Factor {
  Value value;
  Indices indices;

  RankedTensorType type() const {
    return cast<RankedTensorType>(value.getType());
  }
  bool has(int64_t index) const { return llvm::is_contained(indices, index); }
};

/// Rewrites one einsum.
class Decomposer {
public:
  Decomposer(EinsumOp op, WeightSide &weights)
      : op(op), weights(weights), builder(op), map(contractionOf(op)) {}

  Value run() {
    SmallVector<Factor> factors;
    for (auto [value, indices] :
         llvm::zip_equal(op.getInputs(), map.operandIndices))
      factors.push_back({value, indices});
    for (Factor &factor : factors)
      factor = takeDiagonals(factor);
    for (Factor &factor : factors) {
      Indices kept;
      for (int64_t index : factor.indices)
        if (isNeeded(index, factors, {&factor}))
          kept.push_back(index);
      factor = sumOut(factor, kept);
    }
    while (factors.size() > 2) {
      auto [first, second] = cheapestPair(factors);
      Factor &a = factors[first], &b = factors[second];
      Indices both, onlyA, onlyB;
      for (int64_t index : a.indices)
        if (isNeeded(index, factors, {&a, &b}))
          (b.has(index) ? both : onlyA).push_back(index);
      for (int64_t index : b.indices)
        if (isNeeded(index, factors, {&a, &b}) && !a.has(index))
          onlyB.push_back(index);
      a = contract(a, b, join(both, join(onlyA, onlyB)));
      factors.erase(factors.begin() + second);
    }
    Indices result = llvm::to_vector(llvm::seq<int64_t>(0, map.resultRank));
    return factors.size() == 1 ? arrange(factors[0], result).value
                               : contract(factors[0], factors[1], result).value;
  }

private:
  /// Whether the result or a factor other than `others` has `index`.
  bool isNeeded(int64_t index, ArrayRef<Factor> factors,
                ArrayRef<const Factor *> others) {
    return index < map.resultRank ||
           llvm::any_of(
               factors,
               [&](const Factor &factor) {
                 return !llvm::is_contained(others, &factor) &&
                        factor.has(index);
               });
  }

  int64_t extent(ArrayRef<int64_t> indices) {
    int64_t product = 1;
    for (int64_t index : indices)
      product *= map.extents[index];
    return product;
  }

  /// The two factors whose product takes the fewest multiplications when the
  /// program runs, of several the leftmost.
  std::pair<size_t, size_t> cheapestPair(ArrayRef<Factor> factors) {
    std::pair<size_t, size_t> best;
    int64_t lowest = -1;
    for (size_t first = 0; first < factors.size(); ++first)
      for (size_t second = first + 1; second < factors.size(); ++second) {
        const Factor &a = factors[first], &b = factors[second];
        bool frozen = weights.isFrozen(a.value) && weights.isFrozen(b.value);
        Indices all = a.indices;
        llvm::copy_if(b.indices, std::back_inserter(all),
                      [&](int64_t index) { return !a.has(index); });
        int64_t cost = frozen ? 0 : extent(all);
        if (lowest < 0 || cost < lowest) {
          lowest = cost;
          best = {first, second};
        }
      }
    return best;
  }

  //===--------------------------------------------------------------------===//
  // One factor
  //===--------------------------------------------------------------------===//

  static std::string name(int64_t number) {
    return "x" + std::to_string(number);
  }

  Value rearrange(Value value, const Twine &pattern, DictionaryAttr sizes) {
    return RearrangeOp::create(builder, op.getLoc(), value, pattern.str(),
                               sizes);
  }

  /// The factor with its axes in the order of `order`, in which -1 is a new
  /// axis of size one.
  Factor arrange(const Factor &factor, ArrayRef<int64_t> order) {
    SmallVector<Indices> axes = apart(order);
    for (Indices &axis : axes)
      llvm::erase(axis, -1);
    return {rearrangeIndices(builder, op.getLoc(), factor.value,
                             apart(factor.indices), axes, map.extents),
            Indices(order)};
  }

  Factor sumOut(const Factor &factor, ArrayRef<int64_t> kept) {
    SmallVector<int64_t> axes;
    for (auto [axis, index] : llvm::enumerate(factor.indices))
      if (!llvm::is_contained(kept, index))
        axes.push_back(axis);
    if (axes.empty())
      return factor;
    // Panels need an axis: a number is a tensor of one element, except where it
    // is the einsum's result.
    bool isNumber = kept.empty() && map.resultRank != 0;
    Value sum = ReduceOp::create(builder, op.getLoc(), ReduceKind::Sum,
                                 factor.value, axes, /*keepDims=*/isNumber);
    if (isNumber && axes.size() > 1) {
      std::string before;
      for (size_t i = 0; i < axes.size(); ++i)
        before += "1 ";
      sum = rearrange(sum, before + "-> 1", builder.getDictionaryAttr({}));
    }
    return {sum, Indices(kept)};
  }

  /// Leaves each index once. The diagonal of an N × N matrix is the first
  /// column of its elements, in order and with N more behind, as N rows of N
  /// + 1.
  Factor takeDiagonals(Factor factor) {
    Location loc = op.getLoc();
    for (size_t first = 0; first < factor.indices.size(); ++first) {
      int64_t index = factor.indices[first], size = map.extents[index];
      auto again = std::find(factor.indices.begin() + first + 1,
                             factor.indices.end(), index);
      if (again == factor.indices.end())
        continue;
      size_t second = again - factor.indices.begin();
      std::string before, rest;
      for (size_t axis = 0; axis < factor.indices.size(); ++axis) {
        before += name(axis) + " ";
        if (axis != first && axis != second)
          rest += name(axis) + " ";
      }
      std::string pair = name(first) + " " + name(second);
      Value flat = rearrange(factor.value, before + "-> (" + pair + ") " + rest,
                             builder.getDictionaryAttr({}));
      RankedTensorType type = factor.type();
      SmallVector<int64_t> shape(
          cast<RankedTensorType>(flat.getType()).getShape());
      shape.front() = size;
      Value zero = arith::ConstantOp::create(
          builder, loc,
          DenseElementsAttr::get(
              RankedTensorType::get({}, type.getElementType()),
              builder.getFloatAttr(type.getElementType(), 0.0)));
      Value behind = BroadcastOp::create(builder, loc, zero, shape);
      Value longer =
          ConcatOp::create(builder, loc, ValueRange{flat, behind}, 0);
      Value rows = rearrange(
          longer, "(" + pair + ") " + rest + "-> " + pair + " " + rest,
          builder.getDictionaryAttr(builder.getNamedAttr(
              name(first), builder.getI64IntegerAttr(size))));
      Box column = Box::all(cast<RankedTensorType>(rows.getType()));
      column.sizes[1] = 1;
      Value diagonal = extractBox(builder, loc, rows, column);
      factor.value = rearrange(diagonal,
                               name(first) + " 1 " + rest + "-> " +
                                   name(first) + " " + rest,
                               builder.getDictionaryAttr({}));
      factor.indices.erase(again);
      factor.indices.erase(factor.indices.begin() + first);
      factor.indices.insert(factor.indices.begin(), index);
      first = size_t(-1); // from the start: axes have moved
    }
    return factor;
  }

  //===--------------------------------------------------------------------===//
  // Two factors
  //===--------------------------------------------------------------------===//

  /// The sum of products of `a` and `b` over their indices that `order` lacks.
  /// No index that `order` lacks is one of `a` or `b` alone.
  Factor contract(Factor a, Factor b, ArrayRef<int64_t> order) {
    if (weights.isFrozen(a.value) && weights.isFrozen(b.value))
      return product(a, b, order);
    Indices both, onlyA, onlyB, depth;
    for (int64_t index : a.indices)
      (!b.has(index)                      ? onlyA
       : llvm::is_contained(order, index) ? both
                                          : depth)
          .push_back(index);
    llvm::copy_if(b.indices, std::back_inserter(onlyB),
                  [&](int64_t index) { return !a.has(index); });
    bool isProduct = !order.empty() && !llvm::is_contained(both, order.back());
    if (depth.empty() || (!isProduct && (onlyA.empty() || onlyB.empty())))
      return multiply(a, b, order, depth);
    // Vectors run along an index of one factor alone.
    if (!isProduct)
      return arrange(contract(a, b, join(both, join(onlyA, onlyB))), order);
    if (a.has(order.back()))
      std::swap(a, b);
    auto missing = [&](const Factor &factor) {
      Indices others;
      llvm::copy_if(order.drop_back(), std::back_inserter(others),
                    [&](int64_t index) { return factor.has(index); });
      return others;
    };
    // A frozen factor lies as the kernel wants it, at no cost.
    if (weights.isFrozen(a.value))
      a = arrange(a, join(missing(a), depth));
    int64_t last = b.indices.back();
    if (weights.isFrozen(b.value) ||
        (last != order.back() && !llvm::is_contained(depth, last)))
      b = arrange(b, join(missing(b), join(depth, order.back())));
    return product(a, b, order);
  }

  Factor product(const Factor &a, const Factor &b, ArrayRef<int64_t> order) {
    auto letters = [](ArrayRef<int64_t> indices) {
      std::string term;
      for (int64_t index : indices)
        term += char('a' + index);
      return term;
    };
    return {EinsumOp::create(builder, op.getLoc(),
                             letters(a.indices) + "," + letters(b.indices) +
                                 "->" + letters(order),
                             ValueRange{a.value, b.value}),
            Indices(order)};
  }

  /// Products element by element, summed over `depth`: where one factor has no
  /// index of its own, the products are no more than the elements of the other.
  Factor multiply(const Factor &a, const Factor &b, ArrayRef<int64_t> order,
                  ArrayRef<int64_t> depth) {
    Indices all(order);
    bool along = !depth.empty() &&
                 llvm::is_contained(depth, a.indices.back()) &&
                 llvm::is_contained(depth, b.indices.back());
    all.insert(along || order.empty() ? all.end() : all.end() - 1,
               depth.begin(), depth.end());
    auto aligned = [&](const Factor &factor) {
      Indices axes;
      for (int64_t index : all)
        if (factor.has(index))
          axes.push_back(index);
        else if (!axes.empty())
          axes.push_back(-1);
      return arrange(factor, axes).value;
    };
    Value left = aligned(a), right = aligned(b);
    Value products =
        BinaryOp::create(builder, op.getLoc(), BinaryKind::Mul, left, right);
    return sumOut({products, all}, order);
  }

  EinsumOp op;
  WeightSide &weights;
  OpBuilder builder;
  Contraction map;
};

class DecomposeEinsumPass
    : public vitrail::impl::DecomposeEinsumPassBase<DecomposeEinsumPass> {
public:
  using DecomposeEinsumPassBase::DecomposeEinsumPassBase;

  void runOnOperation() override {
    WeightSide weights(getOperation());
    SmallVector<Operation *> ops;
    getOperation().walk([&](Operation *op) {
      if (isa<EinsumOp, LinearOp>(op) && !weights.isFrozen(op->getResult(0)))
        ops.push_back(op);
    });
    for (Operation *op : ops) {
      if (auto linear = dyn_cast<LinearOp>(op)) {
        if (std::optional<EinsumOp> product = rewrite(linear, weights))
          op = *product;
        else
          continue;
      }
      auto einsum = cast<EinsumOp>(op);
      if (isKernelForm(einsum, weights))
        continue;
      einsum.replaceAllUsesWith(Decomposer(einsum, weights).run());
      weights.erase(einsum);
    }
  }

private:
  /// Whether `op` is a kernel's already, its frozen operands in the order that
  /// suits the kernel.
  static bool isKernelForm(EinsumOp op, WeightSide &weights) {
    return EinsumForm::of(op) &&
           llvm::none_of(op.getInputs(),
                         [&](Value input) { return weights.isFrozen(input); });
  }

  /// Weights and biases that are computed when the program runs: the linear is
  /// an einsum, its bias a sum.
  static std::optional<EinsumOp> rewrite(LinearOp linear, WeightSide &weights) {
    bool frozen = weights.isFrozen(linear.getWeight());
    if (frozen && weights.isFrozenOrAbsent(linear.getBias()))
      return std::nullopt;
    OpBuilder builder(linear);
    Location loc = linear.getLoc();
    Value product;
    std::optional<EinsumOp> einsum;
    if (frozen) {
      product =
          LinearOp::create(builder, loc, linear.getInput(), linear.getWeight(),
                           Value(), linear.getTransposed());
    } else {
      std::string rows;
      for (int64_t axis = 1; axis < linear.getInput().getType().getRank();
           ++axis)
        rows += char('a' + axis + 1);
      einsum = EinsumOp::create(
          builder, loc,
          rows + "a," + (linear.getTransposed() ? "ab" : "ba") + "->" + rows +
              "b",
          ValueRange{linear.getInput(), linear.getWeight()});
      product = einsum->getResult();
    }
    if (linear.getBias())
      product = BinaryOp::create(builder, loc, BinaryKind::Add, product,
                                 linear.getBias());
    linear.replaceAllUsesWith(product);
    weights.erase(linear);
    return einsum;
  }
};

} // namespace
