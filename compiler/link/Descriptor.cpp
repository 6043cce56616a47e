//===- Descriptor.cpp - What the runtime is told of a program -------------===//
//
// Part of Vitrail, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "compiler/link/Descriptor.h"
#include "compiler/link/Identifiers.h"
#include "compiler/link/Wrappers.h"
#include "compiler/weights/Messages.h"
#include "llvm/ADT/STLExtras.h"
#include "llvm/IR/Constants.h"
#include "llvm/IR/DataLayout.h"
#include "llvm/IR/DerivedTypes.h"
#include "llvm/IR/GlobalVariable.h"

using namespace llvm;

namespace vitrail {

//===----------------------------------------------------------------------===//
// ProgramDescription
//===----------------------------------------------------------------------===//

std::string ProgramDescription::symbolPrefix() const {
  return cIdentifier(prefix.empty() ? name : prefix);
}

std::string ProgramDescription::codeSymbol(StringRef entry,
                                           StringRef target) const {
  return symbolPrefix() + "_" + cIdentifier((entry + "_" + target).str());
}

std::string ProgramDescription::runSymbol(size_t entry) const {
  std::string symbol = symbolPrefix() + "_run";
  return entry ? symbol + "_" + entries[entry].name : symbol;
}

static Error checkPort(const ProgramDescription &program,
                       const PortDescription &port) {
  auto wrong = [&](const Twine &what) {
    return createStringError("port " + quoted(port.name) + " of program " +
                             quoted(program.name) + " " + what.str());
  };
  if (port.shape.size() > VITRAIL_MAX_RANK)
    return wrong("has " + Twine(port.shape.size()) +
                 " dimensions; inputs and outputs have at most " +
                 Twine(VITRAIL_MAX_RANK));
  std::optional<int64_t> elements = numElements(port.shape);
  if (!elements || *elements == 0)
    return wrong("has shape " + formatShape(port.shape) +
                 "; its dimensions must be positive and their product fit in "
                 "64 bits");
  if (port.mean.size() != port.std.size())
    return wrong("has " + Twine(port.mean.size()) + " means but " +
                 Twine(port.std.size()) +
                 " deviations; give one of each per "
                 "channel");
  if (port.kind == VITRAIL_IMAGE) {
    bool isPixels = port.dtype == VITRAIL_U8;
    if (port.shape.size() != 4)
      return wrong("is an image of shape " + formatShape(port.shape) +
                   "; images are " +
                   (isPixels ? "[batch, height, width, channels]"
                             : "[batch, channels, height, width]"));
    int64_t channels = port.shape[isPixels ? 3 : 1];
    if (channels > VITRAIL_MAX_CHANNELS)
      return wrong("is an image of " + Twine(channels) +
                   " channels; images have at most " +
                   Twine(VITRAIL_MAX_CHANNELS) +
                   ", declare it as a plain tensor");
    if (!port.mean.empty() &&
        static_cast<uint64_t>(channels) != port.mean.size())
      return wrong("is an image of " + Twine(channels) + " channels with " +
                   Twine(port.mean.size()) + " means; give one per channel");
    if (any_of(port.std, [](float value) { return !(value > 0); }))
      return wrong("has a deviation that is not positive");
  } else if (!port.mean.empty()) {
    return wrong("has means and deviations, which only images have");
  }
  bool scores =
      port.kind == VITRAIL_CLASSES || port.kind == VITRAIL_PROBABILITIES;
  if (scores && port.shape.size() != 2)
    return wrong("has class scores of shape " + formatShape(port.shape) +
                 "; they are [batch, classes]");
  if (!port.labels.empty() &&
      (!scores || static_cast<uint64_t>(port.shape[1]) != port.labels.size()))
    return wrong("of shape " + formatShape(port.shape) + " has " +
                 Twine(port.labels.size()) +
                 " labels; give one per class, or none");
  return Error::success();
}

static Error checkEntry(const ProgramDescription &program,
                        const EntryDescription &entry) {
  auto wrong = [&](const Twine &what) {
    return createStringError("internal error: entry " + quoted(entry.name) +
                             " of program " + quoted(program.name) + " " +
                             what.str());
  };
  if (entry.maxThreads < 1)
    return wrong("has at most " + Twine(entry.maxThreads) + " threads");
  const EntryDescription &first = program.entries.front();
  auto sameNames = [](ArrayRef<PortDescription> a,
                      ArrayRef<PortDescription> b) {
    return equal(a, b,
                 [](const auto &x, const auto &y) { return x.name == y.name; });
  };
  if (!sameNames(entry.inputs, first.inputs) ||
      !sameNames(entry.outputs, first.outputs))
    return wrong("has other ports than the first");
  for (const auto *ports : {&entry.inputs, &entry.outputs})
    for (const PortDescription &port : *ports)
      if (Error error = checkPort(program, port))
        return error;
  return Error::success();
}

Error checkProgram(const ProgramDescription &program) {
  if (program.entries.empty() || program.variants.empty())
    return createStringError("internal error: program " + quoted(program.name) +
                             " has no entry or no code");
  for (const EntryDescription &entry : program.entries)
    if (Error error = checkEntry(program, entry))
      return error;
  return Error::success();
}

//===----------------------------------------------------------------------===//
// The constants
//===----------------------------------------------------------------------===//

namespace {

/// Builds the constants of one program.
class Emitter {
public:
  Emitter(Module &module, const ProgramDescription &program)
      : module(module), program(program), context(module.getContext()),
        pointer(PointerType::get(context, 0)), i32(Type::getInt32Ty(context)),
        i64(Type::getInt64Ty(context)), f32(Type::getFloatTy(context)),
        f64(Type::getDoubleTy(context)) {
    portType = StructType::create(
        {pointer, i32, i32, i32, i32, ArrayType::get(i64, VITRAIL_MAX_RANK),
         ArrayType::get(f32, VITRAIL_MAX_CHANNELS),
         ArrayType::get(f32, VITRAIL_MAX_CHANNELS), pointer, i64},
        "vitrail_port");
    tensorType = StructType::create({i32, i32, i32, i32, i64, pointer, pointer},
                                    "vitrail_tensor");
    regionType = StructType::create(
        {pointer, pointer, pointer, f64, f64, tensorType}, "vitrail_region");
    entryType = StructType::create(
        {pointer, i32, i32, i32, i32, pointer, pointer, pointer, f64, i64},
        "vitrail_entry");
    variantType = StructType::create({pointer, pointer, i32, i32, i64, pointer},
                                     "vitrail_variant");
    matmulType = StructType::create({i64, i64}, "vitrail_matmul_shape");
    programType = StructType::create({i32, i32, i32, i32, pointer, pointer,
                                      pointer, i64, i64, pointer, pointer, i64,
                                      pointer, pointer, pointer, i64},
                                     "vitrail_program");
  }

