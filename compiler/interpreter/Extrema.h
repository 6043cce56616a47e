//===- Extrema.h - Maximum and minimum --------------------------*- C++ -*-===//
//
// Part of Vitrail, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef VITRAIL_COMPILER_INTERPRETER_EXTREMA_H
#define VITRAIL_COMPILER_INTERPRETER_EXTREMA_H

namespace vitrail {

/// The larger of two numbers; a NaN if either is one, as in NumPy.
inline double maximum(double a, double b) { return a >= b || a != a ? a : b; }

/// The smaller of two numbers; a NaN if either is one.
inline double minimum(double a, double b) { return a <= b || a != a ? a : b; }

} // namespace vitrail

#endif // VITRAIL_COMPILER_INTERPRETER_EXTREMA_H
