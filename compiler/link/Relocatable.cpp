//===- Relocatable.cpp - Closing an object file ---------------------------===//
//
// Part of Vitrail, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "compiler/link/Relocatable.h"
#include "compiler/link/OutputFile.h"
#include "compiler/weights/Messages.h"
#include "llvm/ObjCopy/ConfigManager.h"
#include "llvm/ObjCopy/ObjCopy.h"
#include "llvm/Object/Binary.h"
#include "llvm/Support/raw_ostream.h"

using namespace llvm;

namespace vitrail {

Error localizeSymbols(StringRef path, ArrayRef<std::string> exported) {
  objcopy::ConfigManager config;
  config.Common.InputFilename = path;
  config.Common.OutputFilename = path;
  for (const std::string &symbol : exported) {
    Expected<objcopy::NameOrPattern> name =
        objcopy::NameOrPattern::create(symbol, objcopy::MatchStyle::Literal,
                                       [](Error error) { return error; });
    if (!name)
      return name.takeError();
    if (Error error =
            config.Common.SymbolsToKeepGlobal.addMatcher(std::move(name)))
      return error;
  }

  SmallVector<char, 0> result;
  {
    Expected<object::OwningBinary<object::Binary>> binary =
        object::createBinary(path);
    if (!binary)
      return createStringError("cannot read " + quoted(path) + ": " +
                               toString(binary.takeError()));
    raw_svector_ostream stream(result);
    if (Error error = objcopy::executeObjcopyOnBinary(
            config, *binary->getBinary(), stream))
      return error;
  }
  return writeOutputFile(path, [&](OutputStream &stream) {
    return stream.write(StringRef(result.data(), result.size()));
  });
}

} // namespace vitrail
