//===- ProgramOps.cpp - Regions, buffers, barriers ------------------------===//
//
// Part of Vitrail, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "dialects/vitrail/Panels.h"
#include "dialects/vitrail/VitrailDialect.h"

using namespace mlir;
using namespace vitrail;

ParseResult RegionOp::parse(OpAsmParser &parser, OperationState &result) {
  StringAttr name;
  SmallVector<OpAsmParser::Argument> arguments;
  SmallVector<OpAsmParser::UnresolvedOperand> operands;
  if (parser.parseAttribute(name, "name", result.attributes) ||
      parser.parseLParen())
    return failure();
  if (parser.parseOptionalRParen()) {
    do {
      if (parser.parseArgument(arguments.emplace_back()) ||
          parser.parseEqual() || parser.parseOperand(operands.emplace_back()) ||
          parser.parseColonType(arguments.back().type))
        return failure();
    } while (succeeded(parser.parseOptionalComma()));
    if (parser.parseRParen())
      return failure();
  }
  Type type;
  if (parser.parseArrow() || parser.parseType(type))
    return failure();
  result.addTypes(type);
  for (auto [operand, argument] : llvm::zip_equal(operands, arguments))
    if (parser.resolveOperand(operand, argument.type, result.operands))
      return failure();
  return failure(parser.parseRegion(*result.addRegion(), arguments) ||
                 parser.parseOptionalAttrDict(result.attributes));
}

void RegionOp::print(OpAsmPrinter &printer) {
  printer << ' ' << getNameAttr() << '(';
  llvm::interleaveComma(llvm::zip_equal(getBody().getArguments(), getInputs()),
                        printer, [&](auto pair) {
                          auto [argument, input] = pair;
                          printer << argument << " = " << input << " : "
                                  << input.getType();
                        });
  printer << ") -> " << getType() << ' ';
  printer.printRegion(getBody(), /*printEntryBlockArgs=*/false);
  printer.printOptionalAttrDict((*this)->getAttrs(), {"name"});
}

LogicalResult RegionOp::verify() {
  Block &block = getBody().front();
  if (block.getArgumentTypes() != getInputs().getTypes())
    return emitOpError(
               "body's arguments must have the types of the operands, (")
           << getInputs().getTypes() << "), got (" << block.getArgumentTypes()
           << ")";
  auto yield = cast<YieldOp>(block.getTerminator());
  if (!yield.getResult())
    return yield.emitOpError("must yield the region's result of type ")
           << getType() << ", got nothing";
  if (yield.getResult().getType() != getType())
    return yield.emitOpError("must yield the region's result of type ")
           << getType() << ", got " << yield.getResult().getType();
  return success();
}

/// Checks that `buffer` holds `tensor` in panels of `width` along `axis`, or
/// row-major.
static LogicalResult verifyLayout(Operation *op, MemRefType buffer,
                                  RankedTensorType tensor, int64_t axis,
                                  bool rows, int64_t width = panelWidth) {
  if (axis < 0 || axis >= tensor.getRank())
    return op->emitOpError(axisError(axis, tensor));
  SmallVector<int64_t> shape = rows
                                   ? SmallVector<int64_t>(tensor.getShape())
                                   : panelShape(tensor.getShape(), axis, width);
  if (buffer.getShape() != ArrayRef<int64_t>(shape))
    return op->emitOpError("a tensor ")
           << shapeString(tensor) << " lies in a buffer of "
           << shapeString(shape) << ", got " << shapeString(buffer);
  Type element = tensor.getElementType();
  bool isPixels = isa<ReadOp>(op) && buffer.getElementType().isInteger(8) &&
                  element.isF32();
  if (buffer.getElementType() != element && !isPixels)
    return op->emitOpError("a tensor of ")
           << element << " lies in a buffer of " << element
           << (isa<ReadOp>(op) && element.isF32() ? " or is read of one of i8"
                                                  : "")
           << ", got " << buffer.getElementType();
  return success();
}

LogicalResult ReadOp::verify() {
  int64_t width = getWidth();
  if (width < 1)
    return emitOpError("width must be at least 1, got ") << width;
  if (getRows() && width != panelWidth)
    return emitOpError("a row-major buffer has no panels; got width = ")
           << width;
  return verifyLayout(*this, getBuffer().getType(), getType(), getAxis(),
                      getRows(), width);
}

LogicalResult WriteOp::verify() {
  return verifyLayout(*this, getBuffer().getType(), getValue().getType(),
                      getAxis(), getRows());
}
