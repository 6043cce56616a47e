//===- Expressions.cpp - Values of expressions ----------------------------===//
//
// Part of Vitrail, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "compiler/frontend/Arithmetic.h"
#include "compiler/frontend/Elaborator.h"
#include "llvm/Support/SaveAndRestore.h"

using namespace mlir;
using namespace vitrail;
using namespace vitrail::frontend;

Elaborator::Result Elaborator::evaluate(const Expr &expr) {
  // Depths of expressions and of calls multiply; the stack is finite.
  constexpr unsigned limit = 1500;
  llvm::SaveAndRestore deeper(depth, depth + 1);
  if (depth > limit)
    return error(expr.loc)
           << "calls and expressions are nested too deeply here";
  if (failed(step(expr.loc)))
    return failure();
  switch (expr.kind) {
  case Expr::Kind::Literal:
    return cast<LiteralExpr>(expr).value;
  case Expr::Kind::Name:
    return evaluate(cast<NameExpr>(expr));
  case Expr::Kind::List:
    return evaluate(cast<ListExpr>(expr));
  case Expr::Kind::Unary:
    return evaluate(cast<UnaryExpr>(expr));
  case Expr::Kind::Binary:
    return evaluate(cast<BinaryExpr>(expr));
  case Expr::Kind::Conditional: {
    const auto &choice = cast<ConditionalExpr>(expr);
    FailureOr<bool> condition = evaluateCondition(*choice.condition);
    if (failed(condition))
      return failure();
    return evaluate(*condition ? *choice.then : *choice.otherwise);
  }
  case Expr::Kind::Call:
    return call(cast<CallExpr>(expr), nullptr);
  case Expr::Kind::Index:
    return evaluate(cast<IndexExpr>(expr));
  case Expr::Kind::Shape:
    return evaluate(cast<ShapeExpr>(expr));
  case Expr::Kind::Scoped: {
    const auto &scoped = cast<ScopedExpr>(expr);
    if (const auto *parameter = dyn_cast<ParameterExpr>(scoped.inner.get()))
      return declareParameter(*parameter, scoped);
    return call(cast<CallExpr>(*scoped.inner), &scoped);
  }
  case Expr::Kind::Template: {
    FailureOr<std::string> text = evaluate(cast<TemplateExpr>(expr).text);
    if (failed(text))
      return failure();
    return Datum(*text);
  }
  case Expr::Kind::Parameter:
    break;
  }
  llvm_unreachable("a parameter without a scope");
}

//===----------------------------------------------------------------------===//
// Names, lists, texts
//===----------------------------------------------------------------------===//

Elaborator::Result Elaborator::evaluate(const NameExpr &expr) {
  if (const Binding *binding = frame->find(expr.name))
    return binding->value;
  return error(expr.loc) << "unknown name '" << expr.name << "'"
                         << didYouMean(expr.name, visibleNames());
}

Elaborator::Result Elaborator::evaluate(const ListExpr &expr) {
  List list;
  for (const ExprPtr &element : expr.elements) {
    Result value = evaluate(*element);
    if (failed(value))
      return failure();
    list.push_back(*value);
  }
  constexpr unsigned limit = 16;
  Datum datum(std::move(list));
  if (datum.depth() > limit)
    return error(expr.loc) << "lists nest more than " << limit << " deep here";
  return datum;
}

FailureOr<std::string> Elaborator::evaluate(const Template &text) {
  constexpr size_t limit = 1 << 12;
  std::string result;
  for (const Template::Piece &piece : text.pieces) {
    result += piece.text;
    if (!piece.expr)
      continue;
    Result value = evaluate(*piece.expr);
    if (failed(value))
      return failure();
    result += value->is(DatumType::String) ? value->string() : show(*value);
    if (result.size() > limit)
      return error(text.loc)
             << "this text is longer than " << limit << " letters";
  }
  return result;
}

FailureOr<bool> Elaborator::evaluateCondition(const Expr &expr) {
  Result value = evaluate(expr);
  if (failed(value))
    return failure();
  if (!value->is(DatumType::Bool))
    return error(expr.loc) << "a condition must be true or false, got "
                           << show(*value);
  return value->boolean();
}

FailureOr<int64_t> Elaborator::evaluateInteger(const Expr &expr,
                                               const llvm::Twine &what) {
  Result value = evaluate(expr);
  if (failed(value))
    return failure();
  if (!value->is(DatumType::Int))
    return error(expr.loc) << what << " takes integers, got " << show(*value);
  return value->integer();
}

