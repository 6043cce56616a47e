//===- Model.cpp - Parameters, inputs and outputs of a model --------------===//
//
// Part of Vitrail, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "compiler/frontend/Elaborator.h"
#include "mlir/IR/Verifier.h"
#include "llvm/ADT/StringExtras.h"
#include <cmath>

using namespace mlir;
using namespace vitrail;
using namespace vitrail::frontend;

//===----------------------------------------------------------------------===//
// Parameters
//===----------------------------------------------------------------------===//

static std::optional<Datum> readScalar(DatumType type, StringRef text) {
  int64_t integer;
  double real;
  switch (type) {
  case DatumType::Bool:
    if (text == "true" || text == "false")
      return Datum(text == "true");
    return std::nullopt;
  case DatumType::Int:
    if (text.getAsInteger(10, integer))
      return std::nullopt;
    return Datum(integer);
  case DatumType::Float:
    if (text.getAsDouble(real) || !std::isfinite(real))
      return std::nullopt;
    return Datum(real);
  case DatumType::String:
    if (!llvm::all_of(text, llvm::isPrint))
      return std::nullopt;
    return Datum(text.str());
  default:
    return std::nullopt;
  }
}

/// Reads the text of a definition as `type`. A list is "[2, 2, 6, 2]", with or
/// without brackets.
static std::optional<Datum> readDatum(DatumType type, StringRef text) {
  if (type != DatumType::List)
    return readScalar(type, type == DatumType::String ? text : text.trim());
  text = text.trim();
  if (text.consume_front("[") && !text.consume_back("]"))
    return std::nullopt;
  List list;
  SmallVector<StringRef> elements;
  if (!text.trim().empty())
    text.split(elements, ',');
  for (StringRef element : elements) {
    std::optional<Datum> value;
    for (DatumType guess :
         {DatumType::Int, DatumType::Float, DatumType::Bool, DatumType::String})
      if (!value)
        value = readScalar(guess, element.trim());
    if (!value)
      return std::nullopt;
    list.push_back(*value);
  }
  return Datum(std::move(list));
}

static Attribute toAttribute(Builder &builder, const Datum &datum) {
  switch (datum.type()) {
  case DatumType::Bool:
    return builder.getBoolAttr(datum.boolean());
  case DatumType::Int:
    return builder.getI64IntegerAttr(datum.integer());
  case DatumType::Float:
    return builder.getF64FloatAttr(datum.real());
  case DatumType::String:
    return builder.getStringAttr(datum.string());
  case DatumType::List: {
    SmallVector<Attribute> elements;
    for (const Datum &element : datum.list()) {
      Attribute attribute = toAttribute(builder, element);
      if (!attribute)
        return {};
      elements.push_back(attribute);
    }
    return builder.getArrayAttr(elements);
  }
  default:
    return {};
  }
}

LogicalResult Elaborator::checkDefinitions(const ModelDecl &model) {
  SmallVector<StringRef> names;
  for (const Formal &formal : model.formals)
    names.push_back(formal.name);
  for (const auto &[name, text] : options.definitions) {
    if (llvm::is_contained(names, name))
      continue;
    InFlightDiagnostic diag = error(model.loc);
    diag << "model '" << model.name << "' has no parameter '" << name << "'"
         << didYouMean(name, names);
    diag.attachNote(reporter.locate(model.loc))
        << "its parameters are " << llvm::join(names, ", ");
    return diag;
  }
  return success();
}

/// The value of a parameter: from `-D`, or else from the checkpoint's
/// configuration, or else its default.
Elaborator::Result Elaborator::parameterValue(const Formal &formal) {
  std::optional<DatumType> type = formal.type;
  Datum value;
  if (formal.defaultValue) {
    Result evaluated = evaluate(*formal.defaultValue);
    if (failed(evaluated))
      return failure();
    value = *evaluated;
    if (!type)
      type = value.type();
  }
  const std::string *text = nullptr;
  for (const auto *source : {&options.configuration, &options.definitions})
    for (const auto &[name, given] : *source)
      if (formal.name == name)
        text = &given;
  if (text) {
    std::optional<Datum> given = type ? readDatum(*type, *text) : std::nullopt;
    if (!given)
      return error(formal.loc)
             << "parameter '" << formal.name << "' takes "
             << (type ? "a value of type " + typeName(*type).str()
                      : "a value of the type that it is declared with")
             << ", got '" << StringRef(*text).take_front(80) << "'";
    return *given;
  }
  if (!formal.defaultValue)
    return error(formal.loc) << "parameter '" << formal.name
                             << "' has no default; give it a value with '-D "
                             << formal.name << "=...'";
  return convert(formal, value, formal.defaultValue->loc,
                 "parameter '" + formal.name + "'");
}

