"""scikit-learn's handwritten digits as the digit classifier sees them, and the split into training and held-out images."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from sklearn.datasets import load_digits
from sklearn.model_selection import train_test_split

HELD_OUT = 400
SPLIT_SEED = 20
SCALE = 4


@dataclass(frozen=True)
class Digits:
    """Small images, uint8 [n, 8, 8] (0 is background), with labels, uint8 [n]."""

    images: np.ndarray
    labels: np.ndarray


def load_split() -> tuple[Digits, Digits]:
    """The training and the held-out part, split by label with a fixed seed."""
    data = load_digits()
    images = ((data.images.astype(np.int64) * 255 * 2 + 16) // 32).astype(np.uint8)
    labels = data.target.astype(np.uint8)
    parts = train_test_split(images, labels, test_size=HELD_OUT, random_state=SPLIT_SEED, stratify=labels)
    return Digits(parts[0], parts[2]), Digits(parts[1], parts[3])


def enlargement_matrix(size: int) -> np.ndarray:
    """Bilinear weights [4*size, size] in eighths: pixel centers at half positions, edges clamped."""
    matrix = np.zeros((size * SCALE, size), dtype=np.int64)
    for row in range(size * SCALE):
        eighths = 2 * row - 3
        low, fraction = eighths // 8, eighths % 8
        matrix[row, min(max(low, 0), size - 1)] += 8 - fraction
        matrix[row, min(max(low + 1, 0), size - 1)] += fraction
    return matrix


def enlarge(images: np.ndarray) -> np.ndarray:
    """uint8 [n, 8, 8] to uint8 [n, 32, 32], bilinear in integers: sums of 64ths, halves rounded up."""
    matrix = enlargement_matrix(images.shape[-1])
    return ((matrix @ images.astype(np.int64) @ matrix.T + 32) >> 6).astype(np.uint8)


def model_input(enlarged: np.ndarray) -> np.ndarray:
    """uint8 [n, 32, 32] to the model's input: float32 [n, 3, 32, 32], pixel / 255, three equal channels."""
    scaled = enlarged.astype(np.float32) / np.float32(255)
    return np.ascontiguousarray(np.repeat(scaled[:, None], 3, axis=1))
