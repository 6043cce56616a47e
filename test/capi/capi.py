"""Compiled libraries in programs of others.

    capi.py shared|static|object|onednn|external|header|two-models|symbols --work FOLDER
"""

from __future__ import annotations

import json
import os
import re
import sys
from array import array
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent / "e2e"))

# pylint: disable=wrong-import-position
from support import GOLDEN, MODELS, check_agreement, main_of, model_arguments, read_npy, require, require_files, run, tool, vitrail

FOLDER = GOLDEN / "seed_vit" / "odd"
CASE = json.loads((FOLDER / "case.json").read_text())
WARNINGS = ["-Wall", "-Wextra", "-Wpedantic", "-Werror"]


def c_compiler() -> list[str]:
    """The C compiler, as strict as it gets."""
    return [tool("clang-22"), "-std=c11", "-D_GNU_SOURCE", *WARNINGS]


def compile_library(work: Path, name: str, weights: str = CASE["weights"], *arguments) -> None:
    """A library and its header."""
    vitrail("compile", *model_arguments(CASE), "--weights", weights, "-o", work / name, *arguments, cwd=work)
    require((work / name).exists() and (work / (Path(name).stem + ".h")).exists(), f"{os.listdir(work)}")


def check_example(work: Path, libraries: list, cwd=None) -> None:
    """Links the example, runs it, compares its output with golden data."""
    run([*c_compiler(), "-I", work, HERE / "example.c", *libraries, "-o", work / "example"])
    (work / "input.raw").write_bytes(read_npy(FOLDER / "input.npy")[1].tobytes())
    result = run([work / "example", work / "input.raw", work / "output.raw"], cwd=cwd)
    require(result.stdout == "" and result.stderr == "", f"a library prints:\n{result.stdout}{result.stderr}")
    ours = array("f")
    ours.frombytes((work / "output.raw").read_bytes())
    check_agreement("probabilities", CASE, ours, read_npy(FOLDER / "output.npy")[1])


def shared(work: Path) -> None:
    """.so"""
    compile_library(work, "model.so")
    require_files(work, "model.h", "model.so")
    check_example(work, [work / "model.so", f"-Wl,-rpath,{work}", "-lpthread"])


def static(work: Path) -> None:
    """.a"""
    compile_library(work, "model.a")
    require_files(work, "model.a", "model.h")
    check_example(work, [work / "model.a", "-lm", "-lpthread"])


def object(work: Path) -> None:
    """.o"""
    compile_library(work, "model.o")
    require_files(work, "model.h", "model.o")
    check_example(work, [work / "model.o", "-lm", "-lpthread"])


def onednn(work: Path) -> None:
    """A static library that leaves libdnnl to its user, and a shared one that brings it."""
    compile_library(work, "model.a", CASE["weights"], "--matmul", "onednn")
    check_example(work, [work / "model.a", "-ldnnl", "-lm", "-lpthread"])
    compile_library(work, "model.so", CASE["weights"], "--matmul", "onednn")
    check_example(work, [work / "model.so", f"-Wl,-rpath,{work}", "-lpthread"])


def external(work: Path) -> None:
    """Weights in a file beside the library, the program run from elsewhere."""
    compile_library(work, "model.so", CASE["weights"], "--external-weights", "model.weights")
    require_files(work, "model.h", "model.so", "model.weights")
    check_example(work, [work / "model.so", f"-Wl,-rpath,{work}", "-lpthread"], cwd="/")
    (work / "model.weights").unlink()
    result = run([work / "example", work / "input.raw", work / "output.raw"], status=1, cwd="/")
    require(result.stderr.startswith("model_create: weights file 'model.weights' not found"), result.stderr)
    require(result.stdout == "", result.stdout)


def header(work: Path) -> None:
    """The header is good C and C++, alone and twice, and its documentation can be followed."""
    # As a linker does, names leave the "lib" out.
    vitrail("compile", *model_arguments(CASE), "--weights", "random:1", "-o", "libmodel.so", cwd=work)
    require_files(work, "libmodel.so", "model.h")
    text = (work / "model.h").read_text()
    (work / "use.c").write_text('#include "model.h"\n#include "model.h"\nint use(void) { return MODEL_ABI_VERSION; }\n')
    run([*c_compiler(), "-fsyntax-only", "-I", work, work / "use.c"])
    run([tool("clang-22"), "-std=c89", "-Wall", "-Werror", "-fsyntax-only", "-I", work, work / "use.c"])
    run([tool("clang++-22"), "-x", "c++", "-std=c++11", *WARNINGS, "-fsyntax-only", "-I", work, work / "use.c"])
    for declaration in (
        r"#define MODEL_ABI_VERSION 4\n",
        r"#define MODEL_PIXEL_VALUES_SIZE 1728\b",
        r"#define MODEL_PROBABILITIES_SIZE 5\b",
        r"#define MODEL_PIXEL_VALUES_DIM_2 24\n",
        r"model_context \*model_create\(int threads\);",
        r"int model_run\(model_context \*context,\s+const float \*pixel_values,\s+float \*probabilities\);",
        r"void model_destroy\(model_context \*context\);",
        r"const char \*model_error\(void\);",
    ):
        require(re.search(declaration, text) is not None, f"the header lacks {declaration}:\n{text}")


