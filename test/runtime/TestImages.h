//===- TestImages.h - Images of tests ---------------------------*- C++ -*-===//
//
// Part of Vitrail, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef VITRAIL_TEST_TESTIMAGES_H
#define VITRAIL_TEST_TESTIMAGES_H

#include <cstdint>
#include <cstring>
#include <png.h>
#include <string>
#include <vector>

/// The image that the expected values of the tests were computed from.
inline std::vector<uint8_t> testPixels(int width, int height) {
  std::vector<uint8_t> pixels;
  for (int y = 0; y < height; ++y)
    for (int x = 0; x < width; ++x)
      for (int c = 0; c < 3; ++c)
        pixels.push_back(
            static_cast<uint8_t>(x * 37 + y * 101 + c * 59 + x * y * 7));
  return pixels;
}

/// A PNG file's bytes.
inline std::string encodePng(const std::vector<uint8_t> &pixels, int width,
                             int height, int format = PNG_FORMAT_RGB) {
  png_image png;
  memset(&png, 0, sizeof(png));
  png.version = PNG_IMAGE_VERSION;
  png.width = static_cast<png_uint_32>(width);
  png.height = static_cast<png_uint_32>(height);
  png.format = static_cast<png_uint_32>(format);
  png_alloc_size_t size = 0;
  png_image_write_to_memory(&png, nullptr, &size, 0, pixels.data(), 0, nullptr);
  std::string text(size, '\0');
  png_image_write_to_memory(&png, &text[0], &size, 0, pixels.data(), 0,
                            nullptr);
  text.resize(size);
  return text;
}

#endif // VITRAIL_TEST_TESTIMAGES_H
