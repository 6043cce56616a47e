//===- Compiler.cpp - The whole path --------------------------------------===//
//
// Part of Vitrail, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "compiler/pipeline/Compiler.h"
#include "compiler/codegen/Codegen.h"
#include "compiler/frontend/Frontend.h"
#include "compiler/link/Header.h"
#include "compiler/link/Linker.h"
#include "compiler/link/OutputFile.h"
#include "compiler/link/WeightsObject.h"
#include "compiler/pipeline/Describe.h"
#include "compiler/pipeline/Freeze.h"
#include "compiler/pipeline/Progress.h"
#include "compiler/pipeline/Stages.h"
#include "compiler/tune/Tune.h"
#include "compiler/weights/Checkpoint.h"
#include "mlir/IR/Verifier.h"
#include "mlir/InitAllDialects.h"
#include "mlir/Parser/Parser.h"
#include "passes/schedule/KernelNames.h"
#include "passes/schedule/Passes.h"
#include "passes/simplify/Pipeline.h"
#include "passes/simplify/Report.h"
#include "passes/simplify/WeightSide.h"
#include "llvm/Support/FileSystem.h"
#include "llvm/Support/Path.h"

using namespace mlir;
using namespace vitrail;

void vitrail::registerCompilerDialects(MLIRContext &context) {
  DialectRegistry registry;
  registerAllDialects(registry);
  registry.insert<VitrailDialect>();
  context.appendDialectRegistry(registry);
  context.loadDialect<VitrailDialect>();
}

ArrayRef<StringRef> vitrail::stageNames() {
  static const StringRef names[] = {"parse",  "simplify", "schedule",
                                    "freeze", "lower",    "llvm"};
  return names;
}

llvm::Expected<OwningOpRef<ModuleOp>>
vitrail::loadModel(MLIRContext &context, llvm::SourceMgr &sources,
                   const CompileOptions &options) {
  StringRef path = options.model;
  StringRef extension = llvm::sys::path::extension(path);
  if (extension != ".vtr" && extension != ".mlir")
    return llvm::createStringError(
        "cannot compile '" + path +
        "': a model is a description (.vtr) or a file in the dialect (.mlir)");
  auto buffer = llvm::MemoryBuffer::getFile(path);
  if (!buffer)
    return llvm::createStringError("cannot read '" + path +
                                   "': " + buffer.getError().message());
  sources.AddNewSourceBuffer(std::move(*buffer), llvm::SMLoc());
  OwningOpRef<ModuleOp> module;
  if (extension == ".mlir") {
    if (!options.definitions.empty())
      return llvm::createStringError("-D sets parameters of a description; '" +
                                     path + "' has none");
    module = parseSourceFile<ModuleOp>(sources, &context);
  } else {
    FrontendOptions frontend;
    frontend.definitions = options.definitions;
    frontend.batch = options.batch;
    module = parseModel(context, sources, frontend);
  }
  if (!module)
    return llvm::createStringError("");
  auto main = module->lookupSymbol<func::FuncOp>(entryName);
  if (!main)
    return llvm::createStringError("'" + path + "' has no function @" +
                                   entryName);
  if (!main.getBody().hasOneBlock())
    return llvm::createStringError("@" + entryName + " of '" + path +
                                   "' must have a body, of one block");
  return std::move(module);
}

static std::string absolutePath(StringRef path) {
  SmallString<128> absolute(path);
  llvm::sys::fs::make_absolute(absolute);
  llvm::sys::path::remove_dots(absolute, /*remove_dot_dot=*/true);
  return absolute.str().str();
}

namespace {

/// One compilation, stage by stage.
class Compilation {
public:
  Compilation(ModuleOp module, const CompileOptions &options)
      : module(module), options(options) {}

