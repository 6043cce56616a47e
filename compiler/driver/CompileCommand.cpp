//===- CompileCommand.cpp - vitrail compile -------------------------------===//
//
// Part of Vitrail, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "compiler/driver/Commands.h"
#include "compiler/link/Linker.h"
#include "compiler/link/OutputFile.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/Support/WithColor.h"

using namespace llvm;
using namespace vitrail;

namespace {

class CompileCommand : public Command {
public:
  CompileCommand()
      : Command("compile", "Compile a model to a native program"),
        model(subCommand), code(subCommand),
        output("o", cl::value_desc("OUT"),
               cl::desc("The program; its ending (.so, .a, .o, .s, .ll, .mlir) "
                        "decides the kind"),
               cl::sub(subCommand), cl::cat(category())),
        emit(
            "emit", cl::desc("The kind of output, whatever OUT is called"),
            cl::values(clEnumValN(EmitKind::Executable, "exe", "executable"),
                       clEnumValN(EmitKind::Shared, "shared", "shared library"),
                       clEnumValN(EmitKind::Static, "static", "static library"),
                       clEnumValN(EmitKind::Object, "object", "object file"),
                       clEnumValN(EmitKind::Assembly, "asm", "assembler text"),
                       clEnumValN(EmitKind::LLVM, "llvm", "LLVM IR"),
                       clEnumValN(EmitKind::MLIR, "mlir", "lowered MLIR")),
            cl::sub(subCommand), cl::cat(category())),
        externalWeights("external-weights", cl::value_desc("FILE"),
                        cl::desc("Keep the weights in a file beside"),
                        cl::sub(subCommand), cl::cat(category())),
        tune("tune",
             cl::desc("Measure on this machine how kernels are best tiled"),
             cl::sub(subCommand), cl::cat(category())),
        report("report", cl::ValueOptional, cl::value_desc("FILE"),
               cl::desc("Say which optimizations applied, and which not"),
               cl::sub(subCommand), cl::cat(category())),
        printAfter("print-after", cl::value_desc("STAGE"),
                   cl::desc("Print the IR after a stage and stop: parse, "
                            "simplify, schedule, freeze, lower, llvm"),
                   cl::sub(subCommand), cl::cat(category())) {}

  int run(StringRef binary) override {
    CompileOptions options;
    if (!model.apply(options) || !code.apply(options))
      return ExitUsage;
    if (!printAfter.empty() && !is_contained(stageNames(), printAfter)) {
      WithColor::error() << "--print-after " << printAfter
                         << ": the stages are " << join(stageNames(), ", ")
                         << '\n';
      return ExitUsage;
    }
    if (output.empty() && printAfter.empty()) {
      WithColor::error() << "-o OUT is missing: where the program goes\n";
      return ExitUsage;
    }
    if (Error error = ModelArguments::find(options, binary))
      return fail(std::move(error));
    options.output = output;
    options.emit =
        emit.getNumOccurrences() ? EmitKind(emit) : emitKindOf(output);
    options.externalWeights = externalWeights;
    options.tune = tune;
    options.printAfter = printAfter;
    options.runtimeDirectory = runtimeDirectory(binary);

    mlir::MLIRContext context;
    registerCompilerDialects(context);
    std::shared_ptr<Report> remarks;
    if (report.getNumOccurrences())
      remarks = Report::attach(context);
    // The linker runs in this process and resets all command-line options.
    std::string reportFile = report;
    SourceMgr sources;
    mlir::SourceMgrDiagnosticHandler handler(sources, &context);
    auto module = loadModel(context, sources, options);
    if (!module)
      return fail(module.takeError());
    if (Error error = compile(**module, options))
      return fail(std::move(error));
    return remarks ? writeReport(*remarks, reportFile) : ExitSuccess;
  }

private:
  static int writeReport(const Report &remarks, StringRef file) {
    if (file.empty()) {
      remarks.print(outs());
      return ExitSuccess;
    }
    if (Error error = writeOutputFile(file, [&](OutputStream &out) {
          std::string text;
          raw_string_ostream os(text);
          remarks.print(os);
          return out.write(text);
        }))
      return fail(std::move(error));
    return ExitSuccess;
  }

  ModelArguments model;
  CodeArguments code;
  cl::opt<std::string> output;
  cl::opt<EmitKind> emit;
  cl::opt<std::string> externalWeights;
  cl::opt<bool> tune;
  cl::opt<std::string> report, printAfter;
};

} // namespace

std::unique_ptr<Command> vitrail::makeCompileCommand() {
  return std::make_unique<CompileCommand>();
}
