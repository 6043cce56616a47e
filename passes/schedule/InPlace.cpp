//===- InPlace.cpp - Results that overwrite an operand --------------------===//
//
// Part of Vitrail, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "passes/schedule/InPlace.h"
#include "passes/schedule/Addressing.h"

using namespace mlir;
using namespace vitrail;

bool vitrail::isShort(Operation *elementwise) {
  if (auto unary = dyn_cast<UnaryOp>(elementwise))
    return llvm::is_contained({UnaryKind::Relu, UnaryKind::Neg, UnaryKind::Abs,
                               UnaryKind::Square, UnaryKind::Floor,
                               UnaryKind::Ceil},
                              unary.getKind());
  return cast<BinaryOp>(elementwise).getKind() != BinaryKind::Pow;
}

/// The linear of a region that has short elementwise ops behind it and nothing
/// else that computes, or null.
static LinearOp linearWithShortEpilogue(RegionOp region) {
  LinearOp linear;
  for (Operation &op : region.getBody().front().without_terminator()) {
    if (auto found = dyn_cast<LinearOp>(op); found && !linear)
      linear = found;
    else if (isa<UnaryOp, BinaryOp>(op)
                 ? !linear || !isShort(&op)
                 : !isAddressingKind(&op) && !isa<arith::ConstantOp>(op))
      return {};
  }
  return linear;
}

/// Whether `region` is the last to read `value`, and nobody has a view of it.
static bool isLastReader(RegionOp region, Value value) {
  return llvm::count(region.getInputs(), value) == 1 &&
         llvm::all_of(value.getUsers(), [&](Operation *user) {
           return isa<RegionOp>(user) &&
                  (user == region || user->isBeforeInBlock(region));
         });
}

Value vitrail::overwritableOperand(RegionOp region) {
  LinearOp linear = linearWithShortEpilogue(region);
  if (!linear)
    return {};
  for (auto [input, argument] :
       llvm::zip_equal(region.getInputs(), region.getBody().getArguments())) {
    bool isOfEpilogue = llvm::all_of(argument.getUsers(), [&](Operation *user) {
      return isa<UnaryOp, BinaryOp>(user) && linear->isBeforeInBlock(user);
    });
    if (isOfEpilogue && input.getDefiningOp<RegionOp>() &&
        input.getType() == region.getResult().getType() &&
        isLastReader(region, input))
      return input;
  }
  return {};
}
