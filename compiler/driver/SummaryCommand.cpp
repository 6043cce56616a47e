//===- SummaryCommand.cpp - vitrail summary -------------------------------===//
//
// Part of Vitrail, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "compiler/driver/Commands.h"
#include "compiler/summary/Summary.h"
#include "llvm/Support/FormatVariadic.h"

using namespace llvm;
using namespace vitrail;

namespace {

class SummaryCommand : public Command {
public:
  SummaryCommand()
      : Command("summary", "Print the layers of a model, needing no weights"),
        model(subCommand), json("json", cl::desc("Print JSON"),
                                cl::sub(subCommand), cl::cat(category())) {}

  int run(StringRef binary) override {
    CompileOptions options;
    if (!model.apply(options))
      return ExitUsage;
    if (Error error = ModelArguments::find(options, binary))
      return fail(std::move(error));
    mlir::MLIRContext context;
    registerCompilerDialects(context);
    SourceMgr sources;
    mlir::SourceMgrDiagnosticHandler handler(sources, &context);
    auto module = loadModel(context, sources, options);
    if (!module)
      return fail(module.takeError());
    ModelSummary summary = summarize(**module);
    if (json)
      outs() << formatv("{0:2}\n", toJSON(summary));
    else
      printTable(summary, outs());
    return ExitSuccess;
  }

private:
  ModelArguments model;
  cl::opt<bool> json;
};

} // namespace

std::unique_ptr<Command> vitrail::makeSummaryCommand() {
  return std::make_unique<SummaryCommand>();
}
