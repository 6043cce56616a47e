"""vitrail compile --tune. Which tiling wins is the machine's affair; no test asks.

    tune.py TEST --work FOLDER
"""

from __future__ import annotations

import json
import re
import signal
import subprocess
import time
from array import array
from pathlib import Path

from support import MODELS, largest_difference, main_of, one_line, random_input, read_npy, require, require_files, run, tool, vitrail, write_npy

ONE_LINEAR = """vitrail 1
model one(features = 48) {
  input x : tensor[24, 64]
  output y : tensor[24, features] = @linear linear(x, features)
}
"""

# A convolution, attention, linears, and a product of activations.
MODEL = """vitrail 1
model kernels() {
  input x : tensor[3, 6, 32]
  y = relu(@conv conv(x, 32, kernel = 3, padding = 1))
  z = rearrange(y, "h w c -> (h w) c")
  z += @attention self_attention(z, heads = 1)
  output out : tensor[18, 18] = einsum("ic,jc->ij", z, z)
}
"""

LINE = re.compile(
    r"^  tune: register tiles of \d+ x \d+(, \d+ blocks)?"
    r"(, the model's choice, take [0-9.]+ us(, as the cache says)?; the other \d+ measured are not faster"
    r"| take [0-9.]+ us(, as the cache says)?, [0-9.]+ % less than the model's choice, register tiles of \d+ x \d+(, \d+ blocks)?, with [0-9.]+ us)$",
    re.M,
)


def small(work: Path, *arguments) -> list:
    """A model that compiles in a moment."""
    (work / "one.vtr").write_text(ONE_LINEAR)
    return [work / "one.vtr", "--weights", "random:1", *arguments]


def tune(work: Path, model, *arguments, output: str = "out", cache: Path | None = None, **options):
    """Compiles with --tune and a cache of the test's own."""
    cache = cache or work / "tune.json"
    return vitrail("compile", *model, "-o", output, "--tune", *arguments, cwd=work, environment={"VITRAIL_TUNE_CACHE": str(cache)}, **options)


def tune_lines(report: str) -> list[str]:
    """What a report says of tuning; every line has the form that it must have."""
    lines = [line for line in report.splitlines() if line.startswith("  tune: ")]
    require(len(lines) > 0, f"nothing is tuned:\n{report}")
    for line in lines:
        require(LINE.match(line) is not None, line)
    return lines


def kernels_of(cache: Path) -> dict:
    """The kernels that a cache has for its only machine."""
    document = json.loads(cache.read_text())
    require(set(document) == {"format", "machines"} and document["format"] == "vitrail tuning cache 1", f"{document}")
    ((machine, kernels),) = document["machines"].items()
    require(re.search(r", code for \S+ with vectors of (8|16), threads: \d+, vitrail \d", machine) is not None, machine)
    return kernels


def cached(work: Path) -> None:
    """What was measured is in the cache, and a second compilation measures nothing."""
    cache = work / "a" / "b" / "tune.json"
    model = small(work)
    first = tune(work, model, "--report", cache=cache)
    require(first.stderr == "", first.stderr)
    lines = tune_lines(first.stdout)
    require("as the cache says" not in first.stdout, first.stdout)
    require_files(work, "a", "one.vtr", "out")
    require_files(cache.parent, "tune.json")
    kernels = kernels_of(cache)
    require(len(kernels) == len(lines) == 1, f"{len(kernels)} kernels in the cache, {len(lines)} in the report")
    for name, kernel in kernels.items():
        require(re.fullmatch(r"[a-z0-9_]+_\d+(x\d+)* [0-9a-f]{16}", name) is not None, name)
        require(set(kernel) == {"rows", "vectors", "blocks", "nanoseconds", "model_nanoseconds"}, f"{kernel}")
        require(0 < kernel["nanoseconds"] <= kernel["model_nanoseconds"], f"{kernel}")
    require(json.loads(run([work / "out", "--info", "--json"]).stdout)["tune"] is True, "--info does not know that it was tuned")

    text, program = cache.read_bytes(), (work / "out").read_bytes()
    second = tune(work, model, "--report", cache=cache)
    require(len(tune_lines(second.stdout)) == second.stdout.count(", as the cache says"), second.stdout)
    require(cache.read_bytes() == text, "the cache has changed")
    require((work / "out").read_bytes() == program, "another program from the same cache")

    # Another model adds its kernels; a library is tuned as well, with the kernels of the program.
    tune(work, [*model, "-Dfeatures=40"], cache=cache)
    require(set(kernels) < set(kernels_of(cache)), "kernels were lost")
    text = cache.read_bytes()
    tune(work, model, cache=cache, output="out.so")
    require(cache.read_bytes() == text, "a library has other kernels")
    require_files(work, "a", "one.vtr", "out", "out.h", "out.so")