  llvm::Error run() {
    if (llvm::Error error = prepare())
      return error;
    LayerTable layers(main());
    if (printAfter("parse"))
      return llvm::Error::success();
    int64_t described = runtimeMacs(main());
    SimplifyOptions simplify = options.simplify;
    // A library multiplies unfolded rows.
    simplify.winograd &= !usesOneDNN();
    if (llvm::Error error = runPasses("simplify", [&](OpPassManager &manager) {
          buildRaisePipeline(manager, simplify);
          // Heads become whole panels before linears are merged: parts of a
          // merged linear begin at panels.
          manager.addNestedPass<func::FuncOp>(createPadHeadsPass());
          buildSimplifyPipeline(manager, simplify);
        }))
      return error;
    reportMacs(described);
    if (printAfter("simplify"))
      return llvm::Error::success();
    if (llvm::Error error = runPasses("schedule", [&](OpPassManager &manager) {
          buildSchedulePipeline(manager,
                                usesOneDNN() ? oneDNNPanelWidth : panelWidth);
        }))
      return error;
    if (printAfter("schedule"))
      return llvm::Error::success();
    if (llvm::Error error = freezeWeights())
      return error;
    if (printAfter("freeze"))
      return llvm::Error::success();
    nameKernels(module);
    program = describeProgram(module, layers, options);
    if (options.tune)
      if (llvm::Error error = tuneKernels())
        return error;
    return makeProgram();
  }

private:
  func::FuncOp main() { return module.lookupSymbol<func::FuncOp>(entryName); }

  /// From scheduled kernels to what is asked for.
  llvm::Error makeProgram() {
    // What follows is done for each processor; schedule and weights are common
    // to all.
    OwningOpRef<ModuleOp> scheduled;
    if (targets.size() > 1)
      scheduled = module.clone();
    for (const Target &target : targets) {
      if (&target != targets.begin())
        restore(*scheduled);
      if (llvm::Error error = lower(target))
        return error;
    }
    return linksProgram() && options.printAfter.empty()
               ? linkProgram()
               : llvm::Error::success();
  }

  /// What all of the stage saved together; heads that were widened cost more.
  void reportMacs(int64_t described) {
    int64_t left = runtimeMacs(main());
    if (left < described)
      reportApplied(main(), "simplify") << remark::add(
          "{0:N} of {1:N} multiply-accumulates are left, {2:F2} % are saved",
          left, described, 100.0 * (described - left) / described);
    else
      reportMissed(main(), "simplify") << remark::reason(
          "the program has {0:N} multiply-accumulates, the description {1:N}",
          left, described);
  }

  bool linksProgram() const {
    return options.emit == EmitKind::Executable ||
           options.emit == EmitKind::Shared ||
           options.emit == EmitKind::Static || options.emit == EmitKind::Object;
  }
  bool usesOneDNN() const { return options.matmul == MatmulKind::OneDNN; }
  OutputKind outputKind() const {
    switch (options.emit) {
    case EmitKind::Shared:
      return OutputKind::SharedLibrary;
    case EmitKind::Static:
      return OutputKind::StaticLibrary;
    case EmitKind::Object:
      return OutputKind::Object;
    default:
      return OutputKind::Executable;
    }
  }

  /// All that can fail for the user's sake comes before any long work.
  llvm::Error prepare() {
    auto resolved = resolveTargets(options.target);
    if (!resolved)
      return resolved.takeError();
    targets = std::move(*resolved);
    bool showsCode = options.printAfter == "lower" ||
                     options.printAfter == "llvm" ||
                     (options.printAfter.empty() && !linksProgram());
    if (options.tune)
      if (llvm::Error error = checkTune())
        return error;
    if (targets.size() > 1 && showsCode)
      return llvm::createStringError(
          "--target " + options.target +
          ": the text of code is that for one processor; name one");
    // Until weights are frozen, shapes alone are needed.
    ArrayRef<StringRef> beforeFreeze = stageNames().take_front(3);
    if (llvm::is_contained(beforeFreeze, options.printAfter))
      return llvm::Error::success();
    if (!options.printAfter.empty()) {
      // Nothing is written.
    } else if (linksProgram()) {
      if (llvm::Error error = checkLink(outputKind(), options.output,
                                        options.runtimeDirectory, usesOneDNN()))
        return error;
      if (!options.externalWeights.empty()) {
        if (absolutePath(options.externalWeights) ==
            absolutePath(options.output))
          return llvm::createStringError(
              "--external-weights '" + options.externalWeights +
              "' is the program itself; name another file");
        if (llvm::Error error = checkWritable(options.externalWeights))
          return error;
      }
    } else if (llvm::Error error = checkWritable(options.output)) {
      return error;
    }
    if (options.weights.empty()) {
      bool needsWeights = false;
      module.walk([&](WeightOp) { needsWeights = true; });
      // Shapes are enough for everything but a program.
      if (!needsWeights || !linksProgram() || !options.printAfter.empty())
        return llvm::Error::success();
      return llvm::createStringError(
          "the model has weights: give --weights FILE (safetensors), or "
          "--weights random:SEED to try it without");
    }
    auto source = parseWeightsOption(options.weights);
    if (!source)
      return source.takeError();
    weights = std::move(*source);
    return checkWeights(module, *weights);
  }

