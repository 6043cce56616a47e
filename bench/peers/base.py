"""What all peers have in common."""

from __future__ import annotations

import subprocess
import warnings
from abc import ABC, abstractmethod
from pathlib import Path
from typing import TYPE_CHECKING, Callable

import numpy as np

if TYPE_CHECKING:
    from models import Model

Run = Callable[[], np.ndarray]


class Peer(ABC):
    """A way to run a model."""

    name: str

    @abstractmethod
    def version(self) -> str:
        """The version that is measured."""

    @abstractmethod
    def prepare(self, model: Model, folder: Path) -> None:
        """Write into `folder` what `load` needs."""

    @abstractmethod
    def load(self, model: Model, folder: Path, threads: int) -> Run:
        """A function that makes one inference on the model's inputs and returns the output."""


def onnx_of(model: Model, folder: Path) -> Path:
    """The PyTorch module as ONNX with its weights beside it, written once for all peers: beside the peer's `folder`."""
    file = folder.parent / f"model-{model.seed}.onnx"
    if file.exists():
        return file
    # Whoever only loads a model needs neither.
    import timm.layers
    import torch
    inputs = tuple(torch.from_numpy(array) for array in model.values().values())
    # The optimizer of the exporter makes wrong models of performers; peers optimize by themselves.
    # The exporter knows no fused layers of torch.nn, and PyTorch's fused attention of four axes only, for which it writes products and a softmax.
    torch.backends.mha.set_fastpath_enabled(False)
    timm.layers.set_fused_attn(False)
    with warnings.catch_warnings(), torch.no_grad():
        warnings.simplefilter("ignore")
        program = torch.onnx.export(model.module(), inputs, dynamo=True, input_names=list(model.inputs), output_names=["output"],
                                    optimize=False, verbose=False)
    program.save(file, external_data=True)
    return file


def call(*command: str | Path) -> str:
    """Runs a command; its standard output, or an exception with the last line that it wrote to standard error."""
    result = subprocess.run([str(part) for part in command], capture_output=True, text=True)
    if result.returncode != 0:
        lines = result.stderr.strip().splitlines() or [f"status {result.returncode}"]
        raise RuntimeError(f"{Path(command[0]).name}: {next((line for line in lines if 'error' in line), lines[-1])}")
    return result.stdout
