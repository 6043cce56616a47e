//===- Header.cpp - The C header of a compiled library --------------------===//
//
// Part of Vitrail, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "compiler/link/Header.h"
#include "compiler/link/Identifiers.h"
#include "compiler/link/OutputFile.h"
#include "compiler/weights/Messages.h"
#include "llvm/ADT/STLExtras.h"
#include "llvm/Support/FormatVariadic.h"
#include "llvm/Support/raw_ostream.h"

using namespace llvm;

namespace vitrail {
namespace {

/// A port with the identifiers that stand for it.
struct NamedPort {
  const PortDescription *port;
  std::string parameter; ///< pixel_values
  std::string macro;     ///< VIT_PIXEL_VALUES
  bool isInput;
};

std::vector<NamedPort> nameParameters(const EntryDescription &entry,
                                      StringRef prefix) {
  std::vector<NamedPort> ports;
  std::vector<std::string> names;
  for (const auto *list : {&entry.inputs, &entry.outputs})
    for (const PortDescription &port : *list) {
      ports.push_back({&port, "", "", list == &entry.inputs});
      names.push_back(port.name);
    }
  // Besides the context, what would redefine the macro of the ABI version.
  std::vector<std::string> unique = parameterNames(names, {"context", "abi"});
  for (auto [port, name] : zip_equal(ports, unique)) {
    port.parameter = name;
    port.macro = prefix.upper() + "_" + StringRef(name).upper();
  }
  return ports;
}

/// `text` in quotes that cannot end the comment it stands in.
std::string inComment(StringRef text) {
  std::string result;
  for (char c : quoted(text)) {
    if (!result.empty() && ((c == '/' && result.back() == '*') ||
                            (c == '*' && result.back() == '/')))
      result += ' ';
    // A trigraph or a continued line would be another way out.
    result += c == '\\' ? '|' : c;
  }
  return result;
}

StringRef describeKind(const PortDescription &port) {
  switch (port.kind) {
  case VITRAIL_TENSOR:
    return "";
  case VITRAIL_IMAGE:
    if (port.dtype == VITRAIL_U8)
      return ", pixels [batch, height, width, channels] from 0 to 255";
    return ", an image [batch, channels, height, width], already normalized";
  case VITRAIL_TOKENS:
    return ", token ids";
  case VITRAIL_CLASSES:
    return ", scores (logits) [batch, classes]";
  case VITRAIL_PROBABILITIES:
    return ", probabilities [batch, classes]";
  }
  return "";
}

void writePort(raw_ostream &os, const NamedPort &named) {
  const PortDescription &port = *named.port;
  os << formatv("\n/* {0} {1}: {2} floats{3}. */\n",
                named.isInput ? "Input" : "Output", inComment(port.name),
                formatShape(port.shape), describeKind(port));
  os << formatv("#define {0}_RANK {1}\n", named.macro, port.shape.size());
  for (auto [index, dim] : enumerate(port.shape))
    os << formatv("#define {0}_DIM_{1} {2}\n", named.macro, index, dim);
  os << formatv("#define {0}_SIZE {1} /* elements */\n", named.macro,
                numElements(port.shape).value_or(0));
}

// {0}: prefix, {1}: prefix in capitals, {2}: model's name, {3}: ABI version,
// {4}: what else to link.
constexpr const char *opening =
    R"(/* {2}, compiled by Vitrail; do not edit.
 *
 *   {0}_context *context = {0}_create(0);
 *   if (!context)
 *     puts({0}_error());
 *   ... {0}_run(context, ...) as often as you like ...
 *   {0}_destroy(context);
 *
 * Tensors are dense and row-major. A context serves one thread at a time:
 * create one per thread of yours; all contexts share the weights.{4} */

#ifndef {1}_MODEL_H
#define {1}_MODEL_H

#ifdef __cplusplus
extern "C" {{
#endif

/* The interface that this header describes; {0}_abi_version() tells that of the
 * library. */
#define {1}_ABI_VERSION {3}
)";

constexpr const char *functions = R"(
/* The threads and the memory of one stream of inferences. */
typedef struct {0}_context {0}_context;

/* {1}_ABI_VERSION of the library that is linked. */
int {0}_abi_version(void);

/* Creates a context whose inferences run on `threads` threads, the caller's
 * included; 0 takes all cores. Returns NULL on failure; {0}_error() says why. */
{0}_context *{0}_create(int threads);

/* Why the last {0}_create in this thread failed; "" if it did not. */
const char *{0}_error(void);

/* Runs one inference; it allocates nothing. Returns 0, or another status when
 * it failed; {0}_last_error(context) says why. Outputs must overlap neither
 * inputs nor each other. */
{2}
/* Why the last {0}_run on `context` failed; "" if it did not. */
const char *{0}_last_error(const {0}_context *context);

/* Ends the context's threads and frees its memory. NULL is ignored. */
void {0}_destroy({0}_context *context);

#ifdef __cplusplus
}
#endif
#endif /* {1}_MODEL_H */
)";

/// The C type of a port's elements.
StringRef elementType(const PortDescription &port) {
  return port.dtype == VITRAIL_U8 ? "unsigned char" : "float";
}

std::string declareRun(const ProgramDescription &program, size_t number,
                       ArrayRef<NamedPort> ports) {
  std::string text = "int " + program.runSymbol(number) + "(";
  const std::string indent = ",\n" + std::string(text.size(), ' ');
  text += program.symbolPrefix() + "_context *context";
  for (const NamedPort &port : ports)
    text += indent + (port.isInput ? "const " : "") +
            elementType(*port.port).str() + " *" + port.parameter;
  return text + ");";
}

/// The declaration of a further entry, behind what differs from the first.
void writeEntry(raw_ostream &os, const ProgramDescription &program,
                size_t number) {
  const std::string prefix = program.symbolPrefix();
  const std::vector<NamedPort> ports =
      nameParameters(program.entries[number], prefix);
  os << formatv("\n/* The same model as {0}, called with:\n",
                program.runSymbol(0));
  for (const NamedPort &port : ports)
    os << formatv(" *   {0}: {1} of {2}{3}\n", port.parameter,
                  formatShape(port.port->shape), elementType(*port.port),
                  describeKind(*port.port));
  os << " */\n" << declareRun(program, number, ports) << "\n";
}

} // namespace

std::string headerText(const ProgramDescription &program) {
  const std::string prefix = program.symbolPrefix();
  const std::string capitals = StringRef(prefix).upper();
  const std::vector<NamedPort> ports =
      nameParameters(program.entries.front(), prefix);
  std::string declarations = declareRun(program, 0, ports) + "\n";
  raw_string_ostream more(declarations);
  for (size_t number = 1; number < program.entries.size(); ++number)
    writeEntry(more, program, number);

  std::string text;
  raw_string_ostream os(text);
  os << formatv(opening, prefix, capitals, inComment(program.name),
                VITRAIL_ABI_VERSION,
                program.matmuls.empty()
                    ? ""
                    : "\n *\n * The library multiplies matrices with oneDNN: "
                      "link with -ldnnl.");
  for (const NamedPort &port : ports)
    writePort(os, port);
  os << formatv(functions, prefix, capitals, declarations);
  return text;
}

Error writeHeader(const ProgramDescription &program, StringRef path) {
  if (Error error = checkProgram(program))
    return error;
  if (Error error = checkWritable(path))
    return error;
  return writeOutputFile(path, [&](OutputStream &stream) {
    return stream.write(headerText(program));
  });
}

} // namespace vitrail
