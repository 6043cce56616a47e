//===- Calls.cpp - Calls, scopes, parameters ------------------------------===//
//
// Part of Vitrail, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "compiler/frontend/Elaborator.h"
#include "compiler/frontend/Ops.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/Support/SaveAndRestore.h"

using namespace mlir;
using namespace vitrail;
using namespace vitrail::frontend;

//===----------------------------------------------------------------------===//
// Scopes
//===----------------------------------------------------------------------===//

FailureOr<std::string> Elaborator::scopedName(const Template &path) {
  FailureOr<std::string> name = evaluate(path);
  if (failed(name))
    return failure();
  constexpr size_t limit = 512;
  bool bad = name->empty() || !llvm::all_of(*name, llvm::isPrint) ||
             StringRef(*name).contains(' ');
  if (bad || scope.size() + name->size() > limit)
    return error(path.loc) << "a scope's name must be a word of at most "
                           << limit << " letters with those around it, got \""
                           << StringRef(*name).take_front(80) << "\"";
  return scope.empty() ? *name : scope + "." + *name;
}

LogicalResult Elaborator::within(const Template &path, bool isShared,
                                 llvm::function_ref<LogicalResult()> action) {
  FailureOr<std::string> name = scopedName(path);
  if (failed(name))
    return failure();
  llvm::SaveAndRestore inScope(scope, *name);
  llvm::SaveAndRestore inShared(shared, shared || isShared);
  return action();
}

//===----------------------------------------------------------------------===//
// Weights
//===----------------------------------------------------------------------===//

Elaborator::Result Elaborator::declareParameter(const ParameterExpr &parameter,
                                                const ScopedExpr &scoped) {
  FailureOr<std::string> name = scopedName(scoped.path);
  if (failed(name))
    return failure();
  FailureOr<std::vector<int64_t>> shape =
      evaluateShape(parameter.shape, parameter.loc);
  if (failed(shape))
    return failure();
  std::optional<WeightRole> role = symbolizeWeightRole(parameter.role);
  if (!role) {
    SmallVector<StringRef> roles;
    for (uint32_t i = 0; i <= getMaxEnumValForWeightRole(); ++i)
      roles.push_back(stringifyWeightRole(*symbolizeWeightRole(i)));
    return error(parameter.roleLoc)
           << "unknown role '" << parameter.role
           << "' of a parameter; roles are " << llvm::join(roles, ", ");
  }
  WeightDecl decl{*name, *shape, *role};
  if (*role == WeightRole::Matrix) {
    // As in PyTorch, outputs come first and the rest is inputs.
    decl.fanIn = 1;
    for (int64_t size : llvm::drop_begin(*shape, shape->size() > 1))
      decl.fanIn *= size;
  }
  if (parameter.fanIn) {
    FailureOr<int64_t> fanIn =
        evaluateInteger(*parameter.fanIn, "a number of inputs");
    if (failed(fanIn))
      return failure();
    if (*role != WeightRole::Matrix || *fanIn <= 0)
      return error(parameter.roleLoc)
             << "a positive number of inputs belongs to the role 'matrix', got "
             << *fanIn << " for '" << parameter.role << "'";
    decl.fanIn = *fanIn;
  }

  if (const WeightTable::Entry *before = weights.find(decl.name)) {
    WeightOp op = before->op;
    bool same = op.getType().getShape() == ArrayRef<int64_t>(decl.shape) &&
                op.getRole() == decl.role;
    if (!same || !(shared || scoped.shared)) {
      InFlightDiagnostic diag = error(parameter.loc);
      if (!same)
        diag << "weight '" << decl.name << "' is " << shapeString(decl.shape)
             << " : " << parameter.role << " here, but "
             << shapeString(op.getType()) << " : "
             << stringifyWeightRole(op.getRole()) << " elsewhere";
      else
        diag << "weight '" << decl.name
             << "' has a use already; give this one a scope of its own "
                "('@name'), or write 'shared @name' if both are one tensor";
      diag.attachNote(reporter.locate(before->loc)) << "the other use";
      return diag;
    }
  }
  bool library = inLibrary(parameter.loc);
  return Datum(weights.declare(tensors, where(parameter.loc),
                               library ? frame->userCall : parameter.loc,
                               decl));
}

//===----------------------------------------------------------------------===//
// Calls
//===----------------------------------------------------------------------===//

static std::optional<DatumType> formalType(const Formal &formal) {
  if (formal.type)
    return formal.type;
  const auto *literal =
      dyn_cast_or_null<LiteralExpr>(formal.defaultValue.get());
  if (!literal || literal->value.is(DatumType::None))
    return std::nullopt;
  return literal->value.type();
}

static bool defaultsToNone(const Formal &formal) {
  const auto *literal =
      dyn_cast_or_null<LiteralExpr>(formal.defaultValue.get());
  return literal && literal->value.is(DatumType::None);
}

/// `value` as the type that `formal` takes; `subject` names it in an error.
Elaborator::Result Elaborator::convert(const Formal &formal, Datum value,
                                       llvm::SMLoc loc,
                                       const llvm::Twine &subject) {
  std::optional<DatumType> type = formalType(formal);
  if (!type || value.is(*type) ||
      (value.is(DatumType::None) && defaultsToNone(formal)))
    return value;
  if (*type == DatumType::Float && value.is(DatumType::Int))
    return Datum(value.real());
  InFlightDiagnostic diag = error(loc);
  diag << subject << " must be of type " << typeName(*type) << ", got "
       << show(value);
  diag.attachNote(reporter.locate(formal.loc)) << "declared here";
  return diag;
}

