"""What the end-to-end tests share: running compiler and programs, .npy files, golden cases. Python's standard library only."""

from __future__ import annotations

import argparse
import ast
import json
import math
import os
import shutil
import struct
import subprocess
import sys
from array import array
from pathlib import Path

HERE = Path(__file__).resolve().parent
TEST = HERE.parent
MODELS = TEST.parent / "models"
GOLDEN = TEST / "golden"
MALFORMED = TEST / "malformed"
IMAGES = sorted((MODELS / "digits" / "images").glob("*.png"))
DIGITS = MODELS / "digits" / "digits.safetensors"

# A model that compiles in a moment, and its input.
TINY = json.loads((GOLDEN / "seed_vit" / "smallest" / "case.json").read_text())

CRASHES = ("PLEASE submit a bug report", "Stack dump", "Assertion", "LLVM ERROR", "Sanitizer", "Segmentation fault", "core dumped")


class Failure(Exception):
    """What a test found wrong."""


def require(condition: bool, message: str) -> None:
    """Fails the test unless the condition holds."""
    if not condition:
        raise Failure(message)


def main(test) -> None:
    """Runs a test and says in one place what is wrong."""
    try:
        test()
    except Failure as failure:
        sys.exit(f"FAILED: {failure}")


def main_of(*tests) -> None:
    """Runs the one of `tests` that the command line names: TEST --work FOLDER."""

    def test() -> None:
        by_name = {function.__name__.replace("_", "-"): function for function in tests}
        parser = argparse.ArgumentParser()
        parser.add_argument("test", choices=by_name)
        parser.add_argument("--work", required=True)
        options = parser.parse_args()
        by_name[options.test](fresh_folder(options.work))

    main(test)


# ---------------------------------------------------------------------------
# Running
# ---------------------------------------------------------------------------


def run(command, status: int = 0, cwd=None, timeout: float = 300, text: bool = True, environment: dict | None = None) -> subprocess.CompletedProcess:
    """Runs a command, with more variables in its environment if given; anything but the expected exit status, or a crash, fails the test."""
    command = [str(part) for part in command]
    variables = {**os.environ, **environment} if environment else None
    errors = "replace" if text else None
    result = subprocess.run(command, cwd=cwd, capture_output=True, text=text, errors=errors, timeout=timeout, env=variables)
    shown = f"$ {' '.join(command)}\nstatus {result.returncode}, expected {status}\n{result.stdout}\n{result.stderr}"
    require(result.returncode == status, shown)
    for sign in CRASHES:
        require(sign not in str(result.stderr), f"crash output {sign!r}\n{shown}")
    return result


def tool(name: str) -> str:
    """A program of the build or of LLVM."""
    path = shutil.which(name)
    require(path is not None, f"{name} is not in PATH")
    return path


def vitrail(*arguments, **options) -> subprocess.CompletedProcess:
    """Runs the compiler."""
    return run([tool("vitrail"), *arguments], **options)


def compile_tiny(output, *arguments, **options) -> Path:
    """Compiles the smallest golden case."""
    output = Path(output).absolute()
    vitrail("compile", *model_arguments(TINY), "--weights", TINY["weights"], "-o", output, *arguments, **options)
    return output


def model_arguments(case: dict, parameters: dict | None = None) -> list[str]:
    """MODEL and -D's of a case."""
    values = {**case["parameters"], **(parameters or {})}
    defines = [f"-D{name}={str(value).lower() if isinstance(value, bool) else value}" for name, value in values.items()]
    return [str(MODELS / case["model"]), *defines]


def one_line(result: subprocess.CompletedProcess, prefix: str) -> str:
    """The only line that a failed run printed on stderr."""
    lines = result.stderr.splitlines()
    shown = f"$ {' '.join(result.args)}\n{result.stderr}"
    require(len(lines) == 1 and result.stderr.endswith("\n"), f"expected one line on stderr\n{shown}")
    require(lines[0].startswith(prefix), f"expected the line to start with {prefix!r}\n{shown}")
    require(len(lines[0]) > len(prefix) + 8, f"the line says nothing\n{shown}")
    require(result.stdout == "", f"expected nothing on stdout, found\n{result.stdout}")
    return lines[0]


