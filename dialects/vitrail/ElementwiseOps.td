//===- ElementwiseOps.td - Elementwise functions and operators -*- tablegen -*-===//
//
// Part of Vitrail, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef VITRAIL_ELEMENTWISE_OPS_TD
#define VITRAIL_ELEMENTWISE_OPS_TD

include "dialects/vitrail/VitrailBase.td"

def Vitrail_UnaryOp : Vitrail_TensorOp<"unary"> {
  let summary = "Applies a function to every element";
  let description = [{
    `gelu` is x·Φ(x) by the error function, `gelu_tanh` its tanh form,
    `quick_gelu` x·σ(1.702 x), `silu` x·σ(x) (arXiv 1606.08415, 1702.03118).

    Example:

    ```mlir
    %y = vitrail.unary gelu %x : tensor<1x197x3072xf32>
    ```
  }];
  let arguments = (ins Vitrail_UnaryKind:$kind, Vitrail_Tensor:$input);
  let assemblyFormat = "$kind $input attr-dict `:` type($input)";
}

def Vitrail_BinaryOp : Vitrail_TensorOp<"binary"> {
  let summary = "Combines two tensors element by element";
  let description = [{
    Shapes broadcast as in NumPy: aligned at the last axis, sizes equal or 1.
    `mod` is x - y·⌊x / y⌋, which has the sign of y. `lt`, `le`, `eq` and `ne` are
    1 where the comparison holds and else 0.

    Example:

    ```mlir
    %y = vitrail.binary add %x, %p : (tensor<1x65x64xf32>, tensor<65x64xf32>) -> tensor<1x65x64xf32>
    ```
  }];
  let arguments = (ins Vitrail_BinaryKind:$kind, Vitrail_Tensor:$lhs,
                       Vitrail_Tensor:$rhs);
  let assemblyFormat = [{
    $kind $lhs `,` $rhs attr-dict `:` functional-type(operands, $result)
  }];
  let hasFolder = 1;
}

def Vitrail_FromU8Op : Vitrail_Op<"from_u8", [Pure, InferTypeOpAdaptor]> {
  let summary = "Unsigned bytes as numbers";
  let description = [{
    The pixels of an input, 0 to 255, as f32. No copy is made: kernels convert what
    they read. The other ops are for numbers, so this one is always read whole.

    Example:

    ```mlir
    %x = vitrail.from_u8 %pixels : tensor<1x224x224x3xui8>
    ```
  }];
  let arguments = (ins Vitrail_Pixels:$input);
  let results = (outs Vitrail_Tensor:$result);
  let assemblyFormat = "$input attr-dict `:` type($input)";
}

#endif // VITRAIL_ELEMENTWISE_OPS_TD
