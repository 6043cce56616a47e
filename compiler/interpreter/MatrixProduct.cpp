//===- MatrixProduct.cpp - Products of matrices in double -----------------===//
//
// Part of Vitrail, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Blocked for the caches and the registers of any x86-64: tiles of 4×4 need no
// more than the sixteen vectors of SSE2.
//
//===----------------------------------------------------------------------===//

#include "compiler/interpreter/MatrixProduct.h"
#include "llvm/ADT/SmallVector.h"
#include "llvm/Support/MathExtras.h"
#include <algorithm>

using namespace llvm;
using namespace vitrail;

namespace {

constexpr int64_t tile = 4;
constexpr int64_t blockDepth = 256;   // a strip of a: 8 KiB, stays in L1
constexpr int64_t blockColumns = 192; // a block of b: 384 KiB, stays in L2

/// Part of a product: `columns` and `rows` from where the pointers stand.
struct Product {
  int64_t rows, columns, depth;
  MatrixRef a, b;
  double *result;
  int64_t rowStride;
};

} // namespace

/// Adds a strip of a times a strip of b to a tile of the result; in a strip,
/// the `tile` elements of one k lie together.
static void multiplyTile(int64_t depth, const double *a, const double *b,
                         double (&sums)[tile][tile]) {
  for (int64_t k = 0; k < depth; ++k)
    for (int64_t i = 0; i < tile; ++i)
      for (int64_t j = 0; j < tile; ++j)
        sums[i][j] += a[k * tile + i] * b[k * tile + j];
}

/// Gathers `lanes` elements for each k into a strip, zeros in the other lanes.
static void packStrip(int64_t depth, int64_t lanes, const double *source,
                      int64_t depthStride, int64_t laneStride, double *strip) {
  for (int64_t lane = 0; lane < tile; ++lane)
    for (int64_t k = 0; k < depth; ++k)
      strip[k * tile + lane] =
          lane < lanes ? source[k * depthStride + lane * laneStride] : 0.0;
}

static void multiplySmall(const Product &p) {
  for (int64_t i = 0; i < p.rows; ++i)
    for (int64_t j = 0; j < p.columns; ++j) {
      double sum = 0;
      for (int64_t k = 0; k < p.depth; ++k)
        sum += p.a.data[i * p.a.rowStride + k * p.a.columnStride] *
               p.b.data[k * p.b.rowStride + j * p.b.columnStride];
      p.result[i * p.rowStride + j] = sum;
    }
}

/// Adds one block of depth for all rows and one block of columns.
static void multiplyBlock(const Product &p, const double *packedB,
                          double *strip) {
  for (int64_t row = 0; row < p.rows; row += tile) {
    int64_t height = std::min(tile, p.rows - row);
    packStrip(p.depth, height, p.a.data + row * p.a.rowStride, p.a.columnStride,
              p.a.rowStride, strip);
    for (int64_t column = 0; column < p.columns; column += tile) {
      int64_t width = std::min(tile, p.columns - column);
      double *target = p.result + row * p.rowStride + column;
      double sums[tile][tile] = {};
      for (int64_t i = 0; i < height; ++i)
        std::copy_n(target + i * p.rowStride, width, sums[i]);
      multiplyTile(p.depth, strip, packedB + column * p.depth, sums);
      for (int64_t i = 0; i < height; ++i)
        std::copy_n(sums[i], width, target + i * p.rowStride);
    }
  }
}

static void multiplyPart(const Product &p) {
  if (p.rows * p.columns * p.depth < 512)
    return multiplySmall(p);
  for (int64_t i = 0; i < p.rows; ++i)
    std::fill_n(p.result + i * p.rowStride, p.columns, 0.0);
  int64_t depthStep = std::min(p.depth, blockDepth);
  int64_t columnStep = std::min(p.columns, blockColumns);
  SmallVector<double> strip(depthStep * tile);
  SmallVector<double> packedB(depthStep * alignTo(columnStep, tile));
  for (int64_t column = 0; column < p.columns; column += columnStep)
    for (int64_t k = 0; k < p.depth; k += depthStep) {
      Product block = p;
      block.columns = std::min(columnStep, p.columns - column);
      block.depth = std::min(depthStep, p.depth - k);
      block.a.data += k * p.a.columnStride;
      block.b.data += k * p.b.rowStride + column * p.b.columnStride;
      block.result += column;
      for (int64_t j = 0; j < block.columns; j += tile)
        packStrip(block.depth, std::min(tile, block.columns - j),
                  block.b.data + j * p.b.columnStride, p.b.rowStride,
                  p.b.columnStride, packedB.data() + j * block.depth);
      multiplyBlock(block, packedB.data(), strip.data());
    }
}

void vitrail::multiply(const ThreadTeam &team, int64_t rows, int64_t columns,
                       int64_t depth, MatrixRef a, MatrixRef b, double *result,
                       int64_t rowStride) {
  Product whole{rows, columns, depth, a, b, result, rowStride};
  // Cut the longer side, into pieces worth a thread.
  bool byRows = rows > columns;
  int64_t work = std::max<int64_t>(depth * std::min(rows, columns), 1);
  int64_t grain = std::max<int64_t>((1 << 18) / work, 16);
  team.forRange(byRows ? rows : columns, grain,
                [&](int64_t begin, int64_t end) {
                  Product part = whole;
                  if (byRows) {
                    part.rows = end - begin;
                    part.a.data += begin * a.rowStride;
                    part.result += begin * rowStride;
                  } else {
                    part.columns = end - begin;
                    part.b.data += begin * b.columnStride;
                    part.result += begin;
                  }
                  multiplyPart(part);
                });
}
