//===- ImageTest.cpp - Decoding and resizing as Pillow does ---------------===//
//
// Part of Vitrail, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "image.h"

#include "TestFiles.h"
#include "TestImages.h"
#include "context.h"
#include "error.h"
#include "exif.h"

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
  int width;
};

Decoded decode(const std::string &bytes, int channels) {
  TestFolder folder;
  std::string path = folder.write("image", bytes);
  vitrail_image image = {};
  char error[VITRAIL_ERROR_SIZE] = "";
  Decoded result = {};
  result.status = vitrail_image_read(path.c_str(), channels, &image, error);
  result.error = error;
  if (result.error.rfind(path, 0) == 0)
    result.error = result.error.substr(path.size());
  if (!result.status)
    result.pixels.assign(image.pixels, image.pixels + image.width *
                                                          image.height *
                                                          image.channels);
  result.width = image.width;
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

std::string contents(const std::filesystem::path &path) {
  std::ifstream file(path, std::ios::binary);
  std::stringstream text;
  text << file.rdbuf();
  return text.str();
}

// Every kind of compression and color and every orientation, with what Pillow
// makes of it in a PNG file of the same name (scripts/python/make_jpeg.py).
TEST(Image, DecodesJpegToTheLastBitAsPillowDoes) {
  int count = 0;
  for (const auto &entry : std::filesystem::directory_iterator(GOLDEN_JPEG)) {
    std::filesystem::path path = entry.path();
    if (path.extension() != ".jpg")
      continue;
    ++count;
    std::string jpeg = contents(path),
                png = contents(path.replace_extension("png"));
    for (int channels : {1, 3, 4}) {
      Decoded ours = decode(jpeg, channels), pillows = decode(png, channels);
      ASSERT_EQ(ours.status, VITRAIL_OK) << path << ours.error;
      EXPECT_EQ(ours.width, pillows.width) << path;
      EXPECT_EQ(ours.pixels, pillows.pixels) << path << channels;
    }
  }
  EXPECT_EQ(count, 19);
}

TEST(Image, CorruptJpegIsRefused) {
  std::string jpeg = contents(GOLDEN_JPEG "/progressive.jpg");
  for (size_t size = 3; size < jpeg.size(); size += 23)
    EXPECT_EQ(decode(jpeg.substr(0, size), 3).error,
              ": corrupt or unusual JPEG file (Premature end of JPEG file); "
              "save it again as an ordinary one")
        << size;
  // One byte wrong must not crash, wherever it is.
  for (const char *name : {"color_420", "orientation_6", "cmyk"}) {
    jpeg = contents(std::string(GOLDEN_JPEG "/") + name + ".jpg");
    for (size_t i = 3; i < jpeg.size(); i += 13) {
      std::string broken = jpeg;
      broken[i] = static_cast<char>(broken[i] ^ 0xa5);
      decode(broken, 1);
    }
  }
}

TEST(Image, LoadsPixelsAsTheyAre) {
  TestFolder folder;
  const std::vector<uint8_t> pixels = testPixels(3, 2);
  std::string path = folder.write("x.png", encodePng(pixels, 3, 2));
  vitrail_port port = {};
  port.name = "x";
  port.dtype = VITRAIL_U8;
  port.kind = VITRAIL_IMAGE;
  port.rank = 4;
  const int64_t shape[] = {1, 2, 3, 3};
  std::copy(std::begin(shape), std::end(shape), port.shape);
  EXPECT_EQ(vitrail_port_bytes(&port), 18u);
  std::vector<uint8_t> data(18);
  char error[VITRAIL_ERROR_SIZE] = "";
  ASSERT_EQ(vitrail_image_load(path.c_str(), &port, data.data(), error),
            VITRAIL_OK)
      << error;
  EXPECT_EQ(data, pixels);
}

TEST(Image, TurnsAsExifSays) {
  // 1 2
  // 3 4
  // 5 6
  const std::vector<uint8_t> expected[] = {
      {1, 2, 3, 4, 5, 6}, {2, 1, 4, 3, 6, 5}, {6, 5, 4, 3, 2, 1},
      {5, 6, 3, 4, 1, 2}, {1, 3, 5, 2, 4, 6}, {5, 3, 1, 6, 4, 2},
      {6, 4, 2, 5, 3, 1}, {2, 4, 6, 1, 3, 5}};
  for (int orientation = 1; orientation <= 8; ++orientation) {
    vitrail_image image = {2, 3, 1, static_cast<uint8_t *>(malloc(6))};
    memcpy(image.pixels, expected[0].data(), 6);
    char error[VITRAIL_ERROR_SIZE] = "";
    ASSERT_EQ(vitrail_image_orient(&image, orientation, error), VITRAIL_OK);
    EXPECT_EQ(image.width, orientation < 5 ? 2 : 3);
    EXPECT_EQ(image.height, orientation < 5 ? 3 : 2);
    EXPECT_EQ(std::vector<uint8_t>(image.pixels, image.pixels + 6),
              expected[orientation - 1])
        << orientation;
    free(image.pixels);
  }
}

int orientation(const std::string &exif) {
  // In memory of exactly that size, so that sanitizers see what lies behind.
  std::vector<uint8_t> data(exif.begin(), exif.end());
  return vitrail_exif_orientation(data.data(), data.size());
}

TEST(Image, FindsTheOrientation) {
  using namespace std::string_literals;
  const std::string little = "II*\0\x08\0\0\0"s, big = "MM\0*\0\0\0\x08"s;
  const std::string make = "\x0f\x01\x02\0\x04\0\0\0abc\0"s;
  const std::string six = "\x12\x01\x03\0\x01\0\0\0\x06\0\0\0"s;
  EXPECT_EQ(orientation(little + "\x01\0"s + six), 6);
  EXPECT_EQ(orientation(little + "\x02\0"s + make + six), 6);
  EXPECT_EQ(orientation(big + "\0\x01\x01\x12\0\x03\0\0\0\x01\0\x08\0\0"s), 8);
  EXPECT_EQ(orientation(little + "\x01\0"s + make), 1);
  // Whatever is broken leaves the image as it is.
  EXPECT_EQ(orientation(""), 1);
  EXPECT_EQ(orientation("II*"), 1);
  EXPECT_EQ(orientation("IM*\0\x08\0\0\0\x01\0"s + six), 1);
  EXPECT_EQ(orientation("II*\0\xff\xff\xff\xff\x01\0"s + six), 1);
  EXPECT_EQ(orientation(little), 1);
  EXPECT_EQ(orientation(little + "\x01"), 1);
  EXPECT_EQ(orientation(little + "\xff\xff" + make), 1);
  EXPECT_EQ(orientation(little + "\x01\0"s + six.substr(0, 11)), 1);
  for (char value : {'\0', '\x09', '\xff'}) {
    std::string wrong = six;
    wrong[8] = value;
    EXPECT_EQ(orientation(little + "\x01\0"s + wrong), 1);
  }
  std::string wrong = six;
  wrong[2] = 4; // a LONG
  EXPECT_EQ(orientation(little + "\x01\0"s + wrong), 1);
}

/// A chunk with the checksum of zeros, which only a chunk that matters needs.
std::string pngChunk(const std::string &kind, const std::string &data) {
  std::string text(3, '\0');
  return text + static_cast<char>(data.size()) + kind + data +
         std::string(4, '\0');
}

TEST(Image, TurnsPngToo) {
  using namespace std::string_literals;
  std::vector<uint8_t> gray = {1, 2, 3, 4, 5, 6};
  std::string png = encodePng(gray, 2, 3, PNG_FORMAT_GRAY);
  std::string chunk = pngChunk(
      "eXIf", "MM\0*\0\0\0\x08\0\x01\x01\x12\0\x03\0\0\0\x01\0\x06\0\0"s);
  const size_t head = 8 + 25; // the signature and IHDR
  std::string before = png.substr(0, head) + chunk + png.substr(head);
  const size_t end = png.size() - 12; // IEND
  std::string behind = png.substr(0, end) + chunk + png.substr(end);
  for (const std::string &text : {before, behind}) {
    EXPECT_EQ(decode(text, 1).width, 3);
    EXPECT_EQ(decode(text, 1).pixels, (std::vector<uint8_t>{5, 3, 1, 6, 4, 2}));
  }
}

TEST(Image, RefusesOtherFormats) {
  EXPECT_EQ(decode("GIF89a", 3).error,
            ": a GIF file; this program reads PNG and JPEG, convert it to one "
            "of them");
  EXPECT_EQ(decode("RIFF0000WEBP", 3).error.rfind(": a WebP file", 0), 0u);
  EXPECT_EQ(decode("BM", 3).error.rfind(": a BMP file", 0), 0u);
  EXPECT_EQ(decode(std::string("MM\0*", 4), 3).error.rfind(": a TIFF file", 0),
            0u);
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
