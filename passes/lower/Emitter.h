//===- Emitter.h - What all kernels are written with ------------*- C++ -*-===//
//
// Part of Vitrail, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef VITRAIL_PASSES_LOWER_EMITTER_H
#define VITRAIL_PASSES_LOWER_EMITTER_H

#include "mlir/IR/ImplicitLocOpBuilder.h"
#include "passes/lower/Passes.h"

namespace vitrail {

/// What code generation needs to know of the processor.
struct VectorTarget {
  int64_t width = 16;     // f32 lanes of a vector register
  int64_t registers = 32; // vector registers

  /// What a core may count on of its own caches: processors with AVX-512 have
  /// a mebibyte of L2, others half of it.
  int64_t l1Bytes() const { return int64_t(32) << 10; }
  int64_t l2Bytes() const { return width * (int64_t(64) << 10); }
  /// Lanes of the vector for the last `lanes` columns of a product. Of AVX-512,
  /// half a vector if that is enough: Zen 4 multiplies two halves in the time
  /// of a whole one.
  int64_t widthFor(int64_t lanes) const {
    bool half = width == panelWidth && lanes > 0 && 2 * lanes <= width;
    return half ? width / 2 : width;
  }
  /// Whether a scalar is broadcast by an instruction of its own, for multiply-
  /// adds with `vectors` vectors. AVX-512 does it within a multiply-add, which
  /// then loads: LLVM makes it so where just one needs the scalar.
  bool broadcastsFor(int64_t vectors) const {
    return width < panelWidth || vectors > 1;
  }
  /// Vectors in a panel.
  int64_t vectorsPerPanel() const { return panelWidth / width; }
};

/// Columns of a row that one vector holds: lanes from `lane` of panel `panel`.
/// `valid` of them exist; the others are beyond the row's end.
struct Column {
  mlir::Value panel;
  int64_t lane = 0;
  int64_t valid = 0;
};

/// Where a line is brought: into a cache, or into L1 to be written there, which
/// takes it from whoever else has it.
enum class Nearness { L1, L2, Written };

/// Builds loops, indices and vectors.
class Emitter : public mlir::ImplicitLocOpBuilder {
public:
  Emitter(mlir::Location loc, mlir::Operation *before, VectorTarget target)
      : ImplicitLocOpBuilder(loc, before), target(target) {}

  /// Builds at the same place, with vectors of `width` lanes.
  Emitter(const Emitter &other, int64_t width)
      : ImplicitLocOpBuilder(other), target{width, other.target.registers},
        scratch(other.scratch) {}

  const VectorTarget target;

  mlir::VectorType vectorType() {
    return mlir::VectorType::get({target.width}, getF32Type());
  }

  mlir::Value constant(int64_t value);
  mlir::Value add(mlir::Value lhs, int64_t rhs);
  mlir::Value add(mlir::Value lhs, mlir::Value rhs);
  mlir::Value mul(mlir::Value lhs, int64_t rhs);
  /// Quotient and remainder by a positive constant.
  std::pair<mlir::Value, mlir::Value> divmod(mlir::Value lhs, int64_t rhs);
  /// Row-major coordinates of `linear` in `sizes`.
  llvm::SmallVector<mlir::Value> delinearize(mlir::Value linear,
                                             llvm::ArrayRef<int64_t> sizes);

  mlir::Value splat(double value);
  mlir::Value broadcast(mlir::Value scalar);
  mlir::Value fma(mlir::Value a, mlir::Value b, mlir::Value c);
  /// Elementwise arithmetic that may contract to fused multiply-adds.
  mlir::Value addf(mlir::Value a, mlir::Value b);
  mlir::Value subf(mlir::Value a, mlir::Value b);
  mlir::Value mulf(mlir::Value a, mlir::Value b);
  mlir::Value divf(mlir::Value a, mlir::Value b);
  /// The larger one; `b` where either is NaN. One instruction.
  mlir::Value maxf(mlir::Value a, mlir::Value b);
  /// What all lanes are together, in every lane.
  mlir::Value sumOfLanes(mlir::Value vector);
  mlir::Value maxOfLanes(mlir::Value vector);
  /// `vector` with its lanes from `valid` on replaced by `filler`.
  mlir::Value keepLanes(mlir::Value vector, int64_t valid, double filler);