FailureOr<std::vector<int64_t>>
Elaborator::evaluateShape(ArrayRef<ExprPtr> sizes, llvm::SMLoc loc) {
  std::vector<int64_t> shape;
  for (const ExprPtr &size : sizes) {
    FailureOr<int64_t> value = evaluateInteger(*size, "a shape");
    if (failed(value))
      return failure();
    shape.push_back(*value);
  }
  if (llvm::Error problem = checkShape(shape))
    return error(loc) << llvm::toString(std::move(problem));
  return shape;
}

//===----------------------------------------------------------------------===//
// Operators
//===----------------------------------------------------------------------===//

Elaborator::Result Elaborator::evaluate(const UnaryExpr &expr) {
  if (expr.op == Operator::Not) {
    FailureOr<bool> value = evaluateCondition(*expr.operand);
    if (failed(value))
      return failure();
    return Datum(!*value);
  }
  Result value = evaluate(*expr.operand);
  if (failed(value))
    return failure();
  if (value->is(DatumType::Tensor))
    return take(expr.loc, tensors.unary(where(expr.loc), UnaryKind::Neg,
                                        value->tensor()));
  if (value->isNumber())
    return take(expr.loc, negate(*value));
  return error(expr.loc) << "'-' needs a number or a tensor, got "
                         << show(*value);
}

Elaborator::Result Elaborator::evaluate(const BinaryExpr &expr) {
  if (expr.op == Operator::And || expr.op == Operator::Or) {
    FailureOr<bool> lhs = evaluateCondition(*expr.lhs);
    if (failed(lhs))
      return failure();
    if (*lhs == (expr.op == Operator::Or))
      return Datum(*lhs);
    FailureOr<bool> rhs = evaluateCondition(*expr.rhs);
    if (failed(rhs))
      return failure();
    return Datum(*rhs);
  }
  Result lhs = evaluate(*expr.lhs);
  if (failed(lhs))
    return failure();
  Result rhs = evaluate(*expr.rhs);
  if (failed(rhs))
    return failure();
  return combine(expr.op, expr.loc, *lhs, *rhs);
}

static std::optional<BinaryKind> tensorOperator(Operator op) {
  switch (op) {
  case Operator::Add:
    return BinaryKind::Add;
  case Operator::Sub:
    return BinaryKind::Sub;
  case Operator::Mul:
    return BinaryKind::Mul;
  case Operator::Div:
    return BinaryKind::Div;
  case Operator::Pow:
    return BinaryKind::Pow;
  case Operator::Mod:
    return BinaryKind::Mod;
  case Operator::FloorDiv: // and rounded
    return BinaryKind::Div;
  case Operator::Lt:
  case Operator::Gt: // with its sides exchanged
    return BinaryKind::Lt;
  case Operator::Le:
  case Operator::Ge:
    return BinaryKind::Le;
  case Operator::Eq:
    return BinaryKind::Eq;
  case Operator::Ne:
    return BinaryKind::Ne;
  default:
    return std::nullopt;
  }
}

Elaborator::Result Elaborator::combine(Operator op, llvm::SMLoc loc,
                                       const Datum &lhs, const Datum &rhs) {
  bool left = lhs.is(DatumType::Tensor), right = rhs.is(DatumType::Tensor);
  // Whether an argument was given is asked of tensors, too.
  bool isAbsence = (op == Operator::Eq || op == Operator::Ne) &&
                   (lhs.is(DatumType::None) || rhs.is(DatumType::None));
  if ((!left && !right) || isAbsence)
    return take(loc, compute(op, lhs, rhs));
  std::optional<BinaryKind> kind = tensorOperator(op);
  if (!kind || !(left || lhs.isNumber()) || !(right || rhs.isNumber()))
    return error(loc) << "'" << spelling(op) << "' does not combine "
                      << show(lhs) << " with " << show(rhs);
  Location place = where(loc);
  Tensor a =
      left ? lhs.tensor() : tensors.number(place, lhs.real(), rhs.tensor());
  Tensor b =
      right ? rhs.tensor() : tensors.number(place, rhs.real(), lhs.tensor());
  if (op == Operator::Gt || op == Operator::Ge)
    std::swap(a, b);
  TensorBuilder::Result result = tensors.binary(place, *kind, a, b);
  if (result && op == Operator::FloorDiv)
    result = tensors.unary(place, UnaryKind::Floor, *result);
  return take(loc, std::move(result));
}

