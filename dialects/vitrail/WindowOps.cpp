//===- WindowOps.cpp - Windows over feature maps --------------------------===//
//
// Part of Vitrail, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "dialects/vitrail/VitrailDialect.h"
#include "dialects/vitrail/Winograd.h"
#include "mlir/IR/PatternMatch.h"

using namespace mlir;
using namespace vitrail;

/// Axes before the channels that no window covers follow those of the result.
static std::optional<int64_t> keptAxis(const Window &window,
                                       RankedTensorType map, int64_t dim) {
  return dim < window.firstAxis(map) ? std::optional(dim) : std::nullopt;
}

//===----------------------------------------------------------------------===//
// UnfoldOp
//===----------------------------------------------------------------------===//

LogicalResult UnfoldOp::inferReturnTypes(MLIRContext *,
                                         std::optional<Location> loc,
                                         Adaptor op,
                                         SmallVectorImpl<Type> &results) {
  RankedTensorType map = typeOf(op.getInput());
  if (failed(verifyWindow(loc, "unfold", map, op.getKernel(), op.getStrides(),
                          op.getPads(), op.getDilations())))
    return failure();
  Window window(op.getKernel(), op.getStrides(), op.getPads(),
                op.getDilations());
  results.push_back(
      map.clone(window.placesOf(map, window.taps() * map.getShape().back())));
  return success();
}

std::optional<int64_t> UnfoldOp::getResultDim(unsigned, unsigned dim) {
  return keptAxis(getWindow(), typeOf(getInput()), dim);
}

Box UnfoldOp::getOperandDemand(unsigned, const Box &demand) {
  return getWindow().demandOf(typeOf(getInput()), demand, /*allChannels=*/true);
}

Value UnfoldOp::buildBox(OpBuilder &builder, const Box &demand,
                         ValueRange operands) {
  Window part = getWindow().within(typeOf(getInput()), demand);
  Value rows = UnfoldOp::create(builder, getLoc(), operands[0], getKernel(),
                                getStrides(), part.pads, getDilations());
  Box rest = Box::all(typeOf(rows));
  rest.offsets.back() = demand.offsets.back();
  rest.sizes.back() = demand.sizes.back();
  return extractBox(builder, getLoc(), rows, rest);
}

OpFoldResult UnfoldOp::fold(FoldAdaptor) {
  return getWindow().isPointwise() ? OpFoldResult(getInput()) : OpFoldResult();
}

/// Windows that cut the map into pieces only rearrange it.
static LogicalResult rearrangeTiles(UnfoldOp op, PatternRewriter &rewriter) {
  Window window = op.getWindow();
  RankedTensorType map = typeOf(op.getInput());
  if (!window.tiles(map) || window.isPointwise())
    return failure();
  std::string operand, outer, inner;
  NamedAttrList sizes;
  for (int64_t dim = 0; dim < map.getRank() - 1; ++dim) {
    std::string place = "x" + std::to_string(dim);
    outer += place + " ";
    int64_t axis = dim - window.firstAxis(map);
    if (axis < 0) {
      operand += place + " ";
      continue;
    }
    std::string tap = "k" + std::to_string(axis);
    operand += "(" + place + " " + tap + ") ";
    inner += tap + " ";
    sizes.set(tap, rewriter.getI64IntegerAttr(window.kernel[axis]));
  }
  rewriter.replaceOpWithNewOp<RearrangeOp>(
      op, op.getInput(), operand + "c -> " + outer + "(" + inner + "c)",
      sizes.getDictionary(op.getContext()));
  return success();
}

void UnfoldOp::getCanonicalizationPatterns(RewritePatternSet &patterns,
                                           MLIRContext *) {
  patterns.add(rearrangeTiles);
}

//===----------------------------------------------------------------------===//
// DepthwiseConvOp
//===----------------------------------------------------------------------===//

LogicalResult
DepthwiseConvOp::inferReturnTypes(MLIRContext *, std::optional<Location> loc,
                                  Adaptor op, SmallVectorImpl<Type> &results) {
  RankedTensorType map = typeOf(op.getInput()), filter = typeOf(op.getFilter());
  if (filter.getRank() < 2 || map.getRank() == 0 ||
      filter.getShape().back() != map.getShape().back())
    return emitOptionalError(
        loc,
        "depthwise_conv: the filter must be [window, channels] with the "
        "channels of the map ",
        shapeString(map), ", got ", shapeString(filter));
  ArrayRef<int64_t> kernel = filter.getShape().drop_back();
  if (failed(verifyWindow(loc, "depthwise_conv", map, kernel, op.getStrides(),
                          op.getPads(), op.getDilations())))
    return failure();
  int64_t channels = map.getShape().back();
  if (op.getBias() &&
      typeOf(op.getBias()).getShape() != ArrayRef<int64_t>(channels))
    return emitOptionalError(loc, "depthwise_conv: the bias must be [",
                             channels, "], got ",
                             shapeString(typeOf(op.getBias())));
  Window window(kernel, op.getStrides(), op.getPads(), op.getDilations());
  results.push_back(map.clone(window.placesOf(map, channels)));
  return success();
}

std::optional<int64_t> DepthwiseConvOp::getResultDim(unsigned operand,
                                                     unsigned dim) {
  auto operandType = cast<RankedTensorType>(getOperand(operand).getType());
  if (int64_t(dim) + 1 == operandType.getRank())
    return getType().getRank() - 1;
  return operand == 0 ? keptAxis(getWindow(), operandType, dim) : std::nullopt;
}

