//===- RaisePasses.td - Passes that find named ops -------------*- tablegen -*-===//
//
// Part of Vitrail, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef VITRAIL_PASSES_SIMPLIFY_RAISEPASSES_TD
#define VITRAIL_PASSES_SIMPLIFY_RAISEPASSES_TD

include "passes/simplify/SimplifyPass.td"

def RaiseLinears : Vitrail_SimplifyPass<"raise-linears"> {
  let summary = "Makes linears of einsums that sum over features with a weight";
  let description = [{
    ```mlir
    %0 = vitrail.einsum "bnc,chd->bhnd" %x, %w
    %y = vitrail.binary add %0, %b
    ```

    becomes

    ```mlir
    %m = vitrail.rearrange %w "c h d -> (h d) c"
    %l = vitrail.linear %x, %m
    %0 = vitrail.rearrange %l "b n (h d) -> b h n d" sizes = {d = 16 : i64}
    %y = vitrail.binary add %0, %b
    ```

    where what is summed are features of the input, its last axis among them, and no
    index of the weight stays that the input has as well. A frozen summand with an
    element for each feature of the result, read by nothing else, is the linear's
    bias.
  }];
}

def RaiseSoftmax : Vitrail_SimplifyPass<"raise-softmax"> {
  let summary = "Makes exponentials divided by their sum a softmax";
  let description = [{
    ```mlir
    %m = vitrail.reduce max %x axes = [2] keep_dims
    %d = vitrail.binary sub %x, %m
    %e = vitrail.unary exp %d
    %s = vitrail.reduce sum %e axes = [2] keep_dims
    %y = vitrail.binary div %e, %s
    ```

    becomes

    ```mlir
    %y = vitrail.softmax %x axis = 2
    ```

    with or without the subtraction.
  }];
}

def RaiseMixers : Vitrail_SimplifyPass<"raise-mixers"> {
  let summary = "Makes attention that is written out a mixer";
  let description = [{
    ```mlir
    %q1 = vitrail.rearrange %q "b n (h d) -> b h n d" sizes = {h = 2 : i64}
    %k1 = vitrail.rearrange %k "b n (h d) -> b h n d" sizes = {h = 2 : i64}
    %v1 = vitrail.rearrange %v "b n (h d) -> b h n d" sizes = {h = 2 : i64}
    %0 = vitrail.einsum "bhnd,bhmd->bhnm" %q1, %k1
    %1 = vitrail.binary mul %0, %scale
    %2 = vitrail.binary add %1, %bias
    %3 = vitrail.softmax %2 axis = 3
    %4 = vitrail.einsum "bhnm,bhmd->bhnd" %3, %v1
    %y = vitrail.rearrange %4 "b h n d -> b n (h d)"
    ```

    becomes

    ```mlir
    %y = vitrail.attention %q, %k, %v bias %bias heads = 2 scale = 0.25
    ```

    for any letters, orders of axes and operands, without heads or with heads as an
    axis of all four dimensions, with the scale on scores, queries or keys. What
    remains of rearrangements cancels when they fold. Indices that all operands
    share, other than heads, are the mixer's batch. A frozen factor of the scores that
    is the same for all keys, such as a learned temperature of each head, becomes one
    of the queries.

    Each product of two activations that stays is reported with the reason: scores
    are mixed by another einsum on the way, keys are shared by heads, no softmax
    activates them.
  }];
}

#endif // VITRAIL_PASSES_SIMPLIFY_RAISEPASSES_TD
