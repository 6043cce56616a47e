//===- LinkInputs.cpp - What a link takes from the machine ----------------===//
//
// Part of Vitrail, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "compiler/link/LinkInputs.h"
#include "compiler/weights/Messages.h"
#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/SmallString.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/Support/FileSystem.h"
#include "llvm/Support/Path.h"

using namespace llvm;

namespace vitrail {

/// Debian's multiarch folder, then that of other distributions.
static constexpr StringLiteral usualFolders[] = {
    "/usr/lib/x86_64-linux-gnu",
    "/lib/x86_64-linux-gnu",
    "/usr/lib64",
    "/lib64",
    "/usr/lib",
    "/lib",
};

static constexpr StringLiteral coreArchive = "libvitrail_rt.a";
static constexpr StringLiteral oneDNNArchive = "libvitrail_onednn.a";
static constexpr StringLiteral commandLineArchive = "libvitrail_cli.a";

static std::string inFolder(StringRef folder, StringRef name) {
  SmallString<256> path(folder);
  sys::path::append(path, name);
  return path.str().str();
}

static SmallVector<StringRef> orUsual(ArrayRef<StringRef> folders) {
  SmallVector<StringRef> searched(folders);
  if (searched.empty())
    searched.append(std::begin(usualFolders), std::end(usualFolders));
  return searched;
}

Expected<CLibrary> findCLibrary(ArrayRef<StringRef> folders) {
  SmallVector<StringRef> searched = orUsual(folders);
  CLibrary library;
  std::string missing;
  auto find = [&](StringRef name) -> std::string {
    for (StringRef folder : searched)
      if (std::string path = inFolder(folder, name); sys::fs::exists(path))
        return path;
    if (missing.empty())
      missing = name.str();
    return "";
  };
  library.scrt1 = find("Scrt1.o");
  library.crti = find("crti.o");
  library.crtn = find("crtn.o");
  find("libc.so");
  find("libm.so");
  if (!missing.empty())
    return createStringError(
        quoted(missing) + " is in none of " + join(searched, ", ") +
        "; executables and shared libraries need the C library's development "
        "files: install the package libc6-dev (or glibc-devel)");
  for (StringRef folder : searched)
    if (sys::fs::is_directory(folder))
      library.folders.push_back(folder.str());
  // Part of the processor's binary interface: the same on all distributions.
  library.loader = "/lib64/ld-linux-x86-64.so.2";
  return library;
}

Error checkSharedLibrary(StringRef name, StringRef package,
                         ArrayRef<StringRef> folders) {
  const std::string file = "lib" + name.str() + ".so";
  SmallVector<StringRef> searched = orUsual(folders);
  if (any_of(searched, [&](StringRef folder) {
        return sys::fs::exists(inFolder(folder, file));
      }))
    return Error::success();
  return createStringError(quoted(file) + " is in none of " +
                           join(searched, ", ") + "; install the package " +
                           package);
}

Expected<std::vector<std::string>>
findRuntime(StringRef folder, bool forExecutable, bool usesOneDNN) {
  SmallVector<StringRef> needed = {coreArchive};
  if (usesOneDNN)
    needed.push_back(oneDNNArchive);
  if (forExecutable)
    needed.push_back(commandLineArchive);
  std::vector<std::string> archives;
  for (StringRef archive : needed) {
    archives.push_back(inFolder(folder, archive));
    if (!sys::fs::exists(archives.back()))
      return createStringError("the runtime " + quoted(archive) +
                               " is not in " + quoted(folder) +
                               "; build the runtime, or install the compiler "
                               "together with its lib/vitrail folder");
  }
  if (!forExecutable)
    return archives;
  archives.clear();
  std::error_code code;
  for (sys::fs::directory_iterator it(folder, code), end; it != end && !code;
       it.increment(code))
    if (StringRef(it->path()).ends_with(".a"))
      archives.push_back(it->path());
  if (code)
    return createStringError("cannot list the folder " + quoted(folder) + ": " +
                             code.message());
  llvm::sort(archives);
  return archives;
}

} // namespace vitrail
