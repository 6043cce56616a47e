//===- ReferenceRun.cpp - The reference interpreter on a model ------------===//
//
// Part of Vitrail, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "compiler/driver/ReferenceRun.h"
#include "compiler/inspect/LayerOutputs.h"
#include "compiler/interpreter/Interpreter.h"
#include "compiler/pipeline/Freeze.h"
#include "compiler/weights/Checkpoint.h"
#include "compiler/weights/RandomWeights.h"
#include "runtime/src/dump.h"
#include "runtime/src/error.h"
#include "runtime/src/name_filter.h"
#include "runtime/src/npy.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/Support/FormatVariadic.h"
#include "llvm/Support/JSON.h"
#include "llvm/Support/Path.h"

using namespace llvm;
using namespace vitrail;

static ArrayRef<int64_t> shapeOf(mlir::Type type) {
  return cast<mlir::RankedTensorType>(type).getShape();
}

std::string vitrail::portName(mlir::func::FuncOp main, bool isInput,
                              unsigned number) {
  auto name =
      isInput ? main.getArgAttrOfType<mlir::StringAttr>(number, port::name)
              : main.getResultAttrOfType<mlir::StringAttr>(number, port::name);
  return name ? name.str()
              : ((isInput ? "input" : "output") + Twine(number)).str();
}

//===----------------------------------------------------------------------===//
// Inputs
//===----------------------------------------------------------------------===//

static Error readInput(StringRef path, StringRef name, ArrayRef<int64_t> shape,
                       MutableArrayRef<float> values) {
  if (shape.size() > VITRAIL_MAX_RANK)
    return createStringError(
        "--input " + name + ": it has " + Twine(shape.size()) +
        " dimensions; files hold at most " + Twine(VITRAIL_MAX_RANK));
  std::string file = path.str(), input = name.str();
  vitrail_port port = {};
  port.name = input.c_str();
  port.dtype = VITRAIL_F32;
  port.rank = shape.size();
  copy(shape, port.shape);
  char message[VITRAIL_ERROR_SIZE] = "";
  if (vitrail_npy_read(file.c_str(), &port, values.data(), message))
    return createStringError(message);
  return Error::success();
}

Expected<std::vector<std::vector<float>>>
vitrail::referenceInputs(mlir::func::FuncOp main,
                         const ReferenceOptions &options) {
  std::vector<std::vector<float>> inputs;
  SmallVector<std::string> names;
  for (auto [i, type] : enumerate(main.getArgumentTypes())) {
    names.push_back(portName(main, /*isInput=*/true, i));
    auto &values = inputs.emplace_back(
        cast<mlir::RankedTensorType>(type).getNumElements());
    // Uniform in ±sqrt(3), of variance one.
    fillRandomWeights(/*seed=*/0, ("input" + Twine(i)).str(),
                      RandomRole::Matrix, /*fanIn=*/1, values);
  }
  for (StringRef option : options.inputs) {
    auto [name, file] = option.split('=');
    if (file.empty() && names.size() == 1)
      std::tie(name, file) = std::pair(StringRef(names.front()), option);
    auto found = find(names, name);
    if (found == names.end())
      return createStringError("--input '" + option +
                               "': give NAME=FILE.npy; the inputs are " +
                               join(names, ", "));
    size_t number = found - names.begin();
    if (Error error =
            readInput(file, name, shapeOf(main.getArgumentTypes()[number]),
                      inputs[number]))
      return std::move(error);
  }
  return inputs;
}

//===----------------------------------------------------------------------===//
// The run
//===----------------------------------------------------------------------===//

namespace {

/// The members of an object, as they stand between its braces.
std::string membersOf(json::Object object) {
  std::string text = formatv("{0}", json::Value(std::move(object))).str();
  return StringRef(text).drop_front().drop_back().str();
}

/// Puts the tensors of a run into a folder as they are computed.
class ReferenceDump {
public:
  explicit ReferenceDump(mlir::func::FuncOp main) : main(main) {}
  ~ReferenceDump() { vitrail_dump_close(&folder); }

  Error open(const ReferenceOptions &options);
  Error add(mlir::Value value, const HostTensor &tensor);
  Error commit(const ReferenceOptions &options);

private:
  /// What the runtime says of a call that failed.
  Error errorOf(int status) const {
    return status ? createStringError(message) : Error::success();
  }

