//===- NormOps.td - Normalization, softmax, reductions ---------*- tablegen -*-===//
//
// Part of Vitrail, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef VITRAIL_NORM_OPS_TD
#define VITRAIL_NORM_OPS_TD

include "dialects/vitrail/VitrailBase.td"

def Vitrail_NormOp : Vitrail_TensorOp<"norm", [AttrSizedOperandSegments]> {
  let summary = "Normalizes along one axis";
  let description = [{
    `y = (x - mean) / sqrt(var + eps) · gain + bias` along `axis`: layer
    normalization (arXiv 1607.06450). With `rms`, the mean is not subtracted and
    `var` is the mean square (arXiv 1910.07467). `ddof` is subtracted from the
    count in `var`; with `eps_outside`, `eps` is added to the square root instead.
    Gain and bias are `[C]` for an axis of C elements; either may be absent.

    Example:

    ```mlir
    %y = vitrail.norm %x, %g bias %b axis = 2 eps = 1.0e-12
        : (tensor<1x197x768xf32>, tensor<768xf32>, tensor<768xf32>) -> tensor<1x197x768xf32>
    ```
  }];
  let arguments = (ins Vitrail_Tensor:$input, Optional<Vitrail_Tensor>:$gain,
                       Optional<Vitrail_Tensor>:$bias, I64Attr:$axis,
                       F64Attr:$eps, UnitAttr:$rms,
                       DefaultValuedAttr<I64Attr, "0">:$ddof,
                       UnitAttr:$eps_outside);
  let assemblyFormat = [{
    $input (`,` $gain^)? (`bias` $bias^)? `axis` `=` $axis `eps` `=` $eps
    (`rms` $rms^)? (`ddof` `=` $ddof^)? (`eps_outside` $eps_outside^)? attr-dict
    `:` functional-type(operands, $result)
  }];
}

def Vitrail_SoftmaxOp : Vitrail_TensorOp<"softmax"> {
  let summary = "Exponentials along an axis, scaled to sum to one";
  let description = [{
    `y_i = exp(x_i - max x) / Σ_j exp(x_j - max x)` along `axis`.

    Example:

    ```mlir
    %p = vitrail.softmax %x axis = 1 : tensor<1x10xf32>
    ```
  }];
  let arguments = (ins Vitrail_Tensor:$input, I64Attr:$axis);
  let assemblyFormat = "$input `axis` `=` $axis attr-dict `:` type($input)";
}

def Vitrail_ReduceOp : Vitrail_TensorOp<"reduce"> {
  let summary = "Reduces axes to one value";
  let description = [{
    Sum, mean, maximum or minimum over `axes` (ascending). The axes disappear, or
    stay with size 1 under `keep_dims`. The order of summation is not specified.

    Example:

    ```mlir
    %m = vitrail.reduce mean %x axes = [1] : (tensor<1x196x768xf32>) -> tensor<1x768xf32>
    ```
  }];
  let arguments = (ins Vitrail_ReduceKind:$kind, Vitrail_Tensor:$input,
                       DenseI64ArrayAttr:$axes, UnitAttr:$keep_dims);
  let assemblyFormat = [{
    $kind $input `axes` `=` $axes (`keep_dims` $keep_dims^)? attr-dict
    `:` functional-type($input, $result)
  }];
}

#endif // VITRAIL_NORM_OPS_TD
