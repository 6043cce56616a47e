//===- Shape.cpp - Ops that only move elements ----------------------------===//
//
// Part of Vitrail, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "compiler/interpreter/Ops.h"
#include "compiler/interpreter/Strided.h"
#include "dialects/vitrail/Einops.h"

using namespace mlir;
using namespace vitrail;

HostTensor vitrail::interpret(RearrangeOp op, Operands operands,
                              const ThreadTeam &team) {
  Rearrangement map = llvm::cantFail(
      parseRearrange(op.getPattern(), operands[0].getShape(), op.getSizes()));
  HostTensor split = operands[0].reshape(map.splitShape);
  return permute(team, split, map.permutation).reshape(map.resultShape);
}

HostTensor vitrail::interpret(ConcatOp op, Operands operands,
                              const ThreadTeam &team) {
  HostTensor result(op.getType().getShape());
  SmallVector<int64_t> strides = result.getStrides();
  double *target = result.mutate().data();
  for (HostTensor &input : operands) {
    copyBox(team, input.getShape(), input.data(), input.getStrides(), target,
            strides);
    target += input.getDimSize(op.getAxis()) * strides[op.getAxis()];
    input = HostTensor(); // copied: no need to hold all at once
  }
  return result;
}

HostTensor vitrail::interpret(SliceOp op, Operands operands,
                              const ThreadTeam &team) {
  const HostTensor &input = operands[0];
  HostTensor result(op.getSizes());
  SmallVector<int64_t> strides = input.getStrides();
  const double *source = input.data();
  for (auto [offset, stride] : llvm::zip_equal(op.getOffsets(), strides))
    source += offset * stride;
  copyBox(team, op.getSizes(), source, strides, result.mutate().data(),
          result.getStrides());
  return result;
}

HostTensor vitrail::interpret(BroadcastOp op, Operands operands,
                              const ThreadTeam &team) {
  const HostTensor &input = operands[0];
  HostTensor result(op.getShape());
  copyBox(team, op.getShape(), input.data(),
          broadcastStrides(input.getShape(), op.getShape()),
          result.mutate().data(), result.getStrides());
  return result;
}

HostTensor vitrail::interpret(RollOp op, Operands operands,
                              const ThreadTeam &team) {
  // Axis by axis, what lies before the cut and what lies behind it change
  // places.
  HostTensor rolled = operands[0];
  for (auto [axis, shift] : llvm::enumerate(op.getShifts())) {
    int64_t size = rolled.getDimSize(axis);
    int64_t cut = size ? ((-shift) % size + size) % size : 0;
    if (cut == 0)
      continue;
    HostTensor result(rolled.getShape());
    SmallVector<int64_t> strides = rolled.getStrides(), box(rolled.getShape());
    double *target = result.mutate().data();
    box[axis] = size - cut;
    copyBox(team, box, rolled.data() + cut * strides[axis], strides, target,
            strides);
    box[axis] = cut;
    copyBox(team, box, rolled.data(), strides,
            target + (size - cut) * strides[axis], strides);
    rolled = std::move(result);
  }
  return rolled;
}
