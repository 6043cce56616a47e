//===- LayerTable.cpp - Which layer's output a region computes ------------===//
//
// Part of Vitrail, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "compiler/inspect/LayerTable.h"
#include "compiler/inspect/LayerOutputs.h"
#include "passes/schedule/KernelNames.h"
#include "passes/schedule/Passes.h"
#include "llvm/ADT/SetVector.h"
#include "llvm/ADT/StringExtras.h"

using namespace mlir;
using namespace vitrail;

LayerTable::LayerTable(func::FuncOp model) {
  llvm::DenseMap<Location, unsigned> count;
  for (Operation &op : model.getBody().front())
    ++count[op.getLoc()];
  for (LayerOutput &layer : layerOutputs(model)) {
    Operation *op = layer.value.getDefiningOp();
    if (count[op->getLoc()] > 1)
      continue;
    Output &output = outputs[op->getLoc()];
    output.layers.push_back(std::move(layer.name));
    output.op = op->getName().stripDialect().str();
    output.shape.assign(
        cast<RankedTensorType>(layer.value.getType()).getShape());
    if (auto norm = dyn_cast<NormOp>(op))
      output.hasAffine = norm.getGain() || norm.getBias();
  }
}

/// The names of the weights that the frozen operands of `launch` depend on, of
/// those operands that are not just one weight as it is.
static SmallVector<StringRef> combinedWeights(LaunchOp launch) {
  auto freeze = launch->getParentOfType<ModuleOp>().lookupSymbol<func::FuncOp>(
      freezeName);
  llvm::SetVector<StringRef> names;
  if (!freeze)
    return {};
  Operation *results = freeze.getBody().front().getTerminator();
  for (Value source : launch.getSources()) {
    auto buffer = source.getDefiningOp<BufferOp>();
    if (buffer.getSpace() != BufferSpace::Frozen)
      continue;
    Operation *top = results->getOperand(buffer.getIndex()).getDefiningOp();
    if (isa<PackOp>(top))
      top = top->getOperand(0).getDefiningOp();
    if (isa<WeightOp>(top))
      continue;
    llvm::SetVector<Operation *> needed;
    needed.insert(top);
    for (size_t i = 0; i < needed.size(); ++i) {
      if (auto weight = dyn_cast<WeightOp>(needed[i]))
        names.insert(weight.getName());
      for (Value operand : needed[i]->getOperands())
        needed.insert(operand.getDefiningOp());
    }
  }
  return names.takeVector();
}

llvm::json::Object LayerTable::describe(LaunchOp launch) const {
  auto kernel = SymbolTable::lookupNearestSymbolFrom<func::FuncOp>(
      launch, launch.getKernelAttr());
  SmallVector<StringRef> ops = kernelOps(kernel);
  llvm::json::Object facts{{"ops", llvm::json::Array(ops)},
                           {"kernel", kernel.getName()}};
  llvm::json::Array differs;
  auto found = outputs.find(resultLocation(launch.getLoc()));
  if (found != outputs.end()) {
    const Output &layer = found->second;
    facts["layers"] = llvm::json::Array(layer.layers);
    ArrayRef<int64_t> shape = kernelResult(kernel);
    if (shape != ArrayRef(layer.shape))
      differs.push_back("of shape " + shapeString(shape) +
                        " where the layer's is " + shapeString(layer.shape));
    auto norms = kernel.getOps<NormOp>();
    if (layer.hasAffine && !norms.empty() && !(*norms.begin()).getGain() &&
        !(*norms.begin()).getBias())
      differs.push_back("without gain and bias, which are in the weights of "
                        "what reads it");
  } else if (ops.size() > 1) {
    differs.push_back("behind the layer, " +
                      llvm::join(ArrayRef(ops).drop_front(), ", ") +
                      " joined it");
  } else {
    differs.push_back("no layer's output");
  }
  if (SmallVector<StringRef> weights = combinedWeights(launch);
      !weights.empty())
    differs.push_back("with weights combined of " + llvm::join(weights, ", "));
  if (!differs.empty())
    facts["differs"] = std::move(differs);
  return facts;
}
