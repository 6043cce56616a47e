/*===- context.h - One stream of inferences -----------------------*- C -*-===//
//
// Part of Vitrail, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===*/

#ifndef VITRAIL_SRC_CONTEXT_H
#define VITRAIL_SRC_CONTEXT_H

#include "team.h"

#ifdef __cplusplus
extern "C" {
#endif

/* The team of a context, for profiling. */
vitrail_team *vitrail_context_team(vitrail_context *context);

/* Upper bound on threads that any entry can use, at least 1. */
int64_t vitrail_useful_threads(const vitrail_program *program);

/* Port `i` of an entry, the inputs first and then the outputs. */
const vitrail_port *vitrail_port_of(const vitrail_entry *entry, uint32_t i);

/* The arena of a context. */
const void *vitrail_context_arena(const vitrail_context *context);

/* Elements and bytes of a port. */
int64_t vitrail_port_elements(const vitrail_port *port);
size_t vitrail_port_bytes(const vitrail_port *port);

#ifdef __cplusplus
}
#endif
#endif /* VITRAIL_SRC_CONTEXT_H */
