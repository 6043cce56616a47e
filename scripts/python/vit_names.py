"""Names of a vision transformer's tensors: those on the Hub, those in the memory of transformers 5, and timm's."""

from __future__ import annotations

import re

# (name on the Hub, name in the memory of transformers 5) of the modules that differ, below the model's prefix.
GENERATIONS: list[tuple[str, str]] = [
    ("encoder.layer.{i}.attention.attention.query", "layers.{i}.attention.q_proj"),
    ("encoder.layer.{i}.attention.attention.key", "layers.{i}.attention.k_proj"),
    ("encoder.layer.{i}.attention.attention.value", "layers.{i}.attention.v_proj"),
    ("encoder.layer.{i}.attention.output.dense", "layers.{i}.attention.o_proj"),
    ("encoder.layer.{i}.intermediate.dense", "layers.{i}.mlp.fc1"),
    ("encoder.layer.{i}.output.dense", "layers.{i}.mlp.fc2"),
    ("encoder.layer.{i}.layernorm_before", "layers.{i}.layernorm_before"),
    ("encoder.layer.{i}.layernorm_after", "layers.{i}.layernorm_after"),
]

# timm's modules: those on the Hub that each of them joins, below the prefix.
TIMM_LAYER: dict[str, list[str]] = {
    "attn.qkv": ["attention.attention.query", "attention.attention.key", "attention.attention.value"],
    "attn.proj": ["attention.output.dense"],
    "mlp.fc1": ["intermediate.dense"],
    "mlp.fc2": ["output.dense"],
    "norm1": ["layernorm_before"],
    "norm2": ["layernorm_after"],
}
TIMM_REST: dict[str, str] = {
    "cls_token": "embeddings.cls_token",
    "dist_token": "embeddings.distillation_token",
    "pos_embed": "embeddings.position_embeddings",
    "patch_embed.proj": "embeddings.patch_embeddings.projection",
    "norm": "layernorm",
}


def aliases(prefix: str) -> list[tuple[str, str]]:
    """(name on the Hub, name in memory) with the model's prefix."""
    return [(f"{prefix}.{hub}", f"{prefix}.{memory}") for hub, memory in GENERATIONS]


def hub_name(name: str) -> str:
    """The name on the Hub of a tensor in the memory of transformers 5."""
    for hub, memory in aliases(name.split(".")[0]):
        pattern = re.escape(memory).replace(r"\{i\}", r"(\d+)")
        if match := re.fullmatch(rf"{pattern}\.(weight|bias)", name):
            return f"{hub.format(i=match[1])}.{match[2]}"
    return name


def hub_names(name: str) -> list[str]:
    """The same as a list, for each is one tensor."""
    return [hub_name(name)]


def hub_names_of_timm(name: str, prefix: str, heads: dict[str, str]) -> list[str]:
    """The names on the Hub of what timm keeps as the tensor `name`; `heads` are the names of the classifiers."""
    module, _, leaf = name.rpartition(".")
    if leaf not in ("weight", "bias"):
        return [f"{prefix}.{TIMM_REST[name]}"]
    if module in heads:
        return [f"{heads[module]}.{leaf}"]
    if match := re.fullmatch(r"blocks\.(\d+)\.(.+)", module):
        return [f"{prefix}.encoder.layer.{match[1]}.{part}.{leaf}" for part in TIMM_LAYER[match[2]]]
    return [f"{prefix}.{TIMM_REST[module]}.{leaf}"]
