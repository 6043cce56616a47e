//===- Checkpoint.cpp - Weights from files --------------------------------===//
//
// Part of Vitrail, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "compiler/weights/Checkpoint.h"
#include "compiler/weights/JSON.h"
#include "compiler/weights/Messages.h"
#include "compiler/weights/RandomWeights.h"
#include "compiler/weights/Safetensors.h"
#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/StringSet.h"
#include "llvm/Support/MemoryBuffer.h"
#include "llvm/Support/Path.h"

using namespace llvm;

namespace vitrail {
namespace {

constexpr StringLiteral indexName = "model.safetensors.index.json";
constexpr StringLiteral singleName = "model.safetensors";
constexpr StringLiteral extension = ".safetensors";
/// Far above any real index; llvm::json wants about ten times as much memory.
constexpr uint64_t maxIndexBytes = 100 * 1000 * 1000;

/// One or several .safetensors files as one set of tensors.
class Checkpoint : public WeightSource {
public:
  explicit Checkpoint(StringRef path) : path(path) {}

  /// Adds the tensors of the file `file`.
  Error add(StringRef file);
  /// Adds the files that the index `index` names.
  Error addIndexed(StringRef index);

  std::optional<TensorInfo> lookup(StringRef name) const override {
    auto found = tensors.find(name);
    if (found == tensors.end())
      return std::nullopt;
    const SafetensorsFile::Tensor &tensor = *found->second.tensor;
    return TensorInfo{tensor.dtype, tensor.shape, found->second.file->path()};
  }

  std::vector<StringRef> names() const override {
    std::vector<StringRef> names(tensors.keys().begin(), tensors.keys().end());
    llvm::sort(names);
    return names;
  }

  std::string describe() const override { return path; }

protected:
  Error readTensor(const WeightPlace &place, const WeightRequest &,
                   MutableArrayRef<float> out) const override {
    // check() found it.
    const auto &[file, tensor] = tensors.find(place.name)->second;
    return file->read(place, *tensor, out);
  }

private:
  struct Place {
    const SafetensorsFile *file;
    const SafetensorsFile::Tensor *tensor;
  };

