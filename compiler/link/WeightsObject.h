//===- WeightsObject.h - The frozen store as a file -------------*- C++ -*-===//
//
// Part of Vitrail, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Weights go from the frozen store's file straight into a file that the linker
// or the runtime maps: no IR, no assembler text, nothing in memory.
//
//===----------------------------------------------------------------------===//

#ifndef VITRAIL_COMPILER_LINK_WEIGHTSOBJECT_H
#define VITRAIL_COMPILER_LINK_WEIGHTSOBJECT_H

#include "compiler/weights/FrozenStore.h"

namespace vitrail {

/// Writes `store` as an ELF object for x86-64 that defines `symbol`, hidden and
/// aligned to a page, in the section `.lrodata.vitrail`. That section is a
/// large one: it may exceed 2 GB and lies apart from what code refers to by
/// 32-bit distances.
llvm::Error writeWeightsObject(const FrozenStore &store, llvm::StringRef symbol,
                               llvm::StringRef path);

/// Writes the same object without its contents (the section is SHT_NOBITS), so
/// that a linker places the weights without touching them; insertWeights()
/// (InsertWeights.h) brings them in afterwards.
llvm::Error writeWeightsPlaceholder(const FrozenStore &store,
                                    llvm::StringRef symbol,
                                    llvm::StringRef path);

/// The name of that section; where lld makes programs it is ".lrodata" alone.
inline constexpr llvm::StringLiteral weightsSection = ".lrodata.vitrail";

/// Writes `store` as the file of --external-weights, which the runtime maps;
/// its header is that of runtime/include/vitrail/weights_file.h. The file
/// appears complete or not at all.
llvm::Error writeExternalWeights(const FrozenStore &store,
                                 llvm::StringRef path);

} // namespace vitrail

#endif // VITRAIL_COMPILER_LINK_WEIGHTSOBJECT_H
