//===- Linear.cpp - Matrix products with weights --------------------------===//
//
// Part of Vitrail, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "compiler/interpreter/MatrixProduct.h"
#include "compiler/interpreter/Ops.h"
#include "compiler/interpreter/Strided.h"
#include "dialects/vitrail/Einops.h"

using namespace mlir;
using namespace vitrail;

/// Adds `bias` to each of the rows of `result`, if there is a bias.
static void addBias(HostTensor &result, ArrayRef<HostTensor> bias) {
  if (bias.empty())
    return;
  ArrayRef<double> values = bias.front().getValues();
  MutableArrayRef<double> elements = result.mutate();
  for (size_t i = 0; i < elements.size(); i += values.size())
    for (size_t j = 0; j < values.size(); ++j)
      elements[i + j] += values[j];
}

HostTensor vitrail::interpret(LinearOp op, Operands operands,
                              const ThreadTeam &team) {
  const HostTensor &input = operands[0], &weight = operands[1];
  int64_t in = op.getInputFeatures(), out = op.getOutputFeatures();
  HostTensor result(op.getType().getShape());
  int64_t rows = 1;
  for (int64_t size : input.getShape().drop_back())
    rows *= size;
  MatrixRef matrix = op.getTransposed() ? MatrixRef{weight.data(), out, 1}
                                        : MatrixRef{weight.data(), 1, in};
  multiply(team, rows, out, in, {input.data(), in, 1}, matrix,
           result.mutate().data(), out);
  addBias(result, operands.drop_front(2));
  return result;
}

HostTensor vitrail::interpret(PatchEmbedOp op, Operands operands,
                              const ThreadTeam &team) {
  const HostTensor &image = operands[0], &weight = operands[1];
  int64_t batch = image.getDimSize(0), channels = image.getDimSize(1);
  int64_t p = weight.getDimSize(2), q = weight.getDimSize(3);
  int64_t h = image.getDimSize(2) / p, w = image.getDimSize(3) / q;
  int64_t rows = batch * h * w, depth = channels * p * q;
  int64_t out = weight.getDimSize(0);

  // "b c (h p) (w q) -> (b h w) (c p q)", then a linear map of each patch.
  HostTensor patches = permute(
      team, image.reshape({batch, channels, h, p, w, q}), {0, 2, 4, 1, 3, 5});
  HostTensor result(op.getType().getShape());
  multiply(team, rows, out, depth, {patches.data(), depth, 1},
           {weight.data(), 1, depth}, result.mutate().data(), out);
  addBias(result, operands.drop_front(2));
  return result;
}

//===----------------------------------------------------------------------===//
// EinsumOp
//===----------------------------------------------------------------------===//

namespace {

/// A factor of an einsum: `values` has one axis for each of `indices`.
struct Factor {
  SmallVector<int64_t> indices;
  HostTensor values;

  bool has(int64_t index) const { return llvm::is_contained(indices, index); }
  /// The product of the extents of `some` of the indices.
  int64_t extent(ArrayRef<int64_t> some) const {
    int64_t product = 1;
    for (int64_t index : some)
      product *=
          values.getDimSize(llvm::find(indices, index) - indices.begin());
    return product;
  }
  /// The values with their axes in the order of `order`.
  HostTensor ordered(ArrayRef<int64_t> order, const ThreadTeam &team) const {
    SmallVector<int64_t> axes;
    for (int64_t index : order)
      axes.push_back(llvm::find(indices, index) - indices.begin());
    return permute(team, values, axes);
  }
};

using IndexSet = llvm::function_ref<bool(int64_t)>;

} // namespace

