//===- Interpreter.cpp - The reference interpreter ------------------------===//
//
// Part of Vitrail, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "compiler/interpreter/Interpreter.h"
#include "compiler/interpreter/Ops.h"
#include "llvm/ADT/TypeSwitch.h"
#include "llvm/Support/raw_ostream.h"

using namespace mlir;
using namespace vitrail;
using llvm::Error;
using llvm::Expected;

Error vitrail::errorAt(Operation *op, const Twine &message) {
  std::string text;
  llvm::raw_string_ostream stream(text);
  if (auto place = sourceLocation(op->getLoc()))
    stream << place->getFilename().getValue() << ':' << place->getLine() << ':'
           << place->getColumn() << ": ";
  if (StringRef scope = scopeName(op->getLoc()); !scope.empty())
    stream << scope << ": ";
  return llvm::createStringError(text + message);
}

//===----------------------------------------------------------------------===//
// Evaluation by need
//===----------------------------------------------------------------------===//

namespace {

/// Values that were computed and are still needed.
class LiveValues {
public:
  /// Counts the uses of all that `roots` need; a root itself is used once.
  explicit LiveValues(ValueRange roots) {
    SmallVector<Value> pending(roots.begin(), roots.end());
    while (!pending.empty()) {
      Value value = pending.pop_back_val();
      Operation *op = value.getDefiningOp();
      if (++uses[value] > 1 || !op)
        continue;
      ++opCount;
      llvm::append_range(pending, op->getOperands());
    }
  }

  int64_t getOpCount() const { return opCount; }
  bool has(Value value) const { return values.contains(value); }
  void put(Value value, HostTensor tensor) {
    if (uses.contains(value))
      values[value] = std::move(tensor);
  }
  /// The tensor of `value`, for one use; freed with the last.
  HostTensor take(Value value) {
    auto found = values.find(value);
    HostTensor tensor = found->second;
    if (--uses[value] == 0)
      values.erase(found);
    return tensor;
  }

private:
  DenseMap<Value, int64_t> uses;
  DenseMap<Value, HostTensor> values;
  int64_t opCount = 0;
};

} // namespace

Error Interpreter::evaluateAll(ValueRange roots, ValueRange arguments,
                               ArrayRef<HostTensor> inputs, TakeResult take,
                               const Progress &progress) {
  LiveValues live(roots);
  for (auto [argument, input] : llvm::zip_equal(arguments, inputs))
    live.put(argument, input);

  int64_t done = 0;
  for (auto [index, root] : llvm::enumerate(roots)) {
    // An op waits on the stack until its operands are there. Not by recursion:
    // models are as deep as they have ops.
    SmallVector<Value> stack(1, root);
    while (!stack.empty()) {
      Value value = stack.back();
      if (live.has(value)) {
        stack.pop_back();
        continue;
      }
      Operation *op = value.getDefiningOp();
      if (!op)
        return errorAt(cast<BlockArgument>(value).getOwner()->getParentOp(),
                       "the value depends on an input, which is known only "
                       "when the program runs");
      size_t waiting = stack.size();
      for (Value operand : llvm::reverse(op->getOperands()))
        if (!live.has(operand))
          stack.push_back(operand);
      if (stack.size() > waiting)
        continue;
      SmallVector<HostTensor> operands;
      for (Value operand : op->getOperands())
        operands.push_back(live.take(operand));
      Expected<HostTensor> result = evaluateOp(op, operands);
      if (!result)
        return result.takeError();
      if (observer)
        if (Error error = observer(value, *result))
          return error;
      live.put(value, std::move(*result));
      if (progress)
        progress(++done, live.getOpCount());
    }
    if (Error error = take(index, live.take(root)))
      return error;
  }
  return Error::success();
}

Error Interpreter::evaluateBlock(Block &block, ArrayRef<HostTensor> inputs,
                                 TakeResult take, const Progress &progress) {
  return evaluateAll(block.getTerminator()->getOperands(), block.getArguments(),
                     inputs, take, progress);
}

