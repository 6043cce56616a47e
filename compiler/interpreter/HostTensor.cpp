//===- HostTensor.cpp - Tensors of the interpreter ------------------------===//
//
// Part of Vitrail, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "compiler/interpreter/HostTensor.h"
#include <algorithm>
#include <cassert>
#include <cmath>
#include <limits>

using namespace llvm;
using namespace vitrail;

HostTensor::HostTensor(ArrayRef<int64_t> shape)
    : shape(shape.begin(), shape.end()), count(1) {
  for (int64_t size : shape)
    count *= size;
  // Not make_shared: it would write zeros that every op overwrites.
  elements = std::shared_ptr<double[]>(new double[count]);
}

HostTensor::HostTensor(ArrayRef<int64_t> shape, ArrayRef<double> values)
    : HostTensor(shape) {
  assert(int64_t(values.size()) == count && "one value an element");
  llvm::copy(values, elements.get());
}

HostTensor HostTensor::fromFloat(ArrayRef<int64_t> shape,
                                 ArrayRef<float> values) {
  HostTensor result(shape);
  assert(int64_t(values.size()) == result.count && "one value an element");
  llvm::copy(values, result.elements.get());
  return result;
}

HostTensor HostTensor::splat(ArrayRef<int64_t> shape, double value) {
  HostTensor result(shape);
  llvm::fill(result.mutate(), value);
  return result;
}

SmallVector<int64_t> HostTensor::getStrides() const {
  SmallVector<int64_t> strides(shape.size());
  int64_t stride = 1;
  for (int64_t dim = getRank() - 1; dim >= 0; --dim) {
    strides[dim] = stride;
    stride *= shape[dim];
  }
  return strides;
}

MutableArrayRef<double> HostTensor::mutate() {
  if (!isUnique())
    *this = HostTensor(shape, getValues());
  return {elements.get(), size_t(count)};
}

HostTensor HostTensor::reshape(ArrayRef<int64_t> newShape) const {
  HostTensor result = *this;
  result.shape.assign(newShape.begin(), newShape.end());
  return result;
}

void HostTensor::toFloat(MutableArrayRef<float> result) const {
  assert(int64_t(result.size()) == count && "one value an element");
  std::transform(data(), data() + count, result.begin(),
                 [](double value) { return static_cast<float>(value); });
}

template <typename Element>
static Difference compareTo(ArrayRef<double> reference,
                            ArrayRef<Element> actual) {
  assert(reference.size() == actual.size() && "tensors of one shape");
  Difference result;
  for (size_t i = 0; i < reference.size(); ++i) {
    double expected = reference[i], value = actual[i];
    double distance = std::abs(value - expected);
    if (value == expected || (std::isnan(value) && std::isnan(expected)))
      distance = 0; // also where both are the same infinity
    else if (std::isnan(distance))
      distance = std::numeric_limits<double>::infinity();
    if (distance > result.maxAbs) {
      result.maxAbs = distance;
      result.index = i;
    }
    if (std::isfinite(expected))
      result.maxRef = std::max(result.maxRef, std::abs(expected));
  }
  return result;
}

Difference vitrail::compare(const HostTensor &reference,
                            ArrayRef<float> actual) {
  return compareTo(reference.getValues(), actual);
}

Difference vitrail::compare(const HostTensor &reference,
                            ArrayRef<double> actual) {
  return compareTo(reference.getValues(), actual);
}
