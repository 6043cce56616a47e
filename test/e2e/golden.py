"""Compiles and runs a golden case and compares the output with that of the independent implementation.

    golden.py CASE --work FOLDER [--target CPU] [--matmul codegen|onednn] [--threads 1,2,3] [--batch B] [--weights FILE]...

CASE is a folder under test/golden. With several thread counts, or several weights files, all outputs must be the same bytes. With --batch,
every golden sample runs in every slot of a batch of that size, among other samples.
"""

from __future__ import annotations

import argparse
import json
import math
from array import array
from pathlib import Path

from support import GOLDEN, check_agreement, fresh_folder, input_file, main, model_arguments, read_npy, require, run, vitrail, write_npy


def compile_case(case: dict, output: Path, weights: str, batch: int, *code) -> None:
    """Compiles the executable."""
    vitrail("compile", *model_arguments(case), "--weights", weights, "--batch", batch, *code, "-o", output)


def run_program(program: Path, inputs: list[tuple[str, Path]], outputs: list[tuple[str, Path]], threads: int) -> None:
    """Runs the executable on .npy files."""
    arguments = [f"--input={name}={path}" for name, path in inputs]
    for name, path in outputs:
        arguments += ["--output", f"{name}={path}"]
    run([program, *arguments, *(["--threads", threads] if threads else [])])


def check_whole(case: dict, folder: Path, program: Path, work: Path, threads: list[int]) -> list[bytes]:
    """The case as it is, with each number of threads; returns the outputs' bytes."""
    inputs = [(port["name"], input_file(case, port, folder, work)) for port in case["inputs"]]
    outputs = [(port["name"], work / f"{port['name']}.npy") for port in case["outputs"]]
    produced = []
    for count in threads:
        for _, path in outputs:
            path.unlink(missing_ok=True)
        run_program(program, inputs, outputs, count)
        for port, (name, path) in zip(case["outputs"], outputs):
            shape, ours = read_npy(path)
            golden_shape, theirs = read_npy(folder / port["file"])
            require(shape == golden_shape == tuple(port["shape"]), f"{name}: shape {shape}, expected {golden_shape}")
            check_agreement(f"{name}, {count or 'default'} threads", case, ours, theirs)
        produced.append(b"".join(path.read_bytes() for _, path in outputs))
        require(produced[-1] == produced[0], f"{count} threads give other bytes than {threads[0]}")
    return produced


def check_slots(case: dict, folder: Path, program: Path, work: Path, batch: int) -> None:
    """Each golden sample in each slot; the other slots hold it backwards, scaled, so that a mixed-up sample shows."""
    (result,) = case["outputs"]
    inputs = [(port["name"], *read_npy(input_file(case, port, folder, work))) for port in case["inputs"]]
    golden_shape, golden = read_npy(folder / result["file"])
    width = math.prod(golden_shape[1:])
    for sample in range(golden_shape[0]):
        for slot in range(batch):
            files = []
            for name, shape, samples in inputs:
                size = math.prod(shape[1:])
                values = samples[sample * size : (sample + 1) * size]
                filled = array("f")
                for other in range(batch):
                    filled.extend(values if other == slot else array("f", [value * (0.5 + other) for value in reversed(values)]))
                files.append((name, work / f"{name}.npy"))
                write_npy(files[-1][1], (batch, *shape[1:]), filled)
            run_program(program, files, [(result["name"], work / "out.npy")], 0)
            ours_shape, ours = read_npy(work / "out.npy")
            require(ours_shape == (batch, *golden_shape[1:]), f"output shape {ours_shape}")
            check_agreement(
                f"sample {sample} in slot {slot} of {batch}",
                case,
                ours[slot * width : (slot + 1) * width],
                golden[sample * width : (sample + 1) * width],
            )


def test() -> None:
    """Parses the command line."""
    parser = argparse.ArgumentParser()
    parser.add_argument("case")
    parser.add_argument("--work", required=True)
    parser.add_argument("--target", default="host")
    parser.add_argument("--matmul", default="codegen")
    parser.add_argument("--threads", default="0", type=lambda text: [int(count) for count in text.split(",")])
    parser.add_argument("--batch", type=int)
    parser.add_argument("--weights", action="append")
    options = parser.parse_args()
    work = fresh_folder(options.work)
    folder = GOLDEN / options.case
    case = json.loads((folder / "case.json").read_text())
    program = work / "program"
    first = None
    for weights in options.weights or [case["weights"]]:
        if not weights.startswith("random:"):
            weights = str(folder / weights)
        compile_case(case, program, weights, options.batch or case["batch"], "--target", options.target, "--matmul", options.matmul)
        if options.batch:
            check_slots(case, folder, program, work, options.batch)
            continue
        produced = check_whole(case, folder, program, work, options.threads)[0]
        first = first or produced
        require(produced == first, f"the weights {weights} give other bytes than {(options.weights or ['?'])[0]}")


if __name__ == "__main__":
    main(test)
