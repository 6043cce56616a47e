//===- TuningCache.cpp - What was measured once ---------------------------===//
//
// Part of Vitrail, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "compiler/tune/TuningCache.h"
#include "compiler/link/OutputFile.h"
#include "compiler/weights/JSON.h"
#include "compiler/weights/Messages.h"
#include "llvm/Support/FileSystem.h"
#include "llvm/Support/FormatVariadic.h"
#include "llvm/Support/MemoryBuffer.h"
#include "llvm/Support/Path.h"
#include "llvm/Support/Process.h"

using namespace llvm;
using namespace vitrail;

static constexpr StringLiteral formatKey = "format", machinesKey = "machines";
static constexpr StringLiteral theFormat = "vitrail tuning cache 1";

std::string vitrail::tuningCachePath() {
  auto variable = [](StringRef name) {
    return sys::Process::GetEnv(name).value_or("");
  };
  if (std::string path = variable("VITRAIL_TUNE_CACHE"); !path.empty())
    return path;
  SmallString<128> path(variable("XDG_CACHE_HOME"));
  if (path.empty()) {
    path = variable("HOME");
    if (path.empty())
      return "";
    sys::path::append(path, ".cache");
  }
  sys::path::append(path, "vitrail", "tune.json");
  return path.str().str();
}

/// All of the file: an empty one where there is none.
static Expected<json::Object> readFile(StringRef path) {
  auto fail = [&](const Twine &why) {
    return createStringError("cannot use the tuning cache " + quoted(path) +
                             ": " + why.str());
  };
  if (!sys::fs::exists(path))
    return json::Object{{formatKey, theFormat}, {machinesKey, json::Object()}};
  auto buffer = MemoryBuffer::getFile(path);
  if (!buffer)
    return fail(buffer.getError().message());
  auto value = parseForeignJSON((*buffer)->getBuffer());
  if (!value)
    return fail(toString(value.takeError()) + "; remove it");
  json::Object *file = value->getAsObject();
  if (!file || file->getString(formatKey) != StringRef(theFormat) ||
      !file->getObject(machinesKey))
    return fail("it does not have the format '" + theFormat + "'; remove it");
  return std::move(*file);
}

static std::optional<TunedKernel> parseKernel(const json::Value &value) {
  TunedKernel kernel;
  json::Path::Root root;
  json::ObjectMapper map(value, root);
  if (map && map.map("rows", kernel.tiling.tile.rows) &&
      map.map("vectors", kernel.tiling.tile.vectors) &&
      map.map("blocks", kernel.tiling.blocks) &&
      map.map("nanoseconds", kernel.nanoseconds) &&
      map.map("model_nanoseconds", kernel.modelNanoseconds))
    return kernel;
  return std::nullopt;
}

Expected<TunedKernels> vitrail::readTuningCache(StringRef path,
                                                StringRef machine) {
  auto file = readFile(path);
  if (!file)
    return file.takeError();
  TunedKernels kernels;
  const json::Object *known = file->getObject(machinesKey)->getObject(machine);
  if (known)
    for (const auto &[name, value] : *known)
      if (auto kernel = parseKernel(value))
        kernels[StringRef(name).str()] = *kernel;
  return kernels;
}

Error vitrail::extendTuningCache(StringRef path, StringRef machine,
                                 const TunedKernels &kernels) {
  auto file = readFile(path);
  if (!file)
    return file.takeError();
  json::Object &machines = *file->getObject(machinesKey);
  if (!machines.getObject(machine))
    machines[machine] = json::Object();
  json::Object &known = *machines.getObject(machine);
  for (const auto &[name, kernel] : kernels)
    known[name] = json::Object{{"rows", kernel.tiling.tile.rows},
                               {"vectors", kernel.tiling.tile.vectors},
                               {"blocks", kernel.tiling.blocks},
                               {"nanoseconds", kernel.nanoseconds},
                               {"model_nanoseconds", kernel.modelNanoseconds}};
  if (StringRef folder = sys::path::parent_path(path); !folder.empty())
    if (std::error_code code = sys::fs::create_directories(folder))
      return createStringError("cannot write " + quoted(path) + ": " +
                               code.message());
  std::string text = formatv("{0:2}\n", json::Value(std::move(*file)));
  return writeOutputFile(path,
                         [&](OutputStream &out) { return out.write(text); });
}