  using LoopBody = llvm::function_ref<llvm::SmallVector<mlir::Value>(
      mlir::Value, mlir::ValueRange)>;
  /// `for (i = begin; i < end; i += step)` with values carried around.
  llvm::SmallVector<mlir::Value> loop(mlir::Value begin, mlir::Value end,
                                      int64_t step, mlir::ValueRange carried,
                                      LoopBody body);
  void loop(mlir::Value begin, mlir::Value end, int64_t step,
            llvm::function_ref<void(mlir::Value)> body);

  /// Calls `body` for the columns of a row of `columns`: whole panels in a loop
  /// (each as its vectors), then what is left of the last one.
  llvm::SmallVector<mlir::Value> forColumns(
      int64_t columns, mlir::ValueRange carried,
      llvm::function_ref<llvm::SmallVector<mlir::Value>(Column,
                                                        mlir::ValueRange)>
          body);

  using RangeBody =
      llvm::function_ref<void(mlir::Value begin, mlir::Value end)>;
  /// How small the ranges are that threads take: of at least `least` units, or
  /// a 64th of all; those of more than `whole` are multiples of it. With
  /// `keepsWhole`, none is smaller than that while each thread may have one.
  struct Grain {
    int64_t least = 1;
    int64_t whole = 1;
    bool keepsWhole = false;
  };
  /// Calls `body` for this thread's share of `total` units: for a range of its
  /// own, or, where there is a counter, for every range that it takes, smaller
  /// and smaller ones, until nothing is left.
  void share(int64_t total, Grain grain, RangeBody body);
  /// Shares `blocks` blocks of `parts` parts each: calls `body` for every block
  /// that this thread has parts of, with the first of them and the one behind
  /// the last. What is the same for all parts of a block is done by `prepare`,
  /// if there is one: once before the first of them, however many ranges the
  /// thread takes in that block.
  void shareBlocks(int64_t blocks, int64_t parts,
                   llvm::function_ref<void(mlir::Value block)> prepare,
                   llvm::function_ref<void(mlir::Value block, mlir::Value first,
                                           mlir::Value behind)>
                       body);
  /// Calls `body` for this thread's share of `rows` rows, with the first of
  /// eight rows, or, for what is left, of one.
  void
  shareRows(int64_t rows,
            llvm::function_ref<void(mlir::Value first, int64_t count)> body);
  /// Calls `body` with the lanes that `panel` has of rows of `columns`: the
  /// last one may have fewer.
  void byPanel(mlir::Value panel, int64_t columns,
               llvm::function_ref<void(int64_t lanes)> body);
  /// Calls `body` for this thread's share of the panels of `rows` rows of
  /// `columns`, with a row's number, a panel and the lanes that it has.
  void sharePanels(int64_t rows, int64_t columns,
                   llvm::function_ref<void(mlir::Value row, mlir::Value panel,
                                           int64_t lanes)>
                       body);

  /// Stores a scalar or a vector from `at` on.
  void store(mlir::Value value, mlir::Value buffer, mlir::ValueRange at);
  /// Starts to bring the line of an element near.
  void prefetch(mlir::Value buffer, mlir::ValueRange at, Nearness nearness);
  /// A part of the scratch as a dense buffer.
  mlir::Value scratchView(int64_t offset, llvm::ArrayRef<int64_t> sizes);

  /// The kernel's scratch, thread number and number of threads.
  mlir::Value scratch, thread, threads;
  /// In kernels whose threads keep units, their number: what is shared is a
  /// part for each, in order, and no part is divided. Parts are equal, or, of
  /// rows, the first have one more.
  int64_t units = 0;
  /// The team, in kernels that call the runtime.
  mlir::Value team;
  /// In kernels whose threads take their work range by range: the number of
  /// ranges that were taken.
  mlir::Value counter;

private:
  /// Whether threads share range by range, not evenly.
  bool takesRanges() const { return counter && !units; }
  void shareEvenly(int64_t total, RangeBody body);
  mlir::Value rangeUnits(mlir::Value begin, int64_t total, Grain grain);
  mlir::Value combineLanes(
      mlir::Value vector,
      llvm::function_ref<mlir::Value(mlir::Value, mlir::Value)> combine);
};

} // namespace vitrail

#endif // VITRAIL_PASSES_LOWER_EMITTER_H
