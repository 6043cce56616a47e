//===- EmitAttention.cpp - Attention whose scores stay in L1
//------------------===//
//
// Part of Vitrail, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "mlir/IR/Remarks.h"
#include "passes/lower/Kernel.h"
#include "passes/lower/MicroKernel.h"
#include "passes/lower/Transpose.h"
#include "passes/lower/VectorMath.h"

using namespace mlir;
using namespace vitrail;

namespace {

constexpr double log2e = 1.4426950408889634;

/// Row blocks: the scores of one tile of queries against all keys are made,
/// activated and multiplied with the values while they lie in L1. A unit of
/// work is a part of the query tiles of one head; it transposes the head's keys
/// once into the panels that the micro-kernel streams.
class AttentionEmitter : public KernelEmitter {
public:
  AttentionEmitter(Kernel kernel, VectorTarget target)
      : kernel(kernel), target(target),
        mixer(cast<MixerOpInterface>(kernel.ops.front())) {
    auto queryType = cast<RankedTensorType>(mixer->getOperand(0).getType());
    auto keyType = cast<RankedTensorType>(mixer->getOperand(1).getType());
    auto valueType = cast<RankedTensorType>(mixer->getOperand(2).getType());
    heads = mixer.getHeadCount();
    batch = llvm::product_of(queryType.getShape().drop_back(2));
    queries = queryType.getDimSize(queryType.getRank() - 2);
    keys = keyType.getDimSize(keyType.getRank() - 2);
    keyPanels = llvm::divideCeil(keys, panelWidth);
    headSize = queryType.getShape().back() / heads;
    valueSize = valueType.getShape().back() / heads;
    tile = chooseTile(target, queries, keys);
    tile.rows = RowTiles(queries, tile.rows).rows;
  }

  int64_t scratchElements() const override {
    return transposedElements() + scoreElements() +
           llvm::alignTo(tile.rows, panelWidth);
  }

  void emit(Emitter &e) override {
    RowTiles tiles(queries, tile.rows);
    remark::analysis(mixer.getLoc(),
                     remark::RemarkOpts::name("tile").category("lower"))
        << remark::add("{0} queries, {1} keys, {2} heads of {3}: scores of {4} "
                       "queries at a time, {5} KiB",
                       queries, keys, heads, headSize, tile.rows,
                       scoreElements() * 4 / 1024);
    // Enough units that the threads end at about the same time.
    constexpr int64_t wantedUnits = 16;
    int64_t parts = std::clamp<int64_t>(
        llvm::divideCeil(wantedUnits, batch * heads), 1, tiles.count);
    auto [begin, end] = e.share(batch * heads * parts);
    e.loop(begin, end, 1, [&](Value unit) {
      auto [headNumber, part] = e.divmod(unit, parts);
      auto [batchNumber, head] = e.divmod(headNumber, heads);
      SmallVector<Value> batchRow = e.delinearize(batchNumber, batchSizes());
      transposeKeys(e, batchRow, head);
      auto bound = [&](Value number) {
        return e.divmod(e.mul(number, tiles.count), parts).first;
      };
      e.loop(bound(part), bound(e.add(part, 1)), 1,
             [&](Value number) { emitTile(e, tiles, number, batchRow, head); });
    });
  }

private:
  Value query() { return mixer.getQueryOperand().get(); }
  Value key() { return mixer.getKeyOperand().get(); }
  Value value() { return mixer.getValueOperand().get(); }
  ArrayRef<int64_t> batchSizes() {
    return cast<RankedTensorType>(query().getType()).getShape().drop_back(2);
  }
  int64_t transposedElements() const {
    return keyPanels * headSize * panelWidth;
  }
  int64_t scoreElements() const { return keyPanels * tile.rows * panelWidth; }

  /// Keys as columns: [panel of keys, feature, 16 keys].
  Value transposedKeys(Emitter &e) {
    return e.scratchView(0, {keyPanels, headSize, panelWidth});
  }
  /// Scores of a tile: [panel of keys, query, 16 keys].
  Value scores(Emitter &e) {
    return e.scratchView(transposedElements(),
                         {keyPanels, tile.rows, panelWidth});
  }
  /// What a query's activated scores are to be multiplied with.
  Value factors(Emitter &e) {
    return e.scratchView(transposedElements() + scoreElements(),
                         {int64_t(llvm::alignTo(tile.rows, panelWidth))});
  }

