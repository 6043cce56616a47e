//===- Lexer.h - Tokens of the description language -------------*- C++ -*-===//
//
// Part of Vitrail, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef VITRAIL_COMPILER_FRONTEND_LEXER_H
#define VITRAIL_COMPILER_FRONTEND_LEXER_H

#include "compiler/frontend/Reporter.h"

namespace vitrail::frontend {

struct Token {
  enum class Kind {
    End,
    Error, // reported
    Identifier,
    Integer,
    Float,
    String, // with its quotes
    Path,   // with its '@'
    Symbol, // an operator or a bracket
  };

  Kind kind = Kind::End;
  llvm::StringRef text;
  /// Whether a line ends between the token before and this one.
  bool startsLine = false;

  bool is(Kind wanted) const { return kind == wanted; }
  /// Whether this is the symbol or the word `wanted`.
  bool is(llvm::StringRef wanted) const {
    return (kind == Kind::Symbol || kind == Kind::Identifier) && text == wanted;
  }
  llvm::SMLoc loc() const { return llvm::SMLoc::getFromPointer(text.data()); }
};

class Lexer {
public:
  /// Tokens of `text`, which lies in a buffer of the reporter's sources.
  Lexer(llvm::StringRef text, const Reporter &reporter)
      : rest(text), reporter(reporter) {}

  Token next();

private:
  bool skipBlanks();
  Token number();
  Token string();
  Token path();
  Token take(Token::Kind kind, size_t length);
  Token fail(size_t offset, const llvm::Twine &message);

  llvm::StringRef rest;
  bool startsLine = true;
  const Reporter &reporter;
};

} // namespace vitrail::frontend

#endif // VITRAIL_COMPILER_FRONTEND_LEXER_H
