//===- ProgramOps.td - Regions, buffers, barriers --------------*- tablegen -*-===//
//
// Part of Vitrail, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef VITRAIL_PROGRAM_OPS_TD
#define VITRAIL_PROGRAM_OPS_TD

include "dialects/vitrail/VitrailBase.td"

def Vitrail_RegionOp : Vitrail_Op<"region", [Pure, IsolatedFromAbove,
    SingleBlockImplicitTerminator<"YieldOp">]> {
  let summary = "Ops that become one kernel";
  let description = [{
    A fused region: one anchor (a linear, a mixer, a norm, a softmax, a reduction)
    or none, what was fused before it into its operands' addressing, and what was
    fused after it into its epilogue. Isolated: everything comes in as an operand.

    Example:

    ```mlir
    %y = vitrail.region "mlp.fc1"(%a = %x : tensor<1x4x8xf32>, %b = %w : tensor<16x8xf32>) -> tensor<1x4x16xf32> {
      %0 = vitrail.linear %a, %b : (tensor<1x4x8xf32>, tensor<16x8xf32>) -> tensor<1x4x16xf32>
      %1 = vitrail.unary relu %0 : tensor<1x4x16xf32>
      vitrail.yield %1 : tensor<1x4x16xf32>
    }
    ```
  }];
  let arguments = (ins StrAttr:$name, Variadic<Vitrail_Tensor>:$inputs);
  let results = (outs Vitrail_Tensor:$result);
  let regions = (region SizedRegion<1>:$body);
  let hasCustomAssemblyFormat = 1;
  let hasVerifier = 1;
}

def Vitrail_YieldOp : Vitrail_Op<"yield", [Pure, Terminator]> {
  let summary = "Ends a region with its result";
  let arguments = (ins Optional<Vitrail_Tensor>:$result);
  let assemblyFormat = "($result^ `:` type($result))? attr-dict";
  let builders = [OpBuilder<(ins), [{ /* a region without a result yet */ }]>];
}

def Vitrail_BufferOp : Vitrail_Op<"buffer", [Pure]> {
  let summary = "A view at a fixed place";
  let description = [{
    `index` is the number of the input or output port, or of the result of
    `@freeze` for `frozen`, and 0 for the arena; `offset` counts bytes from there.
    Strides are those of the type, and may skip (a slice of a larger tensor).

    Example:

    ```mlir
    %b = vitrail.buffer arena[0] offset = 4096 : memref<48x1x197x16xf32>
    ```
  }];
  let arguments = (ins Vitrail_Space:$space, I64Attr:$index,
                       DefaultValuedAttr<I64Attr, "0">:$offset);
  let results = (outs Vitrail_Buffer:$result);
  let assemblyFormat = [{
    $space `[` $index `]` (`offset` `=` $offset^)? attr-dict `:` type($result)
  }];
}

def Vitrail_LaunchOp : Vitrail_Op<"launch"> {
  let summary = "Runs a kernel on all threads of the team";
  let description = [{
    Calls `kernel` with buffers: the operands it reads, then its destination. Every
    thread runs it for its own share of the tiles; no thread waits for another at
    the end. `flops` and `bytes` are what it computes and moves, for reports and
    profiles; `name` is the layer it comes from.

    Example:

    ```mlir
    vitrail.launch @linear_0 "mlp.fc1"(%x, %w, %y) flops = 1024 bytes = 4096
        : memref<1x4x16xf32>, memref<1x16x16xf32>, memref<1x4x16xf32>
    ```
  }];
  let arguments = (ins FlatSymbolRefAttr:$kernel, StrAttr:$name,
                       Variadic<Vitrail_Buffer>:$buffers, I64Attr:$flops,
                       I64Attr:$bytes);
  let assemblyFormat = [{
    $kernel $name `(` $buffers `)` `flops` `=` $flops `bytes` `=` $bytes attr-dict
    `:` type($buffers)
  }];
  let extraClassDeclaration = [{
    /// The buffers the kernel reads, and the one it writes.
    ::mlir::OperandRange getSources() { return getBuffers().drop_back(); }
    ::mlir::Value getDestination() { return getBuffers().back(); }
  }];
}

def Vitrail_BarrierOp : Vitrail_Op<"barrier"> {
  let summary = "Waits for all threads of the team";
  let description = [{
    What any thread wrote before the barrier, all threads may read after it.

    Example:

    ```mlir
    vitrail.barrier
    ```
  }];
  let assemblyFormat = "attr-dict";
}

def Vitrail_ReadOp : Vitrail_Op<"read", [Pure]> {
  let summary = "The logical tensor that a buffer of panels holds";
  let description = [{
    The buffer is `[ceil(C / 16), ..., 16]` with the panelled axis `axis` of the
    tensor split off in front, as by `vitrail.pack`. Nothing is copied: kernels
    address the buffer. With `rows`, the buffer is a plain row-major tensor. Panels
    of another `width` than 16 hold the weights of linears that a library computes.
    Of a buffer of `i8`, the tensor holds the unsigned bytes as numbers.

    Example:

    ```mlir
    %x = vitrail.read %b axis = 2 : memref<48x1x197x16xf32> -> tensor<1x197x768xf32>
    ```
  }];
  let arguments = (ins Vitrail_Buffer:$buffer, I64Attr:$axis, UnitAttr:$rows,
                       DefaultValuedAttr<I64Attr, "16">:$width);
  let results = (outs Vitrail_Tensor:$result);
  let assemblyFormat = [{
    $buffer `axis` `=` $axis (`rows` $rows^)? (`width` `=` $width^)? attr-dict
    `:` type($buffer) `->` type($result)
  }];
  let hasVerifier = 1;
}

def Vitrail_WriteOp : Vitrail_Op<"write"> {
  let summary = "Puts a kernel's result into its destination";
  let description = [{
    Layout as for `vitrail.read`. Pad lanes of panels are not written with anything
    that a later op may rely on.

    Example:

    ```mlir
    vitrail.write %y, %b axis = 2 : tensor<1x197x768xf32> -> memref<48x1x197x16xf32>
    ```
  }];
  let arguments = (ins Vitrail_Tensor:$value, Vitrail_Buffer:$buffer,
                       I64Attr:$axis, UnitAttr:$rows);
  let assemblyFormat = [{
    $value `,` $buffer `axis` `=` $axis (`rows` $rows^)? attr-dict `:` type($value) `->` type($buffer)
  }];
  let hasVerifier = 1;
}

#endif // VITRAIL_PROGRAM_OPS_TD
