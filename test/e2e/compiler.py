"""The compiler's command line.

    compiler.py TEST --work FOLDER
"""

from __future__ import annotations

import json
import re
import shutil
import signal
import subprocess
import time
from pathlib import Path

from support import DIGITS, MODELS, TINY, compile_tiny, fresh_folder, main_of, model_arguments, one_line, require, require_files, run, tool, vitrail

SEED = MODELS / "seed_vit.vtr"
ONE_LAYER = [SEED, "-Dnum_layers=1", "--weights", "random:1"]


def usage(work: Path) -> None:
    """Wrong usage has status 2, says why on stderr, and writes nothing."""
    for arguments, word in (
        ([], "usage: vitrail compile|summary|verify MODEL"),
        (["frobnicate"], "frobnicate"),
        (["compile"], "positional"),
        (["compile", *ONE_LAYER], "-o OUT is missing"),
        (["compile", *ONE_LAYER, "-o", "out", "--nope"], "--nope"),
        (["compile", *ONE_LAYER, "-o", "out", "--emit", "foo"], "foo"),
        (["compile", *ONE_LAYER, "-o", "out", "-D", "image_size"], "-D name=value"),
        (["compile", *ONE_LAYER, "-o", "out", "-D", "=3"], "-D name=value"),
        (["compile", *ONE_LAYER, "-o", "out", "--batch", "0"], "--batch 0"),
        (["compile", *ONE_LAYER, "-o", "out", "--batch", "many"], "many"),
        (["compile", *ONE_LAYER, "--print-after", "nope"], "parse, simplify, schedule, freeze, lower, llvm"),
        (["compile", *ONE_LAYER, "-o", "out", "--disable", "nope"], "dead-tokens"),
        (["compile", *ONE_LAYER, "-o", "out", "--dtype", "bf16"], "--dtype bf16: this compiler makes f32 programs"),
        (["compile", *ONE_LAYER, "-o", "out", "--dtype", "bf16", "--target", "znver4,haswell,x86-64-v4"],
         "--dtype bf16: this compiler makes f32 programs; besides, bf16 needs avx512bf16, which is missing of: haswell, x86-64-v4\n"),
        (["compile", *ONE_LAYER, "-o", "out", "--dtype", "int8", "--target", "alderlake,x86-64-v3"],
         "needs avx512vnni or avxvnni, which is missing of: x86-64-v3\n"),
        (["compile", *ONE_LAYER, "-o", "out", "--dtype", "nope"], "--dtype nope: the types are f32, bf16 and int8"),
        (["compile", *ONE_LAYER, "-o", "out", "--matmul", "mkl"], "codegen or onednn"),
        (["summary"], "positional"),
        (["summary", SEED, "--weights", "random:1"], "--weights"),
    ):
        result = vitrail(*arguments, status=2, cwd=work)
        require(word in result.stderr, f"expected {word!r} in\n{result.stderr}")
        require(result.stdout == "", result.stdout)
        require_files(work)
    for option, value in (("--dtype", "bf16"), ("--matmul", "mkl"), ("--batch", "0"), ("--disable", "nope")):
        one_line(vitrail("compile", *ONE_LAYER, "-o", "out", option, value, status=2, cwd=work), f"error: {option} {value}: ")


