//===- Ops.h - What each op computes ----------------------------*- C++ -*-===//
//
// Part of Vitrail, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// One function an op. Operands belong to the function: it may write into those
// that nothing else shares.
//
//===----------------------------------------------------------------------===//

#ifndef VITRAIL_COMPILER_INTERPRETER_OPS_H
#define VITRAIL_COMPILER_INTERPRETER_OPS_H

#include "compiler/interpreter/Interpreter.h"
#include "compiler/interpreter/ThreadTeam.h"

namespace vitrail {

using Operands = llvm::MutableArrayRef<HostTensor>;

HostTensor interpret(LinearOp op, Operands operands, const ThreadTeam &team);
HostTensor interpret(PatchEmbedOp op, Operands operands,
                     const ThreadTeam &team);
HostTensor interpret(EinsumOp op, Operands operands, const ThreadTeam &team);
HostTensor interpret(NormOp op, Operands operands, const ThreadTeam &team);
HostTensor interpret(SoftmaxOp op, Operands operands, const ThreadTeam &team);
HostTensor interpret(ReduceOp op, Operands operands, const ThreadTeam &team);
HostTensor interpret(AttentionOp op, Operands operands, const ThreadTeam &team);
HostTensor interpret(CrossAttentionOp op, Operands operands,
                     const ThreadTeam &team);
HostTensor interpret(UnaryOp op, Operands operands, const ThreadTeam &team);
HostTensor interpret(FromU8Op op, Operands operands, const ThreadTeam &team);
HostTensor interpret(BinaryOp op, Operands operands, const ThreadTeam &team);
HostTensor interpret(RearrangeOp op, Operands operands, const ThreadTeam &team);
HostTensor interpret(ConcatOp op, Operands operands, const ThreadTeam &team);
HostTensor interpret(SliceOp op, Operands operands, const ThreadTeam &team);
HostTensor interpret(BroadcastOp op, Operands operands, const ThreadTeam &team);
HostTensor interpret(ResizeOp op, Operands operands, const ThreadTeam &team);
HostTensor interpret(RollOp op, Operands operands, const ThreadTeam &team);
HostTensor interpret(UnfoldOp op, Operands operands, const ThreadTeam &team);
HostTensor interpret(DepthwiseConvOp op, Operands operands,
                     const ThreadTeam &team);
HostTensor interpret(WinogradConvOp op, Operands operands,
                     const ThreadTeam &team);
HostTensor interpret(PoolOp op, Operands operands, const ThreadTeam &team);
HostTensor interpret(PackOp op, Operands operands, const ThreadTeam &team);

/// Fails where an index names no element.
llvm::Expected<HostTensor> interpret(GatherOp op, Operands operands,
                                     const ThreadTeam &team);
HostTensor interpret(RangeOp op);
llvm::Expected<HostTensor> interpret(mlir::arith::ConstantOp op);
llvm::Expected<HostTensor> interpret(WeightOp op, const WeightReader &weights,
                                     const ThreadTeam &team);

/// An error about `op`, with its place in the description if known.
llvm::Error errorAt(mlir::Operation *op, const llvm::Twine &message);

} // namespace vitrail

#endif // VITRAIL_COMPILER_INTERPRETER_OPS_H
