//===- DepthBlocks.h - How a product walks its depth ------------*- C++ -*-===//
//
// Part of Vitrail, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef VITRAIL_PASSES_LOWER_DEPTHBLOCKS_H
#define VITRAIL_PASSES_LOWER_DEPTHBLOCKS_H

#include "passes/lower/Emitter.h"

namespace vitrail {

/// What one visit of a register tile adds to it.
struct DepthVisit {
  /// All of the depth, a block other than the last, or the last one.
  enum Kind { whole, inner, last };

  Kind kind = whole;
  mlir::Value block; // of the depth: its number
  /// Where the tile's sums wait between visits: its first row and panel.
  mlir::Value row, panel;
  /// The weights that come near meanwhile: their panel and their first step; or
  /// none.
  mlir::Value nextPanel, nextStep;

  /// The values that the function of a tile takes as arguments, and back.
  llvm::SmallVector<mlir::Value> arguments() const;
  static DepthVisit fromArguments(Kind kind, mlir::ValueRange arguments);
  static size_t argumentCount(Kind kind);
};

/// A product walks its depth in blocks where a panel of weights is too deep for
/// L1 (Goto and van de Geijn, "Anatomy of high-performance matrix
/// multiplication", 2008): the panel's part in a block stays there while the
/// tiles of a block of rows pass, and their sums wait in L2.
///
/// For L1 with AVX2 only. A tile of AVX-512 has more than twice as many rows:
/// what streams from L2 hides behind its arithmetic, and blocks pay where less
/// comes from beyond L2.
class DepthBlocks {
public:
  /// All of the depth at once.
  DepthBlocks() = default;
  /// `count` blocks; at most `rows` rows are visited in turn, and their sums
  /// wait in scratch memory from `offset` on.
  DepthBlocks(const VectorTarget &target, int64_t count, int64_t rows,
              int64_t offset);

  /// Steps in depth whose weights half of L1 holds, for one panel; without
  /// bound where the target needs no blocks for L1.
  static int64_t mostSteps(const VectorTarget &target);

  bool whole() const { return count == 1; }
  int64_t blocks() const { return count; }
  int64_t scratchElements() const;
  /// Groups of panels that are visited in turn for a block of the depth.
  int64_t groupsInTurn(int64_t groupPanels) const {
    return std::max<int64_t>(panels / groupPanels, 1);
  }

  /// A group of panels and the block of the depth in which it is visited.
  struct Place {
    mlir::Value panelGroup, block;
  };
  /// Calls `body` for every visit of the groups of panels from `first` to
  /// `behind`, block by block, and says which visit comes next, or an earlier
  /// one behind the last.
  void forVisits(
      Emitter &e, mlir::Value first, mlir::Value behind, int64_t groupPanels,
      llvm::function_ref<void(mlir::Value panelGroup, DepthVisit, Place next)>
          body) const;

  llvm::SmallVector<mlir::Value> loadSums(Emitter &e, const DepthVisit &visit,
                                          int64_t rows, int64_t vectors) const;
  void storeSums(Emitter &e, const DepthVisit &visit, int64_t rows,
                 int64_t vectors, llvm::ArrayRef<mlir::Value> sums) const;

private:
  mlir::Value sumsView(Emitter &e) const;

  int64_t count = 1;
  int64_t rows = 0, panels = 0; // whose sums wait
  int64_t offset = 0;
};

} // namespace vitrail

#endif // VITRAIL_PASSES_LOWER_DEPTHBLOCKS_H
