//===- vitrail-translate.cpp - Shows what a description means -------------===//
//
// Part of Vitrail, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// A developers' tool: prints the dialect of a description, or its layer table.
//
//===----------------------------------------------------------------------===//

#include "compiler/frontend/Frontend.h"
#include "compiler/summary/Summary.h"
#include "mlir/IR/AsmState.h"
#include "mlir/IR/Diagnostics.h"
#include "mlir/IR/MLIRContext.h"
#include "mlir/Support/ToolUtilities.h"
#include "llvm/Support/CommandLine.h"
#include "llvm/Support/FormatVariadic.h"
#include "llvm/Support/InitLLVM.h"
#include "llvm/Support/MemoryBuffer.h"

namespace cl = llvm::cl;

static cl::opt<std::string> input(cl::Positional, cl::init("-"),
                                  cl::desc("<description.vtr>"));
static cl::list<std::string> definitions("D", cl::Prefix,
                                         cl::desc("Parameter of the model"),
                                         cl::value_desc("name=value"));
static cl::opt<int64_t> batch("batch", cl::init(1),
                              cl::desc("Samples per inference"));
static cl::opt<bool> summary("summary", cl::desc("Print the layer table"));
static cl::opt<bool> json("json", cl::desc("Print the layer table as JSON"));
static cl::opt<bool> locations("locations",
                               cl::desc("Print the locations of ops"));

static cl::opt<bool> verifyDiagnostics(
    "verify-diagnostics",
    cl::desc("Check the errors of each part of the input (parts end with "
             "'# -----') against its expected-error comments"));

/// Elaborates one description and prints what was asked for.
static mlir::LogicalResult translate(llvm::SourceMgr &sources,
                                     mlir::MLIRContext &context,
                                     const vitrail::FrontendOptions &options,
                                     llvm::raw_ostream &os) {
  auto module = vitrail::parseModel(context, sources, options);
  if (!module)
    return mlir::failure();
  if (json) {
    os << llvm::formatv("{0:2}\n",
                        vitrail::toJSON(vitrail::summarize(*module)));
  } else if (summary) {
    vitrail::printTable(vitrail::summarize(*module), os);
  } else {
    mlir::OpPrintingFlags flags;
    if (locations)
      flags.enableDebugInfo(/*enable=*/true, /*prettyForm=*/false)
          .useLocalScope();
    module->print(os, flags);
    os << "\n";
  }
  return mlir::success();
}

static mlir::LogicalResult verify(std::unique_ptr<llvm::MemoryBuffer> part,
                                  const vitrail::FrontendOptions &options) {
  llvm::SourceMgr sources;
  sources.AddNewSourceBuffer(std::move(part), llvm::SMLoc());
  mlir::MLIRContext context;
  mlir::SourceMgrDiagnosticVerifierHandler handler(
      sources, &context,
      mlir::SourceMgrDiagnosticVerifierHandler::Level::OnlyExpected);
  (void)translate(sources, context, options, llvm::nulls());
  return handler.verify();
}

int main(int argc, char **argv) {
  llvm::InitLLVM init(argc, argv);
  cl::ParseCommandLineOptions(argc, argv, "Vitrail description translator\n");

  vitrail::FrontendOptions options;
  options.batch = batch;
  for (llvm::StringRef definition : definitions) {
    auto [name, value] = definition.split('=');
    if (name.empty() || name.size() == definition.size()) {
      llvm::errs() << "-D takes name=value, got '" << definition << "'\n";
      return 2;
    }
    options.definitions.emplace_back(name, value);
  }

  auto file = llvm::MemoryBuffer::getFileOrSTDIN(input);
  if (!file) {
    llvm::errs() << input << ": " << file.getError().message() << "\n";
    return 1;
  }
  if (verifyDiagnostics)
    return mlir::failed(mlir::splitAndProcessBuffer(
        std::move(*file),
        [&](std::unique_ptr<llvm::MemoryBuffer> part, llvm::raw_ostream &) {
          return verify(std::move(part), options);
        },
        llvm::nulls(), "# -----"));

  llvm::SourceMgr sources;
  sources.AddNewSourceBuffer(std::move(*file), llvm::SMLoc());
  mlir::MLIRContext context;
  mlir::SourceMgrDiagnosticHandler handler(sources, &context);
  return mlir::failed(translate(sources, context, options, llvm::outs()));
}
