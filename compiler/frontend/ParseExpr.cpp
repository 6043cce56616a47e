//===- ParseExpr.cpp - Expressions ----------------------------------------===//
//
// Part of Vitrail, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "compiler/frontend/Parser.h"
#include "llvm/ADT/STLExtras.h"

using namespace vitrail::frontend;
using llvm::StringRef;

ExprPtr Parser::parseWhole() {
  ExprPtr expr = parseExpr();
  if (expr && !token.is(Token::Kind::End))
    return unexpected("the end of the expression");
  return failed ? nullptr : std::move(expr);
}

bool Parser::adopt(Expr &parent, const Expr &child) {
  constexpr unsigned limit = 200;
  parent.depth = std::max(parent.depth, child.depth + 1);
  if (parent.depth <= limit)
    return true;
  fail(parent.loc, "this expression is nested more than " + llvm::Twine(limit) +
                       " levels deep; give parts of it names of their own");
  return false;
}

//===----------------------------------------------------------------------===//
// Operators
//===----------------------------------------------------------------------===//

namespace {
struct BinaryOperator {
  StringRef text;
  Operator op;
  unsigned precedence;
};
} // namespace

static constexpr unsigned notPrecedence = 3, signPrecedence = 7;
static const BinaryOperator binaryOperators[] = {
    {"or", Operator::Or, 1},       {"and", Operator::And, 2},
    {"==", Operator::Eq, 4},       {"!=", Operator::Ne, 4},
    {"<", Operator::Lt, 4},        {"<=", Operator::Le, 4},
    {">", Operator::Gt, 4},        {">=", Operator::Ge, 4},
    {"+", Operator::Add, 5},       {"-", Operator::Sub, 5},
    {"*", Operator::Mul, 6},       {"/", Operator::Div, 6},
    {"//", Operator::FloorDiv, 6}, {"%", Operator::Mod, 6},
    {"**", Operator::Pow, 8},
};

/// `then if condition else otherwise`, or without a condition.
ExprPtr Parser::parseExpr() {
  Nesting guard(*this);
  if (guard.tooDeep())
    return nullptr;
  ExprPtr then = parseBinary(0);
  if (!then || !token.is("if") || !continues())
    return then;
  auto expr = std::make_unique<ConditionalExpr>(token.loc());
  advance();
  expr->then = std::move(then);
  if (!(expr->condition = parseBinary(0)) ||
      !expect("else", "and the other value of this conditional") ||
      !(expr->otherwise = parseExpr()) || !adopt(*expr, *expr->then) ||
      !adopt(*expr, *expr->condition) || !adopt(*expr, *expr->otherwise))
    return nullptr;
  return expr;
}

ExprPtr Parser::parseBinary(unsigned minimum) {
  ExprPtr lhs = parseUnary();
  while (lhs && continues()) {
    const auto *found = llvm::find_if(binaryOperators, [&](auto &candidate) {
      return token.is(candidate.text);
    });
    if (found == std::end(binaryOperators) || found->precedence < minimum)
      break;
    auto expr = std::make_unique<BinaryExpr>(token.loc());
    expr->op = found->op;
    expr->lhs = std::move(lhs);
    advance();
    // '**' groups from the right, and binds tighter than a sign before it.
    bool fromRight = found->op == Operator::Pow;
    Nesting guard(*this);
    if (guard.tooDeep())
      return nullptr;
    expr->rhs = parseBinary(fromRight ? signPrecedence : found->precedence + 1);
    if (!expr->rhs || !adopt(*expr, *expr->lhs) || !adopt(*expr, *expr->rhs))
      return nullptr;
    lhs = std::move(expr);
  }
  return lhs;
}

ExprPtr Parser::parseUnary() {
  if (!token.is("-") && !token.is("not"))
    return parsePostfix();
  Nesting guard(*this);
  if (guard.tooDeep())
    return nullptr;
  auto expr = std::make_unique<UnaryExpr>(token.loc());
  expr->op = token.is("-") ? Operator::Neg : Operator::Not;
  advance();
  expr->operand = parseBinary(expr->op == Operator::Neg ? signPrecedence + 1
                                                        : notPrecedence);
  if (!expr->operand || !adopt(*expr, *expr->operand))
    return nullptr;
  return expr;
}

//===----------------------------------------------------------------------===//
// Calls, subscripts, members
//===----------------------------------------------------------------------===//

