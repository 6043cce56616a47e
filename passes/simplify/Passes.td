//===- Passes.td - Passes of the simplify stage ----------------*- tablegen -*-===//
//
// Part of Vitrail, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef VITRAIL_PASSES_SIMPLIFY_PASSES_TD
#define VITRAIL_PASSES_SIMPLIFY_PASSES_TD

include "passes/simplify/RaisePasses.td"
include "passes/simplify/SimplifyPass.td"

def LowerPatchEmbed : Vitrail_SimplifyPass<"lower-patch-embed"> {
  let summary = "Makes patch embeddings linears of rearranged images";
  let description = [{
    ```mlir
    %t = vitrail.patch_embed %image, %w, %b
    ```

    becomes

    ```mlir
    %x = vitrail.rearrange %image "b c (h p) (w q) -> b (h w) (c p q)" sizes = {p = 16 : i64, q = 16 : i64}
    %m = vitrail.rearrange %w "d c p q -> d (c p q)"
    %t = vitrail.linear %x, %m, %b
    ```

    The filter's rearrangement keeps the order of elements. After the pass there
    is no `vitrail.patch_embed`.
  }];
}

def DeadTokens : Vitrail_SimplifyPass<"dead-tokens"> {
  let summary = "Computes only the parts of values that are read";
  let description = [{
    Walks the function backwards and unites, for each value, the boxes that its
    users read of it (`DemandOpInterface`), from the results of the function, which
    are read whole. Then each op of which less is read is built again for that
    box. There is no rule for any op.

    ```mlir
    %h = vitrail.linear %x, %w : (tensor<1x197x768xf32>, ...) -> tensor<1x197x3072xf32>
    %c = vitrail.slice %h offsets = [0, 0, 0] sizes = [1, 1, 3072]
    ```

    becomes

    ```mlir
    %c0 = vitrail.slice %x offsets = [0, 0, 0] sizes = [1, 1, 768]
    %c = vitrail.linear %c0, %w : (tensor<1x1x768xf32>, ...) -> tensor<1x1x3072xf32>
    ```

    A value that is needed whole by one user and in part by another is computed
    once, whole; the second takes a slice. The last block of a classifier therefore
    keeps its keys and values and loses all queries but one.

    Functions of several blocks stay as they are. Results keep their types.
  }];
}

def PoolDifference : Vitrail_SimplifyPass<"pool-difference"> {
  let summary = "Pools before what a pool and its input have in common";
  let description = [{
    A mean over a window commutes with factors and summands that are the same at all
    its places, and in pool(x) - x the summands cancel. Of the norm in front of
    PoolFormer's token mixer (arXiv 2111.11418) remains a factor:

    ```mlir
    %0 = vitrail.binary sub %x, %mean
    %1 = vitrail.binary mul %0, %rstd
    %2 = vitrail.binary mul %1, %gain
    %n = vitrail.binary add %2, %bias
    %p = vitrail.pool mean %n kernel = [3, 3] pads = [1, 1, 1, 1]
    %y = vitrail.binary sub %p, %n
    ```

    becomes

    ```mlir
    %p = vitrail.pool mean %x kernel = [3, 3] pads = [1, 1, 1, 1]
    %0 = vitrail.binary sub %p, %x
    %1 = vitrail.binary mul %0, %rstd
    %y = vitrail.binary mul %1, %gain
    ```

    Where a mean counts zeros beyond the edge, only factors commute.
  }];
}

def FoldNormScale : Vitrail_SimplifyPass<"fold-norm-scale"> {
  let summary = "Folds numbers in front of a norm into its eps";
  let description = [{
    A norm undoes what was multiplied; only eps notices: norm(c·x; ε) = norm(x; ε/c²)
    for a number c > 0 (DeepViT, arXiv 2103.11886). A number that is added goes with
    the mean that is subtracted.

    ```mlir
    %h = vitrail.binary mul %x, %half
    %n = vitrail.norm %h axis = 2 eps = 1.000000e-06
    ```

    becomes

    ```mlir
    %n = vitrail.norm %x axis = 2 eps = 4.000000e-06
    ```

    Numbers are those of the description, not of a checkpoint.
  }];
}

