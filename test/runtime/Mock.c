/*===- Mock.c - Programs as the compiler would emit them --------* -*- C
-*-===//
//
// Part of Vitrail, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===*/

#include "Mock.h"

const float mock_weights[MOCK_WEIGHTS] = {0.5f,  -0.25f, 1.0f, 0.125f,
                                          -1.0f, 0.75f,  2.0f, -0.5f};

static float score(const float *doubled, const float *weights, int64_t k) {
  float sum = 0;
  for (int64_t i = 0; i < MOCK_SAMPLE; ++i)
    sum += doubled[i] * weights[(i + k * k) % MOCK_WEIGHTS];
  return sum;
}

void mock_reference(const float *images, float *scores) {
  for (int64_t b = 0; b < MOCK_BATCH; ++b) {
    float doubled[MOCK_SAMPLE];
    for (int64_t i = 0; i < MOCK_SAMPLE; ++i)
      doubled[i] = 2 * images[b * MOCK_SAMPLE + i];
    for (int64_t k = 0; k < MOCK_CLASSES_COUNT; ++k)
      scores[b * MOCK_CLASSES_COUNT + k] = score(doubled, mock_weights, k);
  }
}

static void begin_region(vitrail_team *team, int64_t region) {
  if (*(const int32_t *)team)
    vitrail_profile_region(team, region);
}

/* Each thread doubles a share of the images into the arena; after the barrier,
 * the scores need all of it. */
static void classes_code(void *const *ports, void *arena, void *scratch,
                         const void *weights, int64_t thread, int64_t threads,
                         vitrail_team *team) {
  const float *images = ports[0];
  float *scores = ports[1], *doubled = arena, *own = scratch;
  begin_region(team, 0);
  for (int64_t i = thread; i < MOCK_BATCH * MOCK_SAMPLE; i += threads)
    doubled[i] = 2 * images[i];
  vitrail_barrier(team);
  begin_region(team, 1);
  for (int64_t j = thread; j < MOCK_BATCH * MOCK_CLASSES_COUNT; j += threads) {
    own[j] = score(doubled + j / MOCK_CLASSES_COUNT * MOCK_SAMPLE, weights,
                   j % MOCK_CLASSES_COUNT);
    scores[j] = own[j];
  }
}

static void add_code(void *const *ports, void *arena, void *scratch,
                     const void *weights, int64_t thread, int64_t threads,
                     vitrail_team *team) {
  (void)arena, (void)scratch, (void)weights, (void)team;
  const float *a = ports[0], *b = ports[1];
  for (int64_t i = thread; i < 4; i += threads)
    ((float *)ports[2])[i] = a[i] + b[i];
}

static const char *const labels[] = {"tabby, tabby cat", "goldfish", "hen"};

static const vitrail_port images_port = {.name = "pixel_values",
                                         .dtype = VITRAIL_F32,
                                         .kind = VITRAIL_IMAGE,
                                         .rank = 4,
                                         .shape = {MOCK_BATCH, 3, 4, 4},
                                         .mean = {0.5f, 0.5f, 0.5f},
                                         .std = {0.5f, 0.25f, 0.5f}};

static const vitrail_port scores_port = {
    .name = "logits",
    .dtype = VITRAIL_F32,
    .kind = VITRAIL_CLASSES,
    .rank = 2,
    .shape = {MOCK_BATCH, MOCK_CLASSES_COUNT},
    .labels = labels,
    .labels_count = 3};

static const int64_t doubled_shape[] = {MOCK_BATCH, MOCK_SAMPLE};
static const int64_t doubled_strides[] = {MOCK_SAMPLE, 1};
static const int64_t scores_shape[] = {MOCK_BATCH, MOCK_CLASSES_COUNT};
static const int64_t scores_strides[] = {MOCK_CLASSES_COUNT, 1};

static const vitrail_region regions[] = {
    {.name = "mock: double",
     .tensor = "mock-1",
     .facts = "\"ops\": [\"double\"]",
     .flops = 96,
     .bytes = 768,
     .result = {.space = VITRAIL_ARENA,
                .rank = 2,
                .shape = doubled_shape,
                .strides = doubled_strides}},
    {.name = "mock: \"scores\"",
     .tensor = "mock-2",
     .facts = "",
     .flops = 1344,
     .bytes = 500,
     .result = {.space = VITRAIL_OUTPUT,
                .rank = 2,
                .shape = scores_shape,
                .strides = scores_strides}}};

