//===- TensorBuilder.h - Per-sample tensor ops into the dialect -*- C++ -*-===//
//
// Part of Vitrail, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Descriptions speak of one sample; the dialect's tensors carry the batch in
// front. This is the one place that translates: axes and patterns count from
// the sample's first axis, and tensors that depend on weights alone stay
// without batch until an op needs it.
//
//===----------------------------------------------------------------------===//

#ifndef VITRAIL_COMPILER_FRONTEND_TENSORBUILDER_H
#define VITRAIL_COMPILER_FRONTEND_TENSORBUILDER_H

#include "compiler/frontend/Datum.h"
#include "dialects/vitrail/VitrailDialect.h"
#include "llvm/Support/Error.h"

namespace vitrail::frontend {

/// The most elements of one tensor (256 GiB of f32), which also keeps counts of
/// multiply-accumulates within 64 bits.
constexpr int64_t maxElements = int64_t(1) << 36;

/// Checks that all sizes are positive and their product is no more than
/// `maxElements`.
llvm::Error checkShape(llvm::ArrayRef<int64_t> shape);

llvm::Error makeError(const llvm::Twine &message);

/// The range of elements that a subscript takes of one axis.
struct AxisRange {
  int64_t offset, size;
  bool dropAxis; // `x[i]`, where size is 1
};

/// Keys and values that queries of `attention` or `cross_attention` meet.
struct AttentionOptions {
  int64_t heads;
  std::optional<double> scale; // 1/sqrt(d) by default
  std::optional<Tensor> bias;
  MaskKind mask = MaskKind::None;
  bool cross = false;
};

struct NormOptions {
  std::optional<Tensor> gain, bias;
  int64_t axis = -1;
  double eps = 0;
  bool rms = false, epsOutside = false;
  int64_t ddof = 0;
};

struct ResizeOptions {
  ResizeKind kind;
  std::optional<double> coefficient; // PyTorch's by default
  bool antialias = false, alignCorners = false;
};

/// A window as descriptions give it: with pads for each axis, or for the
/// beginnings of all and then their ends.
struct WindowOptions {
  std::vector<int64_t> kernel, strides, pads, dilations;
};

class TensorBuilder {
public:
  using Result = llvm::Expected<Tensor>;

  TensorBuilder(mlir::MLIRContext &context, int64_t batch)
      : builder(&context), batch(batch) {}

  mlir::RankedTensorType tensorType(llvm::ArrayRef<int64_t> shape);
  mlir::RankedTensorType batchedType(llvm::ArrayRef<int64_t> shape);

  /// A number that meets `other`. What depends on an input is computed in the
  /// element type; what does not in double precision, and so is the number.
  Tensor number(mlir::Location loc, double value, const Tensor &other);
  /// `start`, `start + step`, ... along one axis.
  Result range(mlir::Location loc, int64_t count, double start, double step);
  Result unary(mlir::Location loc, UnaryKind kind, Tensor x);
  Result binary(mlir::Location loc, BinaryKind kind, Tensor lhs, Tensor rhs);
  Result affine(mlir::Location loc, Tensor x, Tensor weight,
                std::optional<Tensor> bias, bool transposed);
  Result patchEmbed(mlir::Location loc, Tensor image, Tensor filter,
                    std::optional<Tensor> bias);
  Result einsum(mlir::Location loc, llvm::StringRef equation,
                llvm::ArrayRef<Tensor> operands);
  Result attention(mlir::Location loc, Tensor query, Tensor key, Tensor value,
                   const AttentionOptions &options);
  Result normalize(mlir::Location loc, Tensor x, const NormOptions &options);
  Result softmax(mlir::Location loc, Tensor x, int64_t axis);
  Result reduce(mlir::Location loc, ReduceKind kind, Tensor x,
                llvm::ArrayRef<int64_t> axes, bool keepDims);
  Result rearrange(mlir::Location loc, Tensor x, llvm::StringRef pattern,
                   llvm::ArrayRef<std::pair<std::string, int64_t>> sizes);
  Result concat(mlir::Location loc, llvm::ArrayRef<Tensor> parts, int64_t axis);
  Result slice(mlir::Location loc, Tensor x, llvm::ArrayRef<AxisRange> ranges);
  Result broadcast(mlir::Location loc, Tensor x, llvm::ArrayRef<int64_t> shape);
  Result roll(mlir::Location loc, Tensor x, llvm::ArrayRef<int64_t> shifts,
              llvm::ArrayRef<int64_t> axes);
  Result unfold(mlir::Location loc, Tensor x, const WindowOptions &window);
  Result depthwise(mlir::Location loc, Tensor x, Tensor filter,
                   std::optional<Tensor> bias, const WindowOptions &window);
  Result pool(mlir::Location loc, ReduceKind kind, Tensor x,
              const WindowOptions &window, bool countPads);
  /// Elements of an axis of a constant table by their numbers.
  Result gather(mlir::Location loc, Tensor table, Tensor indices, int64_t axis);
  /// Gives each axis its size by interpolation.
  Result resize(mlir::Location loc, Tensor x, llvm::ArrayRef<int64_t> axes,
                llvm::ArrayRef<int64_t> sizes, const ResizeOptions &options);
  /// Repeats a tensor without batch for every sample.
  Result withBatch(mlir::Location loc, Tensor x);

  mlir::OpBuilder builder;

private:
  /// Creates an op after its shape rule has accepted the operands; the rule's
  /// objection is the error.
  template <typename Op, typename... Args>
  Result create(mlir::Location loc, bool batched, Args &&...args) {
    mlir::OperationState state(loc, Op::getOperationName());
    Op::build(builder, state, tensorType({}), std::forward<Args>(args)...);
    return create(state, batched, [&](llvm::SmallVectorImpl<mlir::Type> &to) {
      return Op::inferReturnTypes(
          loc.getContext(), loc, state.operands,
          state.attributes.getDictionary(loc.getContext()),
          state.getRawProperties(), state.regions, to);
    });
  }
  Result create(mlir::OperationState &state, bool batched,
                llvm::function_ref<
                    mlir::LogicalResult(llvm::SmallVectorImpl<mlir::Type> &)>
                    inferTypes);
  /// `axis` counted from the front of the dialect's tensor.
  llvm::Expected<int64_t> resolveAxis(llvm::StringRef op, const Tensor &x,
                                      int64_t axis);
  /// Inserts axes of size one behind the batch until samples have `rank` axes.
  Result alignRank(mlir::Location loc, Tensor x, int64_t rank);

  /// Checks that a window over `x` leaves the batch alone.
  llvm::Error checkWindow(llvm::StringRef op, const Tensor &x, size_t rank);

  int64_t batch;
  int64_t opCount = 0;
};

} // namespace vitrail::frontend

#endif // VITRAIL_COMPILER_FRONTEND_TENSORBUILDER_H
