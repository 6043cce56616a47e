"""Running an oracle that is a PyTorch module: weights by the rule, outputs in single and in double precision."""

from __future__ import annotations

from pathlib import Path
from typing import Callable

import numpy as np
import torch

from golden_case import Case, Oracle, random_weights, write_case


def load_random(module: torch.nn.Module, seed: int, rename: Callable[[str], str] = str) -> dict[str, np.ndarray]:
    """Fill the module by the rule, keyed by `rename` of its names; returns the weights under the new names."""
    state = module.state_dict()
    weights = random_weights({rename(name): tuple(tensor.shape) for name, tensor in state.items()}, seed)
    module.load_state_dict({name: torch.from_numpy(weights[rename(name)]) for name in state})
    return weights


def run(module: torch.nn.Module, inputs: dict[str, np.ndarray], dtype: torch.dtype) -> np.ndarray:
    """The output of the module, in inference mode and `dtype`, for its inputs in order."""
    with torch.no_grad():
        output = module.eval().to(dtype)(*(torch.from_numpy(array).to(dtype) for array in inputs.values()))
    return output.numpy()


def write_module_case(root: Path, folder: str, model: str, parameters: dict[str, int | float | bool | str], seed: int, oracle: Oracle,
                      inputs: dict[str, np.ndarray], output_name: str, module: torch.nn.Module) -> None:
    """Fill the module, run it in both precisions, write the case."""
    load_random(module, seed)
    single = run(module, inputs, torch.float32)
    double = run(module, inputs, torch.float64)
    write_case(root, Case(folder, model, parameters, seed, oracle, inputs, output_name, double, single))
