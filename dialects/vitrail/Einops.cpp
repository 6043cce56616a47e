//===- Einops.cpp - Patterns of rearrange and einsum ----------------------===//
//
// Part of Vitrail, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "dialects/vitrail/Einops.h"
#include "dialects/vitrail/VitrailDialect.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/ADT/StringMap.h"

using namespace mlir;
using namespace vitrail;

using Groups = SmallVector<SmallVector<StringRef>>;

static llvm::Error fail(const Twine &message) {
  return llvm::createStringError(message);
}

/// Reads one side of a pattern into its dimensions, each a list of axis names.
/// The axis `1` has size one and no name: it is dropped from its list.
static llvm::Expected<Groups> parseSide(StringRef side) {
  Groups groups;
  bool open = false;
  StringRef all = side.trim();
  while (!(side = side.ltrim()).empty()) {
    if (side.consume_front("(")) {
      if (open)
        return fail("parentheses in \"" + all +
                    "\" nest: write axes side by side");
      open = true;
      groups.emplace_back();
      continue;
    }
    if (side.consume_front(")")) {
      if (!open)
        return fail("')' in \"" + all + "\" closes no parenthesis");
      open = false;
      continue;
    }
    StringRef name =
        side.take_while([](char c) { return llvm::isAlnum(c) || c == '_'; });
    if (name.empty())
      return fail("unexpected '" + side.take_front(1) + "' in \"" + all +
                  "\": axes are names, '1' or groups in parentheses");
    side = side.drop_front(name.size());
    if (!open)
      groups.emplace_back();
    if (llvm::isDigit(name.front())) {
      if (name != "1")
        return fail("axis '" + name + "' in \"" + all +
                    "\": the only number allowed is 1");
      continue;
    }
    groups.back().push_back(name);
  }
  if (open)
    return fail("'(' in \"" + all + "\" is not closed");
  return groups;
}

bool Rearrangement::isIdentityOrder() const {
  return llvm::is_sorted(permutation);
}

/// Sizes of the axes of one operand dimension; at most one may be open.
static llvm::Error resolveAxes(ArrayRef<StringRef> axes, int64_t size,
                               DictionaryAttr sizes,
                               llvm::StringMap<int64_t> &extents) {
  std::optional<StringRef> open;
  int64_t known = 1;
  for (StringRef axis : axes) {
    auto given = sizes ? sizes.getAs<IntegerAttr>(axis) : IntegerAttr();
    if (!given) {
      if (open)
        return fail("sizes of axes '" + *open + "' and '" + axis +
                    "' are both open: give one of them");
      open = axis;
      continue;
    }
    if (given.getInt() <= 0)
      return fail("axis '" + axis + "' has size " + Twine(given.getInt()) +
                  ": sizes are positive");
    if (given.getInt() > size)
      return fail("axis '" + axis + "' of size " + Twine(given.getInt()) +
                  " does not fit into a dimension of size " + Twine(size));
    extents[axis] = given.getInt();
    known *= given.getInt();
  }
  if (known == 0 || size % known != 0 || (!open && size != known))
    return fail("a dimension of size " + Twine(size) +
                " does not split into axes of " + Twine(known) +
                (open ? " and '" + open->str() + "'" : std::string()));
  if (open)
    extents[*open] = size / known;
  return llvm::Error::success();
}