static const vitrail_entry classes_entries[] = {{.name = "main",
                                                 .num_inputs = 1,
                                                 .num_outputs = 1,
                                                 .num_regions = 2,
                                                 .inputs = &images_port,
                                                 .outputs = &scores_port,
                                                 .regions = regions,
                                                 .flops = 1440,
                                                 .max_threads = 4}};

static const vitrail_code classes_codes[] = {classes_code};

static const vitrail_variant plain[] = {{.target = "plain",
                                         .cpu_features = "",
                                         .vector_bits = 128,
                                         .scratch_bytes = 256,
                                         .code = classes_codes}};

static const vitrail_variant future[] = {{.target = "future",
                                          .cpu_features = "cx16 quantum512",
                                          .scratch_bytes = 256,
                                          .code = classes_codes}};

#define MOCK_CLASSIFIER                                                        \
  .abi_version = VITRAIL_ABI_VERSION, .num_entries = 1, .name = "mock",        \
  .entries = classes_entries,                                                  \
  .arena_bytes = sizeof(float) * MOCK_BATCH * MOCK_SAMPLE,                     \
  .weights_bytes = sizeof(mock_weights), .weights_hash = 0x0123456789abcdef,   \
  .info_json = "{\"compiler\": \"vitrail 0.1.0\", \"target\": \"x86-64\", "    \
               "\"options\": {\"batch\": 2, \"names\": [\"a}\", \"b\"]}}"

const vitrail_program mock_classes = {MOCK_CLASSIFIER, .num_variants = 1,
                                      .variants = plain,
                                      .weights = mock_weights};

const vitrail_program mock_external = {MOCK_CLASSIFIER, .num_variants = 1,
                                       .variants = plain,
                                       .weights_file = "mock.weights"};

const vitrail_program mock_unsupported = {MOCK_CLASSIFIER, .num_variants = 1,
                                          .variants = future,
                                          .weights = mock_weights};

/* The second gives away that it ran: its scores are one more. */
static void taller_code(void *const *ports, void *arena, void *scratch,
                        const void *weights, int64_t thread, int64_t threads,
                        vitrail_team *team) {
  classes_code(ports, arena, scratch, weights, thread, threads, team);
  vitrail_barrier(team);
  float *scores = ports[1];
  for (int64_t j = thread; j < MOCK_BATCH * MOCK_CLASSES_COUNT; j += threads)
    scores[j] += 1;
}

static const vitrail_code taller_codes[] = {taller_code};

static const vitrail_variant variants[] = {{.target = "plain",
                                            .cpu_features = "sse2",
                                            .vector_bits = 128,
                                            .scratch_bytes = 256,
                                            .code = classes_codes},
                                           {.target = "taller",
                                            .cpu_features = "sse2 cx16",
                                            .vector_bits = 128,
                                            .scratch_bytes = 512,
                                            .code = taller_codes},
                                           {.target = "future",
                                            .cpu_features = "cx16 quantum512",
                                            .code = taller_codes}};

const vitrail_program mock_variants = {MOCK_CLASSIFIER, .num_variants = 3,
                                       .variants = variants,
                                       .weights = mock_weights};

static const vitrail_port add_inputs[] = {
    {.name = "a", .rank = 2, .shape = {1, 4}},
    {.name = "b", .rank = 2, .shape = {1, 4}}};
static const vitrail_port add_outputs[] = {
    {.name = "sum", .rank = 2, .shape = {1, 4}}};

static const vitrail_entry add_entries[] = {{.name = "main",
                                             .num_inputs = 2,
                                             .num_outputs = 1,
                                             .inputs = add_inputs,
                                             .outputs = add_outputs,
                                             .flops = 4,
                                             .max_threads = 1}};

static const vitrail_code add_codes[] = {add_code};

static const vitrail_variant add_variants[] = {
    {.target = "plain", .cpu_features = "", .code = add_codes}};

const vitrail_program mock_add = {.abi_version = VITRAIL_ABI_VERSION,
                                  .num_entries = 1,
                                  .num_variants = 1,
                                  .name = "add",
                                  .entries = add_entries,
                                  .variants = add_variants};
