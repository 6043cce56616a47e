//===- Datum.h - Values of the description language -------------*- C++ -*-===//
//
// Part of Vitrail, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef VITRAIL_COMPILER_FRONTEND_DATUM_H
#define VITRAIL_COMPILER_FRONTEND_DATUM_H

#include "mlir/IR/BuiltinTypes.h"
#include "mlir/IR/Value.h"
#include "llvm/ADT/StringRef.h"
#include <algorithm>
#include <memory>
#include <optional>
#include <string>
#include <variant>
#include <vector>

namespace vitrail::frontend {

struct BlockStmt;
struct Frame;
class Datum;

enum class DatumType { None, Bool, Int, Float, String, List, Tensor, Block };

/// A tensor of the program. Descriptions speak per sample: where the value
/// depends on an input, its first dimension is the batch, which they never see.
struct Tensor {
  mlir::Value value;
  bool batched = false;

  mlir::RankedTensorType type() const {
    return mlir::cast<mlir::RankedTensorType>(value.getType());
  }
  /// The shape of one sample.
  llvm::ArrayRef<int64_t> shape() const {
    return type().getShape().drop_front(batched);
  }
  int64_t rank() const { return shape().size(); }
};

/// A block and the names that it sees.
struct Callable {
  const BlockStmt *block = nullptr;
  Frame *home = nullptr;
};

using List = std::vector<Datum>;

/// What an expression evaluates to.
class Datum {
public:
  Datum() = default; // none
  Datum(bool value) : content(value) {}
  Datum(int64_t value) : content(value) {}
  Datum(double value) : content(value) {}
  Datum(std::string value) : content(std::move(value)) {}
  Datum(List value) {
    for (const Datum &element : value)
      nesting = std::max(nesting, element.nesting);
    ++nesting;
    content = std::make_shared<const List>(std::move(value));
  }
  Datum(Tensor value) : content(value) {}
  Datum(Callable value) : content(value) {}

  DatumType type() const { return DatumType(content.index()); }
  bool is(DatumType wanted) const { return type() == wanted; }
  bool isNumber() const { return is(DatumType::Int) || is(DatumType::Float); }

  bool boolean() const { return std::get<bool>(content); }
  int64_t integer() const { return std::get<int64_t>(content); }
  /// The value of a number, an integer's included.
  double real() const {
    return is(DatumType::Int) ? double(integer()) : std::get<double>(content);
  }
  const std::string &string() const { return std::get<std::string>(content); }
  const List &list() const {
    return *std::get<std::shared_ptr<const List>>(content);
  }
  /// How deep lists nest in this value.
  unsigned depth() const { return nesting; }
  const Tensor &tensor() const { return std::get<Tensor>(content); }
  const Callable &callable() const { return std::get<Callable>(content); }

private:
  // In the order of DatumType.
  std::variant<std::monostate, bool, int64_t, double, std::string,
               std::shared_ptr<const List>, Tensor, Callable>
      content;
  unsigned nesting = 0;
};

/// "int", "a tensor", ... as errors name a type.
llvm::StringRef typeName(DatumType type);
/// The type that an annotation names.
std::optional<DatumType> typeByName(llvm::StringRef name);
/// The value as errors show it: `3`, `"gelu"`, `a tensor [197, 768]`.
std::string show(const Datum &datum);
/// Whether two values are equal; none for types that do not compare.
std::optional<bool> equal(const Datum &a, const Datum &b);

} // namespace vitrail::frontend

#endif // VITRAIL_COMPILER_FRONTEND_DATUM_H
