//===- Resize.cpp - Interpolation to other sizes --------------------------===//
//
// Part of Vitrail, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "compiler/interpreter/Ops.h"
#include <cmath>

using namespace mlir;
using namespace vitrail;

namespace {

/// What one element of the result takes from an axis: `weights[i]` of the
/// element `indices[i]`.
struct Taps {
  SmallVector<int64_t, 4> indices;
  SmallVector<double, 4> weights;
};

/// The kernel of an interpolation, and its reach to either side.
class ResizeKernel {
public:
  explicit ResizeKernel(ResizeOp op)
      : cubic(op.getKind() == ResizeKind::Cubic),
        a(op.getCoefficient().convertToDouble()) {}

  double reach() const { return cubic ? 2 : 1; }

  double at(double x) const {
    x = std::abs(x);
    if (x >= reach())
      return 0;
    if (!cubic)
      return 1 - x;
    return x <= 1 ? ((a + 2) * x - (a + 3)) * x * x + 1
                  : ((a * x - 5 * a) * x + 8 * a) * x - 4 * a;
  }

private:
  bool cubic;
  double a;
};

} // namespace

/// The kernel as it is, at the elements around `place`.
static Taps pointTaps(const ResizeKernel &kernel, double place, int64_t in) {
  Taps taps;
  auto first = int64_t(std::floor(place)) - int64_t(kernel.reach()) + 1;
  for (int64_t i = first; i < first + 2 * int64_t(kernel.reach()); ++i) {
    taps.indices.push_back(std::clamp<int64_t>(i, 0, in - 1));
    taps.weights.push_back(kernel.at(place - double(i)));
  }
  return taps;
}

/// The kernel stretched by `scale` where that is more than one, cut at the edge
/// and normalized; `center` counts from the edge.
static Taps areaTaps(const ResizeKernel &kernel, double center, double scale,
                     int64_t in) {
  double stretch = std::max(scale, 1.0);
  double support = kernel.reach() * stretch;
  auto begin = std::max(int64_t(center - support + 0.5), int64_t(0));
  int64_t end = std::min(int64_t(center + support + 0.5), in);
  Taps taps;
  double sum = 0;
  for (int64_t i = begin; i < end; ++i) {
    taps.indices.push_back(i);
    taps.weights.push_back(kernel.at((double(i) + 0.5 - center) / stretch));
    sum += taps.weights.back();
  }
  for (double &weight : taps.weights)
    weight /= sum;
  return taps;
}

static Taps tapsOf(ResizeOp op, int64_t element, int64_t in, int64_t out) {
  ResizeKernel kernel(op);
  double scale = double(in) / double(out);
  if (op.getAlignCorners())
    scale = out > 1 ? double(in - 1) / double(out - 1) : 0;
  double center = scale * (double(element) + 0.5);
  if (op.getAntialias())
    return areaTaps(kernel, center, scale, in);
  return pointTaps(
      kernel, op.getAlignCorners() ? scale * double(element) : center - 0.5,
      in);
}

static HostTensor resizeAxis(ResizeOp op, const HostTensor &input, int64_t axis,
                             int64_t out, const ThreadTeam &team) {
  int64_t in = input.getDimSize(axis);
  SmallVector<int64_t> shape(input.getShape());
  shape[axis] = out;
  HostTensor result(shape);
  if (result.getNumElements() == 0)
    return result;
  int64_t inner = input.getStrides()[axis];
  const double *from = input.data();
  double *to = result.mutate().data();
  // A run is `inner` neighbouring elements of the result.
  team.forRange(result.getNumElements() / inner, (1 << 14) / inner + 1,
                [&](int64_t begin, int64_t end) {
                  for (int64_t run = begin; run < end; ++run) {
                    Taps taps = tapsOf(op, run % out, in, out);
                    const double *source = from + run / out * in * inner;
                    double *target = to + run * inner;
                    std::fill_n(target, inner, 0.0);
                    for (auto [index, weight] :
                         llvm::zip_equal(taps.indices, taps.weights))
                      for (int64_t i = 0; i < inner; ++i)
                        target[i] += weight * source[index * inner + i];
                  }
                });
  return result;
}

HostTensor vitrail::interpret(ResizeOp op, Operands operands,
                              const ThreadTeam &team) {
  HostTensor result = std::move(operands[0]);
  for (auto [axis, size] : llvm::zip_equal(op.getAxes(), op.getSizes()))
    result = resizeAxis(op, result, axis, size, team);
  return result;
}
