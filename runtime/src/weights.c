/*===- weights.c - The frozen weights of a program ----------------*- C -*-===//
//
// Part of Vitrail, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===*/

#define _GNU_SOURCE
#include "weights.h"

#include "error.h"
#include "vitrail/weights_file.h"

#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <limits.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

_Static_assert(__BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__,
               "the file's numbers are read in place");

struct vitrail_mapping {
  vitrail_mapping *next;
  uint64_t hash, bytes;
  void *base;
  size_t size;
  int users;
};

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static vitrail_mapping *mappings;

//===----------------------------------------------------------------------===//
// Finding the file
//===----------------------------------------------------------------------===//

/* The folder of the file that `path` names, with its slash; "" if none. */
static void keep_folder(char *path) {
  char *slash = strrchr(path, '/');
  path[slash ? slash - path + 1 : 0] = '\0';
}

static int open_in(const char *folder, const char *name, char *path) {
  int length = snprintf(path, PATH_MAX, "%s%s", folder, name);
  if (length < 0 || length >= PATH_MAX) {
    errno = ENAMETOOLONG;
    return -1;
  }
  return open(path, O_RDONLY | O_CLOEXEC);
}

/* Opens the file that the program names: as given, then beside the library or
 * executable that holds the program, then beside the running executable, then
 * in the working folder. Leaves its path in `path`. */
static int find_file(const vitrail_program *program, char *path, char *error) {
  const char *name = program->weights_file;
  int file = open_in("", name, path);
  if (file >= 0)
    return file;
  const char *slash = strrchr(name, '/');
  const char *base = slash ? slash + 1 : name;

  char holder[PATH_MAX] = "", executable[PATH_MAX] = "";
  Dl_info info;
  if (dladdr(program, &info) && info.dli_fname)
    snprintf(holder, sizeof(holder), "%s", info.dli_fname);
  keep_folder(holder);
  ssize_t length =
      readlink("/proc/self/exe", executable, sizeof(executable) - 1);
  executable[length > 0 ? length : 0] = '\0';
  keep_folder(executable);

  const char *const folders[] = {holder, executable, ""};
  for (int i = 0; i < 3; ++i)
    if ((file = open_in(folders[i], base, path)) >= 0)
      return file;
  vitrail_fail(error, VITRAIL_WEIGHTS_FAILURE,
               "weights file '%s' not found, neither as given nor in '%s'; put "
               "it beside the program or name it (--weights FILE)",
               name, holder[0] == '/' ? holder : executable);
  return -1;
}

//===----------------------------------------------------------------------===//
// Checking and mapping it
//===----------------------------------------------------------------------===//

static int check_file(int file, const vitrail_program *program,
                      const char *path, char *error) {
  struct stat status;
  if (fstat(file, &status))
    return vitrail_fail(error, VITRAIL_WEIGHTS_FAILURE,
                        "cannot read weights file '%s': %s", path,
                        strerror(errno));
  if (!S_ISREG(status.st_mode))
    return vitrail_fail(error, VITRAIL_WEIGHTS_FAILURE,
                        "weights file '%s' is no regular file; name the one "
                        "that the compiler wrote",
                        path);
  vitrail_weights_header header;
  ssize_t got = pread(file, &header, sizeof(header), 0);
  if (got != (ssize_t)sizeof(header) ||
      memcmp(header.magic, VITRAIL_WEIGHTS_MAGIC, sizeof(header.magic)) != 0)
    return vitrail_fail(error, VITRAIL_WEIGHTS_FAILURE,
                        "'%s' is no Vitrail weights file; name the one that "
                        "the compiler wrote with this program",
                        path);
  if (header.version != VITRAIL_WEIGHTS_VERSION)
    return vitrail_fail(error, VITRAIL_WEIGHTS_FAILURE,
                        "weights file '%s' has version %" PRIu32
                        ", this program reads version %d; compile both again",
                        path, header.version, VITRAIL_WEIGHTS_VERSION);
  if (header.hash != program->weights_hash ||
      header.bytes != program->weights_bytes)
    return vitrail_fail(
        error, VITRAIL_WEIGHTS_FAILURE,
        "weights file '%s' belongs to another program: hash %016" PRIx64
        " with %" PRIu64 " bytes, expected %016" PRIx64 " with %" PRIu64
        "; take the file that was compiled with this program",
        path, header.hash, header.bytes, program->weights_hash,
        program->weights_bytes);
  if (header.bytes > (uint64_t)INT64_MAX - VITRAIL_WEIGHTS_OFFSET ||
      (uint64_t)status.st_size < VITRAIL_WEIGHTS_OFFSET + header.bytes)
    return vitrail_fail(error, VITRAIL_WEIGHTS_FAILURE,
                        "weights file '%s' is truncated: %" PRId64
                        " of %" PRIu64 " bytes; copy it again",
                        path, (int64_t)status.st_size,
                        VITRAIL_WEIGHTS_OFFSET + header.bytes);
  return VITRAIL_OK;
}

