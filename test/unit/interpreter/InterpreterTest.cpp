//===- InterpreterTest.cpp - The reference interpreter --------------------===//
//
// Part of Vitrail, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "test/unit/interpreter/Program.h"

using namespace vitrail;
using namespace vitrail::test;
using llvm::Error;
using llvm::StringRef;

/// The message of an error that is expected.
template <typename T> static std::string message(llvm::Expected<T> result) {
  if (result)
    return "no error";
  return llvm::toString(result.takeError());
}

TEST(InterpreterTest, Region) {
  expectResult({"1x2xf32", "2x2xf32"}, R"(
    %y = vitrail.region "fc"(%a = %arg0 : tensor<1x2xf32>, %b = %arg1 : tensor<2x2xf32>) -> tensor<1x2xf32> {
      %0 = vitrail.linear %a, %b : (tensor<1x2xf32>, tensor<2x2xf32>) -> tensor<1x2xf32>
      %1 = vitrail.unary relu %0 : tensor<1x2xf32>
      vitrail.yield %1 : tensor<1x2xf32>
    })",
               "1x2xf32", {0, 1.390625});
}

TEST(InterpreterTest, Constants) {
  expectResult({}, R"(
    %y = arith.constant dense<[0.5, -2.0]> : tensor<2xf32>)",
               "2xf32", {0.5, -2});
  expectResult({}, R"(
    %y = arith.constant dense<0.5> : tensor<2x1xbf16>)",
               "2x1xbf16", {0.5, 0.5});
}

TEST(InterpreterTest, Weights) {
  expectResult({"2xf32"}, R"(
    %w = vitrail.weight "w" matrix fan_in = 1 : tensor<2xf32>
    %y = vitrail.binary sub %w, %arg0 : (tensor<2xf32>, tensor<2xf32>) -> tensor<2xf32>)",
               "2xf32", {ramp(0, 1) - ramp(0, 0), ramp(1, 1) - ramp(1, 0)});
}

TEST(InterpreterTest, InputsStayAsTheyAre) {
  Program program(programText(
      {"2xf32"}, "%y = vitrail.unary neg %arg0 : tensor<2xf32>", "2xf32"));
  HostTensor input({2}, {1, 2});
  auto results = Interpreter({}).run(program.getMain(), input);
  ASSERT_TRUE(bool(results));
  EXPECT_EQ(input.getValues(), llvm::ArrayRef<double>({1, 2}));
  EXPECT_EQ(results->front().getValues(), llvm::ArrayRef<double>({-1, -2}));
}

TEST(InterpreterTest, AnyNumberOfThreadsGivesTheSameBytes) {
  Program program(programText({"1x150x96xf32", "192x96xf32", "192xf32"}, R"(
    %h = vitrail.linear %arg0, %arg1, %arg2 : (tensor<1x150x96xf32>, tensor<192x96xf32>, tensor<192xf32>) -> tensor<1x150x192xf32>
    %g = vitrail.unary gelu %h : tensor<1x150x192xf32>
    %n = vitrail.norm %g, %arg2 axis = 2 eps = 1.0e-6 : (tensor<1x150x192xf32>, tensor<192xf32>) -> tensor<1x150x192xf32>
    %a = vitrail.attention %n, %n, %n heads = 3 scale = 0.125 : (tensor<1x150x192xf32>, tensor<1x150x192xf32>, tensor<1x150x192xf32>) -> tensor<1x150x192xf32>
    %e = vitrail.einsum "bnc,bmc->bnm" %a, %n : (tensor<1x150x192xf32>, tensor<1x150x192xf32>) -> tensor<1x150x150xf32>
    %y = vitrail.reduce sum %e axes = [1] : (tensor<1x150x150xf32>) -> tensor<1x150xf32>)",
                              "1x150xf32"));
  auto one = runOnRamps(program, 1);
  ASSERT_TRUE(bool(one));
  for (unsigned threads : {2, 3, 7}) {
    auto many = runOnRamps(program, threads);
    ASSERT_TRUE(bool(many));
    EXPECT_EQ(one->getValues(), many->getValues()) << threads << " threads";
  }
}

//===----------------------------------------------------------------------===//
// Evaluation by need
//===----------------------------------------------------------------------===//

static constexpr StringRef freeze = R"(
  func.func @main() -> (tensor<2xf32>, tensor<2xf32>, tensor<2xf32>) {
    %unused = vitrail.weight "unused" bias : tensor<2xf32>
    %c = vitrail.weight "c" matrix fan_in = 3 : tensor<2xf32>
    %a = vitrail.weight "a" matrix fan_in = 1 : tensor<2xf32>
    %shared = vitrail.weight "shared" matrix fan_in = 2 : tensor<2xf32>
    %r0 = vitrail.binary add %a, %shared : (tensor<2xf32>, tensor<2xf32>) -> tensor<2xf32>
    %r1 = vitrail.binary mul %shared, %c : (tensor<2xf32>, tensor<2xf32>) -> tensor<2xf32>
    return %r0, %r1, %r0 : tensor<2xf32>, tensor<2xf32>, tensor<2xf32>
  })";

