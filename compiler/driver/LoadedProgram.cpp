//===- LoadedProgram.cpp - A compiled library, loaded ---------------------===//
//
// Part of Vitrail, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "compiler/driver/LoadedProgram.h"
#include <dlfcn.h>
#include <utility>

using namespace llvm;
using namespace vitrail;

Expected<LoadedProgram> LoadedProgram::open(StringRef path, StringRef name,
                                            StringRef entry, int threads) {
  LoadedProgram program;
  program.library = dlopen(path.str().c_str(), RTLD_NOW | RTLD_LOCAL);
  if (!program.library)
    return createStringError(StringRef(dlerror()));
  auto symbol = [&](StringRef suffix) {
    return dlsym(program.library, (name + suffix).str().c_str());
  };
  auto create = reinterpret_cast<void *(*)(int)>(symbol("_create"));
  program.runFunction =
      symbol(entry == "main" ? "_run" : "_run_" + entry.str());
  program.destroyFunction = symbol("_destroy");
  program.errorFunction = symbol("_error");
  if (!program.runFunction)
    return createStringError("the model has no entry '" + entry +
                             "'; there is u8 where an input is an image");
  if (!create || !program.destroyFunction || !program.errorFunction)
    return createStringError("'" + path + "' has no " + name + "_create");
  program.context = create(threads);
  if (!program.context)
    return createStringError(StringRef(
        reinterpret_cast<const char *(*)()>(program.errorFunction)()));
  return std::move(program);
}

LoadedProgram::LoadedProgram(LoadedProgram &&other)
    : library(std::exchange(other.library, nullptr)),
      context(std::exchange(other.context, nullptr)),
      runFunction(other.runFunction), destroyFunction(other.destroyFunction),
      errorFunction(other.errorFunction) {}

LoadedProgram::~LoadedProgram() {
  if (context)
    reinterpret_cast<void (*)(void *)>(destroyFunction)(context);
  if (library)
    dlclose(library);
}

namespace {
/// One argument a port: the generated function has as many parameters.
template <size_t> using Pointer = void *;

template <size_t... i>
int call(void *function, void *context, void *const *ports,
         std::index_sequence<i...>) {
  return reinterpret_cast<int (*)(void *, Pointer<i>...)>(function)(
      context, ports[i]...);
}
} // namespace

Error LoadedProgram::run(ArrayRef<void *> ports) {
  constexpr size_t most = 16;
  void *pointers[most] = {};
  if (ports.size() > most)
    return createStringError("models with more than 16 inputs and outputs "
                             "cannot be verified in this process");
  copy(ports, pointers);
  // Further arguments than a function has are passed in vain, in registers and
  // on the stack of the caller.
  if (call(runFunction, context, pointers, std::make_index_sequence<most>()))
    return createStringError(
        StringRef(reinterpret_cast<const char *(*)()>(errorFunction)()));
  return Error::success();
}