  mlir::func::FuncOp main;
  /// The names of a value: one, or more where a layer ends with another.
  DenseMap<mlir::Value, SmallVector<std::string, 1>> names;
  vitrail_dump folder = {};
  char message[VITRAIL_ERROR_SIZE] = "";
};

} // namespace

Error ReferenceDump::open(const ReferenceOptions &options) {
  std::vector<std::pair<mlir::Value, std::string>> tensors;
  for (mlir::BlockArgument argument : main.getArguments())
    tensors.emplace_back(argument,
                         portName(main, true, argument.getArgNumber()));
  for (LayerOutput &layer : layerOutputs(main))
    tensors.emplace_back(layer.value, std::move(layer.name));
  mlir::Operation *end = main.getBody().front().getTerminator();
  for (mlir::OpOperand &operand : end->getOpOperands())
    tensors.emplace_back(operand.get(),
                         portName(main, false, operand.getOperandNumber()));
  SmallVector<const char *> all;
  for (auto &[value, name] : tensors)
    all.push_back(name.c_str());
  const char *filter =
      options.dumpFilter.empty() ? nullptr : options.dumpFilter.c_str();
  if (Error error = errorOf(
          vitrail_filter_check(filter, all.data(), all.size(), message)))
    return error;
  for (auto &[value, name] : tensors)
    if (vitrail_filter_chooses(filter, name.c_str()))
      names[value].push_back(name);
  return errorOf(vitrail_dump_open(&folder, options.dump.c_str(), message));
}

Error ReferenceDump::add(mlir::Value value, const HostTensor &tensor) {
  auto found = names.find(value);
  if (found == names.end())
    return Error::success();
  std::vector<float> values(tensor.getNumElements());
  tensor.toFloat(values);
  mlir::Operation *op = value.getDefiningOp();
  json::Object facts{
      {"op", op ? op->getName().stripDialect() : StringRef("input")}};
  if (isa_and_nonnull<PatchEmbedOp>(op))
    facts["differs"] = "patches by features; a framework's convolution gives "
                       "features by rows by columns";
  if (auto place = op ? sourceLocation(op->getLoc()) : std::nullopt)
    facts["place"] = (sys::path::filename(place->getFilename().getValue()) +
                      ":" + Twine(place->getLine()))
                         .str();
  std::string members = membersOf(std::move(facts));
  for (const std::string &name : found->second)
    if (Error error = errorOf(vitrail_dump_add(
            &folder, name.c_str(), tensor.getShape().data(), tensor.getRank(),
            values.data(), members.c_str(), message)))
      return error;
  return Error::success();
}

Error ReferenceDump::commit(const ReferenceOptions &options) {
  auto model =
      main->getParentOfType<mlir::ModuleOp>()->getAttrOfType<mlir::StringAttr>(
          "vitrail.model");
  std::string members = membersOf(json::Object{
      {"model", model ? model.getValue() : StringRef("main")},
      {"source", "reference interpreter"},
      {"weights", options.weights},
  });
  return errorOf(vitrail_dump_commit(&folder, members.c_str(), message));
}

Expected<SmallVector<HostTensor>>
vitrail::runReference(mlir::func::FuncOp main,
                      ArrayRef<std::vector<float>> inputs,
                      const ReferenceOptions &options) {
  auto weights = parseWeightsOption(options.weights);
  if (!weights)
    return weights.takeError();
  Interpreter interpreter(readerOf(**weights));
  std::optional<ReferenceDump> dump;
  if (!options.dump.empty()) {
    dump.emplace(main);
    if (Error error = dump->open(options))
      return std::move(error);
    interpreter.setObserver([&](mlir::Value value, const HostTensor &tensor) {
      return dump->add(value, tensor);
    });
  }
  SmallVector<HostTensor> arguments;
  for (auto [values, argument] : zip_equal(inputs, main.getArguments())) {
    arguments.push_back(
        HostTensor::fromFloat(shapeOf(argument.getType()), values));
    if (dump)
      if (Error error = dump->add(argument, arguments.back()))
        return std::move(error);
  }
  auto outputs = interpreter.run(main, arguments);
  if (outputs && dump)
    if (Error error = dump->commit(options))
      return std::move(error);
  return outputs;
}
