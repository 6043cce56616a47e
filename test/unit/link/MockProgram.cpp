//===- MockProgram.cpp - A model and a runtime for link tests -------------===//
//
// Part of Vitrail, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "MockProgram.h"
#include "llvm/AsmParser/Parser.h"
#include "llvm/IR/LegacyPassManager.h"
#include "llvm/IR/Verifier.h"
#include "llvm/MC/TargetRegistry.h"
#include "llvm/Object/ArchiveWriter.h"
#include "llvm/Support/Program.h"
#include "llvm/Support/SourceMgr.h"
#include "llvm/Support/TargetSelect.h"
#include "llvm/Target/TargetMachine.h"
#include "llvm/TargetParser/Triple.h"

using namespace llvm;

namespace vitrail::test {
namespace {

std::unique_ptr<TargetMachine> makeTarget() {
  InitializeNativeTarget();
  InitializeNativeTargetAsmPrinter();
  Triple triple("x86_64-unknown-linux-gnu");
  std::string message;
  const Target *target = TargetRegistry::lookupTarget(triple, message);
  EXPECT_TRUE(target) << message;
  return std::unique_ptr<TargetMachine>(target->createTargetMachine(
      triple, "x86-64", "", TargetOptions(), Reloc::PIC_));
}

void prepare(Module &module, const TargetMachine &target) {
  module.setTargetTriple(target.getTargetTriple());
  module.setDataLayout(target.createDataLayout());
  module.setPICLevel(PICLevel::BigPIC);
}

std::string compile(Module &module, TargetMachine &target) {
  EXPECT_FALSE(verifyModule(module, &errs()));
  SmallVector<char, 0> object;
  raw_svector_ostream stream(object);
  legacy::PassManager passes;
  EXPECT_FALSE(target.addPassesToEmitFile(passes, stream, nullptr,
                                          CodeGenFileType::ObjectFile));
  passes.run(module);
  return std::string(object.begin(), object.end());
}

std::unique_ptr<Module> parse(StringRef assembly, LLVMContext &context) {
  SMDiagnostic diagnostic;
  std::unique_ptr<Module> module =
      parseAssemblyString(assembly, diagnostic, context);
  EXPECT_TRUE(module) << diagnostic.getMessage().str() << "\n"
                      << diagnostic.getLineContents().str();
  return module;
}

std::string entryText(StringRef entry) {
  return ("define hidden void @" + entry +
          R"((ptr %ports, ptr %arena, ptr %scratch, ptr %weights, i64 %thread,
              i64 %threads, ptr %team) {
  %in = load ptr, ptr %ports
  %slot = getelementptr ptr, ptr %ports, i64 1
  %out = load ptr, ptr %slot
  %x = load float, ptr %in
  %w = load float, ptr %weights
  %sum = fadd float %x, %w
  store float %sum, ptr %out
  %in1 = getelementptr float, ptr %in, i64 1
  %out1 = getelementptr float, ptr %out, i64 1
  %y = load float, ptr %in1
  store float %y, ptr %out1
  ret void
})")
      .str();
}

std::string runtimeText() {
  std::string text = R"(
@message = private constant [5 x i8] c"none\00"
declare i32 @pthread_atfork(ptr, ptr, ptr)
define internal void @forked() {
  ret void
}
define hidden ptr @vitrail_create_simple(ptr %program, i32 %threads) {
  call i32 @pthread_atfork(ptr null, ptr null, ptr @forked)
  ret ptr %program
}
define hidden i32 @vitrail_run(ptr %program, i32 %entry, ptr %ports) {
  %variants.slot = getelementptr i8, ptr %program, i64 VARIANTS
  %variants = load ptr, ptr %variants.slot
  %codes.slot = getelementptr i8, ptr %variants, i64 CODE
  %codes = load ptr, ptr %codes.slot
  %code.slot = getelementptr ptr, ptr %codes, i32 %entry
  %code = load ptr, ptr %code.slot
  %weights.slot = getelementptr i8, ptr %program, i64 WEIGHTS
  %weights = load ptr, ptr %weights.slot
  call void %code(ptr %ports, ptr null, ptr null, ptr %weights, i64 0, i64 1,
                  ptr null)
  ret i32 0
}
define hidden void @vitrail_destroy(ptr %program) {
  ret void
}
define hidden ptr @vitrail_error() {
  ret ptr @message
}
define hidden ptr @vitrail_last_error(ptr %program) {
  ret ptr @message
})";
  auto replace = [&](StringRef word, size_t offset) {
    text.replace(text.find(word), word.size(), std::to_string(offset));
  };
  replace("VARIANTS", offsetof(vitrail_program, variants));
  replace("CODE", offsetof(vitrail_variant, code));
  replace("WEIGHTS", offsetof(vitrail_program, weights));
  return text;
}

