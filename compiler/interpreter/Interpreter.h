//===- Interpreter.h - The reference interpreter ----------------*- C++ -*-===//
//
// Part of Vitrail, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Says in double precision what a program of the dialect computes: the oracle
// of tests, fuzzing and `vitrail verify`, and the evaluator of freeze.
//
// The same program gives the same bytes for any number of threads, and on any
// machine but for the elementary functions (exp, erf, sin, ...), which are
// those of the C library, exact to an ulp of double precision.
//
//===----------------------------------------------------------------------===//

#ifndef VITRAIL_COMPILER_INTERPRETER_INTERPRETER_H
#define VITRAIL_COMPILER_INTERPRETER_INTERPRETER_H

#include "compiler/interpreter/HostTensor.h"
#include "compiler/interpreter/ThreadTeam.h"
#include "dialects/vitrail/VitrailDialect.h"
#include "llvm/Support/Error.h"
#include <functional>

namespace vitrail {

/// Fills a buffer with the elements of a weight, row-major.
using WeightReader =
    std::function<llvm::Error(WeightOp, llvm::MutableArrayRef<float>)>;

/// Evaluates values by what they need: an op runs (and a weight is read) just
/// before its first use, and its result is freed after its last. Ops that
/// nothing asked for do not run.
class Interpreter {
public:
  /// Called after every op with the number of ops done and in all.
  using Progress = std::function<void(int64_t done, int64_t total)>;
  /// Takes result `index` of a function.
  using TakeResult =
      llvm::function_ref<llvm::Error(unsigned index, HostTensor &&result)>;

  /// Sees the tensor of a value; an error ends the evaluation.
  using Observer =
      std::function<llvm::Error(mlir::Value value, const HostTensor &tensor)>;

  /// `threads` = 0 stands for all processors.
  explicit Interpreter(WeightReader weights, unsigned threads = 0)
      : weights(std::move(weights)), team(threads) {}

  void setProgress(Progress callback) { progress = std::move(callback); }
  /// From now on shows every value that is computed to `callback`.
  void setObserver(Observer callback) { observer = std::move(callback); }

  /// The value of `value`, which depends on no input.
  llvm::Expected<HostTensor> evaluate(mlir::Value value);

  /// The results of `function` for `inputs`.
  llvm::Expected<llvm::SmallVector<HostTensor>>
  run(mlir::func::FuncOp function, llvm::ArrayRef<HostTensor> inputs);

  /// Evaluates the results of a function without inputs one after the other and
  /// hands each over before it starts the next. Kept in between is only what a
  /// later result uses as well.
  llvm::Error evaluateResults(mlir::func::FuncOp function, TakeResult take);

private:
  llvm::Error evaluateBlock(mlir::Block &block,
                            llvm::ArrayRef<HostTensor> inputs, TakeResult take,
                            const Progress &progress);
  llvm::Error evaluateAll(mlir::ValueRange roots, mlir::ValueRange arguments,
                          llvm::ArrayRef<HostTensor> inputs, TakeResult take,
                          const Progress &progress);
  llvm::Expected<HostTensor>
  evaluateOp(mlir::Operation *op, llvm::MutableArrayRef<HostTensor> operands);
  llvm::Expected<HostTensor>
  evaluateRegion(RegionOp op, llvm::ArrayRef<HostTensor> operands);

  WeightReader weights;
  ThreadTeam team;
  Progress progress;
  Observer observer;
};

} // namespace vitrail

#endif // VITRAIL_COMPILER_INTERPRETER_INTERPRETER_H