/// Takes the diagonal where an index stands twice, and sums out the indices
/// that are not in `kept`.
static Factor prepare(const Factor &factor, IndexSet kept,
                      const ThreadTeam &team) {
  SmallVector<int64_t> indices, shape, strides;
  SmallVector<int64_t> summed, summedShape, summedStrides;
  SmallVector<int64_t> all = factor.values.getStrides();
  for (auto [axis, index] : llvm::enumerate(factor.indices)) {
    bool keep = kept(index);
    auto &names = keep ? indices : summed;
    auto &sizes = keep ? shape : summedShape;
    auto &steps = keep ? strides : summedStrides;
    auto found = llvm::find(names, index);
    if (found != names.end()) {
      steps[found - names.begin()] += all[axis];
      continue;
    }
    names.push_back(index);
    sizes.push_back(factor.values.getDimSize(axis));
    steps.push_back(all[axis]);
  }
  if (indices.size() == factor.indices.size())
    return factor;

  int64_t lanes = 1;
  for (int64_t size : summedShape)
    lanes *= size;
  HostTensor sums(shape);
  shape.append(summedShape);
  strides.append(summedStrides);
  HostTensor gathered(shape);
  copyBox(team, shape, factor.values.data(), strides, gathered.mutate().data(),
          gathered.getStrides());
  double *result = sums.mutate().data();
  for (int64_t i = 0; i < sums.getNumElements(); ++i) {
    double sum = 0;
    for (int64_t lane = 0; lane < lanes; ++lane)
      sum += gathered.data()[i * lanes + lane];
    result[i] = sum;
  }
  return {indices, sums};
}

/// The product of two factors, summed over the indices of both that are not in
/// `kept`: a batch of matrix products.
static Factor contract(const Factor &a, const Factor &b, IndexSet kept,
                       const ThreadTeam &team) {
  SmallVector<int64_t> batch, rows, columns, depth;
  for (int64_t index : a.indices)
    (!b.has(index) ? rows : kept(index) ? batch : depth).push_back(index);
  llvm::copy_if(b.indices, std::back_inserter(columns),
                [&](int64_t index) { return !a.has(index); });
  int64_t count = a.extent(batch), m = a.extent(rows), n = b.extent(columns),
          k = a.extent(depth);
  SmallVector<int64_t> result =
      llvm::to_vector(llvm::concat<int64_t>(batch, rows, columns));
  HostTensor left = a.ordered(
      llvm::to_vector(llvm::concat<int64_t>(batch, rows, depth)), team);
  HostTensor right = b.ordered(
      llvm::to_vector(llvm::concat<int64_t>(batch, columns, depth)), team);
  SmallVector<int64_t> shape(
      left.getShape().take_front(batch.size() + rows.size()));
  llvm::append_range(shape,
                     right.getShape().slice(batch.size(), columns.size()));
  HostTensor values(shape);
  double *target = values.mutate().data();
  // Few products share the threads inside, many share them outside.
  bool outside = count >= 4 * int64_t(team.getSize());
  ThreadTeam one(1);
  int64_t work = std::max<int64_t>(m * n * k, 1);
  (outside ? team : one)
      .forRange(count, (1 << 16) / work, [&](int64_t begin, int64_t end) {
        for (int64_t i = begin; i < end; ++i)
          multiply(outside ? one : team, m, n, k,
                   {left.data() + i * m * k, k, 1},
                   {right.data() + i * n * k, 1, k}, target + i * m * n, n);
      });
  return {result, values};
}

HostTensor vitrail::interpret(EinsumOp op, Operands operands,
                              const ThreadTeam &team) {
  SmallVector<ArrayRef<int64_t>> shapes;
  for (const HostTensor &operand : operands)
    shapes.push_back(operand.getShape());
  Contraction map = llvm::cantFail(parseEinsum(op.getEquation(), shapes));
  SmallVector<Factor> factors;
  for (auto [indices, operand] : llvm::zip_equal(map.operandIndices, operands))
    factors.push_back({indices, std::move(operand)});

  // From left to right; an index stays while the result or a later factor has
  // it.
  auto isNeeded = [&](int64_t index, ArrayRef<Factor> others) {
    return index < map.resultRank ||
           llvm::any_of(others, [&](const Factor &f) { return f.has(index); });
  };
  for (size_t i = 0; i < factors.size(); ++i) {
    auto kept = [&](int64_t index) {
      return isNeeded(index, ArrayRef(factors).take_front(i)) ||
             isNeeded(index, ArrayRef(factors).drop_front(i + 1));
    };
    factors[i] = prepare(factors[i], kept, team);
  }
  Factor product = factors.front();
  for (size_t i = 1; i < factors.size(); ++i)
    product = contract(
        product, factors[i],
        [&](int64_t index) {
          return isNeeded(index, ArrayRef(factors).drop_front(i + 1));
        },
        team);
  return product.ordered(llvm::to_vector(llvm::seq<int64_t>(0, map.resultRank)),
                         team);
}
