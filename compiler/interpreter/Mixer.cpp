//===- Mixer.cpp - Token mixers -------------------------------------------===//
//
// Part of Vitrail, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "compiler/interpreter/Extrema.h"
#include "compiler/interpreter/MatrixProduct.h"
#include "compiler/interpreter/Ops.h"
#include "compiler/interpreter/Strided.h"
#include "llvm/Support/MathExtras.h"
#include <algorithm>
#include <cmath>
#include <limits>

using namespace mlir;
using namespace vitrail;

/// Turns the scores of one query into weights that sum to one, or to zero if it
/// sees no key.
static void softmaxRow(MutableArrayRef<double> row, int64_t visible,
                       bool base2) {
  double largest = -std::numeric_limits<double>::infinity(), sum = 0;
  for (double score : row.take_front(visible))
    largest = maximum(largest, score);
  if (largest == -std::numeric_limits<double>::infinity())
    return llvm::fill(row, 0.0);
  for (double &score : row.take_front(visible))
    sum += score =
        base2 ? std::exp2(score - largest) : std::exp(score - largest);
  for (double &weight : row.take_front(visible))
    weight /= sum;
  llvm::fill(row.drop_front(visible), 0.0);
}

/// Both attentions: softmax(scale · Q Kᵀ + bias) V for each head.
template <typename Op>
static HostTensor attend(Op op, Operands operands, const ThreadTeam &team) {
  const HostTensor &query = operands[0], &key = operands[1],
                   &value = operands[2];
  int64_t rank = query.getRank(), heads = op.getHeads();
  int64_t queries = query.getDimSize(rank - 2), keys = key.getDimSize(rank - 2);
  int64_t features = query.getDimSize(rank - 1), depth = features / heads;
  int64_t outputs = value.getDimSize(rank - 1), width = outputs / heads;
  double scale = op.getScale().convertToDouble();
  ArrayRef<int64_t> batchShape = query.getShape().drop_back(2);
  int64_t batch = 1;
  for (int64_t size : batchShape)
    batch *= size;

  SmallVector<int64_t> scoreShape(batchShape);
  scoreShape.append({heads, queries, keys});
  SmallVector<int64_t> biasStrides(scoreShape.size(), 0);
  if (op.getBias())
    biasStrides = broadcastStrides(operands[3].getShape(), scoreShape);
  ArrayRef<int64_t> biasOf = ArrayRef(biasStrides).take_back(3);

  HostTensor result(op.getType().getShape());
  double *output = result.mutate().data();
  ThreadTeam alone(1);

  // Scores of the queries [first, last) of one head of one sample.
  auto attendBlock = [&](int64_t sample, int64_t head, int64_t first,
                         int64_t last) {
    int64_t rows = last - first;
    HostTensor scores(ArrayRef<int64_t>{rows, keys});
    MutableArrayRef<double> elements = scores.mutate();
    int64_t queryRow = sample * queries + first;
    multiply(
        alone, rows, keys, depth,
        {query.data() + queryRow * features + head * depth, features, 1},
        {key.data() + sample * keys * features + head * depth, 1, features},
        elements.data(), keys);
    const double *bias = op.getBias() ? operands[3].data() : nullptr;
    int64_t rest = sample;
    for (int64_t dim = int64_t(batchShape.size()) - 1; bias && dim >= 0;
         --dim) {
      bias += rest % batchShape[dim] * biasStrides[dim];
      rest /= batchShape[dim];
    }
    for (int64_t i = 0; i < rows; ++i) {
      MutableArrayRef<double> row = elements.slice(i * keys, keys);
      for (int64_t j = 0; j < keys; ++j)
        row[j] = scale * row[j] +
                 (bias ? bias[head * biasOf[0] + (first + i) * biasOf[1] +
                              j * biasOf[2]]
                       : 0.0);
      int64_t visible = keys;
      if (op.getMask() == MaskKind::Causal)
        visible = std::clamp<int64_t>(first + i + keys - queries + 1, 0, keys);
      softmaxRow(row, visible, op.getBase2());
    }
    multiply(
        alone, rows, width, keys, {scores.data(), keys, 1},
        {value.data() + sample * keys * outputs + head * width, outputs, 1},
        output + queryRow * outputs + head * width, outputs);
  };

  constexpr int64_t blockRows = 64; // bounds the memory of the scores
  int64_t blocks = llvm::divideCeil(queries, blockRows);
  team.forRange(batch * heads * blocks, 1, [&](int64_t begin, int64_t end) {
    for (int64_t i = begin; i < end; ++i) {
      int64_t first = i % blocks * blockRows;
      attendBlock(i / blocks / heads, i / blocks % heads, first,
                  std::min(first + blockRows, queries));
    }
  });
  return result;
}

HostTensor vitrail::interpret(AttentionOp op, Operands operands,
                              const ThreadTeam &team) {
  return attend(op, operands, team);
}

HostTensor vitrail::interpret(CrossAttentionOp op, Operands operands,
                              const ThreadTeam &team) {
  return attend(op, operands, team);
}
