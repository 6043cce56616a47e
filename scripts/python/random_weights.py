"""The random-weights rule: the Python twin of the compiler's `--weights random:SEED`.

Element `i` (flat, row-major) of the tensor `name` is a pure function of the name's UTF-8 bytes, the seed and the tensor's role:

    h       = FNV-1a-64(name)
    state   = h XOR (seed * 0x9E3779B97F4A7C15 mod 2^64)
    z_i     = mix(state + (i + 1) * 0x9E3779B97F4A7C15 mod 2^64)         mix: the output function of SplitMix64
    u_i     = (z_i >> 40) * 2^-24                                        in [0, 1)
    v_i     = 2 * u_i - 1                                                in [-1, 1)
    value_i = float32(center + amplitude * v_i)

The last line is computed in double with two roundings (the product, then the sum; no fused multiply-add) and rounded to float32 once,
to nearest even. Center and amplitude follow from the role:

    matrix            0 +- sqrt(3 / fan_in)   linear weights and filters; fan_in is the number of elements of one output row: the product
                                              of all dimensions but the first, or dimension 0 of a transposed ([in, out]) weight
    bias              0 +- 0.1                also bias tables and running means
    token, position   0 +- 0.1
    gain              1 +- 0.2                weights of norms
    running_variance  1 +- 0.25
    layer_scale       0.5 +- 0.25
    input             0 +- sqrt(3)            not a weight: the inputs of golden data (mean 0, variance 1), named as the model's input is

Run as a script, it writes the known answers that both implementations are tested against:

    python random_weights.py test/golden/random_weights.json
"""

from __future__ import annotations

import json
import math
import sys
from enum import Enum
from pathlib import Path

import numpy as np

GOLDEN_GAMMA = 0x9E3779B97F4A7C15
MASK_64 = (1 << 64) - 1
FNV_OFFSET = 0xCBF29CE484222325
FNV_PRIME = 0x100000001B3


class Role(Enum):
    """What a tensor is to its model; it decides the range of the tensor's values."""

    MATRIX = "matrix"
    BIAS = "bias"
    TOKEN = "token"
    POSITION = "position"
    GAIN = "gain"
    RUNNING_VARIANCE = "running_variance"
    LAYER_SCALE = "layer_scale"
    INPUT = "input"


_RANGES: dict[Role, tuple[float, float]] = {
    Role.BIAS: (0.0, 0.1),
    Role.TOKEN: (0.0, 0.1),
    Role.POSITION: (0.0, 0.1),
    Role.GAIN: (1.0, 0.2),
    Role.RUNNING_VARIANCE: (1.0, 0.25),
    Role.LAYER_SCALE: (0.5, 0.25),
    Role.INPUT: (0.0, math.sqrt(3.0)),
}


def fnv1a_64(data: bytes) -> int:
    """The 64-bit FNV-1a hash of `data`."""
    value = FNV_OFFSET
    for byte in data:
        value = ((value ^ byte) * FNV_PRIME) & MASK_64
    return value


