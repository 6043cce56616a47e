/* Two models in one program: two_models INPUT prints the outputs of both. */

#include "first.h"
#include "second.h"

#include <stdio.h>

static float input[FIRST_PIXEL_VALUES_SIZE];

static void print(const char *name, const float *values, int count) {
  printf("%s", name);
  for (int i = 0; i < count; ++i)
    printf(" %.9g", values[i]);
  printf("\n");
}

int main(int argc, char **argv) {
  FILE *file = argc == 2 ? fopen(argv[1], "rb") : NULL;
  if (!file || fread(input, sizeof(input), 1, file) != 1)
    return 1;
  fclose(file);
  float one[FIRST_PROBABILITIES_SIZE], two[SECOND_PROBABILITIES_SIZE];
  first_context *first = first_create(0);
  second_context *second = second_create(0);
  if (!first || !second || first_run(first, input, one) ||
      second_run(second, input, two))
    return 1;
  first_destroy(first);
  second_destroy(second);
  print("first", one, FIRST_PROBABILITIES_SIZE);
  print("second", two, SECOND_PROBABILITIES_SIZE);
  return 0;
}
