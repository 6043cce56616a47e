//===- CommandLineFilesTest.cpp - Files of a program's command line -------===//
//
// Part of Vitrail, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "CommandLine.h"

namespace {

// What a file holds counts, not what it is called.
TEST_F(CommandLine, KnowsImagesByTheirContent) {
  const std::string golden = GOLDEN_JPEG "/orientation_6";
  folder.copy(golden + ".jpg", "photograph.png");
  folder.copy(golden + ".png", "upright");
  Result jpeg = run(MOCK_CLASSES, "photograph.png");
  EXPECT_EQ(jpeg.status, 0) << jpeg.err;
  EXPECT_EQ(jpeg.out, run(MOCK_CLASSES, "upright").out);
}

// Three images, a batch of two: each comes out as it does alone.
TEST_F(CommandLine, SeveralImagesFillBatches) {
  writeImage("a.png", 9, 5);
  writeImage("b.png", 4, 4);
  writeImage("c d.png", 3, 30);
  std::string expected;
  for (const char *name : {"a.png", "b.png", "c d.png"})
    expected += std::string(name) + "\n" +
                run(MOCK_CLASSES, "'" + std::string(name) + "'").out;
  Result result = run(MOCK_CLASSES, "a.png b.png 'c d.png'");
  EXPECT_EQ(result.status, 0);
  EXPECT_EQ(result.out, expected);

  result = run(MOCK_CLASSES, "a.png b.png 'c d.png' --output logits=y.npy");
  EXPECT_EQ(result.status, 0) << result.err;
  EXPECT_EQ(result.out, "");
  std::vector<float> all = readTensor("y.npy", {3, 7});
  run(MOCK_CLASSES, "--output=y.npy 'c d.png'");
  std::vector<float> last = readTensor("y.npy", {1, 7});
  EXPECT_EQ(std::vector<float>(all.begin() + 14, all.end()), last);
}

// An image is a sample, a NumPy file holds several, and all of them fill
// batches in order, whichever context is free.
TEST_F(CommandLine, ImagesAndTensorsTogether) {
  writeImage("a.png", 9, 5);
  folder.copy(GOLDEN_JPEG "/color_420.jpg", "b.jpg");
  std::vector<float> images(3 * MOCK_SAMPLE);
  for (size_t i = 0; i < images.size(); ++i)
    images[i] = 0.01f * static_cast<float>(i * i % 97);
  writeTensor("c.npy", {3, 3, 4, 4}, images);
  writeTensor("d", {1, 3, 4, 4}, {images.end() - MOCK_SAMPLE, images.end()});
  std::string a = run(MOCK_CLASSES, "a.png").out;
  std::string b = run(MOCK_CLASSES, "b.jpg").out;
  std::string c = run(MOCK_CLASSES, "c.npy").out, expected = "a.png\n" + a;
  ASSERT_EQ(c.rfind("sample 0\n", 0), 0u);
  size_t second = c.find("sample 1\n"), third = c.find("sample 2\n");
  std::string last = c.substr(third + 9);
  EXPECT_EQ(run(MOCK_CLASSES, "d").out, last);
  expected += "c.npy, " + c.substr(0, second) + "c.npy, " +
              c.substr(second, third - second) + "c.npy, " + c.substr(third) +
              "d\n" + last + "b.jpg\n" + b + "a.png\n" + a;
  for (const char *options : {"", "--contexts 1", "--contexts 2",
                              "--contexts 9 --threads 1", "--threads 2"}) {
    Result result =
        run(MOCK_CLASSES, std::string("a.png c.npy d b.jpg a.png ") + options);
    EXPECT_EQ(result.status, 0) << result.err;
    EXPECT_EQ(result.out, expected) << options;
    result = run(MOCK_CLASSES, std::string("a.png c.npy d b.jpg a.png "
                                           "--output y.npy ") +
                                   options);
    EXPECT_EQ(result.status, 0) << result.err;
    std::vector<float> rows = readTensor("y.npy", {7, 7});
    EXPECT_TRUE(std::equal(rows.begin(), rows.begin() + 7, rows.end() - 7));
    EXPECT_TRUE(std::equal(&rows[21], &rows[28], &rows[28]));
  }
}

// A bad file is reported where its result would be; the others are shown.
TEST_F(CommandLine, BadFilesAmongGoodOnes) {
  writeImage("a.png", 9, 5);
  writeImage("b.png", 4, 4);
  folder.write("bad.jpg", "\xff\xd8\xff\xe0 JFIF");
  folder.write("bad.npy", "bad");
  writeTensor("nan.npy", {1, 3, 4, 4}, std::vector<float>(48, NAN));
  const std::string name = "vitrail-mock-classes: ";
  const std::string errors =
      name + "cannot open 'none.png': No such file or directory\n" + name +
      "bad.jpg: corrupt or unusual JPEG file (Premature end of JPEG file); "
      "save it again as an ordinary one\n" +
      name + "bad.npy: no NumPy file; write it with numpy.save\n" + name +
      "nan.npy: output 'logits' is not finite at class 0; check the weights "
      "and the input\n";
  const std::string files = "none.png a.png bad.jpg bad.npy b.png nan.npy";
  std::string shown = "a.png\n" + run(MOCK_CLASSES, "a.png").out + "b.png\n" +
                      run(MOCK_CLASSES, "b.png").out;
  for (const char *contexts : {" --contexts 1", " --contexts 3"}) {
    Result result = run(MOCK_CLASSES, files + contexts);
    EXPECT_EQ(result.status, 1);
    EXPECT_EQ(result.out, shown);
    // On a machine of fewer CPUs than contexts a warning stands before it.
    size_t begin = result.err.rfind(name + "warning: ", 0) == 0
                       ? result.err.find('\n') + 1
                       : 0;
    EXPECT_EQ(result.err.substr(begin), errors);
    // An output has a row for each sample, or there is none.
    result = run(MOCK_CLASSES,
                 "a.png bad.jpg b.png --output y.npy" + std::string(contexts));
    EXPECT_EQ(result.status, 1);
    EXPECT_EQ(result.out, "");
    EXPECT_NE(result.err.find(name + "bad.jpg: "), std::string::npos);
    EXPECT_FALSE(folder.has("y.npy"));
  }
}

TEST_F(CommandLine, SeveralTensorsBesideANamedOne) {
  writeTensor("a.npy", {1, 4}, {1, 2, 3, 4});
  writeTensor("b.npy", {2, 4}, {10, 20, 30, 40, 50, 60, 70, 80});
  Result result = run(MOCK_ADD, "--input a=a.npy b.npy a.npy");
  EXPECT_EQ(result.status, 0) << result.err;
  EXPECT_EQ(result.out,
            "b.npy, sample 0\n"
            "sum: f32 [1, 4], from 11 to 44, mean 27.5 (--output sum=FILE.npy "
            "writes it)\n"
            "b.npy, sample 1\n"
            "sum: f32 [1, 4], from 51 to 84, mean 67.5 (--output sum=FILE.npy "
            "writes it)\n"
            "a.npy\n"
            "sum: f32 [1, 4], from 2 to 8, mean 5 (--output sum=FILE.npy "
            "writes it)\n");
  folder.write("a.png", "no tensor");
  expectFailure(MOCK_ADD, "--input a=a.npy a.png", 1,
                "a.png: no NumPy file; write it with numpy.save");
}

TEST_F(CommandLine, TensorsInAndOut) {
  writeTensor("a.npy", {1, 4}, {1, 2, 3, 4});
  writeTensor("b.npy", {1, 4}, {10, 20, 30, 40});
  Result result =
      run(MOCK_ADD, "--input a=a.npy --input b=b.npy --output sum=y.npy");
  EXPECT_EQ(result.status, 0) << result.err;
  EXPECT_EQ(readTensor("y.npy", {1, 4}), (std::vector<float>{11, 22, 33, 44}));
  EXPECT_EQ(folder.count(), 3u);
  result = run(MOCK_ADD, "--input=a=a.npy b.npy");
  EXPECT_EQ(result.out, "sum: f32 [1, 4], from 11 to 44, mean 27.5 (--output "
                        "sum=FILE.npy writes it)\n");
  result = run(MOCK_ADD, "--input=a=a.npy b.npy --output /dev/stdout");
  EXPECT_EQ(result.out.size(), 128u + 16u);
}

TEST_F(CommandLine, OutputsAppearWholeOrNotAtAll) {
  writeTensor("a.npy", {1, 4}, {1, 2, 3, 4});
  expectFailure(MOCK_ADD, "--input a=a.npy --input b=a.npy --output no/y.npy",
                1, "cannot write 'no/y.npy': No such file or directory");
  folder.write("y.npy", "before");
  folder.write("bad.npy", "bad");
  expectFailure(MOCK_ADD, "--input a=a.npy --input b=bad.npy --output y.npy", 1,
                "bad.npy: no NumPy file; write it with numpy.save");
  EXPECT_EQ(folder.read("y.npy"), "before");
  EXPECT_EQ(folder.count(), 3u);
  if (access("/dev/full", W_OK))
    return;
  expectFailure(MOCK_ADD, "--input a=a.npy --input b=a.npy --output /dev/full",
                1, "cannot write '/dev/full': No space left on device");
  Result result = run(MOCK_ADD, "--info >/dev/full");
  EXPECT_EQ(result.status, 1);
}

TEST_F(CommandLine, BadFilesAreOneClearLine) {
  folder.write("cat.jpg", "\xff\xd8\xff\xe0 JFIF");
  folder.write("cat.gif", "GIF89a");
  folder.write("bad.png", "\x89PNG\r\n\x1a\n truncated");
  writeTensor("x.npy", {3, 4, 4}, std::vector<float>(48));
  expectFailure(MOCK_CLASSES, "cat.jpg", 1,
                "cat.jpg: corrupt or unusual JPEG file (Premature end of JPEG "
                "file); save it again as an ordinary one");
  expectFailure(MOCK_CLASSES, "cat.gif", 1,
                "cat.gif: a GIF file; this program reads PNG and JPEG, convert "
                "it to one of them");
  expectFailure(MOCK_CLASSES, "none.png", 1,
                "cannot open 'none.png': No such file or directory");
  EXPECT_EQ(run(MOCK_CLASSES, "bad.png").status, 1);
  expectFailure(MOCK_CLASSES, "x.npy", 1,
                "x.npy: shape [3, 4, 4], input 'pixel_values' takes [N, 3, 4, "
                "4]; add the batch dimension with x[None]");
  expectFailure(MOCK_CLASSES, "--input x.npy", 1,
                "x.npy: shape [3, 4, 4], input 'pixel_values' takes [2, 3, 4, "
                "4]; reshape or crop it");
  writeTensor("none.npy", {0, 3, 4, 4}, {0});
  expectFailure(MOCK_CLASSES, "none.npy", 1,
                "none.npy: shape [0, 3, 4, 4], input 'pixel_values' takes [N, "
                "3, 4, 4]; reshape or crop it");
  writeTensor("large.npy", {9, 3, 4, 4}, std::vector<float>(9 * 48));
  folder.write("cut.npy", folder.read("large.npy").substr(0, 1000));
  expectFailure(MOCK_CLASSES, "cut.npy", 1,
                "cut.npy: truncated, 872 bytes of data for 9 samples of 192; "
                "write the file again with numpy.save");
  expectFailure(MOCK_CLASSES, "'two\nlines.png'", 1,
                "cannot open 'two?lines.png': No such file or directory");
}

} // namespace