  static SmallVector<Value> rowAt(ArrayRef<Value> batchRow, Value token) {
    SmallVector<Value> row(batchRow);
    row.push_back(token);
    return row;
  }

  /// Vectors of features become vectors of keys. Keys beyond the last are zero.
  void transposeKeys(Emitter &e, ArrayRef<Value> batchRow, Value head) {
    Access access = Access::ofTensor(kernel.readOf(key()));
    Value transposed = transposedKeys(e);
    auto transpose = [&](Value keyPanel, int64_t valid) {
      auto keyAt = [&](int64_t i) {
        return rowAt(batchRow, e.add(e.mul(keyPanel, panelWidth), i));
      };
      Value firstPanel = e.mul(head, headSize / panelWidth);
      emitTransposedPanel(
          e, {access, keyAt, valid, firstPanel, headSize},
          [&](Value vector, Value feature, int64_t lane) {
            vector::StoreOp::create(
                e, vector, transposed,
                ValueRange{keyPanel, feature, e.constant(lane)});
          });
    };
    e.loop(e.constant(0), e.constant(keys / panelWidth), 1,
           [&](Value panel) { transpose(panel, panelWidth); });
    if (int64_t rest = keys % panelWidth)
      transpose(e.constant(keys / panelWidth), rest);
  }

  void emitTile(Emitter &e, const RowTiles &tiles, Value number,
                ArrayRef<Value> batchRow, Value head) {
    auto [first, large] = tiles.locate(e, number);
    SmallVector<Value> position(batchRow);
    position.append({first, head});
    tiles.byHeight(e, large, [&](int64_t rows) { call(e, rows, position); });
  }

  void call(Emitter &e, int64_t rows, ValueRange position) {
    std::string name = (kernel.func.getName() + "_tile_" + Twine(rows)).str();
    auto tileFunc = SymbolTable::lookupNearestSymbolFrom<func::FuncOp>(
        kernel.func, e.getStringAttr(name));
    if (!tileFunc)
      tileFunc = makeTile(rows, position.size(), name);
    SmallVector<Value> arguments(kernel.func.getArguments().drop_back(2));
    llvm::append_range(arguments, position);
    func::CallOp::create(e, tileFunc, arguments);
  }

  func::FuncOp makeTile(int64_t rows, int64_t coordinates, StringRef name) {
    Kernel copy = kernel.cloneAs(name);
    SmallVector<Type> types(coordinates,
                            IndexType::get(copy.func.getContext()));
    Value scratch = copy.func.getArguments().back();
    SmallVector<Value> position = copy.addArguments(types);
    AttentionEmitter inner(copy, target);
    Emitter e(copy.func.getLoc(), copy.end(), target);
    e.scratch = scratch;
    ArrayRef<Value> at(position);
    inner.emitScores(e, rows, at.drop_back(2), at.drop_back().back(),
                     at.back());
    inner.emitSoftmax(e, rows);
    inner.emitOutput(e, rows, at.drop_back(2), at.drop_back().back(),
                     at.back());
    copy.eraseTensors();
    return copy.func;
  }

  /// Calls `body` with the first panel, the vectors and whether it is the last,
  /// for groups of panels that cover `panels`.
  void forGroups(Emitter &e, int64_t panels, int64_t group,
                 llvm::function_ref<void(Value, int64_t)> body) {
    int64_t perPanel = e.target.vectorsPerPanel(), whole = panels / group;
    e.loop(e.constant(0), e.constant(whole), 1,
           [&](Value number) { body(e.mul(number, group), group * perPanel); });
    if (int64_t rest = panels % group)
      body(e.constant(whole * group), rest * perPanel);
  }

  Column columnAt(Emitter &e, Value firstPanel, int64_t j) {
    int64_t perPanel = e.target.vectorsPerPanel();
    return {e.add(firstPanel, j / perPanel), j % perPanel * e.target.width,
            e.target.width};
  }

