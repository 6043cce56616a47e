//===- Emitter.cpp - What all kernels are written with --------------------===//
//
// Part of Vitrail, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "passes/lower/Emitter.h"
#include "mlir/Dialect/Arith/Utils/Utils.h"

using namespace mlir;
using namespace vitrail;

Value Emitter::constant(int64_t value) {
  return arith::ConstantIndexOp::create(*this, value);
}

Value Emitter::add(Value lhs, int64_t rhs) {
  return rhs == 0 ? lhs : add(lhs, constant(rhs));
}

Value Emitter::add(Value lhs, Value rhs) {
  return createOrFold<arith::AddIOp>(lhs, rhs);
}

Value Emitter::mul(Value lhs, int64_t rhs) {
  return rhs == 1 ? lhs : createOrFold<arith::MulIOp>(lhs, constant(rhs));
}

std::pair<Value, Value> Emitter::divmod(Value lhs, int64_t rhs) {
  if (rhs == 1)
    return {lhs, constant(0)};
  Value divisor = constant(rhs);
  return {createOrFold<arith::DivUIOp>(lhs, divisor),
          createOrFold<arith::RemUIOp>(lhs, divisor)};
}

SmallVector<Value> Emitter::delinearize(Value linear, ArrayRef<int64_t> sizes) {
  SmallVector<Value> coordinates(sizes.size());
  for (int64_t dim = sizes.size() - 1; dim > 0; --dim)
    std::tie(linear, coordinates[dim]) = divmod(linear, sizes[dim]);
  if (!sizes.empty())
    coordinates[0] = linear;
  return coordinates;
}

Value Emitter::splat(double value) {
  return arith::ConstantOp::create(
      *this, DenseElementsAttr::get(vectorType(), float(value)));
}

Value Emitter::broadcast(Value scalar) {
  return vector::BroadcastOp::create(*this, vectorType(), scalar);
}

Value Emitter::fma(Value a, Value b, Value c) {
  return vector::FMAOp::create(*this, a, b, c);
}

Value Emitter::addf(Value a, Value b) {
  return arith::AddFOp::create(*this, a, b, arith::FastMathFlags::contract);
}
Value Emitter::subf(Value a, Value b) {
  return arith::SubFOp::create(*this, a, b, arith::FastMathFlags::contract);
}
Value Emitter::mulf(Value a, Value b) {
  return arith::MulFOp::create(*this, a, b, arith::FastMathFlags::contract);
}
Value Emitter::divf(Value a, Value b) {
  return arith::DivFOp::create(*this, a, b);
}

Value Emitter::maxf(Value a, Value b) {
  Value larger = arith::CmpFOp::create(*this, arith::CmpFPredicate::OGT, a, b);
  return arith::SelectOp::create(*this, larger, a, b);
}

/// Lanes meet those half a vector away, then a quarter, and so on.
Value Emitter::combineLanes(Value vector,
                            llvm::function_ref<Value(Value, Value)> combine) {
  for (int64_t distance = target.width / 2; distance > 0; distance /= 2) {
    SmallVector<int64_t> lanes;
    for (int64_t lane = 0; lane < target.width; ++lane)
      lanes.push_back(lane ^ distance);
    Value others = vector::ShuffleOp::create(*this, vector, vector, lanes);
    vector = combine(vector, others);
  }
  return vector;
}

Value Emitter::sumOfLanes(Value vector) {
  return combineLanes(vector, [&](Value a, Value b) { return addf(a, b); });
}

Value Emitter::maxOfLanes(Value vector) {
  return combineLanes(vector, [&](Value a, Value b) { return maxf(a, b); });
}

Value Emitter::keepLanes(Value vector, int64_t valid, double filler) {
  if (valid >= target.width)
    return vector;
  auto maskType = VectorType::get({target.width}, getI1Type());
  SmallVector<bool> lanes(target.width, false);
  std::fill_n(lanes.begin(), valid, true);
  Value mask = arith::ConstantOp::create(
      *this, DenseElementsAttr::get(maskType, ArrayRef<bool>(lanes)));
  return arith::SelectOp::create(*this, mask, vector, splat(filler));
}

SmallVector<Value> Emitter::loop(Value begin, Value end, int64_t step,
                                 ValueRange carried, LoopBody body) {
  auto forOp = scf::ForOp::create(*this, begin, end, constant(step), carried);
  InsertionGuard guard(*this);
  // A loop without carried values comes with its terminator.
  setInsertionPointToStart(forOp.getBody());
  SmallVector<Value> results =
      body(forOp.getInductionVar(), forOp.getRegionIterArgs());
  if (!carried.empty())
    scf::YieldOp::create(*this, results);
  return forOp.getResults();
}

void Emitter::loop(Value begin, Value end, int64_t step,
                   llvm::function_ref<void(Value)> body) {
  loop(begin, end, step, ValueRange{},
       [&](Value i, ValueRange) -> SmallVector<Value> {
         body(i);
         return {};
       });
}

