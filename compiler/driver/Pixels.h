//===- Pixels.h - Images as pixels ------------------------------*- C++ -*-===//
//
// Part of Vitrail, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef VITRAIL_COMPILER_DRIVER_PIXELS_H
#define VITRAIL_COMPILER_DRIVER_PIXELS_H

#include "dialects/vitrail/VitrailDialect.h"
#include <vector>

namespace vitrail {

/// Makes pixels of those inputs of `main` that are images, [batch, channels,
/// height, width]: the nearest that the values normalize to, as [batch, height,
/// width, channels]. Such an input becomes what its pixels normalize to; of the
/// others, the result is empty.
std::vector<std::vector<uint8_t>>
makePixels(mlir::func::FuncOp main, std::vector<std::vector<float>> &inputs);

} // namespace vitrail

#endif // VITRAIL_COMPILER_DRIVER_PIXELS_H
