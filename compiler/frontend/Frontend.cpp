//===- Frontend.cpp - Reads model descriptions ----------------------------===//
//
// Part of Vitrail, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "compiler/frontend/Frontend.h"
#include "compiler/frontend/Elaborator.h"
#include "compiler/frontend/Library.h"
#include "compiler/frontend/Parser.h"
#include "llvm/Support/JSON.h"

using namespace vitrail;
using namespace vitrail::frontend;

static llvm::StringRef bufferText(llvm::SourceMgr &sources, unsigned id) {
  return sources.getMemoryBuffer(id)->getBuffer();
}

/// Refuses what no person wrote.
static mlir::LogicalResult checkText(llvm::StringRef text,
                                     const Reporter &reporter) {
  constexpr size_t limit = 1 << 20;
  auto start = llvm::SMLoc::getFromPointer(text.data());
  if (text.size() > limit)
    return reporter.error(start) << "a description has at most " << limit
                                 << " bytes, this has " << text.size();
  size_t offset;
  if (!llvm::json::isUTF8(text, &offset))
    return reporter.error(llvm::SMLoc::getFromPointer(text.data() + offset))
           << "this byte is not UTF-8; a description is plain text";
  return mlir::success();
}

mlir::OwningOpRef<mlir::ModuleOp>
vitrail::parseModel(mlir::MLIRContext &context, llvm::SourceMgr &sources,
                    const FrontendOptions &options) {
  context.loadDialect<VitrailDialect>();
  Reporter reporter(context, sources);
  llvm::StringRef text = bufferText(sources, sources.getMainFileID());
  if (mlir::failed(checkText(text, reporter)))
    return nullptr;

  unsigned libraryBuffer = sources.AddNewSourceBuffer(
      llvm::MemoryBuffer::getMemBuffer(libraryText(), "library.vtr"),
      llvm::SMLoc());
  std::optional<Description> library =
      Parser(bufferText(sources, libraryBuffer), reporter)
          .parseFile(/*library=*/true);
  if (!library)
    return nullptr;
  std::optional<Description> file =
      Parser(text, reporter).parseFile(/*library=*/false);
  if (!file)
    return nullptr;
  return Elaborator(context, reporter, libraryBuffer, options)
      .run(*library, *file);
}
