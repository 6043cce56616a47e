//===- VectorMath.cpp - Elementwise functions on vectors ------------------===//
//
// Part of Vitrail, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "passes/lower/VectorMath.h"
#include "mlir/Dialect/LLVMIR/LLVMDialect.h"
#include "passes/schedule/InPlace.h"

using namespace mlir;
using namespace vitrail;

static constexpr double log2e = 1.4426950408889634;

/// Σ coefficients[i] · x^i.
static Value horner(Emitter &e, Value x, ArrayRef<double> coefficients) {
  Value sum = e.splat(coefficients.back());
  for (double coefficient : llvm::reverse(coefficients.drop_back()))
    sum = e.fma(sum, x, e.splat(coefficient));
  return sum;
}

/// The same in half the time until the result is there: even and odd powers are
/// two chains.
static Value splitHorner(Emitter &e, Value x, ArrayRef<double> coefficients) {
  SmallVector<double> halves[2];
  for (auto [i, coefficient] : llvm::enumerate(coefficients))
    halves[i % 2].push_back(coefficient);
  Value square = e.mulf(x, x);
  return e.fma(horner(e, square, halves[1]), x, horner(e, square, halves[0]));
}

/// The larger of `x` and `bound`, and NaN for NaN: one vmaxps.
static Value atLeast(Emitter &e, Value x, double bound) {
  Value limit = e.splat(bound);
  Value below = arith::CmpFOp::create(e, arith::CmpFPredicate::OLT, x, limit);
  return arith::SelectOp::create(e, below, limit, x);
}

static Value atMost(Emitter &e, Value x, double bound) {
  Value limit = e.splat(bound);
  Value above = arith::CmpFOp::create(e, arith::CmpFPredicate::OGT, x, limit);
  return arith::SelectOp::create(e, above, limit, x);
}

Value vitrail::emitExp2(Emitter &e, Value x, bool mayBeLarge) {
  // Minimax for 2^f on |f| <= 1/2, relative error 7.5e-8.
  static const double polynomial[] = {1.000000119e+00, 6.931469440e-01,
                                      2.402212024e-01, 5.550713092e-02,
                                      9.675540961e-03, 1.327647129e-03};
  // Adding 1.5 · 2^23 rounds to an integer that then stands in the low bits.
  Value magic = e.splat(12582912.0);
  x = atLeast(e, x, -126.0);
  if (mayBeLarge)
    x = atMost(e, x, 127.0);
  Value shifted = arith::AddFOp::create(e, x, magic);
  Value rounded = arith::SubFOp::create(e, shifted, magic);
  Value fraction = arith::SubFOp::create(e, x, rounded);
  Value power = horner(e, fraction, polynomial);
  auto bits = VectorType::get({e.target.width}, e.getI32Type());
  Value exponent = arith::ShLIOp::create(
      e, arith::BitcastOp::create(e, bits, shifted),
      arith::ConstantOp::create(e, DenseElementsAttr::get(bits, int32_t(23))));
  Value scaled = arith::AddIOp::create(
      e, arith::BitcastOp::create(e, bits, power), exponent);
  return arith::BitcastOp::create(e, e.vectorType(), scaled);
}

/// 2^x over the whole range: the square of 2^(x/2) overflows and vanishes where
/// it should.
static Value emitWideExp2(Emitter &e, Value x) {
  Value root = emitExp2(e, e.mulf(x, e.splat(0.5)));
  return e.mulf(root, root);
}

/// 1 / (1 + 2^(-scale · x)): the logistic function for scale = log2(e).
static Value emitSigmoid(Emitter &e, Value x, double scale = log2e) {
  Value power = emitExp2(e, e.mulf(x, e.splat(-scale)));
  return e.divf(e.splat(1.0), e.addf(power, e.splat(1.0)));
}

