//===- InsertBarriers.cpp - Separates conflicting launches
//--------------------===//
//
// Part of Vitrail, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "passes/schedule/Passes.h"

namespace vitrail {
#define GEN_PASS_DEF_INSERTBARRIERSPASS
#include "passes/schedule/Passes.h.inc"
} // namespace vitrail

using namespace mlir;
using namespace vitrail;

namespace {

/// Bytes of one space that a launch touches: the smallest range around a
/// buffer.
struct Range {
  BufferSpace space;
  int64_t index, begin, end;

  explicit Range(BufferOp buffer)
      : space(buffer.getSpace()), index(buffer.getIndex()),
        begin(buffer.getOffset()) {
    MemRefType type = buffer.getType();
    int64_t last = 0;
    auto [strides, offset] = type.getStridesAndOffset();
    for (auto [size, stride] : llvm::zip_equal(type.getShape(), strides))
      last += (size - 1) * stride;
    end = begin + (last + 1) * type.getElementTypeBitWidth() / 8;
  }

  bool overlaps(const Range &other) const {
    return space == other.space && index == other.index && begin < other.end &&
           other.begin < end;
  }
};

class InsertBarriersPass
    : public vitrail::impl::InsertBarriersPassBase<InsertBarriersPass> {
public:
  using InsertBarriersPassBase::InsertBarriersPassBase;

  void runOnOperation() override {
    SmallVector<Range> reads, writes;
    auto hits = [](const SmallVector<Range> &ranges, const Range &range) {
      return llvm::any_of(
          ranges, [&](const Range &other) { return range.overlaps(other); });
    };
    getOperation().walk([&](LaunchOp launch) {
      Range written(launch.getDestination().getDefiningOp<BufferOp>());
      SmallVector<Range> read;
      for (Value source : launch.getSources())
        if (auto buffer = source.getDefiningOp<BufferOp>();
            buffer.getSpace() != BufferSpace::Frozen)
          read.emplace_back(buffer);
      if (hits(writes, written) || hits(reads, written) ||
          llvm::any_of(read, [&](const Range &r) { return hits(writes, r); })) {
        OpBuilder builder(launch);
        BarrierOp::create(builder, launch.getLoc());
        reads.clear();
        writes.clear();
      }
      writes.push_back(written);
      reads.append(read);
    });
  }
};

} // namespace
