//===- FindModel.h - The file that a model's name means ---------*- C++ -*-===//
//
// Part of Vitrail, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef VITRAIL_COMPILER_PIPELINE_FINDMODEL_H
#define VITRAIL_COMPILER_PIPELINE_FINDMODEL_H

#include "llvm/ADT/StringRef.h"
#include "llvm/Support/Error.h"
#include <string>

namespace vitrail {

/// `<folder of the compiler's binary>/../share/vitrail/models`, which is the
/// same in the build tree and when installed.
std::string modelsDirectory(llvm::StringRef compilerBinary);

/// The file that `model` names: that file itself, or else one of the models in
/// `directory`: "vit", "vit.vtr" and "models/vit.vtr" are the same. A name
/// without ending is never a file of the working folder, where a program of
/// that name may lie.
llvm::Expected<std::string> findModel(llvm::StringRef model,
                                      llvm::StringRef directory);

} // namespace vitrail

#endif // VITRAIL_COMPILER_PIPELINE_FINDMODEL_H