/// Entry `index` modulo 16 of `table` in each lane: one permutation of AVX-512,
/// whose registers hold a table of sixteen numbers.
static Value lookUp(Emitter &e, ArrayRef<float> table, Value index) {
  Value entries = arith::ConstantOp::create(
      e, DenseElementsAttr::get(e.vectorType(), table));
  return LLVM::CallIntrinsicOp::create(
             e, e.vectorType(),
             e.getStringAttr("llvm.x86.avx512.permvar.sf.512"),
             ValueRange{entries, index})
      .getResults();
}

/// x · Φ(x) = x / 2 + |x| · Q(|x|), where Q = Φ - 1/2 is a polynomial of degree
/// four in each of sixteen intervals, in half the time of one polynomial for
/// all: absolute error 5.8e-7 everywhere.
static Value emitGeluByTable(Emitter &e, Value x) {
  constexpr double step = 191.0 / 512; // from the middle of one to the next
  static const float tables[5][16] = {
      {0.000000000e+00, 4.367654037e-05, 4.697635013e-04, -4.949778318e-03,
       -3.812986240e-02, -1.068632379e-01, -1.640527844e-01, -1.384570599e-01,
       -1.147951558e-02, 1.642603576e-01, 3.195088208e-01, 4.201251864e-01,
       4.707159102e-01, 4.910510182e-01, 4.977082014e-01, 5.000000000e-01},
      {3.989405632e-01, 3.982728124e-01, 3.950371146e-01, 4.167317152e-01,
       5.167306066e-01, 6.806948185e-01, 7.942038178e-01, 7.540855408e-01,
       5.734103918e-01, 3.513996005e-01, 1.754328609e-01, 7.208388299e-02,
       2.458812483e-02, 7.011668291e-03, 1.681106631e-03, 0.000000000e+00},
      {6.708318688e-05, 3.979892470e-03, 1.334152091e-02, -1.933122240e-02,
       -1.327826530e-01, -2.798265517e-01, -3.644296825e-01, -3.408900201e-01,
       -2.444011420e-01, -1.391524225e-01, -6.431660801e-02, -2.449021302e-02,
       -7.762796246e-03, -2.064076252e-03, -4.630635085e-04, 0.000000000e+00},
      {-6.738573313e-02, -7.806219906e-02, -9.027390182e-02, -6.832270324e-02,
       -1.089029480e-02, 4.786449298e-02, 7.592852414e-02, 6.980168819e-02,
       4.687966779e-02, 2.468832023e-02, 1.053533051e-02, 3.711205907e-03,
       1.091955579e-03, 2.705288643e-04, 5.676234287e-05, 0.000000000e+00},
      {4.989396315e-03, 1.672321558e-02, 2.277053520e-02, 1.721677370e-02,
       6.270118523e-03, -2.555393847e-03, -6.050915923e-03, -5.454213358e-03,
       -3.410398960e-03, -1.654551481e-03, -6.502640317e-04, -2.115866082e-04,
       -5.773192970e-05, -1.331816839e-05, -2.612355047e-06, 0.000000000e+00}};
  Value magnitude = math::AbsFOp::create(e, x);
  // From the last interval on, Q is 1/2.
  Value inside = atMost(e, magnitude, 15 * step);
  // As in emitExp2, the nearest middle's number stands in the low bits.
  Value shifted = e.fma(inside, e.splat(1 / step), e.splat(12582912.0));
  auto bits = VectorType::get({e.target.width}, e.getI32Type());
  Value index = arith::BitcastOp::create(e, bits, shifted);
  Value sum = lookUp(e, tables[4], index);
  for (ArrayRef<float> table : llvm::reverse(ArrayRef(tables).drop_back()))
    sum = e.fma(sum, inside, lookUp(e, table, index));
  return e.fma(magnitude, sum, e.mulf(x, e.splat(0.5)));
}

