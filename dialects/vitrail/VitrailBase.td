//===- VitrailBase.td - Dialect, types and enums ---------------*- tablegen -*-===//
//
// Part of Vitrail, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef VITRAIL_BASE_TD
#define VITRAIL_BASE_TD

include "mlir/IR/EnumAttr.td"
include "mlir/IR/OpBase.td"
include "mlir/Interfaces/InferTypeOpInterface.td"
include "mlir/Interfaces/SideEffectInterfaces.td"
include "dialects/vitrail/VitrailInterfaces.td"

def Vitrail_Dialect : Dialect {
  let name = "vitrail";
  let cppNamespace = "::vitrail";
  let summary = "What a transformer model computes, and the program it becomes";
  let description = [{
    Two levels share this dialect. The *model level* says what is computed: pure
    ops on static tensors, batch dimension first, weights by name. The *program
    level* says how: fused regions, buffers at fixed addresses, barriers.
  }];
  let dependentDialects = ["::mlir::arith::ArithDialect",
                           "::mlir::func::FuncDialect",
                           "::mlir::memref::MemRefDialect"];
}

/// All tensors have static shapes: tiles, tails and memory are planned exactly.
def Vitrail_Tensor : StaticShapeTensorOf<[AnyFloat]>;
/// Bytes of pixels as they come in; everything else is floating point.
def Vitrail_Pixels : StaticShapeTensorOf<[UI8]>;
def Vitrail_Buffer : StaticShapeMemRefOf<[AnyFloat, I8]>;

class Vitrail_Enum<string name, string summary, list<I32EnumAttrCase> cases>
    : I32EnumAttr<name, summary, cases> {
  let cppNamespace = "::vitrail";
}

def Vitrail_WeightRole : Vitrail_Enum<"WeightRole", "what a weight is for", [
  I32EnumAttrCase<"Matrix", 0, "matrix">,
  I32EnumAttrCase<"Bias", 1, "bias">,
  I32EnumAttrCase<"Token", 2, "token">,
  I32EnumAttrCase<"Position", 3, "position">,
  I32EnumAttrCase<"Gain", 4, "gain">,
  I32EnumAttrCase<"RunningMean", 5, "running_mean">,
  I32EnumAttrCase<"RunningVariance", 6, "running_variance">,
  I32EnumAttrCase<"LayerScale", 7, "layer_scale">,
]>;

def Vitrail_UnaryKind : Vitrail_Enum<"UnaryKind", "elementwise function", [
  I32EnumAttrCase<"Neg", 0, "neg">, I32EnumAttrCase<"Abs", 1, "abs">,
  I32EnumAttrCase<"Exp", 2, "exp">, I32EnumAttrCase<"Exp2", 3, "exp2">,
  I32EnumAttrCase<"Log", 4, "log">, I32EnumAttrCase<"Sqrt", 5, "sqrt">,
  I32EnumAttrCase<"Rsqrt", 6, "rsqrt">,
  I32EnumAttrCase<"Reciprocal", 7, "reciprocal">,
  I32EnumAttrCase<"Square", 8, "square">, I32EnumAttrCase<"Sin", 9, "sin">,
  I32EnumAttrCase<"Cos", 10, "cos">, I32EnumAttrCase<"Tanh", 11, "tanh">,
  I32EnumAttrCase<"Erf", 12, "erf">, I32EnumAttrCase<"Sigmoid", 13, "sigmoid">,
  I32EnumAttrCase<"Relu", 14, "relu">, I32EnumAttrCase<"Gelu", 15, "gelu">,
  I32EnumAttrCase<"GeluTanh", 16, "gelu_tanh">,
  I32EnumAttrCase<"QuickGelu", 17, "quick_gelu">,
  I32EnumAttrCase<"Silu", 18, "silu">, I32EnumAttrCase<"Floor", 19, "floor">,
  I32EnumAttrCase<"Ceil", 20, "ceil">,
]>;

def Vitrail_BinaryKind : Vitrail_Enum<"BinaryKind", "elementwise operator", [
  I32EnumAttrCase<"Add", 0, "add">, I32EnumAttrCase<"Sub", 1, "sub">,
  I32EnumAttrCase<"Mul", 2, "mul">, I32EnumAttrCase<"Div", 3, "div">,
  I32EnumAttrCase<"Max", 4, "max">, I32EnumAttrCase<"Min", 5, "min">,
  I32EnumAttrCase<"Pow", 6, "pow">, I32EnumAttrCase<"Mod", 7, "mod">,
  I32EnumAttrCase<"Lt", 8, "lt">, I32EnumAttrCase<"Le", 9, "le">,
  I32EnumAttrCase<"Eq", 10, "eq">, I32EnumAttrCase<"Ne", 11, "ne">,
]>;

def Vitrail_ReduceKind : Vitrail_Enum<"ReduceKind", "reduction", [
  I32EnumAttrCase<"Sum", 0, "sum">, I32EnumAttrCase<"Mean", 1, "mean">,
  I32EnumAttrCase<"Max", 2, "max">, I32EnumAttrCase<"Min", 3, "min">,
]>;

def Vitrail_MaskKind : Vitrail_Enum<"MaskKind", "which keys a query may see", [
  I32EnumAttrCase<"None", 0, "none">, I32EnumAttrCase<"Causal", 1, "causal">,
]>;

def Vitrail_ResizeKind : Vitrail_Enum<"ResizeKind", "interpolation", [
  I32EnumAttrCase<"Linear", 0, "linear">, I32EnumAttrCase<"Cubic", 1, "cubic">,
]>;

def Vitrail_Space : Vitrail_Enum<"BufferSpace", "where a buffer lies", [
  I32EnumAttrCase<"Arena", 0, "arena">, I32EnumAttrCase<"Frozen", 1, "frozen">,
  I32EnumAttrCase<"Input", 2, "input">, I32EnumAttrCase<"Output", 3, "output">,
]>;

class Vitrail_Op<string mnemonic, list<Trait> traits = []>
    : Op<Vitrail_Dialect, mnemonic, traits>;

/// A pure op on tensors with one result whose type follows from operands and
/// attributes. The shape rule is written once, in `inferReturnTypes`: the
/// verifier and the description language report its errors.
class Vitrail_TensorOp<string mnemonic, list<Trait> traits = []>
    : Vitrail_Op<mnemonic, !listconcat([
        Pure, InferTypeOpAdaptor,
        DeclareOpInterfaceMethods<DemandOpInterface, ["getResultDim"]>], traits)> {
  let results = (outs Vitrail_Tensor:$result);
}

#endif // VITRAIL_BASE_TD
