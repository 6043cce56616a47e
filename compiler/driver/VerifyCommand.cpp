//===- VerifyCommand.cpp - vitrail verify ---------------------------------===//
//
// Part of Vitrail, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "compiler/driver/Commands.h"
#include "compiler/driver/LoadedProgram.h"
#include "compiler/driver/Pixels.h"
#include "compiler/driver/ReferenceRun.h"
#include "compiler/link/Linker.h"
#include "llvm/ADT/ScopeExit.h"
#include "llvm/Support/FileSystem.h"
#include "llvm/Support/FormatVariadic.h"
#include "llvm/Support/Path.h"
#include "llvm/Support/WithColor.h"

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
                cl::sub(subCommand), cl::cat(category())),
        entry("entry", cl::init("main"), cl::value_desc("main|u8"),
              cl::desc("How the program is called; u8: images as pixels, the "
                       "nearest ones to the values"),
              cl::sub(subCommand), cl::cat(category())),
        inputFiles("input", cl::value_desc("NAME=FILE"),
                   cl::desc("An input, a NumPy file; else random values"),
                   cl::sub(subCommand), cl::cat(category())),
        dump("dump", cl::value_desc("DIR"),
             cl::desc("Write the output of every layer, as the interpreter "
                      "computes it, to a new folder"),
             cl::sub(subCommand), cl::cat(category())),
        dumpFilter("dump-filter", cl::value_desc("NAME"),
                   cl::desc("Write only tensors of such names: a part, or a "
                            "pattern with * and ?"),
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
    called = entry;
    if (called != "main" && called != "u8") {
      WithColor::error() << "--entry " << called
                         << ": the entries are main and u8\n";
      return ExitUsage;
    }
    ReferenceOptions reference;
    reference.weights = options.weights;
    reference.inputs = inputFiles;
    reference.dump = dump;
    reference.dumpFilter = dumpFilter;
    if (dump.empty() && !dumpFilter.empty()) {
      WithColor::error()
          << "--dump-filter chooses what --dump DIR writes; give "
             "both\n";
      return ExitUsage;
    }
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
    mlir::OwningOpRef<mlir::ModuleOp> clone((*module)->clone());
    auto main = clone->lookupSymbol<mlir::func::FuncOp>(entryName);
    auto inputs = referenceInputs(main, reference);
    if (!inputs)
      return fail(inputs.takeError());
    if (called == "u8")
      pixels = makePixels(main, *inputs);
    // Compiling is quicker, but tensors are also wanted of a model that does
    // not compile.
    SmallVector<HostTensor> expected;
    auto interpret = [&]() -> Error {
      auto outputs = runReference(main, *inputs, reference);
      if (!outputs)
        return outputs.takeError();
      expected = std::move(*outputs);
      return Error::success();
    };
    if (!reference.dump.empty())
      if (Error error = interpret())
        return fail(std::move(error));
    if (Error error = compile(**module, options))
      return fail(std::move(error));
    if (reference.dump.empty())
      if (Error error = interpret())
        return fail(std::move(error));
    if (Error error =
            compare(main, options.output, std::move(*inputs), expected))
      return fail(std::move(error));
    return agrees ? ExitSuccess : ExitFailure;
  }

private:
  /// The compiled program's outputs against those of the interpreter.
  Error compare(mlir::func::FuncOp main, StringRef library,
                std::vector<std::vector<float>> ports,
                ArrayRef<HostTensor> expected) {
    size_t inputs = ports.size();
    for (mlir::Type type : main.getResultTypes())
      ports.emplace_back(cast<mlir::RankedTensorType>(type).getNumElements());
    SmallVector<void *> pointers;
    for (std::vector<float> &values : ports)
      pointers.push_back(values.data());
    for (auto [pointer, bytes] : zip(pointers, pixels))
      if (!bytes.empty())
        pointer = bytes.data();
    auto program = LoadedProgram::open(library, "model", called, teamSize);
    if (!program)
      return program.takeError();
    if (Error error = program->run(pointers))
      return error;
    for (auto [i, tensor] : enumerate(expected))
      report(main, i, vitrail::compare(tensor, ports[inputs + i]));
    return Error::success();
  }

  void report(mlir::func::FuncOp main, unsigned result,
              const Difference &difference) {
    double relative = difference.maxRef ? difference.maxAbs / difference.maxRef
                                        : difference.maxAbs;
    bool close = relative <= allowed; // and not for NaN
    agrees &= close;
    outs() << formatv("{0}: largest error {1:e2} at element {2}, {3:e2} of the "
                      "largest output {4:e2}: {5}\n",
                      portName(main, /*isInput=*/false, result),
                      difference.maxAbs, difference.index, relative,
                      difference.maxRef, close ? "agrees" : "DIFFERS");
  }

  ModelArguments model;
  CodeArguments code;
  cl::opt<double> tolerance;
  cl::opt<int> threads;
  cl::opt<std::string> entry;
  cl::list<std::string> inputFiles;
  cl::opt<std::string> dump, dumpFilter;
  double allowed = 0;
  bool agrees = true;
  int teamSize = 0;
  std::string called;
  std::vector<std::vector<uint8_t>> pixels; // of inputs that enter as such
};

} // namespace

std::unique_ptr<Command> vitrail::makeVerifyCommand() {
  return std::make_unique<VerifyCommand>();
}
