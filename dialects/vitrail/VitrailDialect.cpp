//===- VitrailDialect.cpp - The vitrail dialect ---------------------------===//
//
// Part of Vitrail, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "dialects/vitrail/VitrailDialect.h"
#include "llvm/ADT/TypeSwitch.h"

using namespace mlir;
using namespace vitrail;

#include "dialects/vitrail/VitrailDialect.cpp.inc"
#include "dialects/vitrail/VitrailEnums.cpp.inc"
#include "dialects/vitrail/VitrailInterfaces.cpp.inc"
#define GET_OP_CLASSES
#include "dialects/vitrail/VitrailOps.cpp.inc"

void VitrailDialect::initialize() {
  addOperations<
#define GET_OP_LIST
#include "dialects/vitrail/VitrailOps.cpp.inc"
      >();
}

std::string vitrail::shapeString(ArrayRef<int64_t> shape) {
  std::string text = "[";
  for (auto [i, size] : llvm::enumerate(shape))
    text += (i ? ", " : "") + std::to_string(size);
  return text + "]";
}

std::string vitrail::shapeString(Type type) {
  return shapeString(cast<ShapedType>(type).getShape());
}

std::string vitrail::axisError(int64_t axis, Type type) {
  int64_t rank = cast<ShapedType>(type).getRank();
  return "axis " + std::to_string(axis) + " is not an axis of " +
         shapeString(type) +
         (rank ? "; axes count from 0 to " + std::to_string(rank - 1)
               : ", which has none");
}

StringRef vitrail::scopeName(Location loc) {
  if (auto name = dyn_cast<NameLoc>(loc))
    return name.getName();
  if (auto fused = dyn_cast<FusedLoc>(loc))
    for (Location part : fused.getLocations())
      if (StringRef name = scopeName(part); !name.empty())
        return name;
  return {};
}

std::optional<FileLineColLoc> vitrail::sourceLocation(Location loc) {
  if (auto file = dyn_cast<FileLineColLoc>(loc))
    return file;
  if (auto name = dyn_cast<NameLoc>(loc))
    return sourceLocation(name.getChildLoc());
  if (auto call = dyn_cast<CallSiteLoc>(loc))
    return sourceLocation(call.getCallee());
  if (auto fused = dyn_cast<FusedLoc>(loc))
    for (Location part : fused.getLocations())
      if (auto file = sourceLocation(part))
        return file;
  return std::nullopt;
}
