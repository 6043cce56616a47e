"""What users see of the inside of a model: inspecting.py TEST --work FOLDER"""

from __future__ import annotations

import json
import re
import sys
from array import array
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "e2e"))
from support import (  # noqa: E402
    GOLDEN,
    TINY,
    check_agreement,
    compile_tiny,
    main_of,
    model_arguments,
    one_line,
    read_npy,
    require,
    require_files,
    run,
    tool,
    vitrail,
)

ONE_LAYER = GOLDEN / "vit" / "one_layer"
CASE = json.loads((ONE_LAYER / "case.json").read_text())

# A layer with two outputs, one inside another that returns what it returns, and a part of a name that is no layer.
LAYERS = """vitrail 1
model layers() {
  block both(x) {
    y = @a linear(x, 4)
    return [y, gelu(y)]
  }
  block outer(x) {
    return @inner.dense linear(relu(x), 4)
  }
  input x : tensor[3, 4]
  halves = @pair both(x)
  output y : tensor[3, 4] = @outer outer(halves[0] + halves[1])
}
"""


# A scope that becomes two kernels, which end with the same line.
TWICE = """vitrail 1
model twice() {
  block residual(x, y) {
    return x + y
  }
  block both(x) {
    x = residual(x, layer_norm(x, 1e-6))
    return residual(x, relu(softmax(x)))
  }
  input x : tensor[4, 8]
  output y : tensor[4, 8] = @s both(x)
}
"""


def index_of(folder: Path) -> dict:
    """The index of a dump, whose files are those that it names."""
    index = json.loads((folder / "index.json").read_text())
    require_files(folder, "index.json", *(tensor["file"] for tensor in index["tensors"]))
    for tensor in index["tensors"]:
        shape, _ = read_npy(folder / tensor["file"])
        require(list(shape) == tensor["shape"], f"{tensor} holds {shape}")
    return index


def verify_dump(work: Path) -> None:
    """vitrail verify --dump: the layers of a ViT as transformers' modules return them."""
    arguments = [*model_arguments(CASE), "--weights", CASE["weights"], "--input", f"pixel_values={ONE_LAYER / 'input.npy'}"]
    vitrail("verify", *arguments, "--dump", work / "all")
    index = index_of(work / "all")
    require((index["model"], index["source"], index["weights"]) == ("vit", "reference interpreter", CASE["weights"]), f"{index}")
    goldens = sorted((ONE_LAYER / "layers").glob("*.npy"))
    require(len(goldens) == 14, "fourteen layers")
    for golden in goldens:
        shape, theirs = read_npy(golden)
        our_shape, ours = read_npy(work / "all" / golden.name)
        require(our_shape == shape, f"{golden.stem}: {our_shape}, expected {shape}")
        check_agreement(golden.stem, CASE | {"max_abs_golden": max(map(abs, theirs))}, ours, theirs)
    names = [tensor["name"] for tensor in index["tensors"]]
    require(set(names) == {golden.stem for golden in goldens} | {"pixel_values", "logits"}, f"other tensors: {names}")
    require(read_npy(work / "all" / "pixel_values.npy") == read_npy(ONE_LAYER / "input.npy"), "the input is not the one that was given")
    require(names.index("vit.embeddings") < names.index("vit.encoder.layer.0") < names.index("classifier"), f"not in order: {names}")
    place = next(tensor for tensor in index["tensors"] if tensor["name"] == "classifier")["place"]
    require(place.startswith("vit.vtr:"), f"the classifier is at {place}")

    # A part of a name, and a pattern.
    vitrail("verify", *arguments, "--dump", work / "part", "--dump-filter", "output.dense")
    require([tensor["name"] for tensor in index_of(work / "part")["tensors"]] == [name for name in names if "output.dense" in name], "a part of names")
    (work / "pattern").mkdir()
    vitrail("verify", *arguments, "--dump", work / "pattern", "--dump-filter", "*.layer.?")
    require([tensor["name"] for tensor in index_of(work / "pattern")["tensors"]] == ["vit.encoder.layer.0"], "a pattern")

    # Errors: one line, and nothing is written.
    for wrong, words in (
        (["--dump", work / "x", "--dump-filter", "layer.0.output.danse"], ["'layer.0.output.danse'", "nearest", "vit.encoder.layer.0.output.dense"]),
        (["--dump", work / "all"], [str(work / "all"), "remove it"]),
        (["--dump", work / "no" / "x"], [str(work / "no" / "x")]),
        (["--dump", work / "x", "--input", "pixels=x.npy"], ["pixels=x.npy", "pixel_values"]),
        (["--dump", work / "x", "--input", GOLDEN / "vit" / "odd" / "input.npy"], ["[1, 3, 40, 40]", "[1, 3, 24, 24]"]),
    ):
        line = one_line(vitrail("verify", *arguments[:-2], *wrong, status=1), "error: ")
        require(all(word in line for word in words), f"expected {words} in {line}")
    one_line(vitrail("verify", *arguments, "--dump-filter", "x", status=2), "error: ")
    require_files(work, "all", "part", "pattern")

    # What is a layer, and what its outputs are.
    (work / "layers.vtr").write_text(LAYERS)
    vitrail("verify", work / "layers.vtr", "--dump", work / "layers")
    names = [tensor["name"] for tensor in index_of(work / "layers")["tensors"]]
    require(names == ["x", "pair.a", "pair-1", "pair-2", "outer", "outer.inner.dense", "y"], f"layers {names}")


