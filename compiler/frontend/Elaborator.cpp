//===- Elaborator.cpp - Statements, places, messages ----------------------===//
//
// Part of Vitrail, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "compiler/frontend/Elaborator.h"

using namespace mlir;
using namespace vitrail;
using namespace vitrail::frontend;

Elaborator::Elaborator(MLIRContext &context, const Reporter &reporter,
                       unsigned libraryBuffer, const FrontendOptions &options)
    : context(context), reporter(reporter), libraryBuffer(libraryBuffer),
      options(options), tensors(context, options.batch) {}

//===----------------------------------------------------------------------===//
// Places and messages
//===----------------------------------------------------------------------===//

InFlightDiagnostic Elaborator::error(llvm::SMLoc loc) {
  bool library = inLibrary(loc);
  llvm::SMLoc shown = library ? frame->userCall : loc;
  InFlightDiagnostic diag = reporter.error(shown);
  if (library)
    diag.attachNote(reporter.locate(loc))
        << "in block '" << frame->block->name << "' of the library";
  unsigned notes = 8;
  for (const Frame *at = frame; at && at->caller && notes; at = at->caller)
    if (!inLibrary(at->call) && at->call != shown) {
      diag.attachNote(reporter.locate(at->call))
          << "in block '" << at->block->name << "', called here";
      --notes;
    }
  return diag;
}

Location Elaborator::where(llvm::SMLoc loc) const {
  Location place = reporter.locate(loc);
  // What the library does is the user's line to whoever reads a report.
  if (inLibrary(loc))
    place = FusedLoc::get(&context, {reporter.locate(frame->userCall), place});
  if (scope.empty())
    return place;
  return NameLoc::get(StringAttr::get(&context, scope), place);
}

std::vector<StringRef> Elaborator::visibleNames() const {
  std::vector<StringRef> names;
  for (const Frame *at = frame; at; at = at->home)
    for (const auto &entry : at->names)
      names.push_back(entry.getKey());
  llvm::sort(names); // one suggestion, whatever the order of a hash table
  return names;
}

Frame &Elaborator::newFrame() {
  frames.push_back(std::make_unique<Frame>());
  return *frames.back();
}

//===----------------------------------------------------------------------===//
// Statements
//===----------------------------------------------------------------------===//

LogicalResult Elaborator::declareBlocks(const Body &body) {
  for (const auto &statement : body) {
    const auto *block = dyn_cast<BlockStmt>(statement.get());
    if (!block)
      continue;
    auto found = frame->names.find(block->name);
    bool again = found != frame->names.end() &&
                 found->second.value.is(DatumType::Block) &&
                 found->second.value.callable().block == block;
    if (!again && failed(bind({block->loc, block->name}, Callable{block, frame},
                              "is a block")))
      return failure();
  }
  return success();
}

Elaborator::Flow Elaborator::execute(const Body &body) {
  // Blocks are known before the statements that call them.
  if (failed(declareBlocks(body)))
    return Flow::Failed;
  for (const auto &statement : body)
    if (Flow flow = execute(*statement); flow != Flow::Next)
      return flow;
  return Flow::Next;
}

static bool belongsToModel(Stmt::Kind kind) {
  return kind == Stmt::Kind::Input || kind == Stmt::Kind::Output ||
         kind == Stmt::Kind::Alias;
}

Elaborator::Flow Elaborator::execute(const Stmt &statement) {
  auto flow = [](LogicalResult result) {
    return succeeded(result) ? Flow::Next : Flow::Failed;
  };
  if (frame->block && belongsToModel(statement.kind))
    return flow(error(statement.loc)
                << "'input', 'output' and 'alias' belong to the model, not to "
                   "a block");
  switch (statement.kind) {
  case Stmt::Kind::Assign:
    return flow(assign(cast<AssignStmt>(statement)));
  case Stmt::Kind::Return: {
    if (!frame->block)
      return flow(error(statement.loc)
                  << "only a block returns; a model ends with 'output'");
    Result value = evaluate(*cast<ReturnStmt>(statement).value);
    if (failed(value))
      return Flow::Failed;
    returned = *value;
    return Flow::Return;
  }
  case Stmt::Kind::If: {
    const auto &branch = cast<IfStmt>(statement);
    FailureOr<bool> condition = evaluateCondition(*branch.condition);
    if (failed(condition))
      return Flow::Failed;
    return execute(*condition ? branch.then : branch.otherwise);
  }
  case Stmt::Kind::For:
    return executeFor(cast<ForStmt>(statement));
  case Stmt::Kind::Scope: {
    const auto &scoped = cast<ScopeStmt>(statement);
    Flow inner = Flow::Next;
    LogicalResult entered = within(scoped.path, /*isShared=*/false, [&] {
      inner = execute(scoped.body);
      return success();
    });
    return succeeded(entered) ? inner : Flow::Failed;
  }
  case Stmt::Kind::Block: // declared when its body was entered
    return Flow::Next;
  case Stmt::Kind::Require:
    return flow(require(cast<RequireStmt>(statement)));
  case Stmt::Kind::Input:
    return flow(declareInput(cast<InputStmt>(statement)));
  case Stmt::Kind::Output:
    return flow(declareOutput(cast<OutputStmt>(statement)));
  case Stmt::Kind::Alias:
    aliases.add(cast<AliasStmt>(statement));
    return Flow::Next;
  }
  llvm_unreachable("a statement of no kind");
}