Expected<HostTensor> Interpreter::evaluate(Value value) {
  HostTensor result;
  Error error = evaluateAll(
      value, {}, {},
      [&](unsigned, HostTensor &&tensor) {
        result = std::move(tensor);
        return Error::success();
      },
      progress);
  if (error)
    return std::move(error);
  return result;
}

static Error checkBody(func::FuncOp function) {
  if (!function.isExternal())
    return Error::success();
  return errorAt(function, "'" + function.getName() + "' has no body");
}

Expected<SmallVector<HostTensor>>
Interpreter::run(func::FuncOp function, ArrayRef<HostTensor> inputs) {
  if (Error error = checkBody(function))
    return std::move(error);
  if (inputs.size() != function.getNumArguments())
    return errorAt(function, "'" + function.getName() + "' takes " +
                                 Twine(function.getNumArguments()) +
                                 " inputs, got " + Twine(inputs.size()));
  for (auto [index, input] : llvm::enumerate(inputs)) {
    auto type = dyn_cast<RankedTensorType>(function.getArgumentTypes()[index]);
    if (!type || type.getShape() != input.getShape())
      return errorAt(function, "input " + Twine(index) + " of '" +
                                   function.getName() + "' must be " +
                                   (type ? shapeString(type) : "a tensor") +
                                   ", got " + shapeString(input.getShape()));
  }
  SmallVector<HostTensor> results(function.getNumResults());
  Error error = evaluateBlock(
      function.getBody().front(), inputs,
      [&](unsigned index, HostTensor &&tensor) {
        results[index] = std::move(tensor);
        return Error::success();
      },
      progress);
  if (error)
    return std::move(error);
  return results;
}

Error Interpreter::evaluateResults(func::FuncOp function, TakeResult take) {
  if (Error error = checkBody(function))
    return error;
  if (function.getNumArguments() != 0)
    return errorAt(function, "'" + function.getName() + "' has " +
                                 Twine(function.getNumArguments()) +
                                 " inputs; what is evaluated when compiling "
                                 "depends on weights alone");
  return evaluateBlock(function.getBody().front(), {}, take, progress);
}

//===----------------------------------------------------------------------===//
// Dispatch
//===----------------------------------------------------------------------===//

Expected<HostTensor>
Interpreter::evaluateRegion(RegionOp op, ArrayRef<HostTensor> operands) {
  HostTensor result;
  Error error = evaluateBlock(op.getBody().front(), operands,
                              [&](unsigned, HostTensor &&tensor) {
                                result = std::move(tensor);
                                return Error::success();
                              },
                              /*progress=*/{});
  if (error)
    return std::move(error);
  return result;
}

Expected<HostTensor>
Interpreter::evaluateOp(Operation *op, MutableArrayRef<HostTensor> operands) {
  using Result = Expected<HostTensor>;
  return llvm::TypeSwitch<Operation *, Result>(op)
      .Case<LinearOp, PatchEmbedOp, EinsumOp, NormOp, SoftmaxOp, ReduceOp,
            AttentionOp, CrossAttentionOp, UnaryOp, FromU8Op, BinaryOp,
            RearrangeOp, ConcatOp, SliceOp, BroadcastOp, RollOp, ResizeOp,
            UnfoldOp, DepthwiseConvOp, WinogradConvOp, PoolOp, GatherOp,
            PackOp>(
          [&](auto op) -> Result { return interpret(op, operands, team); })
      .Case([&](WeightOp op) -> Result { return interpret(op, weights, team); })
      .Case<arith::ConstantOp, RangeOp>(
          [&](auto op) -> Result { return interpret(op); })
      .Case([&](RegionOp op) -> Result { return evaluateRegion(op, operands); })
      .Default([](Operation *op) -> Result {
        return errorAt(op, "the interpreter does not know the op '" +
                               op->getName().getStringRef() +
                               "'; it takes the model level of the vitrail "
                               "dialect, and arith.constant");
      });
}
