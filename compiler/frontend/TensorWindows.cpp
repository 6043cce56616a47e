//===- TensorWindows.cpp - Windows over feature maps ----------------------===//
//
// Part of Vitrail, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "compiler/frontend/TensorBuilder.h"

using namespace mlir;
using namespace vitrail;
using namespace vitrail::frontend;

llvm::Error TensorBuilder::checkWindow(StringRef op, const Tensor &x,
                                       size_t rank) {
  if (x.rank() > int64_t(rank))
    return llvm::Error::success();
  return makeError(op + ": a window of " + llvm::Twine(rank) +
                   " axes needs a map with as many before the channels, got " +
                   shapeString(x.shape()));
}

/// `list`, or nothing where it says what ops assume.
static ArrayRef<int64_t> unless(int64_t value, ArrayRef<int64_t> list) {
  bool same = llvm::all_of(list, [&](int64_t x) { return x == value; });
  return same ? ArrayRef<int64_t>() : list;
}

namespace {
/// The attributes of a window.
struct WindowAttributes {
  explicit WindowAttributes(const WindowOptions &window)
      : strides(unless(1, window.strides)),
        dilations(unless(1, window.dilations)),
        pads(window.pads.begin(), window.pads.end()) {
    // One number for both ends of an axis.
    if (pads.size() == window.kernel.size())
      llvm::append_range(pads, window.pads);
    if (unless(0, pads).empty())
      pads.clear();
  }

  ArrayRef<int64_t> strides, dilations;
  SmallVector<int64_t> pads;
};
} // namespace

TensorBuilder::Result TensorBuilder::unfold(Location loc, Tensor x,
                                            const WindowOptions &window) {
  if (llvm::Error error = checkWindow("unfold", x, window.kernel.size()))
    return std::move(error);
  WindowAttributes attributes(window);
  return create<UnfoldOp>(loc, x.batched, x.value, window.kernel,
                          attributes.strides, attributes.pads,
                          attributes.dilations);
}

TensorBuilder::Result TensorBuilder::depthwise(Location loc, Tensor x,
                                               Tensor filter,
                                               std::optional<Tensor> bias,
                                               const WindowOptions &window) {
  if (llvm::Error error =
          checkWindow("depthwise", x, std::max<int64_t>(filter.rank() - 1, 0)))
    return std::move(error);
  WindowAttributes attributes(window);
  return create<DepthwiseConvOp>(
      loc, x.batched, x.value, filter.value, bias ? bias->value : Value(),
      attributes.strides, attributes.pads, attributes.dilations);
}

TensorBuilder::Result TensorBuilder::pool(Location loc, ReduceKind kind,
                                          Tensor x, const WindowOptions &window,
                                          bool countPads) {
  if (llvm::Error error = checkWindow("pool", x, window.kernel.size()))
    return std::move(error);
  WindowAttributes attributes(window);
  return create<PoolOp>(loc, x.batched, kind, x.value, window.kernel,
                        attributes.strides, attributes.pads,
                        attributes.dilations, countPads);
}

TensorBuilder::Result TensorBuilder::roll(Location loc, Tensor x,
                                          ArrayRef<int64_t> shifts,
                                          ArrayRef<int64_t> axes) {
  if (shifts.size() != axes.size())
    return makeError("roll: needs a shift for each axis, got " +
                     llvm::Twine(shifts.size()) + " shifts and " +
                     llvm::Twine(axes.size()) + " axes");
  SmallVector<int64_t> all(x.type().getRank(), 0);
  for (auto [shift, axis] : llvm::zip_equal(shifts, axes)) {
    llvm::Expected<int64_t> resolved = resolveAxis("roll", x, axis);
    if (!resolved)
      return resolved.takeError();
    // Whole turns change nothing, and sums of small shifts cannot overflow.
    int64_t size = std::max<int64_t>(x.type().getDimSize(*resolved), 1);
    all[*resolved] = (all[*resolved] + shift % size) % size;
  }
  return create<RollOp>(loc, x.batched, x.value, all);
}

TensorBuilder::Result TensorBuilder::gather(Location loc, Tensor table,
                                            Tensor indices, int64_t axis) {
  for (const Tensor &operand : {table, indices})
    if (operand.batched)
      return makeError("gather: is done while compiling, and this tensor " +
                       shapeString(operand.shape()) + " depends on an input");
  llvm::Expected<int64_t> resolved = resolveAxis("gather", table, axis);
  if (!resolved)
    return resolved.takeError();
  return create<GatherOp>(loc, false, table.value, indices.value, *resolved);
}
