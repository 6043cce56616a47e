//===- Strided.cpp - Copies of strided boxes ------------------------------===//
//
// Part of Vitrail, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "compiler/interpreter/Strided.h"
#include <algorithm>

using namespace llvm;
using namespace vitrail;

SmallVector<int64_t> vitrail::broadcastStrides(ArrayRef<int64_t> shape,
                                               ArrayRef<int64_t> target) {
  SmallVector<int64_t> strides(target.size(), 0);
  int64_t lead = target.size() - shape.size(), stride = 1;
  for (int64_t dim = shape.size() - 1; dim >= 0; --dim) {
    if (shape[dim] == target[lead + dim])
      strides[lead + dim] = stride;
    stride *= shape[dim];
  }
  return strides;
}

void vitrail::copyBox(const ThreadTeam &team, ArrayRef<int64_t> shape,
                      const double *source, ArrayRef<int64_t> sourceStrides,
                      double *target, ArrayRef<int64_t> targetStrides) {
  StridedBox<2> box;
  for (auto [size, from, to] : zip_equal(shape, sourceStrides, targetStrides))
    box.addAxis(size, {from, to});
  box.forEachRun(team, [&](auto offsets, int64_t length, auto strides) {
    const double *from = source + offsets[0];
    double *to = target + offsets[1];
    if (strides[1] != 1) {
      for (int64_t i = 0; i < length; ++i)
        to[i * strides[1]] = from[i * strides[0]];
    } else if (strides[0] == 1) {
      std::copy_n(from, length, to);
    } else if (strides[0] == 0) {
      std::fill_n(to, length, *from);
    } else {
      for (int64_t i = 0; i < length; ++i)
        to[i] = from[i * strides[0]];
    }
  });
}

HostTensor vitrail::permute(const ThreadTeam &team, const HostTensor &tensor,
                            ArrayRef<int64_t> order) {
  SmallVector<int64_t> shape, strides, all = tensor.getStrides();
  bool moves = false;
  int64_t last = -1; // the last axis of more than one element
  for (int64_t axis : order) {
    shape.push_back(tensor.getDimSize(axis));
    strides.push_back(all[axis]);
    if (shape.back() == 1)
      continue;
    moves |= axis < last;
    last = axis;
  }
  if (!moves)
    return tensor.reshape(shape);
  HostTensor result(shape);
  copyBox(team, shape, tensor.data(), strides, result.mutate().data(),
          result.getStrides());
  return result;
}