LogicalResult Elaborator::bindParameters(const ModelDecl &model) {
  if (failed(checkDefinitions(model)))
    return failure();
  SmallVector<NamedAttribute> attributes;
  Builder builder(&context);
  for (const Formal &formal : model.formals) {
    Result value = parameterValue(formal);
    if (failed(value))
      return failure();
    Attribute attribute = toAttribute(builder, *value);
    if (!attribute)
      return error(formal.loc)
             << "a parameter of a model is a bool, int, float, string or list, "
             << "got " << show(*value);
    attributes.emplace_back(builder.getStringAttr(formal.name), attribute);
    if (failed(bind({formal.loc, formal.name}, *value,
                    "is a parameter of the model")))
      return failure();
  }
  function->getParentOp()->setAttr("vitrail.model",
                                   builder.getStringAttr(model.name));
  function->getParentOp()->setAttr("vitrail.parameters",
                                   builder.getDictionaryAttr(attributes));
  return success();
}

//===----------------------------------------------------------------------===//
// Inputs and outputs
//===----------------------------------------------------------------------===//

/// `mean` or `std` of an image: a number a channel.
FailureOr<Attribute> Elaborator::pixelStatistic(const Argument &option,
                                                int64_t channels) {
  Result value = evaluate(*option.value);
  if (failed(value))
    return failure();
  List list =
      value->is(DatumType::List) ? value->list() : List(channels, *value);
  SmallVector<float> numbers;
  for (const Datum &element : list)
    if (element.isNumber() && (option.name != "std" || element.real() > 0))
      numbers.push_back(element.real());
  if (int64_t(list.size()) != channels || numbers.size() != list.size())
    return error(option.value->loc)
           << "'" << option.name << "' of an image with " << channels
           << " channels is a "
           << (option.name == "std" ? "positive number" : "number")
           << " or a list of " << channels << ", got " << show(*value);
  return Attribute(DenseF32ArrayAttr::get(&context, numbers));
}

/// The names of classes.
FailureOr<Attribute> Elaborator::classLabels(const Argument &option,
                                             int64_t classes) {
  Result value = evaluate(*option.value);
  if (failed(value))
    return failure();
  SmallVector<Attribute> names;
  if (value->is(DatumType::List))
    for (const Datum &element : value->list())
      if (element.is(DatumType::String))
        names.push_back(StringAttr::get(&context, element.string()));
  if (int64_t(names.size()) != classes)
    return error(option.value->loc) << "'labels' is a list of " << classes
                                    << " strings, got " << show(*value);
  return Attribute(ArrayAttr::get(&context, names));
}

FailureOr<DictionaryAttr> Elaborator::portAttributes(StringRef name,
                                                     const PortType &type,
                                                     ArrayRef<int64_t> shape,
                                                     bool isInput) {
  SmallVector<StringRef> kinds = {"tensor", "classes", "probabilities"};
  if (isInput)
    kinds = {"tensor", "image", "tokens"};
  if (!llvm::is_contained(kinds, type.kind))
    return error(type.loc) << "'" << type.kind << "' is no kind of "
                           << (isInput ? "input" : "output") << "; kinds are "
                           << llvm::join(kinds, ", ");
  bool isImage = type.kind == "image";
  bool isClasses = type.kind == "classes" || type.kind == "probabilities";
  if (isImage && shape.size() != 3)
    return error(type.loc) << "an image is [channels, height, width], got "
                           << shapeString(shape);
  if (isClasses && shape.size() != 1)
    return error(type.loc) << "'" << type.kind << "' has one axis, got "
                           << shapeString(shape);

  Builder builder(&context);
  NamedAttrList attributes;
  attributes.set(port::name, builder.getStringAttr(name));
  attributes.set(port::kind, builder.getStringAttr(type.kind));
  if (isImage) {
    attributes.set(port::mean, builder.getDenseF32ArrayAttr(
                                   SmallVector<float>(shape[0], 0.0f)));
    attributes.set(port::std, builder.getDenseF32ArrayAttr(
                                  SmallVector<float>(shape[0], 1.0f)));
  }
  for (const Argument &option : type.options) {
    FailureOr<Attribute> value = failure();
    StringRef key;
    if (isImage && (option.name == "mean" || option.name == "std")) {
      key = option.name == "mean" ? port::mean : port::std;
      value = pixelStatistic(option, shape[0]);
    } else if (isClasses && option.name == "labels") {
      key = port::labels;
      value = classLabels(option, shape[0]);
    } else {
      return error(option.loc)
             << "'" << type.kind << "' has no such option; images have 'mean' "
             << "and 'std', classes and probabilities 'labels'";
    }
    if (failed(value))
      return failure();
    attributes.set(key, *value);
  }
  return attributes.getDictionary(&context);
}

