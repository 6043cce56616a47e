//===- InsertBarriers.cpp - Separates conflicting launches ----------------===//
//
// Part of Vitrail, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "passes/schedule/Bands.h"
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

/// What a launch touches, and its segment (-1 if it is in none).
struct Touched {
  Range range;
  int64_t segment;
  bool own; // whether a thread reads what it wrote itself
};

class InsertBarriersPass
    : public vitrail::impl::InsertBarriersPassBase<InsertBarriersPass> {
public:
  using InsertBarriersPassBase::InsertBarriersPassBase;

  void runOnOperation() override {
    SmallVector<Touched> reads, writes;
    for (LaunchOp launch : getOperation().getOps<LaunchOp>())
      if (failed(Bands::verify(launch)))
        return signalPassFailure();
    getOperation().walk([&](LaunchOp launch) {
      Bands none;
      none.segment = -1;
      Bands bands = Bands::of(launch).value_or(none);
      Touched written{Range(launch.getDestination().getDefiningOp<BufferOp>()),
                      bands.segment, /*own=*/false};
      SmallVector<Touched> read;
      for (auto [i, source] : llvm::enumerate(launch.getSources()))
        if (auto buffer = source.getDefiningOp<BufferOp>();
            buffer.getSpace() != BufferSpace::Frozen)
          read.push_back({Range(buffer), bands.segment,
                          llvm::is_contained(bands.own, int64_t(i))});
      if (conflicts(written, writes) || conflicts(written, reads) ||
          llvm::any_of(
              read, [&](const Touched &r) { return conflicts(r, writes); })) {
        OpBuilder builder(launch);
        BarrierOp::create(builder, launch.getLoc());
        reads.clear();
        writes.clear();
      }
      writes.push_back(written);
      reads.append(read);
    });
  }

private:
  static bool conflicts(const Touched &now, ArrayRef<Touched> before) {
    return llvm::any_of(before, [&](const Touched &other) {
      bool sameThread = now.own && now.segment == other.segment;
      return now.range.overlaps(other.range) && !sameThread;
    });
  }
};

} // namespace
