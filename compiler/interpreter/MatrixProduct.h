//===- MatrixProduct.h - Products of matrices in double ---------*- C++ -*-===//
//
// Part of Vitrail, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef VITRAIL_COMPILER_INTERPRETER_MATRIXPRODUCT_H
#define VITRAIL_COMPILER_INTERPRETER_MATRIXPRODUCT_H

#include "compiler/interpreter/ThreadTeam.h"

namespace vitrail {

/// A matrix in memory: element (i, j) at `data[i * rowStride + j *
/// columnStride]`.
struct MatrixRef {
  const double *data;
  int64_t rowStride, columnStride;
};

/// result(i, j) = Σ_k a(i, k) · b(k, j), with rows of the result `rowStride`
/// apart. The products are rounded and added one by one from k = 0 on, whatever
/// the blocking and the team: the bytes of the result are those of three loops.
void multiply(const ThreadTeam &team, int64_t rows, int64_t columns,
              int64_t depth, MatrixRef a, MatrixRef b, double *result,
              int64_t rowStride);

} // namespace vitrail

#endif // VITRAIL_COMPILER_INTERPRETER_MATRIXPRODUCT_H
