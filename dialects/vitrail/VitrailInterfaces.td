//===- VitrailInterfaces.td - What ops of the dialect share ----*- tablegen -*-===//
//
// Part of Vitrail, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef VITRAIL_INTERFACES_TD
#define VITRAIL_INTERFACES_TD

include "mlir/IR/OpBase.td"

def DemandOpInterface : OpInterface<"DemandOpInterface"> {
  let cppNamespace = "::vitrail";
  let description = [{
    An op with one tensor result any box of which can be computed alone.

    This is what dead-token elimination, batching and tiling ask an op; none of
    them knows an op by name. Most ops answer with `getResultDim` only: each
    dimension of an operand either follows one dimension of the result, or is
    needed whole (a contraction, a normalized axis, the keys of an attention).
    Ops whose operands are shifted against the result (concat, slice, rearrange)
    override `getOperandDemand` and `buildBox`.
  }];
  let methods = [
    InterfaceMethod<[{
      The result dimension that indexes dimension `dim` of operand `operand`, or
      nothing if every element along it is needed.
    }], "std::optional<int64_t>", "getResultDim",
      (ins "unsigned":$operand, "unsigned":$dim)>,
    InterfaceMethod<[{
      The box of operand `operand` that box `demand` of the result reads; empty
      (a size of 0) if none of it.
    }], "::vitrail::Box", "getOperandDemand",
      (ins "unsigned":$operand, "const ::vitrail::Box &":$demand), [{}], [{
        return ::vitrail::detail::defaultOperandDemand($_op, operand, demand);
      }]>,
    InterfaceMethod<[{
      Builds the value of box `demand` of the result from `operands`, the boxes of
      the operands that `getOperandDemand` names (null for an empty one).
    }], "::mlir::Value", "buildBox",
      (ins "::mlir::OpBuilder &":$builder, "const ::vitrail::Box &":$demand,
           "::mlir::ValueRange":$operands), [{}], [{
        return ::vitrail::detail::defaultBuildBox($_op, builder, demand, operands);
      }]>,
  ];
}

def CostOpInterface : OpInterface<"CostOpInterface"> {
  let cppNamespace = "::vitrail";
  let description = [{
    An op that multiplies and accumulates. The count is that of papers ("FLOPs" in
    most of them): matrix products and convolutions, nothing elementwise.
  }];
  let methods = [
    InterfaceMethod<"Multiply-accumulates of one execution.", "int64_t",
                    "getMacs">,
  ];
}

def MixerOpInterface : OpInterface<"MixerOpInterface"> {
  let cppNamespace = "::vitrail";
  let description = [{
    The one scheme behind attention, cross-attention, feed-forward and
    convolutional mixers (MetaMixer, arXiv 2406.02021): a query meets keys, the
    result is activated, and it weights values. Shapes: query [batch..., M, H·d],
    key [batch..., N, H·d], value [batch..., N, H·e], result [batch..., M, H·e].
  }];
  let methods = [
    InterfaceMethod<"The query operand.", "::mlir::OpOperand &",
                    "getQueryOperand">,
    InterfaceMethod<"The key operand.", "::mlir::OpOperand &", "getKeyOperand">,
    InterfaceMethod<"The value operand.", "::mlir::OpOperand &",
                    "getValueOperand">,
    InterfaceMethod<"What is added to the scaled scores, or null.",
                    "::mlir::OpOperand *", "getScoreBiasOperand">,
    InterfaceMethod<"Heads H: independent slices of the last axis.", "int64_t",
                    "getHeadCount">,
    InterfaceMethod<[{
      Whether each row of activated scores sums to one, which makes it invariant
      to a constant per query (key bias) and affine in the values (value bias).
    }], "bool", "isRowStochastic">,
    InterfaceMethod<[{
      The factor on scores before the activation, such as 1/sqrt(d).
    }], "double", "getScoreScale">,
    InterfaceMethod<"What is added to the scaled scores, or null.",
      "::mlir::Value", "getScoreBias", (ins), [{ return $_op.getBias(); }]>,
    InterfaceMethod<"Which keys a query may see.", "::vitrail::MaskKind",
      "getMaskKind", (ins), [{ return $_op.getMask(); }]>,
    InterfaceMethod<"Whether the activation raises 2 instead of e.", "bool",
                    "isBase2">,
    InterfaceMethod<[{
      Replaces the factor on scores by 1 and, where `base2`, has the activation
      raise 2 instead of e to the scores: the caller has scaled the query and
      what is added to the scores.
    }], "void", "dropScoreScale", (ins "bool":$base2)>,
  ];
}

#endif // VITRAIL_INTERFACES_TD
