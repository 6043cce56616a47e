/* Two threads call one model, each through a context of its own.
 *
 *   example INPUT OUTPUT      raw float32 files
 *
 * Exits with 0 if both threads get the same bits, run after run. */

#include "model.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { RUNS = 25 };

static float input[MODEL_PIXEL_VALUES_SIZE];

typedef struct caller {
  model_context *context;
  float output[MODEL_PROBABILITIES_SIZE];
  int status;
} caller;

static void *call(void *argument) {
  caller *self = argument;
  float first[MODEL_PROBABILITIES_SIZE];
  for (int i = 0; i < RUNS && !self->status; ++i) {
    memset(self->output, 0xff, sizeof(self->output));
    self->status = model_run(self->context, input, self->output);
    if (i == 0)
      memcpy(first, self->output, sizeof(first));
    else if (memcmp(first, self->output, sizeof(first)) != 0)
      self->status = -1;
  }
  return NULL;
}

static int fail(const char *what, const char *why) {
  fprintf(stderr, "%s: %s\n", what, why);
  return 1;
}

/* What a caller can do wrong is a status and a text, never an exit. */
static int check_errors(model_context *context) {
  float output[MODEL_PROBABILITIES_SIZE];
  if (model_create(-1) || !*model_error())
    return fail("model_create(-1)", "expected an error");
  if (model_run(context, NULL, output) == 0 || !*model_last_error(context))
    return fail("model_run without input", "expected an error");
  if (model_run(context, input, NULL) == 0 || !*model_last_error(context))
    return fail("model_run without output", "expected an error");
  if (model_run(context, input, output) != 0 || *model_last_error(context))
    return fail("model_run after errors", model_last_error(context));
  model_destroy(NULL);
  return 0;
}

int main(int argc, char **argv) {
  if (argc != 3)
    return fail("usage", "example INPUT OUTPUT");
  if (model_abi_version() != MODEL_ABI_VERSION)
    return fail("ABI", "the library has another version than the header");
  FILE *file = fopen(argv[1], "rb");
  if (!file || fread(input, sizeof(float), MODEL_PIXEL_VALUES_SIZE, file) !=
                   MODEL_PIXEL_VALUES_SIZE)
    return fail(argv[1], "cannot be read");
  fclose(file);

  caller callers[2] = {{.status = 0}, {.status = 0}};
  pthread_t threads[2];
  for (int i = 0; i < 2; ++i) {
    /* Different numbers of threads give the same bits. */
    callers[i].context = model_create(i + 1);
    if (!callers[i].context)
      return fail("model_create", model_error());
  }
  for (int i = 0; i < 2; ++i)
    if (pthread_create(&threads[i], NULL, call, &callers[i]) != 0)
      return fail("pthread_create", "failed");
  for (int i = 0; i < 2; ++i)
    pthread_join(threads[i], NULL);
  for (int i = 0; i < 2; ++i)
    if (callers[i].status)
      return fail("model_run", callers[i].status < 0
                                   ? "two runs differ"
                                   : model_last_error(callers[i].context));
  if (memcmp(callers[0].output, callers[1].output, sizeof(callers[0].output)))
    return fail("model_run", "two contexts differ");
  if (check_errors(callers[0].context))
    return 1;
  for (int i = 0; i < 2; ++i)
    model_destroy(callers[i].context);

  file = fopen(argv[2], "wb");
  if (!file ||
      fwrite(callers[0].output, sizeof(float), MODEL_PROBABILITIES_SIZE,
             file) != MODEL_PROBABILITIES_SIZE)
    return fail(argv[2], "cannot be written");
  return fclose(file) != 0;
}