  Expected<GlobalVariable *> emit();

private:
  Error checkLayouts() const;
  Error checkLayout(StructType *type, size_t bytes,
                    ArrayRef<size_t> offsets) const;

  Constant *integer(IntegerType *type, uint64_t value) const {
    return ConstantInt::get(type, value);
  }
  Constant *real(double value) const { return ConstantFP::get(f64, value); }
  /// A private constant; null if `initializer` has no bytes.
  Constant *constant(Constant *initializer, const Twine &name);
  Constant *string(StringRef text);
  Constant *strings(ArrayRef<std::string> texts);
  Constant *floats(ArrayRef<float> values, float filler) const;
  Constant *port(const PortDescription &port);
  /// A constant array of what `make` makes of each description, or null.
  template <typename T>
  Constant *array(StructType *type, const std::vector<T> &descriptions,
                  Constant *(Emitter::*make)(const T &), const Twine &name);
  Constant *integers(ArrayRef<int64_t> values);
  Constant *tensor(const TensorDescription &tensor);
  Constant *region(const RegionDescription &region);
  Constant *entry(const EntryDescription &entry);
  Expected<Constant *> code(const VariantDescription &variant);
  Expected<Constant *> variants();
  Constant *weights();
  Constant *matmulLibrary();
  Constant *matmul(const MatmulDescription &matmul);

