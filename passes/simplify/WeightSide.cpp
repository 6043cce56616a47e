//===- WeightSide.cpp - What depends on weights alone ---------------------===//
//
// Part of Vitrail, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "passes/simplify/WeightSide.h"
#include "dialects/vitrail/VitrailDialect.h"
#include "mlir/IR/Matchers.h"
#include "mlir/Interfaces/SideEffectInterfaces.h"
#include "llvm/ADT/SetVector.h"
#include "llvm/Support/MathExtras.h"

using namespace mlir;
using namespace vitrail;

// Filling the cache in program order keeps the recursion of `isFrozen` short.
WeightSide::WeightSide(Operation *function) {
  function->walk<WalkOrder::PreOrder>(
      [&](Operation *op) { frozen[op] = compute(op); });
}

bool WeightSide::compute(Operation *op) {
  if (op->hasTrait<OpTrait::ConstantLike>() || isa<WeightOp, RangeOp>(op))
    return true;
  return isa_and_nonnull<VitrailDialect>(op->getDialect()) &&
         op->getNumRegions() == 0 && op->getNumOperands() != 0 &&
         isMemoryEffectFree(op) &&
         llvm::all_of(op->getOperands(),
                      [&](Value operand) { return isFrozen(operand); });
}

bool WeightSide::isFrozen(Value value) {
  Operation *op = value.getDefiningOp();
  if (!op)
    return false;
  auto known = frozen.find(op);
  if (known != frozen.end())
    return known->second;
  bool result = compute(op);
  frozen[op] = result;
  return result;
}

void WeightSide::hoist(Value value, Operation *point) {
  Operation *op = value.getDefiningOp();
  if (op->getBlock() != point->getBlock() || op->isBeforeInBlock(point))
    return;
  for (Value operand : op->getOperands())
    hoist(operand, point);
  op->moveBefore(point);
}

void WeightSide::erase(Operation *op) {
  // One at a time: erasing a producer may take the last use of another's.
  llvm::SmallSetVector<Operation *, 8> dead;
  dead.insert(op);
  while (!dead.empty()) {
    Operation *next = dead.pop_back_val();
    llvm::SmallSetVector<Operation *, 4> producers;
    for (Value operand : next->getOperands())
      if (Operation *producer = operand.getDefiningOp())
        producers.insert(producer);
    frozen.erase(next);
    next->erase();
    for (Operation *producer : producers)
      if (producer->use_empty() && isMemoryEffectFree(producer))
        dead.insert(producer);
  }
}

bool vitrail::isFrozen(Value value) { return WeightSide().isFrozen(value); }

int64_t vitrail::runtimeMacs(func::FuncOp function) {
  WeightSide weights(function);
  int64_t total = 0;
  function.walk([&](CostOpInterface cost) {
    // What no integer holds stops at the largest.
    if (!weights.isFrozen(cost->getResult(0)) &&
        llvm::AddOverflow(total, cost.getMacs(), total))
      total = std::numeric_limits<int64_t>::max();
  });
  return total;
}

bool vitrail::haveOneElementType(ValueRange values) {
  Type common;
  for (Value value : values) {
    if (!value)
      continue;
    Type type = cast<RankedTensorType>(value.getType()).getElementType();
    if (common && type != common)
      return false;
    common = type;
  }
  return true;
}

Value vitrail::buildScalar(OpBuilder &builder, Location loc, Type elementType,
                           double value) {
  auto type = RankedTensorType::get({}, elementType);
  Value sum;
  do {
    // The nearest value of the type, and then what is still missing.
    APFloat part(value);
    bool inexact;
    part.convert(cast<FloatType>(elementType).getFloatSemantics(),
                 APFloat::rmNearestTiesToEven, &inexact);
    Value constant = arith::ConstantOp::create(
        builder, loc, DenseElementsAttr::get(type, part));
    sum = sum ? BinaryOp::create(builder, loc, BinaryKind::Add, sum, constant)
              : constant;
    value -= part.convertToDouble();
    if (part.isZero() || !part.isFinite())
      break; // the rest is below the type's smallest number, or beyond it
  } while (value != 0);
  return sum;
}

std::optional<double> vitrail::numberOf(Value value) {
  auto range = value.getDefiningOp<RangeOp>();
  if (range && range.getType().getNumElements() == 1)
    return range.getStart().convertToDouble();
  DenseFPElementsAttr elements;
  if (!matchPattern(value, m_Constant(&elements)) || !elements.isSplat())
    return std::nullopt;
  auto number = elements.getSplatValue<APFloat>();
  bool inexact;
  number.convert(APFloat::IEEEdouble(), APFloat::rmNearestTiesToEven, &inexact);
  return number.convertToDouble();
}