def mix(z: np.ndarray) -> np.ndarray:
    """The output function of SplitMix64, elementwise over uint64."""
    z = (z ^ (z >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    z = (z ^ (z >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return z ^ (z >> np.uint64(31))


def bits(name: str, seed: int, indices: np.ndarray) -> np.ndarray:
    """The 64 random bits z_i of the tensor `name` for each index."""
    state = fnv1a_64(name.encode("utf-8")) ^ ((seed * GOLDEN_GAMMA) & MASK_64)
    counters = indices.astype(np.uint64) + np.uint64(1)
    return mix(counters * np.uint64(GOLDEN_GAMMA) + np.uint64(state))


def center_and_amplitude(role: Role, fan_in: int) -> tuple[float, float]:
    """The range of a role; only matrices look at `fan_in`."""
    if role is Role.MATRIX:
        return 0.0, math.sqrt(3.0 / fan_in)
    return _RANGES[role]


def values_at(name: str, seed: int, role: Role, fan_in: int, indices: np.ndarray) -> np.ndarray:
    """The float32 values of the tensor `name` at flat indices."""
    center, amplitude = center_and_amplitude(role, fan_in)
    unit = (bits(name, seed, indices) >> np.uint64(40)).astype(np.float64) * 2.0**-24
    return (center + amplitude * (2.0 * unit - 1.0)).astype(np.float32)


def fan_in_of(shape: tuple[int, ...], transposed: bool = False) -> int:
    """Elements of one output row of a matrix or filter."""
    return shape[0] if transposed else math.prod(shape[1:])


def random_tensor(name: str, shape: tuple[int, ...], seed: int, role: Role, transposed: bool = False) -> np.ndarray:
    """The whole tensor `name`, float32."""
    indices = np.arange(math.prod(shape), dtype=np.uint64)
    return values_at(name, seed, role, fan_in_of(shape, transposed), indices).reshape(shape)


_TOKENS = ("cls_token", "dist_token", "class_embedding", "distillation_token", "mask_token")
_LAYER_SCALES = ("gamma", "layer_scale", "scale", "skipinit_gain")
_POSITIONS = ("position_embedding", "position_embeddings", "pos_embed", "pos_embedding", "patch_pos", "pixel_pos",
              "relative_position_bias_table", "attention_biases")
_MATRICES = ("weight", "in_proj_weight", "w", "token_wA", "token_wV")


def role_of(name: str, shape: tuple[int, ...]) -> Role:
    """The role of a vision transformer's tensor, told from its name as the checkpoints of this folder spell it."""
    leaf = name.rsplit(".", 1)[-1]
    if leaf in _TOKENS:
        return Role.TOKEN
    if leaf in _POSITIONS:
        return Role.POSITION
    if leaf in ("bias", "in_proj_bias", "running_mean"):
        return Role.BIAS
    if leaf == "running_var":
        return Role.RUNNING_VARIANCE
    if leaf in _LAYER_SCALES:
        return Role.LAYER_SCALE
    if len(shape) == 1 and leaf == "weight" or leaf == "gain":
        return Role.GAIN
    if len(shape) >= 2 and leaf in _MATRICES:
        return Role.MATRIX
    raise ValueError(f"no role is known for the tensor '{name}' of shape {shape}")


_KNOWN_NAMES: dict[str, int] = {
    "vit.embeddings.cls_token": 48,
    "classifier.weight": 768,
    "": 1,
    "größe.重み.weight": 147,
}
_KNOWN_SEEDS = (0, 1, 12345)
_KNOWN_INDICES = (*range(8), 1_000_003, (1 << 32) + 5)


def known_answers() -> list[dict[str, object]]:
    """A few values of each role, name and seed, with the random bits that they come from."""
    indices = np.array(_KNOWN_INDICES, dtype=np.uint64)
    cases: list[dict[str, object]] = []
    for name, fan_in in _KNOWN_NAMES.items():
        for seed in _KNOWN_SEEDS:
            roles = {}
            for role in Role:
                values = values_at(name, seed, role, fan_in, indices)
                roles[role.value] = [f"{word:08x}" for word in values.view(np.uint32)]
            cases.append({
                "name": name,
                "fnv1a_64": f"{fnv1a_64(name.encode('utf-8')):016x}",
                "seed": seed,
                "fan_in": fan_in,
                "indices": list(_KNOWN_INDICES),
                "z": [f"{word:016x}" for word in bits(name, seed, indices)],
                "float32_bits": roles,
            })
    return cases


def main() -> None:
    """Write the known answers to the file that the command line names."""
    text = ",\n".join(json.dumps(case, ensure_ascii=False) for case in known_answers())
    Path(sys.argv[1]).write_text(f"[\n{text}\n]\n", encoding="utf-8")


if __name__ == "__main__":
    main()
