//===- MixerOps.td - Token mixers ------------------------------*- tablegen -*-===//
//
// Part of Vitrail, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef VITRAIL_MIXER_OPS_TD
#define VITRAIL_MIXER_OPS_TD

include "dialects/vitrail/VitrailBase.td"

class Vitrail_AttentionBase<string mnemonic> : Vitrail_TensorOp<mnemonic,
    [DeclareOpInterfaceMethods<CostOpInterface>,
     DeclareOpInterfaceMethods<DemandOpInterface,
                               ["getResultDim", "getOperandDemand"]>,
     DeclareOpInterfaceMethods<MixerOpInterface>]> {
  let arguments = (ins Vitrail_Tensor:$query, Vitrail_Tensor:$key,
                       Vitrail_Tensor:$value, Optional<Vitrail_Tensor>:$bias,
                       I64Attr:$heads, F64Attr:$scale,
                       DefaultValuedAttr<Vitrail_MaskKind,
                                         "MaskKind::None">:$mask,
                       UnitAttr:$base2);
  let assemblyFormat = [{
    $query `,` $key `,` $value (`bias` $bias^)? `heads` `=` $heads `scale` `=` $scale
    (`mask` `=` $mask^)? (`base2` $base2^)? attr-dict
    `:` functional-type(operands, $result)
  }];
}

def Vitrail_AttentionOp : Vitrail_AttentionBase<"attention"> {
  let summary = "Multi-head self-attention between computed queries, keys, values";
  let description = [{
    `softmax(scale · Q Kᵀ + bias) V` for each of `heads` slices of the last axis
    (Attention Is All You Need, arXiv 1706.03762): query `[batch, M, H·d]`, key
    `[batch, N, H·d]`, value `[batch, N, H·e]`, result `[batch, M, H·e]`; queries
    and keys come from one sequence, of which the queries may be a part. `bias` is
    added to the scaled scores and broadcasts to `[batch, H, M, N]`. With
    `mask = causal`, query i sees the keys up to `i + N - M`. With `base2`, powers
    of 2 take the place of powers of e (the query then carries log2(e)).

    The projections before and after are ops of their own.

    Example:

    ```mlir
    %o = vitrail.attention %q, %k, %v heads = 12 scale = 1.250000e-01
        : (tensor<1x197x768xf32>, tensor<1x197x768xf32>, tensor<1x197x768xf32>) -> tensor<1x197x768xf32>
    ```
  }];
}

def Vitrail_CrossAttentionOp : Vitrail_AttentionBase<"cross_attention"> {
  let summary = "Multi-head attention from one sequence to another";
  let description = [{
    As `vitrail.attention`, with keys and values of another sequence (the encoder's
    output, a byte array) of any length.

    Example:

    ```mlir
    %o = vitrail.cross_attention %q, %k, %v heads = 8 scale = 1.250000e-01
        : (tensor<1x64x512xf32>, tensor<1x100x512xf32>, tensor<1x100x512xf32>) -> tensor<1x64x512xf32>
    ```
  }];
}

#endif // VITRAIL_MIXER_OPS_TD