def FoldNormAffine : Vitrail_SimplifyPass<"fold-norm-affine"> {
  let summary = "Folds gain and bias of a norm into the linears behind it";
  let description = [{
    W(g·n + s) + b = (W·diag(g)) n + (W s + b):

    ```mlir
    %n = vitrail.norm %x, %g bias %s axis = 2 eps = 1.0e-12
    %y = vitrail.linear %n, %w, %b
    ```

    becomes

    ```mlir
    %n = vitrail.norm %x axis = 2 eps = 1.0e-12
    %ws = vitrail.einsum "nk,k->n" %w, %s
    %b1 = vitrail.binary add %b, %ws
    %w1 = vitrail.binary mul %w, %g
    %y = vitrail.linear %n, %w1, %b1
    ```

    where all that reads the norm are linears or depthwise convolutions, directly or
    behind ops that pass gain and bias on (see `vitrail-fold-input-affine`), and
    gain, bias and weights are frozen. In a post-norm block the residual reads the
    norm too, and the pass says so.
  }];
}

def MergeSums : Vitrail_SimplifyPass<"merge-sums"> {
  let summary = "Makes a sum of two linears on parts of one value one linear";
  let description = [{
    A xa + B xb = [A B] [xa; xb], and where xa and xb are neighbouring parts of a
    value, [xa; xb] is a rearrangement of it. The two heads of a distilled model
    (DeiT, arXiv 2012.12877) become one:

    ```mlir
    %a = vitrail.slice %x offsets = [0, 0, 0] sizes = [1, 1, 192]
    %b = vitrail.slice %x offsets = [0, 1, 0] sizes = [1, 1, 192]
    %u = vitrail.linear %a, %wa, %ba
    %v = vitrail.linear %b, %wb, %bb
    %y = vitrail.binary add %u, %v
    ```

    becomes

    ```mlir
    %ab = vitrail.rearrange %x "b (both n) c -> b n (both c)" sizes = {both = 2 : i64}
    %w = vitrail.concat %wa, %wb axis = 1
    %c = vitrail.binary add %ba, %bb
    %y = vitrail.linear %ab, %w, %c
    ```

    The parts are slices of one size, one behind the other along one axis, and may
    be rearranged, both in one way.
  }];
}

def MergeBranches : Vitrail_SimplifyPass<"merge-branches"> {
  let summary = "Makes a sum of convolutions of one value one convolution";
  let description = [{
    Networks that are trained with several branches (RepVGG, arXiv 2101.03697) run
    with one: filters over one map are added, the smaller with zeros around it, and
    the map itself, with or without factors, joins the tap at the centre.

    ```mlir
    %u = vitrail.unfold %x kernel = [3, 3] pads = [1, 1, 1, 1]
    %a = vitrail.linear %u, %wa, %ba
    %b = vitrail.linear %x, %wb, %bb
    %ab = vitrail.binary add %a, %b
    %y = vitrail.binary add %ab, %x
    ```

    becomes

    ```mlir
    %u = vitrail.unfold %x kernel = [3, 3] pads = [1, 1, 1, 1]
    %y = vitrail.linear %u, %w, %c    // w = wa + wb and an identity in its centre
    ```

    and likewise for depthwise convolutions: 7x7, 3x3 and the map itself are one
    7x7. All taps of a smaller window must be taps of the larger one. A linear has
    one tap: x + W x = (W + 1) x.
  }];
}

def FoldOutputAffine : Vitrail_SimplifyPass<"fold-output-affine"> {
  let summary = "Folds factors and summands of a result into the weights that make it";
  let description = [{
    γ · (W x + b) + β = (diag(γ) W) x + (γ · b + β), for numbers or one element a
    feature, as in batch normalization (arXiv 1502.03167) and layer scale (CaiT,
    arXiv 2103.17239); for division and subtraction, too:

    ```mlir
    %y = vitrail.linear %x, %w
    %s = vitrail.binary mul %y, %gamma
    %z = vitrail.binary add %s, %beta
    ```

    becomes

    ```mlir
    %column = vitrail.rearrange %gamma "n -> n 1"
    %w1 = vitrail.binary mul %w, %column
    %z = vitrail.linear %x, %w1, %beta
    ```

    Linears (convolutions) and depthwise convolutions take them, also behind
    slices, rearrangements, concatenations, sums with another table, and means over
    places. An einsum with a frozen operand takes factors of that operand's
    indices, as where heads are mixed; one without, numbers for one of its operands,
    as where scores are scaled. The tables must be frozen, and nothing else may read
    the result.
  }];
}

