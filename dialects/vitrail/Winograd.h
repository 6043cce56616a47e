//===- Winograd.h - Minimal filtering of maps -------------------*- C++ -*-===//
//
// Part of Vitrail, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// F(2 x 2, 3 x 3) of Lavin and Gray, "Fast Algorithms for Convolutional Neural
// Networks" (arXiv 1509.09308): what a filter g of 3 x 3 taps makes of the 4 x
// 4 elements d under a tile of 2 x 2 places is Aᵀ ((G g Gᵀ) ⊙ (Bᵀ d B)) A, with
// 16 products in place of 36. All factors are powers of two.
//
//===----------------------------------------------------------------------===//

#ifndef VITRAIL_DIALECTS_VITRAIL_WINOGRAD_H
#define VITRAIL_DIALECTS_VITRAIL_WINOGRAD_H

#include "llvm/ADT/ArrayRef.h"
#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/SmallVector.h"

namespace vitrail::winograd {

constexpr int64_t places = 2;   // of a tile, along each axis
constexpr int64_t taps = 3;     // of the filter
constexpr int64_t elements = 4; // of the map under a tile
constexpr int64_t products = elements * elements;

/// G, which makes four factors of three taps.
constexpr double factors[elements][taps] = {
    {1, 0, 0}, {0.5, 0.5, 0.5}, {0.5, -0.5, 0.5}, {0, 0, 1}};

/// How numbers, or vectors of them, are added and subtracted.
template <typename T> struct Arithmetic {
  llvm::function_ref<T(T, T)> add, sub;
};

namespace detail {

/// Applies `along` to the columns of a square, then to the rows of what this
/// makes. Squares lie row by row.
template <typename T>
llvm::SmallVector<T>
alongBoth(llvm::ArrayRef<T> square, int64_t made,
          llvm::function_ref<llvm::SmallVector<T>(llvm::ArrayRef<T>)> along) {
  llvm::SmallVector<T> half(made * elements), whole;
  for (int64_t x = 0; x < elements; ++x) {
    llvm::SmallVector<T> column;
    for (int64_t y = 0; y < elements; ++y)
      column.push_back(square[y * elements + x]);
    for (auto [y, value] : llvm::enumerate(along(column)))
      half[y * elements + x] = value;
  }
  for (int64_t y = 0; y < made; ++y)
    whole.append(along(llvm::ArrayRef(half).slice(y * elements, elements)));
  return whole;
}

} // namespace detail

/// Bᵀ d B of 4 x 4 elements.
template <typename T>
llvm::SmallVector<T> ofElements(llvm::ArrayRef<T> d, Arithmetic<T> by) {
  return detail::alongBoth<T>(d, elements,
                              [&](llvm::ArrayRef<T> d) -> llvm::SmallVector<T> {
                                return {by.sub(d[0], d[2]), by.add(d[1], d[2]),
                                        by.sub(d[2], d[1]), by.sub(d[1], d[3])};
                              });
}

/// Aᵀ m A of 4 x 4 products: the results at 2 x 2 places.
template <typename T>
llvm::SmallVector<T> ofProducts(llvm::ArrayRef<T> m, Arithmetic<T> by) {
  return detail::alongBoth<T>(m, places,
                              [&](llvm::ArrayRef<T> m) -> llvm::SmallVector<T> {
                                return {by.add(by.add(m[0], m[1]), m[2]),
                                        by.sub(by.sub(m[1], m[2]), m[3])};
                              });
}

} // namespace vitrail::winograd

#endif // VITRAIL_DIALECTS_VITRAIL_WINOGRAD_H