def forced(work: Path) -> None:
    """Every kind of kernel obeys, whatever the cache says, and computes the same."""
    (work / "model.vtr").write_text(MODEL)
    write_npy(work / "x.npy", (1, 3, 6, 32), random_input("x", 1, 3 * 6 * 32))
    model = ["model.vtr", "--weights", "random:1"]

    def outputs(program: str) -> array:
        """Results, the largest of them 1."""
        run([work / program, "--input", "x=x.npy", "--output", "out=out.npy"], cwd=work)
        values = read_npy(work / "out.npy")[1]
        return array("f", (value / max(map(abs, values)) for value in values))

    vitrail("compile", *model, "-o", "plain", cwd=work)
    expected = outputs("plain")
    tune(work, model)
    require(largest_difference(outputs("out"), expected) < 1e-5, "the tuned program computes something else")
    cache = work / "tune.json"
    document = json.loads(cache.read_text())
    ((machine, kernels),) = document["machines"].items()
    require({name.split("_")[0] for name in kernels} >= {"linear", "attention", "einsum"}, f"{sorted(kernels)}")
    several = {"linear_relu": 3, "linear": 2, "attention": 2}  # blocks: lines of the window, panels of features and keys
    for rows, vectors in ((3, 2), (2, 4)):
        for name, kernel in kernels.items():
            kernel.update(rows=rows, vectors=vectors, blocks=several.get(re.match("[a-z_]+[a-z]", name)[0], 1))
        cache.write_text(json.dumps(document))
        text = cache.read_text()
        result = tune(work, model, "--report")
        require(cache.read_text() == text, f"{rows} x {vectors}: measured anew")
        tiles = re.findall(r"^  tile: .*: register tiles of (\d+) x", result.stdout, re.M)
        require(tiles and all(int(tile) <= rows for tile in tiles), result.stdout)
        require(largest_difference(outputs("out"), expected) < 1e-5, f"{rows} x {vectors}: other values")


def failures(work: Path) -> None:
    """What cannot be measured is an error; a cache that is no good is a warning."""
    model = small(work)
    for arguments, word in (
        (["-o", "out.s"], "make an executable or a library"),
        (["--print-after", "lower"], "make an executable or a library"),
        (["-o", "out", "--target", "x86-64-v3,x86-64-v4"], "name one target that runs here instead of 'x86-64-v3,x86-64-v4'"),
    ):
        line = one_line(vitrail("compile", *model, "--tune", *arguments, cwd=work, status=1), "error: --tune ")
        require(word in line, line)
    hidden = {"VITRAIL_HIDE_CPU_FEATURES": "fma"}
    line = one_line(vitrail("compile", *model, "--tune", "-o", "out", "--target", "haswell", cwd=work, status=1, environment=hidden), "error: --tune ")
    require("lacks fma of the target haswell" in line and "host" in line, line)
    require_files(work, "one.vtr")

    for text in ("{", "[]", '{"format": "other", "machines": {}}', '{"format": "vitrail tuning cache 1"}', "[" * 100000):
        (work / "tune.json").write_text(text)
        result = tune(work, model)
        lines = result.stderr.splitlines()
        require(len(lines) == 1 and lines[0].startswith("warning: cannot use the tuning cache ") and "tune.json" in lines[0], result.stderr)
        require((work / "tune.json").read_text() == text, "a file of another kind was overwritten")
    (work / "tune.json").unlink()
    (work / "file").write_text("")
    result = tune(work, model, cache=work / "file" / "tune.json")
    require(result.stderr.count("\n") == 1 and "tune.json" in result.stderr and result.stderr.startswith("warning: cannot "), result.stderr)
    require_files(work, "file", "one.vtr", "out")

    # Entries that mean nothing, or what the kernel cannot do, are measured anew.
    tune(work, model)
    cache = work / "tune.json"
    document = json.loads(cache.read_text())
    ((machine, kernels),) = document["machines"].items()
    ((name, kernel),) = kernels.items()
    for broken in ({"rows": "x"}, [], {**kernel, "rows": 0}, {**kernel, "vectors": 31}, {**kernel, "blocks": -(2**62)}):
        document["machines"][machine] = {name: broken}
        cache.write_text(json.dumps(document))
        result = tune(work, model, "--report")
        require(result.stderr == "", result.stderr)
        require(tune_lines(result.stdout) and "as the cache says" not in result.stdout, result.stdout)
        require(set(kernels_of(cache)) == {name} and kernels_of(cache)[name].keys() == kernel.keys(), cache.read_text())


def interrupt(work: Path) -> None:
    """Interrupted while it measures, the compiler leaves nothing."""
    command = [tool("vitrail"), "compile", MODELS / "seed_vit.vtr", "--weights", "random:1", "-o", "out", "--tune"]
    for delay in (0.8, 1.6):
        process = subprocess.Popen(list(map(str, command)), cwd=work, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, env={"VITRAIL_TUNE_CACHE": str(work / "tune.json")})
        time.sleep(delay)
        process.send_signal(signal.SIGTERM)
        process.wait(timeout=60)
        time.sleep(0.5)  # what it had started has ended
        left = [path.name for path in work.iterdir() if path.name not in ("out", "tune.json")]
        require(not left, f"interrupted after {delay} s, it leaves {left}")


if __name__ == "__main__":
    main_of(cached, forced, failures, interrupt)
