//===- Linker.cpp - From objects to what the user asked for ---------------===//
//
// Part of Vitrail, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "compiler/link/Linker.h"
#include "compiler/link/InsertWeights.h"
#include "compiler/link/LinkInputs.h"
#include "compiler/link/OutputFile.h"
#include "compiler/link/Relocatable.h"
#include "compiler/link/RunLLD.h"
#include "compiler/link/WeightsObject.h"
#include "compiler/weights/Messages.h"
#include "llvm/Object/ArchiveWriter.h"
#include "llvm/Support/FileSystem.h"
#include "llvm/Support/MemoryBuffer.h"
#include "llvm/Support/Path.h"

using namespace llvm;

namespace vitrail {
namespace {

bool linksCLibrary(OutputKind kind) {
  return kind == OutputKind::Executable || kind == OutputKind::SharedLibrary;
}

Error writeBytes(StringRef path, StringRef bytes) {
  return writeOutputFile(
      path, [&](OutputStream &stream) { return stream.write(bytes); });
}

/// One link: the intermediate files and the steps between them.
class Link {
public:
  explicit Link(const LinkRequest &request)
      : request(request), scratch(request.output) {}

  Error run();

private:
  /// Puts model and weights into files for lld.
  Error writeInputs();
  Error makeExecutable();
  Error makeSharedLibrary();
  Error makeStaticLibrary();
  Error makeObject();
  /// Model and runtime as one object in which only what the library exports is
  /// visible.
  Expected<std::string> makeClosedObject();
  /// Arguments that executables and shared libraries have in common.
  std::vector<std::string> commonArguments(StringRef output) const;
  /// The shared libraries, as arguments behind everything else.
  std::vector<std::string> sharedLibraries(const CLibrary &library) const;
  void append(std::vector<std::string> &arguments,
              ArrayRef<std::string> more) const {
    arguments.insert(arguments.end(), more.begin(), more.end());
  }
  /// Brings the weights into what was linked and gives it its final name.
  Error finish(StringRef made);
  Error publish(StringRef made) const;

