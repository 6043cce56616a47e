"""Every malformed file gets status 1 and one line that says what is wrong, and leaves nothing behind.

    malformed.py weights|inputs|descriptions|outputs --work FOLDER
"""

from __future__ import annotations

import json
import os
import re
from pathlib import Path

from support import (
    CRASHES,
    GOLDEN,
    MALFORMED,
    MODELS,
    TINY,
    Failure,
    compile_tiny,
    fresh_folder,
    main_of,
    model_arguments,
    one_line,
    read_npy,
    require,
    require_files,
    run,
    vitrail,
)

INDEX = json.loads((MALFORMED / "index.json").read_text())

# Text of a description, and the line:column and message of its error.
DESCRIPTIONS = {
    "syntax": (
        "vitrail 1\nmodel m() {\n  input x : tensor[4]\n  output y : tensor[4] = x *\n}\n",
        "5:1",
        "expected an expression, got '}'",
    ),
    "cycle": (
        "vitrail 1\nmodel m() {\n  block a(x) { return b(x) }\n  block b(x) { return a(x) }\n"
        "  input x : tensor[4]\n  output y : tensor[4] = a(x)\n}\n",
        "4:23",
        "blocks must not form a cycle: a -> b -> a",
    ),
    "self-cycle": (
        "vitrail 1\nmodel m() {\n  block a(x) { return a(x) }\n  input x : tensor[4]\n  output y : tensor[4] = a(x)\n}\n",
        "3:23",
        "blocks must not form a cycle: a -> a",
    ),
    "division": (
        "vitrail 1\nmodel m(n = 0) {\n  input x : tensor[4]\n  output y : tensor[4] = x * (4 // n)\n}\n",
        "4:33",
        "division by zero: 4 // 0",
    ),
    "shape": (
        "vitrail 1\nmodel m() {\n  input x : tensor[4]\n  input z : tensor[5]\n  output y : tensor[4] = x + z\n}\n",
        "5:28",
        None,
    ),
    "name": ("vitrail 1\nmodel m() {\n  input x : tensor[4]\n  output y : tensor[4] = q\n}\n", "4:26", "q"),
    "version": ("vitrail 99\nmodel m() {\n}\n", "1:9", "99"),
    "empty": ("", "1:1", "vitrail 1"),
}


def for_all(names, check) -> None:
    """Checks all, then fails with what all of them said."""
    failures = []
    for name in names:
        try:
            check(name)
        except Failure as failure:
            failures.append(f"{name} ({INDEX['malformed'].get(name, '')}): {failure}")
    require(not failures, "\n\n".join([f"{len(failures)} files", *failures]))


def refused(folder: str):
    """The malformed files of one kind."""
    names = [name for name in INDEX["malformed"] if name.startswith(folder + "/")]
    on_disk = {f"{folder}/{path.name}" for path in (MALFORMED / folder).iterdir()}
    require(on_disk == {name for part in ("valid", "malformed", "tolerable") for name in INDEX[part] if name in on_disk}, f"{folder}: not in index.json")
    require(len(names) > 5, f"{folder}: no malformed files")
    return names


def tolerable(folder: str):
    """The files of one kind that may be accepted, or refused properly."""
    return [name for name in INDEX["tolerable"] if name.startswith(folder + "/")]


def weights(work: Path) -> None:
    """Checkpoints, read by the compiler."""

    def compile_with(name: str, status: int):
        return vitrail("compile", *model_arguments(INDEX), "--weights", MALFORMED / name, "-o", work / "out", status=status)

    compile_with("safetensors/valid.safetensors", 0)
    require_files(work, "out")

    def check(name: str) -> None:
        fresh_folder(work)
        line = one_line(compile_with(name, 1), "error: ")
        require(Path(name).name in line, f"the line does not name the file: {line}")
        require_files(work)

    for_all(refused("safetensors"), check)

    def check_tolerable(name: str) -> None:
        fresh_folder(work)
        try:
            compile_with(name, 0)
            require_files(work, "out")
        except Failure:
            check(name)

    for_all(tolerable("safetensors"), check_tolerable)


def inputs(work: Path) -> None:
    """Images and arrays, read by the program."""
    program = compile_tiny(work / "program")
    require(TINY["parameters"] == INDEX["parameters"], "the malformed files are for another configuration")

    def predict(name: str, status: int):
        return run([program, MALFORMED / name, "--output", work / "out.npy"], status=status)

    for name in ("png/valid.png", "jpeg/valid.jpg", "npy/valid.npy"):
        predict(name, 0)
        require(read_npy(work / "out.npy")[0] == (1, 3), "output shape")
        os.unlink(work / "out.npy")
        require_files(work, "program")

    def check(name: str) -> None:
        line = one_line(predict(name, 1), "program: ")
        require(Path(name).name in line, f"the line does not name the file: {line}")
        require_files(work, "program")

    for_all(refused("png") + refused("jpeg") + refused("npy"), check)

    def check_tolerable(name: str) -> None:
        try:
            predict(name, 0)
            os.unlink(work / "out.npy")
        except Failure:
            check(name)

    for_all(tolerable("png") + tolerable("jpeg") + tolerable("npy"), check_tolerable)