def failures(work: Path) -> None:
    """What cannot be compiled has status 1, one line, and writes nothing."""
    for arguments, word in (
        (["missing.vtr", "--weights", "random:1"], "missing.vtr"),
        ([work.parent, "--weights", "random:1"], str(work.parent)),
        ([SEED], "random:SEED"),
        ([SEED, "--weights", "missing.safetensors"], "missing.safetensors"),
        ([SEED, "--weights", "random:"], "random:1"),
        ([SEED, "--weights", "random:x"], "random:"),
        ([SEED, "--weights", "random:18446744073709551616"], "random:"),
        ([SEED, "--weights", SEED], "seed_vit.vtr"),
        ([*ONE_LAYER, "--target", "pentium99"], "no x86-64 processor is called 'pentium99'"),
        ([*ONE_LAYER, "--target", ""], "--target"),
        ([*ONE_LAYER, "--target", "x86-64"], "has no AVX2"),
        ([*ONE_LAYER, "--target", "sandybridge"], "has no AVX2"),
        ([*ONE_LAYER, "--target", "cortex-a72"], "cortex-a72"),
        ([*ONE_LAYER, "--target", "x86-64-v3,sandybridge"], "--target sandybridge: the processor has no AVX2"),
        ([*ONE_LAYER, "--target", "x86-64-v3,"], "no x86-64 processor is called ''"),
        ([*ONE_LAYER, "--target", "haswell,znver4,haswell"], "haswell is in it twice"),
    ):
        for output in ("out", "out.so", "out.ll"):
            if "--target" not in arguments and output == "out.ll":
                continue  # needs no weights
            line = one_line(vitrail("compile", *arguments, "-o", output, status=1, cwd=work), "error: ")
            require(word in line, f"expected {word!r} in {line!r}")
            # A text of the code needs no weights, but those that are given must be good.
    for stage in ("freeze", "lower", "llvm"):
        vitrail("compile", SEED, "--print-after", stage, cwd=work)
        vitrail("compile", *ONE_LAYER, "--print-after", stage, cwd=work)
        require_files(work)
        line = one_line(vitrail("compile", SEED, "--print-after", stage, "--weights", "missing", status=1, cwd=work), "error: ")
        require("missing" in line, line)
    require_files(work)
    for text in ("func.func private @main(tensor<1x4xf32>)", "func.func @main() {\n  cf.br ^next\n^next:\n  return\n}", "func.func @other() {\n  return\n}"):
        (work / "model.mlir").write_text(text)
        for command in (["compile", "-o", "out"], ["verify", "--dump", "out"], ["summary"]):
            line = one_line(vitrail(command[0], "model.mlir", *command[1:], status=1, cwd=work), "error: ")
            require("model.mlir" in line and "@main" in line, line)
    (work / "model.mlir").unlink()
    require_files(work)
    result = vitrail("compile", SEED, "-Dnope=1", "--weights", "random:1", "-o", "out", status=1, cwd=work)
    require(result.stderr.startswith(f"{SEED}:8:7: error: model 'seed_vit' has no parameter 'nope'\n"), result.stderr)
    require("note: its parameters are image_size, patch_size" in result.stderr, result.stderr)
    result = vitrail("compile", SEED, "-Dimage_size=big", "--weights", "random:1", "-o", "out", status=1, cwd=work)
    require("image_size" in result.stderr and "big" in result.stderr and result.stderr.count("error:") == 1, result.stderr)
    require_files(work)


def emit(work: Path) -> None:
    """OUT's ending decides the kind, --emit overrides it."""
    magic = {"elf": b"\x7fELF", "archive": b"!<arch>\n"}
    kinds = {  # ending, --emit, beginning of the file, ELF type, files
        "exe": ("", b"\x7fELF", "DYN", ["out"]),
        "shared": (".so", b"\x7fELF", "DYN", ["out.h", "out.so"]),
        "static": (".a", magic["archive"], None, ["out.a", "out.h"]),
        "object": (".o", b"\x7fELF", "REL", ["out.h", "out.o"]),
        "asm": (".s", b"\t.", None, ["out.s"]),
        "llvm": (".ll", b"; ModuleID", None, ["out.ll"]),
        "mlir": (".mlir", b"module attributes {vitrail.arena_bytes", None, ["out.mlir"]),
    }
    contents = {}
    for kind, (ending, beginning, elf, files) in kinds.items():
        folder = fresh_folder(work / kind)
        vitrail("compile", *ONE_LAYER, "-o", "out" + ending, cwd=folder)
        require_files(folder, *files)
        contents[kind] = (folder / ("out" + ending)).read_bytes()
        require(contents[kind].startswith(beginning), f"{kind} begins with {contents[kind][:40]!r}")
        if elf:
            header = run([tool("llvm-readelf"), "-h", folder / ("out" + ending)]).stdout
            require(re.search(rf"Type: +{elf}\b", header) is not None, header)
    for kind in ("asm", "llvm", "mlir", "exe"):
        folder = fresh_folder(work / "named")
        vitrail("compile", *ONE_LAYER, "--emit", kind, "-o", "out.txt", cwd=folder)
        require_files(folder, "out.txt")
        require((folder / "out.txt").read_bytes() == contents[kind], f"--emit {kind} differs from the ending {kinds[kind][0]!r}")
    assembly, llvm = contents["asm"].decode(), contents["llvm"].decode()
    require("vfmadd" in assembly, "assembler text without fused multiply-add")
    require(re.search(r"call .*<(8|16) x float> @llvm\.(fma|fmuladd)", llvm) is not None, "LLVM IR without vector products")
    require("vector.fma" in contents["mlir"].decode(), "MLIR without vector products")
    # Weights never become text.
    for kind in ("asm", "llvm", "mlir"):
        require(len(contents[kind]) < 1_000_000, f"{kind} has {len(contents[kind])} bytes")
    # Neither needs weights.
    vitrail("compile", SEED, "-o", work / "none.ll")
    require((work / "none.ll").stat().st_size > 10_000, "LLVM IR without weights")


