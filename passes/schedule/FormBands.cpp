//===- FormBands.cpp - Lets threads keep windows, samples and queries -----===//
//
// Part of Vitrail, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "dialects/vitrail/Entries.h"
#include "mlir/IR/Remarks.h"
#include "passes/schedule/Addressing.h"
#include "passes/schedule/Bands.h"
#include "passes/schedule/Passes.h"
#include "passes/schedule/Views.h"
#include "passes/schedule/Work.h"
#include <numeric>

namespace vitrail {
#define GEN_PASS_DEF_FORMBANDSPASS
#include "passes/schedule/Passes.h.inc"
} // namespace vitrail

using namespace mlir;
using namespace vitrail;

namespace {

ArrayRef<int64_t> leadingSizes(Value value) {
  return cast<RankedTensorType>(value.getType()).getShape().drop_back();
}

/// The first of `sizes` that is not one, or one.
int64_t firstExtent(ArrayRef<int64_t> sizes) {
  const auto *found = llvm::find_if(sizes, [](int64_t n) { return n != 1; });
  return found == sizes.end() ? 1 : *found;
}

/// Whether each row of the result of `op` is made of one row of an operand, and
/// of what all rows share.
bool isRowByRow(Operation *op) {
  auto isAlongLastAxis = [](auto op) {
    return int64_t(op.getAxis()) == op.getType().getRank() - 1;
  };
  if (auto norm = dyn_cast<NormOp>(op))
    return isAlongLastAxis(norm);
  if (auto softmax = dyn_cast<SoftmaxOp>(op))
    return isAlongLastAxis(softmax);
  return isa<LinearOp, UnaryOp, BinaryOp>(op);
}

/// A region as bands see it.
class Part {
public:
  explicit Part(RegionOp region) : region(region) {
    for (Operation &op : region.getBody().front().without_terminator())
      if (!isa<arith::ConstantOp>(op))
        ops.push_back(&op);
  }

  RegionOp region;

  bool isMixer() { return !ops.empty() && isa<MixerOpInterface>(ops.front()); }
  /// Whether units of it are queries, of its only set of tokens.
  bool cutsQueries() {
    return isMixer() &&
           firstExtent(leadingSizes(region.getResult()).drop_back()) == 1;
  }

  int64_t rows() { return llvm::product_of(leadingSizes(region.getResult())); }

  /// The most equal parts that can be computed each by itself: along the first
  /// axis that is not one, where the op is not of what that axis counts.
  int64_t units() {
    const auto *anchor = llvm::find_if_not(ops, isAddressingKind);
    if (anchor == ops.end() ||
        !llvm::all_of(ArrayRef(anchor + 1, ops.end()), isElementwise))
      return 1;
    Operation *first = *anchor;
    // Others stage what they gather for blocks of their own.
    if (anchor != ops.begin() && !isElementwise(first))
      return 1;
    ArrayRef<int64_t> sizes = leadingSizes(region.getResult());
    if (isRowByRow(first))
      return firstExtent(sizes);
    if (auto mixer = dyn_cast<MixerOpInterface>(first)) {
      // Queries that meet all keys at once may be apart.
      constexpr int64_t mostKeys = 256;
      auto key = cast<RankedTensorType>(mixer.getKeyOperand().get().getType());
      if (cutsQueries() && key.getDimSize(key.getRank() - 2) <= mostKeys)
        return sizes.back();
      return firstExtent(sizes.drop_back());
    }
    auto ofMaps = [&](Window window) {
      auto type = cast<RankedTensorType>(first->getResult(0).getType());
      return firstExtent(sizes.take_front(window.firstAxis(type)));
    };
    if (auto conv = dyn_cast<DepthwiseConvOp>(first))
      return ofMaps(conv.getWindow());
    if (auto pool = dyn_cast<PoolOp>(first))
      return ofMaps(pool.getWindow());
    return 1;
  }

  /// Whether one of `units` units is so little work that waiting for other
  /// threads would be a twentieth of it or more.
  bool isSmall(int64_t units) {
    constexpr int64_t mostCycles = 16'000;
    return cycles() <= units * mostCycles;
  }

  /// Whether all of it is so little work that threads would gain nothing by
  /// sharing it, the more so where few rows give nothing to share.
  bool isTiny() {
    constexpr int64_t fewRows = 4;
    return cycles() <= (rows() <= fewRows ? 8'000 : 2'000);
  }

  /// Whether a unit reads of operand `number` only the unit of the same number.
  bool isOwn(unsigned number) {
    BlockArgument argument = region.getBody().getArgument(number);
    ArrayRef<int64_t> sizes = leadingSizes(region.getResult());
    return leadingSizes(argument) == sizes &&
           llvm::all_of(argument.getUses(), [&](OpOperand &use) {
             auto mixer = dyn_cast<MixerOpInterface>(use.getOwner());
             if (!mixer)
               return !isAddressingKind(use.getOwner());
             return cutsQueries() ? &use == &mixer.getQueryOperand()
                                  : &use != mixer.getScoreBiasOperand();
           });
  }

private:
  static bool isElementwise(Operation *op) {
    return isa<UnaryOp, BinaryOp>(op);
  }

  int64_t cycles() {
    int64_t bytes = bytesOf(region.getResult());
    for (Value input : region.getInputs())
      bytes += bytesOf(input);
    return cyclesOf(countFlops(region), bytes);
  }