def fresh_folder(path) -> Path:
    """An empty folder."""
    path = Path(path).absolute()
    shutil.rmtree(path, ignore_errors=True)
    path.mkdir(parents=True)
    return path


def require_files(folder: Path, *names: str) -> None:
    """The folder holds exactly these files."""
    found = sorted(os.listdir(folder))
    require(found == sorted(names), f"{folder}: expected {sorted(names)}, found {found}")


# ---------------------------------------------------------------------------
# NumPy files
# ---------------------------------------------------------------------------


def read_npy(path) -> tuple[tuple[int, ...], array]:
    """Shape and values of a float32 file, version 1.0, C order."""
    data = Path(path).read_bytes()
    require(data[:8] == b"\x93NUMPY\x01\x00", f"{path}: not a version 1.0 .npy file")
    (length,) = struct.unpack_from("<H", data, 8)
    require((10 + length) % 64 == 0 and data[9 + length : 10 + length] == b"\n", f"{path}: the header is not padded to 64 bytes")
    header = ast.literal_eval(data[10 : 10 + length].decode("latin-1"))
    require(set(header) == {"descr", "fortran_order", "shape"}, f"{path}: header {header}")
    require(header["descr"] == "<f4" and header["fortran_order"] is False, f"{path}: header {header}")
    values = array("f")
    values.frombytes(data[10 + length :])
    require(len(values) == math.prod(header["shape"]), f"{path}: {len(values)} values do not fill {header['shape']}")
    return tuple(header["shape"]), values


def write_npy(path, shape, values: array) -> None:
    """A float32 file, version 1.0, C order."""
    header = f"{{'descr': '<f4', 'fortran_order': False, 'shape': {tuple(shape)}, }}"
    header += " " * (-(10 + len(header) + 1) % 64) + "\n"
    Path(path).write_bytes(b"\x93NUMPY\x01\x00" + struct.pack("<H", len(header)) + header.encode("latin-1") + values.tobytes())


def random_input(name: str, seed: int, count: int) -> array:
    """The values of an input by the random-weights rule, which scripts/python/random_weights.py documents."""
    mask, gamma = (1 << 64) - 1, 0x9E3779B97F4A7C15
    state = 0xCBF29CE484222325
    for byte in name.encode():
        state = (state ^ byte) * 0x100000001B3 & mask
    state ^= seed * gamma & mask
    values = array("f")
    for _ in range(count):
        state = (state + gamma) & mask
        z = (state ^ state >> 30) * 0xBF58476D1CE4E5B9 & mask
        z = (z ^ z >> 27) * 0x94D049BB133111EB & mask
        values.append(math.sqrt(3.0) * (2.0 * ((z ^ z >> 31) >> 40) * 2.0**-24 - 1.0))
    return values


def input_file(case: dict, port: dict, folder: Path, work: Path) -> Path:
    """The file of a case's input: beside the case, or made by the rule."""
    if "file" in port:
        return folder / port["file"]
    path = work / f"{port['name']}.in.npy"
    write_npy(path, port["shape"], random_input(port["name"], case["seed"], math.prod(port["shape"])))
    return path


# ---------------------------------------------------------------------------
# Agreement
# ---------------------------------------------------------------------------


def largest_difference(ours: array, theirs: array) -> float:
    """The largest absolute difference; infinite where a value is not finite."""
    require(len(ours) == len(theirs), f"{len(ours)} values, expected {len(theirs)}")
    differences = [abs(a - b) for a, b in zip(ours, theirs)]
    return max(differences) if all(math.isfinite(d) for d in differences) else math.inf


def check_agreement(what: str, case: dict, ours: array, theirs: array) -> float:
    """Compares with golden values; prints and returns the relative error."""
    largest = max(map(abs, theirs))
    difference = largest_difference(ours, theirs)
    print(f"{what}: largest error {difference:.3g} of {largest:.3g}, relative {difference / largest:.3g}")
    require(difference <= case["tolerance"], f"{what}: largest error {difference:.3g}, tolerance {case['tolerance']:.3g}")
    require(difference <= 1e-4 * case["max_abs_golden"], f"{what}: relative error {difference / case['max_abs_golden']:.3g}")
    return difference / largest
