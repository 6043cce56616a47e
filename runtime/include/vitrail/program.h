/*===- program.h - What a compiled program tells the runtime ------*- C -*-===//
//
// Part of Vitrail, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The binary interface between generated code and the runtime. The compiler
// emits one `const vitrail_program` per model (compiler/link/Descriptor.cpp
// mirrors these structs field by field); everything else in a compiled program
// is the runtime's. Changing anything here changes VITRAIL_ABI_VERSION.
//
//===----------------------------------------------------------------------===*/

#ifndef VITRAIL_PROGRAM_H
#define VITRAIL_PROGRAM_H

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

#define VITRAIL_ABI_VERSION 4
#define VITRAIL_MAX_RANK 6
#define VITRAIL_MAX_CHANNELS 4
/* Columns of a product that a library computes. */
#define VITRAIL_MATMUL_COLUMNS 64

/* Element types of external tensors. */
enum vitrail_dtype {
  VITRAIL_F32 = 0,
  VITRAIL_U8 = 1, /* pixels as decoders give them */
};

/* What an input or output means; it decides how the program's own command line
 * reads and shows it. */
enum vitrail_kind {
  VITRAIL_TENSOR = 0,        /* a plain tensor: .npy only */
  VITRAIL_IMAGE = 1,         /* [batch, channels, height, width], normalized; of
                              * u8: [batch, height, width, channels] */
  VITRAIL_TOKENS = 2,        /* token ids */
  VITRAIL_CLASSES = 3,       /* [batch, classes] scores (logits) */
  VITRAIL_PROBABILITIES = 4, /* [batch, classes], already normalized */
};

/* One external tensor: dense, row-major, batch dimension first. */
typedef struct vitrail_port {
  const char *name;
  int32_t dtype;
  int32_t kind;
  int32_t rank;
  int32_t reserved;
  int64_t shape[VITRAIL_MAX_RANK];
  /* Images of f32 only: element = (pixel / 255 - mean[c]) / std[c]. */
  float mean[VITRAIL_MAX_CHANNELS];
  float std[VITRAIL_MAX_CHANNELS];
  /* Classes only: `labels_count` names, or NULL. */
  const char *const *labels;
  int64_t labels_count;
} vitrail_port;

/* The threads that run one inference together; opaque to generated code. */
typedef struct vitrail_team vitrail_team;

/* Where a tensor lies. */
enum vitrail_space {
  VITRAIL_ARENA = 0,
  VITRAIL_OUTPUT = 1, /* the caller's */
};

/* A tensor of f32 within a program, until another takes its place. */
typedef struct vitrail_tensor {
  int32_t space;
  int32_t port; /* number of the output */
  int32_t rank;
  /* Not 0: element c of the last axis is element c % 16 of panel c / 16. */
  int32_t panels;
  uint64_t offset;      /* bytes from the beginning of the space */
  const int64_t *shape; /* [rank] */
  /* [rank], in elements; the last is that of panels, if there are any. */
  const int64_t *strides;
} vitrail_tensor;

/* One fused region of the program, for profiles and dumps. */
typedef struct vitrail_region {
  const char *name;   /* "vit.encoder.layer.0.attention: linear+gelu" */
  const char *tensor; /* the name of its result, no other region's */
  const char *facts;  /* of its result: members of a JSON object */
  double flops;       /* floating-point operations of one inference */
  double bytes;       /* bytes read and written */
  vitrail_tensor result;
} vitrail_region;

/* A way to call the program, with shapes and element types of its own: another
 * batch size, pixels instead of normalized images. All entries of a program
 * have the same inputs and outputs by number, name and order. */
typedef struct vitrail_entry {
  const char *name; /* "main" is the first; another is called NAME_run_<name> */
  uint32_t num_inputs;
  uint32_t num_outputs;
  uint32_t num_regions;
  uint32_t reserved;
  const vitrail_port *inputs;
  const vitrail_port *outputs;
  const vitrail_region *regions;
  double flops; /* floating-point operations of one inference */
  /* Upper bound on useful threads (work too small for more), at least 1. */
  int64_t max_threads;
} vitrail_entry;

/* The code of one entry: runs one thread's share of one inference.
 *
 * `ports` holds the inputs' then the outputs' base addresses (64-byte alignment
 * is not required); `arena` and `scratch` are 64-byte aligned, `scratch` is
 * this thread's own; `weights` is the frozen store. All `threads` threads of
 * `team` call it with the same arguments but `scratch` and `thread`. */
typedef void (*vitrail_code)(void *const *ports, void *arena, void *scratch,
                             const void *weights, int64_t thread,
                             int64_t threads, vitrail_team *team);

/* The code of all entries for one kind of processor. */
typedef struct vitrail_variant {
  const char *target; /* the processor, as --target names it: "x86-64-v4" */
  /* Instruction sets the code needs, e.g. "avx512f avx512vl fma", as named by
   * __builtin_cpu_supports. */
  const char *cpu_features;
  uint32_t vector_bits; /* width of the registers it computes in */
  uint32_t reserved;
  uint64_t scratch_bytes;   /* per thread */
  const vitrail_code *code; /* one an entry */
} vitrail_variant;

/* A product that a library computes: [rows, depth] times
 * [depth, VITRAIL_MATMUL_COLUMNS]. */
typedef struct vitrail_matmul_shape {
  int64_t rows;
  int64_t depth;
} vitrail_matmul_shape;

/* A library for such products; an archive of the runtime defines it. */
typedef struct vitrail_matmul_library vitrail_matmul_library;

typedef struct vitrail_program {
  uint32_t abi_version;
  uint32_t num_entries;
  uint32_t num_variants;
  uint32_t reserved;
  const char *name;
  const vitrail_entry *entries;
  /* The most demanding last; the runtime takes the last that the CPU has all
   * instructions for, and refuses to run where there is none. Arena, weights
   * and entries are the same for all. */
  const vitrail_variant *variants;
  uint64_t arena_bytes; /* enough for any entry */
  uint64_t weights_bytes;
  /* The frozen store: embedded (`weights` non-NULL), or in a file that is
   * memory mapped (`weights_file`: looked up as given, then beside the program)
   * and whose `weights_hash` stands in its header. */
  const void *weights;
  const char *weights_file;
  uint64_t weights_hash;
  /* Compile-time facts as one JSON object: compiler version, target, options.
   */
  const char *info_json;
  /* Whose products the code calls vitrail_matmul for, or NULL, and all shapes of
   * them. */
  const vitrail_matmul_library *matmul_library;
  const vitrail_matmul_shape *matmuls;
  uint64_t num_matmuls;
} vitrail_program;

/* Waits until every thread of the team has arrived; called by generated code.
 */
void vitrail_barrier(vitrail_team *team);

/* Called by every thread of generated code as it begins region `index`, when
 * the team is being profiled; `vitrail_team`'s first field is that flag
 * (int32_t).
 */
void vitrail_profile_region(vitrail_team *team, int64_t index);

/* Multiplies `left` ([rows, depth], one of the program's shapes) by `right`
 * ([depth, VITRAIL_MATMUL_COLUMNS]), all of them dense and row-major; called by
 * generated code for a share of thread `thread`, whose own scratch holds `left`
 * and `result`. Failures are reported when the inference ends. */
void vitrail_matmul(vitrail_team *team, int64_t thread, int64_t rows,
                    int64_t depth, const float *left, const float *right,
                    float *result);

/* The library of --matmul onednn, in libvitrail_onednn.a. */
extern const vitrail_matmul_library vitrail_onednn;

#ifdef __cplusplus
}
#endif
#endif /* VITRAIL_PROGRAM_H */