Box DepthwiseConvOp::getOperandDemand(unsigned operand, const Box &demand) {
  if (operand == 0)
    return getWindow().demandOf(typeOf(getInput()), demand,
                                /*allChannels=*/false);
  return vitrail::detail::defaultOperandDemand(*this, operand, demand);
}

Value DepthwiseConvOp::buildBox(OpBuilder &builder, const Box &demand,
                                ValueRange operands) {
  Window part = getWindow().within(typeOf(getInput()), demand);
  return DepthwiseConvOp::create(builder, getLoc(), operands[0], operands[1],
                                 getBias() ? operands[2] : Value(),
                                 getStrides(), part.pads, getDilations());
}

int64_t DepthwiseConvOp::getMacs() {
  return getType().getNumElements() * getWindow().taps();
}

//===----------------------------------------------------------------------===//
// PoolOp
//===----------------------------------------------------------------------===//

LogicalResult PoolOp::inferReturnTypes(MLIRContext *,
                                       std::optional<Location> loc, Adaptor op,
                                       SmallVectorImpl<Type> &results) {
  RankedTensorType map = typeOf(op.getInput());
  if (failed(verifyWindow(loc, "pool", map, op.getKernel(), op.getStrides(),
                          op.getPads(), op.getDilations())))
    return failure();
  // A zero may be added beyond the edge; nothing there can be a maximum.
  for (auto [axis, dilation] : llvm::enumerate(op.getDilations())) {
    int64_t dim = map.getRank() - 1 - op.getKernel().size() + axis;
    if (op.getKernel()[axis] > 1 && dilation > map.getDimSize(dim))
      return emitOptionalError(loc, "pool: windows with a dilation of ",
                               dilation, " can miss all ", map.getDimSize(dim),
                               " elements of axis ", dim, " of ",
                               shapeString(map), "; dilate less");
  }
  if (op.getCountPads() && op.getKind() != ReduceKind::Mean)
    return emitOptionalError(loc, "pool: only a mean counts pads, not ",
                             stringifyReduceKind(op.getKind()));
  Window window(op.getKernel(), op.getStrides(), op.getPads(),
                op.getDilations());
  results.push_back(map.clone(window.placesOf(map, map.getShape().back())));
  return success();
}

std::optional<int64_t> PoolOp::getResultDim(unsigned, unsigned dim) {
  RankedTensorType map = typeOf(getInput());
  return int64_t(dim) + 1 == map.getRank() ? std::optional<int64_t>(dim)
                                           : keptAxis(getWindow(), map, dim);
}

Box PoolOp::getOperandDemand(unsigned, const Box &demand) {
  return getWindow().demandOf(typeOf(getInput()), demand,
                              /*allChannels=*/false);
}

Value PoolOp::buildBox(OpBuilder &builder, const Box &demand,
                       ValueRange operands) {
  Window part = getWindow().within(typeOf(getInput()), demand);
  return PoolOp::create(builder, getLoc(), getKind(), operands[0], getKernel(),
                        getStrides(), part.pads, getDilations(),
                        getCountPads());
}

//===----------------------------------------------------------------------===//
// WinogradConvOp
//===----------------------------------------------------------------------===//

LogicalResult WinogradConvOp::inferReturnTypes(MLIRContext *,
                                               std::optional<Location> loc,
                                               Adaptor op,
                                               SmallVectorImpl<Type> &results) {
  RankedTensorType map = typeOf(op.getInput()), filter = typeOf(op.getFilter());
  constexpr int64_t kernel[] = {winograd::taps, winograd::taps};
  if (failed(verifyWindow(loc, "winograd_conv", map, kernel, {}, op.getPads(),
                          {})))
    return failure();
  int64_t channels = map.getShape().back();
  if (filter.getRank() != 3 || filter.getDimSize(0) != winograd::products ||
      filter.getDimSize(1) != channels)
    return emitOptionalError(loc, "winograd_conv: the filter must be [",
                             winograd::products, ", ", channels,
                             ", features] for the map ", shapeString(map),
                             ", got ", shapeString(filter));
  int64_t features = filter.getDimSize(2);
  if (op.getBias() &&
      typeOf(op.getBias()).getShape() != ArrayRef<int64_t>(features))
    return emitOptionalError(loc, "winograd_conv: the bias must be [", features,
                             "], got ", shapeString(typeOf(op.getBias())));
  Window window(kernel, {}, op.getPads(), {});
  results.push_back(map.clone(window.placesOf(map, features)));
  return success();
}

std::optional<int64_t> WinogradConvOp::getResultDim(unsigned operand,
                                                    unsigned dim) {
  if (operand == 0)
    return keptAxis(getWindow(), typeOf(getInput()), dim);
  auto operandType = typeOf(getOperand(operand));
  bool isFeature = int64_t(dim) + 1 == operandType.getRank();
  return isFeature ? std::optional(getType().getRank() - 1) : std::nullopt;
}

Window WinogradConvOp::getTiles() {
  Window window = getWindow();
  RankedTensorType map = typeOf(getInput());
  SmallVector<int64_t, 4> pads(window.pads);
  for (int64_t axis = 0; axis < window.rank(); ++axis) {
    int64_t size = map.getDimSize(window.firstAxis(map) + axis);
    pads[window.rank() + axis] += window.places(axis, size) % winograd::places;
  }
  constexpr int64_t kernel[] = {winograd::elements, winograd::elements};
  constexpr int64_t strides[] = {winograd::places, winograd::places};
  return {kernel, strides, pads, {}};
}

int64_t WinogradConvOp::getMacs() {
  RankedTensorType map = typeOf(getInput());
  return llvm::product_of(getTiles().placesOf(map, map.getShape().back())) *
         winograd::products * getType().getShape().back();
}