//===----------------------------------------------------------------------===//
// Subscripts and shapes
//===----------------------------------------------------------------------===//

Elaborator::Result Elaborator::evaluate(const ShapeExpr &expr) {
  Result base = evaluate(*expr.base);
  if (failed(base))
    return failure();
  if (!base->is(DatumType::Tensor))
    return error(expr.loc) << "only tensors have a shape, and this is "
                           << show(*base);
  List sizes;
  for (int64_t size : base->tensor().shape())
    sizes.push_back(Datum(size));
  return Datum(std::move(sizes));
}

Elaborator::Result Elaborator::evaluate(const IndexExpr &expr) {
  Result base = evaluate(*expr.base);
  if (failed(base))
    return failure();
  if (base->is(DatumType::List))
    return indexList(expr, base->list());
  if (base->is(DatumType::Tensor))
    return indexTensor(expr, base->tensor());
  return error(expr.loc) << "only tensors and lists have elements, and this is "
                         << show(*base);
}

Elaborator::Result Elaborator::indexList(const IndexExpr &expr,
                                         const List &list) {
  const Subscript &subscript = expr.subscripts.front();
  if (expr.subscripts.size() != 1 || subscript.kind != Subscript::Kind::At)
    return error(expr.loc) << "a list has single elements, as in 'depths[0]'";
  FailureOr<int64_t> at = evaluateInteger(*subscript.begin, "a subscript");
  if (failed(at))
    return failure();
  int64_t size = list.size();
  if (*at < -size || *at >= size)
    return error(subscript.loc)
           << "element " << *at << " of a list with " << size << " elements";
  return list[*at < 0 ? *at + size : *at];
}

FailureOr<AxisRange> Elaborator::evaluate(const Subscript &subscript,
                                          int64_t axis, const Tensor &tensor) {
  int64_t size = tensor.shape()[axis];
  const Expr *parts[] = {subscript.begin.get(), subscript.end.get()};
  int64_t bounds[] = {0, size};
  for (auto [part, bound] : llvm::zip_equal(parts, bounds)) {
    if (!part)
      continue;
    FailureOr<int64_t> value = evaluateInteger(*part, "a subscript");
    if (failed(value))
      return failure();
    if (*value < -size || *value > size)
      return error(part->loc) << "subscript " << *value << " lies outside axis "
                              << axis << " of " << shapeString(tensor.shape());
    bound = *value < 0 ? *value + size : *value;
  }
  if (subscript.kind == Subscript::Kind::At) {
    if (bounds[0] == size)
      return error(subscript.loc)
             << "element " << size << " lies outside axis " << axis << " of "
             << shapeString(tensor.shape()) << "; the last is " << size - 1;
    return AxisRange{bounds[0], 1, true};
  }
  if (bounds[0] >= bounds[1])
    return error(subscript.loc)
           << "elements " << bounds[0] << " to " << bounds[1] << " of axis "
           << axis << " are none";
  return AxisRange{bounds[0], bounds[1] - bounds[0], false};
}

Elaborator::Result Elaborator::indexTensor(const IndexExpr &expr,
                                           const Tensor &tensor) {
  int64_t rank = tensor.rank(), given = 0, rests = 0;
  for (const Subscript &subscript : expr.subscripts)
    ++(subscript.kind == Subscript::Kind::Rest ? rests : given);
  if (given > rank || rests > 1)
    return error(expr.loc) << "a tensor " << shapeString(tensor.shape())
                           << " takes " << rank << " subscripts and one '...', "
                           << "got " << given << " and " << rests;
  SmallVector<AxisRange> ranges;
  auto takeAll = [&](int64_t count) {
    for (; count > 0; --count)
      ranges.push_back({0, tensor.shape()[ranges.size()], false});
  };
  for (const Subscript &subscript : expr.subscripts) {
    if (subscript.kind == Subscript::Kind::Rest) {
      takeAll(rank - given);
      continue;
    }
    FailureOr<AxisRange> range = evaluate(subscript, ranges.size(), tensor);
    if (failed(range))
      return failure();
    ranges.push_back(*range);
  }
  takeAll(rank - int64_t(ranges.size()));
  return take(expr.loc, tensors.slice(where(expr.loc), tensor, ranges));
}