  /// Scores of `rows` queries from `first` against all keys.
  void emitScores(Emitter &e, int64_t rows, ArrayRef<Value> batchRow,
                  Value first, Value head) {
    Access access = Access::ofTensor(kernel.readOf(query()));
    Value transposed = transposedKeys(e), out = scores(e);
    Value headPanel = e.mul(head, headSize / panelWidth);
    SmallVector<SmallVector<Value>> queryRows;
    for (int64_t i = 0; i < rows; ++i)
      queryRows.push_back(rowAt(batchRow, e.add(first, i)));
    int64_t group = tile.vectors / e.target.vectorsPerPanel();
    forGroups(e, keyPanels, group, [&](Value firstPanel, int64_t vectors) {
      MicroOperands operands{
          [&](int64_t i, Value panel, Value lane) {
            return access.loadScalar(e, queryRows[i], e.add(headPanel, panel),
                                     lane);
          },
          [&](int64_t j, Value panel, Value lane) -> Value {
            Column column = columnAt(e, firstPanel, j);
            return vector::LoadOp::create(
                e, e.vectorType(), transposed,
                ValueRange{column.panel, e.add(e.mul(panel, panelWidth), lane),
                           e.constant(column.lane)});
          }};
      SmallVector<Value> zero(rows * vectors, e.splat(0.0));
      SmallVector<Value> sums =
          emitMicroKernel(e, {rows, vectors}, headSize, zero, operands);
      for (int64_t i = 0; i < rows; ++i)
        for (int64_t j = 0; j < vectors; ++j) {
          Column column = columnAt(e, firstPanel, j);
          Value score = modify(e, sums[i * vectors + j], batchRow, head,
                               queryRows[i].back(), column);
          vector::StoreOp::create(
              e, score, out,
              ValueRange{column.panel, e.constant(i), e.constant(column.lane)});
        }
    });
  }

  /// Scale, bias and mask of a vector of scores.
  Value modify(Emitter &e, Value score, ArrayRef<Value> batchRow, Value head,
               Value token, Column column) {
    if (mixer.getScoreScale() != 1.0)
      score = e.mulf(score, e.splat(mixer.getScoreScale()));
    if (Value bias = mixer.getScoreBias()) {
      ReadOp read = kernel.readOf(bias);
      SmallVector<Value> row(batchRow);
      row.append({head, token});
      // Aligned at the end: a bias may have fewer axes.
      ArrayRef<Value> own =
          ArrayRef(row).take_back(read.getType().getRank() - 1);
      score = e.addf(score, Access::ofTensor(read).loadWithin(e, own, column));
    }
    if (mixer.getMaskKind() != MaskKind::Causal)
      return score;
    // Key j is seen by query i while j <= i + keys - queries.
    auto type = VectorType::get({e.target.width}, e.getIndexType());
    Value lanes = vector::StepOp::create(e, type);
    Value key = e.add(e.mul(column.panel, panelWidth), column.lane);
    Value left =
        arith::SubIOp::create(e, e.add(token, keys - queries + 1), key);
    Value seen =
        arith::CmpIOp::create(e, arith::CmpIPredicate::slt, lanes,
                              vector::BroadcastOp::create(e, type, left));
    return arith::SelectOp::create(
        e, seen, score, e.splat(-std::numeric_limits<double>::infinity()));
  }

