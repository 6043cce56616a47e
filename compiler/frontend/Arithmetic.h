//===- Arithmetic.h - Operators on compile-time values ----------*- C++ -*-===//
//
// Part of Vitrail, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef VITRAIL_COMPILER_FRONTEND_ARITHMETIC_H
#define VITRAIL_COMPILER_FRONTEND_ARITHMETIC_H

#include "compiler/frontend/Ast.h"
#include "dialects/vitrail/VitrailDialect.h"
#include "llvm/Support/Error.h"

namespace vitrail::frontend {

/// "+", "//", ...
llvm::StringRef spelling(Operator op);
/// Whether `op` compares.
bool isComparison(Operator op);

/// `lhs op rhs` for numbers, strings, bools and none. Integers stay integers
/// and are exact: overflow, division by zero and `/` with a remainder are
/// errors.
llvm::Expected<Datum> compute(Operator op, const Datum &lhs, const Datum &rhs);

/// `-number`
llvm::Expected<Datum> negate(const Datum &number);

/// An elementwise function of a number, where it has one.
llvm::Expected<Datum> compute(UnaryKind kind, const Datum &number);

} // namespace vitrail::frontend

#endif // VITRAIL_COMPILER_FRONTEND_ARITHMETIC_H
