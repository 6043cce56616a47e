//===- OutputFile.cpp - Files appear complete or not at all ---------------===//
//
// Part of Vitrail, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "compiler/link/OutputFile.h"
#include "compiler/weights/Messages.h"
#include "llvm/Support/FileSystem.h"
#include "llvm/Support/Path.h"
#include "llvm/Support/Signals.h"
#include <algorithm>
#include <cerrno>
#include <cstring>
#include <unistd.h>

using namespace llvm;

namespace vitrail {

/// A pattern for temporary files beside `path`; hidden, so that a build that
/// looks at *.o does not see them.
static SmallString<256> scratchModel(StringRef path, StringRef suffix) {
  SmallString<256> model(sys::path::parent_path(path));
  sys::path::append(model,
                    "." + sys::path::filename(path) + "-%%%%%%%%" + suffix);
  return model;
}

static Error cannotWrite(StringRef path, const Twine &why) {
  return createStringError("cannot write " + quoted(path) + ": " + why.str());
}

Error checkWritable(StringRef path) {
  if (path.empty())
    return createStringError("the output has no name; pass one with -o");
  sys::fs::file_status status;
  if (!sys::fs::status(path, status)) {
    if (sys::fs::is_directory(status))
      return cannotWrite(path, "it is a folder; name a file in it");
    if (!sys::fs::is_regular_file(status))
      return cannotWrite(path, "it is no regular file; choose another output");
  }
  std::string folder = sys::path::parent_path(path).str();
  if (folder.empty())
    folder = ".";
  // LLVM's patterns for temporary files, lld's among them, replace it.
  if (StringRef(folder).contains('%'))
    return cannotWrite(path, "the folder's name contains a '%', which the "
                             "linker takes for a pattern; choose another "
                             "folder");
  if (!sys::fs::exists(folder))
    return cannotWrite(path, "the folder " + quoted(folder) +
                                 " does not exist; create it first");
  if (!sys::fs::is_directory(folder))
    return cannotWrite(path,
                       quoted(folder) + " is no folder; choose another output");
  Expected<sys::fs::TempFile> probe =
      sys::fs::TempFile::create(scratchModel(path, ".tmp"));
  if (!probe)
    return cannotWrite(
        path, "the folder " + quoted(folder) + " accepts no file (" +
                  toString(probe.takeError()) + "); choose another output");
  consumeError(probe->discard());
  return Error::success();
}

Error OutputStream::write(StringRef bytes) {
  while (!bytes.empty()) {
    ssize_t count = ::write(file, bytes.data(), bytes.size());
    if (count < 0 && errno == EINTR)
      continue;
    if (count <= 0)
      return createStringError(std::strerror(count < 0 ? errno : EIO));
    bytes = bytes.drop_front(count);
  }
  return Error::success();
}

Error OutputStream::writeZeros(uint64_t count) {
  const std::string zeros(std::min<uint64_t>(count, 1 << 16), '\0');
  for (; count; count -= std::min<uint64_t>(count, zeros.size()))
    if (Error error = write(StringRef(zeros).take_front(count)))
      return error;
  return Error::success();
}

Error writeOutputFile(StringRef path,
                      function_ref<Error(OutputStream &)> write) {
  Expected<sys::fs::TempFile> file =
      sys::fs::TempFile::create(scratchModel(path, ".tmp"));
  if (!file)
    return cannotWrite(path, toString(file.takeError()));
  OutputStream stream(file->FD);
  if (Error error = write(stream)) {
    consumeError(file->discard());
    return cannotWrite(path, toString(std::move(error)));
  }
  if (Error error = file->keep(path))
    return cannotWrite(path, toString(std::move(error)));
  return Error::success();
}

ScratchFiles::~ScratchFiles() {
  for (const std::string &file : files) {
    sys::fs::remove(file);
    sys::DontRemoveFileOnSignal(file);
  }
}

Expected<std::string> ScratchFiles::make(StringRef suffix) {
  SmallString<256> file;
  if (std::error_code code =
          sys::fs::createUniqueFile(scratchModel(output, suffix), file))
    return cannotWrite(output, code.message());
  files.push_back(file.str().str());
  sys::RemoveFileOnSignal(file);
  return files.back();
}

} // namespace vitrail
