//===- EmitMatmul.cpp - Matrix products that a library computes -----------===//
//
// Part of Vitrail, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "mlir/IR/Remarks.h"
#include "passes/lower/LinearParts.h"

using namespace mlir;
using namespace vitrail;

namespace {

/// Rows that one call multiplies, at most: few enough that any number of
/// threads finds work, enough that weights are read rarely.
constexpr int64_t mostRows = 112;

/// A linear whose weights lie in panels as wide as a library's calls are: units
/// of work are a block of rows by a panel of columns. The rows of a block are
/// gathered, row-major, once for all its panels that are this thread's; the
/// library puts the sums of a unit beside them; the epilogue takes them from
/// there. Units do not depend on the number of threads, and neither do results.
class MatmulEmitter : public KernelEmitter {
public:
  explicit MatmulEmitter(Kernel kernel)
      : kernel(kernel), parts(kernel), linear(parts.linear), map(parts.gather),
        width(kernel.readOf(linear.getWeight()).getWidth()),
        depth(linear.getInputFeatures()), columns(linear.getOutputFeatures()),
        panels(llvm::divideCeil(columns, width)),
        blocks(kernel.resultType().getNumElements() / columns, mostRows) {}

  int64_t scratchElements() const override {
    return blocks.rows * (width + depth);
  }
  bool keepsUnits(int64_t) override { return false; }
  bool callsRuntime() const override { return true; }

  void emit(Emitter &e) override {
    remark::analysis(linear.getLoc(),
                     remark::RemarkOpts::name("matmul").category("lower"))
        << remark::add("{0} x {1} by {2} deep: oneDNN, {3} calls of {4} x {5}",
                       kernel.resultType().getNumElements() / columns, columns,
                       depth, blocks.count * panels, blocks.rows, width);
    KernelAccesses accesses(e, parts.domainReads(), kernel.write);
    Value sums = e.scratchView(0, {blocks.rows, width});
    Value rows = e.scratchView(blocks.rows * width, {blocks.rows, depth});

    auto partOf = [&](Value block) {
      auto [first, large] = blocks.locate(e, block);
      return RowBlock{first, blocks.heightOf(e, large), accesses};
    };
    e.shareBlocks(
        blocks.count, panels,
        [&](Value block) { gather(e, partOf(block), rows); },
        [&](Value block, Value firstPanel, Value behindPanel) {
          RowBlock part = partOf(block);
          e.loop(firstPanel, behindPanel, 1, [&](Value panel) {
            multiply(e, part, rows, panel, sums);
            finish(e, part, panel, sums);
          });
        });
  }

private:
  /// The rows of one block, and what the epilogue reads at them.
  struct RowBlock {
    Value first, count;
    const KernelAccesses &accesses;

    /// Domain coordinates of row `i` of the block.
    SmallVector<Value> at(Emitter &e, Value i) const {
      return e.delinearize(e.add(first, i), accesses.domain.sizes);
    }
  };

  void gather(Emitter &e, const RowBlock &block, Value rows) {
    Access target = Access::ofRows(rows);
    if (!map.empty()) {
      Access source = Access::ofTensor(kernel.readOf(map.source()));
      e.loop(e.constant(0), block.count, 1, [&](Value i) {
        SmallVector<Value> at = e.delinearize(
            e.add(block.first, i), map.type().getShape().drop_back());
        map.emitRow(e, source, at, [&](Value value, Value panel, Value lane) {
          target.storeElements(e, value, i, panel, lane);
        });
        parts.normalize(
            e, 1,
            [&](int64_t, Column column) { return target.load(e, i, column); },
            [&](int64_t, Column column, Value x) {
              target.store(e, x, i, column);
            });
      });
      return;
    }
    const Access &source = block.accesses.reads.at(linear.getInput());
    e.forColumns(depth, {},
                 [&](Column column, ValueRange) -> SmallVector<Value> {
                   e.loop(e.constant(0), block.count, 1, [&](Value i) {
                     Value values = source.load(e, block.at(e, i), column);
                     target.store(e, values, i, column);
                   });
                   return {};
                 });
  }