Elaborator::Flow Elaborator::executeFor(const ForStmt &statement) {
  auto iterate = [&](Datum value) {
    if (failed(step(statement.loc)) ||
        failed(bind(statement.variable, std::move(value))))
      return Flow::Failed;
    return execute(statement.body);
  };
  if (!statement.last) {
    Result list = evaluate(*statement.first);
    if (failed(list))
      return Flow::Failed;
    if (!list->is(DatumType::List)) {
      error(statement.first->loc)
          << "a loop runs over a range 'first..last' or a list, got "
          << show(*list);
      return Flow::Failed;
    }
    for (const Datum &element : list->list())
      if (Flow flow = iterate(element); flow != Flow::Next)
        return flow;
    return Flow::Next;
  }
  FailureOr<int64_t> first = evaluateInteger(*statement.first, "a range");
  if (failed(first))
    return Flow::Failed;
  FailureOr<int64_t> last = evaluateInteger(*statement.last, "a range");
  if (failed(last))
    return Flow::Failed;
  for (int64_t i = *first; i < *last; ++i)
    if (Flow flow = iterate(i); flow != Flow::Next)
      return flow;
  return Flow::Next;
}

LogicalResult Elaborator::bind(const Target &target, Datum value,
                               StringRef fixed) {
  auto [entry, added] = frame->names.try_emplace(target.name);
  if (!added && !entry->second.fixed.empty()) {
    InFlightDiagnostic diag = error(target.loc);
    diag << "'" << target.name << "' " << entry->second.fixed
         << " and keeps its value; choose another name";
    diag.attachNote(reporter.locate(entry->second.loc)) << "declared here";
    return diag;
  }
  entry->second = {std::move(value), target.loc, fixed};
  return success();
}

LogicalResult Elaborator::assign(const AssignStmt &statement) {
  Result value = evaluate(*statement.value);
  if (failed(value))
    return failure();
  const std::vector<Target> &targets = statement.targets;
  if (statement.op) {
    const Target &target = targets.front();
    auto found = frame->names.find(target.name);
    if (found == frame->names.end())
      return error(target.loc)
             << "'" << target.name << "' "
             << (frame->find(target.name)
                     ? "belongs to what encloses this block, which cannot "
                       "change it; assign to a new name"
                     : "has no value yet");
    value = combine(*statement.op, statement.loc, found->second.value, *value);
    if (failed(value))
      return failure();
    return bind(target, *value);
  }
  if (targets.size() == 1)
    return bind(targets.front(), *value);
  if (!value->is(DatumType::List) || value->list().size() != targets.size())
    return error(statement.loc)
           << targets.size() << " names need a list of " << targets.size()
           << " values, got " << show(*value);
  for (auto [target, element] : llvm::zip_equal(targets, value->list()))
    if (failed(bind(target, element)))
      return failure();
  return success();
}

LogicalResult Elaborator::require(const RequireStmt &statement) {
  FailureOr<bool> holds = evaluateCondition(*statement.condition);
  if (failed(holds))
    return failure();
  if (*holds)
    return success();
  Result message = evaluate(*statement.message);
  if (failed(message))
    return failure();
  return error(statement.loc)
         << (message->is(DatumType::String) ? message->string()
                                            : show(*message));
}

LogicalResult Elaborator::step(llvm::SMLoc loc) {
  constexpr int64_t limit = 2'000'000;
  if (++steps <= limit)
    return success();
  return error(loc) << "the description takes more than " << limit
                    << " steps to evaluate; does a loop run too long?";
}

//===----------------------------------------------------------------------===//
// The whole
//===----------------------------------------------------------------------===//

OwningOpRef<ModuleOp> Elaborator::run(const Description &library,
                                      const Description &file) {
  const ModelDecl &model = *file.model;
  if (options.batch < 1 || options.batch > maxElements) {
    reporter.error(model.loc)
        << "the batch must be a positive number of samples, got "
        << options.batch;
    return nullptr;
  }
  Location loc = reporter.locate(model.loc);
  OwningOpRef<ModuleOp> module = ModuleOp::create(loc);
  tensors.builder.setInsertionPointToEnd(module->getBody());
  function = func::FuncOp::create(tensors.builder, loc, entryName,
                                  tensors.builder.getFunctionType({}, {}));
  tensors.builder.setInsertionPointToEnd(function.addEntryBlock());

  // The library's names, over them the file's, over them the model's.
  for (const Body *blocks : {&library.blocks, &file.blocks}) {
    Frame &next = newFrame();
    next.home = frame;
    frame = &next;
    if (failed(declareBlocks(*blocks)))
      return nullptr;
  }
  Frame &top = newFrame();
  top.home = frame;
  top.userCall = model.loc;
  frame = &top;
  if (failed(bindParameters(model)) || execute(model.body) == Flow::Failed ||
      failed(finish(model, *module)))
    return nullptr;
  return module;
}
