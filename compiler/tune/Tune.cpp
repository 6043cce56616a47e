//===- Tune.cpp - The fastest tilings on this machine ---------------------===//
//
// Part of Vitrail, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "compiler/tune/Tune.h"
#include "compiler/link/OutputFile.h"
#include "compiler/tune/ProfileProgram.h"
#include "compiler/tune/TuningCache.h"
#include "compiler/weights/Messages.h"
#include "mlir/Bytecode/BytecodeWriter.h"
#include "mlir/IR/OwningOpRef.h"
#include "mlir/IR/Remarks.h"
#include "mlir/Parser/Parser.h"
#include "passes/schedule/Passes.h"
#include "runtime/src/cpu.h"
#include "llvm/ADT/MapVector.h"
#include "llvm/Support/FormatVariadic.h"
#include "llvm/Support/MemoryBuffer.h"
#include "llvm/Support/WithColor.h"
#include "llvm/Support/xxhash.h"
#include "llvm/TargetParser/Host.h"

using namespace mlir;
using namespace vitrail;

llvm::Error vitrail::checkRunsHere(StringRef cpu, StringRef features) {
  char missing[512];
  if (vitrail_missing_cpu_features(features.str().c_str(), missing,
                                   sizeof(missing)) == 0)
    return llvm::Error::success();
  return llvm::createStringError(
      "--tune measures on this machine, which lacks " + StringRef(missing) +
      " of the target " + cpu +
      "; name one target that runs here, such as host, or compile without "
      "--tune");
}

//===----------------------------------------------------------------------===//
// Kernels and what they are known by
//===----------------------------------------------------------------------===//

namespace {

/// A kernel that there is a choice for.
struct Choice {
  func::FuncOp kernel;
  std::string key;
  SmallVector<Tiling> tilings; // the model's first
  int64_t launches = 0;
  TunedKernel tuned = {};
  bool isKnown = false; // from the cache

  bool isModels() const { return tuned.tiling == tilings.front(); }
};

} // namespace

/// Its name without the number, and a hash of its text.
static std::string keyOf(func::FuncOp kernel) {
  OwningOpRef<func::FuncOp> copy(kernel.clone());
  copy->setName("kernel");
  std::string text;
  llvm::raw_string_ostream os(text);
  copy->print(os, OpPrintingFlags().useLocalScope());
  return llvm::formatv("{0} {1:x-16}", kernel.getName().rsplit('_').first,
                       llvm::xxh3_64bits(text));
}

static void setTiling(func::FuncOp kernel, const Tiling &tiling) {
  kernel->setAttr(plan::tiling, tiling.toAttribute(kernel.getContext()));
}

/// What times depend on beside the kernel.
static std::string machineOf(const TuneRequest &request, int64_t threads) {
  StringRef model;
  auto info = llvm::MemoryBuffer::getFileAsStream("/proc/cpuinfo");
  if (info)
    for (StringRef line : llvm::split((*info)->getBuffer(), '\n'))
      if (model.empty() && line.starts_with("model name"))
        model = line.split(':').second.trim();
  return llvm::formatv("{0} ({1}), code for {2} with vectors of {3}, "
                       "threads: {4}, vitrail {5}",
                       model, llvm::sys::getHostCPUName(), request.cpu,
                       request.target.width, threads, request.version);
}

static int64_t threadsOf(const TuneRequest &request) {
  vitrail_cpus cpus;
  vitrail_find_cpus(&cpus);
  return vitrail_default_threads(&cpus, /*contexts=*/1, request.maxThreads);
}

/// The kernel of each launch of @main, in order.
static SmallVector<func::FuncOp> launchedKernels(ModuleOp module) {
  SmallVector<func::FuncOp> kernels;
  auto main = module.lookupSymbol<func::FuncOp>(entryName);
  main.walk([&](LaunchOp launch) {
    kernels.push_back(module.lookupSymbol<func::FuncOp>(launch.getKernel()));
  });
  return kernels;
}

//===----------------------------------------------------------------------===//
// Measuring
//===----------------------------------------------------------------------===//

namespace {

/// Programs that differ in their kernels' tilings and take turns.
class Contest {
public:
  Contest(const TuneRequest &request, ArrayRef<Choice *> choices,
          BuildProgram build, llvm::function_ref<void()> step)
      : module(request.module), choices(choices), build(build), step(step),
        files(request.output), launched(launchedKernels(module)) {}

