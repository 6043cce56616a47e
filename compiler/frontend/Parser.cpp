//===- Parser.cpp - Files and statements ----------------------------------===//
//
// Part of Vitrail, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "compiler/frontend/Parser.h"
#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/StringSwitch.h"

using namespace vitrail::frontend;
using llvm::StringRef;

//===----------------------------------------------------------------------===//
// Tokens
//===----------------------------------------------------------------------===//

Parser::Parser(StringRef text, const Reporter &reporter)
    : reporter(reporter), lexer(text, reporter) {
  advance();
  advance();
}

void Parser::advance() {
  lastEnd = token.text.end();
  token = ahead;
  if (!failed)
    ahead = lexer.next();
  failed |= ahead.is(Token::Kind::Error);
}

bool Parser::consume(StringRef text) {
  if (!token.is(text))
    return false;
  advance();
  return true;
}

std::nullptr_t Parser::fail(llvm::SMLoc loc, const llvm::Twine &message) {
  if (!failed)
    reporter.error(loc) << message;
  failed = true;
  return nullptr;
}

std::nullptr_t Parser::fail(const llvm::Twine &message) {
  return fail(token.loc(), message);
}

std::nullptr_t Parser::unexpected(const llvm::Twine &wanted) {
  if (token.is(Token::Kind::End))
    return fail("expected " + wanted + ", but the text ends");
  return fail("expected " + wanted + ", got '" + token.text + "'");
}

bool Parser::expect(StringRef text, const llvm::Twine &context) {
  if (consume(text))
    return true;
  // What is missing at the end of a line is missing there, not where the next
  // line begins.
  if (token.startsLine && !brackets && !token.is(Token::Kind::End))
    fail(llvm::SMLoc::getFromPointer(lastEnd),
         "expected '" + text + "' " + context + ", but the line ends");
  else
    unexpected("'" + text + "' " + context);
  return false;
}

bool Parser::atKeyword() const {
  static constexpr StringRef keywords[] = {"if",     "else", "for",   "in",
                                           "return", "true", "false", "none",
                                           "and",    "or",   "not"};
  return token.is(Token::Kind::Identifier) &&
         llvm::is_contained(keywords, token.text);
}

bool Parser::expectName(StringRef &name, const llvm::Twine &what) {
  if (!token.is(Token::Kind::Identifier) || atKeyword()) {
    unexpected(what);
    return false;
  }
  name = token.text;
  advance();
  return true;
}

bool Parser::Nesting::tooDeep() {
  constexpr unsigned limit = 200;
  if (parser.nesting <= limit)
    return false;
  parser.fail("this is nested too deeply; give parts of it names of their own");
  return true;
}

//===----------------------------------------------------------------------===//
// Files
//===----------------------------------------------------------------------===//

/// `vitrail 1`
bool Parser::parseVersion() {
  if (!token.is("vitrail") || !ahead.is(Token::Kind::Integer)) {
    fail("a description starts with the version of its language: 'vitrail " +
         llvm::Twine(languageVersion) + "'");
    return false;
  }
  advance();
  int64_t version;
  if (token.text.getAsInteger(10, version) || version != languageVersion) {
    fail("language version " + token.text +
         " is unknown; this compiler reads " + "version " +
         llvm::Twine(languageVersion));
    return false;
  }
  advance();
  return true;
}

std::optional<Description> Parser::parseFile(bool isLibrary) {
  library = isLibrary;
  Description file;
  if (!parseVersion())
    return std::nullopt;
  while (!token.is(Token::Kind::End)) {
    if (token.is("model") && !library) {
      if (file.model) {
        fail("a description holds one model, and this is the second");
        return std::nullopt;
      }
      if (!(file.model = parseModel()))
        return std::nullopt;
      continue;
    }
    if (!token.is("block") && !(token.is("op") && library)) {
      unexpected("'model' or 'block'");
      return std::nullopt;
    }
    auto block = parseBlock();
    if (!block)
      return std::nullopt;
    file.blocks.push_back(std::move(block));
  }
  if (!file.model && !library) {
    fail("the description holds no model; write 'model name(...) { ... }'");
    return std::nullopt;
  }
  if (failed)
    return std::nullopt;
  return file;
}

std::optional<ModelDecl> Parser::parseModel() {
  ModelDecl model;
  advance();
  model.loc = token.loc();
  if (!expectName(model.name, "the model's name") ||
      !parseFormals(model.formals) || !parseBody(model.body))
    return std::nullopt;
  return model;
}

