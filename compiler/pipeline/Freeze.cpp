//===- Freeze.cpp - Computes the frozen store -----------------------------===//
//
// Part of Vitrail, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "compiler/pipeline/Freeze.h"
#include "compiler/interpreter/Interpreter.h"
#include "passes/lower/Passes.h"
#include "passes/schedule/Passes.h"

using namespace mlir;
using namespace vitrail;

static WeightRequest requestOf(WeightOp op) {
  WeightRequest request;
  request.name = op.getName().str();
  for (Attribute alias : op.getAliases())
    request.aliases.push_back(cast<StringAttr>(alias).str());
  request.shape.assign(op.getType().getShape().begin(),
                       op.getType().getShape().end());
  // Both enums list the roles of the one rule in its order.
  request.role = static_cast<RandomRole>(op.getRole());
  request.fanIn = op.getFanIn();
  return request;
}

static llvm::Error located(Operation *op, llvm::Error error) {
  if (!error)
    return error;
  std::string place;
  if (auto file = sourceLocation(op->getLoc()))
    place = file->getFilename().str() + ":" + std::to_string(file->getLine()) +
            ":" + std::to_string(file->getColumn()) + ": ";
  return llvm::createStringError(place + llvm::toString(std::move(error)));
}

llvm::Error vitrail::checkWeights(ModuleOp module, const WeightSource &source) {
  llvm::Error error = llvm::Error::success();
  module.walk([&](WeightOp op) {
    error = located(op, source.check(requestOf(op)));
    return error ? WalkResult::interrupt() : WalkResult::advance();
  });
  return error;
}

WeightReader vitrail::readerOf(const WeightSource &source) {
  return [&source](WeightOp op, MutableArrayRef<float> out) {
    return located(op, source.read(requestOf(op), out));
  };
}

llvm::Error vitrail::freeze(ModuleOp module, const WeightSource &source,
                            FrozenStore &store, Progress &progress) {
  auto function = module.lookupSymbol<func::FuncOp>(freezeName);
  Interpreter interpreter(readerOf(source));
  interpreter.setProgress(
      [&](int64_t done, int64_t total) { progress.step(done, total); });
  SmallVector<int64_t> offsets(function.getNumResults());
  if (llvm::Error error = interpreter.evaluateResults(
          function, [&](unsigned index, HostTensor &&result) -> llvm::Error {
            auto blob = store.reserve(result.getNumElements() * sizeof(float));
            if (!blob)
              return blob.takeError();
            result.toFloat(blob->floats());
            auto offset = store.commit(std::move(*blob));
            if (!offset)
              return offset.takeError();
            offsets[index] = *offset;
            return llvm::Error::success();
          }))
    return error;
  Builder builder(module.getContext());
  module->setAttr(plan::frozenOffsets, builder.getDenseI64ArrayAttr(offsets));
  module->setAttr(plan::frozenBytes, builder.getI64IntegerAttr(store.bytes()));
  return llvm::Error::success();
}
