//===- WeightOps.td - Weights and what is known at compile time -*- tablegen -*-===//
//
// Part of Vitrail, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef VITRAIL_WEIGHT_OPS_TD
#define VITRAIL_WEIGHT_OPS_TD

include "dialects/vitrail/VitrailBase.td"

def Vitrail_WeightOp : Vitrail_Op<"weight", [Pure]> {
  let summary = "A named tensor of the checkpoint";
  let description = [{
    Refers to a tensor of the weight source by its name; the data never enter the
    IR. `aliases` are names under which other generations of the checkpoint keep
    the same tensor, tried in order; `"attn.qkv.weight[1/3]"` is the second of three
    equal parts of that tensor along its first axis. `role` says how `--weights random:SEED` fills
    it; `fan_in` is the number of inputs of one output unit (roles `matrix` only).

    Two `vitrail.weight` of one name are the same tensor.

    Example:

    ```mlir
    %w = vitrail.weight "classifier.weight" matrix fan_in = 768 : tensor<1000x768xf32>
    ```
  }];
  let arguments = (ins StrAttr:$name, Vitrail_WeightRole:$role,
                       DefaultValuedAttr<I64Attr, "0">:$fan_in,
                       DefaultValuedAttr<StrArrayAttr, "{}">:$aliases);
  let results = (outs Vitrail_Tensor:$result);
  let assemblyFormat = [{
    $name $role (`fan_in` `=` $fan_in^)? (`aliases` `=` $aliases^)?
    attr-dict `:` type($result)
  }];
  let hasVerifier = 1;
}

def Vitrail_RangeOp : Vitrail_Op<"range", [Pure]> {
  let summary = "Numbers in equal steps, known at compile time";
  let description = [{
    Element i is `start + i · step`; a tensor without axes is `start` alone. What is
    made of ranges by elementwise ops (grids, sinusoids, masks) is a constant by
    formula: freezing computes it in double precision, so that neither `start` nor
    what follows is rounded to the element type before it meets a kernel.

    Example:

    ```mlir
    %positions = vitrail.range start = 0.0 step = 1.0 : tensor<196xf32>
    ```
  }];
  let arguments = (ins F64Attr:$start, F64Attr:$step);
  let results = (outs Vitrail_Tensor:$result);
  let assemblyFormat = [{
    `start` `=` $start `step` `=` $step attr-dict `:` type($result)
  }];
  let hasVerifier = 1;
}

def Vitrail_GatherOp : Vitrail_TensorOp<"gather"> {
  let summary = "Takes elements of an axis by their numbers";
  let description = [{
    `axis` of the table is replaced by the axes of `indices`: element i there is the
    element of the table that index i names. Indices are whole numbers, and at
    least 0 (relative position biases: arXiv 2103.14030).

    No kernel computes it: both operands depend on weights and formulas alone.

    Example:

    ```mlir
    %b = vitrail.gather %table, %index axis = 0
        : (tensor<169x3xf32>, tensor<49x49xf32>) -> tensor<49x49x3xf32>
    ```
  }];
  let arguments = (ins Vitrail_Tensor:$table, Vitrail_Tensor:$indices,
                       I64Attr:$axis);
  let assemblyFormat = [{
    $table `,` $indices `axis` `=` $axis attr-dict
    `:` functional-type(operands, $result)
  }];
}

def Vitrail_PackOp : Vitrail_Op<"pack", [Pure, InferTypeOpAdaptor]> {
  let summary = "Lays a tensor out in panels along one axis";
  let description = [{
    Moves `axis` to panels of `width`, 16 if it is not given: `[..., C, ...]` becomes
    `[ceil(C / width), ..., width]`, the other dimensions in their order, pad lanes
    zero. A weight `[N, K]` packed along axis 0 is what the linear kernels stream; a
    table `[rows, C]` packed along its last axis has the layout of activations.
    Panels of 64 are oneDNN's.

    Example:

    ```mlir
    %p = vitrail.pack %w axis = 0 : (tensor<1000x768xf32>) -> tensor<63x768x16xf32>
    %q = vitrail.pack %w axis = 0 width = 64 : (tensor<1000x768xf32>) -> tensor<16x768x64xf32>
    ```
  }];
  let arguments = (ins Vitrail_Tensor:$input, I64Attr:$axis,
                       DefaultValuedAttr<I64Attr, "16">:$width);
  let results = (outs Vitrail_Tensor:$result);
  let assemblyFormat = [{
    $input `axis` `=` $axis (`width` `=` $width^)? attr-dict
    `:` functional-type($input, $result)
  }];
}

#endif // VITRAIL_WEIGHT_OPS_TD
