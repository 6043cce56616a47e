//===- Einsums.cpp - Einsums by their indices -----------------------------===//
//
// Part of Vitrail, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "passes/simplify/Einsums.h"
#include "llvm/ADT/StringExtras.h"

using namespace mlir;
using namespace vitrail;

Contraction vitrail::contractionOf(EinsumOp op) {
  SmallVector<ArrayRef<int64_t>> shapes;
  for (Value operand : op.getInputs())
    shapes.push_back(cast<RankedTensorType>(operand.getType()).getShape());
  return llvm::cantFail(parseEinsum(op.getEquation(), shapes));
}

char vitrail::letterOf(EinsumOp op, int64_t index) {
  Contraction map = contractionOf(op);
  SmallVector<StringRef> terms;
  op.getEquation().split("->").first.split(terms, ',');
  for (auto [term, indices] : llvm::zip_equal(terms, map.operandIndices))
    for (auto [letter, number] : llvm::zip_equal(term.trim(), indices))
      if (number == index)
        return letter;
  llvm_unreachable("no such index");
}

Indices vitrail::join(ArrayRef<int64_t> first, ArrayRef<int64_t> second) {
  return llvm::to_vector(llvm::concat<const int64_t>(first, second));
}

SmallVector<Indices> vitrail::apart(ArrayRef<int64_t> indices) {
  return llvm::map_to_vector(indices,
                             [](int64_t index) { return Indices{index}; });
}

Value vitrail::rearrangeIndices(OpBuilder &builder, Location loc, Value value,
                                ArrayRef<Indices> from, ArrayRef<Indices> to,
                                ArrayRef<int64_t> extents) {
  if (from == to)
    return value;
  auto side = [](ArrayRef<Indices> axes) {
    return llvm::join(
        llvm::map_range(axes,
                        [](ArrayRef<int64_t> axis) {
                          std::string names = llvm::join(
                              llvm::map_range(axis,
                                              [](int64_t index) {
                                                return "x" +
                                                       std::to_string(index);
                                              }),
                              " ");
                          return axis.empty()       ? std::string("1")
                                 : axis.size() == 1 ? names
                                                    : "(" + names + ")";
                        }),
        " ");
  };
  NamedAttrList sizes;
  for (ArrayRef<int64_t> axis : from)
    for (int64_t index : axis.drop_front(!axis.empty()))
      sizes.set("x" + std::to_string(index),
                builder.getI64IntegerAttr(extents[index]));
  return RearrangeOp::create(builder, loc, value,
                             side(from) + " -> " + side(to),
                             sizes.getDictionary(builder.getContext()));
}
