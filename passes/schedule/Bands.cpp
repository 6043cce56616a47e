//===- Bands.cpp - What threads keep from launch to launch -----------===//
//
// Part of Vitrail, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "passes/schedule/Bands.h"
#include "mlir/IR/Builders.h"
#include "passes/schedule/Passes.h"

using namespace mlir;
using namespace vitrail;

static constexpr StringLiteral segmentKey = "segment", unitsKey = "units",
                               ownKey = "own";

LogicalResult Bands::verify(Operation *op) {
  Attribute attribute = op->getAttr(plan::bands);
  if (!attribute)
    return success();
  auto dictionary = dyn_cast<DictionaryAttr>(attribute);
  auto isNumber = [&](StringRef name, int64_t least) {
    auto number = dictionary.getAs<IntegerAttr>(name);
    return number && number.getType().isSignlessInteger(64) &&
           number.getInt() >= least;
  };
  if (dictionary && dictionary.size() == 3 && isNumber(segmentKey, 0) &&
      isNumber(unitsKey, 1) && dictionary.getAs<DenseI64ArrayAttr>(ownKey))
    return success();
  return op->emitError() << plan::bands
                         << " must have the numbers segment, at least 0, and "
                            "units, at least 1, and the array own, not "
                         << attribute;
}

std::optional<Bands> Bands::of(Operation *op) {
  auto attribute = op->getAttrOfType<DictionaryAttr>(plan::bands);
  if (!attribute)
    return std::nullopt;
  ArrayRef<int64_t> own =
      attribute.getAs<DenseI64ArrayAttr>(ownKey).asArrayRef();
  return Bands{attribute.getAs<IntegerAttr>(segmentKey).getInt(),
               attribute.getAs<IntegerAttr>(unitsKey).getInt(),
               SmallVector<int64_t>(own)};
}

DictionaryAttr Bands::toAttribute(MLIRContext *context) const {
  Builder builder(context);
  return builder.getDictionaryAttr(
      {builder.getNamedAttr(segmentKey, builder.getI64IntegerAttr(segment)),
       builder.getNamedAttr(unitsKey, builder.getI64IntegerAttr(units)),
       builder.getNamedAttr(ownKey, builder.getDenseI64ArrayAttr(own))});
}
