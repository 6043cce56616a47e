//===- RandomModel.h - Random models for differential tests --- -*- C++ -*-===//
//
// Part of Vitrail, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef VITRAIL_TEST_UNIT_SIMPLIFY_RANDOMMODEL_H
#define VITRAIL_TEST_UNIT_SIMPLIFY_RANDOMMODEL_H

#include "dialects/vitrail/VitrailDialect.h"
#include "mlir/IR/BuiltinOps.h"
#include <random>

namespace vitrail::test {

/// Builds a function of a few blocks of what transformers consist of, put
/// together at random: shapes, masks, tables, tied weights, absent biases,
/// users of users. Much of it is what passes look for, much is what only looks
/// so.
class RandomModel {
public:
  RandomModel(mlir::MLIRContext *context, unsigned seed)
      : builder(context), random(seed) {}

  mlir::OwningOpRef<mlir::ModuleOp> build();

private:
  using Shape = llvm::ArrayRef<int64_t>;

  int64_t upTo(int64_t last) { return random() % (last + 1); }
  bool maybe(int64_t percent = 50) { return upTo(99) < percent; }
  template <typename T> T choose(std::initializer_list<T> options) {
    return options.begin()[upTo(options.size() - 1)];
  }
  mlir::Location loc() { return builder.getUnknownLoc(); }
  static mlir::RankedTensorType typeOf(mlir::Value value) {
    return mlir::cast<mlir::RankedTensorType>(value.getType());
  }
  static int64_t features(mlir::Value value) {
    return typeOf(value).getShape().back();
  }

  mlir::Value input(Shape shape);
  mlir::Value weight(Shape shape, WeightRole role = WeightRole::Bias);
  mlir::Value table(Shape shape);
  mlir::Value linear(mlir::Value x, int64_t out);
  mlir::Value norm(mlir::Value x);
  mlir::Value number(double value);
  mlir::Value writtenOut(mlir::Value query, mlir::Value key, mlir::Value value,
                         mlir::Value bias, int64_t heads, double scale);
  mlir::Value attention(mlir::Value x, mlir::Value context);
  mlir::Value embed();
  mlir::Value block(mlir::Value x);
  mlir::Value head(mlir::Value x, int64_t out);
  mlir::Value select(mlir::Value x);
  mlir::Value disturb(mlir::Value x);

  // Maps [batch, height, width, channels], in RandomMaps.cpp.
  mlir::Value combine(BinaryKind kind, mlir::Value a, mlir::Value b);
  int64_t padChoice(mlir::Value x, int64_t kernel);
  mlir::Value conv(mlir::Value x, int64_t out, int64_t kernel, int64_t stride);
  mlir::Value depthwise(mlir::Value x, int64_t kernel, int64_t stride);
  mlir::Value batchNorm(mlir::Value x);
  mlir::Value branches(mlir::Value x);
  mlir::Value sampleNorm(mlir::Value x);
  mlir::Value poolMixer(mlir::Value x);
  mlir::Value normed(mlir::Value x);
  mlir::Value windows(mlir::Value x);
  mlir::Value headsMixed(mlir::Value x);
  mlir::Value maps();

  mlir::OpBuilder builder;
  std::mt19937 random;
  mlir::func::FuncOp function;
  llvm::SmallVector<mlir::Value> weights, results;
};

} // namespace vitrail::test

#endif // VITRAIL_TEST_UNIT_SIMPLIFY_RANDOMMODEL_H
