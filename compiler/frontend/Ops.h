//===- Ops.h - Ops that the compiler implements -----------------*- C++ -*-===//
//
// Part of Vitrail, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef VITRAIL_COMPILER_FRONTEND_OPS_H
#define VITRAIL_COMPILER_FRONTEND_OPS_H

#include "compiler/frontend/Frame.h"
#include "compiler/frontend/TensorBuilder.h"

namespace vitrail::frontend {

/// Runs op `frame.block`, whose arguments are bound in `frame` as the `op`
/// declaration in the library types them.
llvm::Expected<Datum> runOp(TensorBuilder &tensors, mlir::Location loc,
                            const Frame &frame);

/// The sizes that a list names: integers only.
llvm::Expected<std::vector<int64_t>> integersOf(const List &list,
                                                llvm::StringRef what);

} // namespace vitrail::frontend

#endif // VITRAIL_COMPILER_FRONTEND_OPS_H