llvm::Expected<Rearrangement> vitrail::parseRearrange(StringRef pattern,
                                                      ArrayRef<int64_t> shape,
                                                      DictionaryAttr sizes) {
  auto [leftText, rightText] = pattern.split("->");
  if (!pattern.contains("->"))
    return fail("a rearrange pattern has two sides joined by '->', got \"" +
                pattern + "\"");
  auto left = parseSide(leftText);
  if (!left)
    return left.takeError();
  auto right = parseSide(rightText);
  if (!right)
    return right.takeError();
  if (left->size() != shape.size())
    return fail("pattern \"" + pattern + "\" describes " + Twine(left->size()) +
                " dimensions, the operand " + shapeString(shape) + " has " +
                Twine(shape.size()));

  ArrayRef<NamedAttribute> given;
  if (sizes)
    given = sizes.getValue();
  for (NamedAttribute size : given)
    if (!isa<IntegerAttr>(size.getValue()))
      return fail("the size given for axis '" + size.getName().getValue() +
                  "' is not an integer");

  Rearrangement result;
  llvm::StringMap<int64_t> extents, position;
  for (auto [axes, size] : llvm::zip_equal(*left, shape)) {
    if (llvm::Error error = resolveAxes(axes, size, sizes, extents))
      return std::move(error);
    int64_t begin = result.splitShape.size();
    for (StringRef axis : axes) {
      if (!position.try_emplace(axis, result.splitShape.size()).second)
        return fail("axis '" + axis + "' stands twice on the left of \"" +
                    pattern + "\"");
      result.splitShape.push_back(extents[axis]);
      result.names.push_back(axis.str());
    }
    result.operandAxes.emplace_back(begin, result.splitShape.size());
  }
  llvm::StringMap<bool> seen;
  for (ArrayRef<StringRef> axes : *right) {
    int64_t begin = result.permutation.size(), size = 1;
    for (StringRef axis : axes) {
      auto found = position.find(axis);
      if (found == position.end())
        return fail("axis '" + axis + "' on the right of \"" + pattern +
                    "\" does not stand on the left");
      if (!seen.try_emplace(axis, true).second)
        return fail("axis '" + axis + "' stands twice on the right of \"" +
                    pattern + "\"");
      result.permutation.push_back(found->second);
      size *= result.splitShape[found->second];
    }
    result.resultAxes.emplace_back(begin, result.permutation.size());
    result.resultShape.push_back(size);
  }
  for (NamedAttribute size : given)
    if (!position.contains(size.getName()))
      return fail("a size is given for axis '" + size.getName().getValue() +
                  "', which does not stand in \"" + pattern + "\"");
  for (auto &axis : position)
    if (!seen.contains(axis.getKey()))
      return fail("axis '" + axis.getKey() + "' on the left of \"" + pattern +
                  "\" does not stand on the right");
  return result;
}

namespace {
/// A part of an operand's dimension `dim`: every `stride`-th of `size · stride`
/// elements of it.
struct Piece {
  int64_t dim, size, stride;
};
/// The pieces of each dimension, the outermost first.
using Pieces = SmallVector<SmallVector<Piece>>;
} // namespace

/// Takes the innermost `size` elements of a dimension off its pieces.
static std::optional<SmallVector<Piece>> takeInner(SmallVector<Piece> &pieces,
                                                   int64_t size) {
  SmallVector<Piece> taken;
  while (size > 1) {
    Piece &last = pieces.back();
    if (size % last.size == 0) {
      taken.insert(taken.begin(), last);
      size /= last.size;
      pieces.pop_back();
    } else if (last.size % size == 0) {
      taken.insert(taken.begin(), {last.dim, size, last.stride});
      last.size /= size;
      last.stride *= size;
      size = 1;
    } else {
      return std::nullopt;
    }
  }
  return taken;
}

static std::optional<Pieces> rearrangePieces(Pieces dims,
                                             const Rearrangement &map) {
  Pieces axes(map.splitShape.size());
  for (auto [pieces, range] : llvm::zip_equal(dims, map.operandAxes))
    for (int64_t axis = range.second - 1; axis >= range.first; --axis) {
      auto taken = takeInner(pieces, map.splitShape[axis]);
      if (!taken)
        return std::nullopt;
      axes[axis] = *taken;
    }
  Pieces result;
  for (auto [begin, end] : map.resultAxes) {
    SmallVector<Piece> &pieces = result.emplace_back();
    for (int64_t axis : ArrayRef(map.permutation).slice(begin, end - begin))
      for (const Piece &piece : axes[axis]) {
        bool joins = !pieces.empty() && pieces.back().dim == piece.dim &&
                     pieces.back().stride == piece.size * piece.stride;
        if (joins)
          pieces.back() = {piece.dim, pieces.back().size * piece.size,
                           piece.stride};
        else
          pieces.push_back(piece);
      }
  }
  return result;
}

