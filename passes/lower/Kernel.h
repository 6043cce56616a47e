//===- Kernel.h - A kernel before it is written -----------------*- C++ -*-===//
//
// Part of Vitrail, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef VITRAIL_PASSES_LOWER_KERNEL_H
#define VITRAIL_PASSES_LOWER_KERNEL_H

#include "passes/lower/Access.h"
#include "passes/lower/Tiling.h"

namespace vitrail {

/// A planned kernel: what it reads, the tensor ops, and what it writes.
struct Kernel {
  mlir::func::FuncOp func;
  llvm::SmallVector<ReadOp> reads;
  llvm::SmallVector<mlir::Operation *> ops; // without reads and constants
  WriteOp write;
  std::optional<Tiling> tiling; // where it is not the cost model that decides
  int64_t units; // that threads keep from launch to launch, or 0 (Bands.h)

  explicit Kernel(mlir::func::FuncOp func);

  mlir::RankedTensorType resultType() { return write.getValue().getType(); }
  /// Where code goes: before the return.
  mlir::Operation *end() { return func.getBody().front().getTerminator(); }
  /// The read that makes `tensor`.
  ReadOp readOf(mlir::Value tensor) { return tensor.getDefiningOp<ReadOp>(); }
  /// Reads other than those of `tensors`.
  llvm::SmallVector<ReadOp> readsBut(mlir::ValueRange tensors);
  /// The buffers and the scratch: the arguments that threads have in common
  /// with the parts that they call.
  llvm::SmallVector<mlir::Value> memory();
  /// Appends arguments to the function and returns them.
  llvm::SmallVector<mlir::Value> addArguments(mlir::TypeRange types);
  /// A private copy that is called and never inlined, for one tile of the work.
  Kernel cloneAs(const llvm::Twine &name);
  /// Calls the function that computes one kind of part of the kernel at
  /// `position`. It is made on first use: a copy called after the kernel and
  /// `kind`, with the kernel's buffers and scratch and then the position as
  /// arguments, whose code `emitBody` writes.
  void callPart(Emitter &e, const llvm::Twine &kind,
                llvm::ArrayRef<mlir::Value> position,
                llvm::function_ref<void(Emitter &, Kernel,
                                        llvm::ArrayRef<mlir::Value> position)>
                    emitBody);
  /// Erases the tensor ops, once the code that replaces them is there.
  void eraseTensors();
};

/// What writes one kind of kernel. Made from the kernel, it knows at once how
/// much scratch a thread needs.
class KernelEmitter {
public:
  virtual ~KernelEmitter() = default;
  /// f32 elements of scratch that one thread needs.
  virtual int64_t scratchElements() const { return 0; }
  /// Blocks in which the reduction of a product is walked; 0 where nothing is
  /// tiled.
  virtual int64_t blocks() const { return 0; }
  /// Whether what threads share is, in order, a part for each of so many units,
  /// as `RowTiles::inParts` divides it. One unit is all of it, for one thread.
  virtual bool keepsUnits(int64_t units) { return units == 1; }
  /// Ways to cut the kernel that may be the fastest: first the cost model's,
  /// then others, the more promising first. `e` is at the kernel's place.
  virtual llvm::SmallVector<Tiling> tilings(Emitter &) { return {}; }
  /// Whether the kernel calls the runtime, and needs the team for it.
  virtual bool callsRuntime() const { return false; }
  /// Writes the kernel's code at the emitter's place.
  virtual void emit(Emitter &e) = 0;
};

std::unique_ptr<KernelEmitter> makeLinearEmitter(Kernel kernel, VectorTarget);
/// A linear and depthwise convolutions behind it.
std::unique_ptr<KernelEmitter> makeChainEmitter(Kernel kernel, VectorTarget);
/// A linear whose weights lie in panels of another width than 16: a library
/// multiplies.
std::unique_ptr<KernelEmitter> makeMatmulEmitter(Kernel kernel);
std::unique_ptr<KernelEmitter> makeAttentionEmitter(Kernel kernel,
                                                    VectorTarget);
/// Null for einsums that `EinsumForm` does not know.
std::unique_ptr<KernelEmitter> makeEinsumEmitter(Kernel kernel, VectorTarget);
std::unique_ptr<KernelEmitter> makeRowsEmitter(Kernel kernel, VectorTarget);
std::unique_ptr<KernelEmitter> makeReduceEmitter(Kernel kernel, VectorTarget);
std::unique_ptr<KernelEmitter> makeStencilEmitter(Kernel kernel, VectorTarget);
std::unique_ptr<KernelEmitter> makeWinogradEmitter(Kernel kernel, VectorTarget);
std::unique_ptr<KernelEmitter> makeCopyEmitter(Kernel kernel, VectorTarget);

} // namespace vitrail

#endif // VITRAIL_PASSES_LOWER_KERNEL_H
