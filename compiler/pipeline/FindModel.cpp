//===- FindModel.cpp - The file that a model's name means -----------------===//
//
// Part of Vitrail, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "compiler/pipeline/FindModel.h"
#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/SmallString.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/Support/FileSystem.h"
#include "llvm/Support/Path.h"
#include <vector>

using namespace llvm;

std::string vitrail::modelsDirectory(StringRef compilerBinary) {
  SmallString<256> path(sys::path::parent_path(compilerBinary));
  sys::path::append(path, "..", "share", "vitrail", "models");
  return path.str().str();
}

/// The names of the models in `directory`, sorted.
static std::vector<std::string> installedModels(StringRef directory) {
  std::vector<std::string> names;
  std::error_code code;
  for (sys::fs::directory_iterator it(directory, code), end; it != end && !code;
       it.increment(code))
    if (sys::path::extension(it->path()) == ".vtr")
      names.push_back(sys::path::stem(it->path()).str());
  llvm::sort(names);
  return names;
}

Expected<std::string> vitrail::findModel(StringRef model, StringRef directory) {
  bool bare = !sys::path::has_parent_path(model) &&
              !sys::path::has_extension(model) && !sys::fs::is_directory(model);
  if (!bare && sys::fs::exists(model))
    return model.str();
  StringRef name = model;
  name.consume_front("models/");
  SmallString<256> path(directory);
  sys::path::append(path, bare ? name + ".vtr" : name);
  if (!sys::path::has_parent_path(name) && sys::fs::is_regular_file(path))
    return path.str().str();
  if (!bare)
    return model.str(); // Who opens it says why it cannot.
  return createStringError(
      "no model '" + model + "' comes with the compiler; these do: " +
      join(installedModels(directory), ", ") +
      "; a model of your own is given with its ending, as " + model + ".vtr");
}