  /// Builds one more program, with the tiling that `tilingOf` gives for each.
  llvm::Error add(llvm::function_ref<Tiling(const Choice &)> tilingOf) {
    auto path = files.make(".tune");
    if (!path)
      return path.takeError();
    std::string code;
    llvm::raw_string_ostream os(code);
    for (Choice *choice : choices)
      if (Tiling tiling = tilingOf(*choice); !(tiling == choice->tilings[0]))
        setTiling(choice->kernel, tiling);
    LogicalResult written = writeBytecodeToFile(module, os);
    for (Choice *choice : choices)
      choice->kernel->removeAttr(plan::tiling);
    // In a context of its own: its remarks are not the program's.
    MLIRContext context(module.getContext()->getDialectRegistry());
    OwningOpRef<ModuleOp> copy;
    if (succeeded(written))
      copy = parseSourceString<ModuleOp>(code, &context);
    if (!copy)
      return llvm::createStringError("--tune cannot copy the program; compile "
                                     "without --tune");
    if (llvm::Error error = build(*copy, *path))
      return error;
    programs.push_back(std::move(*path));
    step();
    return llvm::Error::success();
  }

  /// Nanoseconds of one launch of a choice, by program and round.
  using Times = SmallVector<SmallVector<double>>;

  /// Lets `programs` take turns; fills in the times of each choice.
  llvm::Error run(ArrayRef<size_t> numbers,
                  llvm::MapVector<Choice *, Times> &times) {
    if (!runs)
      if (llvm::Error error = prepare())
        return error;
    for (Choice *choice : choices)
      times[choice].resize(numbers.size());
    for (int64_t round = 0; round < rounds; ++round) {
      for (size_t turn = 0; turn < numbers.size(); ++turn) {
        // Nobody always follows the same one.
        size_t i = (turn + round) % numbers.size();
        auto profile = profileProgram(programs[numbers[i]], runs, trace, log);
        if (!profile)
          return profile.takeError();
        if (llvm::Error error = addTimes(*profile, i, times))
          return error;
      }
      step();
    }
    return llvm::Error::success();
  }

  static constexpr int64_t rounds = 7;

private:
  /// Chooses how many inferences of a turn count: a quarter of a second's.
  llvm::Error prepare() {
    for (auto [file, suffix] :
         {std::pair(&trace, ".json"), std::pair(&log, ".log")}) {
      auto made = files.make(suffix);
      if (!made)
        return made.takeError();
      *file = std::move(*made);
    }
    auto profile = profileProgram(programs.front(), 3, trace, log);
    if (!profile)
      return profile.takeError();
    runs = std::clamp(250e3 / std::max(profile->inference, 1.0), 3.0, 301.0);
    return llvm::Error::success();
  }

  llvm::Error addTimes(const ProgramProfile &profile, size_t program,
                       llvm::MapVector<Choice *, Times> &times) {
    if (profile.launches.size() != launched.size())
      return llvm::createStringError(
          "--tune: a program shows " + llvm::Twine(profile.launches.size()) +
          " launches of " + llvm::Twine(launched.size()) +
          "; compile without --tune");
    for (Choice *choice : choices) {
      double sum = 0;
      for (auto [kernel, time] : llvm::zip_equal(launched, profile.launches))
        if (kernel == choice->kernel)
          sum += time;
      times[choice][program].push_back(1e3 * sum / choice->launches);
    }
    return llvm::Error::success();
  }

  ModuleOp module;
  ArrayRef<Choice *> choices;
  BuildProgram build;
  llvm::function_ref<void()> step;
  ScratchFiles files;
  SmallVector<func::FuncOp> launched;
  std::vector<std::string> programs;
  std::string trace, log;
  int64_t runs = 0;
};

} // namespace

static int64_t median(ArrayRef<double> times) {
  SmallVector<double> sorted(times);
  llvm::sort(sorted);
  return sorted[sorted.size() / 2];
}

/// Whether `times` are less than `others` by more than noise: in the median,
/// and in all rounds but one. By chance alone that happens one time in sixteen.
static bool isFaster(ArrayRef<double> times, ArrayRef<double> others) {
  constexpr double noise = 0.02;
  int64_t wins = 0;
  for (auto [time, other] : llvm::zip_equal(times, others))
    wins += time < other;
  return median(times) < (1 - noise) * median(others) &&
         wins + 1 >= int64_t(times.size());
}

/// Measures all of `choices`. The fastest tilings of a first contest meet the
/// model's in a second one: the least of several times is too good by chance.
static llvm::Error measure(const TuneRequest &request,
                           ArrayRef<Choice *> choices, BuildProgram build,
                           ReportProgress progress) {
  size_t candidates = 0;
  for (Choice *choice : choices)
    candidates = std::max(candidates, choice->tilings.size());
  int64_t done = 0, total = candidates + 1 + 2 * Contest::rounds;
  auto step = [&] { progress(++done, total); };
  Contest contest(request, choices, build, step);
  SmallVector<size_t> all;
  for (size_t i = 0; i < candidates; ++i) {
    if (llvm::Error error = contest.add([&](const Choice &choice) {
          return choice.tilings[i < choice.tilings.size() ? i : 0];
        }))
      return error;
    all.push_back(i);
  }
  llvm::MapVector<Choice *, Contest::Times> times;
  if (llvm::Error error = contest.run(all, times))
    return error;
  bool changed = false;
  for (auto &[choice, taken] : times) {
    int64_t model = median(taken[0]);
    choice->tuned = {choice->tilings[0], model, model};
    for (size_t i = 1; i < choice->tilings.size(); ++i)
      if (int64_t time = median(taken[i]);
          time < choice->tuned.nanoseconds && isFaster(taken[i], taken[0]))
        choice->tuned = {choice->tilings[i], time, model};
    changed |= !choice->isModels();
  }
  if (!changed)
    return llvm::Error::success();
  if (llvm::Error error = contest.add(
          [&](const Choice &choice) { return choice.tuned.tiling; }))
    return error;
  times.clear();
  if (llvm::Error error = contest.run({0, candidates}, times))
    return error;
  for (auto &[choice, taken] : times) {
    if (choice->isModels())
      continue;
    int64_t model = median(taken[0]);
    if (isFaster(taken[1], taken[0]))
      choice->tuned = {choice->tuned.tiling, median(taken[1]), model};
    else
      choice->tuned = {choice->tilings[0], model, model};
  }
  return llvm::Error::success();
}

