//===- EmitStencil.cpp - Depthwise convolutions and pooling ---------------===//
//
// Part of Vitrail, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "passes/lower/Kernel.h"
#include "passes/lower/Stencil.h"
#include "passes/schedule/Addressing.h"

using namespace mlir;
using namespace vitrail;

namespace {

/// Windows over maps: depthwise convolutions, also with several filters for a
/// channel, and pooling. A unit of work is one panel of channels of one line of
/// the result; lines of a panel follow each other, so that those of the map
/// stay in L1.
class StencilEmitter : public KernelEmitter {
public:
  StencilEmitter(Kernel kernel, VectorTarget target)
      : kernel(kernel), target(target),
        anchor(*llvm::find_if_not(kernel.ops, isAddressingKind)),
        channels(repeatedChannels(anchor->getOperand(0))),
        stencil(anchor, target) {}

  bool keepsUnits(int64_t units) override {
    return llvm::product_of(stencil.maps()) % units == 0;
  }

  void emit(Emitter &e) override {
    ArrayRef<int64_t> shape = kernel.resultType().getShape();
    int64_t panels = llvm::divideCeil(shape.back(), panelWidth);
    // The lines of a panel follow one another, of one map after the other.
    SmallVector<int64_t> units(stencil.maps());
    size_t panelAxis = units.size();
    units.push_back(panels);
    llvm::append_range(units, shape.drop_front(panelAxis).drop_back(2));
    stencil.report(llvm::product_of(units));
    e.share(llvm::product_of(units), {}, [&](Value begin, Value end) {
      e.loop(begin, end, 1, [&](Value unit) {
        SmallVector<Value> line = e.delinearize(unit, units);
        Value panel = line[panelAxis];
        line.erase(line.begin() + panelAxis);
        e.byPanel(panel, lanesOfPanels(),
                  [&](int64_t lanes) { emitLine(e, line, panel, lanes); });
      });
    });
  }

private:
  /// The columns that are computed: where all buffers are panels, whole
  /// vectors.
  int64_t lanesOfPanels() {
    int64_t columns = kernel.resultType().getShape().back();
    bool rowMajor =
        kernel.write.getRows() ||
        llvm::any_of(kernel.reads, [](ReadOp read) { return read.getRows(); });
    return rowMajor ? columns : llvm::alignTo(columns, target.width);
  }

  /// Calls the tiles of a line.
  void emitLine(Emitter &e, ArrayRef<Value> line, Value panel, int64_t lanes) {
    stencil.forTiles(e, [&](StringRef kind, const PlaceTile &tile,
                            Value place) {
      SmallVector<Value> position(line);
      position.append({place, panel});
      kernel.callPart(e, kind + (lanes == panelWidth ? "" : "_last"), position,
                      [&](Emitter &inside, Kernel copy, ArrayRef<Value> at) {
                        StencilEmitter(copy, target)
                            .emitTile(inside, tile, at.drop_back(), at.back(),
                                      lanes);
                      });
    });
  }

  void emitTile(Emitter &e, const PlaceTile &tile, ArrayRef<Value> row,
                Value panel, int64_t lanes) {
    SmallVector<Value> operands(anchor->getOperands());
    operands.front() = channels.source;
    KernelAccesses accesses(e, kernel.readsBut(operands), kernel.write,
                            /*merge=*/false);
    ArrayRef<Operation *> behind(kernel.ops);
    Epilogue epilogue(
        SmallVector<Operation *>(behind.drop_front(channels.ops.size() + 1)),
        anchor->getResult(0), kernel.write.getValue(), accesses);
    Stencil::Operands read{
        {}, {}, {}, accesses.result, epilogue, channels.times};
    Access *access[] = {&read.map, &read.filter, &read.bias};
    for (auto [operand, into] : llvm::zip(operands, access))
      *into = Access::ofTensor(kernel.readOf(operand));
    stencil.emitTile(e, tile, row, panel, lanes, read);
  }

  Kernel kernel;
  VectorTarget target;
  Operation *anchor;
  RepeatedChannels channels; // of the map
  Stencil stencil;
};

} // namespace

std::unique_ptr<KernelEmitter>
vitrail::makeStencilEmitter(Kernel kernel, VectorTarget target) {
  return std::make_unique<StencilEmitter>(kernel, target);
}
