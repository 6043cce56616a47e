"""What is benchmarked: a description of ours, and the same model as a PyTorch module with the same random weights."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Callable

import numpy as np
import torch

from golden_case import random_input
from golden_torch import load_random, own_name

SEED = 1
Parameters = dict[str, int | float | bool | str | list]


@dataclass(frozen=True)
class Model:
    """`description` with `parameters`, and `module()`, which computes the same from `inputs` (name: shape)."""

    name: str
    description: str
    parameters: Parameters
    inputs: dict[str, tuple[int, ...]]
    module: Callable[[], torch.nn.Module] = field(repr=False)
    seed: int = SEED  # of weights and inputs

    @property
    def batch(self) -> int:
        """Samples in one inference."""
        return next(iter(self.inputs.values()))[0]

    def values(self) -> dict[str, np.ndarray]:
        """The inputs: mean 0, variance 1."""
        return {name: random_input(name, shape, self.seed) for name, shape in self.inputs.items()}


def filled(module: torch.nn.Module, names_of: Callable[[str], list[str]] = own_name, seed: int = SEED) -> torch.nn.Module:
    """The module with random weights, in inference mode; `names_of` its tensors are those that the description has."""
    load_random(module, seed, names_of)
    return module.eval()