  llvm::Error checkTune() {
    if (!linksProgram() || !options.printAfter.empty())
      return llvm::createStringError(
          "--tune runs the program; make an executable or a library, or "
          "compile without --tune");
    if (targets.size() > 1)
      return llvm::createStringError(
          "--tune measures on one processor, this machine's; name one target "
          "that runs here instead of '" +
          options.target + "', or compile without --tune");
    return checkRunsHere(targets.front().cpu, targets.front().requiredFeatures);
  }

  llvm::Error tuneKernels() {
    progress.stage("tune");
    ScratchFiles files(options.output);
    CompileOptions candidate = options;
    candidate.emit = EmitKind::Executable;
    candidate.externalWeights.clear();
    if (store) {
      auto path = files.make(".weights");
      if (!path)
        return path.takeError();
      candidate.externalWeights = absolutePath(*path);
      if (llvm::Error error = writeExternalWeights(*store, *path))
        return error;
    }
    const Target &target = targets.front();
    TuneRequest request;
    request.module = module;
    request.target = {target.vectorWidth, target.vectorRegisters};
    request.cpu = target.cpu;
    request.maxThreads = program.entries.front().maxThreads;
    request.version = compilerVersion().str();
    request.output = options.output;
    auto build = [&](ModuleOp copy, StringRef path) -> llvm::Error {
      candidate.output = path.str();
      Compilation compilation(copy, candidate);
      auto resolved = resolveTargets(options.target);
      if (!resolved)
        return resolved.takeError();
      compilation.targets = std::move(*resolved);
      compilation.program = program;
      compilation.store = store;
      compilation.writesWeights = false;
      return compilation.makeProgram();
    };
    return tune(request, build, [&](int64_t done, int64_t total) {
      progress.step(done, total);
    });
  }

  llvm::Error runPasses(StringRef stage,
                        llvm::function_ref<void(OpPassManager &)> build) {
    progress.stage(stage);
    PassManager manager(module.getContext());
    build(manager);
    if (failed(manager.run(module)))
      return llvm::createStringError("");
    return llvm::Error::success();
  }

  /// Prints the IR if it was asked for after `stage`; then nothing follows.
  bool printAfter(StringRef stage) {
    if (options.printAfter != stage)
      return false;
    module.print(llvm::outs());
    llvm::outs() << '\n';
    return true;
  }

  llvm::Error freezeWeights() {
    progress.stage("freeze");
    if (!weights)
      return llvm::Error::success();
    SmallString<128> directory(options.output);
    llvm::sys::path::remove_filename(directory);
    auto created = FrozenStore::create(directory);
    if (!created)
      return created.takeError();
    store = std::move(*created);
    return freeze(module, *weights, *store, progress);
  }

  /// Replaces what is in the module by a copy of what is in `other`.
  void restore(ModuleOp other) {
    module.getBody()->clear();
    for (Operation &op : *other.getBody())
      module.push_back(op.clone());
    module->setDiscardableAttrs(other->getDiscardableAttrDictionary());
  }

