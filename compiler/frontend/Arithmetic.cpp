//===- Arithmetic.cpp - Operators on compile-time values ------------------===//
//
// Part of Vitrail, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "compiler/frontend/Arithmetic.h"
#include "compiler/frontend/TensorBuilder.h"
#include "llvm/Support/MathExtras.h"
#include <cmath>

using namespace vitrail;
using namespace vitrail::frontend;

llvm::StringRef frontend::spelling(Operator op) {
  static constexpr llvm::StringLiteral spellings[] = {
      "+", "-",  "*", "/",  "//",  "%",  "**",  "==", "!=",
      "<", "<=", ">", ">=", "and", "or", "not", "-"};
  return spellings[size_t(op)];
}

bool frontend::isComparison(Operator op) {
  return op >= Operator::Eq && op <= Operator::Ge;
}

static llvm::Expected<Datum> finite(double value, const llvm::Twine &what) {
  if (!std::isfinite(value))
    return makeError(what + " is not a finite number");
  return Datum(value);
}

static bool powOverflows(int64_t base, int64_t exponent, int64_t &result) {
  result = 1;
  if (base == 0 || base == 1 || base == -1) {
    result = exponent == 0 ? 1 : base == -1 && exponent % 2 == 0 ? 1 : base;
    return false;
  }
  for (; exponent > 0; --exponent) // at most 63 rounds
    if (llvm::MulOverflow(result, base, result))
      return true;
  return false;
}

/// `/` (exact), `//` and `%`.
static llvm::Expected<Datum> divideIntegers(Operator op, int64_t a, int64_t b,
                                            const std::string &text) {
  if (b == 0)
    return makeError("division by zero: " + text);
  if (b == -1 && a == std::numeric_limits<int64_t>::min())
    return makeError(text + " does not fit into 64 bits");
  int64_t quotient = a / b, remainder = a % b;
  if (op == Operator::Div && remainder)
    return makeError(text + " leaves a remainder of " +
                     llvm::Twine(std::abs(remainder)) +
                     "; '//' rounds down, and '" + llvm::Twine(a) + ".0 / " +
                     llvm::Twine(b) + "' gives a float");
  if (remainder && (remainder < 0) != (b < 0)) {
    --quotient;
    remainder += b;
  }
  return Datum(op == Operator::Mod ? remainder : quotient);
}

static llvm::Expected<Datum> computeIntegers(Operator op, int64_t a,
                                             int64_t b) {
  std::string text =
      (llvm::Twine(a) + " " + spelling(op) + " " + llvm::Twine(b)).str();
  int64_t result = 0;
  bool overflows = false;
  switch (op) {
  case Operator::Add:
    overflows = llvm::AddOverflow(a, b, result);
    break;
  case Operator::Sub:
    overflows = llvm::SubOverflow(a, b, result);
    break;
  case Operator::Mul:
    overflows = llvm::MulOverflow(a, b, result);
    break;
  case Operator::Pow:
    if (b < 0)
      return finite(std::pow(double(a), double(b)), text);
    overflows = powOverflows(a, b, result);
    break;
  default:
    return divideIntegers(op, a, b, text);
  }
  if (overflows)
    return makeError(text + " does not fit into 64 bits");
  return Datum(result);
}

static llvm::Expected<Datum> computeReals(Operator op, double a, double b) {
  std::string text =
      show(Datum(a)) + " " + spelling(op).str() + " " + show(Datum(b));
  bool divides =
      op == Operator::Div || op == Operator::FloorDiv || op == Operator::Mod;
  if (divides && b == 0)
    return makeError("division by zero: " + text);
  switch (op) {
  case Operator::Add:
    return finite(a + b, text);
  case Operator::Sub:
    return finite(a - b, text);
  case Operator::Mul:
    return finite(a * b, text);
  case Operator::Div:
    return finite(a / b, text);
  case Operator::FloorDiv:
    return finite(std::floor(a / b), text);
  case Operator::Mod:
    return finite(a - b * std::floor(a / b), text);
  default:
    return finite(std::pow(a, b), text);
  }
}

static bool compare(Operator op, double a, double b) {
  switch (op) {
  case Operator::Lt:
    return a < b;
  case Operator::Le:
    return a <= b;
  case Operator::Gt:
    return a > b;
  default:
    return a >= b;
  }
}

llvm::Expected<Datum> frontend::compute(Operator op, const Datum &lhs,
                                        const Datum &rhs) {
  if (op == Operator::Eq || op == Operator::Ne) {
    std::optional<bool> same = equal(lhs, rhs);
    if (!same)
      return makeError("cannot compare " + show(lhs) + " with " + show(rhs));
    return Datum(*same == (op == Operator::Eq));
  }
  if (op == Operator::Add && lhs.is(DatumType::List) &&
      rhs.is(DatumType::List)) {
    List joined(lhs.list());
    joined.insert(joined.end(), rhs.list().begin(), rhs.list().end());
    return Datum(std::move(joined));
  }
  if (!lhs.isNumber() || !rhs.isNumber())
    return makeError("'" + spelling(op) + "' needs numbers or tensors, got " +
                     show(lhs) + " and " + show(rhs));
  if (isComparison(op)) {
    if (lhs.is(DatumType::Int) && rhs.is(DatumType::Int))
      // The order of two integers is that of their difference's sign, which
      // a conversion to double could lose.
      return Datum(compare(
          op, (lhs.integer() > rhs.integer()) - (lhs.integer() < rhs.integer()),
          0));
    return Datum(compare(op, lhs.real(), rhs.real()));
  }
  if (lhs.is(DatumType::Int) && rhs.is(DatumType::Int))
    return computeIntegers(op, lhs.integer(), rhs.integer());
  return computeReals(op, lhs.real(), rhs.real());
}

llvm::Expected<Datum> frontend::negate(const Datum &number) {
  if (number.is(DatumType::Float))
    return Datum(-number.real());
  return computeIntegers(Operator::Sub, 0, number.integer());
}

llvm::Expected<Datum> frontend::compute(UnaryKind kind, const Datum &number) {
  std::string text =
      (stringifyUnaryKind(kind) + "(" + show(number) + ")").str();
  if (number.is(DatumType::Int) && kind == UnaryKind::Abs)
    return number.integer() < 0 ? negate(number) : number;
  double x = number.real();
  switch (kind) {
  case UnaryKind::Abs:
    return Datum(std::fabs(x));
  case UnaryKind::Exp:
    return finite(std::exp(x), text);
  case UnaryKind::Log:
    return finite(std::log(x), text);
  case UnaryKind::Sqrt:
    return finite(std::sqrt(x), text);
  case UnaryKind::Sin:
    return Datum(std::sin(x));
  case UnaryKind::Cos:
    return Datum(std::cos(x));
  default:
    return makeError("'" + stringifyUnaryKind(kind) + "' needs a tensor, got " +
                     show(number));
  }
}
