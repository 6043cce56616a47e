"""Vitrail: the compiled library, called through its C interface."""

from __future__ import annotations

import ctypes
import json
import os
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from peers.base import Peer, Run, call

if TYPE_CHECKING:
    from models import Model

ROOT = Path(__file__).resolve().parents[2]
VITRAIL = Path(os.environ.get("VITRAIL", ROOT / "build/bin/vitrail"))


def compile_model(model: Model, output: Path, *options: str | Path) -> None:
    """`vitrail compile` of the model with its random weights."""
    call(VITRAIL, "compile", ROOT / "models" / model.description, "-o", output, "--weights", f"random:{model.seed}", "--batch", str(model.batch),
         *defines(model), *options)


def defines(model: Model) -> list[str]:
    """The model's parameters as options."""
    return [f"-D{name}={str(value).lower() if isinstance(value, bool) else value}" for name, value in model.parameters.items()]


def multiply_adds(model: Model) -> int:
    """Of one inference, as papers count them."""
    summary = call(VITRAIL, "summary", ROOT / "models" / model.description, "--json", *defines(model))
    return json.loads(summary)["macs"] * model.batch


class Vitrail(Peer):
    """`vitrail compile` with `options`."""

    def __init__(self, name: str, *options: str) -> None:
        self.name = name
        self.options = options

    def version(self) -> str:
        return call(VITRAIL, "--version").splitlines()[0]

    def prepare(self, model: Model, folder: Path) -> None:
        compile_model(model, folder / "model.so", *self.options)
        summary = call(VITRAIL, "summary", ROOT / "models" / model.description, "--json", *defines(model))
        (folder / "summary.json").write_text(summary)

    def load(self, model: Model, folder: Path, threads: int) -> Run:
        library = ctypes.CDLL(str(folder / "model.so"))
        library.model_create.restype = ctypes.c_void_p
        library.model_run.argtypes = [ctypes.c_void_p] * (2 + len(model.inputs))
        context = library.model_create(threads)
        if not context:
            library.model_error.restype = ctypes.c_char_p
            raise RuntimeError(library.model_error().decode())
        sample = json.loads((folder / "summary.json").read_text())["layers"][-1]["shape"]
        shape = (model.batch, *sample[1:])
        arrays = [*map(np.ascontiguousarray, model.values().values()), np.empty(shape, np.float32)]
        pointers = [array.ctypes.data for array in arrays]

        def run() -> np.ndarray:
            if library.model_run(context, *pointers):
                raise RuntimeError("the run failed")
            return arrays[-1]

        return run
