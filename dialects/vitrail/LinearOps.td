//===- LinearOps.td - Matrix products with weights -------------*- tablegen -*-===//
//
// Part of Vitrail, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef VITRAIL_LINEAR_OPS_TD
#define VITRAIL_LINEAR_OPS_TD

include "dialects/vitrail/VitrailBase.td"

def Vitrail_LinearOp : Vitrail_TensorOp<"linear",
    [DeclareOpInterfaceMethods<CostOpInterface>]> {
  let summary = "Applies an affine map to the last axis";
  let description = [{
    `y = x Wᵀ + b` for `x : [..., K]`, `W : [N, K]` (PyTorch's layout) and
    `b : [N]`; with `transposed`, `W : [K, N]` (GPT's Conv1D). The order in which
    products are added is not specified.

    Example:

    ```mlir
    %y = vitrail.linear %x, %w, %b
        : (tensor<1x197x768xf32>, tensor<3072x768xf32>, tensor<3072xf32>) -> tensor<1x197x3072xf32>
    ```
  }];
  let arguments = (ins Vitrail_Tensor:$input, Vitrail_Tensor:$weight,
                       Optional<Vitrail_Tensor>:$bias, UnitAttr:$transposed);
  let assemblyFormat = [{
    $input `,` $weight (`,` $bias^)? (`transposed` $transposed^)?
    attr-dict `:` functional-type(operands, $result)
  }];
  let extraClassDeclaration = [{
    int64_t getInputFeatures() {
      return getWeight().getType().getDimSize(getTransposed() ? 0 : 1);
    }
    int64_t getOutputFeatures() {
      return getWeight().getType().getDimSize(getTransposed() ? 1 : 0);
    }
  }];
}

def Vitrail_PatchEmbedOp : Vitrail_TensorOp<"patch_embed",
    [DeclareOpInterfaceMethods<CostOpInterface>]> {
  let summary = "Projects non-overlapping patches of an image to tokens";
  let description = [{
    A convolution whose stride is its kernel (An Image is Worth 16x16 Words,
    arXiv 2010.11929): image `[batch, C, H, W]`, filter `[D, C, p, q]`, bias `[D]`;
    result `[batch, (H / p)·(W / q), D]`, patches in row-major order. The patch must
    divide the image.

    Example:

    ```mlir
    %t = vitrail.patch_embed %image, %w, %b
        : (tensor<1x3x224x224xf32>, tensor<768x3x16x16xf32>, tensor<768xf32>) -> tensor<1x196x768xf32>
    ```
  }];
  let arguments = (ins Vitrail_Tensor:$image, Vitrail_Tensor:$weight,
                       Optional<Vitrail_Tensor>:$bias);
  let assemblyFormat = [{
    $image `,` $weight (`,` $bias^)? attr-dict
    `:` functional-type(operands, $result)
  }];
}

def Vitrail_EinsumOp : Vitrail_TensorOp<"einsum",
    [DeclareOpInterfaceMethods<CostOpInterface>,
     DeclareOpInterfaceMethods<DemandOpInterface,
                               ["getResultDim", "buildBox"]>]> {
  let summary = "Sums products over named indices";
  let description = [{
    Einstein's convention over any number of operands, one lower-case letter an
    index: `"bnd,kd->bnk"`. An index absent from the output is summed; one size an
    index.

    Example:

    ```mlir
    %y = vitrail.einsum "nk,k->n" %w, %v : (tensor<64x48xf32>, tensor<48xf32>) -> tensor<64xf32>
    ```
  }];
  let arguments = (ins StrAttr:$equation, Variadic<Vitrail_Tensor>:$inputs);
  let assemblyFormat = [{
    $equation $inputs attr-dict `:` functional-type($inputs, $result)
  }];
}

#endif // VITRAIL_LINEAR_OPS_TD
