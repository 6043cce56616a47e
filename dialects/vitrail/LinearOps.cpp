//===- LinearOps.cpp - Matrix products with weights -----------------------===//
//
// Part of Vitrail, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "dialects/vitrail/Einops.h"
#include "dialects/vitrail/VitrailDialect.h"

using namespace mlir;
using namespace vitrail;

//===----------------------------------------------------------------------===//
// LinearOp
//===----------------------------------------------------------------------===//

LogicalResult LinearOp::inferReturnTypes(MLIRContext *,
                                         std::optional<Location> loc,
                                         Adaptor op,
                                         SmallVectorImpl<Type> &results) {
  auto input = cast<RankedTensorType>(op.getInput().getType());
  auto weight = cast<RankedTensorType>(op.getWeight().getType());
  if (weight.getRank() != 2)
    return emitOptionalError(loc,
                             "linear: the weight must be a matrix [out, "
                             "in], or [in, out] if transposed, got ",
                             shapeString(weight));
  if (input.getRank() == 0)
    return emitOptionalError(
        loc, "linear: the input must have at least one axis, got ",
        shapeString(input));
  int64_t in = weight.getDimSize(op.getTransposed() ? 0 : 1);
  int64_t out = weight.getDimSize(op.getTransposed() ? 1 : 0);
  if (input.getShape().back() != in)
    return emitOptionalError(
        loc, "linear: the input ", shapeString(input), " has ",
        input.getShape().back(), " features, the weight ", shapeString(weight),
        " takes ", in,
        input.getShape().back() == out
            ? "; a weight stored the other way takes or drops 'transposed'"
            : "");
  if (op.getBias()) {
    auto bias = cast<RankedTensorType>(op.getBias().getType());
    if (bias.getShape() != ArrayRef<int64_t>(out))
      return emitOptionalError(loc, "linear: the bias must be [", out,
                               "] for the weight ", shapeString(weight),
                               ", got ", shapeString(bias));
  }
  SmallVector<int64_t> shape(input.getShape());
  shape.back() = out;
  results.push_back(input.clone(shape));
  return success();
}

std::optional<int64_t> LinearOp::getResultDim(unsigned operand, unsigned dim) {
  if (operand == 0) // the contracted axis is needed whole
    return dim + 1 == getInput().getType().getRank() ? std::nullopt
                                                     : std::optional(dim);
  int64_t features = getResult().getType().getRank() - 1;
  bool outputAxis = operand == 2 || dim == (getTransposed() ? 1 : 0);
  return outputAxis ? std::optional(features) : std::nullopt;
}

int64_t LinearOp::getMacs() {
  return getResult().getType().getNumElements() * getInputFeatures();
}

//===----------------------------------------------------------------------===//
// PatchEmbedOp
//===----------------------------------------------------------------------===//

LogicalResult PatchEmbedOp::inferReturnTypes(MLIRContext *,
                                             std::optional<Location> loc,
                                             Adaptor op,
                                             SmallVectorImpl<Type> &results) {
  auto image = cast<RankedTensorType>(op.getImage().getType());
  auto weight = cast<RankedTensorType>(op.getWeight().getType());
  if (image.getRank() != 4 || weight.getRank() != 4)
    return emitOptionalError(
        loc, "patch_embed: the image must be [batch, C, H, W] and the filter ",
        "[D, C, p, q], got ", shapeString(image), " and ", shapeString(weight));
  if (image.getDimSize(1) != weight.getDimSize(1))
    return emitOptionalError(loc, "patch_embed: the image ", shapeString(image),
                             " has ", image.getDimSize(1),
                             " channels, the filter ", shapeString(weight),
                             " takes ", weight.getDimSize(1));
  int64_t tokens = 1;
  for (int64_t axis : {2, 3}) {
    int64_t size = image.getDimSize(axis), patch = weight.getDimSize(axis);
    if (patch == 0 || size % patch)
      return emitOptionalError(loc, "patch_embed: patches of ", patch,
                               " do not divide an image size of ", size,
                               "; choose a multiple of ", patch);
    tokens *= size / patch;
  }
  int64_t out = weight.getDimSize(0);
  if (op.getBias() &&
      cast<RankedTensorType>(op.getBias().getType()).getShape() !=
          ArrayRef<int64_t>(out))
    return emitOptionalError(loc, "patch_embed: the bias must be [", out,
                             "], got ", shapeString(op.getBias().getType()));
  results.push_back(
      image.clone(ArrayRef<int64_t>{image.getDimSize(0), tokens, out}));
  return success();
}

std::optional<int64_t> PatchEmbedOp::getResultDim(unsigned operand,
                                                  unsigned dim) {
  if (dim != 0)
    return std::nullopt;
  return operand == 0 ? 0 : 2;
}

int64_t PatchEmbedOp::getMacs() {
  RankedTensorType weight = getWeight().getType();
  return getResult().getType().getNumElements() * weight.getDimSize(1) *
         weight.getDimSize(2) * weight.getDimSize(3);
}

//===----------------------------------------------------------------------===//
// EinsumOp
//===----------------------------------------------------------------------===//

static llvm::Expected<Contraction> resolveEinsum(StringRef equation,
                                                 ValueRange operands) {
  SmallVector<ArrayRef<int64_t>> shapes;
  for (Value operand : operands)
    shapes.push_back(cast<RankedTensorType>(operand.getType()).getShape());
  return parseEinsum(equation, shapes);
}

LogicalResult EinsumOp::inferReturnTypes(MLIRContext *,
                                         std::optional<Location> loc,
                                         Adaptor op,
                                         SmallVectorImpl<Type> &results) {
  if (op.getInputs().empty())
    return emitOptionalError(loc, "einsum: needs at least one operand");
  auto contraction = resolveEinsum(op.getEquation(), op.getInputs());
  if (!contraction)
    return emitOptionalError(
        loc, "einsum: ", llvm::toString(contraction.takeError()));
  auto first = cast<RankedTensorType>(op.getInputs().front().getType());
  results.push_back(first.clone(ArrayRef<int64_t>(contraction->extents)
                                    .take_front(contraction->resultRank)));
  return success();
}

std::optional<int64_t> EinsumOp::getResultDim(unsigned operand, unsigned dim) {
  Contraction contraction =
      llvm::cantFail(resolveEinsum(getEquation(), getInputs()));
  int64_t index = contraction.operandIndices[operand][dim];
  return index < contraction.resultRank ? std::optional(index) : std::nullopt;
}

Value EinsumOp::buildBox(OpBuilder &builder, const Box &, ValueRange operands) {
  return EinsumOp::create(builder, getLoc(), getEquation(), operands);
}

int64_t EinsumOp::getMacs() {
  Contraction contraction =
      llvm::cantFail(resolveEinsum(getEquation(), getInputs()));
  // An elementwise product or a plain sum is no matrix product.
  if (contraction.extents.size() == size_t(contraction.resultRank) ||
      getInputs().size() < 2)
    return 0;
  int64_t macs = getInputs().size() - 1;
  for (int64_t extent : contraction.extents)
    macs *= extent;
  return macs;
}