def FoldAttentionBias : Vitrail_SimplifyPass<"fold-attention-bias"> {
  let summary = "Drops biases of keys and moves biases of values on";
  let description = [{
    Rows of scores that are activated to a sum of one (softmax) do not change when
    a constant is added to a row, and a bias of the keys adds q·b to each score of
    query q. They pass a constant in the values on as it is:
    P (V + 1bᵀ) = P V + 1bᵀ, so that the output projection can add it:

    ```mlir
    %k = vitrail.linear %x, %wk, %bk
    %v = vitrail.linear %x, %wv, %bv
    %a = vitrail.attention %q, %k, %v
    %y = vitrail.linear %a, %wo, %bo
    ```

    becomes

    ```mlir
    %k = vitrail.linear %x, %wk
    %v = vitrail.linear %x, %wv
    %a = vitrail.attention %q, %k, %v
    %wb = vitrail.einsum "nk,k->n" %wo, %bv
    %b = vitrail.binary add %bo, %wb
    %y = vitrail.linear %a, %wo, %b
    ```

    Masks and what is added to scores do not matter. A bias of values stays if
    something else than linears reads the mixer.
  }];
}

def FoldAttentionScale : Vitrail_SimplifyPass<"fold-attention-scale"> {
  let summary = "Folds the scale of scores and log2(e) into the query's linear";
  let description = [{
    exp(s·q·k + t) = 2^((s·log2(e)·q)·k + log2(e)·t): weight and bias of the linear
    that makes the query are multiplied on the weight side, what is added to the
    scores too, and the mixer works in base 2 without a factor:

    ```mlir
    %q = vitrail.linear %x, %w, %b
    %a = vitrail.attention %q, %k, %v heads = 12 scale = 1.250000e-01
    ```

    becomes

    ```mlir
    %q = vitrail.linear %x, %w1, %b1
    %a = vitrail.attention %q, %k, %v heads = 12 scale = 1.000000e+00 base2
    ```

    where the mixer alone reads the linear. The factor is a sum of constants of
    the element type, exact in the double precision of freezing. If what is added
    to scores is computed at run time, the base stays e.
  }];
}

def ReassociateAttention : Vitrail_SimplifyPass<"reassociate-attention"> {
  let summary = "Attends to what keys and values are made of, where that is less";
  let description = [{
    With keys X Wkᵀ and values Y Wvᵀ, head h computes

      q_h (X Wk_hᵀ)ᵀ = (q_h Wk_h) Xᵀ     and     P_h (Y Wv_hᵀ) = (P_h Y) Wv_hᵀ.

    On the right there are no keys and values to be made for all tokens, and all
    heads meet the same X and Y: they are rows of queries for a mixer of one head.

    ```mlir
    %k = vitrail.linear %x, %wk
    %v = vitrail.linear %x, %wv
    %a = vitrail.attention %q, %k, %v heads = 12 scale = 1.250000e-01 : ... -> tensor<1x1x768xf32>
    ```

    becomes, but for rearrangements between the heads and the features,

    ```mlir
    %t = vitrail.einsum "rhd,hdc->rhc" %q, %wk
    %m = vitrail.cross_attention %t, %x, %x heads = 1 scale = 1.250000e-01 : ... -> tensor<1x12x768xf32>
    %a = vitrail.einsum "rhc,hcd->rhd" %m, %wv
    ```

    wherever this takes fewer multiply-accumulates: queries are few and tokens
    many, as in the last block of a classifier. A linear that something else reads
    too is not counted as saved. A bias of keys disappears, one of values is added
    to the result. A causal mask of more than one query is in the way.
  }];
}

