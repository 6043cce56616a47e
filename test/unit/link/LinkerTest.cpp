//===- LinkerTest.cpp - From objects to running programs ------------------===//
//
// Part of Vitrail, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "compiler/link/Linker.h"
#include "MockProgram.h"
#include "compiler/link/InsertWeights.h"
#include "compiler/link/LinkInputs.h"
#include "compiler/link/RunLLD.h"
#include "llvm/Object/ELFObjectFile.h"
#include <dlfcn.h>
#include <sys/wait.h>
#include <unistd.h>

using namespace llvm;
using namespace vitrail;
using namespace vitrail::test;

namespace {

class LinkerTest : public testing::Test {
protected:
  void SetUp() override { writeMockRuntime(runtime); }

  LinkRequest request(OutputKind kind, StringRef output) {
    LinkRequest request;
    request.kind = kind;
    request.output = folder.path(output);
    request.runtimeDirectory = runtime.path();
    return request;
  }

  /// Links the mock program `name` with the weight `value`.
  std::string link(OutputKind kind, StringRef name, StringRef output,
                   float value) {
    std::unique_ptr<FrozenStore> store = mockStore(value);
    ProgramDescription program = mockDescription(name, *store);
    std::string object = compileProgram(program, kind == OutputKind::Executable
                                                     ? ProgramKind::Executable
                                                     : ProgramKind::Library);
    LinkRequest link = request(kind, output);
    link.prefix = program.symbolPrefix();
    link.exports = exportedSymbols(program);
    link.objects = {MemoryBufferRef(object, "model")};
    link.weights = store.get();
    EXPECT_EQ(messageOf(vitrail::link(link)), "");
    return link.output;
  }

  /// Links a program whose main adds up what two libraries compute.
  int runWithLibraries(ArrayRef<std::string> libraries) {
    std::string object = compileText(R"(
declare ptr @one_create(i32)
declare i32 @one_run(ptr, ptr, ptr)
declare ptr @two_create(i32)
declare i32 @two_run(ptr, ptr, ptr)
define i32 @main() {
  %in = alloca [2 x float]
  %out = alloca [2 x float]
  store float 3.0, ptr %in
  %c1 = call ptr @one_create(i32 1)
  %s1 = call i32 @one_run(ptr %c1, ptr %in, ptr %out)
  %y1 = load float, ptr %out
  %c2 = call ptr @two_create(i32 1)
  %s2 = call i32 @two_run(ptr %c2, ptr %in, ptr %out)
  %y2 = load float, ptr %out
  %sum = fadd float %y1, %y2
  %result = fptosi float %sum to i32
  ret i32 %result
})");
    CLibrary library = cantFail(findCLibrary());
    std::vector<std::string> arguments = {"-pie",
                                          "-dynamic-linker",
                                          library.loader,
                                          "-o",
                                          folder.path("user"),
                                          library.scrt1,
                                          library.crti,
                                          folder.write("user.o", object)};
    arguments.insert(arguments.end(), libraries.begin(), libraries.end());
    for (const std::string &path : library.folders)
      arguments.push_back("-L" + path);
    arguments.insert(arguments.end(), {"-lc", library.crtn});
    EXPECT_EQ(messageOf(runLLD(arguments, "user")), "");
    return runProgram(folder.path("user"));
  }

