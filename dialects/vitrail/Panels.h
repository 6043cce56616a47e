//===- Panels.h - Tensors in panels -----------------------------*- C++ -*-===//
//
// Part of Vitrail, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef VITRAIL_DIALECTS_VITRAIL_PANELS_H
#define VITRAIL_DIALECTS_VITRAIL_PANELS_H

#include "dialects/vitrail/VitrailDialect.h"

namespace vitrail {

/// The shape in which a tensor of `shape` lies in panels of `width` along
/// `axis`, one of its axes: [..., C, ...] becomes [ceil(C / width), ...,
/// width].
llvm::SmallVector<int64_t> panelShape(llvm::ArrayRef<int64_t> shape,
                                      int64_t axis, int64_t width = panelWidth);

} // namespace vitrail

#endif // VITRAIL_DIALECTS_VITRAIL_PANELS_H
