"""Running an oracle that is a PyTorch module: weights by the rule, outputs in single and in double precision."""

from __future__ import annotations

from pathlib import Path
from typing import Callable

import numpy as np
import torch

from golden_case import Case, Oracle, random_input, random_weights, write_case


def own_name(name: str) -> list[str]:
    """The names of a tensor that is called as the module calls it."""
    return [name]


def load_random(module: torch.nn.Module, seed: int, names_of: Callable[[str], list[str]] = own_name) -> dict[str, np.ndarray]:
    """Fill the module by the rule, keyed by `names_of` its names, which are several where the module keeps several tensors as
    one, joined along the first axis; returns the weights under the new names."""
    state = module.state_dict()
    # Counters and index tables are no weights.
    kept = {name: tensor for name, tensor in state.items() if not tensor.is_floating_point()}
    filled = {name: names_of(name) for name in state if name not in kept}
    shapes = {}
    for name, parts in filled.items():
        shape = tuple(state[name].shape)
        shapes |= {part: (shape[0] // len(parts), *shape[1:]) if len(parts) > 1 else shape for part in parts}
    weights = random_weights(shapes, seed)

    def joined(parts: list[str]) -> torch.Tensor:
        arrays = [weights[part] for part in parts]
        return torch.from_numpy(np.concatenate(arrays) if len(arrays) > 1 else arrays[0])

    module.load_state_dict(kept | {name: joined(parts) for name, parts in filled.items()})
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


Parameters = dict[str, int | float | bool | str | list]


def write_image_cases(root: Path, model: str, oracle: Oracle, build: Callable[..., torch.nn.Module],
                      cases: dict[str, tuple[Parameters, int, int]], image_size: int = 224,
                      names_of: Callable[[str], list[str]] = own_name) -> None:
    """Write the cases (folder: parameters, batch, seed) of a classifier of square images that `build` makes of the parameters;
    `image_size` is the description's default."""
    for folder, (parameters, batch, seed) in cases.items():
        size = int(parameters.get("image_size", image_size))
        inputs = {"pixel_values": random_input("pixel_values", (batch, int(parameters.get("num_channels", 3)), size, size), seed)}
        write_module_case(root, folder, f"{model}.vtr", parameters, seed, oracle, inputs, "logits", build(**parameters), names_of)
