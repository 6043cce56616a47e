//===- Ast.h - The tree of a description ------------------------*- C++ -*-===//
//
// Part of Vitrail, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// What the parser builds and the elaborator walks. Names are views into the
// source buffer; `depth` bounds the recursion of whoever walks the tree.
//
//===----------------------------------------------------------------------===//

#ifndef VITRAIL_COMPILER_FRONTEND_AST_H
#define VITRAIL_COMPILER_FRONTEND_AST_H

#include "compiler/frontend/Datum.h"
#include "llvm/ADT/StringRef.h"
#include "llvm/Support/SMLoc.h"
#include <memory>
#include <vector>

namespace vitrail::frontend {

struct Expr {
  enum class Kind {
    Literal,
    Name,
    List,
    Unary,
    Binary,
    Conditional,
    Call,
    Index,
    Shape,
    Scoped,
    Parameter,
    Template,
  };

  Expr(Kind kind, llvm::SMLoc loc) : kind(kind), loc(loc) {}
  virtual ~Expr() = default;

  const Kind kind;
  llvm::SMLoc loc;
  unsigned depth = 1;
};

using ExprPtr = std::unique_ptr<Expr>;

template <Expr::Kind K> struct ExprOf : Expr {
  explicit ExprOf(llvm::SMLoc loc) : Expr(K, loc) {}
  static bool classof(const Expr *expr) { return expr->kind == K; }
};

/// A string, a number, `true`, `false` or `none`.
struct LiteralExpr : ExprOf<Expr::Kind::Literal> {
  using ExprOf::ExprOf;
  Datum value;
};

struct NameExpr : ExprOf<Expr::Kind::Name> {
  using ExprOf::ExprOf;
  llvm::StringRef name;
};

struct ListExpr : ExprOf<Expr::Kind::List> {
  using ExprOf::ExprOf;
  std::vector<ExprPtr> elements;
};

enum class Operator {
  Add,
  Sub,
  Mul,
  Div,
  FloorDiv,
  Mod,
  Pow,
  Eq,
  Ne,
  Lt,
  Le,
  Gt,
  Ge,
  And,
  Or,
  Not,
  Neg,
};

struct UnaryExpr : ExprOf<Expr::Kind::Unary> {
  using ExprOf::ExprOf;
  Operator op;
  ExprPtr operand;
};

struct BinaryExpr : ExprOf<Expr::Kind::Binary> {
  using ExprOf::ExprOf;
  Operator op;
  ExprPtr lhs, rhs;
};

/// `then if condition else otherwise`
struct ConditionalExpr : ExprOf<Expr::Kind::Conditional> {
  using ExprOf::ExprOf;
  ExprPtr condition, then, otherwise;
};

struct Argument {
  llvm::SMLoc loc;
  llvm::StringRef name; // empty for a positional argument
  ExprPtr value;
};

struct CallExpr : ExprOf<Expr::Kind::Call> {
  using ExprOf::ExprOf;
  ExprPtr callee;
  std::vector<Argument> arguments;
};

/// One entry of `x[...]`.
struct Subscript {
  enum class Kind { At, Slice, Rest } kind = Kind::At;
  llvm::SMLoc loc;
  ExprPtr begin, end; // `at` in `begin`; either may be absent in a slice
};

struct IndexExpr : ExprOf<Expr::Kind::Index> {
  using ExprOf::ExprOf;
  ExprPtr base;
  std::vector<Subscript> subscripts;
};

/// `base.shape`
struct ShapeExpr : ExprOf<Expr::Kind::Shape> {
  using ExprOf::ExprOf;
  ExprPtr base;
};

/// Text with expressions in braces, `layer.{i}`: each piece is `text` as it
/// stands, or what `expr` evaluates to.
struct Template {
  struct Piece {
    std::string text;
    ExprPtr expr;
  };
  llvm::SMLoc loc;
  std::vector<Piece> pieces;
  unsigned depth = 1;
};

/// A string with expressions in braces.
struct TemplateExpr : ExprOf<Expr::Kind::Template> {
  using ExprOf::ExprOf;
  Template text;
};

/// `@path callee(arguments)`, `shared @path callee(arguments)`
struct ScopedExpr : ExprOf<Expr::Kind::Scoped> {
  using ExprOf::ExprOf;
  Template path;
  bool shared = false;
  ExprPtr inner; // CallExpr or ParameterExpr
};

/// `parameter[shape] : role`, always within a ScopedExpr.
struct ParameterExpr : ExprOf<Expr::Kind::Parameter> {
  using ExprOf::ExprOf;
  std::vector<ExprPtr> shape;
  llvm::StringRef role;
  llvm::SMLoc roleLoc;
  ExprPtr fanIn;
};

//===----------------------------------------------------------------------===//
// Statements
//===----------------------------------------------------------------------===//

struct Stmt {
  enum class Kind {
    Assign,
    Return,
    If,
    For,
    Scope,
    Block,
    Require,
    Input,
    Output,
    Alias,
  };

