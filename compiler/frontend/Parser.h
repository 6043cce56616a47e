//===- Parser.h - From tokens to the tree -----------------------*- C++ -*-===//
//
// Part of Vitrail, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef VITRAIL_COMPILER_FRONTEND_PARSER_H
#define VITRAIL_COMPILER_FRONTEND_PARSER_H

#include "compiler/frontend/Ast.h"
#include "compiler/frontend/Lexer.h"

namespace vitrail::frontend {

/// The version of the language that `vitrail 1` opens a description with.
constexpr int64_t languageVersion = 1;

/// Recursive descent for statements, precedence climbing for expressions. The
/// first error is reported and ends the parse; functions then return null or
/// nothing. docs/language.md has the grammar.
class Parser {
public:
  Parser(llvm::StringRef text, const Reporter &reporter);

  /// A whole file. A library holds no model, but may declare `op`s.
  std::optional<Description> parseFile(bool library);
  /// An expression that is the whole text.
  ExprPtr parseWhole();

private:
  // Statements (Parser.cpp).
  bool parseVersion();
  std::optional<ModelDecl> parseModel();
  bool parseBody(Body &body);
  std::unique_ptr<Stmt> parseStatement();
  std::unique_ptr<Stmt> parseAssign();
  std::unique_ptr<Stmt> parseIf();
  std::unique_ptr<Stmt> parseFor();
  std::unique_ptr<Stmt> parseScope();
  std::unique_ptr<Stmt> parseBlock();
  std::unique_ptr<Stmt> parseRequire();
  std::unique_ptr<Stmt> parseInput();
  std::unique_ptr<Stmt> parseOutput();
  std::unique_ptr<Stmt> parseAlias();
  bool parseFormals(std::vector<Formal> &formals, bool *takesMore = nullptr);
  bool parsePortType(PortType &type);

  // Expressions (ParseExpr.cpp).
  ExprPtr parseExpr();
  ExprPtr parseBinary(unsigned minimum);
  ExprPtr parseUnary();
  ExprPtr parsePostfix();
  ExprPtr parsePrimary();
  ExprPtr parseScoped(bool shared);
  ExprPtr parseParameter();
  ExprPtr parseNumber();
  ExprPtr parseCall(ExprPtr callee);
  ExprPtr parseIndex(ExprPtr base);
  bool parseSubscript(Subscript &subscript);
  bool parseArguments(std::vector<Argument> &arguments);
  /// Expressions up to `close`, separated by commas.
  bool parseList(std::vector<ExprPtr> &elements, llvm::StringRef close);
  bool parseTemplate(llvm::StringRef raw, Template &result);
  ExprPtr parseString();
  bool parseName(std::string &text);
  bool parsePart(std::string &part);
  /// Takes `child` into account in the depth of `parent`.
  bool adopt(Expr &parent, const Expr &child);

  // Tokens.
  void advance();
  /// Consumes the symbol or word `text` if it comes next.
  bool consume(llvm::StringRef text);
  /// Consumes `text` or reports that it is missing after `context`.
  bool expect(llvm::StringRef text, const llvm::Twine &context);
  bool expectName(llvm::StringRef &name, const llvm::Twine &what);
  bool atKeyword() const;
  /// Whether the next token carries on the expression before it.
  bool continues() const { return !token.startsLine || brackets; }
  /// Reports `message` at the next token, unless an error was reported.
  std::nullptr_t fail(const llvm::Twine &message);
  std::nullptr_t fail(llvm::SMLoc loc, const llvm::Twine &message);
  std::nullptr_t unexpected(const llvm::Twine &wanted);

  /// Counts nested constructs, within a limit.
  class Nesting;

  const Reporter &reporter;
  Lexer lexer;
  Token token, ahead;
  const char *lastEnd = nullptr; // of the token before
  unsigned nesting = 0;
  unsigned brackets = 0; // open ( and [, in which line ends do not matter
  bool failed = false;
  bool library = false;
};

class Parser::Nesting {
public:
  explicit Nesting(Parser &parser) : parser(parser) { ++parser.nesting; }
  ~Nesting() { --parser.nesting; }
  bool tooDeep();

private:
  Parser &parser;
};

} // namespace vitrail::frontend

#endif // VITRAIL_COMPILER_FRONTEND_PARSER_H
