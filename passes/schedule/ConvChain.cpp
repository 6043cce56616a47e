//===- ConvChain.cpp - Convolutions that one kernel computes --------------===//
//
// Part of Vitrail, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "passes/schedule/ConvChain.h"
#include "dialects/vitrail/Panels.h"

using namespace mlir;
using namespace vitrail;

bool ConvChain::canBegin(LinearOp linear) {
  constexpr int64_t l1Bytes = 32 << 10;
  int64_t panelBytes =
      linear.getInputFeatures() * panelWidth * int64_t(sizeof(float));
  return panelBytes <= l1Bytes;
}

bool ConvChain::canFollow(Value value, DepthwiseConvOp conv) {
  return value == conv.getInput() && value.hasOneUse() &&
         conv.getWindow().rank() == 2;
}

ConvChain::ConvChain(ArrayRef<Operation *> ops, int64_t l2Bytes) {
  for (Operation *op : ops)
    if (isa<LinearOp, DepthwiseConvOp>(op))
      steps.push_back({op, {}});
    else
      steps.back().epilogue.push_back(op);
  chooseBlock(l2Bytes);
}

ArrayRef<int64_t> ConvChain::shape(size_t step) const {
  return cast<RankedTensorType>(steps[step].anchor->getResult(0).getType())
      .getShape();
}

Window ConvChain::window(size_t step) const {
  return cast<DepthwiseConvOp>(steps[step].anchor).getWindow();
}

SmallVector<int64_t> ConvChain::rowsOfBlock() const {
  SmallVector<int64_t> most(steps.size(), blockRows);
  for (size_t step = steps.size() - 1; step > 0; --step) {
    Window seen = window(step);
    most[step - 1] = std::min(
        (most[step] - 1) * seen.strides[0] + seen.reach(0), rows(step - 1));
  }
  return most;
}

SmallVector<ConvChain::Rows> ConvChain::rowsFrom(int64_t first) const {
  SmallVector<Rows> all(steps.size());
  all.back() = {first, std::min(first + blockRows, rows(steps.size() - 1))};
  for (size_t step = steps.size() - 1; step > 0; --step) {
    Window seen = window(step);
    int64_t size = rows(step - 1);
    int64_t from = all[step].begin * seen.strides[0] - seen.padBefore(0);
    int64_t to = (all[step].end - 1) * seen.strides[0] - seen.padBefore(0) +
                 seen.reach(0);
    all[step - 1] = {std::max<int64_t>(from, 0), std::min(to, size)};
  }
  return all;
}

int64_t ConvChain::scratchElements() const {
  SmallVector<int64_t> most = rowsOfBlock();
  int64_t elements = 0;
  for (size_t step = 0; step + 1 < steps.size(); ++step)
    elements += most[step] * columns(step) * panelWidth;
  return elements;
}

int64_t ConvChain::savedBytes() const {
  int64_t bytes = 0;
  for (size_t step = 0; step + 1 < steps.size(); ++step)
    bytes += 2 * sizeof(float) * llvm::product_of(shape(step));
  return bytes;
}

/// Multiply-adds of a row of a map.
int64_t ConvChain::macsOfRow(size_t step) const {
  auto linear = dyn_cast<LinearOp>(steps[step].anchor);
  int64_t each = linear ? linear.getInputFeatures() : window(step).taps();
  return columns(step) * channels() * each;
}

int64_t ConvChain::repeatedMacs() const {
  SmallVector<int64_t> computed(steps.size(), 0);
  for (int64_t first = 0; first < rows(steps.size() - 1); first += blockRows)
    for (auto [sum, part] : llvm::zip_equal(computed, rowsFrom(first)))
      sum += part.count();
  int64_t macs = 0;
  for (size_t step = 0; step + 1 < steps.size(); ++step)
    macs += std::max<int64_t>(computed[step] - rows(step), 0) * macsOfRow(step);
  return macs * llvm::product_of(lead());
}

int64_t ConvChain::gain() const {
  // Bytes that come from beyond L2, or go there, while a core multiplies and
  // adds once. Measured where L3 has the maps: most of the way is hidden.
  constexpr int64_t bytesPerMac = 2;
  return savedBytes() / bytesPerMac - repeatedMacs();
}

/// What a block keeps in L2: the maps between, and the linear's rows, which
/// every panel reads.
int64_t ConvChain::blockBytes() const {
  int64_t depth = cast<LinearOp>(steps.front().anchor).getInputFeatures();
  int64_t input =
      rowsOfBlock().front() * columns(0) * llvm::alignTo(depth, panelWidth);
  return (scratchElements() + input) * int64_t(sizeof(float));
}

/// The largest blocks that fit L2 and leave threads enough to share.
void ConvChain::chooseBlock(int64_t l2Bytes) {
  constexpr int64_t leastUnits = 16;
  int64_t last = rows(steps.size() - 1);
  int64_t panels = llvm::divideCeil(channels(), panelWidth);
  for (int64_t blocks = 1; blocks <= last; ++blocks) {
    blockRows = llvm::divideCeil(last, blocks);
    bool isShared = llvm::product_of(lead()) * panels * blocks >= leastUnits;
    if (isShared && blockBytes() <= l2Bytes / 4 * 3)
      return;
  }
}