  /// Calls the library for the rows of a block and one panel of columns.
  void multiply(Emitter &e, const RowBlock &block, Value rows, Value panel,
                Value sums) {
    auto module = kernel.func->getParentOfType<ModuleOp>();
    recordMatmul(module, blocks.rows, depth);
    if (!blocks.uniform())
      recordMatmul(module, blocks.rows - 1, depth);
    Value zero = e.constant(0);
    Value weight = kernel.readOf(linear.getWeight()).getBuffer();
    SmallVector<Value> arguments{
        e.team,
        e.thread,
        block.count,
        e.constant(depth),
        address(e, rows, zero),
        address(e, weight, e.mul(panel, depth * width)),
        address(e, sums, zero)};
    constexpr llvm::StringLiteral name = "vitrail_matmul";
    if (!module.lookupSymbol(name)) {
      OpBuilder builder = OpBuilder::atBlockBegin(module.getBody());
      func::FuncOp::create(
          builder, module.getLoc(), name,
          builder.getFunctionType(ValueRange(arguments).getTypes(), {}))
          .setPrivate();
    }
    func::CallOp::create(e, name, TypeRange(), arguments);
  }

  /// The module's list of what the program will call vitrail_matmul for.
  static void recordMatmul(ModuleOp module, int64_t rows, int64_t depth) {
    Builder builder(module.getContext());
    SmallVector<Attribute> all;
    if (auto known = module->getAttrOfType<ArrayAttr>(plan::matmuls))
      llvm::append_range(all, known);
    Attribute shape = builder.getDenseI64ArrayAttr({rows, depth});
    if (llvm::is_contained(all, shape))
      return;
    all.push_back(shape);
    module->setAttr(plan::matmuls, builder.getArrayAttr(all));
  }

  /// The address of element `offset` of a dense buffer.
  static Value address(Emitter &e, Value buffer, Value offset) {
    auto type = cast<MemRefType>(buffer.getType());
    Value base = memref::ExtractAlignedPointerAsIndexOp::create(e, buffer);
    int64_t first = type.getStridesAndOffset().second;
    Value bytes = e.add(
        base, e.mul(e.add(offset, first), type.getElementTypeBitWidth() / 8));
    Value number = arith::IndexCastOp::create(e, e.getI64Type(), bytes);
    return LLVM::IntToPtrOp::create(e, e.team.getType(), number);
  }

  /// From the sums of a unit to its results.
  void finish(Emitter &e, const RowBlock &block, Value panel, Value sums) {
    int64_t rest = columns % width;
    if (panels == 1 || !rest)
      return finish(e, block, panel, sums, rest ? rest : width);
    Value whole = arith::CmpIOp::create(e, arith::CmpIPredicate::ult, panel,
                                        e.constant(panels - 1));
    auto choice = scf::IfOp::create(e, whole, /*withElseRegion=*/true);
    OpBuilder::InsertionGuard guard(e);
    e.setInsertionPointToStart(choice.thenBlock());
    finish(e, block, panel, sums, width);
    e.setInsertionPointToStart(choice.elseBlock());
    finish(e, block, panel, sums, rest);
  }

  void finish(Emitter &e, const RowBlock &block, Value panel, Value sums,
              int64_t valid) {
    const KernelAccesses &accesses = block.accesses;
    Epilogue epilogue = parts.epilogue(accesses);
    Access source = Access::ofRows(sums);
    Value firstPanel = e.mul(panel, width / panelWidth);
    e.forColumns(valid, {}, [&](Column from, ValueRange) -> SmallVector<Value> {
      Column to = from;
      to.panel = e.add(firstPanel, from.panel);
      Value bias;
      if (linear.getBias())
        bias = vector::LoadOp::create(
            e, e.vectorType(), kernel.readOf(linear.getBias()).getBuffer(),
            ValueRange{to.panel, e.constant(to.lane)});
      e.loop(e.constant(0), block.count, 1, [&](Value i) {
        Value sum = source.load(e, i, from);
        if (bias)
          sum = e.addf(sum, bias);
        SmallVector<Value> row = block.at(e, i);
        accesses.result.store(e, epilogue.evaluate(e, sum, row, to), row, to);
      });
      return {};
    });
  }

  Kernel kernel;
  LinearParts parts;
  LinearOp linear;
  const Gather &map; // the addressing of the input
  int64_t width;     // columns of a panel of weights
  int64_t depth, columns, panels;
  RowTiles blocks;
};

} // namespace

std::unique_ptr<KernelEmitter> vitrail::makeMatmulEmitter(Kernel kernel) {
  return std::make_unique<MatmulEmitter>(kernel);
}