/// x · Φ(x). Φ(x) - 1/2 = x · P(x²) on |x| <= 5.2, where P takes the value that
/// makes Φ 0 and 1 at the ends: absolute error 1.2e-6 everywhere.
static Value emitGelu(Emitter &e, Value x) {
  constexpr double limit = 5.2;
  static const double polynomial[] = {
      1.359499395e-01, -6.774342805e-02, 5.002894998e-02, -3.993980587e-02,
      3.192528337e-02, -2.461381257e-02, 1.829220913e-02, -1.299960352e-02,
      7.779364940e-03, -3.742917906e-03, 2.619406208e-03, -2.256149193e-03,
      9.503051406e-04, -9.590558329e-05};
  Value inside = atMost(e, atLeast(e, x, -limit), limit);
  Value square = e.mulf(inside, inside);
  Value t = e.fma(square, e.splat(2.0 / (limit * limit)), e.splat(-1.0));
  Value phi = e.fma(inside, splitHorner(e, t, polynomial), e.splat(0.5));
  return e.mulf(x, phi);
}

/// 0.5 x (1 + tanh(u)) = x · σ(2u), u = sqrt(2/π) (x + 0.044715 x³).
static Value emitGeluTanh(Emitter &e, Value x) {
  constexpr double root = 0.7978845608028654;
  Value inner = e.fma(e.mulf(x, x), e.splat(0.044715), e.splat(1.0));
  return e.mulf(x, emitSigmoid(e, e.mulf(x, inner), 2 * root * log2e));
}

Value vitrail::emitUnary(Emitter &e, UnaryKind kind, Value x) {
  switch (kind) {
  case UnaryKind::Neg:
    return arith::NegFOp::create(e, x);
  case UnaryKind::Abs:
    return math::AbsFOp::create(e, x);
  case UnaryKind::Exp:
    return emitWideExp2(e, e.mulf(x, e.splat(log2e)));
  case UnaryKind::Exp2:
    return emitWideExp2(e, x);
  case UnaryKind::Log:
    return math::LogOp::create(e, x);
  case UnaryKind::Sqrt:
    return math::SqrtOp::create(e, x);
  case UnaryKind::Rsqrt:
    return e.divf(e.splat(1.0), math::SqrtOp::create(e, x));
  case UnaryKind::Reciprocal:
    return e.divf(e.splat(1.0), x);
  case UnaryKind::Square:
    return e.mulf(x, x);
  case UnaryKind::Sin:
    return math::SinOp::create(e, x);
  case UnaryKind::Cos:
    return math::CosOp::create(e, x);
  case UnaryKind::Tanh:
    return math::TanhOp::create(e, x);
  case UnaryKind::Erf:
    return math::ErfOp::create(e, x);
  case UnaryKind::Sigmoid:
    return emitSigmoid(e, x);
  case UnaryKind::Relu:
    return atLeast(e, x, 0.0);
  case UnaryKind::Gelu:
    return e.target.width == panelWidth ? emitGeluByTable(e, x)
                                        : emitGelu(e, x);
  case UnaryKind::GeluTanh:
    return emitGeluTanh(e, x);
  case UnaryKind::QuickGelu:
    return e.mulf(x, emitSigmoid(e, x, 1.702 * log2e));
  case UnaryKind::Silu:
    return e.mulf(x, emitSigmoid(e, x));
  case UnaryKind::Floor:
    return math::FloorOp::create(e, x);
  case UnaryKind::Ceil:
    return math::CeilOp::create(e, x);
  }
  llvm_unreachable("unknown unary kind");
}

/// 1 where the comparison holds, else 0.
static Value emitComparison(Emitter &e, arith::CmpFPredicate predicate,
                            Value lhs, Value rhs) {
  Value holds = arith::CmpFOp::create(e, predicate, lhs, rhs);
  return arith::SelectOp::create(e, holds, e.splat(1.0), e.splat(0.0));
}