  /// Turns each row of scores into exponentials and keeps 1 / their sum.
  void emitSoftmax(Emitter &e, int64_t rows) {
    Value buffer = scores(e), inverse = factors(e);
    // Scores that a bias or mask may set to -inf must give exact zeros.
    bool masked = mixer.getScoreBias() || mixer.getMaskKind() != MaskKind::None;
    e.loop(e.constant(0), e.constant(rows), 1, [&](Value row) {
      auto load = [&](Column column) -> Value {
        return vector::LoadOp::create(
            e, e.vectorType(), buffer,
            ValueRange{column.panel, row, e.constant(column.lane)});
      };
      constexpr double lowest = -std::numeric_limits<double>::infinity();
      Value maximum =
          e.forColumns(
               keys, e.splat(lowest),
               [&](Column column, ValueRange carried) -> SmallVector<Value> {
                 Value score = e.keepLanes(load(column), column.valid, lowest);
                 return {arith::MaxNumFOp::create(e, carried[0], score)};
               })
              .front();
      // A query that sees no key has the maximum -inf: shift by zero instead.
      Value top = e.reduceMax(maximum);
      Value floor = arith::ConstantOp::create(
          e, e.getF32FloatAttr(-std::numeric_limits<float>::max()));
      Value shift = e.broadcast(arith::MaxNumFOp::create(e, top, floor));
      Value sum =
          e.forColumns(
               keys, e.splat(0.0),
               [&](Column column, ValueRange carried) -> SmallVector<Value> {
                 Value score = e.subf(load(column), shift);
                 if (!mixer.isBase2())
                   score = e.mulf(score, e.splat(log2e));
                 Value power = emitExp2(e, score);
                 power = e.keepLanes(power, column.valid, 0.0);
                 if (masked)
                   power = zeroBelow(e, score, power);
                 vector::StoreOp::create(
                     e, power, buffer,
                     ValueRange{column.panel, row, e.constant(column.lane)});
                 return {e.addf(carried[0], power)};
               })
              .front();
      Value one = arith::ConstantOp::create(e, e.getF32FloatAttr(1.0f));
      Value total = e.reduceAdd(sum);
      Value factor = arith::DivFOp::create(e, one, total);
      if (masked) {
        Value zero = arith::ConstantOp::create(e, e.getF32FloatAttr(0.0f));
        Value any =
            arith::CmpFOp::create(e, arith::CmpFPredicate::OGT, total, zero);
        factor = arith::SelectOp::create(e, any, factor, zero);
      }
      memref::StoreOp::create(e, factor, inverse, row);
    });
  }

  /// `power` with exact zeros where the score is below what 2^x represents.
  static Value zeroBelow(Emitter &e, Value score, Value power) {
    Value seen = arith::CmpFOp::create(e, arith::CmpFPredicate::UGT, score,
                                       e.splat(-126.0));
    return arith::SelectOp::create(e, seen, power, e.splat(0.0));
  }

  /// Weights the values, divides by the sums, and applies the epilogue.
  void emitOutput(Emitter &e, int64_t rows, ArrayRef<Value> batchRow,
                  Value first, Value head) {
    KernelAccesses accesses(e, domainReads(), kernel.write, /*merge=*/false);
    Access access = Access::ofTensor(kernel.readOf(value()));
    Value buffer = scores(e), inverse = factors(e);
    int64_t valuePanels = valueSize / panelWidth;
    Value headPanel = e.mul(head, valuePanels);
    int64_t perPanel = e.target.vectorsPerPanel();
    int64_t group = std::min(tile.vectors / perPanel, valuePanels);
    Epilogue epilogue(
        SmallVector<Operation *>(ArrayRef(kernel.ops).drop_front()),
        mixer->getResult(0), kernel.write.getValue(), accesses);
    forGroups(e, valuePanels, group, [&](Value firstPanel, int64_t vectors) {
      Value base = e.add(headPanel, firstPanel);
      MicroOperands operands{
          [&](int64_t i, Value panel, Value lane) -> Value {
            return memref::LoadOp::create(
                e, buffer, ValueRange{panel, e.constant(i), lane});
          },
          [&](int64_t j, Value panel, Value lane) {
            Value token = e.add(e.mul(panel, panelWidth), lane);
            return access.load(e, rowAt(batchRow, token), columnAt(e, base, j));
          }};
      SmallVector<Value> zero(rows * vectors, e.splat(0.0));
      SmallVector<Value> sums =
          emitMicroKernel(e, {rows, vectors}, keys, zero, operands);
      for (int64_t i = 0; i < rows; ++i) {
        Value factor =
            e.broadcast(memref::LoadOp::create(e, inverse, e.constant(i)));
        SmallVector<Value> row = rowAt(batchRow, e.add(first, i));
        for (int64_t j = 0; j < vectors; ++j) {
          Column column = columnAt(e, base, j);
          Value out = e.mulf(sums[i * vectors + j], factor);
          out = epilogue.evaluate(e, out, row, column);
          accesses.result.store(e, out, row, column);
        }
      }
    });
  }

  SmallVector<ReadOp> domainReads() {
    return kernel.readsBut(mixer->getOperands());
  }

  Kernel kernel;
  VectorTarget target;
  MixerOpInterface mixer;
  int64_t batch, heads, queries, keys, keyPanels, headSize, valueSize;
  TileShape tile;
};

} // namespace

std::unique_ptr<KernelEmitter>
vitrail::makeAttentionEmitter(Kernel kernel, VectorTarget target) {
  return std::make_unique<AttentionEmitter>(kernel, target);
}