  TestFolder folder, runtime;
};

/// The dynamic section's needed libraries, or the names of defined dynamic
/// symbols.
std::vector<std::string> dynamicNames(StringRef path, bool symbols) {
  std::vector<std::string> names;
  auto file = cantFail(object::ObjectFile::createObjectFile(path));
  auto *elf = cast<object::ELF64LEObjectFile>(file.getBinary());
  if (symbols) {
    for (const auto &symbol : elf->getDynamicSymbolIterators())
      if (!(cantFail(symbol.getFlags()) & object::SymbolRef::SF_Undefined))
        names.push_back(cantFail(symbol.getName()).str());
    llvm::sort(names);
    return names;
  }
  const auto &layout = elf->getELFFile();
  StringRef strings;
  for (const auto &section : cantFail(layout.sections()))
    if (section.sh_type == ELF::SHT_DYNSYM)
      strings = cantFail(layout.getStringTableForSymtab(section));
  for (const auto &entry : cantFail(layout.dynamicEntries()))
    if (entry.d_tag == ELF::DT_NEEDED)
      names.push_back(strings.data() + entry.d_un.d_val);
  return names;
}

TEST_F(LinkerTest, MakesExecutables) {
  std::string program = link(OutputKind::Executable, "net", "net", 5);
  EXPECT_EQ(folder.list(), std::vector<std::string>{"net"});
  EXPECT_EQ(runProgram(program), 6);
  EXPECT_EQ(runProgram(program, {"a", "b"}), 3 + 5);
  EXPECT_EQ(dynamicNames(program, /*symbols=*/false),
            std::vector<std::string>({"libm.so.6", "libc.so.6"}));
  EXPECT_EQ(dynamicNames(program, /*symbols=*/true),
            std::vector<std::string>());
}

TEST_F(LinkerTest, ReplacesOutputs) {
  folder.write("net", "something else");
  std::string program = link(OutputKind::Executable, "net", "net", 5);
  EXPECT_EQ(runProgram(program), 6);
  // The same input gives the same bytes.
  std::string bytes = folder.read("net");
  link(OutputKind::Executable, "net", "net", 5);
  EXPECT_TRUE(folder.read("net") == bytes);
  // Running or mapped elsewhere: the old file stays with who has it.
  program = link(OutputKind::Executable, "net", "net", 6);
  EXPECT_EQ(runProgram(program), 7);
}

TEST_F(LinkerTest, MakesSharedLibraries) {
  std::string one = link(OutputKind::SharedLibrary, "one", "libone.so", 1);
  link(OutputKind::SharedLibrary, "two", "libtwo.so", 2);
  EXPECT_EQ(folder.list(),
            std::vector<std::string>({"libone.so", "libtwo.so"}));
  std::vector<std::string> exports =
      exportedSymbols(mockDescription("one", *mockStore(1)));
  llvm::sort(exports);
  EXPECT_EQ(dynamicNames(one, /*symbols=*/true), exports);
  EXPECT_EQ(dynamicNames(one, /*symbols=*/false),
            std::vector<std::string>{"libc.so.6"});

  float sum = 0;
  for (std::string name : {"one", "two"}) {
    void *handle = ::dlopen(folder.path("lib" + name + ".so").c_str(),
                            RTLD_NOW | RTLD_GLOBAL);
    ASSERT_TRUE(handle) << ::dlerror();
    auto symbol = [&](const char *suffix) {
      return ::dlsym(handle, (name + suffix).c_str());
    };
    auto create = reinterpret_cast<void *(*)(int)>(symbol("_create"));
    auto run = reinterpret_cast<int (*)(void *, const float *, float *)>(
        symbol("_run"));
    auto version = reinterpret_cast<int (*)()>(symbol("_abi_version"));
    auto error = reinterpret_cast<const char *(*)()>(symbol("_error"));
    ASSERT_TRUE(create && run && version && error);
    EXPECT_EQ(version(), VITRAIL_ABI_VERSION);
    EXPECT_STREQ(error(), "none");
    const float in[2] = {10, 20};
    float out[2] = {};
    EXPECT_EQ(run(create(1), in, out), 0);
    EXPECT_EQ(out[1], 20);
    sum += out[0];
    ::dlclose(handle);
  }
  EXPECT_EQ(sum, 23);
}

TEST_F(LinkerTest, UnloadsSharedLibrariesWhole) {
  std::string path = link(OutputKind::SharedLibrary, "one", "libone.so", 1);
  void *handle = ::dlopen(path.c_str(), RTLD_NOW);
  ASSERT_TRUE(handle) << ::dlerror();
  auto create = reinterpret_cast<void *(*)(int)>(::dlsym(handle, "one_create"));
  ASSERT_TRUE(create && create(1));
  ::dlclose(handle);
  // What the library wanted to hear of forks must be gone with it.
  pid_t child = ::fork();
  if (child == 0)
    ::_exit(3);
  int status = 0;
  ASSERT_EQ(::waitpid(child, &status, 0), child);
  EXPECT_TRUE(WIFEXITED(status) && WEXITSTATUS(status) == 3) << status;
}

TEST_F(LinkerTest, MakesStaticLibrariesThatMeet) {
  std::string one = link(OutputKind::StaticLibrary, "one", "libone.a", 1);
  std::string two = link(OutputKind::StaticLibrary, "two", "libtwo.a", 2);
  EXPECT_EQ(folder.list(), std::vector<std::string>({"libone.a", "libtwo.a"}));
  EXPECT_EQ(runWithLibraries({one, two}), 3 + 1 + 3 + 2);
}

TEST_F(LinkerTest, MakesObjectsThatMeet) {
  std::string one = link(OutputKind::Object, "one", "one.o", 1);
  std::string two = link(OutputKind::Object, "two", "two.o", 2);
  EXPECT_EQ(folder.list(), std::vector<std::string>({"one.o", "two.o"}));
  EXPECT_EQ(runWithLibraries({one, two}), 3 + 1 + 3 + 2);
}

TEST_F(LinkerTest, TellsTheProgramAllThatIsDescribed) {
  std::unique_ptr<FrozenStore> store = mockStore(1);
  ProgramDescription program = mockDescription("full", *store);
  PortDescription image;
  image.name = "pixels";
  image.kind = VITRAIL_IMAGE;
  image.shape = {1, 3, 8, 9};
  image.mean = {0.25f, 0.5f, 0.75f};
  image.std = {1.0f, 2.0f, 4.0f};
  EntryDescription &entry = program.entries[0];
  entry.inputs.push_back(image);
  PortDescription classes;
  classes.name = "logits";
  classes.kind = VITRAIL_CLASSES;
  classes.shape = {1, 2};
  classes.labels = {"cat", "dog"};
  entry.outputs = {classes};
  TensorDescription result;
  result.space = VITRAIL_OUTPUT;
  result.panels = true;
  result.offset = 64;
  result.shape = {1, 2, 20};
  result.strides = {32, 16, 48};
  entry.regions = {{"first", "one", "", 1, 2, {}},
                   {"second", "two", "\"ops\": []", 3, 4, result}};
  program.arenaBytes = 101;
  entry.flops = 103;
  entry.maxThreads = 7;
  program.variants[0] = {"x86-64", "avx2 fma", 256, 102};
  program.infoJson = "{\"a\": 1}";
  std::string object = compileProgram(program, ProgramKind::Library);
  LinkRequest request = this->request(OutputKind::SharedLibrary, "full.so");
  request.prefix = program.symbolPrefix();
  request.exports = exportedSymbols(program);
  request.objects = {MemoryBufferRef(object, "model")};
  request.weights = store.get();
  ASSERT_EQ(messageOf(vitrail::link(request)), "");

  void *handle = ::dlopen(request.output.c_str(), RTLD_NOW);
  ASSERT_TRUE(handle) << ::dlerror();
  // The mock's context is the program's description.
  auto create = reinterpret_cast<const vitrail_program *(*)(int)>(
      ::dlsym(handle, "full_create"));
  ASSERT_TRUE(create);
  const vitrail_program *made = create(0);
  EXPECT_EQ(made->abi_version, unsigned(VITRAIL_ABI_VERSION));
  ASSERT_EQ(made->num_entries, 1u);
  ASSERT_EQ(made->num_variants, 1u);
  const vitrail_entry &main = made->entries[0];
  const vitrail_variant &variant = made->variants[0];
  EXPECT_STREQ(main.name, "main");
  EXPECT_EQ(main.num_inputs, 2u);
  EXPECT_EQ(main.num_outputs, 1u);
  EXPECT_EQ(main.num_regions, 2u);
  EXPECT_STREQ(made->name, "full");
  EXPECT_STREQ(main.inputs[0].name, "in");
  EXPECT_EQ(main.inputs[0].rank, 2);
  EXPECT_EQ(main.inputs[0].labels, nullptr);
  const vitrail_port &input = main.inputs[1];
  EXPECT_STREQ(input.name, "pixels");
  EXPECT_EQ(input.dtype, VITRAIL_F32);
  EXPECT_EQ(input.kind, VITRAIL_IMAGE);
  EXPECT_EQ(input.rank, 4);
  EXPECT_EQ(ArrayRef(input.shape), ArrayRef<int64_t>({1, 3, 8, 9, 0, 0}));
  EXPECT_EQ(ArrayRef(input.mean), ArrayRef<float>({0.25f, 0.5f, 0.75f, 0}));
  EXPECT_EQ(ArrayRef(input.std), ArrayRef<float>({1, 2, 4, 1}));
  EXPECT_EQ(main.outputs[0].kind, VITRAIL_CLASSES);
  EXPECT_EQ(main.outputs[0].labels_count, 2);
  EXPECT_STREQ(main.outputs[0].labels[1], "dog");
  EXPECT_STREQ(main.regions[1].name, "second");
  EXPECT_EQ(main.regions[1].flops, 3);
  EXPECT_EQ(main.regions[1].bytes, 4);
  EXPECT_STREQ(main.regions[1].tensor, "two");
  EXPECT_STREQ(main.regions[1].facts, "\"ops\": []");
  EXPECT_EQ(main.regions[0].result.rank, 0);
  const vitrail_tensor &tensor = main.regions[1].result;
  EXPECT_EQ(tensor.space, VITRAIL_OUTPUT);
  EXPECT_EQ(tensor.panels, 1);
  EXPECT_EQ(tensor.offset, 64u);
  ASSERT_EQ(tensor.rank, 3);
  EXPECT_EQ(tensor.shape[2], 20);
  EXPECT_EQ(tensor.strides[0], 32);
  EXPECT_EQ(tensor.strides[2], 48);
  EXPECT_TRUE(variant.code[0]);
  EXPECT_EQ(made->arena_bytes, 101u);
  EXPECT_EQ(variant.scratch_bytes, 102u);
  EXPECT_EQ(made->weights_bytes, store->bytes());
  ASSERT_TRUE(made->weights);
  EXPECT_EQ(reinterpret_cast<uintptr_t>(made->weights) % 4096, 0u);
  EXPECT_EQ(*static_cast<const float *>(made->weights), 1.0f);
  EXPECT_EQ(made->weights_file, nullptr);
  EXPECT_EQ(made->weights_hash, store->hash());
  EXPECT_EQ(main.flops, 103);
  EXPECT_STREQ(variant.target, "x86-64");
  EXPECT_STREQ(variant.cpu_features, "avx2 fma");
  EXPECT_EQ(variant.vector_bits, 256u);
  EXPECT_STREQ(made->info_json, "{\"a\": 1}");
  EXPECT_EQ(main.max_threads, 7);
  ::dlclose(handle);
}

TEST_F(LinkerTest, BringsInAllWeights) {
  // No whole number of pages, and different throughout.
  std::unique_ptr<FrozenStore> store = mockStore(1);
  std::vector<uint32_t> numbers(777777);
  for (size_t i = 0; i < numbers.size(); ++i)
    numbers[i] = i;
  ArrayRef<uint8_t> blob(reinterpret_cast<uint8_t *>(numbers.data()),
                         numbers.size() * sizeof(uint32_t));
  const uint64_t offset = cantFail(store->add(blob));
  ProgramDescription program = mockDescription("big", *store);
  std::string object = compileProgram(program, ProgramKind::Library);
  LinkRequest request = this->request(OutputKind::SharedLibrary, "big.so");
  request.prefix = program.symbolPrefix();
  request.exports = exportedSymbols(program);
  request.objects = {MemoryBufferRef(object, "model")};
  request.weights = store.get();
  ASSERT_EQ(messageOf(vitrail::link(request)), "");
  EXPECT_EQ(folder.list(), std::vector<std::string>{"big.so"});

  void *handle = ::dlopen(request.output.c_str(), RTLD_NOW);
  ASSERT_TRUE(handle) << ::dlerror();
  auto create = reinterpret_cast<const vitrail_program *(*)(int)>(
      ::dlsym(handle, "big_create"));
  ASSERT_TRUE(create);
  const auto *weights = static_cast<const uint8_t *>(create(0)->weights);
  EXPECT_TRUE(ArrayRef(weights + offset, blob.size()) == blob);
  ::dlclose(handle);
}

TEST_F(LinkerTest, InsertsOnlyWhereItBelongs) {
  std::unique_ptr<FrozenStore> store = mockStore(1);
  auto insert = [&](StringRef content) {
    return messageOf(insertWeights(folder.write("from", content), *store,
                                   folder.path("to")));
  };
  EXPECT_HAS(insert(""), "no ELF file");
  EXPECT_HAS(insert(std::string(100, 'x')), "no ELF file");
  std::string object = compileText("define void @f() { ret void }");
  EXPECT_HAS(insert(object), "no place for the weights");
  EXPECT_HAS(insert(StringRef(object).take_front(100)), "headers");
  EXPECT_EQ(folder.list(), std::vector<std::string>{"from"});
}

TEST_F(LinkerTest, LeavesNothingOfFailures) {
  std::string text = "declare void @nowhere()\n";
  const std::vector<std::string> exports =
      exportedSymbols(mockDescription("net", *mockStore(1)));
  std::vector<std::string> functions = exports;
  functions.push_back("main");
  for (const std::string &function : functions)
    text += "define void @" + function +
            "() {\n  call void @nowhere()\n  ret void\n}\n";
  const std::string calling = compileText(text);
  for (StringRef object : {StringRef(calling), StringRef("no object")})
    for (OutputKind kind :
         {OutputKind::Executable, OutputKind::SharedLibrary}) {
      LinkRequest request = this->request(kind, "net");
      request.prefix = "net";
      request.exports = exports;
      request.objects = {MemoryBufferRef(object, "model")};
      std::string message = messageOf(vitrail::link(request));
      EXPECT_HAS(message, "cannot link");
      if (object == calling)
        EXPECT_HAS(message, "nowhere");
      EXPECT_LT(message.size(), 1000u) << message;
      EXPECT_TRUE(folder.list().empty());
    }
}

TEST_F(LinkerTest, ChecksBeforeWork) {
  auto check = [&](StringRef output, StringRef runtimeFolder) {
    return messageOf(checkLink(OutputKind::Executable, output, runtimeFolder));
  };
  EXPECT_EQ(check(folder.path("net"), runtime.path()), "");
  EXPECT_TRUE(folder.list().empty());
  EXPECT_HAS(check("", runtime.path()), "no name");
  EXPECT_HAS(check(folder.path(), runtime.path()), "is a folder");
  EXPECT_HAS(check(folder.path("a/b"), runtime.path()), "does not exist");
  EXPECT_HAS(check(folder.path("a%20b/c"), runtime.path()), "contains a '%'");
  EXPECT_EQ(check(folder.path("a%20b"), runtime.path()), "");
  EXPECT_HAS(check("/dev/null", runtime.path()), "no regular file");
  folder.write("file", "");
  EXPECT_HAS(check(folder.path("file/net"), runtime.path()), "no folder");
  EXPECT_HAS(check(folder.path("net"), folder.path()), "libvitrail_rt.a");
  EXPECT_HAS(messageOf(findCLibrary({StringRef("/nonexistent")})), "libc6-dev");
  EXPECT_HAS(messageOf(checkSharedLibrary("dnnl", "libdnnl-dev",
                                          {StringRef("/nonexistent")})),
             "install the package libdnnl-dev");
  EXPECT_HAS(messageOf(checkLink(OutputKind::Object, folder.path("net.o"),
                                 runtime.path(), /*usesOneDNN=*/true)),
             "libvitrail_onednn.a");
}

TEST_F(LinkerTest, FindsTheRuntimeBesideTheCompiler) {
  EXPECT_EQ(runtimeDirectory("/usr/bin/vitrail"), "/usr/bin/../lib/vitrail");
  EXPECT_EQ(runtimeDirectory("build/bin/vitrail"), "build/bin/../lib/vitrail");
}

} // namespace