def targets(work: Path) -> None:
    """Code is for the target and nothing beyond."""
    for target, registers in (("x86-64-v3", "ymm"), ("x86-64-v4", "zmm"), ("haswell", "ymm"), ("sapphirerapids", "zmm")):
        vitrail("compile", *ONE_LAYER, "--target", target, "-o", work / "out.s")
        text = (work / "out.s").read_text()
        require(f"%{registers}" in text, f"{target}: no {registers}")
        # Pixels are converted by vectors.
        require("vpmovzxbd" in text, f"{target}: bytes one by one")
        require(registers == "zmm" or "%zmm" not in text, f"{target}: uses zmm")
        require(registers == "zmm" or re.search(r"%(xmm|ymm)(1[6-9]|2\d|3[01])", text) is None, f"{target}: uses AVX-512's registers")
    # The text of code is that for one of them.
    for arguments in (["-o", work / "two.s"], ["-o", work / "two.ll"], ["--emit", "mlir", "-o", work / "two"], ["--print-after", "lower"]):
        line = one_line(vitrail("compile", *ONE_LAYER, "--target", "x86-64-v3,x86-64-v4", *arguments, status=1), "error: ")
        require("name one" in line, line)
    require_files(work, "out.s")
    vitrail("compile", *ONE_LAYER, "--target", "x86-64-v3,x86-64-v4", "--print-after", "schedule")
    features = json.loads(run([compile_tiny(work / "v4", "--target", "x86-64-v4"), "--info", "--json"]).stdout)["cpu_features"].split()
    require("avx512f" in features, f"x86-64-v4: {features}")
    require(not {"avx512vnni", "avx512bf16"} & set(features), f"x86-64-v4 has neither VNNI nor BF16: {features}")


def report(work: Path) -> None:
    """--report names what applied and what did not, with places; --report=FILE writes it to a file."""
    result = vitrail("compile", *ONE_LAYER, "-o", work / "out", "--report")
    require(result.stderr == "", result.stderr)
    applied, separator, rest = result.stdout.partition("Not applied\n")
    require(applied.startswith("Applied\n") and separator, result.stdout)
    lines = SEED.read_text().splitlines()
    for name, text, place in (
        ("dead-tokens", "computes [1, 1, 64] of [1, 65, 64]", "self_attention("),
        ("dead-tokens", "multiply-accumulates", "model seed_vit"),
        ("fold-norm-affine", "gain and bias folded into linears", "@norm2"),
        ("fold-attention-bias", "bias of keys dropped", "self_attention("),
        ("fold-attention-scale", "folded into the query's linear", "self_attention("),
        ("fold-embedding", "table", "@position_embedding"),
        ("reassociate-attention", "41,472 multiply-accumulates instead of 540,800", "self_attention("),
        ("simplify", "multiply-accumulates are left, ", "model seed_vit"),
    ):
        (number,) = [number for number, line in enumerate(lines, 1) if place in line]
        pattern = rf"^  {name}: .*{re.escape(text)}.*\n      at seed_vit\.vtr:{number}\b"
        require(re.search(pattern, applied, re.M) is not None, f"no {name!r} with {text!r} at line {number}:\n{result.stdout}")
    (number,) = [number for number, line in enumerate(lines, 1) if "@norm1" in line]
    require(f"  fold-norm-affine: the normalized value is also read by" in rest and f"seed_vit.vtr:{number} " in rest, result.stdout)

    filed = vitrail("compile", *ONE_LAYER, "-o", work / "out", f"--report={work / 'report.txt'}")
    require(filed.stdout == "", f"--report=FILE prints on stdout, too:\n{filed.stdout[:200]}")
    require((work / "report.txt").read_text() == result.stdout, "--report=FILE differs from --report")
    failed = vitrail("compile", *ONE_LAYER, "-o", work / "out", f"--report={work / 'missing' / 'report.txt'}", status=1)
    require("missing" in one_line(failed, "error: "), failed.stderr)

    # An optimization that is switched off is not reported, and the program remembers.
    result = vitrail("compile", *ONE_LAYER, "-o", work / "off", "--report", "--disable", "dead-tokens,merge-linears")
    require("dead-tokens: " not in result.stdout and "merge-linears: " not in result.stdout, result.stdout)
    require("fold-attention-scale: " in result.stdout, result.stdout)
    simplify = json.loads(run([work / "off", "--info", "--json"]).stdout)["simplify"]
    require("dead-tokens=0" in simplify and "merge-linears=0" in simplify and "fold-embedding=1" in simplify, simplify)
    require(vitrail("compile", *ONE_LAYER, "-o", work / "out").stdout == "", "a compilation prints without being asked")


