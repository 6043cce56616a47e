//===- HostTensor.h - Tensors of the interpreter ----------------*- C++ -*-===//
//
// Part of Vitrail, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef VITRAIL_COMPILER_INTERPRETER_HOSTTENSOR_H
#define VITRAIL_COMPILER_INTERPRETER_HOSTTENSOR_H

#include "llvm/ADT/ArrayRef.h"
#include "llvm/ADT/SmallVector.h"
#include <cstdint>
#include <memory>

namespace vitrail {

/// A row-major tensor of doubles with the semantics of a value: copies share
/// their elements until one of them is written.
class HostTensor {
public:
  /// A tensor without elements.
  HostTensor() : HostTensor(llvm::ArrayRef<int64_t>(0)) {}
  /// A tensor whose elements are still to be written.
  explicit HostTensor(llvm::ArrayRef<int64_t> shape);
  HostTensor(llvm::ArrayRef<int64_t> shape, llvm::ArrayRef<double> values);
  static HostTensor fromFloat(llvm::ArrayRef<int64_t> shape,
                              llvm::ArrayRef<float> values);
  static HostTensor splat(llvm::ArrayRef<int64_t> shape, double value);

  llvm::ArrayRef<int64_t> getShape() const { return shape; }
  int64_t getRank() const { return shape.size(); }
  int64_t getDimSize(int64_t dim) const { return shape[dim]; }
  int64_t getNumElements() const { return count; }
  /// Elements to skip to advance by one along each axis.
  llvm::SmallVector<int64_t> getStrides() const;

  const double *data() const { return elements.get(); }
  llvm::ArrayRef<double> getValues() const { return {data(), size_t(count)}; }
  /// The elements for writing, copied first if another tensor shares them.
  llvm::MutableArrayRef<double> mutate();
  /// Whether no other tensor shares the elements.
  bool isUnique() const { return elements.use_count() == 1; }

  /// The same elements under another shape of as many.
  HostTensor reshape(llvm::ArrayRef<int64_t> newShape) const;
  /// Rounds every element to the nearest float.
  void toFloat(llvm::MutableArrayRef<float> result) const;

private:
  llvm::SmallVector<int64_t> shape;
  int64_t count;
  std::shared_ptr<double[]> elements;
};

/// How far values lie from a reference.
struct Difference {
  double maxAbs = 0; // largest |actual - reference|; infinite for a stray NaN
  double maxRef = 0; // largest |reference|
  int64_t index = 0; // of the element that attains maxAbs
};

Difference compare(const HostTensor &reference, llvm::ArrayRef<float> actual);
Difference compare(const HostTensor &reference, llvm::ArrayRef<double> actual);

} // namespace vitrail

#endif // VITRAIL_COMPILER_INTERPRETER_HOSTTENSOR_H