def FoldEmbedding : Vitrail_SimplifyPass<"fold-embedding"> {
  let summary = "Sums biases, tokens and position tables while compiling";
  let description = [{
    ```mlir
    %p = vitrail.linear %patches, %w, %b
    %c = vitrail.concat %token, %p axis = 1
    %e = vitrail.binary add %c, %position
    ```

    becomes

    ```mlir
    %t = vitrail.binary add %token, %position[0]     // frozen
    %r = vitrail.binary add %b, %position[1...]      // frozen
    %p = vitrail.linear %patches, %w
    %s = vitrail.binary add %p, %r
    %e = vitrail.concat %t, %s axis = 1
    ```

    by rules that hold for any sum (or product) of a run-time value and a frozen
    table: it is divided at a concatenation if a part has something to join; it
    joins a table added before; a linear's bias joins it, or it becomes a bias if
    it is the same for all tokens. Tables stay without batch dimension: repetition
    comes last. No table becomes larger than the largest it is made of.
  }];
}

def MergeLinears : Vitrail_SimplifyPass<"merge-linears"> {
  let summary = "Makes linears that read one value one linear";
  let description = [{
    ```mlir
    %q = vitrail.linear %x, %wq, %bq
    %k = vitrail.linear %x, %wk
    ```

    becomes

    ```mlir
    %w = vitrail.concat %wq, %wk axis = 0
    %zero = vitrail.broadcast %c0 shape = [768]
    %b = vitrail.concat %bq, %zero axis = 0
    %qk = vitrail.linear %x, %w, %b
    %q = vitrail.slice %qk offsets = [0, 0, 0] sizes = [1, 197, 768]
    %k = vitrail.slice %qk offsets = [0, 0, 768] sizes = [1, 197, 768]
    ```

    in program order. The slices are views, because only linears whose output
    features are a multiple of the panel width take part. Nor does one whose result
    an activation alone reads: by itself, it computes that as well.
  }];
}

def SplitMixerBias : Vitrail_SimplifyPass<"split-mixer-bias"> {
  let summary = "Separates windows whose scores get the same table from others";
  let description = [{
    What is added to scores, frozen, may be a concatenation along a batch axis, of
    which parts are repetitions: all windows share a relative position bias, and only
    the last row and column of shifted windows have masks (Swin, arXiv 2103.14030).

    ```mlir
    %same = vitrail.broadcast %bias shape = [7, 3, 49, 49]
    %all = vitrail.concat %same, %masked axis = 0
    %y = vitrail.attention %q, %k, %v bias %all heads = 3
    ```

    becomes

    ```mlir
    %y0 = vitrail.attention %q[0..7], %k[0..7], %v[0..7] bias %bias heads = 3
    %y1 = vitrail.attention %q[7], %k[7], %v[7] bias %masked heads = 3
    %y = vitrail.concat %y0, %y1 axis = 1
    ```

    if that makes the tables smaller. They may be nested, and combined with other
    tables element by element. The slices and the concatenation are views.
  }];
}

def SinkSampleAffine : Vitrail_SimplifyPass<"sink-sample-affine"> {
  let summary = "Moves what a norm does to a whole sample behind the linear";
  let description = [{
    Where a norm has one mean and one deviation for all elements of a sample (group
    normalization with one group, arXiv 1803.08494), a linear behind it need not wait
    for a normalized map: W ((x - μ) ρ) + b = ρ (W x) + (b - μ ρ · W 1).

    ```mlir
    %0 = vitrail.binary sub %x, %mean
    %1 = vitrail.binary mul %0, %rstd
    %y = vitrail.linear %1, %w, %b
    ```

    becomes

    ```mlir
    %sums = vitrail.einsum "nk->n" %w                // frozen
    %2 = vitrail.unary neg %mean
    %3 = vitrail.binary mul %2, %rstd                // one number a sample
    %4 = vitrail.binary mul %3, %sums                // [batch, 1, 1, N]
    %5 = vitrail.binary add %4, %b
    %l = vitrail.linear %x, %w
    %6 = vitrail.binary mul %l, %rstd
    %y = vitrail.binary add %6, %5
    ```

    whose last two ops are part of the linear's kernel. Nothing else may read the
    linear's input.
  }];
}