Value vitrail::emitBinary(Emitter &e, BinaryKind kind, Value lhs, Value rhs) {
  switch (kind) {
  case BinaryKind::Add:
    return e.addf(lhs, rhs);
  case BinaryKind::Sub:
    return e.subf(lhs, rhs);
  case BinaryKind::Mul:
    return e.mulf(lhs, rhs);
  case BinaryKind::Div:
    return e.divf(lhs, rhs);
  case BinaryKind::Max:
    return arith::MaximumFOp::create(e, lhs, rhs);
  case BinaryKind::Min:
    return arith::MinimumFOp::create(e, lhs, rhs);
  case BinaryKind::Pow:
    return math::PowFOp::create(e, lhs, rhs);
  case BinaryKind::Mod:
    return e.subf(lhs, e.mulf(rhs, math::FloorOp::create(e, e.divf(lhs, rhs))));
  case BinaryKind::Lt:
    return emitComparison(e, arith::CmpFPredicate::OLT, lhs, rhs);
  case BinaryKind::Le:
    return emitComparison(e, arith::CmpFPredicate::OLE, lhs, rhs);
  case BinaryKind::Eq:
    return emitComparison(e, arith::CmpFPredicate::OEQ, lhs, rhs);
  case BinaryKind::Ne:
    return emitComparison(e, arith::CmpFPredicate::UNE, lhs, rhs);
  }
  llvm_unreachable("unknown binary kind");
}

double vitrail::neutralElement(ReduceKind kind) {
  constexpr double infinity = std::numeric_limits<double>::infinity();
  switch (kind) {
  case ReduceKind::Max:
    return -infinity;
  case ReduceKind::Min:
    return infinity;
  default:
    return 0.0;
  }
}

/// `x` where it compares with `sum` like that, else `sum`; NaN if one of them
/// is. The processor's maximum and minimum keep a NaN of `sum` alone, and one
/// of `x` is what sets all bits: cheaper than `arith.maximumf`, which also
/// orders zeros.
static Value emitExtremum(Emitter &e, arith::CmpFPredicate predicate, Value sum,
                          Value x) {
  Value takes = arith::CmpFOp::create(e, predicate, x, sum);
  Value extremum = arith::SelectOp::create(e, takes, x, sum);
  auto bits = VectorType::get({e.target.width}, e.getI32Type());
  Value isNaN = arith::CmpFOp::create(e, arith::CmpFPredicate::UNO, x, x);
  Value all = arith::OrIOp::create(e, arith::ExtSIOp::create(e, bits, isNaN),
                                   arith::BitcastOp::create(e, bits, extremum));
  return arith::BitcastOp::create(e, e.vectorType(), all);
}

Value vitrail::emitReduce(Emitter &e, ReduceKind kind, Value sum, Value x) {
  switch (kind) {
  case ReduceKind::Max:
    return emitExtremum(e, arith::CmpFPredicate::OGT, sum, x);
  case ReduceKind::Min:
    return emitExtremum(e, arith::CmpFPredicate::OLT, sum, x);
  default:
    return e.addf(sum, x);
  }
}

bool Epilogue::isLong() const { return !llvm::all_of(ops, isShort); }

Value Epilogue::evaluate(Emitter &e, Value value, ValueRange row,
                         Column column) const {
  DenseMap<Value, Value> vectors;
  if (anchor)
    vectors[anchor] = value;
  auto vectorOf = [&](Value tensor) -> Value {
    Value &vector = vectors[tensor];
    if (vector)
      return vector;
    if (auto constant = tensor.getDefiningOp<arith::ConstantOp>())
      return vector = e.splat(cast<SplatElementsAttr>(constant.getValue())
                                  .getSplatValue<APFloat>()
                                  .convertToDouble());
    return vector = accesses.reads.at(tensor).load(e, row, column);
  };
  for (Operation *op : ops) {
    Value out;
    if (auto unary = dyn_cast<UnaryOp>(op)) {
      out = emitUnary(e, unary.getKind(), vectorOf(unary.getInput()));
    } else {
      auto binary = cast<BinaryOp>(op);
      Value lhs = vectorOf(binary.getLhs());
      out = emitBinary(e, binary.getKind(), lhs, vectorOf(binary.getRhs()));
    }
    vectors[op->getResult(0)] = out;
  }
  return vectorOf(result);
}