def rows_of(tensor: tuple[tuple[int, ...], array], shape: tuple[int, ...]) -> array:
    """The first rows of each sample, as many as `shape` has."""
    (batch, rows, columns), values = tensor
    require(shape[0] == batch and shape[1] <= rows and shape[2] == columns, f"{shape} of {tensor[0]}")
    return array("f", (values[(b * rows + r) * columns + c] for b in range(batch) for r in range(shape[1]) for c in range(columns)))


def program_dump(work: Path) -> None:
    """--dump of a compiled program: what it says to be a layer's output is that of the interpreter."""
    # Two samples, two layers, and features that fill no panel.
    case = json.loads((GOLDEN / "vit" / "odd" / "case.json").read_text())
    arguments = [*model_arguments(case), "--weights", case["weights"], "--batch", 2]
    vitrail("verify", *arguments, "--dump", work / "reference")
    program = work / "program"
    vitrail("compile", *arguments, "-o", program)
    run([program, "--dump", work / "ours", "--input", work / "reference" / "pixel_values.npy"])
    index = index_of(work / "ours")
    require((index["model"], index["source"], index["entry"]) == ("vit", "compiled program", "main"), f"{index}")
    tensors = {tensor["name"]: tensor for tensor in index["tensors"]}
    require(len(tensors) == len(index["tensors"]) == json.loads(run([program, "--info", "--json"]).stdout)["regions"] + 1, f"{list(tensors)}")
    require(read_npy(work / "ours" / "pixel_values.npy") == read_npy(work / "reference" / "pixel_values.npy"), "the input")

    # Whole layers: only their place and the last one's rows differ.
    for name, layer, ops, differs in (
        ("vit.encoder.layer.0.output.dense", "vit.encoder.layer.0", ["linear", "add"], None),
        ("vit.encoder.layer.1.output.dense", "vit.encoder.layer.1", ["linear", "add"], ["of shape [2, 1, 36] where the layer's is [2, 26, 36]"]),
    ):
        tensor = tensors[name]
        require((tensor["layers"], tensor["ops"], tensor.get("differs")) == ([layer], ops, differs), f"{tensor}")
        shape, ours = read_npy(work / "ours" / tensor["file"])
        theirs = rows_of(read_npy(work / "reference" / f"{layer}.npy"), shape)
        check_agreement(name, case | {"tolerance": 1e-4, "max_abs_golden": max(map(abs, theirs))}, ours, theirs)
    ours, theirs = (read_npy(work / folder / "classifier.npy") for folder in ("ours", "reference"))
    require(tensors["classifier"]["layers"] == ["classifier"], f"{tensors['classifier']}")
    check_agreement("classifier", case | {"tolerance": 1e-4}, ours[1], theirs[1])
    # In which respects the others are not what a module returns.
    for name, words in {
        "vit.encoder.layer.0.layernorm_before": ["without gain and bias"],
        "vit.encoder.layer.0.intermediate.dense": ["gelu joined it", "layernorm_after.weight"],
        "vit.encoder.layer.0.attention": ["no layer's output"],
        "vit.embeddings.patch_embeddings.projection": ["[2, 25, 36]", "position_embeddings"],
    }.items():
        text = " ".join(tensors[name]["differs"])
        require(all(word in text for word in words), f"expected {words} in {text}")
    gain = tensors["vit.encoder.layer.0.layernorm_before"]
    values = read_npy(work / "ours" / gain["file"])[1]
    require(abs(sum(values[:36])) < 1e-3 and abs(sum(v * v for v in values[:36]) - 36) < 1e-2, f"not normalized: {values[:36]}")
    for tensor in index["tensors"][1:]:
        require(tensor["ops"] and any(tensor["kernel"] + "." in line for line in run([tool("llvm-nm"), program]).stdout.splitlines()), f"{tensor}")

    # Filters, and that the rest goes on as without.
    run([program, "--dump", work / "part", "--dump-filter", "attention.output"])
    require(len(index_of(work / "part")["tensors"]) == 2, "a part of names")
    run([program, "--dump=" + str(work / "pattern"), "--dump-filter=*.?.layernorm_*", "--threads", "1"])
    require(len(index_of(work / "pattern")["tensors"]) == 4, "a pattern")
    folders = ("reference", "ours", "part", "pattern")
    for arguments, status, words in (
        (["--dump", "x", "--dump-filter", "atention.output"], 2, ["'atention.output'", "nearest", "vit.encoder.layer.0.attention.output.dense"]),
        (["--dump", "ours"], 1, ["ours", "remove it"]),
        (["--dump", "no/x"], 1, ["no/x"]),
        (["--dump"], 2, ["--dump"]),
        (["--dump-filter", "x"], 2, ["--dump DIR"]),
        (["--dump", "x", "--threads", "2"], 2, ["one thread"]),
        (["--dump", "x", "--bench"], 2, ["--bench"]),
        (["--dump", "x", "missing.png"], 1, ["missing.png"]),
    ):
        line = one_line(run([program, *arguments], status=status, cwd=work), "program: ")
        require(all(word in line for word in words), f"expected {words} in {line}")
    require_files(work, "program", *folders)

    # A scope with several regions: their results have numbers, in order.
    (work / "twice.vtr").write_text(TWICE)
    vitrail("compile", work / "twice.vtr", "--weights", "random:0", "-o", work / "twice")
    run([work / "twice", "--dump", work / "numbers"])
    tensors = index_of(work / "numbers")["tensors"]
    require([tensor["name"] for tensor in tensors] == ["x", "s-1", "s-2"], f"{tensors}")
    require([tensor.get("layers") for tensor in tensors[1:]] == [None, None], f"one place, two values: {tensors}")


