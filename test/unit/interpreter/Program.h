//===- Program.h - Programs of the interpreter's tests ----------*- C++ -*-===//
//
// Part of Vitrail, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef VITRAIL_TEST_UNIT_INTERPRETER_PROGRAM_H
#define VITRAIL_TEST_UNIT_INTERPRETER_PROGRAM_H

#include "compiler/interpreter/Interpreter.h"
#include "mlir/IR/BuiltinOps.h"
#include "mlir/Parser/Parser.h"
#include "gtest/gtest.h"

namespace vitrail::test {

/// Element i of the inputs of tests: (((37 i + 11 seed) mod 17) - 8) / 8. The
/// expected values of the tests were computed from these by NumPy and PyTorch.
inline double ramp(int64_t i, int64_t seed) {
  return double((i * 37 + seed * 11) % 17 - 8) / 8;
}

inline HostTensor rampTensor(llvm::ArrayRef<int64_t> shape, int64_t seed) {
  HostTensor tensor(shape);
  for (auto [i, value] : llvm::enumerate(tensor.mutate()))
    value = ramp(i, seed);
  return tensor;
}

/// Fills a weight with the ramp whose seed is the weight's fan-in.
inline llvm::Error rampWeights(WeightOp op,
                               llvm::MutableArrayRef<float> values) {
  for (auto [i, value] : llvm::enumerate(values))
    value = ramp(i, op.getFanIn());
  return llvm::Error::success();
}

/// A parsed module.
class Program {
public:
  explicit Program(llvm::StringRef text) {
    context.loadDialect<VitrailDialect, mlir::func::FuncDialect,
                        mlir::arith::ArithDialect>();
    module = mlir::parseSourceString<mlir::ModuleOp>(text, &context);
    EXPECT_TRUE(module) << text.str();
  }
  explicit operator bool() const { return bool(module); }
  mlir::func::FuncOp getMain() {
    return module->lookupSymbol<mlir::func::FuncOp>("main");
  }

private:
  mlir::MLIRContext context;
  mlir::OwningOpRef<mlir::ModuleOp> module;
};

/// A program whose inputs %0, %1, ... have the types `inputs` ("2x3xf32"), and
/// whose `body` computes %y of type `result`.
inline std::string programText(llvm::ArrayRef<llvm::StringRef> inputs,
                               llvm::StringRef body, llvm::StringRef result) {
  std::string text = "func.func @main(";
  for (auto [i, type] : llvm::enumerate(inputs))
    text += (i ? ", %arg" : "%arg") + std::to_string(i) + ": tensor<" +
            type.str() + ">";
  return text + ") -> tensor<" + result.str() + "> {\n" + body.str() +
         "\nreturn %y : tensor<" + result.str() + ">\n}\n";
}

/// Runs the program on ramps of seeds 0, 1, ...
inline llvm::Expected<HostTensor> runOnRamps(Program &program,
                                             unsigned threads = 0) {
  llvm::SmallVector<HostTensor> inputs;
  for (mlir::Type type : program.getMain().getArgumentTypes())
    inputs.push_back(rampTensor(
        mlir::cast<mlir::RankedTensorType>(type).getShape(), inputs.size()));
  auto results =
      Interpreter(rampWeights, threads).run(program.getMain(), inputs);
  if (!results)
    return results.takeError();
  return results->front();
}

/// Expects that %y of such a program has the elements `expected`.
inline void expectResult(llvm::ArrayRef<llvm::StringRef> inputs,
                         llvm::StringRef body, llvm::StringRef result,
                         llvm::ArrayRef<double> expected) {
  Program program(programText(inputs, body, result));
  ASSERT_TRUE(program);
  auto actual = runOnRamps(program);
  ASSERT_TRUE(bool(actual)) << llvm::toString(actual.takeError());
  ASSERT_EQ(actual->getNumElements(), int64_t(expected.size()));
  for (auto [i, value] : llvm::enumerate(expected))
    EXPECT_NEAR(actual->getValues()[i], value, 1e-12) << "element " << i;
}

} // namespace vitrail::test

#endif // VITRAIL_TEST_UNIT_INTERPRETER_PROGRAM_H
