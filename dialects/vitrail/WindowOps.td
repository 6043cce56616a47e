//===- WindowOps.td - Windows over feature maps ----------------*- tablegen -*-===//
//
// Part of Vitrail, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// A window has an extent for each of the axes before the last, which are
// spatial; further axes in front are kept. `strides` and `dilations` are ones
// and `pads` zeros unless given; pads are those before each axis, then those
// behind each.
//
//===----------------------------------------------------------------------===//

#ifndef VITRAIL_WINDOW_OPS_TD
#define VITRAIL_WINDOW_OPS_TD

include "dialects/vitrail/VitrailBase.td"

class Vitrail_WindowOp<string mnemonic, list<Trait> traits = []>
    : Vitrail_TensorOp<mnemonic, !listconcat([
        DeclareOpInterfaceMethods<DemandOpInterface,
            ["getResultDim", "getOperandDemand", "buildBox"]>], traits)> {
  dag window = (ins
      DefaultValuedAttr<DenseI64ArrayAttr, "{}">:$strides,
      DefaultValuedAttr<DenseI64ArrayAttr, "{}">:$pads,
      DefaultValuedAttr<DenseI64ArrayAttr, "{}">:$dilations);
  code windowDeclaration = [{
    /// What the op looks at of the map.
    ::vitrail::Window getWindow() {
      return {getKernel(), getStrides(), getPads(), getDilations()};
    }
  }];
  let extraClassDeclaration = windowDeclaration;
}

def Vitrail_UnfoldOp : Vitrail_WindowOp<"unfold"> {
  let summary = "Makes features of the elements around each place";
  let description = [{
    `[..., H, W, C]` becomes `[..., H', W', kh·kw·C]`: at each place the elements in
    the window, row by row, with their channels innermost, and zeros beyond the
    edge of the map. A linear of it is a convolution; nothing is made of it in
    memory, it is the addressing of the linear.

    Example:

    ```mlir
    %y = vitrail.unfold %x kernel = [3, 3] strides = [2, 2] pads = [1, 1, 1, 1]
        : (tensor<1x56x56x64xf32>) -> tensor<1x28x28x576xf32>
    ```
  }];
  let arguments = !con((ins Vitrail_Tensor:$input, DenseI64ArrayAttr:$kernel),
                       window);
  let assemblyFormat = [{
    $input `kernel` `=` $kernel (`strides` `=` $strides^)? (`pads` `=` $pads^)?
    (`dilations` `=` $dilations^)? attr-dict `:` functional-type($input, $result)
  }];
  let hasFolder = 1;
  let hasCanonicalizer = 1;
}

def Vitrail_DepthwiseConvOp : Vitrail_WindowOp<"depthwise_conv",
    [DeclareOpInterfaceMethods<CostOpInterface>]> {
  let summary = "Convolves each channel with a filter of its own";
  let description = [{
    Map `[..., H, W, C]`, filter `[kh, kw, C]`, bias `[C]`; zeros beyond the edge of
    the map (Xception, arXiv 1610.02357). The order in which products are added is
    not specified.

    Example:

    ```mlir
    %y = vitrail.depthwise_conv %x, %w, %b pads = [3, 3, 3, 3]
        : (tensor<1x56x56x96xf32>, tensor<7x7x96xf32>, tensor<96xf32>) -> tensor<1x56x56x96xf32>
    ```
  }];
  let arguments = !con((ins Vitrail_Tensor:$input, Vitrail_Tensor:$filter,
                            Optional<Vitrail_Tensor>:$bias), window);
  let assemblyFormat = [{
    $input `,` $filter (`,` $bias^)? (`strides` `=` $strides^)? (`pads` `=` $pads^)?
    (`dilations` `=` $dilations^)? attr-dict `:` functional-type(operands, $result)
  }];
  let extraClassDeclaration = windowDeclaration # [{
    /// The window's extents.
    ::llvm::ArrayRef<int64_t> getKernel() {
      return getFilter().getType().getShape().drop_back();
    }
  }];
}

def Vitrail_PoolOp : Vitrail_WindowOp<"pool"> {
  let summary = "Reduces the elements around each place to one";
  let description = [{
    Sum, mean, maximum or minimum of the elements in the window, channel by
    channel. What is beyond the edge of the map does not take part; with
    `count_pads`, a mean divides by the window's size there, too (zeros were added).

    Example:

    ```mlir
    %y = vitrail.pool max %x kernel = [3, 3] strides = [2, 2] pads = [1, 1, 1, 1]
        : (tensor<1x112x112x64xf32>) -> tensor<1x56x56x64xf32>
    ```
  }];
  let arguments = !con((ins Vitrail_ReduceKind:$kind, Vitrail_Tensor:$input,
                            DenseI64ArrayAttr:$kernel), window,
                       (ins UnitAttr:$count_pads));
  let assemblyFormat = [{
    $kind $input `kernel` `=` $kernel (`strides` `=` $strides^)? (`pads` `=` $pads^)?
    (`dilations` `=` $dilations^)? (`count_pads` $count_pads^)? attr-dict
    `:` functional-type($input, $result)
  }];
}

def Vitrail_WinogradConvOp : Vitrail_TensorOp<"winograd_conv",
    [DeclareOpInterfaceMethods<CostOpInterface>]> {
  let summary = "Convolves a map with filters of 3 x 3, four places at a time";
  let description = [{
    Map `[..., H, W, C]`, bias `[N]`, and what Winograd's minimal filtering F(2 x 2,
    3 x 3) makes of filters (arXiv 1509.09308): `[16, C, N]`, G g Gᵀ of the taps g of
    each channel, row by row. The result is the convolution at `[..., H', W', N]`,
    with zeros beyond the edge of the map; a tile of 2 x 2 places takes 16 products
    in place of 36. `vitrail-winograd` makes it.

    Example:

    ```mlir
    %y = vitrail.winograd_conv %x, %u, %b pads = [1, 1, 1, 1]
        : (tensor<1x56x56x64xf32>, tensor<16x64x64xf32>, tensor<64xf32>) -> tensor<1x56x56x64xf32>
    ```
  }];
  let arguments = (ins Vitrail_Tensor:$input, Vitrail_Tensor:$filter,
                       Optional<Vitrail_Tensor>:$bias,
                       DefaultValuedAttr<DenseI64ArrayAttr, "{}">:$pads);
  let assemblyFormat = [{
    $input `,` $filter (`,` $bias^)? (`pads` `=` $pads^)? attr-dict
    `:` functional-type(operands, $result)
  }];
  let extraClassDeclaration = [{
    /// What one place looks at of the map.
    ::vitrail::Window getWindow() { return {{3, 3}, {}, getPads(), {}}; }
    /// What a tile of places looks at: at the last ones, also beyond the pads.
    ::vitrail::Window getTiles();
  }];
}

#endif // VITRAIL_WINDOW_OPS_TD