  std::string path;
  std::vector<std::unique_ptr<SafetensorsFile>> files;
  StringMap<Place> tensors;
};

Error Checkpoint::add(StringRef file) {
  Expected<std::unique_ptr<SafetensorsFile>> opened =
      SafetensorsFile::open(file);
  if (!opened)
    return opened.takeError();
  files.push_back(std::move(*opened));
  for (const auto &entry : files.back()->tensors()) {
    Place place{files.back().get(), &entry.second};
    auto [found, inserted] = tensors.try_emplace(entry.first(), place);
    if (!inserted)
      return createStringError(
          "tensor " + quoted(entry.first()) + " stands in both " +
          quoted(found->second.file->path()) + " and " + quoted(file) +
          "; pass the one file that is meant");
  }
  return Error::success();
}

Error Checkpoint::addIndexed(StringRef index) {
  uint64_t bytes = 0;
  if (std::error_code code = sys::fs::file_size(index, bytes))
    return createStringError("cannot open " + quoted(index) + ": " +
                             code.message());
  auto invalid = [&](const Twine &what) {
    return createStringError(
        quoted(index) +
        " is no valid index of safetensors files: " + what.str());
  };
  if (!sys::fs::is_regular_file(index) || bytes > maxIndexBytes)
    return invalid("it is no regular file of at most " + Twine(maxIndexBytes) +
                   " bytes");
  ErrorOr<std::unique_ptr<MemoryBuffer>> buffer = MemoryBuffer::getFile(index);
  if (!buffer)
    return createStringError("cannot read " + quoted(index) + ": " +
                             buffer.getError().message());
  Expected<json::Value> value = parseForeignJSON((*buffer)->getBuffer());
  if (!value)
    return invalid(toString(value.takeError()));
  const json::Object *object = value->getAsObject();
  const json::Object *map = object ? object->getObject("weight_map") : nullptr;
  if (!map)
    return invalid("it has no \"weight_map\" object");

  std::vector<std::pair<StringRef, StringRef>> fileOfTensor;
  StringSet<> shards;
  for (const auto &[tensor, file] : *map) {
    std::optional<StringRef> name = file.getAsString();
    // A shard lies beside its index; nothing else on the machine is read.
    if (!name || !name->ends_with(extension) ||
        sys::path::filename(*name) != *name)
      return invalid("tensor " + quoted(StringRef(tensor)) +
                     " is in no .safetensors file beside the index");
    fileOfTensor.emplace_back(tensor, *name);
    shards.insert(*name);
  }
  std::vector<StringRef> sorted(shards.keys().begin(), shards.keys().end());
  llvm::sort(sorted);
  for (StringRef shard : sorted) {
    SmallString<256> file(sys::path::parent_path(index));
    sys::path::append(file, shard);
    if (Error error = add(file))
      return error;
  }
  llvm::sort(fileOfTensor);
  for (auto [tensor, file] : fileOfTensor) {
    std::optional<TensorInfo> info = lookup(tensor);
    if (!info || sys::path::filename(info->origin) != file)
      return invalid("tensor " + quoted(tensor) + " is not in " + quoted(file));
  }
  return Error::success();
}

/// The .safetensors files of a folder, sorted by name.
Expected<std::vector<std::string>> listFolder(StringRef folder) {
  std::vector<std::string> files;
  std::error_code code;
  for (sys::fs::directory_iterator it(folder, code), end; it != end && !code;
       it.increment(code))
    if (StringRef(it->path()).ends_with(extension))
      files.push_back(it->path());
  if (code)
    return createStringError("cannot list the folder " + quoted(folder) + ": " +
                             code.message());
  if (files.empty())
    return createStringError(
        "the folder " + quoted(folder) +
        " has no .safetensors file; convert the checkpoint to safetensors");
  llvm::sort(files);
  return files;
}

} // namespace

Expected<std::unique_ptr<WeightSource>> openWeights(StringRef path) {
  sys::fs::file_status status;
  if (std::error_code code = sys::fs::status(path, status))
    return createStringError("cannot open the weights " + quoted(path) + ": " +
                             code.message());
  auto checkpoint = std::make_unique<Checkpoint>(path);
  if (path.ends_with(".index.json")) {
    if (Error error = checkpoint->addIndexed(path))
      return std::move(error);
    return checkpoint;
  }
  if (!sys::fs::is_directory(status)) {
    if (Error error = checkpoint->add(path))
      return std::move(error);
    return checkpoint;
  }

  SmallString<256> index(path), single(path);
  sys::path::append(index, indexName);
  sys::path::append(single, singleName);
  std::vector<std::string> files;
  if (sys::fs::exists(index)) {
    if (Error error = checkpoint->addIndexed(index))
      return std::move(error);
    return checkpoint;
  }
  if (sys::fs::exists(single)) {
    files.push_back(single.str().str());
  } else {
    Expected<std::vector<std::string>> listed = listFolder(path);
    if (!listed)
      return listed.takeError();
    files = std::move(*listed);
  }
  for (const std::string &file : files)
    if (Error error = checkpoint->add(file))
      return std::move(error);
  return checkpoint;
}

Expected<std::unique_ptr<WeightSource>> parseWeightsOption(StringRef option) {
  StringRef seedText = option;
  if (option != "random" && !seedText.consume_front("random:"))
    return openWeights(option);
  uint64_t seed = 0;
  if (seedText.getAsInteger(10, seed))
    return createStringError("--weights " + quoted(option) +
                             " needs a seed from 0 to 2^64-1 after 'random:', "
                             "as in --weights random:1");
  return std::make_unique<RandomWeights>(seed);
}

} // namespace vitrail