  Stmt(Kind kind, llvm::SMLoc loc) : kind(kind), loc(loc) {}
  virtual ~Stmt() = default;

  const Kind kind;
  llvm::SMLoc loc;
};

using Body = std::vector<std::unique_ptr<Stmt>>;

template <Stmt::Kind K> struct StmtOf : Stmt {
  explicit StmtOf(llvm::SMLoc loc) : Stmt(K, loc) {}
  static bool classof(const Stmt *stmt) { return stmt->kind == K; }
};

struct Target {
  llvm::SMLoc loc;
  llvm::StringRef name;
};

/// `x = value`, `q, k = value`, `x += value` (with `op`; its place is `loc`)
struct AssignStmt : StmtOf<Stmt::Kind::Assign> {
  using StmtOf::StmtOf;
  std::vector<Target> targets;
  std::optional<Operator> op;
  ExprPtr value;
};

struct ReturnStmt : StmtOf<Stmt::Kind::Return> {
  using StmtOf::StmtOf;
  ExprPtr value;
};

struct IfStmt : StmtOf<Stmt::Kind::If> {
  using StmtOf::StmtOf;
  ExprPtr condition;
  Body then, otherwise;
};

/// `for name in first..last` (with `last`) or `for name in list`
struct ForStmt : StmtOf<Stmt::Kind::For> {
  using StmtOf::StmtOf;
  Target variable;
  ExprPtr first, last;
  Body body;
};

/// `@path { ... }`
struct ScopeStmt : StmtOf<Stmt::Kind::Scope> {
  using StmtOf::StmtOf;
  Template path;
  Body body;
};

/// A parameter of a model or a block.
struct Formal {
  llvm::SMLoc loc;
  llvm::StringRef name;
  std::optional<DatumType> type;
  ExprPtr defaultValue;
};

/// `block name(formals) { body }`, or in the library `op name(formals)`, which
/// the compiler implements.
struct BlockStmt : StmtOf<Stmt::Kind::Block> {
  using StmtOf::StmtOf;
  llvm::StringRef name;
  std::vector<Formal> formals;
  Body body;
  bool isOp = false;
  bool takesMore = false; // `...` after the formals of an op
};

struct RequireStmt : StmtOf<Stmt::Kind::Require> {
  using StmtOf::StmtOf;
  ExprPtr condition, message;
};

/// `kind[shape](options)`
struct PortType {
  llvm::SMLoc loc;
  llvm::StringRef kind;
  std::vector<ExprPtr> shape;
  std::vector<Argument> options;
};

struct InputStmt : StmtOf<Stmt::Kind::Input> {
  using StmtOf::StmtOf;
  llvm::StringRef name;
  PortType type;
};

struct OutputStmt : StmtOf<Stmt::Kind::Output> {
  using StmtOf::StmtOf;
  llvm::StringRef name;
  PortType type;
  ExprPtr value;
};

struct AliasRule {
  llvm::SMLoc loc;
  std::string from, to;
  std::string part; // "[1/3]" where `to` is a part of a tensor
};

struct AliasStmt : StmtOf<Stmt::Kind::Alias> {
  using StmtOf::StmtOf;
  std::vector<AliasRule> rules;
};

struct ModelDecl {
  llvm::SMLoc loc;
  llvm::StringRef name;
  std::vector<Formal> formals;
  Body body;
};

/// A file: blocks and, except in the library, one model.
struct Description {
  Body blocks;
  std::optional<ModelDecl> model;
};

} // namespace vitrail::frontend

#endif // VITRAIL_COMPILER_FRONTEND_AST_H