ExprPtr Parser::parsePostfix() {
  ExprPtr expr = parsePrimary();
  while (expr && continues()) {
    if (token.is("(")) {
      expr = parseCall(std::move(expr));
    } else if (token.is("[")) {
      expr = parseIndex(std::move(expr));
    } else if (token.is(".")) {
      auto shape = std::make_unique<ShapeExpr>(token.loc());
      advance();
      if (!token.is("shape"))
        return unexpected("'shape', the one member that tensors have");
      advance();
      shape->base = std::move(expr);
      if (!adopt(*shape, *shape->base))
        return nullptr;
      expr = std::move(shape);
    } else {
      break;
    }
  }
  return expr;
}

ExprPtr Parser::parseCall(ExprPtr callee) {
  auto call = std::make_unique<CallExpr>(callee->loc);
  call->callee = std::move(callee);
  if (!parseArguments(call->arguments) || !adopt(*call, *call->callee))
    return nullptr;
  for (const Argument &argument : call->arguments)
    if (!adopt(*call, *argument.value))
      return nullptr;
  return call;
}

/// `(value, name = value, ...)`
bool Parser::parseArguments(std::vector<Argument> &arguments) {
  advance();
  ++brackets;
  while (!token.is(")")) {
    Argument argument;
    argument.loc = token.loc();
    if (token.is(Token::Kind::Identifier) && ahead.is("=")) {
      if (!expectName(argument.name, "an argument's name"))
        return false;
      advance();
    } else if (!arguments.empty() && !arguments.back().name.empty()) {
      fail("an argument without a name cannot follow one with a name");
      return false;
    }
    if (!(argument.value = parseExpr()))
      return false;
    arguments.push_back(std::move(argument));
    if (!consume(","))
      break;
  }
  --brackets;
  return expect(")", "after the arguments");
}

bool Parser::parseSubscript(Subscript &subscript) {
  subscript.loc = token.loc();
  if (consume("...")) {
    subscript.kind = Subscript::Kind::Rest;
    return true;
  }
  if (!token.is(":") && !(subscript.begin = parseExpr()))
    return false;
  if (!consume(":"))
    return true;
  subscript.kind = Subscript::Kind::Slice;
  return token.is(",") || token.is("]") || (subscript.end = parseExpr());
}

/// `base[0]`, `base[1:, ..., :-1]`
ExprPtr Parser::parseIndex(ExprPtr base) {
  auto index = std::make_unique<IndexExpr>(token.loc());
  index->base = std::move(base);
  advance();
  ++brackets;
  do {
    Subscript &subscript = index->subscripts.emplace_back();
    if (!parseSubscript(subscript))
      return nullptr;
    for (const ExprPtr *part : {&subscript.begin, &subscript.end})
      if (*part && !adopt(*index, **part))
        return nullptr;
  } while (consume(","));
  --brackets;
  if (!expect("]", "after the subscripts") || !adopt(*index, *index->base))
    return nullptr;
  return index;
}

//===----------------------------------------------------------------------===//
// Scopes and parameters
//===----------------------------------------------------------------------===//

/// Splits `raw`, which lies in the source, into text and expressions in braces.
bool Parser::parseTemplate(StringRef raw, Template &result) {
  result.loc = token.loc();
  while (!raw.empty()) {
    if (raw.consume_front("{")) {
      StringRef inner = raw.take_until([](char c) { return c == '}'; });
      Parser parser(inner, reporter);
      parser.nesting = nesting;
      Template::Piece &piece = result.pieces.emplace_back();
      if (!(piece.expr = parser.parseWhole())) {
        failed = true;
        return false;
      }
      if (inner.size() == raw.size()) {
        fail(llvm::SMLoc::getFromPointer(inner.data() - 1),
             "this '{' has no '}'");
        return false;
      }
      result.depth = std::max(result.depth, piece.expr->depth + 1);
      raw = raw.drop_front(inner.size() + 1);
      continue;
    }
    if (result.pieces.empty() || result.pieces.back().expr)
      result.pieces.emplace_back();
    if (raw.consume_front("\\") && !StringRef("\"\\{").contains(raw.front())) {
      fail(llvm::SMLoc::getFromPointer(raw.data() - 1),
           "unknown escape in a string; '\\\"', '\\\\' and '\\{' are known");
      return false;
    }
    result.pieces.back().text += raw.front();
    raw = raw.drop_front();
  }
  return true;
}

/// `@path callee(arguments)` or `@path parameter[shape] : role`, at the path.
ExprPtr Parser::parseScoped(bool shared) {
  auto scoped = std::make_unique<ScopedExpr>(token.loc());
  scoped->shared = shared;
  if (!parseTemplate(token.text.drop_front(), scoped->path))
    return nullptr;
  advance();
  scoped->depth = scoped->path.depth;
  if (token.is("parameter") && ahead.is("[")) {
    scoped->inner = parseParameter();
  } else {
    auto callee = std::make_unique<NameExpr>(token.loc());
    if (!expectName(callee->name, "a block to call after the scope, as in "
                                  "'@name linear(x, 10)'"))
      return nullptr;
    if (!token.is("("))
      return unexpected("'(' and arguments after '" + callee->name +
                        "', since a scope names the weights of a call");
    scoped->inner = parseCall(std::move(callee));
  }
  if (!scoped->inner || !adopt(*scoped, *scoped->inner))
    return nullptr;
  return scoped;
}