def summary(work: Path) -> None:
    """The layer table, and the same as JSON."""
    text = vitrail("summary", SEED).stdout
    require(re.search(r"^Layer +Output shape +Parameters +MACs$", text, re.M) is not None, text)
    require(re.search(r"^blocks\.0\.mlp\.fc1 +\[1, 65, 128\] +8,320 +532,480$", text, re.M) is not None, text)
    require(re.search(r"^Total +150,858 +10,888,960$", text, re.M) is not None, text)
    document = json.loads(vitrail("summary", "--json", MODELS / "vit.vtr").stdout)
    require(set(document) == {"parameters", "macs", "layers"}, f"keys {sorted(document)}")
    require(document["parameters"] == 86_567_656, f"ViT-B/16 has 86,567,656 parameters, not {document['parameters']}")
    require(all(set(layer) == {"name", "shape", "parameters", "macs"} for layer in document["layers"]), "keys of layers")
    for key in ("parameters", "macs"):
        require(sum(layer[key] for layer in document["layers"]) == document[key], f"the layers' {key} do not add up")
    layers = {layer["name"]: layer for layer in document["layers"]}
    require(layers["classifier"] == {"name": "classifier", "shape": [1, 1000], "parameters": 769_000, "macs": 768_000}, f"{layers['classifier']}")
    # 12 layers of 197 tokens, patches, and the classifier.
    tokens, width = 197, 768
    layer = 4 * tokens * width * width + 2 * tokens * tokens * width + 2 * tokens * width * 3072
    expected = 12 * layer + 196 * width * width + width * 1000
    require(document["macs"] == expected, f"{document['macs']} MACs, expected {expected}")
    odd = json.loads(vitrail("summary", "--json", *model_arguments(TINY)).stdout)
    require(odd["parameters"] == 2899, f"{odd['parameters']} parameters")
    require_files(work)


def dialect_file(work: Path) -> None:
    """A model in the dialect's text makes the same code as its description."""
    for name, text in (("seed", [SEED, "-Dnum_layers=1"]), ("tiny", model_arguments(TINY))):
        (work / f"{name}.mlir").write_text(vitrail("compile", *text, "--print-after", "parse").stdout)
        codes = []
        for folder, model in ((work / "a", text), (work / "b", [work / f"{name}.mlir"])):
            vitrail("compile", *model, "--weights", "random:1", "-o", fresh_folder(folder) / "out.s")
            codes.append((folder / "out.s").read_text())
        require(codes[0] == codes[1], f"{name}: other code from dialect text")
    (work / "broken.mlir").write_text((work / "tiny.mlir").read_text().replace("tensor<1x3xf32>", "tensor<1x4xf32>"))
    result = vitrail("compile", work / "broken.mlir", "--weights", "random:1", "-o", work / "out", status=1)
    require(re.match(rf"{re.escape(str(work))}/broken\.mlir:\d+:\d+: error: ", result.stderr) is not None, result.stderr)
    require(not (work / "out").exists(), "an output of a broken model")


def weights_folder(work: Path) -> None:
    """--weights takes a checkpoint's folder, too."""
    folder = fresh_folder(work / "checkpoint")
    shutil.copy(DIGITS, folder / "model.safetensors")
    programs = []
    for name, weights in (("a", DIGITS), ("b", folder)):
        vitrail("compile", SEED, "--weights", weights, "-o", fresh_folder(work / name) / "digits")
        programs.append((work / name / "digits").read_bytes())
    require(programs[0] == programs[1], "other programs from a file and its folder")
    (folder / "model.safetensors").unlink()
    line = one_line(vitrail("compile", SEED, "--weights", folder, "-o", work / "none", status=1), "error: ")
    require(str(folder) in line, line)
    require_files(work, "a", "b", "checkpoint")


