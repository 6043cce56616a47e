//===- KernelNames.cpp - What kernels are called --------------------------===//
//
// Part of Vitrail, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "passes/schedule/KernelNames.h"
#include "passes/schedule/Addressing.h"
#include "passes/schedule/Passes.h"
#include "llvm/ADT/StringExtras.h"

using namespace mlir;
using namespace vitrail;

static StringRef nameOf(Operation *op) {
  if (auto unary = dyn_cast<UnaryOp>(op))
    return stringifyUnaryKind(unary.getKind());
  if (auto binary = dyn_cast<BinaryOp>(op))
    return stringifyBinaryKind(binary.getKind());
  return op->getName().stripDialect();
}

SmallVector<StringRef> vitrail::kernelOps(func::FuncOp kernel) {
  SmallVector<StringRef> names, movements;
  for (Operation &op : kernel.getBody().front().without_terminator())
    if (isAddressingKind(&op))
      movements.push_back(nameOf(&op));
    else if (!isa<ReadOp, WriteOp, arith::ConstantOp>(op))
      names.push_back(nameOf(&op));
  if (names.empty())
    names = movements;
  if (names.empty())
    names.push_back("copy");
  return names;
}

ArrayRef<int64_t> vitrail::kernelResult(func::FuncOp kernel) {
  auto write = *kernel.getOps<WriteOp>().begin();
  return cast<RankedTensorType>(write.getValue().getType()).getShape();
}

/// Keeps the last op's location apart: fused ones in a fused one are made one.
static constexpr StringLiteral resultName = "result";

Location vitrail::regionLocation(Operation *first, Operation *last) {
  if (first == last)
    return first->getLoc();
  MLIRContext *context = first->getContext();
  auto result =
      NameLoc::get(StringAttr::get(context, resultName), last->getLoc());
  return FusedLoc::get(context, {first->getLoc(), result});
}

Location vitrail::resultLocation(Location region) {
  if (auto fused = dyn_cast<FusedLoc>(region))
    if (auto name = dyn_cast<NameLoc>(fused.getLocations().back());
        name && name.getName() == resultName)
      return name.getChildLoc();
  return region;
}

void vitrail::nameKernels(ModuleOp module) {
  Builder builder(module.getContext());
  constexpr size_t mostOps = 6;
  int64_t number = 0;
  llvm::StringMap<StringAttr> names;
  for (auto kernel : module.getOps<func::FuncOp>()) {
    if (!kernel->hasAttr(plan::kernel))
      continue;
    SmallVector<StringRef> ops = kernelOps(kernel);
    if (ops.size() > mostOps) {
      ops.resize(mostOps);
      ops.push_back("more");
    }
    std::string shape;
    for (int64_t size : kernelResult(kernel))
      shape += (shape.empty() ? "" : "x") + std::to_string(size);
    auto name = builder.getStringAttr(llvm::join(ops, "_") + "_" + shape + "_" +
                                      Twine(number++));
    names[kernel.getName()] = name;
    kernel.setSymNameAttr(name);
    kernel->setAttr("passthrough",
                    builder.getArrayAttr(builder.getStringAttr("noinline")));
  }
  module.walk([&](LaunchOp launch) {
    launch.setKernelAttr(FlatSymbolRefAttr::get(names.at(launch.getKernel())));
  });
}
