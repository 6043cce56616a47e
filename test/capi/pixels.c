/* An image, once normalized and once as pixels.
 *
 *   pixels
 *
 * Prints the largest output, and the largest difference between the two. */

#include "model.h"

#include <math.h>
#include <stdio.h>

enum {
  BATCH = MODEL_PIXEL_VALUES_DIM_0,
  CHANNELS = MODEL_PIXEL_VALUES_DIM_1,
  HEIGHT = MODEL_PIXEL_VALUES_DIM_2,
  WIDTH = MODEL_PIXEL_VALUES_DIM_3
};

static float planes[BATCH][CHANNELS][HEIGHT][WIDTH];
static unsigned char pixels[BATCH][HEIGHT][WIDTH][CHANNELS];
static float expected[MODEL_LOGITS_SIZE], found[MODEL_LOGITS_SIZE];

int main(void) {
  unsigned state = 1;
  for (int b = 0; b < BATCH; ++b)
    for (int y = 0; y < HEIGHT; ++y)
      for (int x = 0; x < WIDTH; ++x)
        for (int c = 0; c < CHANNELS; ++c) {
          state = state * 1664525u + 1013904223u;
          pixels[b][y][x][c] = (unsigned char)(state >> 24);
          /* The mean and the deviation of the model are 0.5. */
          planes[b][c][y][x] = (pixels[b][y][x][c] / 255.0f - 0.5f) / 0.5f;
        }
  model_context *context = model_create(2);
  if (!context || model_run(context, &planes[0][0][0][0], expected) != 0 ||
      model_run_u8(context, &pixels[0][0][0][0], found) != 0) {
    fprintf(stderr, "%s\n",
            context ? model_last_error(context) : model_error());
    return 1;
  }
  if (model_run_u8(context, NULL, found) == 0) {
    fprintf(stderr, "model_run_u8 without pixels: expected an error\n");
    return 1;
  }
  double largest = 0, difference = 0;
  for (int i = 0; i < MODEL_LOGITS_SIZE; ++i) {
    largest = fmax(largest, fabs(expected[i]));
    difference = fmax(difference, fabs(expected[i] - found[i]));
  }
  printf("%g %g\n", largest, difference);
  model_destroy(context);
  return 0;
}
