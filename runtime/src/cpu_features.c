/*===- cpu_features.c - Instruction sets of this CPU --------------*- C -*-===//
//
// Part of Vitrail, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The names are those of __builtin_cpu_supports. We ask CPUID ourselves: the
// builtin wants literals, older compilers know fewer names, and it would make
// every link depend on the compiler's support library.
//
//===----------------------------------------------------------------------===*/

#define _GNU_SOURCE
#include "cpu.h"

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#if defined(__x86_64__) || defined(__i386__)

#include <cpuid.h>

enum { EAX, EBX, ECX, EDX };

/* Register state that the operating system must save for the instructions:
 * bits of XCR0. */
enum {
  STATE_NONE = 0,
  STATE_AVX = 0x6,     /* XMM, YMM */
  STATE_AVX512 = 0xe6, /* and the masks, the upper halves, ZMM16-31 */
};

typedef struct feature {
  const char *name;
  uint32_t leaf, subleaf;
  uint8_t reg, bit;
  uint8_t state;
} feature;

static const feature features[] = {
    {"cmov", 1, 0, EDX, 15, STATE_NONE},
    {"mmx", 1, 0, EDX, 23, STATE_NONE},
    {"sse", 1, 0, EDX, 25, STATE_NONE},
    {"sse2", 1, 0, EDX, 26, STATE_NONE},
    {"sse3", 1, 0, ECX, 0, STATE_NONE},
    {"pclmul", 1, 0, ECX, 1, STATE_NONE},
    {"ssse3", 1, 0, ECX, 9, STATE_NONE},
    {"fma", 1, 0, ECX, 12, STATE_AVX},
    {"cmpxchg16b", 1, 0, ECX, 13, STATE_NONE},
    {"cx16", 1, 0, ECX, 13, STATE_NONE},
    {"sse4.1", 1, 0, ECX, 19, STATE_NONE},
    {"sse4.2", 1, 0, ECX, 20, STATE_NONE},
    {"movbe", 1, 0, ECX, 22, STATE_NONE},
    {"popcnt", 1, 0, ECX, 23, STATE_NONE},
    {"aes", 1, 0, ECX, 25, STATE_NONE},
    {"avx", 1, 0, ECX, 28, STATE_AVX},
    {"f16c", 1, 0, ECX, 29, STATE_AVX},
    {"bmi", 7, 0, EBX, 3, STATE_NONE},
    {"avx2", 7, 0, EBX, 5, STATE_AVX},
    {"bmi2", 7, 0, EBX, 8, STATE_NONE},
    {"avx512f", 7, 0, EBX, 16, STATE_AVX512},
    {"avx512dq", 7, 0, EBX, 17, STATE_AVX512},
    {"adx", 7, 0, EBX, 19, STATE_NONE},
    {"avx512ifma", 7, 0, EBX, 21, STATE_AVX512},
    {"avx512cd", 7, 0, EBX, 28, STATE_AVX512},
    {"avx512bw", 7, 0, EBX, 30, STATE_AVX512},
    {"avx512vl", 7, 0, EBX, 31, STATE_AVX512},
    {"avx512vbmi", 7, 0, ECX, 1, STATE_AVX512},
    {"avx512vbmi2", 7, 0, ECX, 6, STATE_AVX512},
    {"gfni", 7, 0, ECX, 8, STATE_NONE},
    {"vaes", 7, 0, ECX, 9, STATE_AVX},
    {"vpclmulqdq", 7, 0, ECX, 10, STATE_AVX},
    {"avx512vnni", 7, 0, ECX, 11, STATE_AVX512},
    {"avx512bitalg", 7, 0, ECX, 12, STATE_AVX512},
    {"avx512vpopcntdq", 7, 0, ECX, 14, STATE_AVX512},
    {"avx512vp2intersect", 7, 0, EDX, 8, STATE_AVX512},
    {"avx512fp16", 7, 0, EDX, 23, STATE_AVX512},
    {"avxvnni", 7, 1, EAX, 4, STATE_AVX},
    {"avx512bf16", 7, 1, EAX, 5, STATE_AVX512},
    {"avxifma", 7, 1, EAX, 23, STATE_AVX},
    {"avxvnniint8", 7, 1, EDX, 4, STATE_AVX},
    {"avxneconvert", 7, 1, EDX, 5, STATE_AVX},
    {"avxvnniint16", 7, 1, EDX, 10, STATE_AVX},
    {"lzcnt", 0x80000001u, 0, ECX, 5, STATE_NONE},
    {"sse4a", 0x80000001u, 0, ECX, 6, STATE_NONE},
    {"prfchw", 0x80000001u, 0, ECX, 8, STATE_NONE},
    {"xop", 0x80000001u, 0, ECX, 11, STATE_AVX},
    {"fma4", 0x80000001u, 0, ECX, 16, STATE_AVX},
};

static uint64_t enabled_states(void) {
  uint32_t reg[4];
  if (!__get_cpuid(1, &reg[EAX], &reg[EBX], &reg[ECX], &reg[EDX]))
    return 0;
  const uint32_t osxsave = 1u << 27;
  if (!(reg[ECX] & osxsave))
    return 0;
  uint32_t low, high;
  __asm__ volatile("xgetbv" : "=a"(low), "=d"(high) : "c"(0));
  return ((uint64_t)high << 32) | low;
}

static int cpu_supports(const char *name, size_t length) {
  for (size_t i = 0; i < sizeof(features) / sizeof(features[0]); ++i) {
    const feature *f = &features[i];
    if (strlen(f->name) != length || memcmp(f->name, name, length) != 0)
      continue;
    uint32_t reg[4];
    if (!__get_cpuid_count(f->leaf, f->subleaf, &reg[EAX], &reg[EBX], &reg[ECX],
                           &reg[EDX]))
      return 0;
    /* A CPU answers for a sub-leaf beyond its last one with another's bits. */
    if (f->subleaf) {
      uint32_t top[4];
      if (!__get_cpuid_count(f->leaf, 0, &top[EAX], &top[EBX], &top[ECX],
                             &top[EDX]) ||
          top[EAX] < f->subleaf)
        return 0;
    }
    return ((reg[f->reg] >> f->bit) & 1) &&
           (enabled_states() & f->state) == f->state;
  }
  return 0;
}

#else

/* Code for other architectures names no features yet. */
static int cpu_supports(const char *name, size_t length) {
  (void)name;
  (void)length;
  return 0;
}

#endif

/* Whether a list has the name, between spaces or commas. */
static int names(const char *list, const char *name, size_t length) {
  for (const char *p = list; *p;) {
    size_t n = strcspn(p, " ,");
    if (n == length && memcmp(p, name, n) == 0)
      return 1;
    p += n;
    p += strspn(p, " ,");
  }
  return 0;
}

int vitrail_missing_cpu_features(const char *list, char *missing, size_t size) {
  /* It can only take instructions away, so nobody comes to harm by it. */
  const char *hidden = secure_getenv("VITRAIL_HIDE_CPU_FEATURES");
  int count = 0;
  size_t used = 0;
  missing[0] = '\0';
  for (const char *p = list ? list : ""; *p;) {
    size_t length = strcspn(p, " ");
    if (length &&
        (!cpu_supports(p, length) || (hidden && names(hidden, p, length)))) {
      ++count;
      int written = snprintf(missing + used, size - used, "%s%.*s",
                             used ? " " : "", (int)length, p);
      if (written > 0)
        used += (size_t)written;
      if (used >= size)
        used = size - 1;
    }
    p += length;
    p += strspn(p, " ");
  }
  return count;
}
