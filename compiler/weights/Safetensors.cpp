//===- Safetensors.cpp - One .safetensors file ----------------------------===//
//
// Part of Vitrail, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "compiler/weights/Safetensors.h"
#include "compiler/weights/JSON.h"
#include "compiler/weights/Messages.h"
#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/StringSwitch.h"
#include "llvm/Support/Endian.h"
#include "llvm/Support/MathExtras.h"
#include <vector>

using namespace llvm;

namespace vitrail {
namespace {

constexpr uint64_t lengthBytes = 8;
/// The format's own limit.
constexpr uint64_t maxHeaderBytes = 100 * 1000 * 1000;
constexpr size_t maxRank = 32;

/// Bytes of one element; 0 for types whose elements are no whole bytes, or that
/// came after us. Such tensors may stand in a file as long as nobody asks for
/// them.
uint64_t elementBytes(StringRef dtype) {
  return StringSwitch<uint64_t>(dtype)
      .Cases({"F64", "I64", "U64", "C64"}, 8)
      .Cases({"F32", "I32", "U32"}, 4)
      .Cases({"F16", "BF16", "I16", "U16"}, 2)
      .Cases({"BOOL", "I8", "U8", "F8_E4M3", "F8_E5M2", "F8_E8M0"}, 1)
      .Default(0);
}

} // namespace

Expected<std::unique_ptr<SafetensorsFile>>
SafetensorsFile::open(StringRef path) {
  sys::fs::file_status status;
  if (std::error_code code = sys::fs::status(path, status))
    return createStringError("cannot open " + quoted(path) + ": " +
                             code.message());
  // A pipe would block, and a device never end.
  if (!sys::fs::is_regular_file(status))
    return createStringError(quoted(path) + " is no regular file; pass a "
                                            ".safetensors file");
  Expected<sys::fs::file_t> handle = sys::fs::openNativeFileForRead(path);
  if (!handle)
    return createStringError("cannot open " + quoted(path) + ": " +
                             toString(handle.takeError()));
  std::unique_ptr<SafetensorsFile> file(new SafetensorsFile(path, *handle));
  if (Error error = file->readHeader())
    return std::move(error);
  return file;
}

SafetensorsFile::~SafetensorsFile() { sys::fs::closeFile(file); }

Error SafetensorsFile::invalid(const Twine &what) const {
  return createStringError(quoted(filePath) +
                           " is no valid safetensors file: " + what.str());
}

Error SafetensorsFile::readBytes(uint64_t offset,
                                 MutableArrayRef<char> out) const {
  while (!out.empty()) {
    Expected<size_t> count = sys::fs::readNativeFileSlice(file, out, offset);
    if (!count)
      return createStringError("cannot read " + quoted(filePath) + ": " +
                               toString(count.takeError()));
    if (*count == 0)
      return invalid("it ends at byte " + Twine(offset) +
                     ", before its data; copy or download it again");
    offset += *count;
    out = out.drop_front(*count);
  }
  return Error::success();
}

Error SafetensorsFile::readHeader() {
  sys::fs::file_status status;
  if (std::error_code code = sys::fs::status(file, status))
    return createStringError("cannot read " + quoted(filePath) + ": " +
                             code.message());
  uint64_t fileBytes = status.getSize();
  if (fileBytes < lengthBytes)
    return invalid("it has " + Twine(fileBytes) +
                   " bytes, and needs 8 for the length of its header alone");
  char length[lengthBytes];
  if (Error error = readBytes(0, length))
    return error;
  uint64_t headerBytes = support::endian::read64le(length);
  if (headerBytes > maxHeaderBytes)
    return invalid("its header claims " + Twine(headerBytes) +
                   " bytes, more than the format's limit of " +
                   Twine(maxHeaderBytes));
  if (headerBytes > fileBytes - lengthBytes)
    return invalid("its header claims " + Twine(headerBytes) +
                   " bytes, but only " + Twine(fileBytes - lengthBytes) +
                   " follow; copy or download it again");
  std::string header(headerBytes, '\0');
  if (Error error = readBytes(lengthBytes, {header.data(), header.size()}))
    return error;
  uint64_t dataBegin = lengthBytes + headerBytes;
  uint64_t dataBytes = fileBytes - dataBegin;
  if (Error error = parseHeader(header, dataBegin, dataBytes))
    return error;
  return checkLayout(dataBegin, dataBytes);
}

Error SafetensorsFile::parseHeader(StringRef header, uint64_t dataBegin,
                                   uint64_t dataBytes) {
  Expected<json::Value> value = parseForeignJSON(header);
  if (!value)
    return invalid("its header is no JSON: " + toString(value.takeError()));
  const json::Object *object = value->getAsObject();
  if (!object)
    return invalid("its header is no JSON object");

  for (const auto &[key, description] : *object) {
    StringRef name = key;
    if (name == "__metadata__")
      continue;
    auto wrong = [&](const Twine &what) {
      return invalid("tensor " + quoted(name) + " " + what);
    };
    const json::Object *fields = description.getAsObject();
    if (!fields)
      return wrong("is described by no JSON object");
    std::optional<StringRef> dtype = fields->getString("dtype");
    if (!dtype)
      return wrong("has no \"dtype\" string");
    const json::Array *shape = fields->getArray("shape");
    if (!shape)
      return wrong("has no \"shape\" array");
    const json::Array *offsets = fields->getArray("data_offsets");
    if (!offsets || offsets->size() != 2)
      return wrong("has no \"data_offsets\" array of two numbers");

    Tensor tensor;
    tensor.dtype = dtype->str();
    if (shape->size() > maxRank)
      return wrong("has " + Twine(shape->size()) + " dimensions, more than " +
                   Twine(maxRank));
    for (const json::Value &dim : *shape) {
      std::optional<int64_t> size = dim.getAsInteger();
      if (!size || *size < 0)
        return wrong("has a dimension that is no integer of at least 0");
      tensor.shape.push_back(*size);
    }
    std::optional<int64_t> begin = (*offsets)[0].getAsInteger();
    std::optional<int64_t> end = (*offsets)[1].getAsInteger();
    if (!begin || !end || *begin < 0 || *end < *begin)
      return wrong("has data offsets that are no ascending integers of at "
                   "least 0");
    if (static_cast<uint64_t>(*end) > dataBytes)
      return wrong("ends at byte " + Twine(*end) + " of the data, which has " +
                   Twine(dataBytes) + "; copy or download the file again");
    tensor.offset = dataBegin + *begin;
    tensor.bytes = *end - *begin;

    std::optional<int64_t> elements = numElements(tensor.shape);
    if (!elements)
      return wrong("has shape " + formatShape(tensor.shape) +
                   ", whose product does not fit in 64 bits");
    if (uint64_t size = elementBytes(tensor.dtype)) {
      bool overflow = false;
      uint64_t expected =
          SaturatingMultiply(static_cast<uint64_t>(*elements), size, &overflow);
      if (overflow || expected != tensor.bytes)
        return wrong("has shape " + formatShape(tensor.shape) + " of dtype " +
                     tensor.dtype + " (" + Twine(expected) +
                     " bytes), but its data has " + Twine(tensor.bytes) +
                     " bytes");
    }
    entries.try_emplace(name, std::move(tensor));
  }
  return Error::success();
}

Error SafetensorsFile::checkLayout(uint64_t dataBegin,
                                   uint64_t dataBytes) const {
  std::vector<const StringMapEntry<Tensor> *> sorted;
  sorted.reserve(entries.size());
  for (const auto &entry : entries)
    if (entry.second.bytes)
      sorted.push_back(&entry);
  // By name too, so that the message does not depend on the hash table.
  llvm::sort(sorted, [](const auto *a, const auto *b) {
    return std::pair(a->second.offset, a->first()) <
           std::pair(b->second.offset, b->first());
  });
  uint64_t end = dataBegin;
  for (size_t i = 0; i < sorted.size(); ++i) {
    const Tensor &tensor = sorted[i]->second;
    if (tensor.offset < end)
      return invalid("the data of tensors " + quoted(sorted[i - 1]->first()) +
                     " and " + quoted(sorted[i]->first()) + " overlap");
    if (tensor.offset > end)
      return invalid(Twine(tensor.offset - end) + " bytes before tensor " +
                     quoted(sorted[i]->first()) + " belong to none");
    end = tensor.offset + tensor.bytes;
  }
  if (end != dataBegin + dataBytes)
    return invalid(Twine(dataBegin + dataBytes - end) +
                   " bytes behind the last tensor belong to none");
  return Error::success();
}

Error SafetensorsFile::read(const WeightPlace &place, const Tensor &tensor,
                            MutableArrayRef<float> out) const {
  uint64_t bytes = out.size() * sizeof(float);
  if (tensor.dtype != "F32" || bytes * place.parts != tensor.bytes)
    return createStringError(
        "internal error: tensor " + quoted(place.name) + " of dtype " +
        tensor.dtype + " and " + std::to_string(tensor.bytes) +
        " bytes is read as " + std::to_string(out.size()) + " floats");
  static_assert(sys::IsLittleEndianHost, "values are read as they stand");
  return readBytes(
      tensor.offset + place.part * bytes,
      MutableArrayRef(reinterpret_cast<char *>(out.data()), bytes));
}

} // namespace vitrail
