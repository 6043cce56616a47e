//===- FormRegions.cpp - Groups run-time ops into fused regions -----------===//
//
// Part of Vitrail, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "dialects/vitrail/Entries.h"
#include "mlir/IR/IRMapping.h"
#include "mlir/IR/Remarks.h"
#include "passes/schedule/Addressing.h"
#include "passes/schedule/ConvChain.h"
#include "passes/schedule/KernelNames.h"
#include "passes/schedule/Passes.h"
#include "passes/schedule/Views.h"
#include "passes/simplify/WeightSide.h"

namespace vitrail {
#define GEN_PASS_DEF_FORMREGIONSPASS
#include "passes/schedule/Passes.h.inc"
} // namespace vitrail

using namespace mlir;
using namespace vitrail;

namespace {

bool isElementwise(Operation *op) { return isa<UnaryOp, BinaryOp>(op); }

bool isAnchor(Operation *op) {
  return isa<LinearOp, MixerOpInterface, NormOp, SoftmaxOp, ReduceOp, EinsumOp,
             DepthwiseConvOp, WinogradConvOp, PoolOp, PatchEmbedOp>(op);
}

/// Whether `op`'s operands are parts of its result, and written in place.
bool isWrittenThrough(Operation *op) {
  if (auto rearrange = dyn_cast<RearrangeOp>(op))
    return isWrittenThrough(rearrange);
  if (auto concat = dyn_cast<ConcatOp>(op))
    return isView(concat);
  return false;
}

/// Whether planning makes `op` a view of another tensor's buffer, or the other
/// way round.
bool isView(Operation *op) {
  if (isa<FromU8Op>(op)) // whoever reads converts
    return true;
  if (auto slice = dyn_cast<SliceOp>(op))
    return isView(slice);
  if (auto rearrange = dyn_cast<RearrangeOp>(op);
      rearrange && isView(rearrange))
    return true;
  return isWrittenThrough(op);
}

/// Whether `operand` of an elementwise op is a number that its kernel knows.
/// All other constants are frozen like weights.
bool isNumber(OpOperand &operand) {
  auto constant = operand.get().getDefiningOp<arith::ConstantOp>();
  return constant && isElementwise(operand.getOwner()) &&
         isa<SplatElementsAttr>(constant.getValue());
}

/// Whether a norm's gain and bias follow the columns of its result.
bool isAlongLastAxis(NormOp norm) {
  return int64_t(norm.getAxis()) == norm.getType().getRank() - 1;
}

/// Whether `anchor` addresses `operand` in a way of its own: not by the rows
/// and columns of its result.
bool isAddressedByAnchor(OpOperand &operand) {
  Operation *anchor = operand.getOwner();
  if (auto linear = dyn_cast<LinearOp>(anchor))
    return operand.get() != linear.getInput();
  if (auto norm = dyn_cast<NormOp>(anchor); norm && !isAlongLastAxis(norm))
    return operand.get() != norm.getInput();
  return isAddressingKind(anchor) ||
         isa<MixerOpInterface, ReduceOp, EinsumOp, DepthwiseConvOp,
             WinogradConvOp, PoolOp>(anchor);
}

class FormRegionsPass
    : public vitrail::impl::FormRegionsPassBase<FormRegionsPass> {
public:
  using FormRegionsPassBase::FormRegionsPassBase;

  void runOnOperation() override {
    func::FuncOp func = getOperation();
    if (!isEntry(func))
      return;
    WeightSide weights(func);
    weightSide = &weights;
    SmallVector<Operation *> ops;
    for (Operation &op : func.getBody().front().without_terminator())
      if (!op.getResults().empty() && !weightSide->isFrozen(op.getResult(0)))
        ops.push_back(&op);
    DenseSet<Operation *> taken; // norms, by the linears that read them
    for (auto linear : func.getOps<LinearOp>())
      if (NormOp norm = gatheredNorm(linear))
        taken.insert(norm);
    // By their first ops.
    DenseMap<Operation *, SmallVector<Operation *>> groups;
    DenseSet<Operation *> grouped;
    for (Operation *op : ops) {
      if (grouped.contains(op))
        continue;
      if (failed(check(op)))
        return signalPassFailure();
      if ((!isAnchor(op) && !isElementwise(op)) || taken.contains(op))
        continue;
      SmallVector<Operation *> group = grow(op, grouped);
      auto linear = dyn_cast<LinearOp>(op);
      if (linear && gatheredNorm(linear))
        prependNorm(linear, group);
      else if (linear && chains && ConvChain::canBegin(linear))
        extend(group, grouped);
      grouped.insert(group.begin(), group.end());
      groups[op] = std::move(group);
    }
    AddressingOps moving(
        func,
        [&](Operation *op) { return !weights.isFrozen(op->getResult(0)); },
        [](Operation *op) { return isView(op); },
        [&](Operation *op) { return groups.contains(op); });
    addressing = &moving;
    copyWherePlacesClash(func);
    for (Operation *op : ops) {
      if (auto group = groups.find(op); group != groups.end()) {
        outline(group->second);
      } else if (!grouped.contains(op) && !addressing->contains(op) &&
                 !isView(op)) {
        remark::missed(op->getLoc(), remark::RemarkOpts::name("copy")
                                         .category("schedule")
                                         .function(func.getName()))
            << (op->getName().stripDialect() +
                " is neither a view nor the addressing of its user: copied")
                   .str();
        outline(op);
      }
    }
  }

private:
  /// What no kernel can be made of.
  LogicalResult check(Operation *op) {
    if (!isa<VitrailDialect>(op->getDialect()))
      return op->emitError("no kernel computes ")
             << op->getName() << "; inline or rewrite it";
    if (isa<LinearOp, WinogradConvOp>(op))
      for (Value value : op->getOperands().drop_front())
        if (!weightSide->isFrozen(value))
          return op->emitError("weight and bias of a ")
                 << op->getName().stripDialect()
                 << " must not depend on the program's inputs";
    if (isa<ResizeOp>(op))
      return op->emitError("resize is computed while compiling, and must not "
                           "depend on the program's inputs");
    return success();
  }

  /// Operands of a concat or of merged heads and the function's results are
  /// written in place by the regions that make them, also through several such
  /// ops. Whatever cannot be (made by no region, needed at two places) is
  /// copied by a region of its own.
  void copyWherePlacesClash(func::FuncOp func) {
    OpBuilder builder(&getContext());
    auto copy = [&](OpOperand &operand) {
      Operation *user = operand.getOwner();
      builder.setInsertionPoint(user);
      Value value = operand.get();
      auto region = RegionOp::create(builder, user->getLoc(), value.getType(),
                                     "copy", value);
      Block &body = region.getBody().emplaceBlock();
      Value argument = body.addArgument(value.getType(), value.getLoc());
      builder.setInsertionPointToEnd(&body);
      YieldOp::create(builder, user->getLoc(), argument);
      operand.set(region.getResult());
    };
    auto isInPlace = [&](Operation *op) {
      return isWrittenThrough(op) && !addressing->contains(op);
    };
    func.walk([&](Operation *user) {
      bool inPlace =
          isInPlace(user) && !weightSide->isFrozen(user->getResult(0));
      if (!isa<func::ReturnOp>(user) && !inPlace)
        return;
      for (OpOperand &operand : user->getOpOperands()) {
        Operation *producer = operand.get().getDefiningOp();
        bool made = producer && !weightSide->isFrozen(operand.get()) &&
                    (isAnchor(producer) || isElementwise(producer) ||
                     (inPlace && isInPlace(producer)));
        bool clash = llvm::any_of(operand.get().getUses(), [&](OpOperand &use) {
          Operation *other = use.getOwner();
          return &use != &operand &&
                 (isa<func::ReturnOp>(other) || isInPlace(other));
        });
        if (!made || clash)
          copy(operand);
      }
    });
  }

  /// The ops that join `anchor`'s region, in program order. Elementwise users
  /// are taken as long as they keep the shape and are `grouped` nowhere else;
  /// of the sets seen on the way, the largest from which only its last value
  /// escapes is the region.
  SmallVector<Operation *> grow(Operation *anchor,
                                const DenseSet<Operation *> &grouped) {
    SmallVector<Operation *> group{anchor};
    size_t best = 1;
    DenseSet<Operation *> members{anchor};
    Type type = anchor->getResult(0).getType();
    for (Operation *next = anchor->getNextNode();
         next && !isa<func::ReturnOp>(next); next = next->getNextNode()) {
      bool reads = llvm::any_of(next->getOperands(), [&](Value operand) {
        return members.contains(operand.getDefiningOp());
      });
      if (!reads)
        continue;
      if (!isElementwise(next) || next->getResult(0).getType() != type ||
          grouped.contains(next))
        continue;
      group.push_back(next);
      members.insert(next);
      if (onlyLastEscapes(group, members))
        best = group.size();
    }
    group.resize(best);
    return group;
  }

  /// Puts the norm of a linear's rows, and what is between both, before the
  /// linear into its region.
  void prependNorm(LinearOp linear, SmallVector<Operation *> &group) {
    NormOp norm = gatheredNorm(linear);
    remark::passed(norm.getLoc(), remark::RemarkOpts::name("norm")
                                      .category("schedule")
                                      .function(getOperation().getName()))
        << "taken of unfolded rows where the linear gathers them";
    for (Operation *op = linear; op != norm;) {
      op = op->getOperand(0).getDefiningOp();
      group.insert(group.begin(), op);
    }
  }

  /// Whether something other than views moves the rows of a linear's input.
  static bool gathersRows(LinearOp linear) {
    for (Operation *op = linear.getInput().getDefiningOp();
         isAddressingKind(op); op = op->getOperand(0).getDefiningOp())
      if (!isView(op))
        return true;
    return false;
  }

  /// Appends the depthwise convolutions behind a linear to its region, with
  /// what they grow to, as far as that pays.
  void extend(SmallVector<Operation *> &group,
              const DenseSet<Operation *> &grouped) {
    if (gathersRows(cast<LinearOp>(group.front())))
      return;
    int64_t gain = 0;
    while (true) {
      Value last = group.back()->getResult(0);
      auto conv = last.use_empty()
                      ? DepthwiseConvOp()
                      : dyn_cast<DepthwiseConvOp>(*last.user_begin());
      if (!conv || !ConvChain::canFollow(last, conv))
        return;
      SmallVector<Operation *> longer(group);
      llvm::append_range(longer, grow(conv, grouped));
      ConvChain chain(longer, l2Bytes);
      bool pays = chain.gain() > gain;
      auto options = remark::RemarkOpts::name("chain")
                         .category("schedule")
                         .function(getOperation().getName());
      std::string what = llvm::formatv(
          "blocks of {0} of {1} rows: {2} bytes less through memory, {3} "
          "multiply-adds of rows between blocks computed again",
          chain.blockRows, chain.rows(chain.steps.size() - 1),
          chain.savedBytes(), chain.repeatedMacs());
      if (!pays) {
        remark::missed(conv.getLoc(), options) << what;
        return;
      }
      remark::passed(conv.getLoc(), options) << what;
      gain = chain.gain();
      group = std::move(longer);
    }
  }

  static bool onlyLastEscapes(ArrayRef<Operation *> group,
                              const DenseSet<Operation *> &members) {
    return llvm::all_of(group.drop_back(), [&](Operation *op) {
      return llvm::all_of(op->getUsers(), [&](Operation *user) {
        return members.contains(user);
      });
    });
  }

  /// Moves copies of the group into a region at the place of its last op.
  void outline(ArrayRef<Operation *> group) {
    Operation *last = group.back();
    // What moves the rows that it gathers becomes their addressing.
    SmallVector<Operation *> body = addressing->chainOf(group.front());
    llvm::append_range(body, group);

    OpBuilder builder(last);
    SetVector<Value> inputs, again;
    DenseSet<Operation *> inside(body.begin(), body.end());
    DenseSet<Value> addressed;
    for (Operation *op : body)
      for (OpOperand &operand : op->getOpOperands()) {
        if (inside.contains(operand.get().getDefiningOp()) || isNumber(operand))
          continue;
        // Panels need an axis.
        if (operand.get().getDefiningOp() &&
            weightSide->isFrozen(operand.get()) &&
            cast<RankedTensorType>(operand.get().getType()).getRank() == 0)
          operand.set(BroadcastOp::create(builder, op->getLoc(), operand.get(),
                                          ArrayRef<int64_t>(1)));
        inputs.insert(operand.get());
        if (isAddressedByAnchor(operand))
          addressed.insert(operand.get());
        else if (addressed.contains(operand.get()))
          again.insert(operand.get());
      }

    const auto *linear = llvm::find_if(group, llvm::IsaPred<LinearOp>);
    Operation *anchor = linear == group.end() ? group.front() : *linear;
    StringRef name = scopeName(anchor->getLoc());
    SmallVector<Value> operands(inputs.getArrayRef());
    llvm::append_range(operands, again);
    auto region = RegionOp::create(
        builder, regionLocation(anchor, last), last->getResult(0).getType(),
        name.empty() ? anchor->getName().stripDialect() : name, operands);
    Block &block = region.getBody().emplaceBlock();
    for (Value operand : operands)
      block.addArgument(operand.getType(), operand.getLoc());
    IRMapping mapping;
    mapping.map(inputs.getArrayRef(),
                block.getArguments().take_front(inputs.size()));
    builder.setInsertionPointToEnd(&block);
    DenseSet<Value> numbers;
    for (Operation *op : body) {
      for (OpOperand &operand : op->getOpOperands())
        if (isNumber(operand) && numbers.insert(operand.get()).second)
          builder.clone(*operand.get().getDefiningOp(), mapping);
      // What elementwise ops share with their anchor or its addressing, they
      // read by an operand of their own, with its own layout.
      if (isElementwise(op))
        mapping.map(again.getArrayRef(),
                    block.getArguments().take_back(again.size()));
      builder.clone(*op, mapping);
    }
    YieldOp::create(builder, last->getLoc(),
                    mapping.lookup(last->getResult(0)));
    last->getResult(0).replaceAllUsesWith(region.getResult());
    // With it goes the rest of the group, which only it used.
    weightSide->erase(last);
  }

  WeightSide *weightSide = nullptr;
  AddressingOps *addressing = nullptr;
};

} // namespace
