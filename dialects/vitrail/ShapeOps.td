//===- ShapeOps.td - Ops that only move elements ---------------*- tablegen -*-===//
//
// Part of Vitrail, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// None of these survives as a copy: the schedule turns them into views of
// buffers or into the addressing of the op that reads them.
//
//===----------------------------------------------------------------------===//

#ifndef VITRAIL_SHAPE_OPS_TD
#define VITRAIL_SHAPE_OPS_TD

include "dialects/vitrail/VitrailBase.td"

class Vitrail_ShapeOp<string mnemonic, list<Trait> traits = []>
    : Vitrail_Op<mnemonic, !listconcat([Pure, InferTypeOpAdaptor,
        DeclareOpInterfaceMethods<DemandOpInterface,
            ["getResultDim", "getOperandDemand", "buildBox"]>], traits)> {
  let results = (outs Vitrail_Tensor:$result);
  let hasFolder = 1;
}

def Vitrail_RearrangeOp : Vitrail_ShapeOp<"rearrange"> {
  let summary = "Splits, permutes and merges axes by an einops pattern";
  let description = [{
    `"b c (h p) (w q) -> b (h w) (p q c)"` as in einops (Rogozhnikov, ICLR 2022):
    axes in parentheses are split or merged, row-major. `sizes` gives the axes that
    the operand's shape does not determine. Every axis stands once on each side;
    `1` stands for an axis of size one.

    Example:

    ```mlir
    %t = vitrail.rearrange %x "b c (h p) (w q) -> b (h w) (p q c)" sizes = {p = 4 : i64, q = 4 : i64}
        : (tensor<1x3x32x32xf32>) -> tensor<1x64x48xf32>
    ```
  }];
  let arguments = (ins Vitrail_Tensor:$input, StrAttr:$pattern,
                       DefaultValuedAttr<DictionaryAttr, "{}">:$sizes);
  let assemblyFormat = [{
    $input $pattern (`sizes` `=` $sizes^)? attr-dict
    `:` functional-type($input, $result)
  }];
}

def Vitrail_ConcatOp : Vitrail_ShapeOp<"concat"> {
  let summary = "Joins tensors along an axis";
  let description = [{
    Example:

    ```mlir
    %y = vitrail.concat %cls, %patches axis = 1
        : (tensor<1x1x768xf32>, tensor<1x196x768xf32>) -> tensor<1x197x768xf32>
    ```
  }];
  let arguments = (ins Variadic<Vitrail_Tensor>:$inputs, I64Attr:$axis);
  let assemblyFormat = [{
    $inputs `axis` `=` $axis attr-dict `:` functional-type($inputs, $result)
  }];
}

def Vitrail_SliceOp : Vitrail_ShapeOp<"slice"> {
  let summary = "Takes a box of a tensor";
  let description = [{
    The elements from `offsets`, `sizes` many along each axis; all of them inside.

    Example:

    ```mlir
    %cls = vitrail.slice %x offsets = [0, 0, 0] sizes = [1, 1, 768]
        : (tensor<1x197x768xf32>) -> tensor<1x1x768xf32>
    ```
  }];
  let arguments = (ins Vitrail_Tensor:$input, DenseI64ArrayAttr:$offsets,
                       DenseI64ArrayAttr:$sizes);
  let assemblyFormat = [{
    $input `offsets` `=` $offsets `sizes` `=` $sizes attr-dict
    `:` functional-type($input, $result)
  }];
}

def Vitrail_BroadcastOp : Vitrail_ShapeOp<"broadcast"> {
  let summary = "Repeats a tensor along axes of size one and new leading axes";
  let description = [{
    `shape` must be what NumPy's broadcasting allows for the operand.

    Example:

    ```mlir
    %c = vitrail.broadcast %cls shape = [8, 1, 768] : (tensor<1x1x768xf32>) -> tensor<8x1x768xf32>
    ```
  }];
  let arguments = (ins Vitrail_Tensor:$input, DenseI64ArrayAttr:$shape);
  let assemblyFormat = [{
    $input `shape` `=` $shape attr-dict `:` functional-type($input, $result)
  }];
}

def Vitrail_RollOp : Vitrail_ShapeOp<"roll"> {
  let summary = "Shifts elements along axes, cyclically";
  let description = [{
    Element i of axis a goes to place `i + shifts[a]`, modulo the axis' size, as
    NumPy's and PyTorch's `roll` do.

    Example:

    ```mlir
    %y = vitrail.roll %x shifts = [0, -3, -3, 0] : tensor<1x56x56x96xf32>
    ```
  }];
  let arguments = (ins Vitrail_Tensor:$input, DenseI64ArrayAttr:$shifts);
  let assemblyFormat = "$input `shifts` `=` $shifts attr-dict `:` type($input)";
}

#endif // VITRAIL_SHAPE_OPS_TD
