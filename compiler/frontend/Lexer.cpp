//===- Lexer.cpp - Tokens of the description language ---------------------===//
//
// Part of Vitrail, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "compiler/frontend/Lexer.h"
#include "llvm/ADT/StringExtras.h"

using namespace vitrail::frontend;
using llvm::StringRef;

static bool isWord(char c) { return llvm::isAlnum(c) || c == '_'; }

Token Lexer::take(Token::Kind kind, size_t length) {
  Token token{kind, rest.take_front(length), startsLine};
  rest = rest.drop_front(length);
  return token;
}

Token Lexer::fail(size_t offset, const llvm::Twine &message) {
  reporter.error(llvm::SMLoc::getFromPointer(rest.data() + offset)) << message;
  return take(Token::Kind::Error, 0);
}

/// Skips blanks and comments; returns whether a line ended.
bool Lexer::skipBlanks() {
  bool newline = false;
  while (!rest.empty()) {
    if (rest.front() == '#')
      rest = rest.drop_until([](char c) { return c == '\n'; });
    else if (StringRef(" \t\r\n").contains(rest.front())) {
      newline |= rest.front() == '\n';
      rest = rest.drop_front();
    } else
      break;
  }
  return newline;
}

Token Lexer::number() {
  auto digits = [&](size_t from) {
    while (from < rest.size() &&
           (llvm::isDigit(rest[from]) || rest[from] == '_'))
      ++from;
    return from;
  };
  auto digitAt = [&](size_t at) {
    return at < rest.size() && llvm::isDigit(rest[at]);
  };
  Token::Kind kind = Token::Kind::Integer;
  size_t end = digits(0);
  if (end < rest.size() && rest[end] == '.' && digitAt(end + 1)) {
    kind = Token::Kind::Float;
    end = digits(end + 1);
  }
  if (end < rest.size() && (rest[end] == 'e' || rest[end] == 'E')) {
    size_t exponent = end + 1;
    if (exponent < rest.size() &&
        (rest[exponent] == '-' || rest[exponent] == '+'))
      ++exponent;
    if (digitAt(exponent)) {
      kind = Token::Kind::Float;
      end = digits(exponent);
    }
  }
  if (end < rest.size() && isWord(rest[end]))
    return fail(end, "a number ends here, but a letter follows; names start "
                     "with a letter or '_'");
  return take(kind, end);
}

Token Lexer::string() {
  for (size_t end = 1; end < rest.size() && rest[end] != '\n'; ++end) {
    if (rest[end] == '"')
      return take(Token::Kind::String, end + 1);
    if (rest[end] == '\\')
      ++end;
    else if (!llvm::isPrint(rest[end]) && !(rest[end] & 0x80))
      return fail(end, "control characters cannot stand in a string");
  }
  return fail(0, "this string does not end on its line; close it with '\"'");
}

/// `@a.b.{expression}.c`, without blanks outside the braces.
Token Lexer::path() {
  size_t end = 1;
  while (end < rest.size()) {
    if (rest[end] == '{') {
      size_t close = rest.find_first_of("}\n", end);
      if (close == StringRef::npos || rest[close] != '}')
        return fail(end, "this '{' in a scope's name has no '}' on its line");
      end = close + 1;
    } else if (isWord(rest[end]) || rest[end] == '.') {
      ++end;
    } else {
      break;
    }
  }
  StringRef text = rest.take_front(end);
  if (end == 1 || text[1] == '.' || text.back() == '.' || text.contains(".."))
    return fail(0, "a scope's name is made of words joined by '.', as in "
                   "'@encoder.layer.{i}'");
  return take(Token::Kind::Path, end);
}

Token Lexer::next() {
  startsLine = skipBlanks() || startsLine;
  // Only the first token after a line end starts a line.
  struct Reset {
    bool &flag;
    ~Reset() { flag = false; }
  } reset{startsLine};

  if (rest.empty())
    return take(Token::Kind::End, 0);
  char c = rest.front();
  if (llvm::isAlpha(c) || c == '_')
    return take(Token::Kind::Identifier, rest.take_while(isWord).size());
  if (llvm::isDigit(c))
    return number();
  if (c == '"')
    return string();
  if (c == '@')
    return path();
  // The longest symbol first.
  for (StringRef symbol :
       {"...", "**", "//", "==", "!=", "<=", ">=", "+=", "-=", "*=",
        "/=",  "->", "..", "+",  "-",  "*",  "/",  "%",  "<",  ">",
        "=",   "(",  ")",  "[",  "]",  "{",  "}",  ",",  ":",  "."})
    if (rest.starts_with(symbol))
      return take(Token::Kind::Symbol, symbol.size());
  if (!llvm::isPrint(c))
    return fail(0, "unexpected byte 0x" +
                       llvm::Twine(llvm::toHex(StringRef(&c, 1))) +
                       "; a description is plain text");
  return fail(0, "unexpected character '" + llvm::Twine(c) + "'");
}