  Module &module;
  const ProgramDescription &program;
  LLVMContext &context;
  PointerType *pointer;
  IntegerType *i32, *i64;
  Type *f32, *f64;
  StructType *portType, *tensorType, *regionType, *entryType, *variantType,
      *matmulType, *programType;
};

Error Emitter::checkLayout(StructType *type, size_t bytes,
                           ArrayRef<size_t> offsets) const {
  const StructLayout *layout = module.getDataLayout().getStructLayout(type);
  bool same = type->getNumElements() == offsets.size() &&
              layout->getSizeInBytes().getFixedValue() == bytes;
  for (size_t i = 0; same && i < offsets.size(); ++i)
    same = layout->getElementOffset(i).getFixedValue() == offsets[i];
  if (!same)
    return createStringError("internal error: the target lays out '" +
                             type->getName().str() +
                             "' differently than program.h; is it a 64-bit "
                             "target?");
  return Error::success();
}

Error Emitter::checkLayouts() const {
#define OFFSET(member) offsetof(vitrail_port, member)
  if (Error error =
          checkLayout(portType, sizeof(vitrail_port),
                      {OFFSET(name), OFFSET(dtype), OFFSET(kind), OFFSET(rank),
                       OFFSET(reserved), OFFSET(shape), OFFSET(mean),
                       OFFSET(std), OFFSET(labels), OFFSET(labels_count)}))
    return error;
#undef OFFSET
#define OFFSET(member) offsetof(vitrail_tensor, member)
  if (Error error = checkLayout(tensorType, sizeof(vitrail_tensor),
                                {OFFSET(space), OFFSET(port), OFFSET(rank),
                                 OFFSET(panels), OFFSET(offset), OFFSET(shape),
                                 OFFSET(strides)}))
    return error;
#undef OFFSET
#define OFFSET(member) offsetof(vitrail_region, member)
  if (Error error = checkLayout(regionType, sizeof(vitrail_region),
                                {OFFSET(name), OFFSET(tensor), OFFSET(facts),
                                 OFFSET(flops), OFFSET(bytes), OFFSET(result)}))
    return error;
#undef OFFSET
#define OFFSET(member) offsetof(vitrail_entry, member)
  if (Error error =
          checkLayout(entryType, sizeof(vitrail_entry),
                      {OFFSET(name), OFFSET(num_inputs), OFFSET(num_outputs),
                       OFFSET(num_regions), OFFSET(reserved), OFFSET(inputs),
                       OFFSET(outputs), OFFSET(regions), OFFSET(flops),
                       OFFSET(max_threads)}))
    return error;
#undef OFFSET
#define OFFSET(member) offsetof(vitrail_variant, member)
  if (Error error = checkLayout(variantType, sizeof(vitrail_variant),
                                {OFFSET(target), OFFSET(cpu_features),
                                 OFFSET(vector_bits), OFFSET(reserved),
                                 OFFSET(scratch_bytes), OFFSET(code)}))
    return error;
#undef OFFSET
#define OFFSET(member) offsetof(vitrail_matmul_shape, member)
  if (Error error = checkLayout(matmulType, sizeof(vitrail_matmul_shape),
                                {OFFSET(rows), OFFSET(depth)}))
    return error;
#undef OFFSET
#define OFFSET(member) offsetof(vitrail_program, member)
  return checkLayout(
      programType, sizeof(vitrail_program),
      {OFFSET(abi_version), OFFSET(num_entries), OFFSET(num_variants),
       OFFSET(reserved), OFFSET(name), OFFSET(entries), OFFSET(variants),
       OFFSET(arena_bytes), OFFSET(weights_bytes), OFFSET(weights),
       OFFSET(weights_file), OFFSET(weights_hash), OFFSET(info_json),
       OFFSET(matmul_library), OFFSET(matmuls), OFFSET(num_matmuls)});
#undef OFFSET
}

Constant *Emitter::constant(Constant *initializer, const Twine &name) {
  auto *variable = new GlobalVariable(
      module, initializer->getType(), /*isConstant=*/true,
      GlobalValue::PrivateLinkage, initializer, "vitrail." + name);
  variable->setUnnamedAddr(GlobalValue::UnnamedAddr::Global);
  return variable;
}

Constant *Emitter::string(StringRef text) {
  return constant(ConstantDataArray::getString(context, text), "string");
}

Constant *Emitter::strings(ArrayRef<std::string> texts) {
  if (texts.empty())
    return ConstantPointerNull::get(pointer);
  SmallVector<Constant *> elements;
  for (const std::string &text : texts)
    elements.push_back(string(text));
  return constant(
      ConstantArray::get(ArrayType::get(pointer, elements.size()), elements),
      "labels");
}

Constant *Emitter::floats(ArrayRef<float> values, float filler) const {
  SmallVector<float> padded(values);
  padded.resize(VITRAIL_MAX_CHANNELS, filler);
  return ConstantDataArray::get(context, ArrayRef<float>(padded));
}

Constant *Emitter::port(const PortDescription &port) {
  SmallVector<uint64_t> shape(port.shape.begin(), port.shape.end());
  shape.resize(VITRAIL_MAX_RANK, 0);
  return ConstantStruct::get(
      portType,
      {string(port.name), integer(i32, port.dtype), integer(i32, port.kind),
       integer(i32, port.shape.size()), integer(i32, 0),
       ConstantDataArray::get(context, ArrayRef<uint64_t>(shape)),
       floats(port.mean, 0.0f), floats(port.std, 1.0f), strings(port.labels),
       integer(i64, port.labels.size())});
}

template <typename T>
Constant *Emitter::array(StructType *type, const std::vector<T> &descriptions,
                         Constant *(Emitter::*make)(const T &),
                         const Twine &name) {
  if (descriptions.empty())
    return ConstantPointerNull::get(pointer);
  SmallVector<Constant *> elements;
  for (const T &description : descriptions)
    elements.push_back((this->*make)(description));
  return constant(
      ConstantArray::get(ArrayType::get(type, elements.size()), elements),
      name);
}

Constant *Emitter::integers(ArrayRef<int64_t> values) {
  if (values.empty())
    return ConstantPointerNull::get(pointer);
  SmallVector<uint64_t> words(values.begin(), values.end());
  return constant(ConstantDataArray::get(context, ArrayRef<uint64_t>(words)),
                  "integers");
}

Constant *Emitter::tensor(const TensorDescription &tensor) {
  return ConstantStruct::get(
      tensorType, {integer(i32, tensor.space), integer(i32, tensor.port),
                   integer(i32, tensor.shape.size()),
                   integer(i32, tensor.panels), integer(i64, tensor.offset),
                   integers(tensor.shape), integers(tensor.strides)});
}

Constant *Emitter::region(const RegionDescription &region) {
  return ConstantStruct::get(regionType,
                             {string(region.name), string(region.tensor),
                              string(region.facts), real(region.flops),
                              real(region.bytes), tensor(region.result)});
}

Constant *Emitter::entry(const EntryDescription &entry) {
  return ConstantStruct::get(
      entryType,
      {string(entry.name), integer(i32, entry.inputs.size()),
       integer(i32, entry.outputs.size()), integer(i32, entry.regions.size()),
       integer(i32, 0), array(portType, entry.inputs, &Emitter::port, "inputs"),
       array(portType, entry.outputs, &Emitter::port, "outputs"),
       array(regionType, entry.regions, &Emitter::region, "regions"),
       real(entry.flops), integer(i64, entry.maxThreads)});
}

Expected<Constant *> Emitter::code(const VariantDescription &variant) {
  // vitrail_code: ports, arena, scratch, weights, thread, threads, team.
  auto *type = FunctionType::get(
      Type::getVoidTy(context),
      {pointer, pointer, pointer, pointer, i64, i64, pointer}, false);
  SmallVector<Constant *> functions;
  for (const EntryDescription &entry : program.entries) {
    std::string symbol = program.codeSymbol(entry.name, variant.target);
    GlobalValue *existing = module.getNamedValue(symbol);
    if (!existing) {
      existing =
          Function::Create(type, GlobalValue::ExternalLinkage, symbol, module);
      existing->setVisibility(GlobalValue::HiddenVisibility);
    }
    auto *function = dyn_cast<Function>(existing);
    if (!function || function->getFunctionType() != type)
      return createStringError("internal error: " + quoted(symbol) +
                               " is no function of type vitrail_code");
    functions.push_back(function);
  }
  return constant(
      ConstantArray::get(ArrayType::get(pointer, functions.size()), functions),
      "code");
}

Expected<Constant *> Emitter::variants() {
  SmallVector<Constant *> elements;
  for (const VariantDescription &variant : program.variants) {
    Expected<Constant *> functions = code(variant);
    if (!functions)
      return functions.takeError();
    elements.push_back(ConstantStruct::get(
        variantType, {string(variant.target), string(variant.cpuFeatures),
                      integer(i32, variant.vectorBits), integer(i32, 0),
                      integer(i64, variant.scratchBytes), *functions}));
  }
  return constant(ConstantArray::get(
                      ArrayType::get(variantType, elements.size()), elements),
                  "variants");
}

Constant *Emitter::weights() {
  if (!program.embedsWeights())
    return ConstantPointerNull::get(pointer);
  auto *type = ArrayType::get(Type::getInt8Ty(context), program.weightsBytes);
  auto *variable = new GlobalVariable(
      module, type, /*isConstant=*/true, GlobalValue::ExternalLinkage,
      /*Initializer=*/nullptr, program.weightsSymbol());
  variable->setVisibility(GlobalValue::HiddenVisibility);
  // It lies further away than 32 bits reach.
  variable->setCodeModel(CodeModel::Large);
  return variable;
}

Constant *Emitter::matmulLibrary() {
  if (program.matmuls.empty())
    return ConstantPointerNull::get(pointer);
  // Its type is the library's own business.
  auto *variable = new GlobalVariable(
      module, Type::getInt8Ty(context), /*isConstant=*/true,
      GlobalValue::ExternalLinkage, /*Initializer=*/nullptr, "vitrail_onednn");
  variable->setVisibility(GlobalValue::HiddenVisibility);
  return variable;
}

Constant *Emitter::matmul(const MatmulDescription &matmul) {
  return ConstantStruct::get(
      matmulType, {integer(i64, matmul.rows), integer(i64, matmul.depth)});
}

Expected<GlobalVariable *> Emitter::emit() {
  if (Error error = checkLayouts())
    return std::move(error);
  Expected<Constant *> code = variants();
  if (!code)
    return code.takeError();
  bool external = program.weightsBytes && !program.weightsFile.empty();
  Constant *initializer = ConstantStruct::get(
      programType,
      {integer(i32, VITRAIL_ABI_VERSION), integer(i32, program.entries.size()),
       integer(i32, program.variants.size()), integer(i32, 0),
       string(program.name),
       array(entryType, program.entries, &Emitter::entry, "entries"), *code,
       integer(i64, program.arenaBytes), integer(i64, program.weightsBytes),
       weights(),
       external ? string(program.weightsFile)
                : ConstantPointerNull::get(pointer),
       integer(i64, program.weightsHash), string(program.infoJson),
       matmulLibrary(),
       array(matmulType, program.matmuls, &Emitter::matmul, "matmuls"),
       integer(i64, program.matmuls.size())});
  auto *variable = new GlobalVariable(module, programType, /*isConstant=*/true,
                                      GlobalValue::ExternalLinkage, initializer,
                                      program.symbolPrefix() + "_program");
  variable->setVisibility(GlobalValue::HiddenVisibility);
  return variable;
}

} // namespace

Expected<GlobalVariable *> emitProgram(Module &module,
                                       const ProgramDescription &program,
                                       ProgramKind kind) {
  if (Error error = checkProgram(program))
    return std::move(error);
  Expected<GlobalVariable *> constant = Emitter(module, program).emit();
  if (!constant)
    return constant.takeError();
  if (kind == ProgramKind::Executable)
    emitMain(**constant, program);
  else
    emitLibraryFunctions(**constant, program);
  return constant;
}

} // namespace vitrail