/// `(name: type = default, ...)`; literal dots end those of an op that takes
/// any number of arguments.
bool Parser::parseFormals(std::vector<Formal> &formals, bool *takesMore) {
  if (!expect("(", "before the parameters"))
    return false;
  ++brackets;
  while (!token.is(")")) {
    if (takesMore && consume("...")) {
      *takesMore = true;
      break;
    }
    Formal formal;
    formal.loc = token.loc();
    if (!expectName(formal.name, "a parameter's name"))
      return false;
    for (const Formal &other : formals)
      if (other.name == formal.name) {
        fail(formal.loc, "parameter '" + formal.name + "' is declared twice");
        return false;
      }
    if (consume(":")) {
      formal.type = typeByName(token.text);
      if (!formal.type) {
        unexpected("a type (bool, int, float, string, list, tensor or block)");
        return false;
      }
      advance();
    }
    if (consume("=") && !(formal.defaultValue = parseExpr()))
      return false;
    formals.push_back(std::move(formal));
    if (!consume(","))
      break;
  }
  --brackets;
  return expect(")", "after the parameters");
}

//===----------------------------------------------------------------------===//
// Statements
//===----------------------------------------------------------------------===//

/// `{ statements }`
bool Parser::parseBody(Body &body) {
  Nesting guard(*this);
  if (guard.tooDeep() || !expect("{", "before the statements"))
    return false;
  while (!token.is("}")) {
    if (token.is(Token::Kind::End)) {
      unexpected("'}' after the statements");
      return false;
    }
    auto statement = parseStatement();
    if (!statement)
      return false;
    body.push_back(std::move(statement));
    if (!token.startsLine && !token.is("}") && !token.is(Token::Kind::End)) {
      unexpected("the end of the line after a statement");
      return false;
    }
  }
  advance();
  return !failed;
}

/// Words such as `input` begin a statement only where a name follows; elsewhere
/// they are names themselves.
std::unique_ptr<Stmt> Parser::parseStatement() {
  if (token.is(Token::Kind::Path))
    return parseScope();
  if (token.is("if"))
    return parseIf();
  if (token.is("for"))
    return parseFor();
  if (token.is("return")) {
    auto statement = std::make_unique<ReturnStmt>(token.loc());
    advance();
    if (!(statement->value = parseExpr()))
      return nullptr;
    return statement;
  }
  bool beforeName = ahead.is(Token::Kind::Identifier) && !ahead.startsLine;
  if (token.is("block") && beforeName)
    return parseBlock();
  if (token.is("input") && beforeName)
    return parseInput();
  if (token.is("output") && beforeName)
    return parseOutput();
  if (token.is("alias") && ahead.is("{"))
    return parseAlias();
  bool assigns =
      ahead.is(Token::Kind::Symbol) &&
      llvm::is_contained({"=", ",", "+=", "-=", "*=", "/="}, ahead.text);
  if (token.is("require") && !assigns)
    return parseRequire();
  if (token.is(Token::Kind::Identifier) && !atKeyword() && assigns)
    return parseAssign();
  return unexpected("a statement: an assignment 'x = ...', 'return', 'if', "
                    "'for', 'block', 'require', 'input', 'output', 'alias' or "
                    "a scope '@name { ... }'");
}

std::unique_ptr<Stmt> Parser::parseAssign() {
  auto statement = std::make_unique<AssignStmt>(token.loc());
  do {
    Target &target = statement->targets.emplace_back();
    target.loc = token.loc();
    if (!expectName(target.name, "a name to assign to"))
      return nullptr;
  } while (consume(","));
  statement->loc = token.loc();
  statement->op = llvm::StringSwitch<std::optional<Operator>>(token.text)
                      .Case("+=", Operator::Add)
                      .Case("-=", Operator::Sub)
                      .Case("*=", Operator::Mul)
                      .Case("/=", Operator::Div)
                      .Default(std::nullopt);
  if (statement->op && statement->targets.size() > 1)
    return fail("'" + token.text + "' changes one name, not several");
  if (!statement->op && !token.is("="))
    return unexpected("'='");
  advance();
  if (!(statement->value = parseExpr()))
    return nullptr;
  return statement;
}

std::unique_ptr<Stmt> Parser::parseIf() {
  Nesting guard(*this);
  if (guard.tooDeep())
    return nullptr;
  auto statement = std::make_unique<IfStmt>(token.loc());
  advance();
  if (!(statement->condition = parseExpr()) || !parseBody(statement->then))
    return nullptr;
  if (!consume("else"))
    return statement;
  if (!token.is("if")) {
    if (!parseBody(statement->otherwise))
      return nullptr;
    return statement;
  }
  auto nested = parseIf();
  if (!nested)
    return nullptr;
  statement->otherwise.push_back(std::move(nested));
  return statement;
}

std::unique_ptr<Stmt> Parser::parseFor() {
  auto statement = std::make_unique<ForStmt>(token.loc());
  advance();
  statement->variable.loc = token.loc();
  if (!expectName(statement->variable.name, "the loop's variable") ||
      !expect("in", "after the loop's variable") ||
      !(statement->first = parseExpr()))
    return nullptr;
  if (consume("..") && !(statement->last = parseExpr()))
    return nullptr;
  if (!parseBody(statement->body))
    return nullptr;
  return statement;
}

std::unique_ptr<Stmt> Parser::parseScope() {
  auto statement = std::make_unique<ScopeStmt>(token.loc());
  if (!parseTemplate(token.text.drop_front(), statement->path))
    return nullptr;
  advance();
  if (!token.is("{"))
    return unexpected("'{' after a scope that begins a statement; to use the "
                      "result of a call, write 'x = @scope block(...)'");
  if (!parseBody(statement->body))
    return nullptr;
  return statement;
}

