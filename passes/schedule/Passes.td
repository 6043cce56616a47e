//===- Passes.td - From tensors to a program of kernels --------*- tablegen -*-===//
//
// Part of Vitrail, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef VITRAIL_PASSES_SCHEDULE_PASSES
#define VITRAIL_PASSES_SCHEDULE_PASSES

include "mlir/Pass/PassBase.td"

def PadHeadsPass : Pass<"vitrail-pad-heads", "::mlir::func::FuncOp"> {
  let summary = "Widens heads to a multiple of the panel width with zero columns";
  let description = [{
    Kernels address a head's features as whole panels of 16. Where the head size is
    no multiple of 16, zero rows are added per head to the weights of the linears
    that make query, key and value, and zero columns to the output projection: scores
    and outputs stay the same numbers. All of it is weight-side IR that freeze runs.
    What is made or read by no linear of its own is widened or narrowed by a copy, and
    a remark says so.
  }];
}

def DecomposeAttentionPass : Pass<"vitrail-decompose-attention", "::mlir::func::FuncOp"> {
  let summary = "Makes products and a softmax of attention with few queries";
  let description = [{
    The kernel of mixers keeps the scores of a tile of queries close and gives the
    threads whole tiles. Where all queries are hardly more than one tile (one head,
    one sample, up to 16 queries, as `vitrail-reassociate-attention` makes them),
    threads share the keys and the features instead:

    ```mlir
    %a = vitrail.cross_attention %q, %x, %x heads = 1 scale = 1.0 : ... -> tensor<1x12x768xf32>
    ```

    becomes, but for rearrangements that are views,

    ```mlir
    %s = vitrail.einsum "amhd,anhd->ahmn" %q, %x   // [1, 1, 12, 197]
    %p = vitrail.softmax %s axis = 3
    %a = vitrail.einsum "ahmn,anhe->amhe" %p, %x
    ```

    So do heads whose features are no whole panels, which that kernel cannot
    address. Masked mixers stay.
  }];
  let dependentDialects = ["::vitrail::VitrailDialect"];
}

def DecomposeEinsumPass : Pass<"vitrail-decompose-einsum", "::mlir::func::FuncOp"> {
  let summary = "Makes einsums matrix products, or ops that have a kernel";
  let description = [{
    The kernel of an einsum computes products of two operands whose result ends
    in an index of the right one alone:

    ```mlir
    %y = vitrail.einsum "bnhd,bnhe,e->bhd" %p, %q, %r
    ```

    becomes

    ```mlir
    %0 = vitrail.einsum "bnhe,e->bnh" %q, %r     // in this form as well
    %y = vitrail.einsum "bnh,bnhd->bhd" %0, %p   // vectors along h or d
    ```

    Of more than two operands, the cheapest pairs are multiplied first. Indices of
    one operand alone are summed, diagonals taken, and products that share the
    result's last index are elementwise and reduced. An operand that lies in no
    useful way is rearranged; on the weight side that costs nothing. Linears with a
    weight that is computed at run time are einsums here.
  }];
  let dependentDialects = ["::vitrail::VitrailDialect"];
}

def OrderMovementsPass : Pass<"vitrail-order-movements", "::mlir::func::FuncOp"> {
  let summary = "Takes and joins columns where rows need not be moved in memory";
  let description = [{
    Rows are moved by whoever gathers them, by writing them to where they go, or not at
    all, where a view is enough. Parts of gathered rows are taken in front, as views of
    what is gathered, so that each reader gathers its own. Parts of rows that are
    written in place are taken behind, and parts that are joined are joined before a
    view moves them.
  }];
  let dependentDialects = ["::vitrail::VitrailDialect"];
}

