//===- Weight.cpp - Weights, constants and panels -------------------------===//
//
// Part of Vitrail, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "compiler/interpreter/Ops.h"
#include "compiler/interpreter/Strided.h"
#include "llvm/Support/FormatVariadic.h"
#include "llvm/Support/MathExtras.h"
#include <cmath>

using namespace mlir;
using namespace vitrail;

llvm::Expected<HostTensor> vitrail::interpret(WeightOp op,
                                              const WeightReader &weights,
                                              const ThreadTeam &team) {
  if (!weights)
    return errorAt(op, "weight '" + op.getName() + "': no weights were given");
  HostTensor result(op.getType().getShape());
  int64_t count = result.getNumElements();
  std::unique_ptr<float[]> buffer(new float[count]);
  if (llvm::Error error = weights(op, {buffer.get(), size_t(count)}))
    return std::move(error);
  double *target = result.mutate().data();
  team.forRange(count, 1 << 16, [&](int64_t begin, int64_t end) {
    std::copy(buffer.get() + begin, buffer.get() + end, target + begin);
  });
  return result;
}

llvm::Expected<HostTensor> vitrail::interpret(arith::ConstantOp op) {
  auto elements = dyn_cast<DenseFPElementsAttr>(op.getValue());
  if (!elements)
    return errorAt(op, "the interpreter takes constants that are dense tensors "
                       "of floats");
  auto toDouble = [](APFloat value) {
    bool exact;
    value.convert(APFloat::IEEEdouble(), APFloat::rmNearestTiesToEven, &exact);
    return value.convertToDouble();
  };
  ArrayRef<int64_t> shape = elements.getType().getShape();
  if (elements.isSplat())
    return HostTensor::splat(shape,
                             toDouble(elements.getSplatValue<APFloat>()));
  HostTensor result(shape);
  llvm::transform(elements.getValues<APFloat>(), result.mutate().begin(),
                  toDouble);
  return result;
}

HostTensor vitrail::interpret(RangeOp op) {
  HostTensor result(op.getType().getShape());
  double start = op.getStart().convertToDouble();
  double step = op.getStep().convertToDouble();
  for (auto [i, value] : llvm::enumerate(result.mutate()))
    value = start + double(i) * step;
  return result;
}

HostTensor vitrail::interpret(PackOp op, Operands operands,
                              const ThreadTeam &team) {
  const HostTensor &input = operands[0];
  int64_t axis = op.getAxis(), size = input.getDimSize(axis);
  int64_t width = op.getWidth();
  HostTensor result(op.getType().getShape());
  if (size % width)
    llvm::fill(result.mutate(), 0.0); // the pad lanes
  SmallVector<int64_t> source = input.getStrides();
  SmallVector<int64_t> target = result.getStrides();

  // The box of `panels` panels from panel `first`, `lanes` of each.
  auto copyPanels = [&](int64_t first, int64_t panels, int64_t lanes) {
    SmallVector<int64_t> shape(1, panels), from(1, source[axis] * width);
    for (int64_t dim = 0; dim < input.getRank(); ++dim)
      if (dim != axis) {
        shape.push_back(input.getDimSize(dim));
        from.push_back(source[dim]);
      }
    shape.push_back(lanes);
    from.push_back(source[axis]);
    copyBox(team, shape, input.data() + first * from.front(), from,
            result.mutate().data() + first * target.front(), target);
  };
  int64_t whole = size / width;
  copyPanels(0, whole, width);
  if (size % width)
    copyPanels(whole, 1, size % width);
  return result;
}

llvm::Expected<HostTensor> vitrail::interpret(GatherOp op, Operands operands,
                                              const ThreadTeam &) {
  const HostTensor &table = operands[0], &indices = operands[1];
  int64_t axis = op.getAxis(), size = table.getDimSize(axis);
  int64_t inner = table.getStrides()[axis];
  int64_t outer = llvm::product_of(table.getShape().take_front(axis));
  HostTensor result(op.getType().getShape());
  double *target = result.mutate().data();
  for (int64_t o = 0; o < outer; ++o)
    for (double index : indices.getValues()) {
      if (!(index >= 0 && index < double(size)) || index != std::floor(index))
        return errorAt(
            op, llvm::formatv("gather: {0} is no element of an axis of {1}",
                              index, size)
                    .str());
      target = std::copy_n(table.data() + (o * size + int64_t(index)) * inner,
                           inner, target);
    }
  return result;
}