std::optional<RearrangePattern>
vitrail::composeRearrangements(const Rearrangement &first,
                               const Rearrangement &second) {
  Pieces whole;
  for (auto [begin, end] : first.operandAxes) {
    int64_t size =
        llvm::product_of(ArrayRef(first.splitShape).slice(begin, end - begin));
    whole.emplace_back();
    if (size != 1)
      whole.back().push_back({int64_t(whole.size()) - 1, size, 1});
  }
  auto between = rearrangePieces(whole, first);
  auto result = between ? rearrangePieces(*between, second) : std::nullopt;
  if (!result)
    return std::nullopt;

  // The pieces of the operand's dimensions, in order, have the names.
  Pieces operand(whole.size());
  for (ArrayRef<Piece> pieces : *result)
    for (const Piece &piece : pieces)
      operand[piece.dim].push_back(piece);
  for (SmallVector<Piece> &pieces : operand)
    llvm::sort(pieces, [](const Piece &a, const Piece &b) {
      return a.stride > b.stride;
    });
  auto nameOf = [&](const Piece &piece) {
    int64_t number = 0;
    for (ArrayRef<Piece> pieces : ArrayRef(operand).take_front(piece.dim))
      number += pieces.size();
    auto place = llvm::find_if(operand[piece.dim], [&](const Piece &other) {
      return other.stride == piece.stride;
    });
    return "x" + std::to_string(number + (place - operand[piece.dim].begin()));
  };
  auto side = [&](const Pieces &dims) {
    SmallVector<std::string> terms;
    for (ArrayRef<Piece> pieces : dims) {
      SmallVector<std::string> names = llvm::map_to_vector(pieces, nameOf);
      terms.push_back(names.empty()       ? "1"
                      : names.size() == 1 ? names.front()
                                          : "(" + llvm::join(names, " ") + ")");
    }
    return llvm::join(terms, " ");
  };
  RearrangePattern pattern;
  std::string left = side(operand), right = side(*result);
  pattern.text = left + " -> " + right;
  pattern.isIdentity = left == right;
  for (ArrayRef<Piece> pieces : operand)
    for (const Piece &piece : pieces.drop_front(!pieces.empty()))
      pattern.sizes.emplace_back(nameOf(piece), piece.size);
  return pattern;
}

llvm::Expected<Contraction>
vitrail::parseEinsum(StringRef equation, ArrayRef<ArrayRef<int64_t>> shapes) {
  auto [leftText, rightText] = equation.split("->");
  if (!equation.contains("->"))
    return fail("an einsum equation has the form \"ab,bc->ac\", got \"" +
                equation + "\"");
  SmallVector<StringRef> terms;
  leftText.split(terms, ',');
  if (terms.size() != shapes.size())
    return fail("einsum \"" + equation + "\" names " + Twine(terms.size()) +
                " operands, got " + Twine(shapes.size()));

  Contraction result;
  std::map<char, int64_t> number;
  rightText = rightText.trim();
  for (char letter : rightText)
    if (!number.try_emplace(letter, number.size()).second)
      return fail("index '" + Twine(letter) +
                  "' stands twice in the result of einsum \"" + equation +
                  "\"");
  result.resultRank = rightText.size();
  result.extents.assign(rightText.size(), -1);
  for (auto [term, shape] : llvm::zip_equal(terms, shapes)) {
    term = term.trim();
    if (term.size() != shape.size())
      return fail("term \"" + term + "\" of einsum \"" + equation + "\" has " +
                  Twine(term.size()) + " indices, its operand " +
                  shapeString(shape) + " has " + Twine(shape.size()) +
                  " dimensions");
    SmallVector<int64_t> &indices = result.operandIndices.emplace_back();
    for (auto [letter, size] : llvm::zip_equal(term, shape)) {
      if (letter < 'a' || letter > 'z')
        return fail("indices of an einsum are lower-case letters, got '" +
                    Twine(letter) + "'");
      auto [entry, added] = number.try_emplace(letter, number.size());
      if (added)
        result.extents.push_back(size);
      int64_t &extent = result.extents[entry->second];
      if (extent >= 0 && extent != size)
        return fail("index '" + Twine(letter) + "' of einsum \"" + equation +
                    "\" has sizes " + Twine(extent) + " and " + Twine(size));
      extent = size;
      indices.push_back(entry->second);
    }
  }
  for (auto [letter, extent] : llvm::zip(rightText, result.extents))
    if (extent < 0)
      return fail("index '" + Twine(letter) + "' of einsum \"" + equation +
                  "\" stands in no operand");
  return result;
}