  static int64_t bytesOf(Value value) {
    return cast<RankedTensorType>(value.getType()).getNumElements() *
           int64_t(sizeof(float));
  }

  SmallVector<Operation *> ops;
};

class FormBandsPass : public vitrail::impl::FormBandsPassBase<FormBandsPass> {
public:
  using FormBandsPassBase::FormBandsPassBase;

  void runOnOperation() override {
    if (!isEntry(getOperation()))
      return;
    for (RegionOp region : getOperation().getOps<RegionOp>()) {
      Part part(region);
      if (!join(part)) {
        close();
        join(part);
      }
    }
    close();
    for (RegionOp region : getOperation().getOps<RegionOp>()) {
      Part part(region);
      if (region->hasAttr(plan::bands) || !part.isTiny())
        closeTiny();
      else
        segment.push_back(part);
    }
    closeTiny();
  }

private:
  /// Of a segment: with fewer, shares would be too uneven.
  static constexpr int64_t leastUnits = 4;

  /// Whether the rows of `op`'s operands are, in order, those of its result.
  static bool keepsRows(Operation *op) {
    if (auto slice = dyn_cast<SliceOp>(op))
      return leadingSizes(slice.getInput()) == leadingSizes(slice.getResult());
    if (auto concat = dyn_cast<ConcatOp>(op))
      return int64_t(concat.getAxis()) == concat.getType().getRank() - 1;
    auto rearrange = dyn_cast<RearrangeOp>(op);
    return rearrange && rearrangementOf(rearrange).isIdentityOrder() &&
           rearrange.getInput().getType().getShape().back() ==
               rearrange.getType().getShape().back();
  }

  /// Whether other threads may have made what is read as `value`, since the
  /// segment began.
  bool isFromOthers(Value value, bool own) const {
    Operation *op = value.getDefiningOp();
    if (!op)
      return false;
    if (auto region = dyn_cast<RegionOp>(op))
      return !own && llvm::any_of(segment, [&](const Part &part) {
        return part.region == region;
      });
    // Of what is no region, only these are views of what regions make.
    if (!isa<SliceOp, ConcatOp, RearrangeOp>(op))
      return false;
    own = own && keepsRows(op);
    return llvm::any_of(op->getOperands(), [&](Value operand) {
      return isFromOthers(operand, own);
    });
  }

  /// Appends a region to the segment, if threads need not wait before it.
  bool join(Part &part) {
    bool sameRows = segment.empty() || segment.front().rows() == part.rows();
    auto isOtherCut = [&](Part &other) {
      return other.isMixer() && other.cutsQueries() != part.cutsQueries();
    };
    if (!sameRows || (part.isMixer() && llvm::any_of(segment, isOtherCut)))
      return false;
    int64_t all = std::gcd(units, part.units()); // of none yet, those of `part`
    int64_t shared = unitsToShare(all, part);
    auto isSmall = [&](Part &other) { return other.isSmall(shared); };
    if (shared < leastUnits || !isSmall(part) ||
        !llvm::all_of(segment, isSmall))
      return false;
    for (auto [i, input] : llvm::enumerate(part.region.getInputs()))
      if (isFromOthers(input, part.isOwn(i)))
        return false;
    units = all;
    segment.push_back(part);
    return true;
  }

  /// Of `all` units, those that the segment with `part` has. Queries go
  /// together, as many as tiles may have, and in two halves of which the first
  /// has one more at most.
  int64_t unitsToShare(int64_t all, Part &part) {
    constexpr int64_t mostQueries = 16;
    bool cuts = part.cutsQueries() || llvm::any_of(segment, [](Part &other) {
                  return other.cutsQueries();
                });
    return cuts && all == part.rows()
               ? 2 * llvm::divideCeil(all, 2 * mostQueries)
               : all;
  }

  /// Marks the regions of a segment with a mixer. Without one, rows may as well
  /// be shared by tiles: threads would read all weights for their rows, and the
  /// barriers that are saved are hardly more than that.
  void close() {
    if (segment.size() > 1 &&
        llvm::any_of(segment, [](Part &part) { return part.isMixer(); }))
      mark(unitsToShare(units, segment.front()));
    segment.clear();
    units = 0;
  }

  /// Marks the regions of a segment that one thread computes.
  void closeTiny() {
    if (segment.size() > 1)
      mark(1);
    segment.clear();
  }

  void mark(int64_t count) {
    for (Part &part : segment) {
      Bands bands{number, count, {}};
      for (unsigned i = 0; i < part.region.getInputs().size(); ++i)
        if (count == 1 || part.isOwn(i))
          bands.own.push_back(i);
      part.region->setAttr(plan::bands, bands.toAttribute(&getContext()));
    }
    std::string how = "so small that one thread computes them: it waits";
    if (count > 1)
      how = llvm::formatv("of {0} independent parts each: threads wait", count);
    remark::passed(segment.front().region.getLoc(),
                   remark::RemarkOpts::name("bands")
                       .category("schedule")
                       .function(getOperation().getName()))
        << (Twine(segment.size()) + " kernels in a row, " + how +
            " for nobody in between")
               .str();
    ++number;
  }

  SmallVector<Part> segment;
  int64_t units = 0;  // that its regions have in common
  int64_t number = 0; // of the segment
};

} // namespace
