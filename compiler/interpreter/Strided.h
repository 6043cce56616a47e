//===- Strided.h - Loops over strided boxes ---------------------*- C++ -*-===//
//
// Part of Vitrail, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef VITRAIL_COMPILER_INTERPRETER_STRIDED_H
#define VITRAIL_COMPILER_INTERPRETER_STRIDED_H

#include "compiler/interpreter/HostTensor.h"
#include "compiler/interpreter/ThreadTeam.h"
#include <array>

namespace vitrail {

/// A box of elements in `N` tensors at once, each with strides of its own.
template <unsigned N> class StridedBox {
public:
  using Offsets = std::array<int64_t, N>;

  /// Appends an axis, inside those that are already there. An axis that all
  /// tensors continue without a gap merges with the one around it: the
  /// innermost axis becomes as long as it can.
  void addAxis(int64_t size, Offsets strides) {
    count *= size;
    if (size == 1)
      return;
    if (!axes.empty() && axes.back().continuesInto(size, strides)) {
      axes.back() = {axes.back().size * size, strides};
      return;
    }
    axes.push_back({size, strides});
  }

  /// Calls `body(offsets, length, strides)` for every run along the innermost
  /// axis: `length` elements from `offsets`, `strides` apart.
  template <typename Body>
  void forEachRun(const ThreadTeam &team, Body body) const {
    if (count == 0)
      return;
    Axis inner = axes.empty() ? Axis{1, {}} : axes.back();
    // A single run has no axis around it to divide among threads: cut it.
    if (axes.size() <= 1)
      return team.forRange(inner.size, minWork, [&](int64_t from, int64_t to) {
        body(scaled(inner.strides, from), to - from, inner.strides);
      });
    llvm::ArrayRef<Axis> outer = llvm::ArrayRef(axes).drop_back();
    team.forRange(count / inner.size, minWork / inner.size + 1,
                  [&](int64_t from, int64_t to) {
                    llvm::SmallVector<int64_t> place(outer.size());
                    for (int64_t dim = outer.size() - 1, rest = from; dim >= 0;
                         --dim) {
                      place[dim] = rest % outer[dim].size;
                      rest /= outer[dim].size;
                    }
                    Offsets offsets = {};
                    for (auto [axis, position] : llvm::zip_equal(outer, place))
                      add(offsets, axis.strides, position);
                    for (int64_t run = from; run < to; ++run) {
                      body(offsets, inner.size, inner.strides);
                      for (int64_t dim = outer.size() - 1; dim >= 0; --dim) {
                        add(offsets, outer[dim].strides, 1);
                        if (++place[dim] < outer[dim].size)
                          break;
                        add(offsets, outer[dim].strides, -place[dim]);
                        place[dim] = 0;
                      }
                    }
                  });
  }

private:
  struct Axis {
    int64_t size;
    Offsets strides;

    bool continuesInto(int64_t innerSize, const Offsets &innerStrides) const {
      for (unsigned i = 0; i < N; ++i)
        if (strides[i] != innerSize * innerStrides[i])
          return false;
      return true;
    }
  };

  /// Elements below which starting a thread costs more than it saves.
  static constexpr int64_t minWork = 1 << 16;

  static void add(Offsets &offsets, const Offsets &strides, int64_t times) {
    for (unsigned i = 0; i < N; ++i)
      offsets[i] += times * strides[i];
  }
  static Offsets scaled(const Offsets &strides, int64_t times) {
    Offsets result = {};
    add(result, strides, times);
    return result;
  }

  llvm::SmallVector<Axis> axes;
  int64_t count = 1;
};

/// Strides with which a tensor of `shape` is read as one of `target`, to which
/// it broadcasts: 0 along repeated axes.
llvm::SmallVector<int64_t> broadcastStrides(llvm::ArrayRef<int64_t> shape,
                                            llvm::ArrayRef<int64_t> target);

/// Copies a box of `shape` from `source` to `target`.
void copyBox(const ThreadTeam &team, llvm::ArrayRef<int64_t> shape,
             const double *source, llvm::ArrayRef<int64_t> sourceStrides,
             double *target, llvm::ArrayRef<int64_t> targetStrides);

/// `tensor` with its axes in another order: axis i of the result is axis
/// `order[i]`.
HostTensor permute(const ThreadTeam &team, const HostTensor &tensor,
                   llvm::ArrayRef<int64_t> order);

} // namespace vitrail

#endif // VITRAIL_COMPILER_INTERPRETER_STRIDED_H
