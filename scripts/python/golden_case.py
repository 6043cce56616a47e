"""What every golden case has in common: its description, its tolerance and its files."""

from __future__ import annotations

import json
import math
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np

from random_weights import Role, random_tensor, role_of

ERROR_FACTOR = 10.0
RELATIVE_FLOOR = 1e-5
# A larger input is not stored: tests make it by the rule.
INPUT_FILE_BYTES = 1 << 16


@dataclass(frozen=True)
class Oracle:
    """The independent implementation that computed a case."""

    library: str
    version: str
    implementation: str


@dataclass(frozen=True)
class Case:
    """A model, its parameters, and one run: `float64` is the golden output, `float32` shows what float32 costs the oracle itself."""

    folder: str
    model: str
    parameters: dict[str, int | float | bool | str]
    seed: int
    oracle: Oracle
    inputs: dict[str, np.ndarray]
    output_name: str
    float64: np.ndarray
    float32: np.ndarray


def random_input(name: str, shape: tuple[int, ...], seed: int) -> np.ndarray:
    """An input of mean 0 and variance 1, made by the random-weights rule."""
    return random_tensor(name, shape, seed, Role.INPUT)


def random_weights(shapes: dict[str, tuple[int, ...]], seed: int) -> dict[str, np.ndarray]:
    """All weights of a model, roles told from their names."""
    return {name: random_tensor(name, shape, seed, role_of(name, shape)) for name, shape in shapes.items()}


def round_up(value: float) -> float:
    """To two significant digits, upwards."""
    unit = 10.0 ** (math.floor(math.log10(value)) - 1)
    return float(f"{math.ceil(value / unit) * unit:.1e}")


def write_case(root: Path, case: Case) -> None:
    """Write the case's input files, output.npy and case.json under `root`."""
    folder = root / case.folder
    folder.mkdir(parents=True, exist_ok=True)
    largest = float(np.abs(case.float64).max())
    error = float(np.abs(case.float32.astype(np.float64) - case.float64).max())
    inputs = []
    for name, values in case.inputs.items():
        assert np.array_equal(values, random_input(name, values.shape, case.seed)), f"{name} is not made by the rule"
        inputs.append({"name": name, "shape": list(values.shape)})
        if values.nbytes <= INPUT_FILE_BYTES:
            inputs[-1]["file"] = "input.npy" if len(case.inputs) == 1 else f"input_{name}.npy"
            np.save(folder / inputs[-1]["file"], np.ascontiguousarray(values, dtype=np.float32))
    np.save(folder / "output.npy", np.ascontiguousarray(case.float64, dtype=np.float32))
    description = {
        "model": case.model,
        "parameters": case.parameters,
        "weights": f"random:{case.seed}",
        "seed": case.seed,
        "batch": int(case.float64.shape[0]),
        "inputs": inputs,
        "outputs": [{"name": case.output_name, "file": "output.npy", "shape": list(case.float64.shape)}],
        "oracle": asdict(case.oracle),
        "max_abs_golden": largest,
        "float32_oracle_error": error,
        "tolerance": round_up(max(ERROR_FACTOR * error, RELATIVE_FLOOR * largest)),
    }
    (folder / "case.json").write_text(json.dumps(description, indent=2) + "\n")
    print(f"{case.folder}: max {largest:.4g}, float32 error {error:.2g}, tolerance {description['tolerance']:.2g}", flush=True)
