#pragma once
#include "dialects/vitrail/VitrailDialect.h"
namespace vitrail {
inline bool isFrozen(mlir::Value v) {
  auto *op = v.getDefiningOp();
  if (!op)
    return false;
  if (llvm::isa<WeightOp, mlir::arith::ConstantOp>(op))
    return true;
  if (op->getNumOperands() == 0)
    return false;
  return llvm::all_of(op->getOperands(),
                      [](mlir::Value o) { return isFrozen(o); });
}
} // namespace vitrail
