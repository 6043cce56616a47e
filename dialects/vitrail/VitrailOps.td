//===- VitrailOps.td - All ops of the dialect ------------------*- tablegen -*-===//
//
// Part of Vitrail, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

include "dialects/vitrail/ElementwiseOps.td"
include "dialects/vitrail/LinearOps.td"
include "dialects/vitrail/MixerOps.td"
include "dialects/vitrail/NormOps.td"
include "dialects/vitrail/ProgramOps.td"
include "dialects/vitrail/ResizeOps.td"
include "dialects/vitrail/ShapeOps.td"
include "dialects/vitrail/WeightOps.td"
include "dialects/vitrail/WindowOps.td"
