//===- ResizeOps.td - Interpolation to other sizes -------------*- tablegen -*-===//
//
// Part of Vitrail, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef VITRAIL_RESIZE_OPS_TD
#define VITRAIL_RESIZE_OPS_TD

include "dialects/vitrail/VitrailBase.td"

def Vitrail_ResizeOp : Vitrail_TensorOp<"resize"> {
  let summary = "Interpolates along axes to other sizes";
  let description = [{
    Gives `axes` (ascending) the sizes `sizes`, one axis after the other, as PyTorch's
    `interpolate` does: `linear` along two axes is its bilinear, `cubic` its bicubic
    mode (Keys, IEEE TASSP 1981, with `coefficient` as a). An element of the result
    lies at (i + 1/2) · in / out - 1/2 of the operand, or under `align_corners` at
    i · (in - 1) / (out - 1). Beyond the edge, elements of the edge repeat. With
    `antialias`, the kernel is as wide as an element of the result where that is
    larger, and is cut at the edge instead.

    No kernel computes it: it belongs to weights, as in positions that are
    interpolated to another image size.

    Example:

    ```mlir
    %t = vitrail.resize cubic %p axes = [0, 1] sizes = [24, 24] coefficient = -0.5 antialias
        : (tensor<14x14x768xf32>) -> tensor<24x24x768xf32>
    ```
  }];
  let arguments = (ins Vitrail_ResizeKind:$kind, Vitrail_Tensor:$input,
                       DenseI64ArrayAttr:$axes, DenseI64ArrayAttr:$sizes,
                       DefaultValuedAttr<F64Attr, "-0.75">:$coefficient,
                       UnitAttr:$antialias, UnitAttr:$align_corners);
  let assemblyFormat = [{
    $kind $input `axes` `=` $axes `sizes` `=` $sizes
    (`coefficient` `=` $coefficient^)? (`antialias` $antialias^)?
    (`align_corners` $align_corners^)? attr-dict
    `:` functional-type($input, $result)
  }];
  let hasFolder = 1;
}

#endif // VITRAIL_RESIZE_OPS_TD