def AddU8Entry : Pass<"vitrail-add-u8-entry", "::mlir::ModuleOp"> {
  let summary = "Adds an entry whose images are pixels";
  let description = [{
    `@u8` is `@main` with each image, [batch, channels, height, width] of f32, given
    as its pixels, [batch, height, width, channels] of bytes, as decoders give them.
    What the image port says of normalization becomes ops, whose tables are weight
    side. For an image with mean and deviation 0.5:

    ```mlir
    func.func @u8(%pixels: tensor<1x32x32x3xui8>) -> ... attributes {vitrail.entry} {
      %0 = vitrail.from_u8 %pixels
      %1 = vitrail.binary mul %0, %factor    // 1 / (255 · 0.5) for each channel
      %2 = vitrail.binary add %1, %summand   // -0.5 / 0.5
      %image = vitrail.rearrange %2 "b h w c -> b c h w"
      ...
    ```

    It comes behind all that changes `@main`, so that the entries differ in their
    first ops alone.
  }];
  let dependentDialects = ["::vitrail::VitrailDialect"];
}

def FoldInputAffine : Vitrail_SimplifyPass<"fold-input-affine"> {
  let summary = "Folds factors and summands of features into the linears behind them";
  let description = [{
    A product or sum of a run-time value and a frozen table, of which all readers are
    linears (convolutions) or depthwise convolutions, goes into their weights:
    W' = W · diag(g), b' = b + W · s. They may stand behind rearrangements, slices,
    rolls, unfolding and means over places; g and s are what these make of the table,
    and must be the same in all rows. So the normalization of pixels vanishes in a
    patch embedding, of which each feature belongs to one channel, and a batch norm
    in the convolution or the classifier behind it.

    ```mlir
    %1 = vitrail.binary mul %pixels, %factor
    %2 = vitrail.rearrange %1 "b (h p) (w q) c -> b (h w) (p q c)"
    %3 = vitrail.linear %2, %w
    ```

    becomes

    ```mlir
    %2 = vitrail.rearrange %pixels "b (h p) (w q) c -> b (h w) (p q c)"
    %3 = vitrail.linear %2, %w'
    ```

    Where windows reach beyond the edge of a map, they see zeros: factors of zeros
    are no matter, but summands stay, since the zeros do not have them.
  }];
}

def GatherInOrder : Vitrail_SimplifyPass<"gather-in-order"> {
  let summary = "Linears sum over gathered features in the order in which they lie in memory";
  let description = [{
    The features of a linear whose input is a rearrangement come in the order of the
    rearrangement's operand; the weight's columns are rearranged alike. The rows are
    then gathered in the longest runs.

    ```mlir
    %rows = vitrail.rearrange %x "b (h p) (w q) c -> b (h w) (c p q)"
    %y = vitrail.linear %rows, %w
    ```

    becomes

    ```mlir
    %rows = vitrail.rearrange %x "b (h p) (w q) c -> b (h w) (p q c)"
    %m = vitrail.rearrange %w "n (c p q) -> n (p q c)"
    %y = vitrail.linear %rows, %m
    ```
  }];
}

def Winograd : Vitrail_SimplifyPass<"winograd"> {
  let summary = "Convolutions of 3 x 3 multiply less than half as much";
  let description = [{
    ```mlir
    %rows = vitrail.unfold %x kernel = [3, 3] pads = [1, 1, 1, 1]
    %y = vitrail.linear %rows, %w, %b
    ```

    becomes

    ```mlir
    %taps = vitrail.rearrange %w "n (t c) -> t c n" sizes = {t = 9 : i64}
    %u = vitrail.einsum "ut,tcn->ucn" %g, %taps
    %y = vitrail.winograd_conv %x, %u, %b pads = [1, 1, 1, 1]
    ```

    by Winograd's minimal filtering F(2 x 2, 3 x 3) (Lavin and Gray, arXiv
    1509.09308), whose factors, the constant `%g`, are powers of two. A tile of four
    places takes 16 products a channel and feature in place of 36, some sums before
    and behind, and 16 weights in place of 9, which are worth it unless there are few
    places to use them.
  }];
}

#endif // VITRAIL_PASSES_SIMPLIFY_PASSES_TD