SmallVector<Value> Emitter::forColumns(
    int64_t columns, ValueRange carried,
    llvm::function_ref<SmallVector<Value>(Column, ValueRange)> body) {
  int64_t full = columns / panelWidth, rest = columns % panelWidth;
  SmallVector<Value> values(carried);
  auto panel = [&](Value number, int64_t valid) {
    for (int64_t lane = 0; lane < valid; lane += target.width)
      values =
          body({number, lane, std::min(target.width, valid - lane)}, values);
  };
  if (full == 1)
    panel(constant(0), panelWidth);
  else if (full > 1)
    values = loop(constant(0), constant(full), 1, values,
                  [&](Value number, ValueRange inside) {
                    values.assign(inside.begin(), inside.end());
                    panel(number, panelWidth);
                    return values;
                  });
  if (rest)
    panel(constant(full), rest);
  return values;
}

void Emitter::shareEvenly(int64_t total, RangeBody body) {
  int64_t parts = units ? units : total;
  auto bound = [&](Value number) -> Value {
    Value part = arith::DivUIOp::create(*this, mul(number, parts), threads);
    if (!units)
      return part;
    Value larger = arith::MinUIOp::create(*this, part, constant(total % units));
    return add(mul(part, total / units), larger);
  };
  Value begin = bound(thread);
  body(begin, bound(add(thread, 1)));
}

/// The units of the range that begins at `begin`: a part of what is left, so
/// that each of several threads could take two such.
Value Emitter::rangeUnits(Value begin, int64_t total, Grain grain) {
  Value isAlone = arith::CmpIOp::create(*this, arith::CmpIPredicate::eq,
                                        threads, constant(1));
  Value ranges =
      arith::SelectOp::create(*this, isAlone, constant(1), mul(threads, 2));
  Value left = arith::SubIOp::create(*this, constant(total), begin);
  Value units =
      arith::MaxUIOp::create(*this, arith::DivUIOp::create(*this, left, ranges),
                             constant(grain.least));
  if (grain.whole > 1) {
    Value rounded = mul(divmod(units, grain.whole).first, grain.whole);
    Value isLarge = arith::CmpIOp::create(*this, arith::CmpIPredicate::ugt,
                                          units, constant(grain.whole));
    units = arith::SelectOp::create(*this, isLarge, rounded, units);
  }
  if (grain.keepsWhole) {
    Value isEarly = arith::CmpIOp::create(*this, arith::CmpIPredicate::uge,
                                          left, mul(threads, grain.whole));
    Value most = arith::MaxUIOp::create(*this, units, constant(grain.whole));
    units = arith::SelectOp::create(*this, isEarly, most, units);
  }
  return arith::MinUIOp::create(*this, units, left);
}

void Emitter::share(int64_t total, Grain grain, RangeBody body) {
  if (!takesRanges())
    return shareEvenly(total, body);
  constexpr int64_t mostRanges = 64;
  grain.least =
      std::max<int64_t>(grain.least, llvm::divideCeil(total, mostRanges));
  auto index = getIndexType();
  // The number of this thread's last range, and its begin.
  auto taking = scf::WhileOp::create(*this, TypeRange{index, index},
                                     ValueRange{constant(0), constant(0)});
  InsertionGuard guard(*this);
  Block *next = createBlock(&taking.getBefore(), {}, TypeRange{index, index},
                            {getLoc(), getLoc()});
  Value one = arith::ConstantOp::create(*this, getI64IntegerAttr(1));
  Value taken = memref::AtomicRMWOp::create(*this, arith::AtomicRMWKind::addi,
                                            one, counter, constant(0));
  Value number = arith::IndexCastOp::create(*this, index, taken);
  Value begin = loop(next->getArgument(0), number, 1, next->getArgument(1),
                     [&](Value, ValueRange before) -> SmallVector<Value> {
                       Value units = rangeUnits(before[0], total, grain);
                       return {add(before[0], units)};
                     })
                    .front();
  Value isMore = arith::CmpIOp::create(*this, arith::CmpIPredicate::ult, begin,
                                       constant(total));
  scf::ConditionOp::create(*this, isMore, ValueRange{number, begin});
  Block *range = createBlock(&taking.getAfter(), {}, TypeRange{index, index},
                             {getLoc(), getLoc()});
  begin = range->getArgument(1);
  body(begin, add(begin, rangeUnits(begin, total, grain)));
  scf::YieldOp::create(*this, range->getArguments());
}

