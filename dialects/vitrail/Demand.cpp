//===- Demand.cpp - Boxes of tensors --------------------------------------===//
//
// Part of Vitrail, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "dialects/vitrail/Demand.h"
#include "dialects/vitrail/VitrailDialect.h"

using namespace mlir;
using namespace vitrail;

Box Box::all(RankedTensorType type) {
  Box box;
  box.offsets.assign(type.getRank(), 0);
  box.sizes.assign(type.getShape().begin(), type.getShape().end());
  return box;
}

Box Box::none(RankedTensorType type) {
  Box box;
  box.offsets.assign(type.getRank(), 0);
  box.sizes.assign(type.getRank(), 0);
  return box;
}

bool Box::covers(RankedTensorType type) const {
  return ArrayRef<int64_t>(sizes) == type.getShape();
}

Box Box::unite(const Box &other) const {
  if (empty())
    return other;
  if (other.empty())
    return *this;
  Box box;
  for (auto [o1, s1, o2, s2] :
       llvm::zip_equal(offsets, sizes, other.offsets, other.sizes)) {
    int64_t begin = std::min(o1, o2);
    box.offsets.push_back(begin);
    box.sizes.push_back(std::max(o1 + s1, o2 + s2) - begin);
  }
  return box;
}

Value vitrail::extractBox(OpBuilder &builder, Location loc, Value value,
                          const Box &box) {
  if (box.covers(cast<RankedTensorType>(value.getType())))
    return value;
  return SliceOp::create(builder, loc, value, box.offsets, box.sizes);
}

Box vitrail::detail::defaultOperandDemand(Operation *op, unsigned operand,
                                 const Box &demand) {
  auto type = cast<RankedTensorType>(op->getOperand(operand).getType());
  if (demand.empty())
    return Box::none(type);
  Box box = Box::all(type);
  auto demandOp = cast<DemandOpInterface>(op);
  for (int64_t dim = 0; dim < type.getRank(); ++dim) {
    std::optional<int64_t> from = demandOp.getResultDim(operand, dim);
    if (!from)
      continue;
    box.offsets[dim] = demand.offsets[*from];
    box.sizes[dim] = demand.sizes[*from];
  }
  return box;
}

Value vitrail::detail::defaultBuildBox(Operation *op, OpBuilder &builder,
                              const Box &demand, ValueRange operands) {
  // On these boxes the op computes `demand` along the dimensions that an operand
  // follows, and all elements along the others: those are cut behind it.
  SmallVector<Type> types;
  [[maybe_unused]] LogicalResult inferred =
      cast<InferTypeOpInterface>(op).inferReturnTypes(
          op->getContext(), op->getLoc(), operands, op->getAttrDictionary(),
          op->getPropertiesStorage(), op->getRegions(), types);
  assert(succeeded(inferred) && "boxes of operands that do not fit together");
  OperationState state(op->getLoc(), op->getName(), operands, types);
  state.attributes = op->getDiscardableAttrDictionary();
  state.propertiesAttr = op->getPropertiesAsAttribute();
  Value part = builder.create(state)->getResult(0);

  Box rest = demand;
  for (auto [size, offset, wanted] :
       llvm::zip_equal(cast<RankedTensorType>(part.getType()).getShape(),
                       rest.offsets, rest.sizes))
    if (size == wanted)
      offset = 0;
  return extractBox(builder, op->getLoc(), part, rest);
}
