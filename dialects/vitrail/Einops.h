//===- Einops.h - Patterns of rearrange and einsum --------------*- C++ -*-===//
//
// Part of Vitrail, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef VITRAIL_DIALECTS_VITRAIL_EINOPS_H
#define VITRAIL_DIALECTS_VITRAIL_EINOPS_H

#include "mlir/IR/BuiltinAttributes.h"
#include "llvm/Support/Error.h"

namespace vitrail {

/// A rearrange pattern resolved against an operand's shape: the operand is
/// reshaped to `splitShape`, its axes are permuted (result axis i is split axis
/// `permutation[i]`), and consecutive axes merge to `resultShape`.
struct Rearrangement {
  llvm::SmallVector<int64_t> splitShape;
  llvm::SmallVector<int64_t> permutation;
  llvm::SmallVector<int64_t> resultShape;
  /// The name of each split axis.
  llvm::SmallVector<std::string> names;
  /// Split axes of each operand dimension, and permuted axes (numbers into
  /// `permutation`) of each result dimension: [begin, end).
  llvm::SmallVector<std::pair<int64_t, int64_t>> operandAxes, resultAxes;

  bool isIdentityOrder() const;
};

/// Resolves `pattern` (einops syntax) for an operand of `shape`, with the sizes
/// of axes the shape leaves open. Errors name the axis and the sizes.
llvm::Expected<Rearrangement> parseRearrange(llvm::StringRef pattern,
                                             llvm::ArrayRef<int64_t> shape,
                                             mlir::DictionaryAttr sizes);

/// A pattern, and sizes of axes that the operand's shape leaves open.
struct RearrangePattern {
  std::string text;
  llvm::SmallVector<std::pair<std::string, int64_t>> sizes;
  bool isIdentity = false; // it leaves the operand as it is
};

/// The pattern that does what `first` and then `second` does, if there is one:
/// if no axis that `second` splits has parts across those that `first` merged.
std::optional<RearrangePattern>
composeRearrangements(const Rearrangement &first, const Rearrangement &second);

/// An einsum equation resolved against its operands' shapes. Indices are
/// numbered in the order of the result, the summed ones behind.
struct Contraction {
  llvm::SmallVector<llvm::SmallVector<int64_t>> operandIndices;
  llvm::SmallVector<int64_t> extents; // of each index
  int64_t resultRank = 0;
};

llvm::Expected<Contraction>
parseEinsum(llvm::StringRef equation,
            llvm::ArrayRef<llvm::ArrayRef<int64_t>> shapes);

} // namespace vitrail

#endif // VITRAIL_DIALECTS_VITRAIL_EINOPS_H