def two_models(work: Path) -> None:
    """Names of two models, and of the runtime that both contain, do not meet: in any two forms."""
    inputs = work / "input.raw"
    inputs.write_bytes(read_npy(FOLDER / "input.npy")[1].tobytes())
    golden = read_npy(FOLDER / "output.npy")[1]
    shown = set()
    for first, second in ((".o", ".o"), (".a", ".so"), (".o", ".a")):
        compile_library(work, "first" + first)
        compile_library(work, "second" + second, "random:7")
        run([*c_compiler(), "-I", work, HERE / "two_models.c", work / ("first" + first), work / ("second" + second),
             f"-Wl,-rpath,{work}", "-lm", "-lpthread", "-o", work / "two"])  # fmt: skip
        shown.add(run([work / "two", inputs]).stdout)
    require(len(shown) == 1, f"{shown}")
    rows = {line.split()[0]: array("f", map(float, line.split()[1:])) for line in shown.pop().splitlines()}
    check_agreement("first", CASE, rows["first"], golden)
    require(max(abs(a - b) for a, b in zip(rows["second"], golden)) > 1e-3, "both models have the same weights")


def pixels(work: Path) -> None:
    """An image as pixels gives what it gives normalized; the entries share all weights but the patches'."""
    parameters = ["-Dimage_size=24", "-Dpatch_size=6", "-Dhidden_size=64", "-Dnum_hidden_layers=2", "-Dnum_attention_heads=2",
                  "-Dintermediate_size=128", "-Dnum_labels=7"]  # fmt: skip
    command = ["compile", MODELS / "vit.vtr", *parameters, "--weights", "random:5"]
    sizes = {}
    for name, options in (("with", []), ("without", ["--disable", "add-u8-entry"])):
        vitrail(*command, "--external-weights", work / (name + ".weights"), "-o", work / name, *options)
        sizes[name] = (work / (name + ".weights")).stat().st_size
    # 64 filters of 108 pixels, and their bias.
    require(0 < sizes["with"] - sizes["without"] <= 64 * (108 + 1) * 4 + 64, f"{sizes}")
    for batch, target in ((1, "host"), (3, "host"), (2, "x86-64-v3")):
        vitrail(*command, "--batch", batch, "--target", target, "-o", "model.so", cwd=work)
        text = (work / "model.h").read_text()
        require(f"pixel_values: [{batch}, 24, 24, 3] of unsigned char" in text, text)
        run([*c_compiler(), "-I", work, HERE / "pixels.c", work / "model.so", f"-Wl,-rpath,{work}", "-lm", "-o", work / "pixels"])
        largest, difference = map(float, run([work / "pixels"]).stdout.split())
        require(difference <= 1e-5 * largest, f"largest difference {difference} of {largest}")


def symbols(work: Path) -> None:
    """A library exports its functions and nothing else."""
    names = {"model_" + name for name in ("abi_version", "create", "destroy", "error", "last_error", "run", "run_u8")}
    for ending, extra in ((".so", set()), (".o", {"model_weights"}), (".a", {"model_weights"})):
        compile_library(work, "model" + ending)
        dynamic = ["-D"] if ending == ".so" else ["-g"]
        text = run([tool("llvm-nm"), *dynamic, "--defined-only", work / ("model" + ending)]).stdout
        found = {line.split()[-1] for line in text.splitlines() if re.match(r"^[0-9a-f]+ \S \S+$", line)}
        require(names <= found <= names | extra, f"{ending} exports {sorted(found)}")
        text = run([tool("llvm-nm"), *(["-D"] if ending == ".so" else []), "--undefined-only", work / ("model" + ending)]).stdout
        wanted = {line.split()[-1].split("@")[0] for line in text.splitlines() if " U " in line}
        forbidden = wanted & {"exit", "abort", "printf", "puts", "fputs", "fprintf", "__fprintf_chk", "perror", "stdout", "stderr", "fesetround"}
        require(not forbidden, f"{ending} uses {sorted(forbidden)}: a library neither prints nor exits")


if __name__ == "__main__":
    main_of(shared, static, object, onednn, external, header, two_models, pixels, symbols)
