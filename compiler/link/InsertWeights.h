//===- InsertWeights.h - Weights enter a linked program ---------*- C++ -*-===//
//
// Part of Vitrail, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// A linker reads its inputs and writes its output through mappings: with the
// weights among them it would hold them in memory twice. So it links a
// placeholder, a section of the right size without contents, and the weights go
// into their place in the file afterwards, from file to file.
//
//===----------------------------------------------------------------------===//

#ifndef VITRAIL_COMPILER_LINK_INSERTWEIGHTS_H
#define VITRAIL_COMPILER_LINK_INSERTWEIGHTS_H

#include "compiler/weights/FrozenStore.h"

namespace vitrail {

/// Writes to `to` the ELF file `from`, which was linked with the placeholder of
/// `store` (WeightsObject.h), with the weights in it. Program or shared
/// library: they stand in the file where the placeholder's segment ends, and
/// what follows moves back by whole pages. Relocatable object: they stand at
/// the end of the file.
llvm::Error insertWeights(llvm::StringRef from, const FrozenStore &store,
                          llvm::StringRef to);

} // namespace vitrail

#endif // VITRAIL_COMPILER_LINK_INSERTWEIGHTS_H