def interrupt(work: Path) -> None:
    """An interrupted compilation leaves the old output and nothing else."""
    (work / "out").write_text("old")
    interrupted = 0
    for delay in (0.05, 0.15, 0.25, 0.35, 0.45, 0.6, 0.8):
        command = [tool("vitrail"), "compile", *model_arguments(TINY, {"d_model": 128, "num_layers": 6}), "--weights", "random:1", "-o", "out"]
        process = subprocess.Popen(list(map(str, command)), cwd=work, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        time.sleep(delay)
        process.send_signal(signal.SIGTERM)  # SIGINT may be ignored, as in a shell's background jobs
        ended = process.wait(timeout=60)
        require_files(work, "out")
        if ended == 0:
            (work / "out").write_text("old")
            continue
        interrupted += 1
        require((work / "out").read_text() == "old", f"interrupted after {delay} s, the output is neither old nor new")
    require(interrupted > 0, "every compilation was too fast")


def verify(work: Path) -> None:
    """The compiled program agrees with the reference interpreter; the status says whether."""
    result = vitrail("verify", *model_arguments(TINY), "--weights", "random:3", cwd=work)
    require(re.search(r"^probabilities: largest error .*: agrees$", result.stdout, re.M) is not None, result.stdout)
    result = vitrail("verify", *model_arguments(TINY), "--weights", "random:3", "--tolerance", "1e-30", status=1, cwd=work)
    require("DIFFERS" in result.stdout, result.stdout)
    # Shapes that divide by nothing, on both widths of vectors, with more threads than work.
    for model, shape, target in (
        ("vit.vtr", "image_size=9 patch_size=3 num_channels=2 hidden_size=15 num_hidden_layers=2 num_attention_heads=3 intermediate_size=1 num_labels=1", "host"),
        ("vit.vtr", "image_size=5 patch_size=5 num_channels=1 hidden_size=33 num_hidden_layers=1 num_attention_heads=1 intermediate_size=65 num_labels=17", "x86-64-v3"),
        ("seed_vit.vtr", "image_size=7 patch_size=1 num_channels=4 d_model=22 num_layers=1 num_heads=2 mlp_dim=31 num_classes=33", "x86-64-v3"),
        ("seed_vit.vtr", "image_size=6 patch_size=2 d_model=1 num_layers=0 num_heads=1 mlp_dim=2 num_classes=2", "host"),
    ):
        defines = ["-D" + definition for definition in shape.split()]
        result = vitrail("verify", MODELS / model, *defines, "--batch", 3, "--threads", 3, "--target", target, cwd=work)
        require(result.stdout.count(": agrees\n") == 1, result.stdout)
        # Runs of pixels that no panel divides.
        result = vitrail("verify", MODELS / model, *defines, "--batch", 3, "--threads", 3, "--target", target, "--entry", "u8", "--tolerance", "1e-5", cwd=work)
        require(result.stdout.count(": agrees\n") == 1, result.stdout)
    (work / "model.vtr").write_text("vitrail 1\nmodel m() {\n  input x : tensor[3]\n  output y : tensor[3] = x + x\n}\n")
    line = one_line(vitrail("verify", work / "model.vtr", "--entry", "u8", status=1, cwd=work), "error: ")
    require("no entry 'u8'" in line, line)
    # Normalization that no linear takes: of pixels that are returned.
    (work / "model.vtr").write_text(
        "vitrail 1\nmodel m() {\n  input x : image[3, 5, 7](mean = [0.1, 0.2, 0.3], std = [0.5, 0.6, 0.7])\n"
        '  output y : tensor[3, 5, 7] = x\n  output z : tensor[5, 7, 3] = rearrange(exp(x), "c h w -> h w c")\n}\n'
    )
    result = vitrail("verify", work / "model.vtr", "--entry", "u8", "--batch", 2, "--tolerance", "1e-6", cwd=work)
    require(result.stdout.count(": agrees\n") == 2, result.stdout)
    (work / "model.vtr").unlink()
    require_files(work)


if __name__ == "__main__":
    main_of(usage, failures, emit, targets, report, summary, dialect_file, weights_folder, interrupt, verify)