constexpr const char *commandLineText = R"(
declare hidden i32 @vitrail_run(ptr, i32, ptr)
declare double @cos(double)
define hidden i32 @vitrail_main(i32 %argc, ptr %argv, ptr %program) {
  %in = alloca [2 x float]
  %out = alloca [2 x float]
  %ports = alloca [2 x ptr]
  store ptr %in, ptr %ports
  %slot = getelementptr ptr, ptr %ports, i64 1
  store ptr %out, ptr %slot
  %x = sitofp i32 %argc to float
  store float %x, ptr %in
  %status = call i32 @vitrail_run(ptr %program, i32 0, ptr %ports)
  %wide = fpext float %x to double
  %cos = call double @cos(double %wide)
  %zero = fptosi double %cos to i32
  %y = load float, ptr %out
  %result = fptosi float %y to i32
  %sum = add i32 %result, %zero
  ret i32 %sum
})";

void writeArchiveOf(StringRef path, StringRef object) {
  std::vector<NewArchiveMember> members;
  members.emplace_back(MemoryBufferRef(object, "member.o"));
  EXPECT_EQ(
      messageOf(writeArchive(path, members, SymtabWritingMode::NormalSymtab,
                             object::Archive::K_GNU,
                             /*Deterministic=*/true, /*Thin=*/false)),
      "");
}

} // namespace

std::string compileText(StringRef assembly) {
  LLVMContext context;
  std::unique_ptr<TargetMachine> target = makeTarget();
  std::unique_ptr<Module> module = parse(assembly, context);
  prepare(*module, *target);
  return compile(*module, *target);
}

ProgramDescription mockDescription(StringRef name, const FrozenStore &store) {
  ProgramDescription program;
  program.name = name.str();
  EntryDescription entry;
  PortDescription port;
  port.shape = {1, 2};
  port.name = "in";
  entry.inputs.push_back(port);
  port.name = "out";
  entry.outputs.push_back(port);
  program.entries = {entry};
  program.variants = {{"x86-64", "", 128, 0}};
  program.weightsBytes = store.bytes();
  program.weightsHash = store.hash();
  return program;
}

std::string compileProgram(const ProgramDescription &program,
                           ProgramKind kind) {
  LLVMContext context;
  std::unique_ptr<TargetMachine> target = makeTarget();
  std::unique_ptr<Module> module =
      parse(entryText(program.codeSymbol("main", "x86-64")), context);
  prepare(*module, *target);
  EXPECT_EQ(messageOf(emitProgram(*module, program, kind)), "");
  return compile(*module, *target);
}

std::unique_ptr<FrozenStore> mockStore(float value) {
  std::unique_ptr<FrozenStore> store = cantFail(FrozenStore::create());
  EXPECT_EQ(cantFail(store->add(ArrayRef<float>(value))), 0u);
  return store;
}

void writeMockRuntime(const TestFolder &folder) {
  writeArchiveOf(folder.path("libvitrail_rt.a"), compileText(runtimeText()));
  writeArchiveOf(folder.path("libvitrail_cli.a"), compileText(commandLineText));
}

int runProgram(StringRef path, ArrayRef<StringRef> arguments) {
  SmallVector<StringRef> all = {path};
  all.append(arguments.begin(), arguments.end());
  std::string message;
  int status = sys::ExecuteAndWait(path, all, std::nullopt, {},
                                   /*SecondsToWait=*/60, 0, &message);
  EXPECT_EQ(message, "");
  return status;
}

} // namespace vitrail::test