def kernels_of(binary: Path) -> dict[str, int]:
    """The kernels of a binary for one processor, and where they are."""
    lines = run([tool("llvm-nm"), "--defined-only", binary]).stdout.splitlines()
    symbols = [line.split() for line in lines]
    return {name: int(place, 16) for place, kind, name in symbols if kind == "t" and name.endswith(".x86-64-v3")}


def compile_layers(output: Path, layers: int) -> None:
    """The smallest golden case with more layers."""
    vitrail("compile", *model_arguments(TINY, {"num_layers": layers}), "--weights", "random:0", "--target", "x86-64-v3", "-o", output)


def symbols(work: Path) -> None:
    """Kernels are local functions of telling names, through which debuggers find their way back."""
    for name in ("tiny", "tiny.so", "tiny.o"):
        compile_layers(work / name, 2)
        kernels = kernels_of(work / name)
        for pattern in (
            r"linear_add_1x4x16_\d+_tile_\dx16(_last)?\.",
            r"linear_relu_1x5x\d+_\d+\.",
            r"attention_1x5x16_\d+\.",
            r"attention_1x5x16_\d+_tile_\dx5\.",
            r"norm_1x5x16_\d+\.",
            r"softmax_1x3_\d+\.",
        ):
            require(any(re.match(pattern, kernel) for kernel in kernels), f"{name} has no kernel {pattern}: {sorted(kernels)}")
        if not name.endswith(".o"):
            text = run([tool("llvm-readelf"), "--unwind", work / name]).stdout
            places = {int(place, 16) for place in re.findall(r"initial_location: (0x[0-9a-f]+)", text)}
            lost = [kernel for kernel, place in kernels.items() if place not in places]
            require(places and not lost, f"{name}: no way back from {lost}")
    # Twice the layers have no more kernels than one: names say what they compute, not for whom.
    compile_layers(work / "deep", 3)
    compile_layers(work / "deeper", 5)
    require(set(kernels_of(work / "deep")) == set(kernels_of(work / "deeper")), "kernels differ with the number of layers")


def backtrace(work: Path) -> None:
    """A debugger's way from a kernel to main."""
    program = compile_tiny(work / "tiny", "--target", "x86-64-v3")
    kernel = next(name for name in kernels_of(program) if "attention" in name and "_tile_" in name)
    commands = ["set breakpoint pending off", f"break '{kernel}'", f"run --threads 1 {GOLDEN / 'seed_vit' / 'smallest' / 'input.npy'}", "stepi 40", "bt"]
    text = run([tool("gdb"), "-q", "-batch", "-nx", *(part for command in commands for part in ("-ex", command)), program]).stdout
    frames = re.findall(r"^#\d+ .* in (\S+) \(\)$", text, re.M)
    outer = kernel.split("_tile_")[0] + ".x86-64-v3"
    require(frames[:2] == [kernel, outer] and frames[2].startswith("tiny_main") and "vitrail_run" in frames and frames[-1] == "main", text)


if __name__ == "__main__":
    main_of(verify_dump, program_dump, symbols, backtrace)