TEST(InterpreterTest, ResultsOneByOne) {
  Program program(freeze);
  std::string order;
  auto source = [&](WeightOp op, llvm::MutableArrayRef<float> values) {
    order += "read " + op.getName().str() + "\n";
    return rampWeights(op, values);
  };
  Interpreter interpreter(source);
  int64_t ops = 0;
  interpreter.setProgress([&](int64_t done, int64_t total) {
    EXPECT_EQ(done, ++ops);
    EXPECT_EQ(total, 5);
  });
  llvm::SmallVector<HostTensor> results;
  Error error = interpreter.evaluateResults(
      program.getMain(), [&](unsigned index, HostTensor &&result) {
        order += "result " + std::to_string(index) + "\n";
        results.push_back(std::move(result));
        return Error::success();
      });
  EXPECT_FALSE(bool(error));
  EXPECT_EQ(order, "read a\nread shared\nresult 0\nread c\nresult 1\n"
                   "result 2\n");
  ASSERT_EQ(results.size(), 3u);
  EXPECT_EQ(results[0].getValues()[1], ramp(1, 1) + ramp(1, 2));
  EXPECT_EQ(results[1].getValues()[1], ramp(1, 2) * ramp(1, 3));
  EXPECT_EQ(results[2].getValues(), results[0].getValues());
}

TEST(InterpreterTest, TheReceiverMayStop) {
  Program program(freeze);
  unsigned calls = 0;
  Error error = Interpreter(rampWeights)
                    .evaluateResults(program.getMain(),
                                     [&](unsigned, HostTensor &&) -> Error {
                                       ++calls;
                                       return llvm::createStringError("full");
                                     });
  EXPECT_EQ(llvm::toString(std::move(error)), "full");
  EXPECT_EQ(calls, 1u);
}

TEST(InterpreterTest, OneValue) {
  Program program(freeze);
  mlir::Value value =
      program.getMain().getBody().front().getTerminator()->getOperand(1);
  auto result = Interpreter(rampWeights).evaluate(value);
  ASSERT_TRUE(bool(result));
  EXPECT_EQ(result->getValues()[0], ramp(0, 2) * ramp(0, 3));
}

//===----------------------------------------------------------------------===//
// Errors
//===----------------------------------------------------------------------===//

TEST(InterpreterTest, UnknownOp) {
  Program program("func.func @main(%arg0: tensor<2xf32>) -> tensor<2xf32> {\n"
                  "  %y = arith.negf %arg0 : tensor<2xf32> "
                  "loc(\"vit.vtr\":12:3)\n"
                  "  return %y : tensor<2xf32>\n"
                  "}");
  EXPECT_EQ(message(runOnRamps(program)),
            "vit.vtr:12:3: the interpreter does not know the op 'arith.negf'; "
            "it takes the model level of the vitrail dialect, and "
            "arith.constant");
}

TEST(InterpreterTest, WeightErrors) {
  Program program(programText(
      {}, R"(%y = vitrail.weight "a" bias : tensor<2xf32>)", "2xf32"));
  auto fails = [](WeightOp, llvm::MutableArrayRef<float>) {
    return llvm::createStringError("no such tensor");
  };
  EXPECT_EQ(message(Interpreter(fails).run(program.getMain(), {})),
            "no such tensor");
  EXPECT_NE(message(Interpreter({}).run(program.getMain(), {}))
                .find("weight 'a': no weights were given"),
            std::string::npos);
}

TEST(InterpreterTest, WrongInputs) {
  Program program(programText(
      {"2xf32"}, "%y = vitrail.unary neg %arg0 : tensor<2xf32>", "2xf32"));
  Interpreter interpreter({});
  EXPECT_NE(message(interpreter.run(program.getMain(), {}))
                .find("'main' takes 1 inputs, got 0"),
            std::string::npos);
  EXPECT_NE(
      message(interpreter.run(program.getMain(), HostTensor({3}, {1, 2, 3})))
          .find("input 0 of 'main' must be [2], got [3]"),
      std::string::npos);
}

TEST(InterpreterTest, ValuesThatDependOnInputs) {
  Program program(programText(
      {"2xf32"}, "%y = vitrail.unary neg %arg0 : tensor<2xf32>", "2xf32"));
  mlir::Value value =
      program.getMain().getBody().front().getTerminator()->getOperand(0);
  EXPECT_NE(message(Interpreter({}).evaluate(value))
                .find("the value depends on an input"),
            std::string::npos);
  Error error = Interpreter({}).evaluateResults(
      program.getMain(),
      [](unsigned, HostTensor &&) { return Error::success(); });
  EXPECT_NE(llvm::toString(std::move(error)).find("'main' has 1 inputs"),
            std::string::npos);
}

TEST(InterpreterTest, Declarations) {
  Program program("func.func private @main() -> tensor<2xf32>");
  EXPECT_NE(message(Interpreter({}).run(program.getMain(), {}))
                .find("'main' has no body"),
            std::string::npos);
}
