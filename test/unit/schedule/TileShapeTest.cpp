//===- TileShapeTest.cpp --------------------------------------------------===//
//
// Part of Vitrail, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "passes/lower/TileShape.h"
#include "gtest/gtest.h"

using namespace vitrail;

namespace {

TEST(RowTiles, CoverExactly) {
  for (int64_t total = 1; total <= 300; ++total)
    for (int64_t atMost = 1; atMost <= 30; ++atMost) {
      RowTiles tiles(total, atMost);
      ASSERT_LE(tiles.rows, atMost);
      ASSERT_GE(tiles.large, 1);
      ASSERT_LE(tiles.large, tiles.count);
      ASSERT_EQ(tiles.large * tiles.rows +
                    (tiles.count - tiles.large) * (tiles.rows - 1),
                total);
      // No tile is empty, and none could be saved.
      ASSERT_TRUE(tiles.rows > 1 || tiles.uniform());
      ASSERT_EQ(tiles.count, (total + atMost - 1) / atMost);
    }
}

void checkTile(VectorTarget target, int64_t rows, int64_t columns) {
  TileShape tile = chooseTile(target, rows, columns);
  ASSERT_GE(tile.rows, 1);
  ASSERT_LE(tile.rows, rows);
  ASSERT_GE(tile.vectors, 1);
  ASSERT_EQ(tile.vectors % target.vectorsPerPanel(), 0);
  // No wider than the result in whole panels.
  ASSERT_LE((tile.vectors * target.width - 1) / 16, (columns - 1) / 16);
  // Accumulators, the columns of a step and one broadcast.
  ASSERT_LE(tile.rows * tile.vectors + tile.vectors + 1, target.registers);
}

TEST(ChooseTile, FitsTheRegisters) {
  for (VectorTarget target : {VectorTarget{16, 32}, VectorTarget{8, 16}})
    for (int64_t rows = 1; rows <= 200; ++rows)
      for (int64_t columns : {1, 7, 16, 17, 48, 197, 768, 1000, 3072})
        checkTile(target, rows, columns);
}

TEST(RankTiles, BeginWithTheChosenOneAndDiffer) {
  for (VectorTarget target : {VectorTarget{16, 32}, VectorTarget{8, 16}})
    for (int64_t rows : {1, 2, 7, 49, 197})
      for (int64_t columns : {1, 16, 48, 1000}) {
        llvm::SmallVector<TileShape> ranked = rankTiles(target, rows, columns);
        ASSERT_EQ(ranked.front(), chooseTile(target, rows, columns));
        ASSERT_LE(ranked.size(), 4u);
        for (size_t i = 0; i < ranked.size(); ++i) {
          ASSERT_TRUE(ranked[i].fits(target));
          for (size_t j = 0; j < i; ++j)
            ASSERT_FALSE(ranked[i] == ranked[j]);
        }
      }
}

} // namespace
