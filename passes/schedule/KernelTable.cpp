//===- KernelTable.cpp - Kernels of regions -------------------------------===//
//
// Part of Vitrail, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "passes/schedule/KernelTable.h"
#include "mlir/IR/IRMapping.h"
#include "passes/schedule/Addressing.h"
#include "passes/schedule/Bands.h"
#include "passes/schedule/Passes.h"

using namespace mlir;
using namespace vitrail;

func::FuncOp KernelTable::kernelFor(const Launch &launch) {
  RegionOp region = launch.region;
  std::string key;
  llvm::raw_string_ostream os(key);
  for (auto [type, place, panels] :
       llvm::zip_equal(launch.types, launch.places, launch.panels))
    os << type << (place.rows ? " rows " : " ") << panels.axis << ' ';
  OpPrintingFlags flags;
  flags.useLocalScope();
  for (Operation &op : region.getBody().front())
    op.print(os, flags);
  std::optional<Bands> bands = Bands::of(region);
  if (bands)
    os << bands->units << " units";
  func::FuncOp &kernel = kernels[key];
  if (kernel)
    return kernel;

  Operation *first = &region.getBody().front().front();
  for (Operation &op : region.getBody().front().without_terminator())
    if (!isa<arith::ConstantOp>(op) && !isAddressingKind(&op)) {
      first = &op;
      break;
    }
  StringRef anchor =
      isa<YieldOp>(first) ? "copy" : first->getName().stripDialect();
  std::string name = (anchor + "_" + Twine(kernels.size() - 1)).str();
  OpBuilder builder(before);
  SmallVector<Type> types(launch.types.begin(), launch.types.end());
  kernel = func::FuncOp::create(builder, region.getLoc(), name,
                                builder.getFunctionType(types, {}));
  kernel.setPrivate();
  kernel->setAttr(plan::kernel, builder.getUnitAttr());
  if (bands)
    kernel->setAttr(plan::units, builder.getI64IntegerAttr(bands->units));
  Block *block = kernel.addEntryBlock();
  builder.setInsertionPointToStart(block);
  IRMapping mapping;
  Block &body = region.getBody().front();
  for (auto [i, argument] : llvm::enumerate(body.getArguments()))
    mapping.map(argument,
                ReadOp::create(builder, region.getLoc(), argument.getType(),
                               block->getArgument(i), launch.panels[i].axis,
                               launch.places[i].rows, launch.panels[i].width));
  for (Operation &op : body.without_terminator())
    builder.clone(op, mapping);
  Value result = cast<YieldOp>(body.getTerminator()).getResult();
  WriteOp::create(builder, region.getLoc(), mapping.lookup(result),
                  block->getArguments().back(), launch.panels.back().axis,
                  launch.places.back().rows);
  func::ReturnOp::create(builder, region.getLoc());
  return kernel;
}