def FormRegionsPass : Pass<"vitrail-form-regions", "::mlir::func::FuncOp"> {
  let summary = "Groups run-time ops into fused regions, one kernel each";
  let description = [{
    Each op that contracts or reduces (linear, einsum, mixer, norm, softmax,
    reduction) anchors a region. Elementwise ops that alone read its result, and keep its
    shape, join as its epilogue (bias, activation, residual); rearrangements, rolls
    and an unfolding that feed a linear, a norm along the last axis, or the first
    elementwise op of a region join as the addressing of its operand, and so does
    what repeats the channels that a depthwise convolution reads. Ops on weights alone stay
    outside: freeze runs them. Shape ops stay outside too, where planning can make
    them views of buffers, or their operands views of what they make; the others
    become copies, and a remark says so.

    A norm of unfolded rows that one linear alone reads joins the linear, which takes it
    of the rows that it gathers: what is unfolded is nowhere in memory.

    Depthwise convolutions behind a linear, that alone read what it makes, join its
    region as well where that pays (`ConvChain.h`): the maps between stay in L2, block
    by block, and what blocks compute twice costs less than the memory's traffic.
  }];
  let options = [
    Option<"chains", "chains", "bool", "true",
           "depthwise convolutions join the linears before them">,
    Option<"l2Bytes", "l2-bytes", "int64_t", "524288",
           "what a core may count on of its L2">,
  ];
  let dependentDialects = ["::vitrail::VitrailDialect"];
}

def FormBandsPass : Pass<"vitrail-form-bands", "::mlir::func::FuncOp"> {
  let summary = "Lets threads keep their rows over launches that follow one another";
  let description = [{
    Where kernels are small, threads lose more by waiting for one another, and by
    fetching what others have just computed, than by uneven shares. So small regions
    that follow one another form a segment, in which a thread computes the same rows
    in every kernel, a band, as long as it reads none of another thread's:

    ```mlir
    %s = vitrail.region "attention"(...)                     // reads keys of all rows: waits
    %o = vitrail.region "output"(%a = %s : tensor<1x65x64xf32>, ...)
    %n = vitrail.region "norm"(%a = %o : tensor<1x65x64xf32>)
    %q = vitrail.region "query"(%a = %n : tensor<1x65x64xf32>, ...)
    ```

    become one segment of 6 units, of 11 rows and the last of 10, marked on each of them by

    ```mlir
    {vitrail.bands = {own = array<i64: 0>, segment = 0 : i64, units = 6 : i64}}
    ```

    Linears whose rows lie as they are read, norms, softmax and elementwise ops are
    cut by rows; attention by queries, or, like depthwise convolutions and pooling, by
    what is before the tokens or places, as windows are: heads of a cascade then follow
    one another in each window. Regions that a thread computes as fast as it would wait
    are one unit, which one thread computes. Large regions, which threads take range by
    range, stay as they are.
  }];
}

def PlanBuffersPass : Pass<"vitrail-plan-buffers", "::mlir::ModuleOp"> {
  let summary = "Gives every tensor a place and every region a kernel";
  let description = [{
    Rewrites `@main`, and what other entries there are (functions marked
    `vitrail.entry`), from tensors to launches of kernels on buffers. Activations lie
    in panels of 16 features in one arena (first-fit by size over live ranges);
    slices, concatenations and reshapes become views. Equal regions with equal
    layouts share one kernel. What depends on weights alone moves to `@freeze`,
    whose results, packed as the kernels read them, are the frozen store. Entries
    share kernels, frozen results and, since one runs at a time, the arena.

    What launches of a segment (`vitrail-form-bands`) touch stays in its place until
    the segment ends: a thread that is ahead overwrites nothing.

    A result whose linear adds a tensor that nobody reads any more is written in its
    place, and with it the residual stream stays in one buffer.

    Launches with so much work that threads take it range by range get a place where
    they count, `vitrail.counter`, behind the buffers in the arena; their kernels have
    that attribute as well.

    Afterwards an entry has no arguments; its `vitrail.inputs` and `vitrail.outputs`
    describe its ports, the module's `vitrail.arena_bytes` the memory.
  }];
  let options = [
    Option<"weightWidth", "weight-width", "int64_t", "16",
           "columns in a panel of a linear's weights: 16 for generated code, 64 for "
           "oneDNN">,
  ];
  let dependentDialects = ["::vitrail::VitrailDialect",
                           "::mlir::memref::MemRefDialect"];
}

def InsertBarriersPass : Pass<"vitrail-insert-barriers", "::mlir::func::FuncOp"> {
  let summary = "Separates launches whose buffers conflict by barriers";
  let description = [{
    A barrier goes before a launch that reads bytes written, or writes bytes read or
    written, since the last barrier. Launches in between run without waiting. In a
    segment of `vitrail-form-bands`, what a thread reads of its own rows is no reason.
  }];
}

#endif // VITRAIL_PASSES_SCHEDULE_PASSES
