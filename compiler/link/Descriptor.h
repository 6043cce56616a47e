//===- Descriptor.h - What the runtime is told of a program -----*- C++ -*-===//
//
// Part of Vitrail, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Adds to a model's LLVM module what makes it a program: the constant
// `vitrail_program` (runtime/include/vitrail/program.h) and the functions that
// a user calls.
//
//===----------------------------------------------------------------------===//

#ifndef VITRAIL_COMPILER_LINK_DESCRIPTOR_H
#define VITRAIL_COMPILER_LINK_DESCRIPTOR_H

#include "runtime/include/vitrail/program.h"
#include "llvm/ADT/SmallVector.h"
#include "llvm/IR/Module.h"
#include "llvm/Support/Error.h"
#include <cstdint>
#include <string>
#include <vector>

namespace vitrail {

/// An external tensor; mirrors vitrail_port.
struct PortDescription {
  std::string name;
  vitrail_dtype dtype = VITRAIL_F32;
  vitrail_kind kind = VITRAIL_TENSOR;
  llvm::SmallVector<int64_t, 4> shape;
  /// Images only: one value per channel, or none for mean 0 and deviation 1.
  llvm::SmallVector<float, 4> mean, std;
  /// Classes only: all names, or none.
  std::vector<std::string> labels;
};

/// Where the result of a region lies; mirrors vitrail_tensor.
struct TensorDescription {
  vitrail_space space = VITRAIL_ARENA;
  int64_t port = 0;
  bool panels = false;
  uint64_t offset = 0;
  std::vector<int64_t> shape;
  std::vector<int64_t> strides;
};

/// A fused region; mirrors vitrail_region.
struct RegionDescription {
  std::string name;
  std::string tensor;
  std::string facts;
  double flops = 0;
  double bytes = 0;
  TensorDescription result;
};

/// A way to call the program; mirrors vitrail_entry.
struct EntryDescription {
  /// "main" for the first.
  std::string name = "main";
  std::vector<PortDescription> inputs;
  std::vector<PortDescription> outputs;
  std::vector<RegionDescription> regions;
  double flops = 0;
  int64_t maxThreads = 1;
};

/// A matrix product that a library computes; mirrors vitrail_matmul_shape.
struct MatmulDescription {
  int64_t rows = 0;
  int64_t depth = 0;
};

/// The code for one kind of processor; mirrors vitrail_variant.
struct VariantDescription {
  std::string target;
  std::string cpuFeatures;
  uint32_t vectorBits = 0;
  uint64_t scratchBytes = 0;
};

/// A program; mirrors vitrail_program.
struct ProgramDescription {
  /// The model's name, as --info shows it.
  std::string name;
  /// The NAME of NAME_create and the like; derived from `name` if empty.
  std::string prefix;
  std::vector<EntryDescription> entries;
  /// The most demanding last.
  std::vector<VariantDescription> variants;
  uint64_t arenaBytes = 0;
  uint64_t weightsBytes = 0;
  uint64_t weightsHash = 0;
  /// The file of external weights, as the program looks it up; empty when they
  /// are embedded.
  std::string weightsFile;
  std::string infoJson = "{}";
  /// What the code calls vitrail_matmul for; if anything, oneDNN is linked.
  std::vector<MatmulDescription> matmuls;

  /// NAME: `prefix`, or the name made a C identifier.
  std::string symbolPrefix() const;
  /// The symbol of the vitrail_code of an entry for a processor, in the module
  /// of the descriptor or in another object of the same link.
  std::string codeSymbol(llvm::StringRef entry, llvm::StringRef target) const;
  /// The function that runs entry number `entry`: NAME_run, NAME_run_u8.
  std::string runSymbol(size_t entry) const;
  /// The symbol of the embedded weights (writeWeightsObject); NAME-specific, so
  /// that two static libraries can be linked into one program.
  std::string weightsSymbol() const { return symbolPrefix() + "_weights"; }
  bool embedsWeights() const { return weightsBytes && weightsFile.empty(); }
};

enum class ProgramKind {
  Executable, ///< Gets `int main(int, char **)`.
  Library,    ///< Gets NAME_create, NAME_run, ...; see Header.h.
};

/// The names of all functions that a library exports, and no others.
std::vector<std::string> exportedSymbols(const ProgramDescription &program);

/// Adds the constant NAME_program and the functions of `kind` to `module`, and
/// returns the constant. The module's data layout is the target's already.
llvm::Expected<llvm::GlobalVariable *>
emitProgram(llvm::Module &module, const ProgramDescription &program,
            ProgramKind kind);

/// Whether program.h can express `program`: entries, ranks, channels, labels
/// and names.
llvm::Error checkProgram(const ProgramDescription &program);

} // namespace vitrail

#endif // VITRAIL_COMPILER_LINK_DESCRIPTOR_H