/// Checks that no other input or output is called `name`.
LogicalResult Elaborator::checkPortName(StringRef name, llvm::SMLoc loc) {
  for (const auto *ports : {&inputs, &outputs})
    for (const Port &other : *ports)
      if (other.name == name) {
        InFlightDiagnostic diag = error(loc);
        diag << "'" << name << "' is the name of two inputs or outputs";
        diag.attachNote(reporter.locate(other.loc)) << "the other one";
        return diag;
      }
  return success();
}

LogicalResult Elaborator::declareInput(const InputStmt &statement) {
  FailureOr<std::vector<int64_t>> shape =
      evaluateShape(statement.type.shape, statement.type.loc);
  if (failed(shape) || failed(checkPortName(statement.name, statement.loc)))
    return failure();
  auto attributes = portAttributes(statement.name, statement.type, *shape,
                                   /*isInput=*/true);
  if (failed(attributes))
    return failure();
  RankedTensorType type = tensors.batchedType(*shape);
  if (llvm::Error problem = checkShape(type.getShape()))
    return error(statement.type.loc) << llvm::toString(std::move(problem));
  Value value = function.front().addArgument(type, where(statement.loc));
  inputs.push_back({statement.name, statement.loc, value, *attributes});
  return bind({statement.loc, statement.name}, Tensor{value, true});
}

LogicalResult Elaborator::declareOutput(const OutputStmt &statement) {
  FailureOr<std::vector<int64_t>> shape =
      evaluateShape(statement.type.shape, statement.type.loc);
  if (failed(shape) || failed(checkPortName(statement.name, statement.loc)))
    return failure();
  auto attributes = portAttributes(statement.name, statement.type, *shape,
                                   /*isInput=*/false);
  if (failed(attributes))
    return failure();
  Result value = evaluate(*statement.value);
  if (failed(value))
    return failure();
  if (!value->is(DatumType::Tensor) ||
      value->tensor().shape() != ArrayRef<int64_t>(*shape))
    return error(statement.value->loc)
           << "output '" << statement.name << "' is declared as a tensor "
           << shapeString(*shape) << ", but its value is " << show(*value);
  auto full = tensors.withBatch(where(statement.loc), value->tensor());
  if (!full)
    return error(statement.loc) << llvm::toString(full.takeError());
  outputs.push_back({statement.name, statement.loc, full->value, *attributes});
  return bind({statement.loc, statement.name}, *full);
}

/// Closes the entry function.
LogicalResult Elaborator::finish(const ModelDecl &model, ModuleOp module) {
  if (inputs.empty() || outputs.empty())
    return error(model.loc)
           << "model '" << model.name << "' has no "
           << (inputs.empty() ? "input; write 'input name : image[3, 224, 224]'"
                              : "output; write 'output name : classes[1000] = "
                                "value'");
  SmallVector<Value> results;
  SmallVector<Attribute> argumentAttributes, resultAttributes;
  for (const Port &input : inputs)
    argumentAttributes.push_back(input.attributes);
  for (const Port &output : outputs) {
    results.push_back(output.value);
    resultAttributes.push_back(output.attributes);
  }
  func::ReturnOp::create(tensors.builder, reporter.locate(model.loc), results);
  function.setFunctionType(tensors.builder.getFunctionType(
      function.front().getArgumentTypes(), TypeRange(ValueRange(results))));
  function.setAllArgAttrs(argumentAttributes);
  function.setAllResultAttrs(resultAttributes);
  weights.setAliases(aliases);
  return verify(module);
}