//===----------------------------------------------------------------------===//
// Choosing
//===----------------------------------------------------------------------===//

static void report(Choice &choice, int64_t width) {
  const TunedKernel &tuned = choice.tuned;
  std::string chosen = tuned.tiling.describe(width);
  std::string model = choice.tilings[0].describe(width);
  double time = tuned.nanoseconds * 1e-3;
  double modelTime = tuned.modelNanoseconds * 1e-3;
  StringRef source = choice.isKnown ? ", as the cache says" : "";
  auto options = remark::RemarkOpts::name("tune").category("lower");
  Location loc = choice.kernel.getLoc();
  if (choice.isModels())
    remark::analysis(loc, options) << remark::add(
        "{0}, the model's choice, take {1:F2} us{2}; the other {3} measured "
        "are not faster",
        chosen, time, source, choice.tilings.size() - 1);
  else
    remark::passed(loc, options) << remark::add(
        "{0} take {1:F2} us{2}, {3:F1} % less than the model's choice, {4}, "
        "with {5:F2} us",
        chosen, time, source, 100 * (1 - time / modelTime), model, modelTime);
}

static void warn(llvm::Error error) {
  llvm::WithColor::warning() << llvm::toString(std::move(error)) << '\n';
}

/// Whether the kernel can be cut so: people may write into the cache.
static bool isPossible(func::FuncOp kernel, const Tiling &tiling,
                       VectorTarget target) {
  ScopedDiagnosticHandler silent(kernel.getContext(),
                                 [](Diagnostic &) { return success(); });
  setTiling(kernel, tiling);
  bool possible = succeeded(verifyTiling(kernel, target));
  kernel->removeAttr(plan::tiling);
  return possible;
}

/// The kernels of @main that there is a choice for.
static SmallVector<Choice> findChoices(const TuneRequest &request) {
  llvm::MapVector<func::FuncOp, int64_t> launches;
  for (func::FuncOp kernel : launchedKernels(request.module))
    ++launches[kernel];
  SmallVector<Choice> choices;
  for (auto [kernel, count] : launches) {
    SmallVector<Tiling> tilings = tilingsOf(kernel, request.target);
    if (tilings.size() > 1)
      choices.push_back({kernel, keyOf(kernel), tilings, count});
  }
  return choices;
}

llvm::Error vitrail::tune(const TuneRequest &request, BuildProgram build,
                          ReportProgress progress) {
  SmallVector<Choice> choices = findChoices(request);
  std::string machine = machineOf(request, threadsOf(request));
  std::string path = tuningCachePath();
  TunedKernels known;
  if (!path.empty()) {
    if (auto read = readTuningCache(path, machine)) {
      known = std::move(*read);
    } else {
      warn(read.takeError());
      path.clear(); // it may be a file of another kind
    }
  }
  SmallVector<Choice *> unknown;
  for (Choice &choice : choices) {
    auto found = known.find(choice.key);
    choice.isKnown =
        found != known.end() &&
        isPossible(choice.kernel, found->second.tiling, request.target);
    if (choice.isKnown)
      choice.tuned = found->second;
    else
      unknown.push_back(&choice);
  }
  auto apply = [&](bool isKnown) {
    for (Choice &choice : choices)
      if (choice.isKnown == isKnown && !choice.isModels())
        setTiling(choice.kernel, choice.tuned.tiling);
  };
  apply(/*isKnown=*/true);
  if (!unknown.empty()) {
    if (llvm::Error error = measure(request, unknown, build, progress))
      return error;
    apply(/*isKnown=*/false);
    TunedKernels measured;
    for (Choice *choice : unknown)
      measured[choice->key] = choice->tuned;
    if (!path.empty())
      if (llvm::Error error = extendTuningCache(path, machine, measured))
        warn(std::move(error));
  }
  for (Choice &choice : choices)
    report(choice, request.target.width);
  return llvm::Error::success();
}