def diagnosed(result, place: str, message: str | None) -> None:
    """The first line is FILE:LINE:COLUMN: error: MESSAGE, and there is no second error."""
    first = (result.stderr.splitlines() or [""])[0]
    require(re.match(rf"{re.escape(place)}: error: \S", first) is not None, f"expected '{place}: error:', found\n{result.stderr}")
    require(message is None or message in first, f"expected {message!r} in {first!r}")
    require(result.stderr.count("error:") == 1, f"expected one error, found\n{result.stderr}")
    require(result.stdout == "", f"stdout: {result.stdout}")


def descriptions(work: Path) -> None:
    """Descriptions and parameters with an error: file, line, column; nothing is written."""
    sources = fresh_folder(work / "sources")
    outputs = fresh_folder(work / "outputs")
    for name, (text, place, message) in DESCRIPTIONS.items():
        path = sources / f"{name}.vtr"
        path.write_text(text)
        for output in ("out", "out.so", "out.mlir"):
            result = vitrail("compile", path, "--weights", "random:0", "-o", outputs / output, status=1)
            diagnosed(result, f"{path}:{place}", message)
            require_files(outputs)
        diagnosed(vitrail("summary", path, status=1), f"{path}:{place}", message)
    model = MODELS / "vit.vtr"
    result = vitrail("compile", model, "-Dimage_size=225", "--weights", "random:0", "-o", outputs / "out", status=1)
    line = [number for number, text in enumerate(model.read_text().splitlines(), 1) if "patch_embed(" in text][0]
    diagnosed(result, f"{model}:{line}:44", "patches of 16 do not divide an image size of 225")
    require_files(outputs)
    result = vitrail("compile", model, "-Dnum_attention_heads=7", "--weights", "random:0", "-o", outputs / "out", status=1)
    line = [number for number, text in enumerate(model.read_text().splitlines(), 1) if "self_attention(" in text][0]
    diagnosed(result, f"{model}:{line}:12", "7 heads do not divide 768 features")
    require_files(outputs)


def outputs(work: Path) -> None:
    """Outputs that cannot be written: by the compiler before any work, by the program with nothing half-written."""
    places = {"missing/out": "missing", ".": "folder", "/proc/out": "/proc/out", "/dev/null": "/dev/null"}
    for place, word in places.items():
        for extra in ([], ["--emit", "shared"], ["--emit", "mlir"]):
            result = vitrail("compile", *model_arguments(TINY), "--weights", "random:1", *extra, "-o", place, status=1, cwd=work)
            require(word in one_line(result, "error: "), f"expected {word!r} in: {result.stderr}")
            require_files(work)
    result = vitrail(
        "compile", *model_arguments(TINY), "--weights", "random:1", "-o", "out", "--external-weights", "missing/w", status=1, cwd=work
    )
    require("missing" in one_line(result, "error: "), result.stderr)
    require_files(work)

    program = compile_tiny(work / "program")
    golden = GOLDEN / "seed_vit" / "smallest" / "input.npy"
    for place in ("missing/out.npy", ".", "/proc/out.npy"):
        line = one_line(run([program, golden, "--output", place], status=1, cwd=work), "program: ")
        require(place in line, f"expected {place!r} in: {line}")
        line = one_line(run([program, "--profile", place], status=1, cwd=work), "program: ")
        require(place in line, f"expected {place!r} in: {line}")
        require_files(work, "program")
    for arguments in ([golden], ["--info"], ["--bench", "--runs", "1"], ["--help"]):
        result = run(["sh", "-c", 'exec "$@" > /dev/full', "sh", program, *arguments], status=1)
        require("standard output" in one_line(result, "program: "), result.stderr)
    require(all(sign not in result.stderr for sign in CRASHES), result.stderr)


def same_file(work: Path) -> None:
    """The weights file must not be the program itself."""
    result = vitrail("compile", *model_arguments(TINY), "--weights", "random:1", "-o", "out", "--external-weights", "./out", status=1, cwd=work)
    one_line(result, "error: ")
    require_files(work)


if __name__ == "__main__":
    main_of(weights, inputs, descriptions, outputs, same_file)
