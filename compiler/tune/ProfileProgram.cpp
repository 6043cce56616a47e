//===- ProfileProgram.cpp - What a program's launches take ----------------===//
//
// Part of Vitrail, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "compiler/tune/ProfileProgram.h"
#include "compiler/weights/JSON.h"
#include "compiler/weights/Messages.h"
#include "llvm/Support/MemoryBuffer.h"
#include <algorithm>
#include <cerrno>
#include <csignal>
#include <cstring>
#include <fcntl.h>
#include <map>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

using namespace llvm;
using namespace vitrail;

Expected<ProgramProfile> vitrail::parseTrace(StringRef text) {
  auto value = parseForeignJSON(text);
  if (!value)
    return value.takeError();
  const json::Object *trace = value->getAsObject();
  const json::Array *events = trace ? trace->getArray("traceEvents") : nullptr;
  if (!events)
    return createStringError("the trace has no events");
  ProgramProfile profile;
  // Every thread runs all launches in the order of the program.
  std::map<int64_t, size_t> launchesOf;
  for (const json::Value &each : *events) {
    const json::Object *event = each.getAsObject();
    std::optional<StringRef> kind =
        event ? event->getString("cat") : std::nullopt;
    std::optional<double> duration =
        event ? event->getNumber("dur") : std::nullopt;
    std::optional<int64_t> thread =
        event ? event->getInteger("tid") : std::nullopt;
    if (!kind || !duration || !thread)
      continue;
    if (*kind == "inference")
      profile.inference = *duration;
    if (*kind != "region")
      continue;
    size_t number = launchesOf[*thread]++;
    if (number >= profile.launches.size())
      profile.launches.push_back(0);
    profile.launches[number] = std::max(profile.launches[number], *duration);
  }
  for (const auto &[thread, count] : launchesOf)
    if (count != profile.launches.size())
      return createStringError("the trace's threads run different launches");
  return profile;
}

/// Runs a program with nothing to read and its errors in the file `log`;
/// returns what it says if it fails. Unlike those of llvm::sys, the process
/// ends when this one does, so that it writes no file behind one that has been
/// removed.
static std::string runProgram(ArrayRef<std::string> arguments, StringRef log) {
  SmallVector<char *> argv;
  for (const std::string &argument : arguments)
    argv.push_back(const_cast<char *>(argument.c_str()));
  argv.push_back(nullptr);
  std::string errors = log.str();
  pid_t self = getpid(), child = fork();
  if (child == 0) {
    constexpr StringLiteral refused = "the system does not execute it\n";
    int nothing = open("/dev/null", O_RDWR | O_CLOEXEC);
    int file = open(errors.c_str(), O_WRONLY | O_TRUNC | O_CLOEXEC);
    dup2(nothing, STDIN_FILENO);
    dup2(nothing, STDOUT_FILENO);
    dup2(file, STDERR_FILENO);
    if (prctl(PR_SET_PDEATHSIG, SIGKILL) == 0 && getppid() == self)
      execv(argv.front(), argv.data());
    (void)!write(STDERR_FILENO, refused.data(), refused.size());
    _exit(127);
  }
  if (child < 0)
    return std::strerror(errno);
  int status = 0;
  while (waitpid(child, &status, 0) < 0 && errno == EINTR)
    ;
  if (status == 0)
    return "";
  if (WIFSIGNALED(status))
    return "signal " + std::to_string(WTERMSIG(status));
  auto said = MemoryBuffer::getFile(log);
  std::string line = said ? (*said)->getBuffer().split('\n').first.str() : "";
  return line.empty() ? "status " + std::to_string(WEXITSTATUS(status)) : line;
}

Expected<ProgramProfile> vitrail::profileProgram(StringRef program,
                                                 int64_t runs, StringRef trace,
                                                 StringRef log) {
  auto fail = [&](const Twine &why) {
    return createStringError("--tune: a program that is made to measure it, " +
                             quoted(program) + ", fails: " + why.str() +
                             "; compile without --tune");
  };
  std::string problem =
      runProgram({program.str(), "--profile", trace.str(), "--runs",
                  std::to_string(runs), "--warmup", "2"},
                 log);
  if (!problem.empty())
    return fail(problem);
  auto text = MemoryBuffer::getFile(trace);
  if (!text)
    return fail("cannot read its trace: " + text.getError().message());
  auto profile = parseTrace((*text)->getBuffer());
  if (!profile)
    return fail(toString(profile.takeError()));
  return profile;
}