  /// From kernels to machine code for one processor.
  llvm::Error lower(const Target &target) {
    if (llvm::Error error = runPasses("lower", [&](OpPassManager &manager) {
          buildLowerPipeline(manager, target.vectorWidth,
                             target.vectorRegisters);
        }))
      return error;
    if (printAfter("lower"))
      return llvm::Error::success();
    if (options.emit == EmitKind::MLIR)
      return writeText([&](llvm::raw_ostream &os) { module.print(os); });
    program.variants.push_back(describeVariant(module, target));
    program.matmuls = describeMatmuls(module);
    if (llvm::Error error = runPasses("llvm", buildLLVMPipeline))
      return error;
    progress.stage("machine code");
    SmallVector<EntrySymbol> symbols;
    for (const EntryDescription &entry : program.entries)
      symbols.push_back(
          {entry.name, program.codeSymbol(entry.name, target.cpu)});
    llvm::LLVMContext context;
    auto translated = translateToLLVM(module, context, target, symbols);
    if (!translated)
      return translated.takeError();
    std::unique_ptr<llvm::Module> &code = *translated;
    if (options.printAfter == "llvm") {
      code->print(llvm::outs(), nullptr);
      return llvm::Error::success();
    }
    optimize(*code, target);
    if (options.emit == EmitKind::LLVM)
      return writeText(
          [&](llvm::raw_ostream &os) { code->print(os, nullptr); });
    bool asText = options.emit == EmitKind::Assembly;
    auto bytes = emitMachineCode(*code, target, asText);
    if (!bytes)
      return bytes.takeError();
    if (asText)
      return writeText([&](llvm::raw_ostream &os) {
        os << StringRef(bytes->data(), bytes->size());
      });
    objects.push_back(std::move(*bytes));
    return llvm::Error::success();
  }

  /// The object that says what the program is, and what users call: it runs
  /// before a processor is chosen, so it has the least that all have.
  llvm::Error describe() {
    if (store) {
      program.weightsBytes = store->bytes();
      program.weightsHash = store->hash();
      program.weightsFile = options.externalWeights;
    }
    auto target = baselineTarget();
    if (!target)
      return target.takeError();
    llvm::LLVMContext context;
    std::unique_ptr<llvm::Module> code = makeModule(context, *target);
    auto emitted = emitProgram(*code, program,
                               options.emit == EmitKind::Executable
                                   ? ProgramKind::Executable
                                   : ProgramKind::Library);
    if (!emitted)
      return emitted.takeError();
    auto bytes = emitMachineCode(*code, *target, /*asText=*/false);
    if (!bytes)
      return bytes.takeError();
    objects.push_back(std::move(*bytes));
    return llvm::Error::success();
  }

  llvm::Error linkProgram() {
    if (llvm::Error error = describe())
      return error;
    progress.stage("link");
    bool external = !options.externalWeights.empty();
    if (store && external && writesWeights)
      if (llvm::Error error =
              writeExternalWeights(*store, options.externalWeights))
        return error;
    LinkRequest request;
    request.kind = outputKind();
    request.prefix = program.symbolPrefix();
    request.exports = exportedSymbols(program);
    request.output = options.output;
    for (const SmallVector<char, 0> &object : objects)
      request.objects.push_back(llvm::MemoryBufferRef(
          StringRef(object.data(), object.size()), "model"));
    request.weights = external ? nullptr : store.get();
    request.runtimeDirectory = options.runtimeDirectory;
    request.usesOneDNN = !program.matmuls.empty();
    if (llvm::Error error = link(request))
      return error;
    if (options.emit == EmitKind::Executable)
      return llvm::Error::success();
    SmallString<128> header(options.output);
    llvm::sys::path::remove_filename(header);
    llvm::sys::path::append(header, program.symbolPrefix() + ".h");
    return writeHeader(program, header);
  }

  llvm::Error writeText(llvm::function_ref<void(llvm::raw_ostream &)> print) {
    return writeOutputFile(options.output, [&](OutputStream &out) {
      std::string text;
      llvm::raw_string_ostream os(text);
      print(os);
      return out.write(text);
    });
  }

  ModuleOp module;
  const CompileOptions &options;
  SmallVector<Target, 1> targets;
  Progress progress;
  std::unique_ptr<WeightSource> weights;
  std::shared_ptr<FrozenStore> store;
  bool writesWeights = true; // or the external file is there already
  ProgramDescription program;
  std::vector<SmallVector<char, 0>> objects;
};

} // namespace

llvm::Error vitrail::compile(ModuleOp module, const CompileOptions &options) {
  return Compilation(module, options).run();
}
