"""The seed's vision transformer once more, in plain numpy and double precision, written from the seed's text and not from `seed_vit.py`.

It exists to check the PyTorch transcription; it works on one image, token by token where that is clearest.
"""

from __future__ import annotations

from typing import Mapping

import numpy as np

Weights = Mapping[str, np.ndarray]


def dense(x: np.ndarray, w: Weights, name: str) -> np.ndarray:
    """x W^T + b."""
    return x @ w[f"{name}.weight"].astype(np.float64).T + w[f"{name}.bias"].astype(np.float64)


def layer_norm(x: np.ndarray, w: Weights, name: str) -> np.ndarray:
    """Normalization over the last axis, biased variance, epsilon 1e-6."""
    centered = x - x.mean(axis=-1, keepdims=True)
    normalized = centered / np.sqrt((centered**2).mean(axis=-1, keepdims=True) + 1e-6)
    return normalized * w[f"{name}.weight"].astype(np.float64) + w[f"{name}.bias"].astype(np.float64)


def softmax(x: np.ndarray) -> np.ndarray:
    """Over the last axis."""
    e = np.exp(x - x.max(axis=-1, keepdims=True))
    return e / e.sum(axis=-1, keepdims=True)


def gelu_tanh(x: np.ndarray) -> np.ndarray:
    """The tanh approximation of GELU."""
    return 0.5 * x * (1 + np.tanh(np.sqrt(2 / np.pi) * (x + 0.044715 * x**3)))


def patches_of(image: np.ndarray, size: int) -> np.ndarray:
    """[C, H, W] to one row a patch; the channel is the fastest index within a patch, then dx, then dy."""
    _, height, width = image.shape
    rows = []
    for top in range(0, height, size):
        for left in range(0, width, size):
            window = image[:, top : top + size, left : left + size]
            rows.append([window[c, dy, dx] for dy in range(size) for dx in range(size) for c in range(len(image))])
    return np.array(rows, dtype=np.float64)


def self_attention(x: np.ndarray, w: Weights, name: str, heads: int) -> np.ndarray:
    """One head after the other."""
    query, key, value = (dense(x, w, f"{name}.{part}") for part in ("query", "key", "value"))
    size = x.shape[1] // heads
    outputs = []
    for head in range(heads):
        span = slice(head * size, (head + 1) * size)
        outputs.append(softmax(query[:, span] @ key[:, span].T / np.sqrt(size)) @ value[:, span])
    return dense(np.concatenate(outputs, axis=1), w, f"{name}.output")


def probabilities(image: np.ndarray, w: Weights, patch: int, heads: int, layers: int) -> np.ndarray:
    """Class probabilities, float64, of one image [C, H, W]."""
    embedded = dense(patches_of(image, patch), w, "patch_embedding")
    x = np.concatenate([embedded, w["class_embedding"]]) + w["position_embedding"]
    for i in range(layers):
        x = layer_norm(x + self_attention(x, w, f"blocks.{i}.attention", heads), w, f"blocks.{i}.norm1")
        hidden = np.maximum(dense(x, w, f"blocks.{i}.mlp.fc1"), 0)
        x = layer_norm(x + dense(hidden, w, f"blocks.{i}.mlp.fc2"), w, f"blocks.{i}.norm2")
    return softmax(dense(gelu_tanh(dense(x[0], w, "head.fc1")), w, "head.fc2"))
