//===- Elementwise.cpp - Elementwise functions and operators --------------===//
//
// Part of Vitrail, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "compiler/interpreter/Extrema.h"
#include "compiler/interpreter/Ops.h"
#include "compiler/interpreter/Strided.h"
#include <cmath>

using namespace mlir;
using namespace vitrail;

//===----------------------------------------------------------------------===//
// UnaryOp
//===----------------------------------------------------------------------===//

static double sigmoid(double x) { return 1 / (1 + std::exp(-x)); }

/// x·Φ(x). By erfc = 1 - erf, which keeps its digits where Φ is small.
static double gelu(double x) {
  return 0.5 * x * std::erfc(-x * 0.70710678118654752440);
}

static double geluTanh(double x) {
  constexpr double sqrt2OverPi = 0.79788456080286535588;
  return 0.5 * x * (1 + std::tanh(sqrt2OverPi * (x + 0.044715 * x * x * x)));
}

/// A tensor of `shape` to write a result into: `operand` itself where nothing
/// else needs it.
static HostTensor reuse(HostTensor &operand, ArrayRef<int64_t> shape) {
  if (operand.isUnique() && operand.getShape() == shape)
    return std::move(operand);
  return HostTensor(shape);
}

template <typename Function>
static HostTensor map(HostTensor &input, const ThreadTeam &team,
                      Function function) {
  const double *from = input.data();
  HostTensor result = reuse(input, input.getShape());
  double *to = result.mutate().data();
  team.forRange(result.getNumElements(), 1 << 14,
                [=](int64_t begin, int64_t end) {
                  for (int64_t i = begin; i < end; ++i)
                    to[i] = function(from[i]);
                });
  return result;
}

HostTensor vitrail::interpret(UnaryOp op, Operands operands,
                              const ThreadTeam &team) {
  auto apply = [&](auto function) { return map(operands[0], team, function); };
  switch (op.getKind()) {
  case UnaryKind::Neg:
    return apply([](double x) { return -x; });
  case UnaryKind::Abs:
    return apply([](double x) { return std::abs(x); });
  case UnaryKind::Exp:
    return apply([](double x) { return std::exp(x); });
  case UnaryKind::Exp2:
    return apply([](double x) { return std::exp2(x); });
  case UnaryKind::Log:
    return apply([](double x) { return std::log(x); });
  case UnaryKind::Sqrt:
    return apply([](double x) { return std::sqrt(x); });
  case UnaryKind::Rsqrt:
    return apply([](double x) { return 1 / std::sqrt(x); });
  case UnaryKind::Reciprocal:
    return apply([](double x) { return 1 / x; });
  case UnaryKind::Square:
    return apply([](double x) { return x * x; });
  case UnaryKind::Sin:
    return apply([](double x) { return std::sin(x); });
  case UnaryKind::Cos:
    return apply([](double x) { return std::cos(x); });
  case UnaryKind::Tanh:
    return apply([](double x) { return std::tanh(x); });
  case UnaryKind::Erf:
    return apply([](double x) { return std::erf(x); });
  case UnaryKind::Sigmoid:
    return apply(sigmoid);
  case UnaryKind::Relu:
    return apply([](double x) { return x < 0 ? 0.0 : x; });
  case UnaryKind::Gelu:
    return apply(gelu);
  case UnaryKind::GeluTanh:
    return apply(geluTanh);
  case UnaryKind::QuickGelu:
    return apply([](double x) { return x * sigmoid(1.702 * x); });
  case UnaryKind::Silu:
    return apply([](double x) { return x * sigmoid(x); });
  case UnaryKind::Floor:
    return apply([](double x) { return std::floor(x); });
  case UnaryKind::Ceil:
    return apply([](double x) { return std::ceil(x); });
  }
  llvm_unreachable("all kinds are handled");
}

//===----------------------------------------------------------------------===//
// FromU8Op
//===----------------------------------------------------------------------===//

HostTensor vitrail::interpret(FromU8Op op, Operands operands,
                              const ThreadTeam &) {
  // All tensors of the interpreter hold numbers.
  return std::move(operands[0]);
}

//===----------------------------------------------------------------------===//
// BinaryOp
//===----------------------------------------------------------------------===//

template <typename Function>
static HostTensor combine(ArrayRef<int64_t> shape, HostTensor &lhs,
                          const HostTensor &rhs, const ThreadTeam &team,
                          Function function) {
  SmallVector<int64_t> ofLhs = broadcastStrides(lhs.getShape(), shape);
  SmallVector<int64_t> ofRhs = broadcastStrides(rhs.getShape(), shape);
  const double *left = lhs.data(), *right = rhs.data();
  HostTensor result = reuse(lhs, shape);
  StridedBox<3> box;
  for (auto [size, a, b, c] :
       llvm::zip_equal(shape, ofLhs, ofRhs, result.getStrides()))
    box.addAxis(size, {a, b, c});
  double *target = result.mutate().data();
  box.forEachRun(team, [=](auto offsets, int64_t length, auto strides) {
    const double *a = left + offsets[0], *b = right + offsets[1];
    double *c = target + offsets[2];
    // Innermost strides are 0 or 1; loops of their own become vector code.
    if (strides[0] == 1 && strides[1] == 1) {
      for (int64_t i = 0; i < length; ++i)
        c[i] = function(a[i], b[i]);
    } else if (strides[0] == 1 && strides[1] == 0) {
      for (int64_t i = 0; i < length; ++i)
        c[i] = function(a[i], *b);
    } else {
      for (int64_t i = 0; i < length; ++i)
        c[i] = function(a[i * strides[0]], b[i * strides[1]]);
    }
  });
  return result;
}

HostTensor vitrail::interpret(BinaryOp op, Operands operands,
                              const ThreadTeam &team) {
  auto apply = [&](auto function) {
    return combine(op.getType().getShape(), operands[0], operands[1], team,
                   function);
  };
  switch (op.getKind()) {
  case BinaryKind::Add:
    return apply([](double a, double b) { return a + b; });
  case BinaryKind::Sub:
    return apply([](double a, double b) { return a - b; });
  case BinaryKind::Mul:
    return apply([](double a, double b) { return a * b; });
  case BinaryKind::Div:
    return apply([](double a, double b) { return a / b; });
  case BinaryKind::Max:
    return apply(maximum);
  case BinaryKind::Min:
    return apply(minimum);
  case BinaryKind::Pow:
    return apply([](double a, double b) { return std::pow(a, b); });
  case BinaryKind::Mod:
    return apply([](double a, double b) { return a - b * std::floor(a / b); });
  case BinaryKind::Lt:
    return apply([](double a, double b) { return double(a < b); });
  case BinaryKind::Le:
    return apply([](double a, double b) { return double(a <= b); });
  case BinaryKind::Eq:
    return apply([](double a, double b) { return double(a == b); });
  case BinaryKind::Ne:
    return apply([](double a, double b) { return double(a != b); });
  }
  llvm_unreachable("all kinds are handled");
}