/// The block's parameters, as a note may list them.
static std::string signature(const BlockStmt &block) {
  std::string text = block.name.str() + "(";
  for (const Formal &formal : block.formals)
    text += (&formal == &block.formals.front() ? "" : ", ") + formal.name.str();
  return text + (block.takesMore ? ", ...)" : ")");
}

/// Evaluates the arguments where the call stands, into `callee`.
LogicalResult Elaborator::bindArguments(const CallExpr &call, Frame &callee) {
  const BlockStmt &block = *callee.block;
  for (auto [i, argument] : llvm::enumerate(call.arguments)) {
    const Formal *formal = nullptr;
    if (argument.name.empty()) {
      if (i < block.formals.size())
        formal = &block.formals[i];
    } else {
      for (const Formal &candidate : block.formals)
        if (candidate.name == argument.name)
          formal = &candidate;
    }
    if (!formal && !block.takesMore) {
      InFlightDiagnostic diag = error(argument.loc);
      if (argument.name.empty()) {
        diag << "'" << block.name << "' takes " << block.formals.size()
             << " arguments, got " << call.arguments.size();
      } else {
        SmallVector<StringRef> names;
        for (const Formal &candidate : block.formals)
          names.push_back(candidate.name);
        diag << "'" << block.name << "' has no parameter '" << argument.name
             << "'" << didYouMean(argument.name, names);
      }
      diag.attachNote(reporter.locate(block.loc))
          << "declared here: " << signature(block);
      return diag;
    }
    Result value = evaluate(*argument.value);
    if (failed(value))
      return failure();
    if (!formal) {
      callee.rest.emplace_back(argument.name, *value);
      continue;
    }
    value = convert(*formal, *value, argument.value->loc,
                    "argument '" + formal->name + "' of '" + block.name + "'");
    if (failed(value))
      return failure();
    Binding binding{*value, argument.loc, {}};
    if (!callee.names.try_emplace(formal->name, binding).second)
      return error(argument.loc) << "argument '" << formal->name << "' of '"
                                 << block.name << "' is given twice";
  }
  return success();
}

/// Evaluates the defaults of what was not given, among the callee's names.
LogicalResult Elaborator::bindDefaults(Frame &callee, llvm::SMLoc loc) {
  for (const Formal &formal : callee.block->formals) {
    if (callee.names.count(formal.name))
      continue;
    if (!formal.defaultValue) {
      InFlightDiagnostic diag = error(loc);
      diag << "'" << callee.block->name << "' needs argument '" << formal.name
           << "'";
      diag.attachNote(reporter.locate(callee.block->loc))
          << "declared here: " << signature(*callee.block);
      return diag;
    }
    llvm::SaveAndRestore inCallee(frame, &callee);
    Result value = evaluate(*formal.defaultValue);
    if (succeeded(value))
      value = convert(formal, *value, formal.defaultValue->loc,
                      "parameter '" + formal.name + "'");
    if (failed(value))
      return failure();
    callee.names[formal.name] = {*value, formal.loc, {}};
  }
  return success();
}

LogicalResult Elaborator::checkCycle(const BlockStmt &block, llvm::SMLoc loc) {
  SmallVector<const Frame *> chain;
  for (const Frame *at = frame; at && at->block; at = at->caller) {
    chain.push_back(at);
    if (at->block != &block)
      continue;
    std::string path;
    for (const Frame *link : llvm::reverse(chain))
      path += link->block->name.str() + " -> ";
    return error(loc) << "blocks must not form a cycle: " << path << block.name;
  }
  return success();
}

Elaborator::Result Elaborator::invoke(Frame &callee, llvm::SMLoc loc) {
  if (failed(bindDefaults(callee, loc)))
    return failure();
  if (callee.block->isOp)
    return take(loc, runOp(tensors, where(loc), callee));
  llvm::SaveAndRestore inCallee(frame, &callee);
  returned = Datum();
  if (execute(callee.block->body) == Flow::Failed)
    return failure();
  return std::exchange(returned, Datum());
}

Elaborator::Result Elaborator::call(const CallExpr &call,
                                    const ScopedExpr *scoped) {
  Result target = evaluate(*call.callee);
  if (failed(target))
    return failure();
  if (!target->is(DatumType::Block))
    return error(call.loc) << "only blocks are called, and this is "
                           << show(*target);
  const Callable &callable = target->callable();
  if (failed(checkCycle(*callable.block, call.loc)))
    return failure();
  Frame &callee = newFrame();
  callee.block = callable.block;
  callee.home = callable.home;
  callee.caller = frame;
  callee.call = call.loc;
  callee.userCall = inLibrary(call.loc) ? frame->userCall : call.loc;
  if (failed(bindArguments(call, callee)))
    return failure();
  if (!scoped)
    return invoke(callee, call.loc);
  // A scope covers the callee, not its arguments.
  Result result = failure();
  if (failed(within(scoped->path, scoped->shared, [&]() -> LogicalResult {
        result = invoke(callee, call.loc);
        return result;
      })))
    return failure();
  return result;
}
