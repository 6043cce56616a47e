//===- Commands.h - The commands of vitrail ---------------------*- C++ -*-===//
//
// Part of Vitrail, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef VITRAIL_COMPILER_DRIVER_COMMANDS_H
#define VITRAIL_COMPILER_DRIVER_COMMANDS_H

#include "compiler/pipeline/Compiler.h"
#include "llvm/Support/CommandLine.h"

namespace vitrail {

/// How a command ends: done, failed (one clear line was printed), or called
/// wrongly.
enum ExitStatus { ExitSuccess = 0, ExitFailure = 1, ExitUsage = 2 };

/// What `--help` shows: everything else belongs to LLVM.
llvm::cl::OptionCategory &category();

/// The arguments that all commands take.
class ModelArguments {
public:
  explicit ModelArguments(llvm::cl::SubCommand &command);
  /// Puts the arguments into `options`; false after a message if they are no
  /// good.
  bool apply(CompileOptions &options) const;
  /// Replaces the model in `options` by the file that it names, for the
  /// compiler at `binary`.
  static llvm::Error find(CompileOptions &options, llvm::StringRef binary);

private:
  llvm::cl::opt<std::string> model;
  llvm::cl::list<std::string> definitions;
  llvm::cl::opt<int64_t> batch;
};

/// The arguments of commands that make code.
class CodeArguments {
public:
  explicit CodeArguments(llvm::cl::SubCommand &command);
  bool apply(CompileOptions &options) const;

private:
  llvm::cl::opt<std::string> weights, target, dtype, matmul;
  llvm::cl::list<std::string> disabled;
};

/// Prints an error that says something, as "error: ..."; gives ExitFailure.
int fail(llvm::Error error);

/// One subcommand: it declares its arguments when made and runs once parsed.
class Command {
public:
  Command(const char *name, const char *description)
      : subCommand(name, description) {}
  virtual ~Command() = default;
  void hideForeignOptions() {
    llvm::cl::HideUnrelatedOptions(category(), subCommand);
  }
  bool isChosen() const { return bool(subCommand); }
  virtual int run(llvm::StringRef binary) = 0;

protected:
  llvm::cl::SubCommand subCommand;
};

std::unique_ptr<Command> makeCompileCommand();
std::unique_ptr<Command> makeSummaryCommand();
std::unique_ptr<Command> makeVerifyCommand();

} // namespace vitrail

#endif // VITRAIL_COMPILER_DRIVER_COMMANDS_H
