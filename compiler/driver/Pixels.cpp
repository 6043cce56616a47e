//===- Pixels.cpp - Images as pixels --------------------------------------===//
//
// Part of Vitrail, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "compiler/driver/Pixels.h"
#include <cmath>

using namespace mlir;
using namespace vitrail;

/// One number of an image port for a channel.
static double ofChannel(func::FuncOp main, unsigned input, StringRef name,
                        int64_t channel, double otherwise) {
  auto values = main.getArgAttrOfType<DenseF32ArrayAttr>(input, name);
  return values && channel < values.size() ? values[channel] : otherwise;
}

static std::vector<uint8_t> makePixels(func::FuncOp main, unsigned input,
                                       std::vector<float> &values) {
  ArrayRef<int64_t> shape =
      cast<RankedTensorType>(main.getArgumentTypes()[input]).getShape();
  int64_t channels = shape[1], plane = shape[2] * shape[3];
  std::vector<uint8_t> pixels(values.size());
  for (int64_t sample = 0; sample < shape[0]; ++sample)
    for (int64_t channel = 0; channel < channels; ++channel) {
      double mean = ofChannel(main, input, port::mean, channel, 0);
      double std = ofChannel(main, input, port::std, channel, 1);
      float *from = &values[(sample * channels + channel) * plane];
      uint8_t *to = &pixels[sample * channels * plane + channel];
      for (int64_t i = 0; i < plane; ++i) {
        double pixel = std::round((from[i] * std + mean) * 255);
        to[i * channels] = std::clamp(pixel, 0.0, 255.0);
        from[i] = (to[i * channels] / 255.0 - mean) / std;
      }
    }
  return pixels;
}

std::vector<std::vector<uint8_t>>
vitrail::makePixels(func::FuncOp main,
                    std::vector<std::vector<float>> &inputs) {
  std::vector<std::vector<uint8_t>> pixels(inputs.size());
  for (size_t i = 0; i < inputs.size(); ++i) {
    auto kind = main.getArgAttrOfType<StringAttr>(i, port::kind);
    if (kind && kind.getValue() == "image")
      pixels[i] = ::makePixels(main, i, inputs[i]);
  }
  return pixels;
}
