//===- DepthBlocks.cpp - How a product walks its depth --------------------===//
//
// Part of Vitrail, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "passes/lower/DepthBlocks.h"

using namespace mlir;
using namespace vitrail;

//===----------------------------------------------------------------------===//
// DepthVisit
//===----------------------------------------------------------------------===//

size_t DepthVisit::argumentCount(Kind kind) {
  return kind == whole ? 0 : kind == inner ? 3 : 2;
}

SmallVector<Value> DepthVisit::arguments() const {
  SmallVector<Value> all{row, panel, block};
  all.truncate(argumentCount(kind));
  if (nextPanel)
    all.append({nextPanel, nextStep});
  return all;
}

DepthVisit DepthVisit::fromArguments(Kind kind, ValueRange arguments) {
  DepthVisit visit;
  visit.kind = kind;
  if (kind != whole) {
    visit.row = arguments[0];
    visit.panel = arguments[1];
  }
  if (kind == inner)
    visit.block = arguments[2];
  if (ValueRange next = arguments.drop_front(argumentCount(kind));
      !next.empty()) {
    visit.nextPanel = next[0];
    visit.nextStep = next[1];
  }
  return visit;
}

//===----------------------------------------------------------------------===//
// DepthBlocks
//===----------------------------------------------------------------------===//

int64_t DepthBlocks::mostSteps(const VectorTarget &target) {
  constexpr int64_t anyDepth = int64_t(1) << 40; // and what is reckoned with it
  if (target.registers > 16)
    return anyDepth;
  return target.l1Bytes() / 2 / (panelWidth * int64_t(sizeof(float)));
}

DepthBlocks::DepthBlocks(const VectorTarget &target, int64_t count,
                         int64_t rows, int64_t offset)
    : count(count), rows(rows), offset(offset) {
  int64_t panelBytes = rows * panelWidth * int64_t(sizeof(float));
  panels = std::max<int64_t>(target.l2Bytes() / 4 / panelBytes, 1);
}

int64_t DepthBlocks::scratchElements() const {
  return whole() ? 0 : panels * rows * panelWidth;
}

void DepthBlocks::forVisits(
    Emitter &e, Value first, Value behind, int64_t groupPanels,
    llvm::function_ref<void(Value, DepthVisit, Place)> body) const {
  auto min = [&](Value lhs, Value rhs) -> Value {
    return arith::MinUIOp::create(e, lhs, rhs);
  };
  int64_t most = whole() ? 1 : groupsInTurn(groupPanels);
  e.loop(first, behind, most, [&](Value begin) {
    Value end = min(e.add(begin, most), behind);
    auto visitAll = [&](DepthVisit::Kind kind, Value block, Place behindAll) {
      e.loop(begin, end, 1, [&](Value group) {
        Value following = e.add(group, 1);
        Value isMore =
            arith::CmpIOp::create(e, arith::CmpIPredicate::ult, following, end);
        auto choose = [&](Value more, Value other) -> Value {
          return arith::SelectOp::create(e, isMore, more, other);
        };
        Value slot = arith::SubIOp::create(e, group, begin);
        DepthVisit visit;
        visit.kind = kind;
        visit.block = block;
        visit.panel = e.mul(slot, groupPanels);
        body(group, visit,
             {choose(following, behindAll.panelGroup),
              choose(block, behindAll.block)});
      });
    };
    Value zero = e.constant(0), last = e.constant(count - 1);
    if (!whole())
      e.loop(zero, last, 1, [&](Value block) {
        visitAll(DepthVisit::inner, block, {begin, e.add(block, 1)});
      });
    visitAll(whole() ? DepthVisit::whole : DepthVisit::last, last,
             {min(end, e.add(behind, -1)), zero});
  });
}

Value DepthBlocks::sumsView(Emitter &e) const {
  return e.scratchView(offset, {panels, rows, panelWidth});
}

/// Calls `body` with the place of every vector of a tile's sums.
static void forSums(Emitter &e, const DepthVisit &visit, int64_t rows,
                    int64_t vectors,
                    llvm::function_ref<void(int64_t, ValueRange)> body) {
  int64_t perPanel = e.target.vectorsPerPanel();
  for (int64_t i = 0; i < rows; ++i)
    for (int64_t j = 0; j < vectors; ++j)
      body(i * vectors + j,
           {e.add(visit.panel, j / perPanel), e.add(visit.row, i),
            e.constant(j % perPanel * e.target.width)});
}

SmallVector<Value> DepthBlocks::loadSums(Emitter &e, const DepthVisit &visit,
                                         int64_t rows, int64_t vectors) const {
  Value view = sumsView(e);
  SmallVector<Value> sums;
  forSums(e, visit, rows, vectors, [&](int64_t, ValueRange at) {
    sums.push_back(vector::LoadOp::create(e, e.vectorType(), view, at));
  });
  return sums;
}

void DepthBlocks::storeSums(Emitter &e, const DepthVisit &visit, int64_t rows,
                            int64_t vectors, ArrayRef<Value> sums) const {
  Value view = sumsView(e);
  forSums(e, visit, rows, vectors, [&](int64_t number, ValueRange at) {
    e.store(sums[number], view, at);
  });
}