/// `block name(formals) { body }` or `op name(formals)`
std::unique_ptr<Stmt> Parser::parseBlock() {
  bool isOp = token.is("op");
  advance();
  auto block = std::make_unique<BlockStmt>(token.loc());
  block->isOp = isOp;
  if (!expectName(block->name, "the block's name") ||
      !parseFormals(block->formals, isOp ? &block->takesMore : nullptr) ||
      (!isOp && !parseBody(block->body)))
    return nullptr;
  return block;
}

std::unique_ptr<Stmt> Parser::parseRequire() {
  auto statement = std::make_unique<RequireStmt>(token.loc());
  advance();
  if (!(statement->condition = parseExpr()) ||
      !expect(",", "and a message after the condition") ||
      !(statement->message = parseExpr()))
    return nullptr;
  return statement;
}

bool Parser::parsePortType(PortType &type) {
  type.loc = token.loc();
  if (!expectName(type.kind, "a kind (tensor, image, tokens, classes or "
                             "probabilities)") ||
      !expect("[", "and the shape of one sample"))
    return false;
  ++brackets;
  bool done = parseList(type.shape, "]");
  --brackets;
  if (!done || !expect("]", "after the shape"))
    return false;
  return !token.is("(") || !continues() || parseArguments(type.options);
}

std::unique_ptr<Stmt> Parser::parseInput() {
  advance();
  auto statement = std::make_unique<InputStmt>(token.loc());
  if (!expectName(statement->name, "the input's name") ||
      !expect(":", "and a type after the input's name") ||
      !parsePortType(statement->type))
    return nullptr;
  return statement;
}

std::unique_ptr<Stmt> Parser::parseOutput() {
  advance();
  auto statement = std::make_unique<OutputStmt>(token.loc());
  if (!expectName(statement->name, "the output's name") ||
      !expect(":", "and a type after the output's name") ||
      !parsePortType(statement->type) ||
      !expect("=", "and a value after the output's type") ||
      !(statement->value = parseExpr()))
    return nullptr;
  return statement;
}

/// The text of a string that names tensors: components joined by dots, each a
/// word or a wildcard.
bool Parser::parseName(std::string &text) {
  if (!token.is(Token::Kind::String)) {
    unexpected("a name in quotes, as in \"encoder.layer.*\"");
    return false;
  }
  text = token.text.drop_front().drop_back();
  llvm::SmallVector<StringRef> components;
  StringRef(text).split(components, '.');
  for (const StringRef &component : components) {
    bool wildcard = component == "*" ||
                    (component == "**" && &component == &components.back());
    if (component.empty() || (component.contains('*') && !wildcard)) {
      fail("a name is made of components joined by '.': words, '*' for any "
           "component, and at the end '**' for one or more");
      return false;
    }
  }
  advance();
  return true;
}

/// The wildcards of a pattern, in order.
static std::string wildcards(StringRef pattern) {
  llvm::SmallVector<StringRef> components;
  pattern.split(components, '.');
  std::string found;
  for (StringRef component : components)
    if (component.contains('*'))
      found += component.str() + ".";
  return found;
}

/// `[1/3]`, if it stands here: the second of three equal parts.
bool Parser::parsePart(std::string &part) {
  if (!token.is("["))
    return true;
  llvm::SMLoc loc = token.loc();
  advance();
  int64_t numbers[2];
  for (int64_t &number : numbers) {
    if (&number != numbers && !expect("/", "between the numbers of a part"))
      return false;
    if (!token.is(Token::Kind::Integer) ||
        token.text.getAsInteger(10, number)) {
      unexpected("a number, as in \"[0/3]\"");
      return false;
    }
    advance();
  }
  auto [index, count] = numbers;
  if (!expect("]", "behind a part"))
    return false;
  if (index >= count) {
    fail(loc, "parts count from 0: the last of " + llvm::Twine(count) +
                  " is [" + llvm::Twine(count - 1) + "/" + llvm::Twine(count) +
                  "]");
    return false;
  }
  part = ("[" + llvm::Twine(index) + "/" + llvm::Twine(count) + "]").str();
  return true;
}

/// `alias { "pattern" -> "pattern" [1/3] ... }`
std::unique_ptr<Stmt> Parser::parseAlias() {
  auto statement = std::make_unique<AliasStmt>(token.loc());
  advance();
  advance();
  while (!token.is("}")) {
    AliasRule &rule = statement->rules.emplace_back();
    rule.loc = token.loc();
    if (!parseName(rule.from) ||
        !expect("->", "between the two names of a rule") ||
        !parseName(rule.to) || !parsePart(rule.part))
      return nullptr;
    if (wildcards(rule.from) != wildcards(rule.to))
      return fail(rule.loc, "both names of a rule must hold the same wildcards "
                            "in the same order");
  }
  advance();
  return statement;
}
