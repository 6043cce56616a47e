//===- ImageTest.cpp - Decoding and resizing as Pillow does --------------*- C++
//-*- -===//
//
// Part of Vitrail, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "image.h"

#include "TestFiles.h"
#include "TestImages.h"
#include "error.h"

#include <gtest/gtest.h>

namespace {

std::vector<uint8_t> resize(int width, int height, int toWidth, int toHeight) {
  std::vector<uint8_t> pixels = testPixels(width, height);
  vitrail_image image = {width, height, 3, pixels.data()}, result = {};
  char error[VITRAIL_ERROR_SIZE] = "";
  EXPECT_EQ(vitrail_image_resize(&image, toWidth, toHeight, &result, error), 0)
      << error;
  std::vector<uint8_t> resized(result.pixels,
                               result.pixels + toWidth * toHeight * 3);
  free(result.pixels);
  return resized;
}

uint64_t hash(const std::vector<uint8_t> &bytes) { // FNV-1a
  uint64_t h = 0xcbf29ce484222325;
  for (uint8_t byte : bytes)
    h = (h ^ byte) * 0x100000001b3;
  return h;
}

// The values are of Pillow 13: Image.resize((w, h), Image.BILINEAR).
TEST(Image, ResizesAsPillowDoes) {
  EXPECT_EQ(resize(7, 5, 4, 3),
            (std::vector<uint8_t>{
                64,  123, 130, 127, 155, 135, 121, 149, 103, 153, 135, 125,
                165, 89,  118, 137, 136, 125, 121, 120, 105, 168, 92,  114,
                130, 126, 104, 117, 116, 118, 123, 122, 104, 112, 108, 103}));
}

TEST(Image, ResizesToTheLastBitAsPillowDoes) {
  EXPECT_EQ(hash(resize(7, 5, 9, 11)), 0xc237ead4d5320bebu);
  EXPECT_EQ(hash(resize(64, 48, 224, 224)), 0xc43afbbde2a91964u);
  EXPECT_EQ(hash(resize(301, 199, 224, 224)), 0x75644563f1605437u);
  // In two steps, (32, 500) and then (32, 16): Pillow 13 itself would begin
  // with the rows of so tall an image.
  EXPECT_EQ(hash(resize(13, 500, 32, 16)), 0xbe2e111a32ed0515u);
  EXPECT_EQ(hash(resize(5, 5, 5, 5)), 0xc355e71fda1e1146u);
  EXPECT_EQ(hash(resize(1, 1, 3, 3)), 0x1fdca7a210f9d276u);
  EXPECT_EQ(hash(resize(100, 3, 1, 1)), 0x386a611ae66adcf5u);
  EXPECT_EQ(hash(resize(17, 9, 17, 4)), 0x68cd6c06970e6bd2u);
}

struct Decoded {
  int status;
  std::string error;
  std::vector<uint8_t> pixels;
};

Decoded decode(const std::string &bytes, int channels) {
  TestFolder folder;
  std::string path = folder.write("image", bytes);
  vitrail_image image = {};
  char error[VITRAIL_ERROR_SIZE] = "";
  Decoded result;
  result.status = vitrail_image_read(path.c_str(), channels, &image, error);
  result.error = error;
  if (result.error.rfind(path, 0) == 0)
    result.error = result.error.substr(path.size());
  if (!result.status)
    result.pixels.assign(image.pixels, image.pixels + image.width *
                                                          image.height *
                                                          image.channels);
  free(image.pixels);
  return result;
}

TEST(Image, DecodesColorAndGray) {
  std::vector<uint8_t> pixels = testPixels(3, 2);
  std::string png = encodePng(pixels, 3, 2);
  EXPECT_EQ(decode(png, 3).pixels, pixels);
  // Pillow: Image.convert("L").
  EXPECT_EQ(decode(png, 1).pixels,
            (std::vector<uint8_t>{48, 85, 122, 149, 164, 208}));
  EXPECT_EQ(decode(png, 4).pixels[3], 255);
  std::vector<uint8_t> gray = {0, 1, 100, 200, 254, 255};
  std::string grayPng = encodePng(gray, 3, 2, PNG_FORMAT_GRAY);
  EXPECT_EQ(decode(grayPng, 1).pixels, gray);
  EXPECT_EQ(decode(grayPng, 3).pixels[7], 100);
}

TEST(Image, DropsTransparencyAsPillowDoes) {
  std::string png =
      encodePng({10, 20, 30, 0, 200, 100, 50, 128}, 2, 1, PNG_FORMAT_RGBA);
  EXPECT_EQ(decode(png, 3).pixels,
            (std::vector<uint8_t>{10, 20, 30, 200, 100, 50}));
}

TEST(Image, RefusesOtherFormats) {
  EXPECT_EQ(decode("\xff\xd8\xff\xe0 JFIF", 3).error,
            ": a JPEG file; PNG is what this program reads, convert it to "
            "that");
  EXPECT_EQ(decode("GIF89a", 3).error.rfind(": a GIF file", 0), 0u);
  EXPECT_EQ(decode("RIFF0000WEBP", 3).error.rfind(": a WebP file", 0), 0u);
  EXPECT_EQ(decode("", 3).error.rfind(": no image", 0), 0u);
  EXPECT_EQ(decode("hello", 3).error.rfind(": no image", 0), 0u);
  EXPECT_EQ(decode(encodePng(testPixels(1, 1), 1, 1), 2).status,
            VITRAIL_FILE_FAILURE);
}

TEST(Image, CorruptFilesAreRefused) {
  std::string png = encodePng(testPixels(20, 20), 20, 20);
  for (size_t size = 0; size < png.size() - 20; size += 7) {
    Decoded result = decode(png.substr(0, size), 3);
    EXPECT_EQ(result.status, VITRAIL_FILE_FAILURE) << size;
    if (size >= 8)
      EXPECT_EQ(result.error.rfind(": corrupt PNG file (", 0), 0u);
  }
  // One byte wrong anywhere must not crash; where it matters it is refused.
  for (size_t i = 8; i < png.size(); i += 3) {
    std::string broken = png;
    broken[i] = static_cast<char>(broken[i] ^ 0x5a);
    decode(broken, 3);
  }
  std::string broken = png;
  broken[60] = static_cast<char>(broken[60] ^ 0x5a); // the pixels' checksum
  EXPECT_EQ(decode(broken, 3).status, VITRAIL_FILE_FAILURE);
}

// A header that claims 100000 x 100000 pixels, with its right checksum.
TEST(Image, HugeClaimsAreRefused) {
  std::string png = encodePng(testPixels(1, 1), 1, 1);
  const unsigned char size[] = {0, 1, 0x86, 0xa0, 0, 1, 0x86, 0xa0};
  memcpy(&png[16], size, sizeof(size));
  uint32_t crc = 0xffffffff;
  for (int i = 12; i < 29; ++i) {
    crc ^= static_cast<unsigned char>(png[i]);
    for (int bit = 0; bit < 8; ++bit)
      crc = crc >> 1 ^ (crc & 1 ? 0xedb88320 : 0);
  }
  crc = ~crc;
  for (int i = 0; i < 4; ++i)
    png[29 + i] = static_cast<char>(crc >> (24 - 8 * i));
  EXPECT_EQ(decode(png, 3).error,
            ": 100000 x 100000 pixels are too many; shrink it below 178956970 "
            "pixels");
}

TEST(Image, NormalizesIntoPlanes) {
  TestFolder folder;
  std::string path =
      folder.write("x.png", encodePng({0, 51, 255, 255, 102, 0}, 2, 1));
  vitrail_port port = {};
  port.name = "x";
  port.rank = 4;
  int64_t shape[] = {1, 3, 1, 2};
  memcpy(port.shape, shape, sizeof(shape));
  for (int c = 0; c < 3; ++c) {
    port.mean[c] = 0.2f * static_cast<float>(c);
    port.std[c] = 0.5f;
  }
  float data[6];
  char error[VITRAIL_ERROR_SIZE] = "";
  ASSERT_EQ(vitrail_image_load(path.c_str(), &port, data, error), 0) << error;
  const float expected[] = {0, 2, 0, 0.4f, 1.2f, -0.8f};
  for (int i = 0; i < 6; ++i)
    EXPECT_NEAR(data[i], expected[i], 1e-6) << i;
  EXPECT_NE(vitrail_image_load("/nowhere/x.png", &port, data, error), 0);
  EXPECT_STREQ(error,
               "cannot open '/nowhere/x.png': No such file or directory");
}

} // namespace
