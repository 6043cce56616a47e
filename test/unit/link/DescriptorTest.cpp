//===- DescriptorTest.cpp - Descriptions and the header -------------------===//
//
// Part of Vitrail, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "MockProgram.h"
#include "compiler/link/Header.h"
#include "compiler/link/Identifiers.h"
#include "llvm/IR/LLVMContext.h"
#include "llvm/Support/Program.h"

using namespace llvm;
using namespace vitrail;
using namespace vitrail::test;

namespace {

ProgramDescription description() {
  ProgramDescription program;
  program.name = "vit-base";
  EntryDescription entry;
  PortDescription image;
  image.name = "pixel_values";
  image.kind = VITRAIL_IMAGE;
  image.shape = {1, 3, 224, 224};
  entry.inputs.push_back(image);
  PortDescription logits;
  logits.name = "logits";
  logits.kind = VITRAIL_CLASSES;
  logits.shape = {1, 1000};
  entry.outputs.push_back(logits);
  program.entries = {entry};
  program.variants = {{"znver4", "avx2", 512, 0}};
  return program;
}

std::string emit(const ProgramDescription &program, StringRef layout = "") {
  LLVMContext context;
  Module module("test", context);
  if (!layout.empty())
    module.setDataLayout(layout);
  return messageOf(emitProgram(module, program, ProgramKind::Library));
}

TEST(Descriptor, RefusesOtherLayouts) {
  EXPECT_EQ(emit(description(), "e-p:64:64-i64:64"), "");
  EXPECT_HAS(emit(description(), "e-p:32:32"), "64-bit target");
}

TEST(Descriptor, RefusesWhatTheInterfaceCannotSay) {
  auto withInput = [](auto change) {
    ProgramDescription program = description();
    change(program.entries[0].inputs[0]);
    return emit(program);
  };
  using Port = PortDescription;
  EXPECT_HAS(withInput([](Port &port) { port.shape.assign(7, 1); }),
             "7 dimensions");
  EXPECT_HAS(withInput([](Port &port) { port.shape[0] = 0; }), "positive");
  EXPECT_HAS(withInput([](Port &port) { port.shape[0] = -1; }), "[-1, 3");
  EXPECT_HAS(withInput([](Port &port) { port.shape.pop_back(); }),
             "[batch, channels, height, width]");
  EXPECT_HAS(withInput([](Port &port) { port.shape[1] = 5; }), "5 channels");
  EXPECT_HAS(withInput([](Port &port) { port.mean = {0}; }), "deviations");
  EXPECT_HAS(withInput([](Port &port) { port.mean = port.std = {1}; }),
             "1 means");
  EXPECT_HAS(withInput([](Port &port) { port.mean = port.std = {0, 0, 0}; }),
             "not positive");
  EXPECT_HAS(withInput([](Port &port) { port.labels = {"a"}; }), "1 labels");
  ProgramDescription program = description();
  program.entries[0].outputs[0].labels = {"a"};
  EXPECT_HAS(emit(program), "one per class");
  program = description();
  program.entries[0].outputs[0].shape = {1000};
  EXPECT_HAS(emit(program), "[batch, classes]");
  program = description();
  program.entries.clear();
  EXPECT_HAS(emit(program), "no entry");
  program = description();
  program.variants.clear();
  EXPECT_HAS(emit(program), "no code");
  program = description();
  program.entries.push_back(program.entries[0]);
  program.entries[1].inputs[0].name = "pixels";
  EXPECT_HAS(emit(program), "other ports than the first");
  program = description();
  program.entries[0].maxThreads = 0;
  EXPECT_HAS(emit(program), "0 threads");
}

TEST(Descriptor, RefusesCodeOfAnotherType) {
  LLVMContext context;
  Module module("test", context);
  Function::Create(FunctionType::get(Type::getVoidTy(context), false),
                   GlobalValue::ExternalLinkage, "vit_base_main_znver4",
                   module);
  EXPECT_HAS(
      messageOf(emitProgram(module, description(), ProgramKind::Executable)),
      "'vit_base_main_znver4' is no function");
}

// The image libraries are reached from vitrail_image_main alone.
TEST(Descriptor, MainReadsImagesWhereThereAreSome) {
  ProgramDescription program = description();
  for (bool image : {true, false}) {
    LLVMContext context;
    Module module("test", context);
    program.entries[0].inputs[0].kind = image ? VITRAIL_IMAGE : VITRAIL_TENSOR;
    EXPECT_EQ(messageOf(emitProgram(module, program, ProgramKind::Executable)),
              "");
    EXPECT_EQ(module.getFunction("vitrail_image_main") != nullptr, image);
    EXPECT_EQ(module.getFunction("vitrail_main") != nullptr, !image);
  }
}

// oneDNN is reached from its descriptor alone.
TEST(Descriptor, NamesOneDNNWhereItMultiplies) {
  ProgramDescription program = description();
  for (bool multiplies : {false, true}) {
    LLVMContext context;
    Module module("test", context);
    if (multiplies)
      program.matmuls = {{99, 768}, {98, 768}};
    EXPECT_EQ(messageOf(emitProgram(module, program, ProgramKind::Library)),
              "");
    EXPECT_EQ(module.getNamedGlobal("vitrail_onednn") != nullptr, multiplies);
    EXPECT_EQ(StringRef(headerText(program)).contains("link with -ldnnl"),
              multiplies);
  }
}

TEST(Identifiers, AreValidInC) {
  EXPECT_EQ(cIdentifier("vit"), "vit");
  EXPECT_EQ(cIdentifier("vit-base/16"), "vit_base_16");
  EXPECT_EQ(cIdentifier("3d"), "model_3d");
  EXPECT_EQ(cIdentifier(""), "model_");
  EXPECT_EQ(cIdentifier("_x"), "model__x");
  EXPECT_EQ(cIdentifier("vitrail"), "model_vitrail");
  using Names = std::vector<std::string>;
  EXPECT_EQ(parameterNames({"a-b", "a b", "A_B", "int", "0", "context", ""},
                           {StringRef("context")}),
            Names({"a_b", "a_b_2", "A_B_3", "int_", "tensor_0", "context_2",
                   "tensor_"}));
}

TEST(Header, DeclaresTheLibrary) {
  std::string text = headerText(description());
  for (const char *part :
       {"#ifndef VIT_BASE_MODEL_H", "#define VIT_BASE_ABI_VERSION 4",
        "#define VIT_BASE_PIXEL_VALUES_SIZE 150528",
        "#define VIT_BASE_PIXEL_VALUES_DIM_1 3",
        "#define VIT_BASE_LOGITS_RANK 2", "[1, 3, 224, 224] floats",
        "typedef struct vit_base_context vit_base_context;",
        "vit_base_context *vit_base_create(int threads);",
        "int vit_base_run(vit_base_context *context,\n"
        "                 const float *pixel_values,\n"
        "                 float *logits);",
        "void vit_base_destroy(vit_base_context *context);",
        "const char *vit_base_error(void);", "extern \"C\" {\n"})
    EXPECT_HAS(text, part);
}

TEST(Header, DeclaresFurtherEntries) {
  ProgramDescription program = description();
  EntryDescription pixels = program.entries[0];
  pixels.name = "u8";
  pixels.inputs[0].dtype = VITRAIL_U8;
  pixels.inputs[0].shape = {1, 224, 224, 3};
  program.entries.push_back(pixels);
  std::string text = headerText(program);
  for (const char *part :
       {"                 const float *pixel_values,\n",
        "int vit_base_run_u8(vit_base_context *context,\n"
        "                    const unsigned char *pixel_values,\n"
        "                    float *logits);",
        "pixel_values: [1, 224, 224, 3] of unsigned char, pixels [batch, "
        "height, width, channels]"})
    EXPECT_HAS(text, part);
  EXPECT_EQ(emit(program), "");
  EXPECT_TRUE(is_contained(exportedSymbols(program), "vit_base_run_u8"));
}

TEST(Header, IsValidWhateverTheNames) {
  TestFolder folder;
  ProgramDescription program = description();
  program.name = "x */ int y; /* \\\n#error ?"
                 "?/";
  for (StringRef name : {"int", "class", "*/ #error", "pixel-values", "context",
                         "rank", "\\", ""}) {
    PortDescription port;
    port.name = name.str();
    program.entries[0].inputs.push_back(port);
  }
  ASSERT_EQ(messageOf(writeHeader(program, folder.path("x.h"))), "");
  ErrorOr<std::string> clang = sys::findProgramByName("clang-22");
  if (!clang)
    GTEST_SKIP() << "no clang-22";
  for (StringRef language : {"c", "c++"}) {
    StringRef standard = language == "c" ? "-std=c99" : "-std=c++98";
    std::string header = folder.path("x.h");
    EXPECT_EQ(
        runProgram(*clang, {"-fsyntax-only", "-x", language, standard, "-Wall",
                            "-Wextra", "-pedantic", "-Werror", header}),
        0)
        << folder.read("x.h");
  }
}

TEST(Header, LeavesNothingOfFailures) {
  TestFolder folder;
  ProgramDescription program = description();
  program.entries[0].inputs[0].shape[0] = -1;
  EXPECT_HAS(messageOf(writeHeader(program, folder.path("x.h"))), "positive");
  EXPECT_HAS(messageOf(writeHeader(description(), folder.path("a/x.h"))),
             "does not exist");
  EXPECT_TRUE(folder.list().empty());
}

} // namespace