void Emitter::shareBlocks(int64_t blocks, int64_t parts,
                          llvm::function_ref<void(Value)> prepare,
                          llvm::function_ref<void(Value, Value, Value)> body) {
  // Of ranges in the same block, the first prepares it. The block that was
  // prepared last, counted from one:
  Value prepared;
  if (prepare && takesRanges()) {
    auto type = MemRefType::get({1}, getIndexType());
    prepared = memref::AllocaOp::create(*this, type);
    store(constant(0), prepared, constant(0));
  }
  auto prepareOnce = [&](Value block) {
    if (!prepared)
      return prepare(block);
    Value number = add(block, 1);
    Value last = memref::LoadOp::create(*this, prepared, constant(0));
    Value isOther =
        arith::CmpIOp::create(*this, arith::CmpIPredicate::ne, number, last);
    auto choice = scf::IfOp::create(*this, isOther);
    InsertionGuard guard(*this);
    setInsertionPointToStart(choice.thenBlock());
    prepare(block);
    store(number, prepared, constant(0));
  };
  auto byBlock = [&](Value begin, Value end) {
    Value firstBlock = divmod(begin, parts).first;
    Value behindLast = divmod(add(end, parts - 1), parts).first;
    // With more threads than parts, some have none.
    Value idle =
        arith::CmpIOp::create(*this, arith::CmpIPredicate::eq, begin, end);
    behindLast = arith::SelectOp::create(*this, idle, firstBlock, behindLast);
    loop(firstBlock, behindLast, 1, [&](Value block) {
      Value before = mul(block, parts);
      Value first = arith::SubIOp::create(
          *this, arith::MaxUIOp::create(*this, begin, before), before);
      Value behind = arith::SubIOp::create(
          *this, arith::MinUIOp::create(*this, end, add(before, parts)),
          before);
      if (prepare)
        prepareOnce(block);
      body(block, first, behind);
    });
  };
  Grain grain;
  grain.whole = parts;
  // Every thread that has parts of a block prepares it, for some of them.
  constexpr int64_t mostRangesOfBlock = 8;
  if (prepare) {
    grain.least = llvm::divideCeil(parts, mostRangesOfBlock);
    grain.keepsWhole = true;
  }
  share(blocks * parts, grain, byBlock);
}

void Emitter::shareRows(int64_t rows,
                        llvm::function_ref<void(Value, int64_t)> body) {
  constexpr int64_t blockRows = 8;
  share(rows, {blockRows, blockRows}, [&](Value begin, Value end) {
    Value count = arith::SubIOp::create(*this, end, begin);
    Value whole = add(begin, mul(divmod(count, blockRows).first, blockRows));
    loop(begin, whole, blockRows, [&](Value row) { body(row, blockRows); });
    loop(whole, end, 1, [&](Value row) { body(row, 1); });
  });
}

void Emitter::byPanel(Value panel, int64_t columns,
                      llvm::function_ref<void(int64_t)> body) {
  int64_t whole = columns / panelWidth, rest = columns % panelWidth;
  if (!rest || !whole)
    return body(rest ? rest : panelWidth);
  Value isWhole = arith::CmpIOp::create(*this, arith::CmpIPredicate::ult, panel,
                                        constant(whole));
  auto choice = scf::IfOp::create(*this, isWhole, /*withElseRegion=*/true);
  InsertionGuard guard(*this);
  setInsertionPointToStart(choice.thenBlock());
  body(panelWidth);
  setInsertionPointToStart(choice.elseBlock());
  body(rest);
}

void Emitter::sharePanels(
    int64_t rows, int64_t columns,
    llvm::function_ref<void(Value, Value, int64_t)> body) {
  int64_t panels = llvm::divideCeil(columns, panelWidth);
  share(rows * panels, {}, [&](Value begin, Value end) {
    loop(begin, end, 1, [&](Value unit) {
      auto [row, panel] = divmod(unit, panels);
      byPanel(panel, columns, [&, row = row, panel = panel](int64_t lanes) {
        body(row, panel, lanes);
      });
    });
  });
}

void Emitter::store(Value value, Value buffer, ValueRange at) {
  if (isa<VectorType>(value.getType()))
    vector::StoreOp::create(*this, value, buffer, at);
  else
    memref::StoreOp::create(*this, value, buffer, at);
}

void Emitter::prefetch(Value buffer, ValueRange at, Nearness nearness) {
  memref::PrefetchOp::create(*this, buffer, at,
                             /*isWrite=*/nearness == Nearness::Written,
                             /*localityHint=*/nearness == Nearness::L2 ? 2 : 3,
                             /*isDataCache=*/true);
}

Value Emitter::scratchView(int64_t offset, ArrayRef<int64_t> sizes) {
  SmallVector<int64_t> strides(sizes.size(), 1);
  for (int64_t i = sizes.size() - 2; i >= 0; --i)
    strides[i] = strides[i + 1] * sizes[i + 1];
  auto type =
      MemRefType::get(sizes, getF32Type(),
                      StridedLayoutAttr::get(getContext(), offset, strides));
  return memref::ReinterpretCastOp::create(*this, type, scratch, offset, sizes,
                                           strides);
}
