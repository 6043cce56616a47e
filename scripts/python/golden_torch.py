"""Running an oracle that is a PyTorch module: weights by the rule, outputs in single and in double precision."""

from __future__ import annotations

from pathlib import Path
from typing import Callable

import numpy as np
import torch

from golden_case import Case, Oracle, random_weights, write_case


def own_name(name: str) -> list[str]:
    """The names of a tensor that is called as the module calls it."""
    return [name]


def load_random(module: torch.nn.Module, seed: int, names_of: Callable[[str], list[str]] = own_name) -> dict[str, np.ndarray]:
    """Fill the module by the rule, keyed by `names_of` its names, which are several where the module keeps several tensors as
    one, joined along the first axis; returns the weights under the new names."""
    state = module.state_dict()
    shapes = {}
    for name, tensor in state.items():
        parts = names_of(name)
        shapes |= {part: (tensor.shape[0] // len(parts), *tensor.shape[1:]) for part in parts}
    weights = random_weights(shapes, seed)
    module.load_state_dict({name: torch.from_numpy(np.concatenate([weights[part] for part in names_of(name)])) for name in state})
    return weights


def run(module: torch.nn.Module, inputs: dict[str, np.ndarray], dtype: torch.dtype) -> np.ndarray:
    """The output of the module, in inference mode and `dtype`, for its inputs in order."""
    with torch.no_grad():
        output = module.eval().to(dtype)(*(torch.from_numpy(array).to(dtype) for array in inputs.values()))
    return output.numpy()


def write_module_case(root: Path, folder: str, model: str, parameters: dict[str, int | float | bool | str], seed: int, oracle: Oracle,
                      inputs: dict[str, np.ndarray], output_name: str, module: torch.nn.Module,
                      names_of: Callable[[str], list[str]] = own_name) -> None:
    """Fill the module, run it in both precisions, write the case."""
    load_random(module, seed, names_of)
    single = run(module, inputs, torch.float32)
    double = run(module, inputs, torch.float64)
    write_case(root, Case(folder, model, parameters, seed, oracle, inputs, output_name, double, single))
