//===- RunLLD.cpp - lld as a function -------------------------------------===//
//
// Part of Vitrail, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "compiler/link/RunLLD.h"
#include "compiler/weights/Messages.h"
#include "lld/Common/Driver.h"
#include "llvm/ADT/SmallVector.h"
#include "llvm/Support/raw_ostream.h"

LLD_HAS_DRIVER(elf)

using namespace llvm;

namespace vitrail {

/// The first few of lld's messages in one line.
static std::string oneLine(StringRef messages) {
  constexpr unsigned most = 3;
  SmallVector<StringRef> lines;
  messages.split(lines, '\n', /*MaxSplit=*/-1, /*KeepEmpty=*/false);
  std::string result;
  unsigned count = 0;
  for (StringRef line : lines) {
    // ">>> referenced by ..." belongs to the message before.
    bool continues = line.consume_front(">>> ");
    line.consume_front("ld.lld: ");
    line.consume_front("error: ");
    if (!continues && ++count > most)
      break;
    result += (result.empty() ? ""
               : continues    ? ", "
                              : "; ") +
              line.trim().str();
  }
  return result.empty() ? "lld gives no reason" : result;
}

Error runLLD(ArrayRef<std::string> arguments, StringRef output) {
  std::string printed, messages;
  raw_string_ostream printedStream(printed), messageStream(messages);
  SmallVector<const char *> pointers = {"ld.lld", "--color-diagnostics=never",
                                        "--no-warnings"};
  for (const std::string &argument : arguments)
    pointers.push_back(argument.c_str());
  lld::Result result = lld::lldMain(pointers, printedStream, messageStream,
                                    {{lld::Gnu, &lld::elf::link}});
  if (result.retCode == 0)
    return Error::success();
  return createStringError("cannot link " + quoted(output) + ": " +
                           oneLine(messages));
}

} // namespace vitrail
