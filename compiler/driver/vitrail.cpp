//===- vitrail.cpp - The compiler's command line --------------------------===//
//
// Part of Vitrail, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "compiler/codegen/Target.h"
#include "compiler/driver/Commands.h"
#include "compiler/pipeline/FindModel.h"
#include "llvm/Support/FileSystem.h"
#include "llvm/Support/InitLLVM.h"
#include "llvm/Support/WithColor.h"

using namespace llvm;
using namespace vitrail;

cl::OptionCategory &vitrail::category() {
  static cl::OptionCategory options("Options");
  return options;
}

ModelArguments::ModelArguments(cl::SubCommand &command)
    : model(cl::Positional,
            cl::desc("MODEL (.vtr, .mlir, or the name of "
                     "a model that comes along: vit)"),
            cl::Required, cl::sub(command), cl::cat(category())),
      definitions("D", cl::Prefix, cl::value_desc("name=value"),
                  cl::desc("Set a parameter of the description"),
                  cl::sub(command), cl::cat(category())),
      batch("batch", cl::init(1), cl::value_desc("N"),
            cl::desc("Samples per inference"), cl::sub(command),
            cl::cat(category())) {}

bool ModelArguments::apply(CompileOptions &options) const {
  options.model = model;
  options.batch = batch;
  if (batch < 1) {
    WithColor::error() << "--batch " << batch << ": at least 1\n";
    return false;
  }
  for (StringRef definition : definitions) {
    auto [name, value] = definition.split('=');
    if (name.empty() || !definition.contains('=')) {
      WithColor::error() << "-D " << definition
                         << ": the form is -D name=value\n";
      return false;
    }
    options.definitions.emplace_back(name, value);
  }
  return true;
}

Error ModelArguments::find(CompileOptions &options, StringRef binary) {
  Expected<std::string> file =
      findModel(options.model, modelsDirectory(binary));
  if (!file)
    return file.takeError();
  options.model = std::move(*file);
  return Error::success();
}

CodeArguments::CodeArguments(cl::SubCommand &command)
    : weights("weights", cl::value_desc("FILE|random:SEED"),
              cl::desc("Safetensors file or folder, or random values"),
              cl::sub(command), cl::cat(category())),
      target("target", cl::init("host"), cl::value_desc("host|CPU[,CPU]..."),
             cl::desc("Processor that the code is for; of several, the program "
                      "takes the most demanding that it finds itself on"),
             cl::sub(command), cl::cat(category())),
      dtype("dtype", cl::init("f32"), cl::value_desc("f32"),
            cl::desc("Type of the arithmetic"), cl::sub(command),
            cl::cat(category())),
      matmul("matmul", cl::init("codegen"), cl::value_desc("codegen|onednn"),
             cl::desc("Where the matrix products of linears come from: "
                      "generated, or calls of oneDNN"),
             cl::sub(command), cl::cat(category())),
      disabled("disable", cl::CommaSeparated, cl::value_desc("optimization"),
               cl::desc("Switch optimizations off: dead-tokens, ..."),
               cl::sub(command), cl::cat(category())) {}

bool CodeArguments::apply(CompileOptions &options) const {
  options.weights = weights;
  options.target = target;
  // Compiling reports targets that do not exist.
  SmallVector<Target, 1> targets;
  if (auto resolved = resolveTargets(target))
    targets = std::move(*resolved);
  else
    consumeError(resolved.takeError());
  if (Error error = checkDType(dtype, targets)) {
    fail(std::move(error));
    return false;
  }
  if (matmul != "codegen" && matmul != "onednn") {
    WithColor::error() << "--matmul " << matmul
                       << ": matrix products come from codegen or onednn\n";
    return false;
  }
  options.matmul =
      matmul == "onednn" ? MatmulKind::OneDNN : MatmulKind::Codegen;
  for (StringRef name : disabled)
    if (!options.simplify.disable(name)) {
      WithColor::error() << "--disable " << name << ": the optimizations are "
                         << SimplifyOptions::names() << "\n";
      return false;
    }
  return true;
}

int vitrail::fail(Error error) {
  std::string message = toString(std::move(error));
  // Diagnostics of a description have been printed already.
  if (!message.empty())
    WithColor::error() << message << '\n';
  return ExitFailure;
}

int main(int argc, char **argv) {
  InitLLVM init(argc, argv);
  std::unique_ptr<Command> commands[] = {
      makeCompileCommand(), makeSummaryCommand(), makeVerifyCommand()};
  cl::HideUnrelatedOptions(category());
  for (std::unique_ptr<Command> &command : commands)
    command->hideForeignOptions();
  cl::SetVersionPrinter(
      [](raw_ostream &os) { os << "vitrail " << compilerVersion() << '\n'; });
  if (!cl::ParseCommandLineOptions(
          argc, argv,
          "Vitrail: compiles transformer models to native programs\n", &errs()))
    return ExitUsage;
  std::string binary =
      sys::fs::getMainExecutable(argv[0], reinterpret_cast<void *>(&main));
  for (std::unique_ptr<Command> &command : commands)
    if (command->isChosen())
      return command->run(binary);
  errs() << "usage: vitrail compile|summary|verify MODEL [options]\n"
            "       vitrail COMMAND --help lists the options of a command\n";
  return ExitUsage;
}