  const LinkRequest &request;
  ScratchFiles scratch;
  std::vector<std::string> objects;
  std::string weights; ///< Object or placeholder; empty if none are embedded.
};

Error Link::writeInputs() {
  for (MemoryBufferRef object : request.objects) {
    Expected<std::string> file = scratch.make(".o");
    if (!file)
      return file.takeError();
    if (Error error = writeBytes(*file, object.getBuffer()))
      return error;
    objects.push_back(*file);
  }
  if (!request.weights || !request.weights->bytes())
    return Error::success();
  Expected<std::string> file = scratch.make(".weights.o");
  if (!file)
    return file.takeError();
  weights = *file;
  const std::string symbol = request.prefix + "_weights";
  // An archive is not linked: its member has the weights itself.
  return request.kind == OutputKind::StaticLibrary
             ? writeWeightsObject(*request.weights, symbol, weights)
             : writeWeightsPlaceholder(*request.weights, symbol, weights);
}

std::vector<std::string> Link::commonArguments(StringRef output) const {
  return {"-o", output.str(), "-m", "elf_x86_64", "--hash-style=gnu",
          "--build-id", "--eh-frame-hdr", "--gc-sections", "--icf=none", "-z",
          "relro", "-z", "now",
          // libm is recorded only if something of it is used.
          "--as-needed"};
}

std::vector<std::string> Link::sharedLibraries(const CLibrary &library) const {
  std::vector<std::string> arguments;
  for (const std::string &folder : library.folders)
    arguments.push_back("-L" + folder);
  if (request.usesOneDNN)
    arguments.push_back("-ldnnl");
  append(arguments, {"-lm", "-lc"});
  return arguments;
}

Error Link::makeExecutable() {
  Expected<CLibrary> library = findCLibrary();
  if (!library)
    return library.takeError();
  Expected<std::vector<std::string>> runtime = findRuntime(
      request.runtimeDirectory, /*forExecutable=*/true, request.usesOneDNN);
  if (!runtime)
    return runtime.takeError();
  Expected<std::string> made = scratch.make(".exe");
  if (!made)
    return made.takeError();
  std::vector<std::string> arguments = commonArguments(*made);
  append(arguments, {"-pie", "-dynamic-linker", library->loader, library->scrt1,
                     library->crti});
  append(arguments, objects);
  if (!weights.empty())
    arguments.push_back(weights);
  append(arguments, *runtime);
  append(arguments, sharedLibraries(*library));
  arguments.push_back(library->crtn);
  if (Error error = runLLD(arguments, request.output))
    return error;
  return finish(*made);
}

Error Link::makeSharedLibrary() {
  Expected<CLibrary> library = findCLibrary();
  if (!library)
    return library.takeError();
  Expected<std::vector<std::string>> runtime = findRuntime(
      request.runtimeDirectory, /*forExecutable=*/false, request.usesOneDNN);
  if (!runtime)
    return runtime.takeError();
  Expected<std::string> made = scratch.make(".so");
  if (!made)
    return made.takeError();
  Expected<std::string> script = scratch.make(".version");
  if (!script)
    return script.takeError();
  std::string exports = "{ global:";
  for (const std::string &symbol : request.exports)
    exports += " " + symbol + ";";
  if (Error error = writeBytes(*script, exports + " local: *; };\n"))
    return error;

  std::vector<std::string> arguments = commonArguments(*made);
  append(arguments,
         {"-shared", "-soname", sys::path::filename(request.output).str(),
          "--exclude-libs", "ALL", "--version-script", *script,
          // Whoever links the library must not find out what it lacks.
          "-z", "defs"});
  append(arguments, objects);
  if (!weights.empty())
    arguments.push_back(weights);
  append(arguments, *runtime);
  append(arguments, sharedLibraries(*library));
  if (Error error = runLLD(arguments, request.output))
    return error;
  return finish(*made);
}

Expected<std::string> Link::makeClosedObject() {
  Expected<std::vector<std::string>> runtime = findRuntime(
      request.runtimeDirectory, /*forExecutable=*/false, request.usesOneDNN);
  if (!runtime)
    return runtime.takeError();
  Expected<std::string> made = scratch.make(".closed.o");
  if (!made)
    return made;
  std::vector<std::string> arguments = {"-r", "-m", "elf_x86_64", "-o", *made};
  append(arguments, objects);
  append(arguments, *runtime);
  if (Error error = runLLD(arguments, request.output))
    return std::move(error);
  if (Error error = localizeSymbols(*made, request.exports))
    return std::move(error);
  return made;
}

Error Link::makeObject() {
  Expected<std::string> closed = makeClosedObject();
  if (!closed)
    return closed.takeError();
  if (weights.empty())
    return publish(*closed);
  Expected<std::string> made = scratch.make(".o");
  if (!made)
    return made.takeError();
  if (Error error =
          runLLD({"-r", "-m", "elf_x86_64", "-o", *made, *closed, weights},
                 request.output))
    return error;
  return finish(*made);
}

Error Link::makeStaticLibrary() {
  Expected<std::string> closed = makeClosedObject();
  if (!closed)
    return closed.takeError();
  Expected<std::string> made = scratch.make(".a");
  if (!made)
    return made.takeError();
  std::vector<NewArchiveMember> members;
  const std::pair<StringRef, std::string> files[] = {
      {*closed, request.prefix + ".o"},
      {weights, request.prefix + "_weights.o"}};
  for (const auto &[file, name] : files) {
    if (file.empty())
      continue;
    Expected<NewArchiveMember> member =
        NewArchiveMember::getFile(file, /*Deterministic=*/true);
    if (!member)
      return createStringError("cannot read " + quoted(file) + ": " +
                               toString(member.takeError()));
    member->MemberName = name;
    members.push_back(std::move(*member));
  }
  if (Error error =
          writeArchive(*made, members, SymtabWritingMode::NormalSymtab,
                       object::Archive::K_GNU,
                       /*Deterministic=*/true, /*Thin=*/false))
    return createStringError("cannot write " + quoted(request.output) + ": " +
                             toString(std::move(error)));
  return publish(*made);
}

Error Link::finish(StringRef made) {
  if (weights.empty())
    return publish(made);
  Expected<std::string> complete = scratch.make(".complete");
  if (!complete)
    return complete.takeError();
  if (Error error = insertWeights(made, *request.weights, *complete))
    return error;
  return publish(*complete);
}

Error Link::publish(StringRef made) const {
  if (std::error_code code = sys::fs::rename(made, request.output))
    return createStringError("cannot write " + quoted(request.output) + ": " +
                             code.message());
  return Error::success();
}

Error Link::run() {
  if (Error error = checkLink(request.kind, request.output,
                              request.runtimeDirectory, request.usesOneDNN))
    return error;
  if (Error error = writeInputs())
    return error;
  switch (request.kind) {
  case OutputKind::Executable:
    return makeExecutable();
  case OutputKind::SharedLibrary:
    return makeSharedLibrary();
  case OutputKind::StaticLibrary:
    return makeStaticLibrary();
  case OutputKind::Object:
    return makeObject();
  }
  llvm_unreachable("all kinds of output are made");
}

} // namespace

std::string runtimeDirectory(StringRef compilerBinary) {
  SmallString<256> path(sys::path::parent_path(compilerBinary));
  sys::path::append(path, "..", "lib", "vitrail");
  sys::path::remove_dots(path, /*remove_dot_dot=*/false);
  return path.str().str();
}

Error checkLink(OutputKind kind, StringRef output, StringRef runtimeDirectory,
                bool usesOneDNN) {
  if (Error error = checkWritable(output))
    return error;
  if (usesOneDNN && linksCLibrary(kind))
    if (Error error = checkSharedLibrary("dnnl", "libdnnl-dev"))
      return error;
  if (linksCLibrary(kind))
    if (Expected<CLibrary> library = findCLibrary(); !library)
      return library.takeError();
  Expected<std::vector<std::string>> runtime =
      findRuntime(runtimeDirectory, kind == OutputKind::Executable, usesOneDNN);
  return runtime ? Error::success() : runtime.takeError();
}

Error link(const LinkRequest &request) { return Link(request).run(); }

} // namespace vitrail
