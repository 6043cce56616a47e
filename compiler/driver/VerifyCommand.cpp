//===- VerifyCommand.cpp - vitrail verify
//-------------------------------------===//
//
// Part of Vitrail, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "compiler/driver/Commands.h"
#include "compiler/driver/LoadedProgram.h"
#include "compiler/interpreter/Interpreter.h"
#include "compiler/link/Linker.h"
#include "compiler/pipeline/Freeze.h"
#include "compiler/weights/Checkpoint.h"
#include "compiler/weights/RandomWeights.h"
#include "llvm/ADT/ScopeExit.h"
#include "llvm/Support/FileSystem.h"
#include "llvm/Support/FormatVariadic.h"
#include "llvm/Support/Path.h"

using namespace llvm;
using namespace vitrail;

namespace {

/// Runs the compiled program and the reference interpreter, which executes the
/// model as described, before any optimization, on the same inputs.
class VerifyCommand : public Command {
public:
  VerifyCommand()
      : Command("verify", "Compare the compiled program with the reference "
                          "interpreter"),
        model(subCommand), code(subCommand),
        tolerance("tolerance", cl::init(1e-4), cl::value_desc("T"),
                  cl::desc("Largest error, relative to the largest output"),
                  cl::sub(subCommand), cl::cat(category())),
        threads("threads", cl::init(0), cl::value_desc("N"),
                cl::desc("Threads of the compiled program"),
                cl::sub(subCommand), cl::cat(category())) {}

  int run(StringRef binary) override {
    CompileOptions options;
    if (!model.apply(options) || !code.apply(options))
      return ExitUsage;
    if (Error error = ModelArguments::find(options, binary))
      return fail(std::move(error));
    if (options.weights.empty())
      options.weights = "random:0";
    // The linker runs in this process and resets all command-line options.
    allowed = tolerance;
    teamSize = threads;
    options.runtimeDirectory = runtimeDirectory(binary);
    options.emit = EmitKind::Shared;
    SmallString<128> directory;
    if (std::error_code code =
            sys::fs::createUniqueDirectory("vitrail-verify", directory))
      return fail(createStringError("cannot make a temporary folder: " +
                                    code.message()));
    scope_exit cleanUp([&] { sys::fs::remove_directories(directory); });
    sys::path::append(directory, "libmodel.so");
    options.output = directory.str().str();
    sys::path::remove_filename(directory);

    mlir::MLIRContext context;
    registerCompilerDialects(context);
    SourceMgr sources;
    mlir::SourceMgrDiagnosticHandler handler(sources, &context);
    auto module = loadModel(context, sources, options);
    if (!module)
      return fail(module.takeError());
    mlir::OwningOpRef<mlir::ModuleOp> reference((*module)->clone());
    if (Error error = compile(**module, options))
      return fail(std::move(error));
    if (Error error = compare(*reference, options))
      return fail(std::move(error));
    return agrees ? ExitSuccess : ExitFailure;
  }

private:
  Error compare(mlir::ModuleOp reference, const CompileOptions &options) {
    auto main = reference.lookupSymbol<mlir::func::FuncOp>(entryName);
    auto shapeOf = [](mlir::Type type) {
      return cast<mlir::RankedTensorType>(type).getShape();
    };
    SmallVector<HostTensor> inputs;
    std::vector<std::vector<float>> ports;
    for (auto [i, type] : enumerate(main.getArgumentTypes())) {
      auto &values = ports.emplace_back(
          cast<mlir::RankedTensorType>(type).getNumElements());
      // Uniform in ±sqrt(3), of variance one, as normalized inputs have.
      fillRandomWeights(/*seed=*/0, ("input" + Twine(i)).str(),
                        RandomRole::Matrix, /*fanIn=*/1, values);
      inputs.push_back(HostTensor::fromFloat(shapeOf(type), values));
    }
    for (mlir::Type type : main.getResultTypes())
      ports.emplace_back(cast<mlir::RankedTensorType>(type).getNumElements());
    auto program = LoadedProgram::open(options.output, "model", teamSize);
    if (!program)
      return program.takeError();
    if (Error error = program->run(ports))
      return error;

    auto weights = parseWeightsOption(options.weights);
    if (!weights)
      return weights.takeError();
    Interpreter interpreter(readerOf(**weights));
    auto expected = interpreter.run(main, inputs);
    if (!expected)
      return expected.takeError();
    for (auto [i, tensor] : enumerate(*expected))
      report(main, i, vitrail::compare(tensor, ports[inputs.size() + i]));
    return Error::success();
  }

  void report(mlir::func::FuncOp main, unsigned result,
              const Difference &difference) {
    auto name = main.getResultAttrOfType<mlir::StringAttr>(result, port::name);
    double relative = difference.maxRef ? difference.maxAbs / difference.maxRef
                                        : difference.maxAbs;
    bool close = relative <= allowed; // and not for NaN
    agrees &= close;
    outs() << formatv("{0}: largest error {1:e2} at element {2}, {3:e2} of the "
                      "largest output {4:e2}: {5}\n",
                      name ? name.getValue() : StringRef("output"),
                      difference.maxAbs, difference.index, relative,
                      difference.maxRef, close ? "agrees" : "DIFFERS");
  }

  ModelArguments model;
  CodeArguments code;
  cl::opt<double> tolerance;
  cl::opt<int> threads;
  double allowed = 0;
  bool agrees = true;
  int teamSize = 0;
};

} // namespace

std::unique_ptr<Command> vitrail::makeVerifyCommand() {
  return std::make_unique<VerifyCommand>();
}
