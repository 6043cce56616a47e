//===- VitrailDialect.h - The vitrail dialect -------------------*- C++ -*-===//
//
// Part of Vitrail, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef VITRAIL_DIALECTS_VITRAIL_VITRAILDIALECT_H
#define VITRAIL_DIALECTS_VITRAIL_VITRAILDIALECT_H

#include "dialects/vitrail/Demand.h"
#include "dialects/vitrail/Window.h"
#include "mlir/Bytecode/BytecodeOpInterface.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/IR/BuiltinTypes.h"
#include "mlir/IR/Dialect.h"
#include "mlir/IR/OpDefinition.h"
#include "mlir/IR/OpImplementation.h"
#include "mlir/Interfaces/InferTypeOpInterface.h"
#include "mlir/Interfaces/SideEffectInterfaces.h"

#include "dialects/vitrail/VitrailDialect.h.inc"
#include "dialects/vitrail/VitrailEnums.h.inc"
#include "dialects/vitrail/VitrailInterfaces.h.inc"
#define GET_OP_CLASSES
#include "dialects/vitrail/VitrailOps.h.inc"

namespace vitrail {

/// Lanes of a panel: the quantum in which activations and weights are laid out,
/// one AVX-512 register or two AVX2 registers of f32.
constexpr int64_t panelWidth = 16;

/// Names of attributes on the arguments and results of the entry function.
namespace port {
constexpr llvm::StringLiteral name = "vitrail.name";     // string
constexpr llvm::StringLiteral kind = "vitrail.kind";     // string, see PortKind
constexpr llvm::StringLiteral mean = "vitrail.mean";     // dense f32 array
constexpr llvm::StringLiteral std = "vitrail.std";       // dense f32 array
constexpr llvm::StringLiteral labels = "vitrail.labels"; // string array
} // namespace port

/// The entry function of a model.
constexpr llvm::StringLiteral entryName = "main";

/// The type of a value that is a tensor.
inline mlir::RankedTensorType typeOf(mlir::Value value) {
  return llvm::cast<mlir::RankedTensorType>(value.getType());
}

/// `type`'s shape as a user reads it: "[1, 197, 768]".
std::string shapeString(llvm::ArrayRef<int64_t> shape);
std::string shapeString(mlir::Type type);

/// The rule that `axis` broke: "axis 2 is not an axis of [2, 4]; ...".
std::string axisError(int64_t axis, mlir::Type type);

/// The scope path that the description gave this location
/// ("vit.encoder.layer.0"), or the empty string.
llvm::StringRef scopeName(mlir::Location loc);
/// The place in the description, if known.
std::optional<mlir::FileLineColLoc> sourceLocation(mlir::Location loc);

} // namespace vitrail

#endif // VITRAIL_DIALECTS_VITRAIL_VITRAILDIALECT_H
