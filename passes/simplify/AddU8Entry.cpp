//===- AddU8Entry.cpp - An entry that takes pixels ------------------------===//
//
// Part of Vitrail, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "dialects/vitrail/Entries.h"
#include "passes/simplify/Passes.h"
#include "passes/simplify/Report.h"

namespace vitrail {
#define GEN_PASS_DEF_ADDU8ENTRY
#include "passes/simplify/Passes.h.inc"
} // namespace vitrail

using namespace mlir;
using namespace vitrail;

/// Whether argument `number` is an image [batch, channels, height, width].
static bool isImage(func::FuncOp function, unsigned number) {
  auto kind = function.getArgAttrOfType<StringAttr>(number, port::kind);
  auto type =
      dyn_cast<RankedTensorType>(function.getArgument(number).getType());
  return kind && kind.getValue() == "image" && type && type.getRank() == 4 &&
         type.getElementType().isF32();
}

namespace {

/// Makes the image that one argument of a function was of its pixels.
class PixelInput {
public:
  PixelInput(func::FuncOp function, unsigned number)
      : function(function), number(number),
        builder(OpBuilder::atBlockBegin(&function.getBody().front())),
        loc(function.getArgument(number).getLoc()) {}

  void rewrite() {
    BlockArgument argument = function.getArgument(number);
    ArrayRef<int64_t> shape =
        cast<RankedTensorType>(argument.getType()).getShape();
    channels = shape[1];
    auto type = RankedTensorType::get({shape[0], shape[2], shape[3], shape[1]},
                                      builder.getIntegerType(8, false));
    // A temporary stands for the image until there is one.
    auto image = UnrealizedConversionCastOp::create(
        builder, loc, argument.getType(), argument);
    argument.replaceAllUsesExcept(image.getResult(0), image);
    argument.setType(type);
    image.getResult(0).replaceAllUsesWith(normalize(argument));
    image.erase();
  }

private:
  /// (pixel / 255 - mean) / std = pixel · 1 / (255 std) - mean / std, of which
  /// freeze computes the factor and the summand.
  Value normalize(Value pixels) {
    Value value = FromU8Op::create(builder, loc, pixels);
    Value std = constant(port::std, 1.0f);
    Value full = BinaryOp::create(builder, loc, BinaryKind::Mul, std,
                                  constant(ArrayRef<float>(255.0f)));
    Value factor = UnaryOp::create(builder, loc, UnaryKind::Reciprocal, full);
    value = BinaryOp::create(builder, loc, BinaryKind::Mul, value, factor);
    if (hasMean()) {
      Value mean = BinaryOp::create(builder, loc, BinaryKind::Div,
                                    constant(port::mean, 0.0f), std);
      Value summand = UnaryOp::create(builder, loc, UnaryKind::Neg, mean);
      value = BinaryOp::create(builder, loc, BinaryKind::Add, value, summand);
    }
    return RearrangeOp::create(builder, loc, value, "b h w c -> b c h w",
                               builder.getDictionaryAttr({}));
  }

  bool hasMean() {
    auto means =
        function.getArgAttrOfType<DenseF32ArrayAttr>(number, port::mean);
    return means && llvm::any_of(means.asArrayRef(),
                                 [](float mean) { return mean != 0; });
  }

  /// What the port says of each channel.
  Value constant(StringRef name, float otherwise) {
    auto given = function.getArgAttrOfType<DenseF32ArrayAttr>(number, name);
    SmallVector<float> values(channels, otherwise);
    if (given && given.size() == channels)
      values.assign(given.asArrayRef().begin(), given.asArrayRef().end());
    return constant(values);
  }

  Value constant(ArrayRef<float> values) {
    auto type =
        RankedTensorType::get({int64_t(values.size())}, builder.getF32Type());
    return arith::ConstantOp::create(builder, loc,
                                     DenseElementsAttr::get(type, values));
  }

  func::FuncOp function;
  unsigned number;
  OpBuilder builder;
  Location loc;
  int64_t channels = 0;
};

struct AddU8Entry : vitrail::impl::AddU8EntryBase<AddU8Entry> {
  void runOnOperation() override {
    constexpr StringLiteral name = "u8";
    auto main = getOperation().lookupSymbol<func::FuncOp>(entryName);
    if (!main || getOperation().lookupSymbol(name))
      return;
    SmallVector<unsigned> images;
    for (unsigned i = 0; i < main.getNumArguments(); ++i)
      if (isImage(main, i))
        images.push_back(i);
    if (images.empty())
      return;
    func::FuncOp entry = main.clone();
    entry.setName(name);
    entry->setAttr(entryMark, UnitAttr::get(&getContext()));
    main->getBlock()->getOperations().insertAfter(Block::iterator(main), entry);
    for (unsigned number : images)
      PixelInput(entry, number).rewrite();
    entry.setFunctionType(FunctionType::get(
        &getContext(), entry.getBody().front().getArgumentTypes(),
        entry.getResultTypes()));
    for (unsigned number : images)
      for (StringRef attribute : {port::mean, port::std})
        entry.removeArgAttr(number, attribute);
    reportApplied(entry, "add-u8-entry")
        << remark::add("images enter as pixels, too");
  }
};

} // namespace