ExprPtr Parser::parseParameter() {
  auto parameter = std::make_unique<ParameterExpr>(token.loc());
  advance();
  advance();
  ++brackets;
  bool done = parseList(parameter->shape, "]");
  --brackets;
  if (!done || !expect("]", "after the parameter's shape"))
    return nullptr;
  for (const ExprPtr &size : parameter->shape)
    if (!adopt(*parameter, *size))
      return nullptr;
  if (!expect(":", "and a role after the parameter's shape, as in "
                   "'parameter[768] : bias'"))
    return nullptr;
  parameter->roleLoc = token.loc();
  if (!expectName(parameter->role, "the parameter's role"))
    return nullptr;
  if (token.is("(") && continues()) {
    advance();
    ++brackets;
    parameter->fanIn = parseExpr();
    --brackets;
    if (!parameter->fanIn || !adopt(*parameter, *parameter->fanIn) ||
        !expect(")", "after the number of inputs"))
      return nullptr;
  }
  return parameter;
}

//===----------------------------------------------------------------------===//
// Primary expressions
//===----------------------------------------------------------------------===//

bool Parser::parseList(std::vector<ExprPtr> &elements, StringRef close) {
  while (!token.is(close)) {
    ExprPtr element = parseExpr();
    if (!element)
      return false;
    elements.push_back(std::move(element));
    if (!consume(","))
      break;
  }
  return true;
}

/// A string literal, which may hold expressions in braces.
ExprPtr Parser::parseString() {
  auto string = std::make_unique<TemplateExpr>(token.loc());
  if (!parseTemplate(token.text.drop_front().drop_back(), string->text))
    return nullptr;
  advance();
  string->depth = string->text.depth;
  std::vector<Template::Piece> &pieces = string->text.pieces;
  if (!pieces.empty() && (pieces.size() > 1 || pieces.front().expr))
    return string;
  auto literal = std::make_unique<LiteralExpr>(string->loc);
  literal->value = pieces.empty() ? std::string() : pieces.front().text;
  return literal;
}

ExprPtr Parser::parseNumber() {
  auto literal = std::make_unique<LiteralExpr>(token.loc());
  std::string digits = token.text.str();
  digits.erase(std::remove(digits.begin(), digits.end(), '_'), digits.end());
  int64_t integer;
  double real;
  if (token.is(Token::Kind::Integer)) {
    if (StringRef(digits).getAsInteger(10, integer))
      return fail("the number " + token.text + " does not fit into 64 bits");
    literal->value = integer;
  } else {
    if (StringRef(digits).getAsDouble(real) || !std::isfinite(real))
      return fail("the number " + token.text + " is too large");
    literal->value = real;
  }
  advance();
  return literal;
}

ExprPtr Parser::parsePrimary() {
  Nesting guard(*this);
  if (guard.tooDeep())
    return nullptr;
  if (token.is(Token::Kind::Path))
    return parseScoped(/*shared=*/false);
  if (token.is("shared") && ahead.is(Token::Kind::Path)) {
    advance();
    return parseScoped(/*shared=*/true);
  }
  if (token.is(Token::Kind::Integer) || token.is(Token::Kind::Float))
    return parseNumber();
  if (token.is(Token::Kind::String))
    return parseString();
  if (token.is("true") || token.is("false") || token.is("none")) {
    auto literal = std::make_unique<LiteralExpr>(token.loc());
    if (!token.is("none"))
      literal->value = token.is("true");
    advance();
    return literal;
  }
  if (consume("(")) {
    ++brackets;
    ExprPtr expr = parseExpr();
    --brackets;
    if (!expr || !expect(")", "to close the bracket"))
      return nullptr;
    return expr;
  }
  if (token.is("[")) {
    auto list = std::make_unique<ListExpr>(token.loc());
    advance();
    ++brackets;
    bool done = parseList(list->elements, "]");
    --brackets;
    if (!done || !expect("]", "after the list's elements"))
      return nullptr;
    for (const ExprPtr &element : list->elements)
      if (!adopt(*list, *element))
        return nullptr;
    return list;
  }
  auto name = std::make_unique<NameExpr>(token.loc());
  if (!expectName(name->name, "an expression"))
    return nullptr;
  return name;
}
