//===- Norm.cpp - Normalization, softmax, reductions ----------------------===//
//
// Part of Vitrail, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "compiler/interpreter/Extrema.h"
#include "compiler/interpreter/Ops.h"
#include "compiler/interpreter/Strided.h"
#include <cmath>
#include <limits>

using namespace mlir;
using namespace vitrail;

namespace {

/// The elements along one axis, all other coordinates fixed.
struct Lane {
  double *first;
  int64_t size, stride;

  double &operator[](int64_t i) const { return first[i * stride]; }
};

} // namespace

/// Calls `body` for each lane along `axis`.
static void forEachLane(const ThreadTeam &team, HostTensor &tensor,
                        int64_t axis, llvm::function_ref<void(Lane)> body) {
  int64_t size = tensor.getDimSize(axis), inner = tensor.getStrides()[axis];
  double *data = tensor.mutate().data();
  if (tensor.getNumElements() == 0)
    return;
  team.forRange(
      tensor.getNumElements() / size, (1 << 14) / size,
      [&](int64_t begin, int64_t end) {
        for (int64_t i = begin; i < end; ++i)
          body({data + i / inner * size * inner + i % inner, size, inner});
      });
}

HostTensor vitrail::interpret(NormOp op, Operands operands,
                              const ThreadTeam &team) {
  HostTensor result = std::move(operands.front());
  operands = operands.drop_front();
  const double *gain = nullptr, *bias = nullptr;
  if (op.getGain())
    gain = operands.front().data();
  if (op.getBias())
    bias = operands.back().data();
  double eps = op.getEps().convertToDouble(), ddof = op.getDdof();

  forEachLane(team, result, op.getAxis(), [&](Lane x) {
    double mean = 0, var = 0;
    if (!op.getRms()) {
      for (int64_t i = 0; i < x.size; ++i)
        mean += x[i];
      mean /= x.size;
    }
    for (int64_t i = 0; i < x.size; ++i)
      var += (x[i] - mean) * (x[i] - mean);
    var /= x.size - ddof;
    double deviation =
        op.getEpsOutside() ? std::sqrt(var) + eps : std::sqrt(var + eps);
    for (int64_t i = 0; i < x.size; ++i)
      x[i] = (x[i] - mean) / deviation * (gain ? gain[i] : 1.0) +
             (bias ? bias[i] : 0.0);
  });
  return result;
}

HostTensor vitrail::interpret(SoftmaxOp op, Operands operands,
                              const ThreadTeam &team) {
  HostTensor result = std::move(operands.front());
  forEachLane(team, result, op.getAxis(), [](Lane x) {
    double largest = x[0], sum = 0;
    for (int64_t i = 1; i < x.size; ++i)
      largest = maximum(largest, x[i]);
    for (int64_t i = 0; i < x.size; ++i)
      sum += x[i] = std::exp(x[i] - largest);
    for (int64_t i = 0; i < x.size; ++i)
      x[i] /= sum;
  });
  return result;
}

static double reduceLane(ReduceKind kind, ArrayRef<double> lane) {
  constexpr double infinity = std::numeric_limits<double>::infinity();
  double result = kind == ReduceKind::Max   ? -infinity
                  : kind == ReduceKind::Min ? infinity
                                            : 0.0;
  for (double value : lane)
    result = kind == ReduceKind::Max   ? maximum(result, value)
             : kind == ReduceKind::Min ? minimum(result, value)
                                       : result + value;
  return kind == ReduceKind::Mean ? result / double(lane.size()) : result;
}

HostTensor vitrail::interpret(ReduceOp op, Operands operands,
                              const ThreadTeam &team) {
  // Reduced axes last: what becomes one value lies together.
  const HostTensor &input = operands.front();
  SmallVector<int64_t> order;
  for (int64_t dim = 0; dim < input.getRank(); ++dim)
    if (!llvm::is_contained(op.getAxes(), dim))
      order.push_back(dim);
  int64_t size = 1;
  for (int64_t axis : op.getAxes()) {
    order.push_back(axis);
    size *= input.getDimSize(axis);
  }
  HostTensor lanes = permute(team, input, order);
  HostTensor result(op.getType().getShape());
  MutableArrayRef<double> values = result.mutate();
  team.forRange(values.size(), (1 << 14) / std::max<int64_t>(size, 1),
                [&](int64_t begin, int64_t end) {
                  for (int64_t i = begin; i < end; ++i)
                    values[i] = reduceLane(
                        op.getKind(), lanes.getValues().slice(i * size, size));
                });
  return result;
}