/* Maps the file or shares the mapping of one that is equal; under the lock. */
static vitrail_mapping *share(int file, const vitrail_program *program) {
  for (vitrail_mapping *m = mappings; m; m = m->next) {
    if (m->hash == program->weights_hash &&
        m->bytes == program->weights_bytes) {
      ++m->users;
      return m;
    }
  }
  vitrail_mapping *m = malloc(sizeof(*m));
  if (!m)
    return NULL;
  m->hash = program->weights_hash;
  m->bytes = program->weights_bytes;
  m->size = (size_t)(VITRAIL_WEIGHTS_OFFSET + m->bytes);
  m->users = 1;
  m->base = mmap(NULL, m->size, PROT_READ, MAP_SHARED, file, 0);
  if (m->base == MAP_FAILED) {
    free(m);
    return NULL;
  }
  m->next = mappings;
  mappings = m;
  return m;
}

int vitrail_weights_open(const vitrail_program *program, const char *file,
                         const void **weights, vitrail_mapping **mapping,
                         char *error) {
  *mapping = NULL;
  *weights = program->weights;
  if (!file && (program->weights || program->weights_bytes == 0))
    return VITRAIL_OK;
  if (!file && !program->weights_file)
    return vitrail_fail(error, VITRAIL_WEIGHTS_FAILURE,
                        "the program has neither weights nor the name of their "
                        "file; compile it again");

  char path[PATH_MAX];
  int descriptor;
  if (!file) {
    descriptor = find_file(program, path, error);
    if (descriptor < 0)
      return VITRAIL_WEIGHTS_FAILURE;
  } else {
    descriptor = open_in("", file, path);
    if (descriptor < 0)
      return vitrail_fail(error, VITRAIL_WEIGHTS_FAILURE,
                          "cannot open weights file '%.512s': %s", file,
                          strerror(errno));
  }

  int status = check_file(descriptor, program, path, error);
  if (!status) {
    pthread_mutex_lock(&lock);
    *mapping = share(descriptor, program);
    pthread_mutex_unlock(&lock);
    if (*mapping)
      *weights = (const char *)(*mapping)->base + VITRAIL_WEIGHTS_OFFSET;
    else
      status =
          vitrail_fail(error, VITRAIL_OUT_OF_MEMORY,
                       "cannot map %" PRIu64 " bytes of weights from '%s': %s",
                       program->weights_bytes, path, strerror(errno));
  }
  close(descriptor);
  return status;
}

void vitrail_weights_release(vitrail_mapping *mapping) {
  if (!mapping)
    return;
  pthread_mutex_lock(&lock);
  if (--mapping->users == 0) {
    vitrail_mapping **link = &mappings;
    while (*link != mapping)
      link = &(*link)->next;
    *link = mapping->next;
    munmap(mapping->base, mapping->size);
    free(mapping);
  }
  pthread_mutex_unlock(&lock);
}

int vitrail_weights_mappings(void) {
  int count = 0;
  pthread_mutex_lock(&lock);
  for (vitrail_mapping *m = mappings; m; m = m->next)
    ++count;
  pthread_mutex_unlock(&lock);
  return count;
}
