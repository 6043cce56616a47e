//===- WeightSource.cpp - Where a program's weights come from -------------===//
//
// Part of Vitrail, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "compiler/weights/WeightSource.h"
#include "compiler/weights/Messages.h"
#include "llvm/ADT/STLExtras.h"
#include "llvm/Support/ErrorHandling.h"
#include "llvm/Support/MathExtras.h"

using namespace llvm;

namespace vitrail {

WeightSource::~WeightSource() = default;

StringRef stringifyRandomRole(RandomRole role) {
  switch (role) {
  case RandomRole::Matrix:
    return "matrix";
  case RandomRole::Bias:
    return "bias";
  case RandomRole::Token:
    return "token";
  case RandomRole::Position:
    return "position";
  case RandomRole::Gain:
    return "gain";
  case RandomRole::RunningMean:
    return "running mean";
  case RandomRole::RunningVariance:
    return "running variance";
  case RandomRole::LayerScale:
    return "layer scale";
  }
  llvm_unreachable("all roles are named");
}

WeightPlace WeightPlace::parse(StringRef alias) {
  WeightPlace whole{alias}, place;
  StringRef numbers;
  std::tie(place.name, numbers) = alias.rsplit('[');
  if (!numbers.consume_back("]"))
    return whole;
  auto [part, parts] = numbers.split('/');
  if (part.getAsInteger(10, place.part) ||
      parts.getAsInteger(10, place.parts) || place.part < 0 ||
      place.part >= place.parts)
    return whole;
  return place;
}

WeightPlace WeightSource::resolve(const WeightRequest &request) const {
  if (!lookup(request.name))
    for (const std::string &alias : request.aliases)
      if (WeightPlace place = WeightPlace::parse(alias); lookup(place.name))
        return place;
  return {request.name};
}

Error WeightSource::check(const WeightRequest &request) const {
  WeightPlace place = resolve(request);
  std::optional<TensorInfo> info = lookup(place.name);
  if (!info) {
    std::string message = "the program needs a tensor " + quoted(request.name);
    if (!request.aliases.empty()) {
      message += " (or ";
      for (auto [index, alias] : enumerate(request.aliases))
        message += (index ? ", " : "") + quoted(alias);
      message += ")";
    }
    message += " of shape " + formatShape(request.shape) + ", but " +
               quoted(describe()) + " has none";
    if (StringRef nearest = nearestName(request.name, names());
        !nearest.empty())
      message += "; did you mean " + quoted(nearest) + "?";
    else
      message += "; pass the weights of this model, or name the tensor in an "
                 "alias rule of the description";
    return createStringError(message);
  }
  SmallVector<int64_t, 4> shape(request.shape);
  bool overflow =
      place.parts > 1 &&
      (shape.empty() || MulOverflow(shape.front(), place.parts, shape.front()));
  if (overflow || shape != info->shape)
    return createStringError(
        "the program needs " + quoted(place.name) + " with shape " +
        formatShape(shape) + ", but in " + quoted(info->origin) +
        " it has shape " + formatShape(info->shape) +
        "; pass the weights of this configuration, or set the parameters (-D) "
        "to those of the weights");
  if (info->dtype != "F32")
    return createStringError("tensor " + quoted(place.name) + " in " +
                             quoted(info->origin) + " has dtype " +
                             quoted(info->dtype) +
                             ", but weights are read as F32 only; convert the "
                             "file to F32");
  return Error::success();
}

Error WeightSource::read(const WeightRequest &request,
                         MutableArrayRef<float> out) const {
  if (Error error = check(request))
    return error;
  std::optional<int64_t> elements = numElements(request.shape);
  if (!elements || static_cast<uint64_t>(*elements) != out.size())
    return createStringError("internal error: tensor " + quoted(request.name) +
                             " of shape " + formatShape(request.shape) +
                             " is read into a buffer of " +
                             std::to_string(out.size()) + " elements");
  return readTensor(resolve(request), request, out);
}

} // namespace vitrail
